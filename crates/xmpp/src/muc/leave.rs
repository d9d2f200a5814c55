//! Leaving: by oneself, by losing the connection, or by being removed (XEP-0045 §7.14, §8.2, §9.1, §17.3).

use std::sync::Arc;

use jid::FullJid;
use xmpp_parsers::presence::Presence;

use super::outcome::Turn;
use super::view::{ActedBy, News, View};
use super::{Leaving, Nick, Room, RoomHappening};
use crate::xep::muc_user::{Destroyed, status};

/// How and why an occupant goes.
#[derive(Debug, Clone)]
pub(super) struct Removal {
    pub how: Leaving,
    pub status: Option<String>,
    pub reason: Option<String>,
    pub by: Option<ActedBy>,
    pub destroy: Option<Destroyed>,
}

impl Removal {
    pub fn new(how: Leaving) -> Removal {
        Removal { how, status: None, reason: None, by: None, destroy: None }
    }

    fn codes(&self) -> Vec<u16> {
        match self.how {
            Leaving::Clean | Leaving::RoomDestroyed => vec![],
            // Clients that do not know 333 understand 307.
            Leaving::Lost => vec![status::KICKED, status::LOST],
            Leaving::Kicked => vec![status::KICKED],
            Leaving::Banned => vec![status::BANNED],
            Leaving::Removed => vec![status::REMOVED],
            Leaving::MembersOnly => vec![status::MEMBERS_ONLY],
            Leaving::ServiceShutdown => vec![status::SHUTDOWN],
        }
    }

    fn presence(&self) -> Presence {
        let mut presence = Presence::unavailable();
        if let Some(status) = &self.status {
            presence.set_status("", status.clone());
        }
        presence
    }

    fn news<'a>(&self, room: &Room, about: &'a super::Occupant) -> News<'a> {
        let mut news = room.news(about, self.presence());
        news.codes = self.codes();
        news.reason.clone_from(&self.reason);
        news.by.clone_from(&self.by);
        news.destroy.clone_from(&self.destroy);
        news
    }
}

impl Room {
    /// One session goes. The occupant stays while there is another.
    pub(super) fn remove_session(&mut self, turn: &mut Turn<'_>, session: &FullJid, removal: Removal) {
        let Some(nick) = self.sessions.get(session).cloned() else { return };
        let Some(occupant) = self.occupants.get(&nick) else { return };
        if occupant.sessions.len() == 1 {
            return self.remove_occupant(turn, &nick, removal);
        }
        turn.send(session.clone(), self.render(&removal.news(self, occupant), View::Own));
        self.tell_left(turn, &nick, session, &removal, false);
        self.sessions.remove(session);
        let Some(occupant) = self.occupants.get_mut(&nick) else { return };
        occupant.sessions.remove(session);
        let next = occupant.sessions.keys().next().cloned();
        if occupant.shown == *session
            && let Some(next) = next
        {
            occupant.shown = next;
            occupant.touch();
            let occupant = &self.occupants[&nick];
            self.broadcast_state(turn, occupant, None);
        }
    }

    /// An occupant goes with all sessions.
    pub(super) fn remove_occupant(&mut self, turn: &mut Turn<'_>, nick: &Nick, removal: Removal) {
        let Some(occupant) = self.occupants.get(nick) else { return };
        self.broadcast(turn, &removal.news(self, occupant));
        let sessions: Vec<FullJid> = occupant.sessions.keys().cloned().collect();
        for (nth, session) in sessions.iter().enumerate() {
            self.tell_left(turn, nick, session, &removal, nth + 1 == sessions.len());
            self.sessions.remove(session);
        }
        self.occupants.remove(nick);
    }

    /// Everybody goes at once, and is told only of their own going.
    pub(super) fn dismiss_all(&mut self, turn: &mut Turn<'_>, removal: &Removal) {
        for occupant in self.occupants.values() {
            let stanza = Arc::new(self.render(&removal.news(self, occupant), View::Own));
            for (nth, session) in occupant.sessions.keys().enumerate() {
                turn.send_shared(session.clone(), &stanza);
                self.tell_left(turn, &occupant.nick, session, removal, nth + 1 == occupant.sessions.len());
            }
        }
        self.occupants.clear();
        self.sessions.clear();
    }

    fn tell_left(&self, turn: &mut Turn<'_>, nick: &Nick, session: &FullJid, removal: &Removal, last_session: bool) {
        turn.tell(RoomHappening::Left {
            room: self.jid.clone(),
            nick: nick.to_string(),
            real_jid: session.clone(),
            how: removal.how,
            status: removal.status.clone(),
            reason: removal.reason.clone(),
            by: removal.by.as_ref().map(ActedBy::name),
            last_session,
        });
    }
}
