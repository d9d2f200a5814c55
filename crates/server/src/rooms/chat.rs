//! One conversation: a task with a mailbox, so that everything in it happens one after the other. It holds the MUC room, seats
//! the people on the web in it, and hands what happens there to the recorder. Nothing here decides about requests.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::{Arc, Weak};

use desk::command::{Command, Party, Seen};
use desk::event::Ending;
use desk::ids::{AgentId, RequestId, RoomId};
use desk::time::{Span, Time};
use store::archive::{Author, NewFile};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use xmpp::jid::FullJid;
use xmpp::muc::{RoomHappening, RoomRefusal};
use xmpp::xep::chat::ChatContent;
use xmpp::xmpp_parsers::chatstates::ChatState;

use super::conference::ConferenceRoom;
use super::occupant::{Colleague, Seats, agent_address, visitor_address};
use super::recorder::Recent;
use super::{House, Said, SayError};
use crate::directory::Owner;
use crate::stream::Session;

/// Words that may be on their way in one conversation; more are told `Busy`.
const SAYING_MAX: usize = 64;

/// The way to a conversation.
#[derive(Clone)]
pub(super) struct Handle {
    mail: mpsc::UnboundedSender<Mail>,
    places: Arc<Semaphore>,
}

impl Handle {
    /// A place for something to be said, if not too much is on its way.
    pub fn room_for_one(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Posts; a conversation that has ended hears nothing.
    pub fn post(&self, mail: Mail) {
        let _ = self.mail.send(mail);
    }
}

/// The one who asked for something to be said.
pub(super) type Asker<T> = oneshot::Sender<Result<T, SayError>>;

/// Shows somebody a conversation.
pub(crate) type Showing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a conversation hears.
pub(super) enum Mail {
    /// It has this room now, or none.
    Room(Option<RoomId>),
    /// The visitor may enter.
    Invited,
    /// The desk counts the visitor as inside.
    Entered(Time),
    /// Visitor and agent were together before a restart.
    Resumed,
    /// An agent takes part from now on; the session that is still to be shown the conversation.
    AgentEntered(Colleague, Time, Option<Weak<Session>>),
    /// An agent took part already before a restart.
    AgentInside(Colleague),
    /// An agent takes part no longer.
    AgentLeft(AgentId, Time),
    /// The desk lost somebody, or has them back.
    Seen(Author, bool, Time),
    /// A transfer was taken by that agent.
    Transferred(AgentId, Time),
    /// The request has ended, and with it the conversation.
    Ended(Ending, Time),
    /// An agent is shown the conversation as it is now.
    Show { agent: AgentId, work: Showing, done: oneshot::Sender<()> },
    /// Streams of somebody came or went.
    Connected(Author, bool),
    /// Something is said.
    Say(Saying, Asker<Said>),
    /// Something said before is corrected.
    Correct { from: Author, number: u64, text: String, to: Asker<Time> },
    /// Somebody types, or no longer.
    Typing { from: Author, composing: bool },
    /// Somebody has read up to a message.
    Read { from: Author, number: u64, to: Option<Asker<u64>> },
}

/// Something to be said; its text is clean.
pub(super) struct Saying {
    pub from: Author,
    pub client_id: String,
    pub text: String,
    pub file: Option<NewFile>,
}

/// What a conversation begins with.
pub(super) struct Begin {
    pub house: Arc<House>,
    pub request: RequestId,
    /// The workgroup's title.
    pub title: String,
    /// The workgroup's settings for the edges.
    pub edge: String,
    pub idle_close: Span,
}

/// Begins a conversation.
pub(super) fn begin(begin: Begin) -> Handle {
    let (mail, mailbox) = mpsc::unbounded_channel();
    let chat = Chat {
        last_word: begin.house.clock.now(),
        house: begin.house,
        id: begin.request,
        title: begin.title,
        edge: begin.edge,
        idle_close: begin.idle_close,
        room: None,
        seats: Seats::default(),
        colleagues: BTreeMap::new(),
        unshown: BTreeMap::new(),
        titles: BTreeMap::new(),
        invited: false,
        chatting: false,
        lost: BTreeSet::new(),
        visitor_name: String::new(),
        locale: String::new(),
        recent: Recent::default(),
    };
    tokio::spawn(chat.serve(mailbox));
    Handle { mail, places: Arc::new(Semaphore::new(SAYING_MAX)) }
}

/// A conversation.
pub(super) struct Chat {
    pub house: Arc<House>,
    pub id: RequestId,
    title: String,
    pub edge: String,
    idle_close: Span,
    room: Option<(RoomId, ConferenceRoom)>,
    /// Who is inside the MUC room.
    pub seats: Seats,
    /// The agents who take part.
    pub colleagues: BTreeMap<AgentId, Colleague>,
    /// Sessions of agents who came in and are still to be shown the conversation: what is said until then is part of that.
    pub unshown: BTreeMap<AgentId, Weak<Session>>,
    /// What visitors read as the names of all who ever took part.
    pub titles: BTreeMap<AgentId, String>,
    invited: bool,
    chatting: bool,
    /// Whose loss was told in the conversation.
    lost: BTreeSet<Author>,
    visitor_name: String,
    pub locale: String,
    /// When words were said last.
    pub last_word: Time,
    pub recent: Recent,
}

impl Chat {
    async fn serve(mut self, mut mailbox: mpsc::UnboundedReceiver<Mail>) {
        if let Ok(visits) = self.house.store.visits(vec![self.id]).await
            && let Some(visit) = visits.into_iter().next()
        {
            self.visitor_name = visit.name.unwrap_or_default();
            self.locale = visit.locale;
        }
        let clock = self.house.clock.clone();
        loop {
            let idle_at = self.idle_at();
            tokio::select! {
                biased;
                mail = mailbox.recv() => match mail {
                    Some(Mail::Ended(ending, at)) => return self.end(ending, at).await,
                    Some(mail) => self.take(mail).await,
                    None => return,
                },
                () = clock.sleep_until(idle_at) => {
                    // Once; if the desk keeps the chat open all the same, not before as long again.
                    self.last_word = clock.now();
                    self.house.observe(Command::CloseChat { request: self.id, ending: Ending::Idle }).await;
                }
            }
        }
    }

