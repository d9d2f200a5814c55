//! Who sits in a conversation's MUC room: people on the web in occupants that the server holds, people with XMPP clients by
//! themselves. Who is seen entering and leaving is told to the desk. What they say is `recorder.rs` and `hearing.rs`.

use std::sync::PoisonError;

use desk::command::{Command, Party, Seen};
use desk::ids::AgentId;
use store::archive::Author;
use xmpp::jid::{BareJid, FullJid};
use xmpp::muc::{Leaving, Outcome, RoomHappening, RoomRefusal};
use xmpp::xep::chat::ChatContent;

use super::SayError;
use super::chat::Chat;
use super::network::Door;
use super::occupant::{agent_address, visitor_address};
use crate::directory::Owner;

impl Chat {
    /// Opens the door to everybody who takes part, and brings those in who are connected on the web and not inside yet.
    pub(super) async fn seat_all(&mut self) {
        if self.room.is_none() {
            return;
        }
        let directory = self.house.directory.clone();
        if self.invited {
            self.open_door(Author::Visitor);
            if directory.is_read(Owner::Visit(self.id)) {
                self.bring_in(Author::Visitor).await;
            }
        }
        for agent in self.colleagues.keys().copied().collect::<Vec<_>>() {
            self.open_door(Author::Agent(agent));
            if directory.is_read(Owner::Staff(agent)) {
                self.bring_in(Author::Agent(agent)).await;
            }
        }
    }

    /// Makes somebody a member of the room, so that their XMPP clients may enter, and tells once that it stands open.
    fn open_door(&mut self, who: Author) {
        let Some((_, room)) = &self.room else { return };
        let person = match who {
            Author::Visitor => self.visitor_client.as_ref().map(|jid| jid.to_bare()),
            Author::Agent(agent) => self.person_of(agent),
            Author::Desk => None,
        };
        let Some(person) = person else { return };
        if self.doors.contains(&who) {
            return;
        }
        match room.admit(self.house.clock.now(), &person) {
            Ok(outcome) => self.house.conference.send(&outcome.outbound),
            Err(refused) => return tracing::warn!(chat = self.id.0, %refused, "somebody could not be admitted"),
        }
        let door = Door { chat: self.id, who, room: room.jid().clone(), title: self.title.clone() };
        self.doors.insert(who);
        let hears = self.house.doors.read().unwrap_or_else(PoisonError::into_inner);
        hears.iter().for_each(|doors| doors.open(door.clone()));
    }

    fn person_of(&self, agent: AgentId) -> Option<BareJid> {
        let name = &self.colleagues.get(&agent)?.name;
        BareJid::new(&format!("{name}@{}", self.house.conference.domain())).ok()
    }

    async fn bring_in(&mut self, who: Author) {
        match self.seat(who) {
            Ok(Some(outcome)) => {
                self.house.conference.send(&outcome.outbound);
                self.note_presence(&outcome.happened).await;
            }
            // Inside already; or between two rooms, where nobody can be seated.
            Ok(None) | Err(SayError::NotOpen) => {}
            Err(error) => tracing::warn!(chat = self.id.0, ?error, "somebody could not enter the room"),
        }
    }

    /// Seats somebody on the web; nothing if they sit there already. Their seat is taken when the outcome is noted.
    fn seat(&mut self, who: Author) -> Result<Option<Outcome>, SayError> {
        if self.seats.held(who).is_some() {
            return Ok(None);
        }
        let Some((_, room)) = &self.room else { return Err(SayError::NotOpen) };
        let domain = self.house.conference.domain();
        let (address, name) = match who {
            Author::Visitor if self.invited => (visitor_address(self.id, domain), &self.visitor_name),
            Author::Agent(agent) => {
                let colleague = self.colleagues.get(&agent).ok_or(SayError::NotInside)?;
                (agent_address(&colleague.name, domain), &colleague.title)
            }
            Author::Visitor | Author::Desk => return Err(SayError::NotInside),
        };
        let address = address.ok_or_else(|| SayError::Refused("this name cannot be part of an address".to_owned()))?;
        room.enter(self.house.clock.now(), &address, name).map(Some).map_err(refused)
    }

    /// Somebody on the web is no longer connected.
    pub(super) async fn unseat(&mut self, who: Author) {
        let Some(address) = self.seats.held(who).cloned() else { return };
        self.lose(&address).await;
    }

    /// An XMPP client is gone without saying so.
    pub(super) async fn client_lost(&mut self, session: &FullJid) {
        if self.seats.has(session) {
            self.lose(session).await;
        }
    }

