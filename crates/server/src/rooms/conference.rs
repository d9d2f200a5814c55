//! The conference service inside the server: `xmpp::muc` with the lock, names and moments that it needs from its host. What
//! happens in a room is recorded in `recorder.rs`; nothing here knows the desk.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use desk::ids::RequestId;
use desk::time::Time;
use tokio::sync::mpsc;
use xmpp::jid::{self, BareJid, FullJid, Jid};
use xmpp::muc::{
    Affiliation, Creation, Entry, LastingFault, LastingRoom, Limits, Moment, Nick, OccupantKey, Outbound, Outcome,
    RoomConfig, RoomHappening, RoomRefusal, Said, Service,
};
use xmpp::xep::chat::ChatContent;
use xmpp::xmpp_parsers::presence::Type as PresenceType;
use xmpp::xmpp_parsers::stanza::Stanza;
use xmpp::xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use super::network::Network;
use crate::auth;

/// Bytes that a message's words may have in a room: the longest message that the edges take, four bytes a character.
const BODY_BYTES: usize = 64 * 1024;
/// What the recorder is called in every room.
const RECORDER: &str = "Desk";

/// The service with all rooms. Clones share it.
#[derive(Clone)]
pub struct Conference(Arc<Hall>);

struct Hall {
    service: Mutex<Service>,
    recorder: FullJid,
    domain: String,
    /// The rooms of conversations.
    chats: RwLock<HashMap<BareJid, RequestId>>,
    /// Where XMPP clients are; without it everybody is in this process.
    network: OnceLock<Arc<dyn Network>>,
    /// Hears which rooms have something to be stored, or to be forgotten.
    changed: OnceLock<mpsc::UnboundedSender<BareJid>>,
}

impl Conference {
    /// A service at `conference.<domain>`. `key` makes the occupants' ids and stays the same over restarts; `creation` is who
    /// may make rooms beside those of conversations.
    ///
    /// # Errors
    /// When the domain cannot be part of an address.
    pub fn new(domain: &str, key: [u8; 32], creation: Creation) -> Result<Self, jid::Error> {
        let address = BareJid::new(&format!("conference.{domain}"))?;
        let recorder = FullJid::new(&format!("desk@workgroup.{domain}/recorder"))?;
        let limits = Limits { body_bytes: BODY_BYTES, ..Limits::default() };
        let service = Service::new(address, OccupantKey::new(key), limits, creation);
        Ok(Self(Arc::new(Hall {
            service: Mutex::new(service),
            recorder,
            domain: domain.to_owned(),
            chats: RwLock::default(),
            network: OnceLock::new(),
            changed: OnceLock::new(),
        })))
    }

    /// The domain of the people.
    pub fn domain(&self) -> &str {
        &self.0.domain
    }

    /// Rooms at this moment.
    pub fn rooms(&self) -> usize {
        self.lock().rooms().len()
    }

    /// Where XMPP clients are.
    pub fn attach(&self, network: Arc<dyn Network>) {
        let _ = self.0.network.set(network);
    }

    /// Sends what a room says to XMPP clients.
    pub fn send(&self, outbound: &[Outbound]) {
        if let Some(network) = self.0.network.get() {
            let rest = network.send_to_sessions(outbound);
            if !rest.is_empty() {
                network.send_rest(rest);
            }
        }
    }

    /// From now on this hears which rooms have something to be stored, or to be forgotten.
    pub fn tell_lasting(&self, changed: mpsc::UnboundedSender<BareJid>) {
        let _ = self.0.changed.set(changed);
    }

    /// What of a room is to be stored; nothing if it is not persistent, or gone.
    pub fn lasting(&self, room: &BareJid) -> Option<LastingRoom> {
        self.lock().lasting(room)
    }

    /// Puts a persistent room back.
    ///
    /// # Errors
    /// What in its document makes no sense.
    pub fn restore(&self, room: &LastingRoom) -> Result<(), LastingFault> {
        self.lock().restore(room).map(drop)
    }

    /// The conversation whose room this is.
    pub fn chat_of(&self, room: &BareJid) -> Option<RequestId> {
        self.0.chats.read().unwrap_or_else(PoisonError::into_inner).get(room).copied()
    }

    /// The room of a conversation.
    pub fn room_of(&self, chat: RequestId) -> Option<BareJid> {
        let chats = self.0.chats.read().unwrap_or_else(PoisonError::into_inner);
        chats.iter().find(|(_, of)| **of == chat).map(|(room, _)| room.clone())
    }