    fn idle_at(&self) -> Time {
        if self.chatting && self.idle_close > Span::ZERO { self.last_word + self.idle_close } else { Time::MAX }
    }

    async fn take(&mut self, mail: Mail) {
        match mail {
            Mail::Room(room) => self.set_room(room),
            Mail::Invited => {
                self.invited = true;
                self.seat_all().await;
            }
            Mail::Entered(at) => {
                self.chatting = true;
                self.last_word = at;
                self.line("entered", Some(Author::Visitor), at).await;
                self.greet(at).await;
            }
            Mail::Resumed => {
                (self.invited, self.chatting) = (true, true);
                self.seat_all().await;
            }
            Mail::AgentEntered(colleague, at, unshown) => {
                let agent = colleague.agent;
                if let Some(session) = unshown.filter(|_| !self.colleagues.contains_key(&agent)) {
                    self.unshown.insert(agent, session);
                }
                self.introduce(colleague);
                self.line("entered", Some(Author::Agent(agent)), at).await;
                self.seat_all().await;
            }
            Mail::AgentInside(colleague) => {
                self.introduce(colleague);
                self.seat_all().await;
            }
            Mail::AgentLeft(agent, at) => {
                self.unseat(Author::Agent(agent), false);
                self.line("left", Some(Author::Agent(agent)), at).await;
                self.colleagues.remove(&agent);
                self.unshown.remove(&agent);
            }
            Mail::Show { agent, work, done } => {
                work.await;
                self.unshown.remove(&agent);
                let _ = done.send(());
            }
            Mail::Seen(who, there, at) => self.note_seen(who, there, at).await,
            Mail::Transferred(by, at) => self.line("transferred", Some(Author::Agent(by)), at).await,
            Mail::Connected(_, true) => self.seat_all().await,
            Mail::Connected(who, false) => {
                let happened = self.unseat(who, true);
                self.record_presence(happened).await;
            }
            Mail::Say(saying, to) => drop(to.send(self.say(saying).await)),
            Mail::Correct { from, number, text, to } => drop(to.send(self.correct(from, number, text).await)),
            Mail::Typing { from, composing } => {
                let state = if composing { ChatState::Composing } else { ChatState::Paused };
                // Who takes no part has nobody to type to.
                if let Ok(happened) = self.speak(from, None, ChatContent::typing(state)) {
                    self.show_typing(from, &happened);
                }
            }
            Mail::Read { from, number, to } => {
                let read = self.read(from, number).await;
                let _ = to.map(|to| to.send(read));
            }
            Mail::Ended(..) => {}
        }
    }

    fn introduce(&mut self, colleague: Colleague) {
        self.titles.insert(colleague.agent, colleague.title.clone());
        self.colleagues.insert(colleague.agent, colleague);
    }

    async fn note_seen(&mut self, who: Author, there: bool, at: Time) {
        // Only a loss in the conversation is worth a line, and only a return from one that was told.
        if !there && self.chatting && self.room.is_some() && self.seats.address_of(who).is_some() {
            self.lost.insert(who);
            self.line("lost", Some(who), at).await;
        }
        if there && self.lost.remove(&who) {
            self.line("returned", Some(who), at).await;
        }
    }

