//! The conference service inside the server: `xmpp::muc` with the lock, names and moments that it needs from its host. What
//! happens in a room is recorded in `recorder.rs`; nothing here knows the desk.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use desk::time::Time;
use xmpp::jid::{self, BareJid, FullJid};
use xmpp::muc::{
    Affiliation, Creation, Entry, Limits, Moment, Nick, OccupantKey, Outcome, RoomConfig, RoomHappening, RoomRefusal,
    Service,
};
use xmpp::xep::chat::ChatContent;

use crate::auth;

/// Bytes that a message's words may have in a room: the longest message that the edges take, four bytes a character.
const BODY_BYTES: usize = 64 * 1024;
/// What the recorder is called in every room.
const RECORDER: &str = "Desk";

/// The service with all rooms. Clones share it.
#[derive(Clone)]
pub struct Conference {
    service: Arc<Mutex<Service>>,
    recorder: FullJid,
    domain: String,
}

impl Conference {
    /// A service at `rooms.<domain>`. `key` makes the occupants' ids and stays the same over restarts.
    ///
    /// # Errors
    /// When the domain cannot be part of an address.
    pub fn new(domain: &str, key: [u8; 32]) -> Result<Self, jid::Error> {
        let address = BareJid::new(&format!("rooms.{domain}"))?;
        let recorder = FullJid::new(&format!("recorder@{domain}/desk"))?;
        let limits = Limits { body_bytes: BODY_BYTES, ..Limits::default() };
        let service = Service::new(address, OccupantKey::new(key), limits, Creation::HostOnly);
        Ok(Self { service: Arc::new(Mutex::new(service)), recorder, domain: domain.to_owned() })
    }

    /// The domain of the people.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Rooms at this moment.
    pub fn rooms(&self) -> usize {
        self.lock().rooms().len()
    }

    /// Makes a room of a conversation with an unguessable name (160 random bits). The recorder is inside as its owner.
    ///
    /// # Errors
    /// As the service refuses it; only when there are too many rooms.
    pub fn open(&self, now: Time, title: &str) -> Result<ConferenceRoom, RoomRefusal> {
        let name = auth::random::<20>().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let owner = self.recorder.to_bare();
        let jid = self.lock().create_room(&name, RoomConfig::conversation(title), &owner)?;
        let room = ConferenceRoom { conference: self.clone(), jid };
        room.call(now, |service, at| service.enter(at, &room.jid, &self.recorder, RECORDER, &Entry::default()))?;
        Ok(room)
    }

    fn lock(&self) -> MutexGuard<'_, Service> {
        self.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A room of the service. Dropping it ends the room.
pub struct ConferenceRoom {
    conference: Conference,
    jid: BareJid,
}

impl ConferenceRoom {
    /// Makes somebody a member and brings their session in. If the nick is taken, a number is added.
    ///
    /// # Errors
    /// As the service refuses it.
    pub fn enter(&self, now: Time, session: &FullJid, name: &str) -> Result<Vec<RoomHappening>, RoomRefusal> {
        let member = session.to_bare();
        let mut happened =
            self.call(now, |service, at| service.set_affiliation(at, &self.jid, &member, Affiliation::Member, None))?;
        for attempt in 1..=9 {
            let wanted = if attempt == 1 { name.to_owned() } else { format!("{name} {attempt}") };
            let nick = Nick::tidy(&wanted, 64).map_or_else(|| format!("Guest {attempt}"), |nick| nick.to_string());
            let entry = Entry::default();
            match self.call(now, |service, at| service.enter(at, &self.jid, session, &nick, &entry)) {
                Ok(entered) => {
                    happened.extend(entered);
                    return Ok(happened);
                }
                Err(RoomRefusal::NickTaken | RoomRefusal::NickReserved | RoomRefusal::BadNick(_)) => {}
                Err(refused) => return Err(refused),
            }
        }
        Err(RoomRefusal::NickTaken)
    }

    /// A session leaves, on purpose or because its connection broke.
    ///
    /// # Errors
    /// When it is not inside.
    pub fn leave(&self, now: Time, session: &FullJid, lost: bool) -> Result<Vec<RoomHappening>, RoomRefusal> {
        self.call(now, |service, at| service.leave(at, &self.jid, session, lost, None))
    }

    /// A session speaks, types, corrects or reads.
    ///
    /// # Errors
    /// When it is not inside, or the text is too long.
    pub fn say(
        &self,
        now: Time,
        session: &FullJid,
        id: Option<&str>,
        content: ChatContent,
    ) -> Result<Vec<RoomHappening>, RoomRefusal> {
        self.call(now, |service, at| service.say(at, &self.jid, session, id, content))
    }

    /// What the room says of everybody's addresses is for the network; in-process parties need only what happened.
    fn call(
        &self,
        now: Time,
        act: impl FnOnce(&mut Service, Moment<'_>) -> Result<Outcome, RoomRefusal>,
    ) -> Result<Vec<RoomHappening>, RoomRefusal> {
        let stanza_id = auth::random::<16>().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        act(&mut self.conference.lock(), Moment { now_us: now.0, stanza_id: &stanza_id })
            .map(|outcome| outcome.happened)
    }
}

impl Drop for ConferenceRoom {
    fn drop(&mut self) {
        // A room that is gone already needs no end.
        let _ = self.call(Time::MIN, |service, at| service.destroy(at, &self.jid, None, None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(text: &str) -> FullJid {
        FullJid::new(text).expect("an address")
    }

    #[test]
    fn rooms_are_unguessable_members_only_and_end_when_dropped() {
        let conference = Conference::new("desk.example", [1; 32]).expect("a domain");
        let now = Time::from_secs(1);
        let room = conference.open(now, "Support").expect("space");
        let other = conference.open(now, "Support").expect("space");
        assert_ne!(room.jid, other.jid);
        assert_eq!(room.jid.node().map(|n| n.as_str().len()), Some(40));
        let stranger = session("eve@desk.example/x");
        let refused = conference.lock().enter(
            Moment { now_us: 1, stanza_id: "s" },
            &room.jid,
            &stranger,
            "Eve",
            &Entry::default(),
        );
        assert_eq!(refused.err(), Some(RoomRefusal::MembersOnly));
        drop((room, other));
        assert_eq!(conference.rooms(), 0);
    }

    #[test]
    fn two_of_one_name_meet_and_words_reach_the_recorder() {
        let conference = Conference::new("desk.example", [1; 32]).expect("a domain");
        let now = Time::from_secs(1);
        let room = conference.open(now, "Support").expect("space");
        let (anna, visitor) = (session("anna@desk.example/console"), session("v1@desk.example/web"));
        room.enter(now, &anna, "Anna").expect("a member");
        let happened = room.enter(now, &visitor, "anna").expect("a member");
        assert!(happened.iter().any(|h| matches!(h, RoomHappening::Entered { nick, .. } if nick == "anna 2")));
        let happened = room.say(now, &visitor, Some("c1"), ChatContent::words("hello")).expect("inside");
        assert!(happened.iter().any(|h| matches!(h,
            RoomHappening::Said(said) if said.id == "c1" && said.real_jid == visitor && said.stanza_id.len() == 32)));
        room.leave(now, &visitor, true).expect("inside");
        assert!(room.say(now, &visitor, Some("c2"), ChatContent::words("x")).is_err());
    }
}
