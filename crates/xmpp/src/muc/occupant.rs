//! Occupants: who is in a room under one nick, with one or more sessions. No decisions.

use jid::{BareJid, FullJid};
use xmpp_parsers::presence::Presence;

use super::pace::Spent;
use super::sessions::Sessions;
use super::view::Rendered;
use super::{Nick, Role};

/// Somebody in a room. The sessions are of one person: their bare address is the same.
#[derive(Debug, Clone)]
pub struct Occupant {
    pub(super) nick: Nick,
    pub(super) bare: BareJid,
    pub(super) role: Role,
    pub(super) occupant_id: String,
    /// What each session last said of itself: `show`, `status` and payloads that are relayed.
    pub(super) sessions: Sessions,
    /// The session whose presence the others see: the one that spoke last.
    pub(super) shown: FullJid,
    /// What the others are told of this occupant. Whoever changes the occupant forgets it.
    pub(super) rendered: Rendered,
    pub(super) spent: Spent,
}

impl Occupant {
    /// The nick.
    pub fn nick(&self) -> &Nick {
        &self.nick
    }

    /// The real bare address.
    pub fn bare_jid(&self) -> &BareJid {
        &self.bare
    }

    /// The real full address of the session whose presence is shown.
    pub fn real_jid(&self) -> &FullJid {
        &self.shown
    }

    /// The real full addresses of all sessions.
    pub fn sessions(&self) -> impl Iterator<Item = &FullJid> {
        self.sessions.keys()
    }

    /// The role of this visit.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The stable id in this room (XEP-0421).
    pub fn occupant_id(&self) -> &str {
        &self.occupant_id
    }

    /// Something about the occupant changed: what was rendered of them holds no longer.
    pub(super) fn touch(&mut self) {
        self.rendered = Rendered::default();
    }

    /// The presence that the others see.
    pub(super) fn presence(&self) -> Presence {
        self.sessions.get(&self.shown).cloned().unwrap_or_else(Presence::available)
    }
}
