//! A conference service: the rooms of one domain by address, and the calls of its host. Stanzas come in through
//! `routing.rs`; what a room does is in the files of its features.

use std::collections::{BTreeMap, BTreeSet};

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::message::{Id, Lang, Message};
use xmpp_parsers::presence::{Presence, Show};

use super::admin::Authority;
use super::leave::Removal;
use super::outcome::Turn;
use super::{
    Affiliation, Entry, Leaving, Limits, Moment, Nick, OccupantKey, Outcome, Role, Room, RoomConfig, RoomHappening,
    RoomRefusal, Said, Why, without_illegal_characters,
};
use crate::xep::chat::ChatContent;
use crate::xep::muc_user::Invite;

/// Who may create rooms by entering them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Creation {
    /// Nobody: only the host creates rooms.
    HostOnly,
    /// Everybody who can send a stanza to the service.
    Anyone,
}

/// The rooms of one domain.
#[derive(Debug)]
pub struct Service {
    pub(super) address: BareJid,
    pub(super) title: String,
    pub(super) limits: Limits,
    pub(super) creation: Creation,
    pub(super) key: OccupantKey,
    pub(super) rooms: BTreeMap<BareJid, Room>,
    /// The rooms that each session is in: the inverse of the rooms' sessions.
    present: BTreeMap<FullJid, BTreeSet<BareJid>>,
}

impl Service {
    /// A service without rooms. `address` is its domain, such as `conference.example.org`; `key` makes the occupant ids
    /// and must stay the same.
    pub fn new(address: BareJid, key: OccupantKey, limits: Limits, creation: Creation) -> Service {
        let title = "Rooms".to_owned();
        Service { address, title, limits, creation, key, rooms: BTreeMap::new(), present: BTreeMap::new() }
    }

    /// The domain.
    pub fn address(&self) -> &BareJid {
        &self.address
    }

    /// The limits in force.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The rooms, by address.
    pub fn rooms(&self) -> impl ExactSizeIterator<Item = &Room> {
        self.rooms.values()
    }

    /// A room.
    pub fn room(&self, room: &BareJid) -> Option<&Room> {
        self.rooms.get(room)
    }