    /// The rooms that a session is in.
    pub fn rooms_of(&self, session: &FullJid) -> Vec<BareJid> {
        self.lock().rooms_of(session).cloned().collect()
    }

    /// A stanza to the service, or to a room that is no conversation's.
    pub fn handle(&self, now: Time, from: &Jid, stanza: Stanza) {
        if self.would_create(from, &stanza) {
            let text = "Visitors do not make rooms.";
            let error = StanzaError::new(ErrorType::Cancel, DefinedCondition::NotAllowed, "en", text);
            return self.refuse(from, stanza, error);
        }
        self.act_and_send(now, |service, at| service.handle(at, from, stanza));
    }

    /// Whether this is a visitor who enters a room that is not there.
    fn would_create(&self, from: &Jid, stanza: &Stanza) -> bool {
        let Stanza::Presence(presence) = stanza else { return false };
        let is_visitor = from.domain().as_str().strip_prefix("visitors.") == Some(self.0.domain.as_str());
        is_visitor
            && presence.type_ == PresenceType::None
            && presence.to.as_ref().is_some_and(|to| self.lock().room(&to.to_bare()).is_none())
    }

    /// A session in a room that is no conversation's is gone.
    pub fn lost(&self, now: Time, room: &BareJid, session: &FullJid) {
        self.act_and_send(now, |service, at| service.leave(at, room, session, true, None).unwrap_or_default());
    }

