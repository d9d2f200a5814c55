//! What happened in a room, typed: for hosts in the same process, such as a recorder. Facts only.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::chatstates::ChatState;
use xmpp_parsers::presence::Show;
use xmpp_parsers::stanza::Stanza;

use super::{Affiliation, Leaving, Role, Said, Why};

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
    /// Somebody takes back something that they said (XEP-0424). The room checks only what it keeps for newcomers:
    /// whoever applies it elsewhere compares the occupant id with that of the message.
    Retracted {
        /// The room.
        room: BareJid,
        /// The nick of who takes it back.
        nick: String,
        /// Their stable id in this room.
        occupant_id: String,
        /// The stanza id of what is taken back.
        retracted: String,
    },
    /// A moderator took back what somebody said (XEP-0425).
    Moderated {
        /// The room.
        room: BareJid,
        /// The nick, or the real address, of the moderator; `None` for the host.
        by: Option<String>,
        /// The stanza id of what is taken back.
        retracted: String,
        /// Why, if said.
        reason: Option<String>,
    },
    /// A message for the archive of a room that has one. It follows what else happened by the same message.
    Archivable {
        /// The room.
        room: BareJid,
        /// The nick of who sent it.
        nick: String,
        /// The real address of who sent it.
        real_jid: FullJid,
        /// The id that the room stamped, by which the archive finds it.
        stanza_id: String,
        /// When, in microseconds since the epoch.
        at_us: i64,
        /// The message as the occupants received it, without `to`.
        stanza: Arc<Stanza>,
    },
    /// Somebody asks to be registered; an admin decides.
    RegistrationRequested {
        /// The room.
        room: BareJid,
        /// Who asks.
        jid: BareJid,
        /// The nick that they want.
        nick: String,
    },
    /// An admin said no to somebody who asked to be registered. A yes is a changed affiliation.
    RegistrationRefused {
        /// The room.
        room: BareJid,
        /// Who asked.
        jid: BareJid,
    },
    /// What outlives the occupants of a persistent room changed, or the room is not persistent any more: the host
    /// stores what [`super::Service::lasting`] now says, or forgets it when that says nothing.
    LastingChanged {
        /// The room.
        room: BareJid,
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
    /// Somebody without a voice asks for one.
    VoiceRequested {
        /// The room.
        room: BareJid,
        /// The nick.
        nick: String,
        /// The real address.
        real_jid: FullJid,
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
            | RoomHappening::Retracted { room, .. }
            | RoomHappening::Moderated { room, .. }
            | RoomHappening::Archivable { room, .. }
            | RoomHappening::RegistrationRequested { room, .. }
            | RoomHappening::RegistrationRefused { room, .. }
            | RoomHappening::LastingChanged { room }
            | RoomHappening::AffiliationChanged { room, .. }
            | RoomHappening::RoleChanged { room, .. }
            | RoomHappening::VoiceRequested { room, .. }
            | RoomHappening::Invited { room, .. }
            | RoomHappening::InvitationDeclined { room, .. }
            | RoomHappening::Configured { room, .. }
            | RoomHappening::Destroyed { room, .. } => room,
        }
    }
}
