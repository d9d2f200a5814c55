//! The workgroup service, `workgroup.<domain>`: XEP-0142 and the Fastpath dialect in front of the desk. A stanza becomes a
//! command, what the desk answers becomes the reply; what happens at the desk is rendered by `edge.rs` for visitors and agents
//! with XMPP clients. Nothing here decides about requests; elements are read and written by `xmpp::workgroup`.
//!
//! Stanzas of one sender are handled one after another, in a lane that senders share by their address; a lane that is full
//! turns stanzas away.

mod address;
mod agent;
mod answers;
mod book;
mod dialect;
mod discovery;
mod edge;
mod form;
mod kept;
mod network;
mod no;
mod past;
mod ports;
mod renderer;
mod request;
mod visitor;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use desk::ids::RequestId;
use desk::time::Time;
use store::archive::Author;
use tokio::sync::mpsc;
use xmpp::jid::{BareJid, FullJid, Jid};
use xmpp::xmpp_parsers::iq::Iq;
use xmpp::xmpp_parsers::message::{Lang, Message, MessageType};
use xmpp::xmpp_parsers::presence::Presence;
use xmpp::xmpp_parsers::stanza::Stanza;

use crate::app::App;
pub use address::{Addresses, Target};
use book::Book;
pub use edge::WorkgroupEdge;
pub use network::open;
pub use no::No;
pub use ports::{Keeping, Outside};
use renderer::Job;

/// Lanes in which stanzas are handled side by side.
const LANES: usize = 32;
/// Stanzas that may wait in one lane.
const LANE_MAX: usize = 256;

/// The service. Clones share it.
#[derive(Clone)]
pub struct Workgroups(Arc<Office>);

/// What everything in the service shares.
pub(crate) struct Office {
    me: Weak<Office>,
    addresses: Addresses,
    book: Mutex<Book>,
    jobs: mpsc::UnboundedSender<Job>,
    jobs_end: Mutex<Option<mpsc::UnboundedReceiver<Job>>>,
    running: OnceLock<Running>,
}

/// What there is once the server runs.
struct Running {
    app: App,
    outside: Arc<dyn Outside>,
    keeping: Arc<dyn Keeping>,
    lanes: Vec<mpsc::Sender<Arrival>>,
    started: Time,
}

/// Something that a lane handles.
enum Arrival {
    Stanza(Jid, Box<Stanza>),
    SessionEnded(FullJid),
}

impl Workgroups {
    /// A service that is not open yet: it hears from the loop through `edge` and opens with `serve`.
    ///
    /// # Errors
    /// When the domain cannot be part of an address.
    pub fn new(domain: &str) -> Result<Self, String> {
        let (jobs, jobs_end) = mpsc::unbounded_channel();
        let addresses = Addresses::new(domain)?;
        Ok(Self(Arc::new_cyclic(|me| Office {
            me: me.clone(),
            addresses,
            book: Mutex::default(),
            jobs,
            jobs_end: Mutex::new(Some(jobs_end)),
            running: OnceLock::new(),
        })))
    }

    /// The service's address.
    pub fn service(&self) -> BareJid {
        self.0.addresses.service()
    }

    /// The edge that hears from the loop.
    pub fn edge(&self) -> WorkgroupEdge {
        WorkgroupEdge::new(Arc::clone(&self.0))
    }

    /// Opens the service: takes up who waited before a restart, and answers from now on.
    ///
    /// # Errors
    /// In a sentence: what was kept cannot be read.
    pub async fn serve(&self, app: &App, outside: Arc<dyn Outside>, keeping: Arc<dyn Keeping>) -> Result<(), String> {
        let Some(jobs) = self.0.jobs_end.lock().unwrap_or_else(PoisonError::into_inner).take() else { return Ok(()) };
        let mut lanes = Vec::new();
        for _ in 0..LANES {
            let (lane, arrivals) = mpsc::channel(LANE_MAX);
            lanes.push(lane);
            tokio::spawn(Arc::clone(&self.0).lane(arrivals));
        }
        let (app, started) = (app.clone(), app.clock.now());
        // A second opening would be a fault of the start-up and changes nothing.
        let _ = self.0.running.set(Running { app, outside, keeping, lanes, started });
        self.0.resume().await?;
        tokio::spawn(renderer::serve(Arc::clone(&self.0), jobs));
        Ok(())
    }

    /// A stanza for this service; `from` is true, and one sender's stanzas come in order. Never waits.
    pub fn stanza(&self, from: &Jid, stanza: Stanza) {
        let Some(running) = self.0.running.get().filter(|_| !self.0.addresses.is_room(from)) else { return };
        if let Err(mpsc::error::TrySendError::Full(Arrival::Stanza(from, stanza))) =
            running.lane_of(from).try_send(Arrival::Stanza(from.clone(), Box::new(stanza)))
        {
            self.0.refuse(&from, *stanza, &No::Busy);
        }
    }

    /// A client's session is over. Never waits.
    pub fn session_ended(&self, session: &FullJid) {
        let Some(running) = self.0.running.get() else { return };
        let lane = running.lane_of(&Jid::from(session.clone()));
        if let Err(mpsc::error::TrySendError::Full(arrival)) = lane.try_send(Arrival::SessionEnded(session.clone())) {
            // That somebody is gone must not be lost.
            let lane = lane.clone();
            tokio::spawn(async move { lane.send(arrival).await });
        }
    }

