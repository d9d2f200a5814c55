//! Reads an element part by part, within limits. What is not asked for is ignored.

use std::str::FromStr;

use jid::{BareJid, Jid};
use minidom::Element;

use super::{Fault, JID_BYTES};

/// An element that is being read, and the namespaces that count as its own.
#[derive(Debug, Clone, Copy)]
pub struct Read<'a> {
    element: &'a Element,
    family: &'static [&'static str],
}

impl<'a> Read<'a> {
    /// Begins to read an element that must have this name, in one of these namespaces. Its children may be in any of
    /// them too.
    ///
    /// # Errors
    /// When it is another element.
    pub fn of(element: &'a Element, name: &'static str, family: &'static [&'static str]) -> Result<Read<'a>, Fault> {
        let it = Read { element, family };
        if it.is(name) { Ok(it) } else { Err(Fault::NotThis(name)) }
    }

    /// Whether it has this name, in one of the family's namespaces.
    pub fn is(&self, name: &str) -> bool {
        self.element.name() == name && self.is_ours()
    }

    /// Whether it is in one of the family's namespaces.
    pub fn is_ours(&self) -> bool {
        self.family.iter().any(|ns| self.element.has_ns(*ns))
    }

    /// The element itself.
    pub fn element(&self) -> &'a Element {
        self.element
    }

    /// All children, whatever their namespace.
    pub fn all(&self) -> impl Iterator<Item = Read<'a>> + use<'a> {
        let family = self.family;
        self.element.children().map(move |element| Read { element, family })
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<Read<'a>> {
        self.all().find(|child| child.is(name))
    }

    /// Whether there is a child of this name.
    pub fn has(&self, name: &str) -> bool {
        self.child(name).is_some()
    }

    /// The children of this name.
    ///
    /// # Errors
    /// When there are more than `max`.
    pub fn children(&self, name: &'static str, max: usize) -> Result<Vec<Read<'a>>, Fault> {
        let children: Vec<_> = self.all().filter(|child| child.is(name)).take(max.saturating_add(1)).collect();
        if children.len() > max { Err(Fault::TooMany { what: name, max }) } else { Ok(children) }
    }

    /// Its text, without white space around it.
    ///
    /// # Errors
    /// When it is longer than `max_bytes`; `what` names it.
    pub fn text(&self, what: &'static str, max_bytes: usize) -> Result<String, Fault> {
        let text = self.verbatim(what, max_bytes)?;
        Ok(text.trim().to_owned())
    }

    /// Its text, as it stands.
    ///
    /// # Errors
    /// When it is longer than `max_bytes`; `what` names it.
    pub fn verbatim(&self, what: &'static str, max_bytes: usize) -> Result<String, Fault> {
        // White space around a short text is tolerated, but not without end.
        let bytes: usize = self.element.texts().map(str::len).sum();
        if bytes > max_bytes.saturating_add(1024) {
            return Err(Fault::TooLong { what, max_bytes });
        }
        let text = self.element.text();
        if text.trim().len() > max_bytes { Err(Fault::TooLong { what, max_bytes }) } else { Ok(text) }
    }

    /// An attribute.
    ///
    /// # Errors
    /// When it is longer than `max_bytes`.
    pub fn attr(&self, name: &'static str, max_bytes: usize) -> Result<Option<&'a str>, Fault> {
        match self.element.attr(name) {
            Some(value) if value.len() > max_bytes => Err(Fault::TooLong { what: name, max_bytes }),
            value => Ok(value),
        }
    }

    /// An attribute that must be there and not be empty.
    ///
    /// # Errors
    /// When it is missing, empty or longer than `max_bytes`.
    pub fn need_attr(&self, name: &'static str, max_bytes: usize) -> Result<String, Fault> {
        match self.attr(name, max_bytes)?.map(str::trim) {
            None | Some("") => Err(Fault::Missing(name)),
            Some(value) => Ok(value.to_owned()),
        }
    }

    /// An attribute that is something: a number, an address.
    ///
    /// # Errors
    /// When it is none.
    pub fn parsed_attr<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Fault> {
        match self.attr(name, JID_BYTES)?.map(str::trim) {
            None | Some("") => Ok(None),
            Some(value) => value.parse().map(Some).map_err(|_| Fault::Malformed(name)),
        }
    }

    /// An attribute that must be an address.
    ///
    /// # Errors
    /// When it is missing or no address.
    pub fn need_jid(&self, name: &'static str) -> Result<Jid, Fault> {
        self.parsed_attr(name)?.ok_or(Fault::Missing(name))
    }

    /// An attribute that must be an address; a resource is left out.
    ///
    /// # Errors
    /// When it is missing or no address.
    pub fn need_bare(&self, name: &'static str) -> Result<BareJid, Fault> {
        self.need_jid(name).map(|jid| jid.to_bare())
    }

    /// The text of a child, without white space around it.
    ///
    /// # Errors
    /// When it is longer than `max_bytes`.
    pub fn leaf(&self, name: &'static str, max_bytes: usize) -> Result<Option<String>, Fault> {
        self.child(name).map(|child| child.text(name, max_bytes)).transpose()
    }

    /// The text of a child that must be there.
    ///
    /// # Errors
    /// When the child is missing, empty or longer than `max_bytes`.
    pub fn need_leaf(&self, name: &'static str, max_bytes: usize) -> Result<String, Fault> {
        self.leaf(name, max_bytes)?.filter(|text| !text.is_empty()).ok_or(Fault::Missing(name))
    }

    /// The text of a child that is something: a number, an address. An empty child counts as absent.
    ///
    /// # Errors
    /// When it is none.
    pub fn parsed_leaf<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Fault> {
        match self.leaf(name, JID_BYTES)? {
            Some(text) if !text.is_empty() => text.parse().map(Some).map_err(|_| Fault::Malformed(name)),
            _ => Ok(None),
        }
    }
}
