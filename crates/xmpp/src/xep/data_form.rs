//! XEP-0004 data forms beyond what `xmpp-parsers` does: tables of results, a reader that takes what clients really
//! submit, and the check of what was submitted against the form.

mod check;
mod submission;

use minidom::Element;
use xmpp_parsers::ns as parsers_ns;

use crate::markup::Build;

pub use check::FormFault;
pub use submission::Submission;

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormType {
    /// To be filled in.
    Form,
    /// Filled in.
    Submit,
    /// Not to be filled in after all.
    Cancel,
    /// To be read.
    Result,
}

/// Types of forms as they are written.
const FORM_TYPES: [(&str, FormType); 4] = [
    ("form", FormType::Form),
    ("submit", FormType::Submit),
    ("cancel", FormType::Cancel),
    ("result", FormType::Result),
];

impl FormType {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        FORM_TYPES.iter().find(|(_, kind)| *kind == self).map_or("form", |(name, _)| name)
    }

    fn of(name: &str) -> Option<FormType> {
        FORM_TYPES.iter().find(|(have, _)| *have == name).map(|(_, kind)| *kind)
    }
}

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of XEP-0004 §3.3")]
pub enum Kind {
    Boolean,
    Fixed,
    Hidden,
    JidMulti,
    JidSingle,
    ListMulti,
    ListSingle,
    TextMulti,
    TextPrivate,
    TextSingle,
}

impl Kind {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Boolean => "boolean",
            Kind::Fixed => "fixed",
            Kind::Hidden => "hidden",
            Kind::JidMulti => "jid-multi",
            Kind::JidSingle => "jid-single",
            Kind::ListMulti => "list-multi",
            Kind::ListSingle => "list-single",
            Kind::TextMulti => "text-multi",
            Kind::TextPrivate => "text-private",
            Kind::TextSingle => "text-single",
        }
    }

    /// Whether several values are possible.
    pub fn is_multiple(self) -> bool {
        matches!(self, Kind::Hidden | Kind::Fixed | Kind::JidMulti | Kind::ListMulti | Kind::TextMulti)
    }
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name; none for words between fields.
    pub var: Option<String>,
    /// What it takes; nothing in results, where it goes without saying.
    pub kind: Option<Kind>,
    /// What people see.
    pub label: Option<String>,
    /// It must be filled in.
    pub required: bool,
    /// Its values.
    pub values: Vec<String>,
    /// The choices of a list: value and label.
    pub options: Vec<(String, String)>,
}

impl Field {
    /// An empty field.
    pub fn new(var: &str, kind: Kind) -> Field {
        let (label, values, options) = (None, Vec::new(), Vec::new());
        Field { var: Some(var.to_owned()), kind: Some(kind), label, required: false, values, options }
    }

    /// A field of a result or a submission: name and values.
    pub fn answer(var: &str, values: Vec<String>) -> Field {
        Field { kind: None, values, ..Field::new(var, Kind::TextSingle) }
    }

    /// Gives it a label.
    #[must_use]
    pub fn labelled(mut self, label: &str) -> Field {
        self.label = Some(label.to_owned());
        self
    }

    /// Gives it a value.
    #[must_use]
    pub fn valued(mut self, value: &str) -> Field {
        self.values.push(value.to_owned());
        self
    }

    /// Gives it a choice.
    #[must_use]
    pub fn option(mut self, value: &str, label: &str) -> Field {
        self.options.push((value.to_owned(), label.to_owned()));
        self
    }

    /// Says that it must be filled in.
    #[must_use]
    pub fn required(mut self) -> Field {
        self.required = true;
        self
    }

    fn write(&self) -> Element {
        let option = |(value, label): &(String, String)| {
            Build::new("option", parsers_ns::DATA_FORMS).attr("label", label).leaf("value", value)
        };
        let value = |value: &String| Build::new("value", parsers_ns::DATA_FORMS).text(value);
        Build::new("field", parsers_ns::DATA_FORMS)
            .maybe_attr("var", self.var.as_ref())
            .maybe_attr("type", self.kind.map(Kind::as_str))
            .maybe_attr("label", self.label.as_ref())
            .flag("required", self.required)
            .children(self.values.iter().map(value))
            .children(self.options.iter().map(option))
            .done()
    }
}

/// A form to be filled in, or a result to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What it is for.
    pub kind: FormType,
    /// Its title.
    pub title: Option<String>,
    /// What to do with it.
    pub instructions: Option<String>,
    /// Its `FORM_TYPE` (XEP-0068).
    pub form_type: Option<String>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The columns of a table of results.
    pub reported: Vec<Field>,
    /// The rows.
    pub items: Vec<Vec<Field>>,
}

impl Form {
    /// An empty form.
    pub fn new(kind: FormType, form_type: Option<&str>) -> Form {
        let form_type = form_type.map(str::to_owned);
        let (fields, reported, items) = (Vec::new(), Vec::new(), Vec::new());
        Form { kind, title: None, instructions: None, form_type, fields, reported, items }
    }

    /// Gives it a title.
    #[must_use]
    pub fn titled(mut self, title: &str) -> Form {
        self.title = Some(title.to_owned());
        self
    }

    /// The `<x/>` element.
    pub fn write(&self) -> Element {
        let form_type = |value: &String| Field::new("FORM_TYPE", Kind::Hidden).valued(value).write();
        let row = |name: &str, fields: &[Field]| {
            Build::new(name, parsers_ns::DATA_FORMS).children(fields.iter().map(Field::write))
        };
        Build::new("x", parsers_ns::DATA_FORMS)
            .attr("type", self.kind.as_str())
            .maybe_leaf("title", self.title.as_ref())
            .maybe_leaf("instructions", self.instructions.as_ref())
            .children(self.form_type.as_ref().map(form_type))
            .children(self.fields.iter().map(Field::write))
            .children((!self.reported.is_empty()).then(|| row("reported", &self.reported)))
            .children(self.items.iter().map(|fields| row("item", fields)))
            .done()
    }
}