    /// Does something in rooms that are no conversations' and sends what they say in the same order as it is done.
    fn act_and_send(&self, now: Time, act: impl FnOnce(&mut Service, Moment<'_>) -> Outcome) {
        let network = self.0.network.get();
        let rest = self.act(now, |service, at| {
            let outcome = act(service, at);
            self.note_lasting(&outcome);
            network.map(|network| network.send_to_sessions(&outcome.outbound)).unwrap_or_default()
        });
        if let Some(network) = network.filter(|_| !rest.is_empty()) {
            network.send_rest(rest);
        }
    }

    fn note_lasting(&self, outcome: &Outcome) {
        let Some(changed) = self.0.changed.get() else { return };
        for happening in &outcome.happened {
            if let RoomHappening::LastingChanged { room } | RoomHappening::Destroyed { room, .. } = happening {
                // Without anybody who stores, the server is stopping.
                let _ = changed.send(room.clone());
            }
        }
    }

    /// Tells the sender that too much is going on where the stanza was to go.
    pub fn refuse_busy(&self, to: &Jid, stanza: Stanza) {
        let text = "Too much is being said in this room at once.";
        let error = StanzaError::new(ErrorType::Wait, DefinedCondition::ResourceConstraint, "en", text);
        self.refuse(to, stanza, error);
    }

    /// Answers a stanza with an error.
    pub fn refuse(&self, to: &Jid, stanza: Stanza, error: StanzaError) {
        if let Some(bounce) = crate::xmpp::bounce::bounce(stanza, error) {
            self.send(&[Outbound { to: to.clone(), stanza: Arc::new(bounce) }]);
        }
    }

    /// Makes a room of a conversation with an unguessable name (160 random bits). The recorder is inside as its owner.
    ///
    /// # Errors
    /// As the service refuses it; only when there are too many rooms.
    pub fn open(&self, now: Time, chat: RequestId, title: &str) -> Result<ConferenceRoom, RoomRefusal> {
        let name = auth::random::<20>().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let recorder = &self.0.recorder;
        let jid = self.lock().create_room(&name, RoomConfig::conversation(title), &recorder.to_bare())?;
        self.0.chats.write().unwrap_or_else(PoisonError::into_inner).insert(jid.clone(), chat);
        let room = ConferenceRoom { conference: self.clone(), jid };
        self.act(now, |service, at| service.enter(at, &room.jid, recorder, RECORDER, &Entry::default()))?;
        Ok(room)
    }

    fn act<T>(&self, now: Time, act: impl FnOnce(&mut Service, Moment<'_>) -> T) -> T {
        let stanza_id = auth::random::<16>().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        act(&mut self.lock(), Moment { now_us: now.0, stanza_id: &stanza_id })
    }

    fn lock(&self) -> MutexGuard<'_, Service> {
        self.0.service.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A room of a conversation. What its calls say to XMPP clients is in their outcome, to be sent by the caller at the right time;
/// dropping it ends the room and tells so.
pub struct ConferenceRoom {
    conference: Conference,
    jid: BareJid,
}

impl ConferenceRoom {
    /// The address.
    pub fn jid(&self) -> &BareJid {
        &self.jid
    }

    /// Somebody may enter from now on.
    ///
    /// # Errors
    /// As the service refuses it.
    pub fn admit(&self, now: Time, person: &BareJid) -> Result<Outcome, RoomRefusal> {
        self.call(now, |service, at| service.set_affiliation(at, &self.jid, person, Affiliation::Member, None))
    }

    /// Somebody may not be inside any longer.
    ///
    /// # Errors
    /// As the service refuses it.
    pub fn dismiss(&self, now: Time, person: &BareJid) -> Result<Outcome, RoomRefusal> {
        self.call(now, |service, at| service.set_affiliation(at, &self.jid, person, Affiliation::None, None))
    }

    /// Makes somebody a member and brings their session in. If the nick is taken, a number is added.
    ///
    /// # Errors
    /// As the service refuses it.
    pub fn enter(&self, now: Time, session: &FullJid, name: &str) -> Result<Outcome, RoomRefusal> {
        let mut happened = self.admit(now, &session.to_bare())?;
        for attempt in 1..=9 {
            let wanted = if attempt == 1 { name.to_owned() } else { format!("{name} {attempt}") };
            let nick = Nick::tidy(&wanted, 64).map_or_else(|| format!("Guest {attempt}"), |nick| nick.to_string());
            let entry = Entry::default();
            match self.call(now, |service, at| service.enter(at, &self.jid, session, &nick, &entry)) {
                Ok(entered) => {
                    happened.append(entered);
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
    pub fn leave(&self, now: Time, session: &FullJid, lost: bool) -> Result<Outcome, RoomRefusal> {
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
    ) -> Result<Outcome, RoomRefusal> {
        self.call(now, |service, at| service.say(at, &self.jid, session, id, content))
    }

    /// Puts into the room's memory what was said in the conversation before it: who enters reads it.
    ///
    /// # Errors
    /// When something of it cannot be said in a room; then nothing is remembered.
    pub fn recall(&self, past: &[Said]) -> Result<(), RoomRefusal> {
        self.conference.lock().restore_history(&self.jid, past)
    }

    /// The desk itself speaks.
    ///
    /// # Errors
    /// When the text is too long.
    pub fn announce(&self, now: Time, text: &str) -> Result<Outcome, RoomRefusal> {
        self.say(now, &self.conference.0.recorder, None, ChatContent::words(text))
    }

    /// A stanza of an XMPP client to the room or an occupant.
    pub fn handle(&self, now: Time, from: &Jid, stanza: Stanza) -> Outcome {
        self.conference.act(now, |service, at| service.handle(at, from, stanza))
    }

    fn call(
        &self,
        now: Time,
        act: impl FnOnce(&mut Service, Moment<'_>) -> Result<Outcome, RoomRefusal>,
    ) -> Result<Outcome, RoomRefusal> {
        self.conference.act(now, act)
    }
}

impl Drop for ConferenceRoom {
    fn drop(&mut self) {
        self.conference.0.chats.write().unwrap_or_else(PoisonError::into_inner).remove(&self.jid);
        // A room that is gone already needs no end.
        if let Ok(outcome) = self.call(Time::MIN, |service, at| service.destroy(at, &self.jid, None, None)) {
            self.conference.send(&outcome.outbound);
        }
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
        let conference = Conference::new("desk.example", [1; 32], Creation::HostOnly).expect("a domain");
        let now = Time::from_secs(1);
        let room = conference.open(now, RequestId(1), "Support").expect("space");
        let other = conference.open(now, RequestId(1), "Support").expect("space");
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
        let conference = Conference::new("desk.example", [1; 32], Creation::HostOnly).expect("a domain");
        let now = Time::from_secs(1);
        let room = conference.open(now, RequestId(1), "Support").expect("space");
        let (anna, visitor) = (session("anna@desk.example/console"), session("v1@desk.example/web"));
        room.enter(now, &anna, "Anna").expect("a member");
        let happened = room.enter(now, &visitor, "anna").expect("a member");
        assert!(happened.happened.iter().any(|h| matches!(h, RoomHappening::Entered { nick, .. } if nick == "anna 2")));
        let happened = room.say(now, &visitor, Some("c1"), ChatContent::words("hello")).expect("inside");
        assert!(happened.happened.iter().any(|h| matches!(h,
            RoomHappening::Said(said) if said.id == "c1" && said.real_jid == visitor && said.stanza_id.len() == 32)));
        room.leave(now, &visitor, true).expect("inside");
        assert!(room.say(now, &visitor, Some("c2"), ChatContent::words("x")).is_err());
    }
}
