//! Whether what was submitted is what the form asks for (XEP-0004 §3.3).

use std::fmt;

use jid::Jid;

use super::{Field, Form, Kind, Submission};

/// What is wrong with a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormFault {
    /// A field that must be filled in is not.
    Missing(String),
    /// A field has more values than it can.
    Several(String),
    /// A value is none of the choices, no address, or neither yes nor no.
    NotPossible(String),
}

impl fmt::Display for FormFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormFault::Missing(name) => write!(f, "The field \"{name}\" must be filled in."),
            FormFault::Several(name) => write!(f, "The field \"{name}\" takes one value."),
            FormFault::NotPossible(name) => write!(f, "The field \"{name}\" cannot have this value."),
        }
    }
}

impl std::error::Error for FormFault {}

impl Form {
    /// Whether a submission fills in this form. Fields that the form does not have are no fault.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, submission: &Submission) -> Result<(), FormFault> {
        self.fields.iter().try_for_each(|field| field.check(submission))
    }
}

impl Field {
    fn check(&self, submission: &Submission) -> Result<(), FormFault> {
        let (Some(name), Some(kind)) = (&self.var, self.kind) else { return Ok(()) };
        let values: Vec<&str> = submission.all(name).iter().map(|v| v.trim()).filter(|v| !v.is_empty()).collect();
        if values.is_empty() {
            return if self.required && kind != Kind::Fixed { Err(FormFault::Missing(name.clone())) } else { Ok(()) };
        }
        if values.len() > 1 && !kind.is_multiple() {
            return Err(FormFault::Several(name.clone()));
        }
        let possible = |value: &&str| match kind {
            Kind::Boolean => matches!(*value, "0" | "1" | "true" | "false"),
            Kind::JidSingle | Kind::JidMulti => value.parse::<Jid>().is_ok(),
            Kind::ListSingle | Kind::ListMulti => self.options.iter().any(|(choice, _)| choice == value),
            Kind::TextSingle | Kind::TextPrivate => !value.contains(['\n', '\r']),
            Kind::Fixed | Kind::Hidden | Kind::TextMulti => true,
        };
        if values.iter().all(possible) { Ok(()) } else { Err(FormFault::NotPossible(name.clone())) }
    }
}