    fn set_room(&mut self, room: Option<RoomId>) {
        if let (Some((now, _)), Some(room)) = (&self.room, room)
            && *now == room
        {
            return;
        }
        self.seats.clear();
        self.room = None;
        (self.invited, self.chatting) = (false, false);
        let Some(room) = room else { return };
        match self.house.conference.open(self.house.clock.now(), &self.title) {
            Ok(opened) => self.room = Some((room, opened)),
            Err(refused) => tracing::error!(chat = self.id.0, %refused, "no MUC room could be made"),
        }
    }

    /// Brings everybody in who takes part, is connected, and is not inside yet.
    async fn seat_all(&mut self) {
        let directory = self.house.directory.clone();
        if self.invited && directory.is_read(Owner::Visit(self.id)) {
            self.bring_in(Author::Visitor).await;
        }
        for agent in self.colleagues.keys().copied().collect::<Vec<_>>() {
            if directory.is_read(Owner::Staff(agent)) {
                self.bring_in(Author::Agent(agent)).await;
            }
        }
    }

    async fn bring_in(&mut self, who: Author) {
        match self.seat(who) {
            Ok(happened) => self.record_presence(happened).await,
            // Between two rooms nobody can be seated.
            Err(SayError::NotOpen) => {}
            Err(error) => tracing::warn!(chat = self.id.0, ?error, "somebody could not enter the room"),
        }
    }

    fn seat(&mut self, who: Author) -> Result<Vec<RoomHappening>, SayError> {
        if self.seats.address_of(who).is_some() {
            return Ok(Vec::new());
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
        let happened = room.enter(self.house.clock.now(), &address, name).map_err(refused)?;
        self.seats.take(who, address);
        Ok(happened)
    }

    fn unseat(&mut self, who: Author, lost: bool) -> Vec<RoomHappening> {
        let Some(address) = self.seats.leave(who) else { return Vec::new() };
        let Some((_, room)) = &self.room else { return Vec::new() };
        let happened = room.leave(self.house.clock.now(), &address, lost).unwrap_or_default();
        // The address is no longer among the seats; what happened is about this one.
        happened.into_iter().filter(|h| is_about(h, &address)).collect()
    }

    /// Tells the desk who was seen entering or leaving.
    async fn record_presence(&self, happened: Vec<RoomHappening>) {
        let Some((room, _)) = self.room else { return };
        for happening in happened {
            let (address, seen) = match &happening {
                RoomHappening::Entered { real_jid, first_session: true, .. } => (real_jid, Seen::Entered),
                RoomHappening::Left { real_jid, last_session: true, how: xmpp::muc::Leaving::Lost, .. } => {
                    (real_jid, Seen::Lost)
                }
                RoomHappening::Left { real_jid, last_session: true, .. } => (real_jid, Seen::LeftClean),
                _ => continue,
            };
            if let Some(who) = self.party(address) {
                self.house.observe(Command::ObserveOccupant { room, who, seen }).await;
            }
        }
    }

    fn party(&self, address: &FullJid) -> Option<Party> {
        let domain = self.house.conference.domain();
        if visitor_address(self.id, domain).as_ref() == Some(address) {
            return Some(Party::Visitor);
        }
        let is_theirs = |c: &&Colleague| agent_address(&c.name, domain).as_ref() == Some(address);
        self.colleagues.values().find(is_theirs).map(|c| Party::Agent(c.agent))
    }

    /// Whether what this author does stays out of the room: a visitor who is not (or no longer) invited into one writes to
    /// whoever comes.
    pub(super) fn is_ahead(&self, from: Author) -> bool {
        from == Author::Visitor && (self.room.is_none() || !self.invited)
    }

    /// Somebody speaks in the room. Who takes part but is not connected at this moment comes in for this word only.
    pub(super) fn speak(
        &mut self,
        from: Author,
        id: Option<&str>,
        content: ChatContent,
    ) -> Result<Vec<RoomHappening>, SayError> {
        let visits = self.seats.address_of(from).is_none();
        self.seat(from)?;
        let said = match (&self.room, self.seats.address_of(from)) {
            (Some((_, room)), Some(address)) => room.say(self.house.clock.now(), address, id, content).map_err(refused),
            _ => Err(SayError::NotOpen),
        };
        if visits {
            self.unseat(from, true);
        }
        said
    }

    async fn end(mut self, ending: Ending, at: Time) {
        let who = match ending {
            Ending::ClosedByVisitor | Ending::VisitorLost | Ending::Departed => Some(Author::Visitor),
            Ending::ClosedByAgent => self.colleagues.keys().next().map(|agent| Author::Agent(*agent)),
            _ => Some(Author::Desk),
        };
        self.line("ended", who, at).await;
    }
}

fn is_about(happening: &RoomHappening, address: &FullJid) -> bool {
    matches!(happening, RoomHappening::Left { real_jid, .. } if real_jid == address)
}

fn refused(refusal: RoomRefusal) -> SayError {
    SayError::Refused(refusal.to_string())
}
