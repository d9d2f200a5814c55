//! Passing a conversation on: the requests `<invite/>` and `<transfer/>` of an agent, and the message that says that it
//! failed.

use jid::Jid;
use minidom::Element;
use xmpp_parsers::message::{Lang, Message, MessageType};
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use super::limits::{NAME_BYTES, REASON_BYTES};
use super::{Session, ns};
use crate::markup::{Build, Fault, Read};

/// To what a conversation is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// A person.
    User,
    /// A queue.
    Queue,
    /// A workgroup, whose best queue is to be found.
    Workgroup,
}

const KINDS: [(&str, Passing); 3] =
    [("user", Passing::User), ("queue", Passing::Queue), ("workgroup", Passing::Workgroup)];

impl Passing {
    pub(super) fn read(it: Read<'_>) -> Result<Passing, Fault> {
        let kind = it.need_attr("type", NAME_BYTES)?;
        let found = KINDS.iter().find(|(name, _)| *name == kind.to_ascii_lowercase());
        found.map(|(_, passing)| *passing).ok_or(Fault::Malformed("type"))
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(_, passing)| *passing == self).map_or("user", |(name, _)| name)
    }
}

/// An agent's wish to have somebody else in a conversation: beside them, or in their place.
#[derive(Debug, Clone, PartialEq)]
pub struct PassOn {
    /// In their place (`<transfer/>`), or beside them (`<invite/>`).
    pub transfer: bool,
    /// To what kind.
    pub to: Passing,
    /// The conversation.
    pub session: Session,
    /// Who asks, in the message that says it failed.
    pub inviter: Option<Jid>,
    /// Whom, or which queue or workgroup.
    pub invitee: Jid,
    /// Why.
    pub reason: Option<String>,
}

impl PassOn {
    /// Reads `<invite/>` or `<transfer/>`.
    ///
    /// # Errors
    /// When it is another element, or kind, session or invitee are missing or make no sense.
    pub fn read(element: &Element) -> Result<PassOn, Fault> {
        let transfer = element.name() == "transfer";
        let it = Read::of(element, if transfer { "transfer" } else { "invite" }, ns::FAMILY)?;
        Ok(PassOn {
            transfer,
            to: Passing::read(it)?,
            session: Session::read(it.child("session").ok_or(Fault::Missing("session"))?.element())?,
            inviter: it.parsed_leaf("inviter")?,
            invitee: it.parsed_leaf("invitee")?.ok_or(Fault::Missing("invitee"))?,
            reason: it.leaf("reason", REASON_BYTES)?.filter(|reason| !reason.is_empty()),
        })
    }

    /// The element.
    pub fn write(&self) -> Element {
        Build::new(if self.transfer { "transfer" } else { "invite" }, ns::WORKGROUP)
            .attr("type", self.to.as_str())
            .child(self.session.write())
            .maybe_leaf("inviter", self.inviter.as_ref())
            .maybe_leaf("invitee", Some(&self.invitee))
            .maybe_leaf("reason", self.reason.as_ref())
            .done()
    }

    /// The message that tells who asked that it came to nothing, with the words that Fastpath uses.
    pub fn failed(&self, why: PassingFailed) -> Message {
        let mut message = Message::new(None);
        message.type_ = MessageType::Error;
        message.bodies.insert(Lang::new(), why.words().to_owned());
        message.payloads.push(self.write());
        let condition = DefinedCondition::RecipientUnavailable;
        let error = StanzaError { texts: [].into(), ..StanzaError::new(ErrorType::Wait, condition, "en", "") };
        message.payloads.push(error.into());
        message
    }
}

/// Why passing on failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassingFailed {
    /// There is no such workgroup.
    NoWorkgroup,
    /// There is no such queue.
    NoQueue,
    /// Nobody came.
    NobodyCame,
}

impl PassingFailed {
    /// The words of the message.
    pub fn words(self) -> &'static str {
        match self {
            PassingFailed::NoWorkgroup => "Specified workgroup was not found.",
            PassingFailed::NoQueue => "Specified queue was not found.",
            PassingFailed::NobodyCame => "Agent or user failed to join the room.",
        }
    }
}
