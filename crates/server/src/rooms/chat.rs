//! One conversation: a task with a mailbox, so that everything in it happens one after the other. Who sits in its MUC room is
//! `seating.rs`, what is kept and shown of it `recorder.rs`. Nothing here decides about requests.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::{Arc, Weak};

use desk::command::Command;
use desk::event::Ending;
use desk::ids::{AgentId, RequestId, RoomId};
use desk::time::{Span, Time};
use store::archive::{Author, NewFile};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use xmpp::jid::{FullJid, Jid};
use xmpp::xep::chat::ChatContent;
use xmpp::xmpp_parsers::chatstates::ChatState;
use xmpp::xmpp_parsers::stanza::Stanza;

use super::conference::ConferenceRoom;
use super::occupant::{Colleague, Seats};
use super::recorder::Recent;
use super::{House, Said, SayError};
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
    /// An XMPP client says something to the room or to an occupant.
    Stanza { from: Jid, stanza: Box<Stanza>, permit: OwnedSemaphorePermit },
    /// An XMPP client is gone.
    SessionEnded(FullJid),
    /// The visitor comes with an XMPP client.
    VisitorIs(Jid),
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
        visitor_client: begin.house.visitor_client(begin.request),
        house: begin.house,
        id: begin.request,
        title: begin.title,
        edge: begin.edge,
        idle_close: begin.idle_close,
        room: None,
        seats: Seats::default(),
        doors: BTreeSet::new(),
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
    pub title: String,
    pub edge: String,
    idle_close: Span,
    pub room: Option<(RoomId, ConferenceRoom)>,
    /// The address of a visitor who comes with an XMPP client.
    pub visitor_client: Option<Jid>,
    /// Who is inside the MUC room.
    pub seats: Seats,
    /// For whom the room was said to stand open.
    pub doors: BTreeSet<Author>,
    /// The agents who take part.
    pub colleagues: BTreeMap<AgentId, Colleague>,
    /// Sessions of agents who came in and are still to be shown the conversation: what is said until then is part of that.
    pub unshown: BTreeMap<AgentId, Weak<Session>>,
    /// What visitors read as the names of all who ever took part.
    pub titles: BTreeMap<AgentId, String>,
    pub invited: bool,
    chatting: bool,
    /// Whose loss was told in the conversation.
    lost: BTreeSet<Author>,
    pub visitor_name: String,
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
            Mail::Room(room) => self.set_room(room).await,
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
                self.dismiss(agent);
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
            Mail::Connected(who, false) => self.unseat(who).await,
            Mail::Say(saying, to) => drop(to.send(self.say(saying).await)),
            Mail::Correct { from, number, text, to } => drop(to.send(self.correct(from, number, text).await)),
            Mail::Typing { from, composing } => {
                let state = if composing { ChatState::Composing } else { ChatState::Paused };
                // Who takes no part has nobody to type to.
                if let Ok(outcome) = self.speak(from, None, ChatContent::typing(state)) {
                    self.house.conference.send(&outcome.outbound);
                    self.show_typing(from, &outcome.happened);
                }
            }
            Mail::Read { from, number, to } => {
                let read = self.read(from, number).await;
                let _ = to.map(|to| to.send(read));
            }
            Mail::Stanza { from, stanza, permit } => {
                self.hear(from, *stanza).await;
                drop(permit);
            }
            Mail::SessionEnded(session) => self.client_lost(&session).await,
            Mail::VisitorIs(address) => {
                self.visitor_client = Some(address);
                self.seat_all().await;
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
        if !there && self.chatting && self.room.is_some() && self.seats.is_inside(who) {
            self.lost.insert(who);
            self.line("lost", Some(who), at).await;
        }
        if there && self.lost.remove(&who) {
            self.line("returned", Some(who), at).await;
        }
    }

    async fn set_room(&mut self, room: Option<RoomId>) {
        if let (Some((now, _)), Some(room)) = (&self.room, room)
            && *now == room
        {
            return;
        }
        self.seats.clear();
        self.doors.clear();
        self.room = None;
        (self.invited, self.chatting) = (false, false);
        let Some(room) = room else { return };
        match self.house.conference.open(self.house.clock.now(), self.id, &self.title) {
            Ok(opened) => self.room = Some((room, opened)),
            Err(refused) => tracing::error!(chat = self.id.0, %refused, "no MUC room could be made"),
        }
        self.recall().await;
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
