//! Who is connected: the sessions of visits and of staff, and how many may there be. What a session holds is `stream.rs`,
//! what coming and going means to the desk is `presence.rs`.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use desk::ids::{AgentId, RequestId};
use desk::time::Span;
use tokio::sync::mpsc;

use crate::auth;
use crate::clock::Clock;
use crate::guests::Guests;
use crate::stream::{Bye, Reader, Session};
use crate::watchers::{WatcherId, Watchers};

/// The bounds of what may be connected.
#[derive(Clone, Copy, Debug)]
pub struct DirectoryLimits {
    /// Sessions of visits, and of staff, each.
    pub sessions: usize,
    /// Streams that may read one session at once (tabs).
    pub readers_per_session: usize,
    /// Events that a session keeps for readers that come back.
    pub ring: usize,
    /// How long a session may be without a reader before the desk is told.
    pub debounce: Span,
    /// How long a session without a reader is kept to be resumed; longer than `debounce`.
    pub linger: Span,
}

impl Default for DirectoryLimits {
    fn default() -> Self {
        Self { sessions: 100_000, readers_per_session: 8, ring: 512, debounce: Span::secs(2), linger: Span::secs(120) }
    }
}

/// Whose session it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Owner {
    /// The visitor of a request.
    Visit(RequestId),
    /// An agent.
    Staff(AgentId),
    /// A supervisor who watches the floor.
    Watcher(WatcherId),
}

/// As many are connected as may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Full;

/// Why an agent's session was not opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotOpened {
    /// As many are connected as may be.
    Full,
    /// The agent works in another browser or program, and it was not asked to take over.
    Elsewhere,
}

/// Somebody came or went; read by `presence.rs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    /// A reader was attached.
    Came(Owner),
    /// A reader was detached, perhaps the last one.
    Went(Owner),
}

/// Everybody who is connected. Clones share it.
#[derive(Clone)]
pub struct Directory(Arc<Inner>);

struct Inner {
    clock: Clock,
    limits: DirectoryLimits,
    /// Different in every process, so that no id of a process before can be mistaken for one of this.
    epoch: String,
    sessions_made: AtomicU64,
    visits: RwLock<HashMap<RequestId, Arc<Session>>>,
    staff: RwLock<HashMap<AgentId, Staff>>,
    watchers: Watchers,
    guests: Guests,
    tallies: Tallies,
    changes: mpsc::UnboundedSender<Change>,
    changes_end: Mutex<Option<mpsc::UnboundedReceiver<Change>>>,
}

/// What became of streams since the start, for the counters.
#[derive(Default, Debug)]
pub struct Tallies {
    /// Went on exactly where they had stopped.
    pub resumed: AtomicU64,
    /// Began with a snapshot.
    pub snapshots: AtomicU64,
    /// Cut because their reader fell too far behind.
    pub cut_slow: AtomicU64,
}

struct Staff {
    session: Arc<Session>,
    /// Which signed-in browser or program it is.
    holder: String,
}

impl Staff {
    fn is_read(&self) -> bool {
        !self.session.is_over() && self.session.readers() > 0
    }
}

impl Directory {
    /// Nobody is connected.
    pub fn new(clock: Clock, limits: DirectoryLimits) -> Self {
        let (changes, changes_end) = mpsc::unbounded_channel();
        let epoch: String = auth::random::<5>().iter().map(|byte| format!("{byte:02x}")).collect();
        Self(Arc::new(Inner {
            clock,
            limits,
            epoch,
            sessions_made: AtomicU64::new(0),
            visits: RwLock::default(),
            staff: RwLock::default(),
            watchers: Watchers::default(),
            guests: Guests::default(),
            tallies: Tallies::default(),
            changes,
            changes_end: Mutex::new(Some(changes_end)),
        }))
    }

    /// Open visits by address.
    pub fn guests(&self) -> &Guests {
        &self.0.guests
    }

    /// The session of a visit, while somebody reads it or did a short time ago.
    pub fn visit(&self, request: RequestId) -> Option<Arc<Session>> {
        read(&self.0.visits).get(&request).map(Arc::clone)
    }

    /// The session of a visit, made if there is none or it is over.
    ///
    /// # Errors
    /// When there are as many sessions as may be.
    pub fn open_visit(&self, request: RequestId) -> Result<Arc<Session>, Full> {
        let mut visits = write(&self.0.visits);
        if let Some(session) = visits.get(&request).filter(|s| !s.is_over()) {
            return Ok(Arc::clone(session));
        }
        if visits.len() >= self.0.limits.sessions {
            return Err(Full);
        }
        let session = self.make();
        visits.insert(request, Arc::clone(&session));
        Ok(session)
    }

