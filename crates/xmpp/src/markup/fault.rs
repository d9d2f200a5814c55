//! What can be wrong with an element that was received, and the stanza error that says so.

use std::fmt;

use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

/// Why an element could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is another element than the one expected.
    NotThis(&'static str),
    /// A part that is needed is not there.
    Missing(&'static str),
    /// A part is there and makes no sense.
    Malformed(&'static str),
    /// A text is too long.
    TooLong {
        /// Which text.
        what: &'static str,
        /// The limit.
        max_bytes: usize,
    },
    /// There are too many of something.
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// Elements are nested too deep.
    TooDeep,
}

impl Fault {
    /// The type and condition for the answer (RFC 6120 §8.3.3).
    pub fn condition(&self) -> (ErrorType, DefinedCondition) {
        match self {
            Fault::NotThis(_) | Fault::Missing(_) | Fault::Malformed(_) => {
                (ErrorType::Modify, DefinedCondition::BadRequest)
            }
            Fault::TooLong { .. } | Fault::TooMany { .. } | Fault::TooDeep => {
                (ErrorType::Modify, DefinedCondition::PolicyViolation)
            }
        }
    }

    /// The error element for the answer.
    pub fn to_stanza_error(&self) -> StanzaError {
        let (kind, condition) = self.condition();
        StanzaError::new(kind, condition, "en", self.to_string())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NotThis(name) => write!(f, "This is no <{name}/>."),
            Fault::Missing(what) => write!(f, "\"{what}\" is missing."),
            Fault::Malformed(what) => write!(f, "\"{what}\" cannot be understood."),
            Fault::TooLong { what, max_bytes } => write!(f, "\"{what}\" may take at most {max_bytes} bytes."),
            Fault::TooMany { what, max } => write!(f, "There may be at most {max} of \"{what}\"."),
            Fault::TooDeep => f.write_str("The elements are nested too deep."),
        }
    }
}

impl std::error::Error for Fault {}
