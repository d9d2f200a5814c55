//! What happened in a room, typed: for hosts in the same process, such as a recorder. Facts only.

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::chatstates::ChatState;
use xmpp_parsers::presence::Show;

use super::{Affiliation, Role};
use crate::xep::chat::ChatContent;

/// A fact about a room. Nicks are as shown, addresses are real ones: what is told here is not anonymised.
#[derive(Debug, Clone, PartialEq)]
pub enum RoomHappening {
    /// A room came into being.
    Created {
        /// The room.
        room: BareJid,
        /// Its first owner.
        owner: BareJid,
    },
    /// A session entered.
    Entered {
        /// The room.
        room: BareJid,
        /// The nick.
        nick: String,
        /// The real address.
        real_jid: FullJid,
        /// The stable id of this person in this room (XEP-0421).
        occupant_id: String,
        /// The standing.
        affiliation: Affiliation,
        /// The role.
        role: Role,
        /// Whether the nick was not in the room before; further sessions of the same person say `false`.
        first_session: bool,
    },
    /// A session left.
    Left {
        /// The room.
        room: BareJid,
        /// The nick.
        nick: String,
        /// The real address.
        real_jid: FullJid,
        /// How.
        how: Leaving,
        /// The words said on leaving.
        status: Option<String>,
        /// Why a kick, ban, removal or destruction happened, if said.
        reason: Option<String>,
        /// The nick, or the real address, of who removed them.
        by: Option<String>,
        /// Whether the nick is now gone from the room.
        last_session: bool,
    },
    /// Somebody changed the nick.
    NickChanged {
        /// The room.
        room: BareJid,
        /// The nick before.
        from: String,
        /// The nick now.
        to: String,
        /// The real address that asked.
        real_jid: FullJid,
    },
    /// Somebody inside changed their availability.
    PresenceChanged {
        /// The room.
        room: BareJid,
        /// The nick.
        nick: String,
        /// The real address.
        real_jid: FullJid,
        /// Away, busy and so on; `None` is plainly available.
        show: Option<Show>,
        /// The status text.
        status: Option<String>,
    },
    /// A message to all, with words, a link, a correction or payloads of unknown meaning. Its chat state and marker, if
    /// any, follow as happenings of their own.
    Said(Said),
    /// A private message between two occupants.
    Whispered {
        /// The message; its `stanza_id` is empty, as private messages are not stamped.
        said: Said,
        /// The nick to whom.
        to: String,
    },
    /// Somebody types, pauses and so on (XEP-0085).
    ChatState {
        /// The room.
        room: BareJid,
        /// The nick.
        nick: String,
        /// The real address.
        real_jid: FullJid,
        /// What they do.
        state: ChatState,
    },
    /// Somebody has read up to a message (XEP-0333).
    Marker {
        /// The room.
        room: BareJid,
        /// The nick.
        nick: String,
        /// The real address.
        real_jid: FullJid,
        /// The id that they name: the stanza id of a message, or, from older clients, its `id` attribute.
        displayed: String,
    },
    /// The subject changed.
    SubjectChanged {
        /// The room.
        room: BareJid,
        /// The nick of who changed it; `None` for the host.
        nick: Option<String>,
        /// The new subject; empty when it was taken away.
        subject: String,
        /// The id that the room stamped.
        stanza_id: String,
    },
    /// An address has another standing.
    AffiliationChanged {
        /// The room.
        room: BareJid,
        /// Whose.
        jid: BareJid,
        /// What it was.
        from: Affiliation,
        /// What it is.
        to: Affiliation,
        /// The nick, or the real address, of who changed it.
        by: Option<String>,
        /// Why, if said.
        reason: Option<String>,
    },
    /// An occupant has another role.
    RoleChanged {
        /// The room.
        room: BareJid,
        /// Whose.
        nick: String,
        /// What it is.
        role: Role,
        /// The nick, or the real address, of who changed it.
        by: Option<String>,
        /// Why, if said.
        reason: Option<String>,
    },
    /// Somebody was invited.
    Invited {
        /// The room.
        room: BareJid,
        /// The real address of who invited.
        by: Jid,
        /// Who was invited.
        to: Jid,
        /// Why, if said.
        reason: Option<String>,
    },
    /// An invitation was declined.
    InvitationDeclined {
        /// The room.
        room: BareJid,
        /// Who declined.
        by: Jid,
        /// The real address of who had invited.
        inviter: Jid,
        /// Why, if said.
        reason: Option<String>,
    },
    /// The configuration changed.
    Configured {
        /// The room.
        room: BareJid,
        /// The nick, or the real address, of who changed it; `None` for the host.
        by: Option<String>,
    },
    /// The room is gone. Everybody left before.
    Destroyed {
        /// The room.
        room: BareJid,
        /// Why.
        why: Why,
        /// In words, if said.
        reason: Option<String>,
    },
}

impl RoomHappening {
    /// The room that this is about.
    pub fn room(&self) -> &BareJid {
        match self {
            RoomHappening::Said(said) | RoomHappening::Whispered { said, .. } => &said.room,
            RoomHappening::Created { room, .. }
            | RoomHappening::Entered { room, .. }
            | RoomHappening::Left { room, .. }
            | RoomHappening::NickChanged { room, .. }
            | RoomHappening::PresenceChanged { room, .. }
            | RoomHappening::ChatState { room, .. }
            | RoomHappening::Marker { room, .. }
            | RoomHappening::SubjectChanged { room, .. }
            | RoomHappening::AffiliationChanged { room, .. }
            | RoomHappening::RoleChanged { room, .. }
            | RoomHappening::Invited { room, .. }
            | RoomHappening::InvitationDeclined { room, .. }
            | RoomHappening::Configured { room, .. }
            | RoomHappening::Destroyed { room, .. } => room,
        }
    }
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The room.
    pub room: BareJid,
    /// The nick of who said it.
    pub nick: String,
    /// Their real address.
    pub real_jid: FullJid,
    /// Their stable id in this room (XEP-0421).
    pub occupant_id: String,
    /// The `id` that the sender gave, or the stanza id when there was none. Corrections name it.
    pub id: String,
    /// The id that the room stamped (XEP-0359). Markers name it.
    pub stanza_id: String,
    /// When, in microseconds since the epoch.
    pub at_us: i64,
    /// The words, the link, and the `id` of a message that this one replaces. The room does not check that the
    /// replaced message was the same person's: whoever applies a correction compares `occupant_id`s.
    pub content: ChatContent,
}

/// How a session left a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Leaving {
    /// Of its own will.
    Clean,
    /// The connection is gone, or stanzas to it came back as errors (status 333).
    Lost,
    /// Kicked (307).
    Kicked,
    /// Banned (301).
    Banned,
    /// The affiliation was taken away and the room is members-only (321).
    Removed,
    /// The room became members-only (322).
    MembersOnly,
    /// The room was destroyed.
    RoomDestroyed,
    /// The service stops (332).
    ServiceShutdown,
}

/// Why a room is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// An owner, or the host, ended it.
    Owner,
    /// The last occupant of a temporary room left.
    Empty,
    /// The creator gave up before configuring it.
    Cancelled,
    /// The service stops.
    ServiceShutdown,
}
