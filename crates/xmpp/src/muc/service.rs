//! A conference service: the rooms of one domain by address. Stanzas come in through `routing.rs`, the host's calls
//! through `held.rs` and `owner.rs`; what a room does is in the files of its features.

use std::collections::{BTreeMap, BTreeSet};

use jid::{BareJid, FullJid};

use super::outcome::Turn;
use super::{Limits, Moment, OccupantKey, Outcome, Room, RoomConfig, RoomHappening, RoomRefusal, Said, Why};

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
    pub(super) present: BTreeMap<FullJid, BTreeSet<BareJid>>,
    /// The rooms that strangers find in the list.
    pub(super) listed: BTreeSet<BareJid>,
    /// How many rooms there are that each person created by entering.
    pub(super) created: BTreeMap<BareJid, usize>,
    /// Presence without the `muc` element enters too.
    pub(super) old_entrance: bool,
}

impl Service {
    /// A service without rooms. `address` is its domain, such as `conference.example.org`; `key` makes the occupant ids
    /// and must stay the same.
    pub fn new(address: BareJid, key: OccupantKey, limits: Limits, creation: Creation) -> Service {
        let title = "Rooms".to_owned();
        let (rooms, present, listed, created) = Default::default();
        Service { address, title, limits, creation, key, rooms, present, listed, created, old_entrance: false }
    }

    /// What the service is called in service discovery.
    pub fn set_title(&mut self, title: impl Into<String>) {
        self.title = title.into();
    }

    /// Whether presence without the `muc` element enters a room, as in the protocol before XEP-0045 (§7.2.1). Off unless
    /// said otherwise: today such presence comes from clients that wrongly believe to be inside, which are better told.
    pub fn set_old_entrance(&mut self, on: bool) {
        self.old_entrance = on;
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
        self.list(&jid, room.is_listed());
        self.rooms.insert(jid.clone(), room);
        Ok(jid)
    }

    /// Lists a room, or does not.
    pub(super) fn list(&mut self, jid: &BareJid, on: bool) {
        if on {
            self.listed.insert(jid.clone());
        } else {
            self.listed.remove(jid);
        }
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

    /// Carries out something in a room, and forgets the room if that was its end.
    pub(super) fn with_room(
        &mut self,
        at: Moment<'_>,
        jid: &BareJid,
        act: impl FnOnce(&mut Room, &mut Turn<'_>) -> Result<(), RoomRefusal>,
    ) -> Result<Outcome, RoomRefusal> {
        let room = self.rooms.get_mut(jid).ok_or(RoomRefusal::NoSuchRoom)?;
        let mut turn = Turn::new(at, &self.limits, &self.key);
        let was_listed = room.is_listed();
        act(room, &mut turn)?;
        if room.is_abandoned() && !room.destroyed {
            room.destroy(&mut turn, Why::Empty, None, None);
        }
        room.tell_lasting(&mut turn);
        debug_assert_eq!(room.check(&self.limits), Ok(()));
        let outcome = turn.outcome;
        let (is_listed, destroyed) = (room.is_listed(), room.destroyed);
        if is_listed != was_listed {
            self.list(jid, is_listed);
        }
        if destroyed {
            self.forget(jid);
        }
        self.keep_track(&outcome);
        Ok(outcome)
    }

    fn forget(&mut self, jid: &BareJid) {
        let Some(creator) = self.rooms.remove(jid).and_then(|room| room.creator) else { return };
        if let Some(count) = self.created.get_mut(&creator) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.created.remove(&creator);
            }
        }
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
