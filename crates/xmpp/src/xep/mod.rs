//! Extension elements that the published crates lack, one file each; no behaviour, only what an element means.
//!
//! What `xmpp-parsers` has is used from there: chat states (XEP-0085), corrections (XEP-0308), displayed markers
//! (XEP-0333), out-of-band links (XEP-0066), stanza ids (XEP-0359), occupant ids (XEP-0421), data forms (XEP-0004),
//! service discovery (XEP-0030), delayed delivery (XEP-0203), ping (XEP-0199).

pub mod carbons;
pub mod chat;
pub mod commands;
pub mod data_form;
pub mod delay;
pub mod direct_invite;
pub mod hats;
pub mod last;
pub mod mam;
pub mod moderate;
pub mod muc_admin;
pub mod muc_owner;
pub mod muc_register;
pub mod muc_unique;
pub mod muc_user;
pub mod roster;

/// Namespaces that `xmpp-parsers` does not name.
pub mod ns {
    /// XEP-0045: requests of room administrators.
    pub const MUC_ADMIN: &str = "http://jabber.org/protocol/muc#admin";
    /// XEP-0045: requests of room owners.
    pub const MUC_OWNER: &str = "http://jabber.org/protocol/muc#owner";
    /// XEP-0045: the room configuration form.
    pub const MUC_ROOM_CONFIG: &str = "http://jabber.org/protocol/muc#roomconfig";
    /// XEP-0045: the form that asks for a voice.
    pub const MUC_REQUEST: &str = "http://jabber.org/protocol/muc#request";
    /// XEP-0045: the room's extended disco information.
    pub const MUC_ROOM_INFO: &str = "http://jabber.org/protocol/muc#roominfo";
    /// XEP-0045: the form by which people register with a room.
    pub const MUC_REGISTER: &str = "http://jabber.org/protocol/muc#register";
    /// XEP-0045: the name of a room that nobody has, as older clients ask for it.
    pub const MUC_UNIQUE: &str = "http://jabber.org/protocol/muc#unique";
    /// XEP-0045: the feature that says ids of messages stay as they are.
    pub const MUC_STABLE_ID: &str = "http://jabber.org/protocol/muc#stable_id";
    /// XEP-0045: the node of a room that knows the nick which is reserved for who asks.
    pub const MUC_ROOM_USER_ITEM: &str = "x-roomuser-item";
    /// XEP-0317: hats.
    pub const HATS: &str = "urn:xmpp:hats:0";
    /// XEP-0424: retraction.
    pub const RETRACT: &str = "urn:xmpp:message-retract:1";
    /// XEP-0425: moderated retraction.
    pub const MODERATE: &str = "urn:xmpp:message-moderate:1";
    /// XEP-0050: ad-hoc commands.
    pub const COMMANDS: &str = "http://jabber.org/protocol/commands";
    /// XEP-0249: direct invitations.
    pub const CONFERENCE: &str = "jabber:x:conference";
    /// XEP-0334: processing hints.
    pub const HINTS: &str = "urn:xmpp:hints";
    /// XEP-0012: last activity.
    pub const LAST: &str = "jabber:iq:last";
    /// XEP-0160: the feature that says messages wait for who is away.
    pub const OFFLINE: &str = "msgoffline";
    /// XEP-0232: the form that describes the software.
    pub const SOFTWARE: &str = "urn:xmpp:dataforms:softwareinfo";
    /// XEP-0410: the feature that says the service answers self-pings itself.
    pub const SELF_PING: &str = "http://jabber.org/protocol/muc#self-ping-optimization";
}
