//! The state that the features of a room share, how it is read, and the invariants that hold between any two calls.

use std::collections::BTreeMap;
use std::sync::Arc;

use jid::{BareJid, FullJid};
use xmpp_parsers::message::Message;
use xmpp_parsers::stanza::Stanza;

use super::history::History;
use super::invite::Invitations;
use super::outcome::Turn;
use super::register::Registrations;
use super::subject::Subject;
use super::{Affiliation, Limits, Nick, Occupant, Role, RoomConfig};
use crate::xep::hats::Hat;
use crate::xep::muc_user::MucUser;

/// What a room knows of an address beyond one visit.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub affiliation: Affiliation,
    pub reserved_nick: Option<Nick>,
    pub reason: Option<String>,
}

impl Standing {
    /// Whether a nick is reserved here that is like another.
    pub fn reserves_like(&self, nick: &Nick) -> bool {
        self.reserved_nick.as_ref().is_some_and(|reserved| reserved.clashes_with(nick))
    }
}

/// A room. Read it here; change it through [`super::Service`].
#[derive(Debug)]
pub struct Room {
    pub(super) jid: BareJid,
    pub(super) config: RoomConfig,
    /// Created by entering it, and not configured yet: nobody else may enter.
    pub(super) locked: bool,
    /// Somebody has been inside: when it is empty again, a temporary room ends.
    pub(super) visited: bool,
    pub(super) destroyed: bool,
    pub(super) standings: BTreeMap<BareJid, Standing>,
    pub(super) occupants: BTreeMap<Nick, Occupant>,
    /// The nick of each session: the inverse of the occupants' sessions.
    pub(super) sessions: BTreeMap<FullJid, Nick>,
    pub(super) subject: Subject,
    pub(super) history: History,
    pub(super) invitations: Invitations,
    pub(super) registrations: Registrations,
    /// What people are shown to be, beyond affiliation and role (XEP-0317).
    pub(super) hats: BTreeMap<BareJid, Vec<Hat>>,
    /// Something that outlives the occupants changed in this call.
    pub(super) lasting_changed: bool,
    /// The host was told to keep the lasting part, and not yet to forget it.
    pub(super) stored: bool,
    /// Who created the room by entering it.
    pub(super) creator: Option<BareJid>,
}

impl Room {
    pub(super) fn new(jid: BareJid, config: RoomConfig, owner: BareJid, locked: bool, limits: &Limits) -> Room {
        let history = History::new(config.history.min(limits.history), limits.history_bytes);
        let standing = Standing { affiliation: Affiliation::Owner, reserved_nick: None, reason: None };
        Room {
            jid,
            config,
            locked,
            visited: false,
            destroyed: false,
            standings: BTreeMap::from([(owner, standing)]),
            occupants: BTreeMap::new(),
            sessions: BTreeMap::new(),
            subject: Subject::default(),
            history,
            invitations: Invitations::default(),
            registrations: Registrations::default(),
            hats: BTreeMap::new(),
            lasting_changed: true,
            stored: false,
            creator: None,
        }
    }

    /// The address.
    pub fn jid(&self) -> &BareJid {
        &self.jid
    }

    /// The configuration in force.
    pub fn config(&self) -> &RoomConfig {
        &self.config
    }

    /// The subject; empty when there is none.
    pub fn subject(&self) -> &str {
        self.subject.text()
    }

    /// Who is inside, by nick.
    pub fn occupants(&self) -> impl ExactSizeIterator<Item = &Occupant> {
        self.occupants.values()
    }

    /// Who has a nick.
    pub fn occupant(&self, nick: &str) -> Option<&Occupant> {
        self.occupants.values().find(|occupant| occupant.nick.as_str() == nick)
    }

    /// Who a session is in this room.
    pub fn occupant_of(&self, session: &FullJid) -> Option<&Occupant> {
        self.sessions.get(session).and_then(|nick| self.occupants.get(nick))
    }

    /// Whether somebody is inside with any session.
    pub fn has_person(&self, person: &BareJid) -> bool {
        self.occupants.values().any(|occupant| occupant.bare == *person)
    }

    /// What an address is to the room. A banned domain bans its addresses.
    pub fn affiliation_of(&self, person: &BareJid) -> Affiliation {
        if let Some(standing) = self.standings.get(person) {
            return standing.affiliation;
        }
        let domain = BareJid::from_parts(None, person.domain());
        match self.standings.get(&domain) {
            Some(standing) if standing.affiliation == Affiliation::Outcast => Affiliation::Outcast,
            _ => Affiliation::None,
        }
    }

    /// Addresses with a standing of their own.
    pub fn affiliations(&self) -> impl Iterator<Item = (&BareJid, Affiliation)> {
        self.standings.iter().map(|(person, standing)| (person, standing.affiliation))
    }