    /// The session of an agent.
    pub fn staff(&self, agent: AgentId) -> Option<Arc<Session>> {
        read(&self.0.staff).get(&agent).map(|staff| Arc::clone(&staff.session))
    }

    /// The session of an agent for `holder` (one signed-in browser or program; its tabs share the session). One agent, one
    /// session: while another holder's is read, it is replaced (`bye replaced`) only when `takeover` is asked for.
    ///
    /// # Errors
    /// When the agent works elsewhere, or there are as many sessions as may be.
    pub fn open_staff(&self, agent: AgentId, holder: &str, takeover: bool) -> Result<Arc<Session>, NotOpened> {
        let mut all = write(&self.0.staff);
        match all.get(&agent) {
            Some(staff) if staff.holder == holder && !staff.session.is_over() => return Ok(Arc::clone(&staff.session)),
            Some(staff) if !takeover && staff.is_read() => return Err(NotOpened::Elsewhere),
            Some(staff) => staff.session.bye(Bye::Replaced),
            None if all.len() >= self.0.limits.sessions => return Err(NotOpened::Full),
            None => {}
        }
        let session = self.make();
        all.insert(agent, Staff { session: Arc::clone(&session), holder: holder.to_owned() });
        Ok(session)
    }

    /// Whether the agent works in another browser or program at this moment.
    pub fn is_elsewhere(&self, agent: AgentId, holder: &str) -> bool {
        read(&self.0.staff).get(&agent).is_some_and(|staff| staff.holder != holder && staff.is_read())
    }

    /// The session in which `holder` watches the floor for an account.
    ///
    /// # Errors
    /// When there are as many sessions as may be.
    pub fn open_watcher(&self, account: &str, holder: &str) -> Result<(WatcherId, Arc<Session>), Full> {
        let make = || (WatcherId(self.0.sessions_made.load(Ordering::Relaxed)), self.make());
        self.0.watchers.open(account, holder, self.0.limits.sessions, make)
    }

    /// Supervisors who watch the floor.
    pub fn watchers(&self) -> &Watchers {
        &self.0.watchers
    }

    /// All staff sessions.
    pub fn all_staff(&self) -> Vec<(AgentId, Arc<Session>)> {
        read(&self.0.staff).iter().map(|(agent, staff)| (*agent, Arc::clone(&staff.session))).collect()
    }

    /// Ends an agent's session, for example because the agent signed out.
    pub fn close_staff(&self, agent: AgentId, reason: Bye) {
        if let Some(staff) = write(&self.0.staff).remove(&agent) {
            staff.session.bye(reason);
        }
    }

    /// Ends the session of an agent with a holder that is meant.
    pub fn close_holder(&self, agent: AgentId, meant: impl Fn(&str) -> bool, reason: Bye) {
        let mut all = write(&self.0.staff);
        if all.get(&agent).is_some_and(|staff| meant(&staff.holder))
            && let Some(staff) = all.remove(&agent)
        {
            staff.session.bye(reason);
        }
    }

    /// Signs the streams of an account out whose holders are meant. `agent` is who the account is on the desk.
    pub fn sign_out(&self, account: &str, agent: Option<AgentId>, meant: impl Fn(&str) -> bool) {
        if let Some(agent) = agent {
            self.close_holder(agent, &meant, Bye::SignedOut);
        }
        self.0.watchers.close(|of, holder| of == account && meant(holder), Bye::SignedOut);
    }

    /// Signs out everything that this holder has opened, whoever it was opened for.
    pub fn sign_out_holder(&self, holder: &str) {
        write(&self.0.staff).retain(|_, staff| {
            let ends = staff.holder == holder;
            if ends {
                staff.session.bye(Bye::SignedOut);
            }
            !ends
        });
        self.0.watchers.close(|_, of| of == holder, Bye::SignedOut);
    }

    /// Ends a visit's session.
    pub fn close_visit(&self, request: RequestId, reason: Bye) {
        if let Some(session) = write(&self.0.visits).remove(&request) {
            session.bye(reason);
        }
    }

    /// Tells everybody that the server stops.
    pub fn stop(&self) {
        read(&self.0.visits).values().for_each(|session| session.bye(Bye::Stopping));
        read(&self.0.staff).values().for_each(|staff| staff.session.bye(Bye::Stopping));
        self.0.watchers.all().iter().for_each(|session| session.bye(Bye::Stopping));
    }

