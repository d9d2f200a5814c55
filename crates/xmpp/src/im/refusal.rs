//! Why a stanza was not carried out, and the error that says so.

use minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::{DefinedCondition as Condition, ErrorType, StanzaError};

/// A no that changed nothing.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// There is nobody, nothing, or nobody who may be told of.
    Unavailable,
    /// The address is on another server.
    Elsewhere,
    /// The sender blocks the receiver (XEP-0191 §3.6).
    Blocked,
    /// The stanza makes no sense.
    BadRequest(&'static str),
    /// The rules of this server forbid it to everybody.
    NotAllowed(&'static str),
    /// It is not for this sender.
    Forbidden(&'static str),
    /// What is named is not there.
    NotFound(&'static str),
    /// What is asked does not fit.
    NotAcceptable(&'static str),
    /// A limit is reached.
    TooMuch(&'static str),
    /// The stanza is larger than this server keeps.
    TooLarge(&'static str),
    /// A file is larger than permitted (XEP-0363 §5).
    FileTooLarge(u64),
    /// This server does not do that.
    NotImplemented,
    /// There is no publish-subscribe service here (XEP-0060).
    NoPubsub,
    /// The host refused.
    Host(Condition, String),
    /// The host failed.
    Failed,
}

impl Refusal {
    /// The error for who asked.
    pub fn to_stanza_error(&self) -> StanzaError {
        let (kind, condition, text) = match self {
            Refusal::Unavailable => (ErrorType::Cancel, Condition::ServiceUnavailable, ""),
            Refusal::Elsewhere => {
                (ErrorType::Cancel, Condition::RemoteServerNotFound, "This server does not talk to other servers.")
            }
            Refusal::Blocked => (ErrorType::Cancel, Condition::NotAcceptable, "You block this address."),
            Refusal::BadRequest(text) => (ErrorType::Modify, Condition::BadRequest, *text),
            Refusal::NotAllowed(text) => (ErrorType::Cancel, Condition::NotAllowed, *text),
            Refusal::Forbidden(text) => (ErrorType::Auth, Condition::Forbidden, *text),
            Refusal::NotFound(text) => (ErrorType::Cancel, Condition::ItemNotFound, *text),
            Refusal::NotAcceptable(text) => (ErrorType::Modify, Condition::NotAcceptable, *text),
            Refusal::TooMuch(text) => (ErrorType::Wait, Condition::ResourceConstraint, *text),
            Refusal::TooLarge(text) => (ErrorType::Modify, Condition::PolicyViolation, *text),
            Refusal::FileTooLarge(_) => (ErrorType::Modify, Condition::NotAcceptable, "The file is too large."),
            Refusal::NotImplemented | Refusal::NoPubsub => (ErrorType::Cancel, Condition::FeatureNotImplemented, ""),
            Refusal::Host(condition, text) => (ErrorType::Cancel, condition.clone(), text.as_str()),
            Refusal::Failed => (ErrorType::Wait, Condition::InternalServerError, "Please try again later."),
        };
        let mut error = StanzaError::new(kind, condition, "en", text);
        if text.is_empty() {
            error.texts.clear();
        }
        error.other = self.detail();
        error
    }

    fn detail(&self) -> Option<Element> {
        match self {
            Refusal::Blocked => Some(Element::bare("blocked", ns::BLOCKING_ERRORS)),
            Refusal::NoPubsub => Some(Element::bare("unsupported", ns::PUBSUB_ERRORS)),
            Refusal::FileTooLarge(most) => {
                let most = Element::builder("max-file-size", ns::HTTP_UPLOAD).append(most.to_string()).build();
                Some(Element::builder("file-too-large", ns::HTTP_UPLOAD).append(most).build())
            }
            _ => None,
        }
    }
}
