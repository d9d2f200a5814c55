//! The staff edge: renders committed turns into the sessions of agents and supervisors, as changes, never as whole lists.
//!
//! `edge` runs in the loop and says what is to be told, `renderer` joins the words and writes to the sessions,
//! `snapshot` is the whole that a new stream begins with. Nothing here decides.

mod edge;
pub mod facts;
mod lines;
pub mod names;
mod render;
mod renderer;
pub mod running;
mod snapshot;
pub mod today;
pub mod twins;
pub mod words;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use desk::command::Show;
use desk::ids::{AgentId, QueueId, RequestId};
use desk::time::{Span, Time};
use desk::{State, Turn};
use serde::Serialize;
use store::accounts::Role;
use store::archive::{By, CountsQuery};
use store::{Backend, StoreError};
use tokio::sync::mpsc;

use crate::auth::Auth;
use crate::clock::Clock;
use crate::directory::Directory;
use crate::rooms::Rooms;
use crate::run_loop::{AskError, Desk};
use edge::Job;
pub use edge::StaffEdge;
pub use snapshot::{NOTE_MAX, TAG_MAX, TAGS_MAX, own as own_canned};
use words::WordCache;

/// Who comes back within this after being lost shows again what was shown before.
const SHORT_BREAK: Span = Span::secs(1_800);

/// What the staff edge, the snapshot and the handlers share. Clones share it.
#[derive(Clone)]
pub struct Floor(Arc<Inner>);

struct Inner {
    directory: Directory,
    store: Arc<dyn Backend>,
    auth: Auth,
    clock: Clock,
    desk: OnceLock<Desk>,
    rooms: OnceLock<Rooms>,
    words: WordCache,
    figures: Mutex<today::Figures>,
    /// Agents whose accounts see every line.
    see_all: RwLock<HashSet<AgentId>>,
    titles: RwLock<HashMap<AgentId, Arc<str>>>,
    /// What agents showed whose connection was lost, and when they were signed out for it.
    before: Mutex<HashMap<AgentId, (Show, Time)>>,
    /// Requests whose visitors wrote since the edge looked last.
    written: Mutex<BTreeSet<RequestId>>,
    jobs: mpsc::UnboundedSender<Job>,
    jobs_end: Mutex<Option<mpsc::UnboundedReceiver<Job>>>,
}

/// Why today's figures could not be loaded.
#[derive(Debug)]
pub enum FloorError {
    /// The archive could not be read.
    Store(StoreError),
    /// The loop has stopped already.
    Stopping,
}

impl std::fmt::Display for FloorError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => write!(f, "today's figures cannot be read: {error}"),
            Self::Stopping => f.write_str("the desk has stopped"),
        }
    }
}

impl std::error::Error for FloorError {}

impl Floor {
    /// Nobody is told anything before [`Floor::start`].
    pub fn new(directory: Directory, store: Arc<dyn Backend>, auth: Auth, clock: Clock) -> Self {
        let (jobs, jobs_end) = mpsc::unbounded_channel();
        Self(Arc::new(Inner {
            directory,
            words: WordCache::new(Arc::clone(&store)),
            store,
            auth,
            clock,
            desk: OnceLock::new(),
            rooms: OnceLock::new(),
            figures: Mutex::default(),
            see_all: RwLock::default(),
            titles: RwLock::default(),
            before: Mutex::default(),
            written: Mutex::default(),
            jobs,
            jobs_end: Mutex::new(Some(jobs_end)),
        }))
    }

    /// The edge for the loop; to be asked for once.
    pub fn edge(&self) -> StaffEdge {
        StaffEdge::new(self.clone(), self.0.jobs.clone())
    }

    /// The conversations that agents are shown; these tell from now on what visitors write while they wait.
    pub fn hear(&self, rooms: &Rooms) {
        // The rooms must not keep the floor: it keeps them.
        let floor = Arc::downgrade(&self.0);
        rooms.tell_written(Box::new(move |request| {
            if let Some(floor) = floor.upgrade() {
                Self(floor).written(request);
            }
        }));
        // A second set of rooms would be a fault of the start-up and changes nothing.
        let _ = self.0.rooms.set(rooms.clone());
    }

    /// Loads today's figures and begins to tell. To be called after the loop began and before anybody can connect.
    ///
    /// # Errors
    /// When the archive cannot be read, or the loop has stopped.
    pub async fn start(&self, desk: Desk) -> Result<(), FloorError> {
        let days = desk.view(|state, now| {
            let day = |queue: &desk::entity::Queue| {
                let zone = state.workgroup(queue.workgroup).map(|it| it.spec.zone.clone()).unwrap_or_default();
                (queue.id, queue.workgroup, today::day_bounds(&zone, now))
            };
            let titles = state.agents().map(|agent| (agent.id, agent.spec.title.clone())).collect::<Vec<_>>();
            (state.queues().map(day).collect::<Vec<_>>(), titles)
        });
        let (days, titles) = days.await.map_err(|_: AskError| FloorError::Stopping)?;
        for (agent, title) in titles {
            self.name(agent, &title);
        }
        let mut workgroups: Vec<_> = days.iter().map(|(_, workgroup, bounds)| (*workgroup, *bounds)).collect();
        workgroups.sort_unstable();
        workgroups.dedup();
        for (workgroup, (from, to)) in workgroups {
            let query = CountsQuery { from, to, step: Span::ZERO, by: By::Queue, workgroup: Some(workgroup) };
            let counts = self.0.store.counts(query).await.map_err(FloorError::Store)?;
            let mut figures = self.figures();
            for row in counts {
                if let Some((queue, _, bounds)) = days.iter().find(|(queue, _, _)| queue.0 == row.id) {
                    figures.load(*queue, *bounds, &row);
                }
            }
        }
        let _ = self.0.desk.set(desk);
        let jobs = self.0.jobs_end.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(jobs) = jobs {
            tokio::spawn(renderer::serve(self.clone(), jobs));
        }
        Ok(())
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.0.directory
    }