    /// A conversation's room stands open for somebody: invites them, if they come with an XMPP client. Never waits.
    pub fn door_open(&self, chat: RequestId, who: Author, room: BareJid) {
        // Without the renderer the server is stopping.
        let _ = self.0.jobs.send(Job::Invite { chat, who, room });
    }
}

impl Running {
    fn lane_of(&self, from: &Jid) -> &mpsc::Sender<Arrival> {
        let mut hasher = DefaultHasher::new();
        from.to_bare().hash(&mut hasher);
        let lanes = self.lanes.len() as u64;
        // The remainder is below the number of lanes.
        &self.lanes[(hasher.finish() % lanes) as usize]
    }
}

impl Office {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For what outlives the call; none only while everything is dropped.
    fn arc(&self) -> Option<Arc<Office>> {
        self.me.upgrade()
    }

    fn running(&self) -> Option<&Running> {
        self.running.get()
    }

    fn tell(&self, job: Job) {
        // Without the renderer the server is stopping.
        let _ = self.jobs.send(job);
    }

    fn send(&self, stanza: impl Into<Stanza>) {
        if let Some(running) = self.running() {
            running.outside.send(stanza.into());
        }
    }

    async fn lane(self: Arc<Self>, mut arrivals: mpsc::Receiver<Arrival>) {
        while let Some(arrival) = arrivals.recv().await {
            let Some(running) = self.running() else { continue };
            match arrival {
                Arrival::Stanza(from, stanza) => self.handle(running, from, *stanza).await,
                Arrival::SessionEnded(session) => self.session_over(running, &session).await,
            }
        }
    }

    async fn handle(&self, running: &Running, from: Jid, stanza: Stanza) {
        self.is_there(running, &from).await;
        match stanza {
            Stanza::Iq(iq) => self.iq(running, from, iq).await,
            Stanza::Presence(presence) => self.presence(running, from, presence).await,
            Stanza::Message(message) => self.message(from, message),
        }
    }

    async fn iq(&self, running: &Running, from: Jid, iq: Iq) {
        let (set, to, id, payload) = match iq {
            Iq::Get { to, id, payload, .. } => (false, to, id, payload),
            Iq::Set { to, id, payload, .. } => (true, to, id, payload),
            // Answers to our offers say nothing: only the deadline counts.
            Iq::Result { .. } | Iq::Error { .. } => return,
        };
        let Some((to, target)) = to.and_then(|to| Some((to.clone(), self.addresses.target(&to)?))) else { return };
        let asked = request::Request { from: &from, to: &to, target: &target, set, payload: &payload };
        let (answer, afterwards) = match self.ask(running, &asked).await {
            Ok(request::Answer { payload, afterwards }) => (Ok(payload), afterwards),
            Err(no) => (Err(no), None),
        };
        let reply = match answer {
            Ok(payload) => Iq::Result { from: Some(to), to: Some(from), id, payload },
            Err(no) => {
                Iq::Error { from: Some(to), to: Some(from), id, error: no.to_stanza_error(), payload: Some(payload) }
            }
        };
        // First the answer, then what it entails: clients lose what comes before it.
        self.send(reply);
        if let Some(job) = afterwards {
            self.tell(job);
        }
    }

    fn refuse(&self, from: &Jid, stanza: Stanza, no: &No) {
        let error = no.to_stanza_error();
        let reply: Stanza = match stanza {
            Stanza::Iq(Iq::Get { to, id, .. } | Iq::Set { to, id, .. }) => {
                Iq::Error { from: to, to: Some(from.clone()), id, error, payload: None }.into()
            }
            Stanza::Presence(presence) => self.presence_error(from, presence.to, presence.id, no).into(),
            _ => return,
        };
        self.send(reply);
    }

    fn presence_error(&self, to: &Jid, from: Option<Jid>, id: Option<String>, no: &No) -> Presence {
        let mut presence = Presence::error().with_to(to.clone()).with_payload(no.to_stanza_error());
        presence.from = from;
        presence.id = id;
        presence
    }

    /// XEP-0142 recommends that a workgroup answers plain words with what to do.
    fn message(&self, from: Jid, message: Message) {
        let is_words = matches!(message.type_, MessageType::Chat | MessageType::Normal) && !message.bodies.is_empty();
        let Some(to) = message.to.filter(|_| is_words) else { return };
        let Some(Target::Workgroup(name, _)) = self.addresses.target(&to) else { return };
        let known = self.running().is_some_and(|running| running.app.roster.entrance(&name).is_some());
        if !known {
            let mut error = Message::error(Some(from)).with_payload(No::NotFound.to_stanza_error());
            (error.from, error.id) = (Some(to), message.id);
            return self.send(error);
        }
        let link = self.running().map(|running| running.app.config.public_url.origin().to_owned()).unwrap_or_default();
        let words = format!(
            "This is a waiting line, which nobody reads. Use a client that can join workgroups, or open {link}/chat/{name} \
             in a browser."
        );
        let mut answer = Message::chat(Some(from)).with_body(Lang::new(), words);
        answer.from = Some(to.to_bare().into());
        self.send(answer);
    }
}
