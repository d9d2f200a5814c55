//! Conversations: begun when a visitor first writes or a request gets a room, and held until the request ends. This file is
//! the way in; what happens inside a
//! conversation is `chat.rs`, how words are kept and shown `recorder.rs`. Nothing here decides about requests.

mod chat;
pub mod conference;
mod edge;
pub mod files;
mod hearing;
mod lasting;
pub mod message;
pub mod network;
pub mod occupant;
mod recorder;
mod seating;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use desk::State;
use desk::command::Command;
use desk::ids::{AgentId, RequestId};
use desk::time::{Span, Time};
use store::archive::{Author, NewFile};
use store::{Backend, StoreError};
use tokio::sync::oneshot;
use xmpp::jid::Jid;
use xmpp::muc::Creation;

use crate::auth::Auth;
use crate::clock::Clock;
use crate::directory::{Directory, Owner};
use crate::run_loop::Desk;
use crate::text::Unfit;

pub(crate) use chat::Showing;
use chat::{Handle, Mail, Saying};
use conference::Conference;
pub use edge::RoomsEdge;
use files::{Files, FilesOptions};
use network::Doors;

/// How long a message may be corrected.
pub const CORRECTION_LIFE: Span = Span::secs(600);

/// The conversations. Clones share them.
#[derive(Clone)]
pub struct Rooms(Arc<House>);

/// What all conversations share.
pub(crate) struct House {
    store: Arc<dyn Backend>,
    directory: Directory,
    clock: Clock,
    auth: Auth,
    conference: Conference,
    /// The address that people's browsers use, before links.
    public_url: String,
    desk: OnceLock<Desk>,
    /// Hears which rooms stand open.
    doors: RwLock<Vec<Arc<dyn Doors>>>,
    /// Visitors who come with XMPP clients.
    visitor_clients: RwLock<HashMap<RequestId, Jid>>,
    message_max: usize,
    files: Files,
    chats: RwLock<HashMap<RequestId, Handle>>,
    /// Hears of requests whose visitors wrote while nobody takes part yet.
    written: OnceLock<Written>,
    /// The chats that an agent takes part in.
    of_agent: RwLock<HashMap<AgentId, BTreeSet<RequestId>>>,
}

/// Hears that the visitor of a request wrote before anybody takes part.
pub type Written = Box<dyn Fn(RequestId) + Send + Sync>;

/// Who speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Speaker {
    /// The chat's visitor.
    Visitor,
    /// An agent.
    Agent(AgentId),
}

impl From<Speaker> for Author {
    fn from(speaker: Speaker) -> Self {
        match speaker {
            Speaker::Visitor => Self::Visitor,
            Speaker::Agent(agent) => Self::Agent(agent),
        }
    }
}

/// A message that is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said {
    /// Its number in the chat.
    pub number: u64,
    /// When; for a repeated message the time of the first.
    pub at: Time,
    /// The same message was stored before; nothing was stored or sent now.
    pub duplicate: bool,
}

/// Why nothing was said.
#[derive(Clone, PartialEq, Debug)]
pub enum SayError {
    /// There is no conversation now: it has ended, or nobody is in it yet to hear an agent.
    NotOpen,
    /// The speaker takes no part in it.
    NotInside,
    /// There is no such message of this speaker.
    NoSuchMessage,
    /// The time for correcting has passed.
    TooLate,
    /// The text cannot be taken.
    Unfit(Unfit),
    /// The client's id is not 1 to 64 characters of letters, digits, `-`, `_`, `.` and `:`.
    BadId,
    /// The conversation has as many files as it may.
    TooManyFiles,
    /// Too much is being said in this conversation at once.
    Busy,
    /// It could not be stored.
    Store(StoreError),
    /// The room refused it.
    Refused(String),
}

/// Settings of the conversations.
#[derive(Clone, Debug)]
pub struct RoomsOptions {
    /// The XMPP domain.
    pub domain: String,
    /// The address that people's browsers use.
    pub public_url: String,
    /// Who may make rooms beside those of conversations.
    pub creation: Creation,
    /// Key of the occupants' ids.
    pub occupant_key: [u8; 32],
    /// Longest message in characters.
    pub message_max: usize,
    /// How files are kept.
    pub files: FilesOptions,
}

