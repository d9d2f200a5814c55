//! XEP-0425 moderated retraction and the element of XEP-0424 that it carries. No decisions here.

use jid::Jid;
use xmpp_parsers::iq::IqSetPayload;
use xmpp_parsers::message::MessagePayload;
use xmpp_parsers::occupant_id::OccupantId;
use xso::{AsXml, FromXml};

use super::ns;

/// That something is to be retracted.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::RETRACT, name = "retract")]
pub struct Retraction;

/// A moderator's request.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MODERATE, name = "moderate")]
pub struct Moderate {
    /// The stanza id of the message (XEP-0359).
    #[xml(attribute)]
    pub id: String,
    /// What is to be done: it is taken back.
    #[xml(child(default))]
    pub retract: Option<Retraction>,
    /// Why.
    #[xml(extract(default, name = "reason", fields(text(type_ = String))))]
    pub reason: Option<String>,
}

impl IqSetPayload for Moderate {}

/// That it was a moderator who took a message back.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MODERATE, name = "moderated")]
pub struct Moderated {
    /// The moderator's address in the room.
    #[xml(attribute(default))]
    pub by: Option<Jid>,
    /// The moderator's stable id in the room (XEP-0421).
    #[xml(child(default))]
    pub occupant_id: Option<OccupantId>,
}

/// A message is taken back: by its sender, or, with `moderated`, by a moderator.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::RETRACT, name = "retract")]
pub struct Retract {
    /// The stanza id of the message.
    #[xml(attribute)]
    pub id: String,
    /// The moderator, if one did it.
    #[xml(child(default))]
    pub moderated: Option<Moderated>,
    /// Why.
    #[xml(extract(default, name = "reason", fields(text(type_ = String))))]
    pub reason: Option<String>,
}

impl MessagePayload for Retract {}