    /// The address of an occupant.
    pub(super) fn address_of(&self, nick: &Nick) -> FullJid {
        self.jid.with_resource(nick.as_resource())
    }

    /// Whether the room has come to its end.
    pub(super) fn is_abandoned(&self) -> bool {
        self.visited && self.occupants.is_empty() && !self.config.persistent
    }

    /// Sends the same stanza to every session.
    pub(super) fn send_to_all(&self, turn: &mut Turn<'_>, stanza: impl Into<Stanza>) {
        self.share_with_all(turn, &Arc::new(stanza.into()));
    }

    /// Sends a stanza that is kept elsewhere as well to every session.
    pub(super) fn share_with_all(&self, turn: &mut Turn<'_>, stanza: &Arc<Stanza>) {
        turn.outcome.outbound.reserve(self.sessions.len());
        for session in self.sessions.keys() {
            turn.send_shared(session.clone(), stanza);
        }
    }

    /// Sends a stanza to every session of those whom a condition holds for.
    pub(super) fn send_to_those(
        &self,
        turn: &mut Turn<'_>,
        stanza: impl Into<Stanza>,
        who: impl Fn(&Occupant) -> bool,
    ) {
        let stanza = Arc::new(stanza.into());
        for occupant in self.occupants.values().filter(|occupant| who(occupant)) {
            for session in occupant.sessions.keys() {
                turn.send_shared(session.clone(), &stanza);
            }
        }
    }

    /// Whether strangers find the room in the list of the service.
    pub(super) fn is_listed(&self) -> bool {
        self.config.public && !self.locked && !self.destroyed
    }

    /// A message by the room itself.
    pub(super) fn notice(&self, news: MucUser) -> Message {
        let mut message = Message::groupchat(None).with_payload(news);
        message.from = Some(self.jid.clone().into());
        message
    }

    /// Checks what must hold between any two calls.
    ///
    /// # Errors
    /// Says which invariant is broken; that is a fault of this crate, never of a caller.
    pub fn check(&self, limits: &Limits) -> Result<(), String> {
        for (nick, occupant) in &self.occupants {
            self.check_occupant(nick, occupant, limits)?;
        }
        let counted: usize = self.occupants.values().map(|occupant| occupant.sessions.len()).sum();
        require(counted == self.sessions.len(), "a session is of nobody, or of two")?;
        let clash = |a: &Nick| self.occupants.keys().filter(|b| a.clashes_with(b)).count() > 1;
        require(!self.occupants.keys().any(clash), "two nicks look the same")?;
        require(self.occupants.len() <= limits.occupants_per_room, "more occupants than permitted")?;
        require(self.standings.len() <= limits.affiliations_per_room, "more standings than permitted")?;
        require(self.standings.values().all(|s| s.affiliation != Affiliation::None), "a standing says nothing")?;
        let owned = self.standings.values().any(|s| s.affiliation == Affiliation::Owner);
        require(owned, "nobody owns the room")?;
        require(self.registrations.len() <= limits.registrations_per_room, "more registrations than permitted")?;
        require(self.history.len() <= limits.history, "more history than permitted")?;
        require(!self.destroyed || self.occupants.is_empty(), "somebody is in a destroyed room")?;
        require(self.visited || self.occupants.is_empty(), "somebody is in a room that nobody visited")
    }

    fn check_occupant(&self, nick: &Nick, occupant: &Occupant, limits: &Limits) -> Result<(), String> {
        let affiliation = self.affiliation_of(&occupant.bare);
        require(*nick == occupant.nick, "an occupant is under another's nick")?;
        require(nick.as_str().len() <= limits.nick_bytes, "a nick is too long")?;
        require(!occupant.sessions.is_empty(), "an occupant has no session")?;
        require(occupant.sessions.len() <= limits.sessions_per_occupant, "an occupant has too many sessions")?;
        require(occupant.sessions.contains_key(&occupant.shown), "an unknown session is shown")?;
        require(occupant.role != Role::None, "an occupant has no role")?;
        require(affiliation != Affiliation::Outcast, "somebody banned is inside")?;
        require(self.is_welcome(&occupant.bare), "a stranger is in a members-only room")?;
        require(affiliation < Affiliation::Admin || occupant.role == Role::Moderator, "an admin is no moderator")?;
        for session in occupant.sessions.keys() {
            require(session.to_bare() == occupant.bare, "two people share a nick")?;
            require(self.sessions.get(session) == Some(nick), "a session is not found under its nick")?;
        }
        Ok(())
    }
}

fn require(holds: bool, broken: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(broken.to_owned()) }
}
