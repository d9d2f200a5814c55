//! What somebody filled in, read as clients really send it.

use minidom::Element;
use xmpp_parsers::ns as parsers_ns;

use super::{Field, Form, FormType};
use crate::markup::{Fault, Read};

/// Fields in one form, and values in one field.
const FIELDS: usize = 200;
/// Bytes of a field's name.
const NAME_BYTES: usize = 200;
/// Bytes of a value.
const VALUE_BYTES: usize = 8 * 1024;
/// Bytes of all values together.
const ALL_BYTES: usize = 64 * 1024;

/// The namespace of forms, and the one that the examples of XEP-0142 have instead.
const FAMILY: &[&str] = &[parsers_ns::DATA_FORMS, "jabber:iq:data"];

/// A form that somebody filled in: names and values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Submission {
    cancelled: bool,
    fields: Vec<(String, Vec<String>)>,
}

impl Submission {
    /// A form filled in with these values.
    pub fn new<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Submission {
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), vec![value.to_owned()]));
        Submission { cancelled: false, fields: fields.collect() }
    }

    /// Whether an element is a form, in the right namespace or in that of the XEP's examples.
    pub fn is(element: &Element) -> bool {
        Read::of(element, "x", FAMILY).is_ok()
    }

    /// Reads a form; what it says of types and labels is left aside. A name that comes twice keeps its last values. A
    /// type that is missing or unknown counts as `submit`.
    ///
    /// # Errors
    /// When it is another element or holds too much.
    pub fn read(element: &Element) -> Result<Submission, Fault> {
        let it = Read::of(element, "x", FAMILY)?;
        let mut submission = Submission {
            cancelled: it.attr("type", NAME_BYTES)?.and_then(FormType::of) == Some(FormType::Cancel),
            fields: Vec::new(),
        };
        let mut bytes = 0;
        for field in it.children("field", FIELDS)? {
            let Some(name) = field.attr("var", NAME_BYTES)?.map(str::trim).filter(|name| !name.is_empty()) else {
                continue;
            };
            let mut values = Vec::new();
            for value in field.children("value", FIELDS)? {
                let text = value.verbatim("value", VALUE_BYTES)?;
                bytes += text.len();
                if bytes > ALL_BYTES {
                    return Err(Fault::TooLong { what: "value", max_bytes: ALL_BYTES });
                }
                values.push(text);
            }
            match submission.fields.iter_mut().find(|(have, _)| have == name) {
                Some((_, old)) => *old = values,
                None => submission.fields.push((name.to_owned(), values)),
            }
        }
        Ok(submission)
    }

    /// The `<x/>` element of type `submit`.
    pub fn write(&self) -> Element {
        let kind = if self.cancelled { FormType::Cancel } else { FormType::Submit };
        let mut form = Form::new(kind, None);
        form.fields = self.fields.iter().map(|(name, values)| Field::answer(name, values.clone())).collect();
        form.write()
    }

    /// Whether it was not filled in after all.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// Its `FORM_TYPE` (XEP-0068).
    pub fn form_type(&self) -> Option<&str> {
        self.get("FORM_TYPE")
    }

    /// The first value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).first().map(String::as_str)
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> &[String] {
        self.fields.iter().find(|(have, _)| have == name).map_or(&[], |(_, values)| values)
    }

    /// Every name with its values.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.fields.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// Whether nothing was filled in.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}
