//! XEP-0249: an invitation that one person sends to another without the room between them.

use jid::BareJid;
use xmpp_parsers::message::MessagePayload;
use xso::{AsXml, FromXml};

use super::ns;

/// The `<x/>` element in the `jabber:x:conference` namespace.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::CONFERENCE, name = "x")]
pub struct DirectInvite {
    /// The room.
    #[xml(attribute)]
    pub jid: BareJid,
    /// Its password, if it has one.
    #[xml(attribute(default))]
    pub password: Option<String>,
    /// Why.
    #[xml(attribute(default))]
    pub reason: Option<String>,
    /// `true` when a one-to-one conversation is continued.
    #[xml(attribute(default, name = "continue"))]
    pub continued: Option<bool>,
    /// The thread that is continued.
    #[xml(attribute(default))]
    pub thread: Option<String>,
}

impl MessagePayload for DirectInvite {}

impl DirectInvite {
    /// An invitation to a room, with a reason and a password if there are any.
    pub fn new(room: BareJid, reason: Option<String>, password: Option<String>) -> DirectInvite {
        DirectInvite { jid: room, password, reason, continued: None, thread: None }
    }
}