    /// The rooms that a session is in.
    pub fn rooms_of<'a>(&'a self, session: &FullJid) -> impl Iterator<Item = &'a BareJid> + use<'a> {
        self.present.get(session).into_iter().flatten()
    }

    /// The host creates a room, open at once. `name` is the part before the `@`.
    ///
    /// # Errors
    /// [`RoomRefusal::RoomExists`], [`RoomRefusal::TooManyRooms`], [`RoomRefusal::BadRoomName`], or what is wrong with
    /// the configuration.
    pub fn create_room(&mut self, name: &str, config: RoomConfig, owner: &BareJid) -> Result<BareJid, RoomRefusal> {
        let jid = BareJid::new(&format!("{name}@{}", self.address)).map_err(|_| RoomRefusal::BadRoomName)?;
        if jid.domain() != self.address.domain() || jid.node().is_none() {
            return Err(RoomRefusal::BadRoomName);
        }
        config.check(&self.limits)?;
        self.check_space(&jid)?;
        let room = Room::new(jid.clone(), config, owner.clone(), false, &self.limits);
        self.rooms.insert(jid.clone(), room);
        Ok(jid)
    }

    pub(super) fn check_space(&self, jid: &BareJid) -> Result<(), RoomRefusal> {
        if self.rooms.contains_key(jid) {
            return Err(RoomRefusal::RoomExists);
        }
        if self.rooms.len() >= self.limits.rooms { Err(RoomRefusal::TooManyRooms) } else { Ok(()) }
    }

    /// Puts back what was said before a restart, oldest first, from the host's records. Nothing is sent.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`]; a message that could not have been said.
    pub fn restore_history(&mut self, room: &BareJid, past: &[Said]) -> Result<(), RoomRefusal> {
        let Service { rooms, limits, .. } = self;
        rooms.get_mut(room).ok_or(RoomRefusal::NoSuchRoom)?.restore_history(limits, past)
    }

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

    /// The host gives somebody a standing, or takes it. Whoever it shuts out is removed.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], [`RoomRefusal::LastOwner`], too many standings, a reason that is too long.
    pub fn set_affiliation(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        person: &BareJid,
        to: Affiliation,
        reason: Option<&str>,
    ) -> Result<Outcome, RoomRefusal> {
        let by = self.host();
        let reason = reason.map(str::to_owned);
        self.with_room(at, room, |room, turn| {
            turn.limits.check_reason(reason.as_ref())?;
            room.keeps_an_owner([(person, to)])?;
            let max = turn.limits.affiliations_per_room;
            if !room.standings.contains_key(person) && room.standings.len() >= max {
                return Err(RoomRefusal::TooMany { what: "affiliations", max });
            }
            room.apply_affiliation(turn, &by, person, to, None, reason);
            Ok(())
        })
    }

    /// The host gives an occupant a role; [`Role::None`] kicks.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], [`RoomRefusal::NoSuchOccupant`], [`RoomRefusal::TooPowerful`] for an admin or owner
    /// who would not be a moderator any more.
    pub fn set_role(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        nick: &str,
        to: Role,
        reason: Option<&str>,
    ) -> Result<Outcome, RoomRefusal> {
        let by = self.host();
        let reason = reason.map(str::to_owned);
        self.with_room(at, room, |room, turn| {
            turn.limits.check_reason(reason.as_ref())?;
            let whose = room.occupant(nick).ok_or(RoomRefusal::NoSuchOccupant)?;
            room.check_role_change(&by, whose, to)?;
            let nick = whose.nick.clone();
            room.apply_role(turn, &by, &nick, to, reason);
            Ok(())
        })
    }

    /// The host invites, in the name of an address such as the workgroup's. Where only members may enter, the invitee
    /// becomes a member.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], [`RoomRefusal::NotPermitted`] for somebody banned, too many standings.
    pub fn invite(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        by: &BareJid,
        to: &Jid,
        reason: Option<&str>,
    ) -> Result<Outcome, RoomRefusal> {
        let by = Authority::host(by.clone().into());
        let invite = Invite { to: Some(to.clone()), reason: reason.map(str::to_owned), ..Invite::default() };
        self.with_room(at, room, |room, turn| room.handle_invitations(turn, &by, vec![invite]))
    }

    /// The host sets the subject.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], a subject that is too long.
    pub fn set_subject(&mut self, at: Moment<'_>, room: &BareJid, subject: &str) -> Result<Outcome, RoomRefusal> {
        let mut message = Message::groupchat(None);
        message.subjects.insert(Lang::new(), without_illegal_characters(subject).into_owned());
        self.with_room(at, room, |room, turn| {
            turn.limits.check_texts("the subject", message.subjects.values(), turn.limits.subject_bytes)?;
            message.from = Some(room.jid.clone().into());
            room.set_subject(turn, None, message);
            Ok(())
        })
    }

    /// The host configures a room, in one call. Whoever it shuts out is removed.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], what is wrong with the configuration.
    pub fn configure(&mut self, at: Moment<'_>, room: &BareJid, config: RoomConfig) -> Result<Outcome, RoomRefusal> {
        self.with_room(at, room, |room, turn| room.configure(turn, config, None))
    }

    /// The host ends a room.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], a reason that is too long.
    pub fn destroy(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        reason: Option<&str>,
        alternate: Option<&BareJid>,
    ) -> Result<Outcome, RoomRefusal> {
        let reason = reason.map(str::to_owned);
        self.with_room(at, room, |room, turn| {
            turn.limits.check_reason(reason.as_ref())?;
            room.destroy(turn, Why::Owner, reason, alternate.cloned());
            Ok(())
        })
    }

    /// The service stops: everybody is told (332) and every room ends.
    pub fn shut_down(&mut self, at: Moment<'_>, reason: Option<&str>) -> Outcome {
        let mut turn = Turn::new(at, &self.limits, &self.key);
        for room in self.rooms.values_mut() {
            room.destroy(&mut turn, Why::ServiceShutdown, reason.map(str::to_owned), None);
        }
        self.rooms.clear();
        self.present.clear();
        turn.outcome
    }

    fn host(&self) -> Authority {
        Authority::host(self.address.clone().into())
    }

    /// Carries out something in a room, and forgets the room if that was its end.
    pub(super) fn with_room(
        &mut self,
        at: Moment<'_>,
        jid: &BareJid,
        act: impl FnOnce(&mut Room, &mut Turn<'_>) -> Result<(), RoomRefusal>,
    ) -> Result<Outcome, RoomRefusal> {
        let room = self.rooms.get_mut(jid).ok_or(RoomRefusal::NoSuchRoom)?;
        let mut turn = Turn::new(at, &self.limits, &self.key);
        act(room, &mut turn)?;
        if room.is_abandoned() && !room.destroyed {
            room.destroy(&mut turn, Why::Empty, None, None);
        }
        debug_assert_eq!(room.check(&self.limits), Ok(()));
        let outcome = turn.outcome;
        if room.destroyed {
            self.rooms.remove(jid);
        }
        self.keep_track(&outcome);
        Ok(outcome)
    }

    pub(super) fn keep_track(&mut self, outcome: &Outcome) {
        for happening in &outcome.happened {
            match happening {
                RoomHappening::Entered { room, real_jid, .. } => {
                    self.present.entry(real_jid.clone()).or_default().insert(room.clone());
                }
                RoomHappening::Left { room, real_jid, .. } => {
                    if let Some(rooms) = self.present.get_mut(real_jid) {
                        rooms.remove(room);
                        if rooms.is_empty() {
                            self.present.remove(real_jid);
                        }
                    }
                }
                _ => {}
            }
        }
    }
}
