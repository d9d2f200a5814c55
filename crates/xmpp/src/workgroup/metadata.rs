//! What a request carries with it: named values, the session's id, the visitor's own id.

use jid::BareJid;
use minidom::Element;

use super::limits::{ID_BYTES, NAME_BYTES, VALUE_BYTES, VALUES};
use super::ns;
use crate::markup::{Build, Fault, Read};

/// Named values, several under one name if need be, in the order in which the names first came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata(Vec<(String, Vec<String>)>);

impl Metadata {
    /// Reads `<metadata/>`. Values without a name are left out.
    ///
    /// # Errors
    /// When it is another element, or holds too much.
    pub fn read(element: &Element) -> Result<Metadata, Fault> {
        let it = Read::of(element, "metadata", ns::FAMILY)?;
        let mut metadata = Metadata::default();
        for value in it.children("value", VALUES)? {
            if let Some(name) = value.attr("name", NAME_BYTES)?.filter(|name| !name.trim().is_empty()) {
                metadata.push(name.trim(), value.verbatim("value", VALUE_BYTES)?);
            }
        }
        Ok(metadata)
    }

    /// The `<metadata/>` element. Smack needs it without white space and with `name` as the first attribute.
    pub fn write(&self) -> Element {
        let value = |name: &str, value: &str| Build::new("value", ns::JIVE).attr("name", name).text(value);
        let values = self.iter().flat_map(|(name, values)| values.iter().map(move |text| value(name, text)));
        Build::new("metadata", ns::JIVE).children(values).done()
    }

    /// Adds a value to those of a name.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        match self.0.iter_mut().find(|(have, _)| have == name) {
            Some((_, values)) => values.push(value.into()),
            None => self.0.push((name.to_owned(), vec![value.into()])),
        }
    }

    /// Puts one value in the place of all that a name had.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.set_all(name, vec![value.into()]);
    }

    /// Puts these values in the place of all that a name had.
    pub fn set_all(&mut self, name: &str, values: Vec<String>) {
        match self.0.iter_mut().find(|(have, _)| have == name) {
            Some((_, old)) => *old = values,
            None => self.0.push((name.to_owned(), values)),
        }
    }

    /// Takes a name away, and gives back what it had.
    pub fn remove(&mut self, name: &str) -> Option<Vec<String>> {
        let at = self.0.iter().position(|(have, _)| have == name)?;
        Some(self.0.remove(at).1)
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, values) = self.0.iter().find(|(have, _)| have == name)?;
        values.first().map(String::as_str)
    }

    /// Every name with its values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `<session/>`: which conversation a stanza is about, and of which workgroup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The conversation, by the id that is also the node of its room.
    pub id: String,
    /// The workgroup, where it is said.
    pub workgroup: Option<BareJid>,
}

impl Session {
    /// Reads `<session/>`.
    ///
    /// # Errors
    /// When it is another element, without an id, or its workgroup is no address.
    pub fn read(element: &Element) -> Result<Session, Fault> {
        let it = Read::of(element, "session", ns::FAMILY)?;
        Ok(Session { id: it.need_attr("id", ID_BYTES)?, workgroup: it.parsed_attr("workgroup")? })
    }

    /// The `<session/>` element.
    pub fn write(&self) -> Element {
        let build = Build::new("session", ns::JIVE).attr("id", &self.id);
        build.maybe_attr("workgroup", self.workgroup.as_ref()).done()
    }
}

/// `<user/>`: an address that stands for a visitor who has no account. Smack needs a real address here.
pub fn write_user(id: &BareJid) -> Element {
    Build::new("user", ns::JIVE).attr("id", id).done()
}

/// Reads `<user/>`. What is no address is none.
///
/// # Errors
/// When it is another element.
pub fn read_user(element: &Element) -> Result<Option<BareJid>, Fault> {
    let it = Read::of(element, "user", ns::FAMILY)?;
    Ok(it.parsed_attr("id").unwrap_or_default())
}
