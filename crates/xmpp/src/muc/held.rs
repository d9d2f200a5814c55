//! Calls of the host for the sessions that it holds itself: people who are in a room without a stream of their own.
//! They lead to the same as the stanzas would, and are refused with a type instead of an error stanza.

use jid::{BareJid, FullJid};
use xmpp_parsers::message::{Id, Message};
use xmpp_parsers::presence::{Presence, Show};

use super::leave::Removal;
use super::{Entry, Leaving, Moment, Nick, Outcome, RoomRefusal, Service, without_illegal_characters};
use crate::xep::chat::ChatContent;

impl Service {
    /// A session that the host holds enters a room, or changes its nick there.
    ///
    /// # Errors
    /// As at the door: password, ban, membership, nick, space.
    pub fn enter(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        session: &FullJid,
        nick: &str,
        entry: &Entry,
    ) -> Result<Outcome, RoomRefusal> {
        let nick = Nick::new(nick, self.limits.nick_bytes).map_err(RoomRefusal::BadNick)?;
        self.with_room(at, room, |room, turn| match room.sessions.get(session) {
            Some(now) if *now != nick => room.change_nick(turn, session, &nick, Presence::available()),
            _ => room.enter(turn, session, &nick, entry, Presence::available()),
        })
    }

    /// A nick as near as can be to the name that a person gave: what a nick cannot hold is stripped, and a number is put
    /// behind it if others have it. `None` when nothing is left of it or there is no such room; then the host picks a
    /// name such as "Guest".
    pub fn free_nick(&self, room: &BareJid, person: &BareJid, wish: &str) -> Option<Nick> {
        self.rooms.get(room)?.free_nick(person, wish, self.limits.nick_bytes)
    }

    /// A session that the host holds says how available it is.
    ///
    /// # Errors
    /// [`RoomRefusal::NotAnOccupant`], a status that is too long.
    pub fn set_availability(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        session: &FullJid,
        show: Option<Show>,
        status: Option<&str>,
    ) -> Result<Outcome, RoomRefusal> {
        let mut presence = Presence::available();
        presence.show = show;
        if let Some(status) = status {
            presence.set_status("", without_illegal_characters(status));
        }
        self.with_room(at, room, |room, turn| {
            let nick = room.sessions.get(session).cloned().ok_or(RoomRefusal::NotAnOccupant)?;
            room.handle_presence(turn, session, &nick, presence)
        })
    }

    /// A session that the host holds leaves, cleanly or because its connection is lost.
    ///
    /// # Errors
    /// [`RoomRefusal::NotAnOccupant`].
    pub fn leave(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        session: &FullJid,
        lost: bool,
        status: Option<&str>,
    ) -> Result<Outcome, RoomRefusal> {
        let status = status.map(|status| without_illegal_characters(status).into_owned());
        self.with_room(at, room, |room, turn| {
            turn.limits.check_texts("the status", &status, turn.limits.reason_bytes)?;
            room.occupant_of(session).ok_or(RoomRefusal::NotAnOccupant)?;
            let how = if lost { Leaving::Lost } else { Leaving::Clean };
            room.remove_session(turn, session, Removal { status, ..Removal::new(how) });
            Ok(())
        })
    }

    /// A session is gone, from whatever rooms it was in.
    pub fn connection_lost(&mut self, at: Moment<'_>, session: &FullJid) -> Outcome {
        let rooms: Vec<BareJid> = self.rooms_of(session).cloned().collect();
        let mut outcome = Outcome::default();
        for room in rooms {
            if let Ok(next) = self.leave(at, &room, session, true, None) {
                outcome.append(next);
            }
        }
        outcome
    }

    /// A session that the host holds speaks to all: words, typing, a read position, a correction, a link. Characters
    /// that cannot be sent are left out. Without an `id` the message gets the stanza id for one.
    ///
    /// # Errors
    /// [`RoomRefusal::NotAnOccupant`], [`RoomRefusal::NoVoice`], a text that is too long.
    pub fn say(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        session: &FullJid,
        id: Option<&str>,
        mut content: ChatContent,
    ) -> Result<Outcome, RoomRefusal> {
        for text in [&mut content.body, &mut content.oob_desc].into_iter().flatten() {
            *text = without_illegal_characters(text).into_owned();
        }
        let mut message = content.write(Message::groupchat(None));
        message.id = id.map(|id| Id(id.to_owned()));
        self.with_room(at, room, |room, turn| room.handle_groupchat(turn, session, message))
    }
}
