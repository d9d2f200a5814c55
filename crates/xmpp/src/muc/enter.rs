//! Entering a room: the checks at the door and what the newcomer and the others are told (XEP-0045 §7.2).

use jid::{BareJid, FullJid};
use xmpp_parsers::muc::Muc;
use xmpp_parsers::ns;
use xmpp_parsers::presence::Presence;

use super::history::HistoryWish;
use super::outcome::Turn;
use super::view::View;
use super::{Affiliation, Nick, Occupant, Role, Room, RoomHappening, RoomRefusal, Whois};
use crate::xep::muc_user::status;

/// What somebody who enters brings along.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// The password of the room.
    pub password: Option<String>,
    /// How much history is wanted.
    pub history: HistoryWish,
}

impl Entry {
    /// Reads the `muc` element of a presence; `None` when it has none.
    pub(super) fn read(presence: &Presence) -> Result<Option<Entry>, RoomRefusal> {
        let Some(element) = presence.payloads.iter().find(|payload| payload.is("x", ns::MUC)) else { return Ok(None) };
        let muc =
            Muc::try_from(element.clone()).map_err(|_| RoomRefusal::BadRequest("The muc element is malformed."))?;
        Ok(Some(Entry { password: muc.password, history: HistoryWish::read(muc.history.as_ref()) }))
    }
}

impl Room {
    /// Somebody enters, or an occupant's further session does. A session that is inside under the same nick is told
    /// everything again, as it may have lost it.
    pub(super) fn enter(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        nick: &Nick,
        entry: &Entry,
        presence: Presence,
    ) -> Result<(), RoomRefusal> {
        self.check_entry(turn, from, nick, entry)?;
        let known = self.sessions.contains_key(from);
        let first_session = !self.occupants.contains_key(nick);
        self.seat(turn, from, nick, presence);
        let occupant = &self.occupants[nick];
        let view = self.view_of(occupant.role);
        turn.outcome.outbound.reserve(self.occupants.len() + self.sessions.len() + self.history.len());
        for other in self.occupants.values().filter(|other| other.nick != *nick && self.shows(other.role)) {
            turn.send_shared(from.clone(), &self.state(other, view));
        }
        if !known {
            self.broadcast_state(turn, occupant, Some(from));
        }
        let mut news = self.news(occupant, occupant.presence());
        news.codes = self.codes_on_entering();
        turn.send(from.clone(), self.render(&news, View::Own));
        self.send_history(turn, from, &entry.history);
        self.send_subject(turn, from);
        if first_session {
            self.put_registrations_to(turn, occupant);
        }
        if !known {
            turn.tell(RoomHappening::Entered {
                room: self.jid.clone(),
                nick: nick.to_string(),
                real_jid: from.clone(),
                occupant_id: occupant.occupant_id.clone(),
                affiliation: self.affiliation_of(&occupant.bare),
                role: occupant.role,
                first_session,
            });
        }
        Ok(())
    }

    /// The checks at the door, in the order of XEP-0045 §7.2.
    fn check_entry(&self, turn: &Turn<'_>, from: &FullJid, nick: &Nick, entry: &Entry) -> Result<(), RoomRefusal> {
        let person = from.to_bare();
        let affiliation = self.affiliation_of(&person);
        if affiliation == Affiliation::Outcast {
            return Err(RoomRefusal::Banned);
        }
        if self.sessions.contains_key(from) {
            return Ok(());
        }
        if self.locked && affiliation < Affiliation::Owner {
            return Err(RoomRefusal::NoSuchRoom);
        }
        self.check_membership(&person)?;
        self.check_password(entry.password.as_deref())?;
        self.check_nick(&person, nick)?;
        if let Some(occupant) = self.occupants.get(nick) {
            let full = occupant.sessions.len() >= turn.limits.sessions_per_occupant;
            return if full { Err(RoomRefusal::TooManySessions) } else { Ok(()) };
        }
        let nicks = self.occupants.values().filter(|occupant| occupant.bare == person).count();
        if nicks >= turn.limits.nicks_per_person {
            return Err(RoomRefusal::TooManySessions);
        }
        let configured = self.config.max_occupants.filter(|_| affiliation < Affiliation::Admin);
        let most = configured.unwrap_or(usize::MAX).min(turn.limits.occupants_per_room);
        if self.occupants.len() >= most { Err(RoomRefusal::RoomFull) } else { Ok(()) }
    }

    /// The role that a person has on entering.
    pub(super) fn entry_role(&self, person: &BareJid) -> Role {
        self.affiliation_of(person).role_on_entering(self.config.moderated)
    }

    fn codes_on_entering(&self) -> Vec<u16> {
        let mut codes = Vec::new();
        if self.config.whois == Whois::Anyone {
            codes.push(status::NON_ANONYMOUS);
        }
        if self.config.public_log {
            codes.push(status::LOGGED);
        }
        if self.locked {
            codes.push(status::CREATED);
        }
        codes
    }

    fn seat(&mut self, turn: &Turn<'_>, from: &FullJid, nick: &Nick, presence: Presence) {
        let bare = from.to_bare();
        let role = self.entry_role(&bare);
        let occupant = self.occupants.entry(nick.clone()).or_insert_with(|| Occupant {
            nick: nick.clone(),
            role,
            occupant_id: turn.key.occupant_id(&self.jid, &bare),
            bare,
            sessions: Default::default(),
            shown: from.clone(),
            rendered: Default::default(),
            spent: Default::default(),
        });
        occupant.sessions.insert(from.clone(), presence);
        occupant.shown = from.clone();
        occupant.touch();
        self.sessions.insert(from.clone(), nick.clone());
        self.visited = true;
    }
}
