//! Every no of the workgroup service, and the one place where each gets its stanza error (ARCHITECTURE: each edge turns a
//! refusal into its own error in one function).

use desk::refusal::{Ineligible, Refusal};
use store::StoreError;
use xmpp::markup::Fault;
use xmpp::xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use crate::run_loop::AskError;

/// A no.
#[derive(Clone, PartialEq, Debug)]
pub enum No {
    /// The desk refused.
    Refused(Refusal),
    /// Too much is asked at the moment, or the server stops.
    Busy,
    /// The store could not be read or written.
    Store,
    /// What was sent makes no sense.
    Fault(Fault),
    /// There is no such thing.
    NotFound,
    /// Who asks may not.
    NotAuthorized,
    /// Who asks is known, and may not all the same.
    Forbidden,
    /// It is there already.
    Conflict,
    /// Nobody can do this now, for example because another session is there.
    NotAllowed(&'static str),
    /// The form is not filled in correctly.
    NotAcceptable(String),
    /// The service does not do this.
    Unavailable,
}

impl From<AskError> for No {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Refused(refusal) => Self::Refused(refusal),
            AskError::Busy | AskError::Stopping => Self::Busy,
        }
    }
}

impl From<StoreError> for No {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, hint = error.hint(), "the workgroup service could not read or write");
        Self::Store
    }
}

impl From<Fault> for No {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl No {
    /// The error element.
    pub fn to_stanza_error(&self) -> StanzaError {
        use DefinedCondition as C;
        use ErrorType::{Auth, Cancel, Modify, Wait};
        let (kind, condition, text) = match self {
            Self::Refused(refusal) => return of_refusal(refusal),
            Self::Fault(fault) => return fault.to_stanza_error(),
            Self::Busy => (Wait, C::ResourceConstraint, "Too much is asked at the moment."),
            Self::Store => (Wait, C::InternalServerError, "This could not be read or written."),
            Self::NotFound => (Cancel, C::ItemNotFound, "There is no such thing."),
            Self::NotAuthorized => (Auth, C::NotAuthorized, "You may not do this."),
            Self::Forbidden => (Auth, C::Forbidden, "You may not do this."),
            Self::Conflict => (Cancel, C::Conflict, "You wait or chat here already."),
            Self::NotAllowed(why) => (Cancel, C::NotAllowed, *why),
            Self::NotAcceptable(why) => (Modify, C::NotAcceptable, why.as_str()),
            Self::Unavailable => (Cancel, C::ServiceUnavailable, "This is not done here."),
        };
        StanzaError::new(kind, condition, "en", text)
    }
}

/// The conditions of XEP-0142 for what the desk refuses.
fn of_refusal(refusal: &Refusal) -> StanzaError {
    use DefinedCondition as C;
    use ErrorType::{Auth, Cancel, Modify, Wait};
    let (kind, condition) = match refusal {
        Refusal::NotFound(_) | Refusal::OfferGone | Refusal::NotEligible(Ineligible::SignedOut) => {
            (Cancel, C::ItemNotFound)
        }
        Refusal::NotYours(_) => (Auth, C::Forbidden),
        Refusal::FormRequired(_) | Refusal::BadDeclaration(_) => (Modify, C::NotAcceptable),
        Refusal::AlreadyQueued => (Cancel, C::Conflict),
        Refusal::QueueClosed { .. } | Refusal::QueueFull => (Cancel, C::ServiceUnavailable),
        Refusal::Blocked => (Auth, C::NotAuthorized),
        Refusal::NotEligible(_) => (Cancel, C::NotAllowed),
        Refusal::WrongState(_) => (Wait, C::UnexpectedRequest),
        Refusal::Limit(_) => (Wait, C::ResourceConstraint),
    };
    StanzaError::new(kind, condition, "en", refusal.to_string())
}