    async fn lose(&mut self, address: &FullJid) {
        let Some((_, room)) = &self.room else { return };
        if let Ok(outcome) = room.leave(self.house.clock.now(), address, true) {
            self.house.conference.send(&outcome.outbound);
            self.note_presence(&outcome.happened).await;
        }
    }

    /// An agent takes part no longer: out with them. The desk knows it already.
    pub(super) fn dismiss(&mut self, agent: AgentId) {
        let who = Author::Agent(agent);
        self.doors.remove(&who);
        let (Some((_, room)), Some(person)) = (&self.room, self.person_of(agent)) else { return };
        if let Ok(outcome) = room.dismiss(self.house.clock.now(), &person) {
            self.house.conference.send(&outcome.outbound);
            for happening in &outcome.happened {
                if let RoomHappening::Left { real_jid, .. } = happening {
                    self.seats.rise(real_jid);
                }
            }
        }
    }

    /// Keeps track of who is inside, and tells the desk of the first address of somebody that entered and of the last that
    /// left.
    pub(super) async fn note_presence(&mut self, happened: &[RoomHappening]) {
        let Some((room, _)) = self.room else { return };
        for happening in happened {
            let seen = match happening {
                RoomHappening::Entered { real_jid, .. } => self.sit_down(real_jid).map(|who| (who, Seen::Entered)),
                RoomHappening::Left { real_jid, how, .. } => {
                    let seen = if *how == Leaving::Lost { Seen::Lost } else { Seen::LeftClean };
                    self.seats.rise(real_jid).filter(|who| !self.seats.is_inside(*who)).map(|who| (who, seen))
                }
                _ => None,
            };
            let (who, seen) = match seen {
                Some((Author::Visitor, seen)) => (Party::Visitor, seen),
                Some((Author::Agent(agent), seen)) => (Party::Agent(agent), seen),
                Some((Author::Desk, _)) | None => continue,
            };
            self.house.observe(Command::ObserveOccupant { room, who, seen }).await;
        }
    }

    /// Gives who it is, if they were not inside before.
    fn sit_down(&mut self, address: &FullJid) -> Option<Author> {
        let who = self.author_of(address)?;
        let first = !self.seats.is_inside(who);
        let domain = self.house.conference.domain();
        let held = match who {
            Author::Visitor => visitor_address(self.id, domain).as_ref() == Some(address),
            _ => address.resource().as_str() == super::occupant::CONSOLE,
        };
        if held {
            self.seats.hold(who, address.clone());
        } else {
            self.seats.seat(who, address.clone());
        }
        first.then_some(who)
    }

    /// Whether what this author does stays out of the room: a visitor who is not (or no longer) invited into one writes to
    /// whoever comes.
    pub(super) fn is_ahead(&self, from: Author) -> bool {
        from == Author::Visitor && (self.room.is_none() || !self.invited)
    }

    /// Whose address it is.
    pub(super) fn author_of(&self, address: &FullJid) -> Option<Author> {
        let domain = self.house.conference.domain();
        let person = address.to_bare();
        if visitor_address(self.id, domain).as_ref() == Some(address)
            || self.visitor_client.as_ref().is_some_and(|jid| jid.to_bare() == person)
        {
            return Some(Author::Visitor);
        }
        let agent = self.colleagues.keys().find(|agent| self.person_of(**agent).as_ref() == Some(&person))?;
        Some(Author::Agent(*agent))
    }

    /// Somebody on the web speaks in the room. Who takes part but is not connected at this moment comes in for this word only.
    /// What the room says of it to XMPP clients is for the caller to send.
    pub(super) fn speak(&mut self, from: Author, id: Option<&str>, content: ChatContent) -> Result<Outcome, SayError> {
        let entered = self.seat(from)?;
        let domain = self.house.conference.domain();
        let address = match from {
            Author::Visitor => visitor_address(self.id, domain),
            Author::Agent(agent) => self.colleagues.get(&agent).and_then(|c| agent_address(&c.name, domain)),
            Author::Desk => None,
        };
        let (Some((_, room)), Some(address)) = (&self.room, address) else { return Err(SayError::NotOpen) };
        let now = self.house.clock.now();
        let said = room.say(now, &address, id, content).map_err(refused);
        let Some(entered) = entered else { return said };
        let left = room.leave(now, &address, true).map_err(refused);
        let mut said = said?;
        said.outbound.splice(0..0, entered.outbound);
        said.outbound.extend(left?.outbound);
        Ok(said)
    }
}

pub(super) fn refused(refusal: RoomRefusal) -> SayError {
    SayError::Refused(refusal.to_string())
}