    /// Sessions of visits, sessions of staff, and streams that read any of them.
    pub fn counts(&self) -> (usize, usize, usize) {
        let visits = read(&self.0.visits);
        let staff = read(&self.0.staff);
        let watchers = self.0.watchers.all();
        let sessions = visits.values().chain(staff.values().map(|s| &s.session)).chain(&watchers);
        let readers = sessions.map(|s| s.readers()).sum();
        (visits.len(), staff.len() + watchers.len(), readers)
    }

    /// Attaches a stream to a session of this owner. `None` when as many streams read it as may, or it is over.
    pub fn attach(&self, owner: Owner, session: &Arc<Session>, last: Option<&str>) -> Option<Attached> {
        let reader = {
            // Under the lock, so that a session is not forgotten as idle between being found and being read.
            let mut visits = write(&self.0.visits);
            let reader = session.attach(last, self.0.limits.readers_per_session)?;
            if let Owner::Visit(request) = owner {
                visits.entry(request).or_insert_with(|| Arc::clone(session));
            }
            reader
        };
        let tally = if reader.resumed { &self.0.tallies.resumed } else { &self.0.tallies.snapshots };
        tally.fetch_add(1, Ordering::Relaxed);
        self.tell(Change::Came(owner));
        Some(Attached { reader: Some(reader), owner, directory: self.clone() })
    }

    /// What became of streams since the start.
    pub fn tallies(&self) -> &Tallies {
        &self.0.tallies
    }

    /// Whether anybody reads the owner's session.
    pub fn is_read(&self, owner: Owner) -> bool {
        match owner {
            Owner::Visit(request) => self.visit(request),
            Owner::Staff(agent) => self.staff(agent),
            Owner::Watcher(watcher) => self.0.watchers.get(watcher),
        }
        .is_some_and(|session| session.readers() > 0)
    }

    /// Forgets a session that nobody reads; what it held is then in snapshots only.
    pub(crate) fn forget_idle(&self, owner: Owner) {
        match owner {
            Owner::Visit(request) => remove_idle(&mut write(&self.0.visits), request, |session| session),
            Owner::Staff(agent) => remove_idle(&mut write(&self.0.staff), agent, |staff| &staff.session),
            Owner::Watcher(watcher) => self.0.watchers.forget_idle(watcher),
        }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub(crate) fn limits(&self) -> &DirectoryLimits {
        &self.0.limits
    }

    /// The end that `presence.rs` reads; there is one.
    pub(crate) fn take_changes(&self) -> Option<mpsc::UnboundedReceiver<Change>> {
        self.0.changes_end.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn tell(&self, change: Change) {
        // Without anybody who reads it the server is stopping.
        let _ = self.0.changes.send(change);
    }

    fn make(&self) -> Arc<Session> {
        let number = self.0.sessions_made.fetch_add(1, Ordering::Relaxed);
        Session::new(&format!("{}-{number:x}", self.0.epoch), self.0.limits.ring)
    }
}

fn remove_idle<K: Eq + Hash, V>(sessions: &mut HashMap<K, V>, key: K, session_of: impl Fn(&V) -> &Arc<Session>) {
    if sessions.get(&key).is_some_and(|v| session_of(v).readers() == 0) {
        sessions.remove(&key);
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// A stream that is attached; dropping it detaches and tells so.
pub struct Attached {
    reader: Option<Reader>,
    owner: Owner,
    directory: Directory,
}

impl Attached {
    /// Counts that this stream is cut because its reader was too slow.
    pub(crate) fn count_slow(&self) {
        self.directory.0.tallies.cut_slow.fetch_add(1, Ordering::Relaxed);
    }
}

impl std::ops::Deref for Attached {
    type Target = Reader;
    fn deref(&self) -> &Reader {
        #[expect(clippy::expect_used, reason = "only drop takes the reader")]
        self.reader.as_ref().expect("taken by drop only")
    }
}

impl std::ops::DerefMut for Attached {
    fn deref_mut(&mut self) -> &mut Reader {
        #[expect(clippy::expect_used, reason = "only drop takes the reader")]
        self.reader.as_mut().expect("taken by drop only")
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        // First the count, then the news: whoever hears it must find the count right.
        drop(self.reader.take());
        self.directory.tell(Change::Went(self.owner));
    }
}