impl Rooms {
    /// No conversations yet. They come with `edge`, and begin to speak to the desk with `serve`.
    ///
    /// # Errors
    /// When the domain cannot be part of an address.
    pub fn new(
        store: Arc<dyn Backend>,
        directory: Directory,
        clock: Clock,
        auth: Auth,
        options: RoomsOptions,
    ) -> Result<Self, String> {
        let conference = Conference::new(&options.domain, options.occupant_key, options.creation)
            .map_err(|error| format!("domain {:?}: {error}", options.domain))?;
        Ok(Self(Arc::new(House {
            store,
            directory,
            clock,
            auth,
            conference,
            public_url: options.public_url,
            desk: OnceLock::new(),
            doors: RwLock::default(),
            visitor_clients: RwLock::default(),
            message_max: options.message_max,
            files: Files::new(options.files),
            chats: RwLock::default(),
            written: OnceLock::new(),
            of_agent: RwLock::default(),
        })))
    }

    /// The edge that hears from the loop which conversations there are.
    pub fn edge(&self) -> RoomsEdge {
        RoomsEdge::new(Arc::clone(&self.0))
    }

    /// The files that people sent.
    pub fn files(&self) -> &Files {
        &self.0.files
    }

    /// From now on what is seen in the rooms is told to this desk.
    pub fn serve(&self, desk: Desk) {
        // A second desk would be a fault of the start-up and changes nothing.
        let _ = self.0.desk.set(desk);
    }

    /// From now on this hears of what visitors write before anybody takes part.
    pub fn tell_written(&self, to: Written) {
        // A second hearer would be a fault of the start-up and changes nothing.
        let _ = self.0.written.set(to);
    }

    /// Somebody says something. Resolves when it is stored and shown. A visitor need not be in a room for it.
    ///
    /// # Errors
    /// Then nothing was stored.
    pub async fn say(&self, chat: RequestId, from: Speaker, client_id: String, text: &str) -> Result<Said, SayError> {
        check_client_id(&client_id)?;
        let text = crate::text::message(text, self.0.message_max).map_err(SayError::Unfit)?;
        self.begin_for(chat, from).await;
        self.ask(chat, |to| Mail::Say(Saying { from: from.into(), client_id, text, file: None }, to)).await
    }

    /// Somebody hands over a file that was received, looked at and stored in the files directory.
    ///
    /// # Errors
    /// Then nothing was stored; deleting the file is the caller's.
    pub async fn send_file(
        &self,
        chat: RequestId,
        from: Speaker,
        client_id: String,
        file: NewFile,
    ) -> Result<Said, SayError> {
        check_client_id(&client_id)?;
        let text = file.name.clone();
        self.begin_for(chat, from).await;
        self.ask(chat, |to| Mail::Say(Saying { from: from.into(), client_id, text, file: Some(file) }, to)).await
    }

    /// Somebody corrects what they said less than ten minutes ago. Gives the time of the correction.
    ///
    /// # Errors
    /// Then nothing was changed.
    pub async fn correct(&self, chat: RequestId, from: Speaker, number: u64, text: &str) -> Result<Time, SayError> {
        let text = crate::text::message(text, self.0.message_max).map_err(SayError::Unfit)?;
        self.begin_for(chat, from).await;
        self.ask(chat, |to| Mail::Correct { from: from.into(), number, text, to }).await
    }

    /// Somebody types, or no longer. Not stored, and dropped when much is going on.
    pub fn typing(&self, chat: RequestId, from: Speaker, composing: bool) {
        self.tell(chat, Mail::Typing { from: from.into(), composing });
    }

    /// Somebody has read up to a message; never backwards. Gives what holds now.
    ///
    /// # Errors
    /// Then nothing was stored.
    pub async fn read(&self, chat: RequestId, from: Speaker, number: u64) -> Result<u64, SayError> {
        self.begin_for(chat, from).await;
        self.ask(chat, |to| Mail::Read { from: from.into(), number, to: Some(to) }).await
    }

    /// As `read`, for who does not wait for an answer.
    pub fn read_unanswered(&self, chat: RequestId, from: Speaker, number: u64) {
        self.tell(chat, Mail::Read { from: from.into(), number, to: None });
    }

    /// Streams of somebody came or went; told by `presence.rs`.
    pub fn connected(&self, owner: Owner, there: bool) {
        match owner {
            Owner::Visit(request) => self.tell(request, Mail::Connected(Author::Visitor, there)),
            Owner::Staff(agent) => {
                let chats = self.0.chats_of(agent);
                chats.into_iter().for_each(|chat| self.tell(chat, Mail::Connected(Author::Agent(agent), there)));
            }
            Owner::Watcher(_) => {}
        }
    }

