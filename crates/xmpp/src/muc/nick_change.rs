//! Nicks in a room: who may have which, and changing it (XEP-0045 §7.2.8, §7.6). What a nick may be is in `nick.rs`.

use jid::{BareJid, FullJid};
use xmpp_parsers::presence::Presence;

use super::outcome::Turn;
use super::room::Standing;
use super::{Nick, Privilege, Room, RoomHappening, RoomRefusal};
use crate::xep::muc_user::status;

impl Room {
    /// Whether a person may have a nick: nobody else has one like it or has it reserved, and where nicks are locked a
    /// reserved one is used.
    pub(super) fn check_nick(&self, person: &BareJid, nick: &Nick) -> Result<(), RoomRefusal> {
        let is_theirs = |o: &super::Occupant| o.nick == *nick && o.bare == *person;
        if self.occupants.values().any(|o| o.nick.clashes_with(nick) && !is_theirs(o)) {
            return Err(RoomRefusal::NickTaken);
        }
        self.check_reservations(person, nick)
    }

    /// A nick as near as can be to what a person wishes for: tidied, and numbered if others have it.
    pub(super) fn free_nick(&self, person: &BareJid, wish: &str, max_bytes: usize) -> Option<Nick> {
        let wished = Nick::tidy(wish, max_bytes)?;
        let tries = self.occupants.len() + self.standings.len() + 2;
        let numbered = (2..=tries).filter_map(|number| {
            let suffix = format!(" {number}");
            let base = Nick::tidy(wished.as_str(), max_bytes.checked_sub(suffix.len())?)?;
            Nick::new(&format!("{base}{suffix}"), max_bytes).ok()
        });
        std::iter::once(wished.clone())
            .chain(numbered)
            .find(|nick| !self.occupants.contains_key(nick) && self.check_nick(person, nick).is_ok())
    }

    /// Keeps a nick for a person with a standing.
    pub(super) fn reserve_nick(&mut self, person: &BareJid, nick: Nick) -> Result<(), RoomRefusal> {
        let reserved_by_other =
            |(owner, standing): (&BareJid, &Standing)| owner != person && standing.reserves_like(&nick);
        if self.occupants.values().any(|o| o.nick.clashes_with(&nick) && o.bare != *person)
            || self.standings.iter().any(reserved_by_other)
        {
            return Err(RoomRefusal::NickTaken);
        }
        let standing = self.standings.get_mut(person).ok_or(RoomRefusal::NotPermitted)?;
        standing.reserved_nick = Some(nick);
        self.lasting_changed = true;
        Ok(())
    }

    fn check_reservations(&self, person: &BareJid, nick: &Nick) -> Result<(), RoomRefusal> {
        for (owner, standing) in &self.standings {
            let Some(reserved) = &standing.reserved_nick else { continue };
            if owner != person && standing.reserves_like(nick) {
                return Err(RoomRefusal::NickTaken);
            }
            if owner == person && self.config.nicks_locked && reserved != nick {
                return Err(RoomRefusal::NickReserved);
            }
        }
        Ok(())
    }

    /// A person takes another nick, with all sessions.
    pub(super) fn change_nick(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        nick: &Nick,
        presence: Presence,
    ) -> Result<(), RoomRefusal> {
        let occupant = self.occupant_of(from).ok_or(RoomRefusal::NotAnOccupant)?;
        if !occupant.role.allows(Privilege::ChangeNick) {
            return Err(RoomRefusal::NotPermitted);
        }
        if self.config.nicks_locked {
            return Err(RoomRefusal::NickReserved);
        }
        if self.occupants.values().any(|o| o.nick != occupant.nick && o.nick.clashes_with(nick)) {
            return Err(RoomRefusal::NickTaken);
        }
        self.check_reservations(&occupant.bare, nick)?;
        let mut gone = self.news(occupant, Presence::unavailable());
        gone.role = occupant.role;
        gone.new_nick = Some(nick);
        gone.codes = vec![status::NEW_NICK];
        self.broadcast(turn, &gone);

        let old = occupant.nick.clone();
        let Some(mut occupant) = self.occupants.remove(&old) else { return Err(RoomRefusal::NotAnOccupant) };
        occupant.nick = nick.clone();
        occupant.sessions.insert(from.clone(), presence);
        occupant.shown = from.clone();
        occupant.touch();
        for session in occupant.sessions.keys() {
            self.sessions.insert(session.clone(), nick.clone());
        }
        self.broadcast_seated(turn, occupant);
        turn.tell(RoomHappening::NickChanged {
            room: self.jid.clone(),
            from: old.to_string(),
            to: nick.to_string(),
            real_jid: from.clone(),
        });
        Ok(())
    }

    fn broadcast_seated(&mut self, turn: &mut Turn<'_>, occupant: super::Occupant) {
        let nick = occupant.nick.clone();
        self.occupants.insert(nick.clone(), occupant);
        let occupant = &self.occupants[&nick];
        self.broadcast_state(turn, occupant, None);
    }
}