    fn figures(&self) -> MutexGuard<'_, today::Figures> {
        self.0.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn today(&self, queue: QueueId, now: Time) -> twins::Today {
        self.figures().of(queue, now)
    }

    fn count(&self, state: &State, turn: &Turn) -> Vec<QueueId> {
        self.figures().count(state, turn)
    }

    fn is_here(&self, agent: AgentId) -> bool {
        self.0.directory.staff(agent).is_some()
    }

    fn here(&self) -> Vec<AgentId> {
        self.0.directory.all_staff().into_iter().map(|(agent, _)| agent).collect()
    }

    /// Whether anybody is there who sees the whole floor.
    fn is_supervised(&self) -> bool {
        !self.0.directory.watchers().is_empty() || self.here().into_iter().any(|agent| self.sees_all(agent))
    }

    /// Whether anybody is there who sees the floor without being an agent.
    fn is_watched(&self) -> bool {
        !self.0.directory.watchers().is_empty()
    }

    fn sees_all(&self, agent: AgentId) -> bool {
        self.0.see_all.read().unwrap_or_else(PoisonError::into_inner).contains(&agent)
    }

    /// Notes what the account of an agent whose stream opens may see.
    pub fn note_role(&self, agent: AgentId, role: Role) {
        let mut all = self.0.see_all.write().unwrap_or_else(PoisonError::into_inner);
        if role >= Role::Supervisor {
            all.insert(agent);
        } else {
            all.remove(&agent);
        }
    }

    /// An agent was signed out because the connection was gone.
    fn note_lost(&self, agent: AgentId, show: Show, at: Time) {
        self.0.before.lock().unwrap_or_else(PoisonError::into_inner).insert(agent, (show, at));
    }

    /// What an agent showed who was lost a short time ago; given once.
    pub fn show_before(&self, agent: AgentId) -> Option<Show> {
        let (show, at) = self.0.before.lock().unwrap_or_else(PoisonError::into_inner).remove(&agent)?;
        (self.0.clock.now().since(at) < SHORT_BREAK).then_some(show)
    }

    fn name(&self, agent: AgentId, title: &str) {
        let mut titles = self.0.titles.write().unwrap_or_else(PoisonError::into_inner);
        if titles.get(&agent).is_none_or(|known| &**known != title) {
            titles.insert(agent, title.into());
        }
    }

    /// What visitors call an agent; agents who are gone keep their titles until the server stops.
    pub fn title(&self, agent: AgentId) -> String {
        let titles = self.0.titles.read().unwrap_or_else(PoisonError::into_inner);
        titles.get(&agent).map_or_else(String::new, ToString::to_string)
    }

    /// The words of a request changed or must no longer be known.
    pub fn forget(&self, request: RequestId) {
        self.0.words.forget(request);
    }

    /// The visitor of a request wrote before anybody takes part: its lines and offers are told anew.
    fn written(&self, request: RequestId) {
        self.0.words.forget(request);
        let mut written = self.0.written.lock().unwrap_or_else(PoisonError::into_inner);
        let first = written.is_empty();
        written.insert(request);
        if first && let Some(desk) = self.0.desk.get().cloned() {
            // The edge looks whenever the loop comes round.
            tokio::spawn(async move { desk.view(|_, _| ()).await });
        }
    }

    fn take_written(&self) -> BTreeSet<RequestId> {
        std::mem::take(&mut self.0.written.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything that is known of visitors is read again when it is needed next.
    pub fn forget_all(&self) {
        self.0.words.clear();
    }

    fn forget_later(&self, request: RequestId) {
        // What is still to be told of it reads the words again from the store.
        self.0.words.forget(request);
    }

    /// Tells one agent, if there.
    pub fn push(&self, agent: AgentId, event: &'static str, data: &impl Serialize) {
        if let Some(session) = self.0.directory.staff(agent) {
            session.push(event, data);
        }
    }

    /// Tells these agents, as far as they are there.
    pub fn push_each(&self, agents: impl IntoIterator<Item = AgentId>, event: &'static str, data: &impl Serialize) {
        let Ok(text) = serde_json::to_string(data) else { return };
        let text: Arc<str> = text.into();
        for session in agents.into_iter().filter_map(|agent| self.0.directory.staff(agent)) {
            session.add_text(event, None, Arc::clone(&text));
        }
    }
}
