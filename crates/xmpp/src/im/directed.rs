//! Presence to one address (RFC 6121 §4.6), and its automatic end: whoever got it is told when the session goes. Rooms
//! and workgroups rely on that.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::stanza::Stanza;

use super::audience::Viewer;
use super::outcome::Turn;
use super::refusal::Refusal;
use super::settings::Place;
use super::{House, Session};

impl House {
    /// Presence, or its end, from a session to one address.
    pub(super) fn direct(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        to: Jid,
        mut presence: Presence,
    ) -> Result<(), Refusal> {
        presence.from = Some(from.clone().into());
        let place = self.settings.place_of(&to);
        // A service knows one presence of a session, whichever resource it was sent to: a room's occupant.
        let key = match place {
            Place::Service(_) => Jid::from(to.to_bare()),
            Place::Account(_) | Place::Visitor(_) => to.clone(),
            Place::Server => return Ok(()),
            Place::Elsewhere => return Err(Refusal::Elsewhere),
        };
        let comes = presence.type_ == Type::None;
        if self.blocks(&from.to_bare(), &to) {
            // Who is blocked was told of the end when it began.
            return if comes { Err(Refusal::Blocked) } else { Ok(()) };
        }
        if comes && self.is_apart(&from.clone().into(), &to) {
            return Err(Refusal::Unavailable);
        }
        let (most, most_bytes) = (self.settings.limits.directed_per_session, self.settings.limits.directed_bytes);
        let Some(session) = self.session_mut(from) else { return Ok(()) };
        if comes {
            let others = session.directed.iter().filter(|(other, _)| **other != key);
            let bytes: usize = others.clone().map(|(_, to)| to.as_str().len()).sum();
            if others.count() >= most || bytes + to.as_str().len() > most_bytes {
                return Err(Refusal::TooMuch("This session has sent presence to too many addresses."));
            }
            session.directed.insert(key, to.clone());
        } else if presence.type_ == Type::Unavailable {
            session.directed.remove(&key);
        }
        if let Place::Service(_) = place {
            turn.send_service(to, &Arc::new(presence.into()));
            return Ok(());
        }
        self.pass_presence(turn, &to, &from.clone().into(), &Arc::new(presence.into()));
        Ok(())
    }

    /// Presence to an account's or visitor's address reaches the session that it names, or all available ones; nobody,
    /// if there is none or the sender is blocked.
    pub(super) fn pass_presence(&self, turn: &mut Turn<'_>, to: &Jid, from: &Jid, presence: &Arc<Stanza>) {
        let owner = to.to_bare();
        if self.blocks(&owner, from) || self.is_apart(from, to) {
            return;
        }
        match to.try_as_full() {
            Ok(full) if self.session(full).is_some() => turn.send(full, presence),
            Ok(_) => {}
            Err(_) => {
                for session in self.sessions_where(&owner, Session::is_available) {
                    turn.send(&session, presence);
                }
            }
        }
    }

    /// Tells who got presence directly that the session is gone, unless they were told by subscription.
    pub(super) fn end_direct(&self, turn: &mut Turn<'_>, who: &FullJid, to: &Jid, gone: &Arc<Stanza>, told: &[Viewer]) {
        if let Place::Service(_) = self.settings.place_of(to) {
            let knows = to.try_as_full().is_err() && told.contains(&Viewer::Service(to.to_bare()));
            if !knows {
                turn.send_service(to.clone(), gone);
            }
            return;
        }
        let owner = to.to_bare();
        if self.blocks(&owner, &who.clone().into()) {
            return;
        }
        let sessions = match to.try_as_full() {
            Ok(full) => Vec::from_iter(self.session(full).map(|_| full.clone())),
            Err(_) => self.sessions_where(&owner, Session::is_available),
        };
        for session in sessions.iter().filter(|session| !told.contains(&Viewer::Session((*session).clone()))) {
            turn.send(session, gone);
        }
    }

    /// Ends directed presence between an account and whom it blocks from now on, in both directions.
    pub(super) fn end_direct_to_blocked(&mut self, turn: &mut Turn<'_>, account: &BareJid) {
        let mut ended: Vec<(FullJid, Jid)> = Vec::new();
        for (owner, sessions) in &self.sessions {
            for (resource, session) in sessions.iter().filter(|(_, session)| !session.directed.is_empty()) {
                let who = owner.with_resource(resource);
                let is_over = |to: &&Jid| {
                    if owner == account {
                        self.blocks(account, to)
                    } else {
                        to.to_bare() == *account && self.blocks(account, &who.clone().into())
                    }
                };
                ended.extend(session.directed.values().filter(is_over).map(|to| (who.clone(), to.clone())));
            }
        }
        for (who, to) in ended {
            if let Some(session) = self.session_mut(&who) {
                session.directed.retain(|_, sent_to| *sent_to != to);
            }
            let gone = Arc::new(Stanza::from(Presence::unavailable().with_from(who.clone())));
            match (to.try_as_full(), self.settings.place_of(&to)) {
                (_, Place::Service(_)) => turn.send_service(to.clone(), &gone),
                (Ok(full), _) if self.session(full).is_some() => turn.send(full, &gone),
                (Ok(_), _) => {}
                (Err(bare), _) => {
                    for session in self.sessions_where(bare, Session::is_available) {
                        turn.send(&session, &gone);
                    }
                }
            }
        }
    }
}
