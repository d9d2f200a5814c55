//! Elements that are carried on unread: what they may take, and how that is measured.

use minidom::{Element, Node};

use super::Fault;
use crate::muc::without_illegal_characters;

/// What elements that nobody here understands may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many of them, the children of one element.
    pub elements: usize,
    /// Bytes of names, attributes and texts, all of them together.
    pub bytes: usize,
    /// How deep each may be nested.
    pub depth: usize,
}

/// Bytes that an element takes, estimated without writing it.
///
/// # Errors
/// When it is nested deeper than `depth`, takes more than `max_bytes`, or holds characters that XML cannot carry.
pub fn measure(element: &Element, max_bytes: usize, depth: usize) -> Result<usize, Fault> {
    let mut bytes = 0;
    walk(element, depth, max_bytes, &mut bytes)?;
    Ok(bytes)
}

fn walk(element: &Element, depth: usize, max_bytes: usize, bytes: &mut usize) -> Result<(), Fault> {
    let depth = depth.checked_sub(1).ok_or(Fault::TooDeep)?;
    add(bytes, element.name().len() * 2 + element.ns().len() + 16, max_bytes)?;
    for ((_, name), value) in element.attrs() {
        add(bytes, name.len() + value.len() + 4, max_bytes)?;
        legal(value)?;
    }
    for node in element.nodes() {
        match node {
            Node::Element(child) => walk(child, depth, max_bytes, bytes)?,
            Node::Text(text) => {
                add(bytes, text.len(), max_bytes)?;
                legal(text)?;
            }
        }
    }
    Ok(())
}

fn add(bytes: &mut usize, more: usize, max_bytes: usize) -> Result<(), Fault> {
    *bytes += more;
    if *bytes > max_bytes { Err(Fault::TooLong { what: "payload", max_bytes }) } else { Ok(()) }
}

fn legal(text: &str) -> Result<(), Fault> {
    if without_illegal_characters(text).len() == text.len() { Ok(()) } else { Err(Fault::Malformed("characters")) }
}

impl Allowance {
    /// Whether these may be carried on.
    ///
    /// # Errors
    /// When they are more, bigger or deeper than permitted.
    pub fn check<'a>(&self, elements: impl IntoIterator<Item = &'a Element>) -> Result<(), Fault> {
        let mut left = self.bytes;
        for (n, element) in elements.into_iter().enumerate() {
            if n == self.elements {
                return Err(Fault::TooMany { what: "payload", max: self.elements });
            }
            left -= measure(element, left, self.depth)?;
        }
        Ok(())
    }
}