    /// After a start: counts the visits that are still open, by address.
    pub(crate) async fn count_guests(&self) {
        match self.0.store.open_visits().await {
            Ok(visits) => {
                for visit in visits {
                    if let Some(address) = visit.address_hash {
                        self.0.directory.guests().came(visit.request, address);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the open visits could not be counted by address"),
        }
    }

    /// Shows an agent who came into a conversation how it stands, while nothing is said in it; what is said from then on
    /// comes as it is said. False: it has ended, and nothing was shown.
    pub(crate) async fn show(&self, chat: RequestId, agent: AgentId, work: Showing) -> bool {
        let Some(handle) = self.0.handle(chat) else { return false };
        let (done, shown) = oneshot::channel();
        handle.post(Mail::Show { agent, work, done });
        shown.await.is_ok()
    }

    /// Conversations and MUC rooms at this moment.
    pub fn counts(&self) -> (usize, usize) {
        let chats = self.0.chats.read().unwrap_or_else(PoisonError::into_inner).len();
        (chats, self.0.conference.rooms())
    }

    /// Begins the conversation of a request that waits, since its visitor has something to say. Done inside the loop: there
    /// it cannot cross the request's end.
    async fn begin_for(&self, chat: RequestId, from: Speaker) {
        if from != Speaker::Visitor || self.0.handle(chat).is_some() {
            return;
        }
        let Some(desk) = self.0.desk.get() else { return };
        let house = Arc::clone(&self.0);
        let begin = move |state: &State, _| {
            if let Some(request) = state.request(chat) {
                edge::open(&house, state, request);
            }
        };
        // Of a desk that stops nobody hears anything more.
        let _ = desk.view(begin).await;
    }

    async fn ask<T>(
        &self,
        chat: RequestId,
        mail: impl FnOnce(oneshot::Sender<Result<T, SayError>>) -> Mail,
    ) -> Result<T, SayError> {
        let handle = self.0.handle(chat).ok_or(SayError::NotOpen)?;
        let (to, answer) = oneshot::channel();
        let permit = handle.room_for_one().ok_or(SayError::Busy)?;
        handle.post(mail(to));
        let answered = answer.await.unwrap_or(Err(SayError::NotOpen));
        drop(permit);
        answered
    }

    fn tell(&self, chat: RequestId, mail: Mail) {
        if let Some(handle) = self.0.handle(chat) {
            handle.post(mail);
        }
    }
}

impl House {
    fn handle(&self, chat: RequestId) -> Option<Handle> {
        self.chats.read().unwrap_or_else(PoisonError::into_inner).get(&chat).cloned()
    }

    fn chats_of(&self, agent: AgentId) -> BTreeSet<RequestId> {
        self.of_agent.read().unwrap_or_else(PoisonError::into_inner).get(&agent).cloned().unwrap_or_default()
    }

    /// Tells whoever shows the lines that a visitor wrote before anybody takes part.
    fn tell_written(&self, request: RequestId) {
        if let Some(to) = self.written.get() {
            to(request);
        }
    }

    /// Visitors who come with XMPP clients.
    fn visitor_client(&self, chat: RequestId) -> Option<Jid> {
        self.visitor_clients.read().unwrap_or_else(PoisonError::into_inner).get(&chat).cloned()
    }

    fn remember_visitor(&self, chat: RequestId, address: Jid) {
        self.visitor_clients.write().unwrap_or_else(PoisonError::into_inner).insert(chat, address);
    }

    fn forget_visitor(&self, chat: RequestId) {
        self.visitor_clients.write().unwrap_or_else(PoisonError::into_inner).remove(&chat);
    }

    /// A link to a file that anybody can follow for a while.
    fn link(&self, file: &str) -> String {
        format!("{}{}", self.public_url, message::file_url(&self.auth, file, self.clock.now()))
    }

    /// Tells the desk what was seen. Before `serve` nobody can have been seen.
    async fn observe(&self, command: Command) {
        if let Some(desk) = self.desk.get() {
            // What the desk refuses has been overtaken by what it knows already.
            let _ = desk.ask_many(vec![command]).await;
        }
    }
}

fn check_client_id(id: &str) -> Result<(), SayError> {
    let fit = (1..=64).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'));
    if fit { Ok(()) } else { Err(SayError::BadId) }
}
