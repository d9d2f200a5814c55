//! Writing XML: default namespaces only, `xml:` for what is built in, and never a character that XML forbids.

use std::borrow::Cow;

use rxml::{Namespace, NcNameStr};
use xso::AsXml;
use xso::Item;

/// What stands in the place of a character that XML 1.0 forbids.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// Writes a typed element. `outer` is the default namespace of where it is put. Without `to` if `omit_to`. Answers the place behind
/// the element's name, where attributes can be put.
pub(crate) fn write_element<T: AsXml>(
    element: &T,
    outer: &str,
    omit_to: bool,
    out: &mut Vec<u8>,
) -> Result<usize, xso::error::Error> {
    let mut writer = Writer { out, outer, open: Vec::with_capacity(8), in_head: false, prefixes: 0, place: 0 };
    for item in element.as_xml_iter()? {
        match item? {
            Item::XmlDeclaration(_) => {}
            Item::ElementHeadStart(namespace, name) => writer.head(namespace, name),
            Item::Attribute(namespace, name, value) => {
                if !(omit_to && writer.open.len() == 1 && namespace.is_none() && *name == *"to") {
                    writer.attribute(&namespace, &name, &value);
                }
            }
            // The head is ended by what is inside; an element with nothing inside is written short.
            Item::ElementHeadEnd => {}
            Item::Text(text) if text.is_empty() => {}
            Item::Text(text) => {
                writer.end_head();
                escape_text(&text, writer.out);
            }
            Item::ElementFoot => writer.foot(),
        }
    }
    Ok(writer.place)
}

struct Writer<'o, 'x> {
    out: &'o mut Vec<u8>,
    outer: &'o str,
    open: Vec<(Namespace<'x>, Cow<'x, NcNameStr>)>,
    in_head: bool,
    prefixes: u32,
    place: usize,
}

impl<'x> Writer<'_, 'x> {
    fn head(&mut self, namespace: Namespace<'x>, name: Cow<'x, NcNameStr>) {
        self.end_head();
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        if self.open.is_empty() {
            self.place = self.out.len();
        }
        let inherited = self.open.last().map_or(self.outer, |(namespace, _)| namespace.as_str());
        if namespace.as_str() != inherited {
            self.out.extend_from_slice(b" xmlns='");
            escape_attribute(namespace.as_str(), self.out);
            self.out.push(b'\'');
        }
        self.open.push((namespace, name));
        self.in_head = true;
    }

    fn attribute(&mut self, namespace: &Namespace<'_>, name: &NcNameStr, value: &str) {
        self.out.push(b' ');
        if namespace == Namespace::xml() {
            self.out.extend_from_slice(b"xml:");
        } else if namespace.is_some() {
            self.prefixes += 1;
            let prefix = format!("n{}", self.prefixes);
            self.out.extend_from_slice(format!("xmlns:{prefix}='").as_bytes());
            escape_attribute(namespace.as_str(), self.out);
            self.out.extend_from_slice(format!("' {prefix}:").as_bytes());
        }
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"='");
        escape_attribute(value, self.out);
        self.out.push(b'\'');
    }

    fn end_head(&mut self) {
        if std::mem::take(&mut self.in_head) {
            self.out.push(b'>');
        }
    }

    fn foot(&mut self) {
        let Some((_, name)) = self.open.pop() else { return };
        if std::mem::take(&mut self.in_head) {
            self.out.extend_from_slice(b"/>");
        } else {
            self.out.extend_from_slice(b"</");
            self.out.extend_from_slice(name.as_bytes());
            self.out.push(b'>');
        }
    }
}

/// Writes text between tags.
pub(crate) fn escape_text(text: &str, out: &mut Vec<u8>) {
    escape(text, out, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        b'\r' => Some(b"&#xD;"),
        _ => None,
    });
}

/// Writes the value of an attribute, which is to stand between apostrophes.
pub(crate) fn escape_attribute(text: &str, out: &mut Vec<u8>) {
    escape(text, out, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        b'\'' => Some(b"&apos;"),
        b'"' => Some(b"&quot;"),
        b'\t' => Some(b"&#x9;"),
        b'\n' => Some(b"&#xA;"),
        b'\r' => Some(b"&#xD;"),
        _ => None,
    });
}

fn escape(text: &str, out: &mut Vec<u8>, reference: impl Fn(u8) -> Option<&'static [u8]>) {
    let bytes = text.as_bytes();
    let mut written = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        // Everything that needs care is below `?`, or begins with the byte of U+F000 to U+FFFF.
        if byte > b'>' && byte != 0xEF {
            continue;
        }
        let (instead, length) = match reference(byte) {
            Some(reference) => (reference, 1),
            None if byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r') => (REPLACEMENT, 1),
            None if matches!(bytes[at..], [0xEF, 0xBF, 0xBE | 0xBF, ..]) => (REPLACEMENT, 3),
            None => continue,
        };
        out.extend_from_slice(&bytes[written..at]);
        out.extend_from_slice(instead);
        written = at + length;
    }
    out.extend_from_slice(&bytes[written..]);
}
