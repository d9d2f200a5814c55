//! XEP-0045 `muc#user`: what a room tells people (status codes, items, destruction) and mediated invitations.
//!
//! Written anew because the type in `xmpp-parsers` has no `<destroy/>` and no `<password/>`, refuses unknown status
//! codes and hides the fields of `<actor/>`. No decisions here.

use jid::Jid;
use xmpp_parsers::message::MessagePayload;
use xmpp_parsers::ns;
use xmpp_parsers::presence::PresencePayload;
use xso::{AsXml, FromXml};

use crate::muc::{Affiliation, Role};

/// Who did it: a real address, a nick, or both, as far as the receiver may know.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MUC_USER, name = "actor")]
pub struct Actor {
    /// The real address of who acted.
    #[xml(attribute(default))]
    pub jid: Option<Jid>,
    /// The nick of who acted.
    #[xml(attribute(default))]
    pub nick: Option<String>,
}

/// What an occupant or an address is to the room.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::MUC_USER, name = "item")]
pub struct Item {
    /// The long-lived standing.
    #[xml(attribute)]
    pub affiliation: Affiliation,
    /// The real address, only for those who may see it.
    #[xml(attribute(default))]
    pub jid: Option<Jid>,
    /// The nick: in a nick change (status 303) the new one.
    #[xml(attribute(default))]
    pub nick: Option<String>,
    /// What may be done during this visit.
    #[xml(attribute)]
    pub role: Role,
    /// Who caused the change.
    #[xml(child(default))]
    pub actor: Option<Actor>,
    /// Why.
    #[xml(extract(default, name = "reason", fields(text(type_ = String))))]
    pub reason: Option<String>,
}

impl Item {
    /// An item that says only affiliation and role.
    pub fn new(affiliation: Affiliation, role: Role) -> Item {
        Item { affiliation, jid: None, nick: None, role, actor: None, reason: None }
    }
}

/// `<continue/>`: the room goes on with a one-to-one conversation.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::MUC_USER, name = "continue")]
pub struct Continue {
    /// The thread that is continued.
    #[xml(attribute(default))]
    pub thread: Option<String>,
}

/// A mediated invitation: `to` on the way to the room, `from` on the way to the invitee.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MUC_USER, name = "invite")]
pub struct Invite {
    /// Who invites.
    #[xml(attribute(default))]
    pub from: Option<Jid>,
    /// Who is invited.
    #[xml(attribute(default))]
    pub to: Option<Jid>,
    /// Why.
    #[xml(extract(default, name = "reason", fields(text(type_ = String))))]
    pub reason: Option<String>,
    /// Whether a one-to-one conversation is continued.
    #[xml(child(default))]
    pub continued: Option<Continue>,
}

/// A declined invitation: `to` on the way to the room, `from` on the way to the inviter.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MUC_USER, name = "decline")]
pub struct Decline {
    /// Who declines.
    #[xml(attribute(default))]
    pub from: Option<Jid>,
    /// Who had invited.
    #[xml(attribute(default))]
    pub to: Option<Jid>,
    /// Why.
    #[xml(extract(default, name = "reason", fields(text(type_ = String))))]
    pub reason: Option<String>,
}

/// The room is gone.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MUC_USER, name = "destroy")]
pub struct Destroyed {
    /// Where the conversation goes on, if anywhere.
    #[xml(attribute(default))]
    pub jid: Option<Jid>,
    /// The password of the room where it goes on.
    #[xml(extract(default, name = "password", fields(text(type_ = String))))]
    pub password: Option<String>,
    /// Why.
    #[xml(extract(default, name = "reason", fields(text(type_ = String))))]
    pub reason: Option<String>,
}

/// The `<x/>` element in the `muc#user` namespace.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MUC_USER, name = "x")]
pub struct MucUser {
    /// Occupants or addresses that the stanza is about.
    #[xml(child(n = ..))]
    pub items: Vec<Item>,
    /// Status codes (XEP-0045 §15.6).
    #[xml(extract(n = .., name = "status", fields(attribute(name = "code", type_ = u16))))]
    pub codes: Vec<u16>,
    /// Mediated invitations.
    #[xml(child(n = ..))]
    pub invites: Vec<Invite>,
    /// A declined invitation.
    #[xml(child(default))]
    pub decline: Option<Decline>,
    /// The room was destroyed.
    #[xml(child(default))]
    pub destroy: Option<Destroyed>,
    /// The password of the room, in an invitation.
    #[xml(extract(default, name = "password", fields(text(type_ = String))))]
    pub password: Option<String>,
}

impl MessagePayload for MucUser {}
impl PresencePayload for MucUser {}

impl MucUser {
    /// One item and its status codes, as presence carries them.
    pub fn about(item: Item, codes: &[u16]) -> MucUser {
        MucUser { items: vec![item], codes: codes.to_vec(), ..MucUser::default() }
    }

    /// Status codes alone, as messages from the room carry them.
    pub fn codes(codes: &[u16]) -> MucUser {
        MucUser { codes: codes.to_vec(), ..MucUser::default() }
    }
}

/// Status codes by name (XEP-0045 §15.6).
pub mod status {
    /// Everybody in the room may see real addresses.
    pub const NON_ANONYMOUS: u16 = 100;
    /// An affiliation changed while its holder was not in the room.
    pub const AFFILIATION_CHANGED: u16 = 101;
    /// The configuration changed in a way that does not touch privacy.
    pub const CONFIG_CHANGED: u16 = 104;
    /// This presence is the receiver's own.
    pub const SELF: u16 = 110;
    /// What is said is logged where the public can read it.
    pub const LOGGED: u16 = 170;
    /// What is said is no longer logged in public.
    pub const NOT_LOGGED: u16 = 171;
    /// The room became non-anonymous.
    pub const NOW_NON_ANONYMOUS: u16 = 172;
    /// The room became semi-anonymous.
    pub const NOW_SEMI_ANONYMOUS: u16 = 173;
    /// The room was created by entering it.
    pub const CREATED: u16 = 201;
    /// The service changed the nick.
    pub const NICK_ASSIGNED: u16 = 210;
    /// Banned.
    pub const BANNED: u16 = 301;
    /// The nick changes to that of the item.
    pub const NEW_NICK: u16 = 303;
    /// Kicked.
    pub const KICKED: u16 = 307;
    /// Removed because an affiliation changed.
    pub const REMOVED: u16 = 321;
    /// Removed because the room became members-only.
    pub const MEMBERS_ONLY: u16 = 322;
    /// Removed because the service stops.
    pub const SHUTDOWN: u16 = 332;
    /// Removed because the connection failed.
    pub const LOST: u16 = 333;
}
