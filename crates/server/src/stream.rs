//! A session's numbered events: a ring that readers resume from, each with a cursor of its own. How they are put on the
//! wire (SSE, WebSocket) stands in `http/streams.rs`; who has a session, in `directory.rs`. No desk, no rules.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::Notify;

/// Why a stream is closed by the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bye {
    /// The server stops; come back a little later.
    Stopping,
    /// The reader fell out of the ring; come back with the last id for a snapshot.
    Slow,
    /// A newer session of the same agent took over.
    Replaced,
    /// The agent works in another browser or program; come back with `takeover=1` to replace that.
    Elsewhere,
    /// The conversation is over and nothing more will come.
    Ended,
    /// The agent signed out.
    SignedOut,
}

/// One event as it stands in the ring.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Number within the session, from 1.
    pub seq: u64,
    /// The event's name.
    pub event: &'static str,
    /// What a later event of this name and key replaces; none: kept as it is.
    key: Option<u64>,
    /// The data as JSON.
    pub data: Arc<str>,
}

#[cfg(test)]
impl Entry {
    /// An event for a test.
    pub(crate) fn new(seq: u64, event: &'static str, data: &str) -> Self {
        Self { seq, event, key: None, data: data.into() }
    }
}

/// What a reader gets next.
#[derive(Debug)]
pub enum Step {
    /// An event.
    Event(Entry),
    /// The stream ends with this reason.
    Bye(Bye),
}

/// Bytes of events that a ring keeps at most, however few they are: a conversation of long messages must not cost megabytes
/// for each of its readers.
const RING_BYTES_MAX: usize = 512 * 1024;

/// The events of one session. Memory is taken as events come: an idle session costs some hundred bytes.
pub struct Session {
    epoch: Box<str>,
    ring_max: usize,
    inner: Mutex<Ring>,
    wake: Notify,
}

#[derive(Default)]
struct Ring {
    entries: VecDeque<Entry>,
    /// The number of the latest event.
    head: u64,
    /// The highest number that was dropped because the ring was full; whoever saw less cannot resume.
    dropped: u64,
    /// Bytes of the entries' data.
    bytes: usize,
    readers: usize,
    bye: Option<Bye>,
}

impl Session {
    /// A session with nothing in it. `epoch` must never be used again by another session.
    pub fn new(epoch: &str, ring_max: usize) -> Arc<Self> {
        Arc::new(Self {
            epoch: epoch.into(),
            ring_max: ring_max.max(1),
            inner: Mutex::new(Ring::default()),
            wake: Notify::new(),
        })
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // No panic can leave the ring half changed: every change is a push or a pop.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds an event; it stays until it falls out of the ring.
    pub fn push(&self, event: &'static str, data: &impl Serialize) {
        self.add(event, None, data);
    }

    /// Adds an event that makes the one before of the same name and key pointless (a position, a state): that one is
    /// dropped, and who resumes sees only the last. What `push` adds between the two stays in its order.
    pub fn push_latest(&self, event: &'static str, key: u64, data: &impl Serialize) {
        self.add(event, Some(key), data);
    }

    fn add(&self, event: &'static str, key: Option<u64>, data: &impl Serialize) {
        let Ok(data) = serde_json::to_string(data) else { return };
        self.add_text(event, key, data.into());
    }

    /// Adds an event whose data is JSON text already: one text can be shared by many sessions.
    pub fn add_text(&self, event: &'static str, key: Option<u64>, data: Arc<str>) {
        {
            let mut ring = self.ring();
            if ring.bye.is_some() {
                return;
            }
            if key.is_some()
                && let Some(at) = ring.entries.iter().rposition(|e| e.event == event && e.key == key)
            {
                let replaced = ring.entries.remove(at);
                ring.bytes -= replaced.map_or(0, |entry| entry.data.len());
            }
            while ring.entries.len() >= self.ring_max || ring.bytes + data.len() > RING_BYTES_MAX {
                let Some(lost) = ring.entries.pop_front() else { break };
                ring.bytes -= lost.data.len();
                ring.dropped = lost.seq;
            }
            ring.head += 1;
            ring.bytes += data.len();
            let seq = ring.head;
            ring.entries.push_back(Entry { seq, event, key, data });
        }
        self.wake.notify_waiters();
    }

    /// Ends the session: every reader gets what it has not seen yet, then `bye`. Nothing can be added afterwards.
    pub fn bye(&self, reason: Bye) {
        self.ring().bye.get_or_insert(reason);
        self.wake.notify_waiters();
    }

    /// Whether the session was ended by `bye`.
    pub fn is_over(&self) -> bool {
        self.ring().bye.is_some()
    }

    /// How many read at this moment.
    pub fn readers(&self) -> usize {
        self.ring().readers
    }

    /// The id that a client gives back to resume after event `seq`.
    pub fn id_of(&self, seq: u64) -> String {
        format!("{}.{seq}", self.epoch)
    }

    /// Bytes that the events take, for figures.
    pub fn bytes(&self) -> usize {
        let ring = self.ring();
        ring.bytes + ring.entries.capacity() * size_of::<Entry>()
    }

    /// Attaches a reader, unless `readers_max` read already or the session is over. `last` is the id that the client saw
    /// last: if everything after it is still here, the cursor stands there and no snapshot is needed; otherwise the cursor
    /// stands at the newest event and `resumed` is false.
    pub fn attach(self: &Arc<Self>, last: Option<&str>, readers_max: usize) -> Option<Reader> {
        let mut ring = self.ring();
        if ring.readers >= readers_max || ring.bye.is_some() {
            return None;
        }
        ring.readers += 1;
        let seen = last.and_then(|id| self.seq_of(id)).filter(|seq| (ring.dropped..=ring.head).contains(seq));
        Some(Reader { session: Arc::clone(self), cursor: seen.unwrap_or(ring.head), resumed: seen.is_some() })
    }

    fn seq_of(&self, id: &str) -> Option<u64> {
        let (epoch, seq) = id.rsplit_once('.')?;
        (epoch == &*self.epoch).then_some(())?;
        seq.parse().ok()
    }
}

/// One reader of a session. Dropping it detaches.
pub struct Reader {
    session: Arc<Session>,
    cursor: u64,
    /// Whether the reader goes on where the client stopped; otherwise a snapshot comes first.
    pub resumed: bool,
}

impl Reader {
    /// The number of the last event that the client has, or that a snapshot taken from now on includes.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    /// The session that is read.
    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// The next event, without waiting.
    pub fn poll(&mut self) -> Option<Step> {
        let ring = self.session.ring();
        if self.cursor < ring.dropped {
            return Some(Step::Bye(Bye::Slow));
        }
        let at = ring.entries.partition_point(|e| e.seq <= self.cursor);
        if let Some(entry) = ring.entries.get(at) {
            self.cursor = entry.seq;
            return Some(Step::Event(entry.clone()));
        }
        ring.bye.map(Step::Bye)
    }

    /// Waits for the next event. Safe to cancel: nothing is lost.
    pub async fn next(&mut self) -> Step {
        let session = Arc::clone(&self.session);
        loop {
            let woken = session.wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            if let Some(step) = self.poll() {
                return step;
            }
            woken.await;
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.session.ring().readers -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(reader: &mut Reader) -> Vec<(u64, &'static str, String)> {
        let mut seen = Vec::new();
        while let Some(Step::Event(e)) = reader.poll() {
            seen.push((e.seq, e.event, e.data.to_string()));
        }
        seen
    }

    #[test]
    fn a_reader_resumes_exactly_where_it_stopped() {
        let session = Session::new("e1", 8);
        let mut first = session.attach(None, 8).expect("free");
        for n in 1..=3 {
            session.push("message", &n);
        }
        assert_eq!(drain(&mut first).len(), 3);
        drop(first);
        session.push("message", &4);
        session.push("message", &5);
        let mut again = session.attach(Some("e1.3"), 8).expect("free");
        assert!(again.resumed);
        assert_eq!(drain(&mut again).iter().map(|e| e.0).collect::<Vec<_>>(), [4, 5]);
        assert!(drain(&mut again).is_empty());
    }

    #[test]
    fn another_epoch_a_future_number_or_nonsense_asks_for_a_snapshot() {
        let session = Session::new("e1", 8);
        session.push("message", &1);
        for last in ["e2.1", "e1.9", "e1.x", "", ".", "e1"] {
            let reader = session.attach(Some(last), 8).expect("free");
            assert!(!reader.resumed, "{last}");
            assert_eq!(reader.cursor(), 1);
        }
    }

    #[test]
    fn a_reader_that_falls_out_of_the_ring_is_cut() {
        let session = Session::new("e1", 4);
        let mut slow = session.attach(None, 8).expect("free");
        for n in 0..4 {
            session.push("message", &n);
        }
        assert!(matches!(slow.poll(), Some(Step::Event(_))));
        session.push("message", &4);
        assert!(matches!(slow.poll(), Some(Step::Event(_))), "has seen what fell out");
        session.push("message", &5);
        session.push("message", &6);
        assert!(matches!(slow.poll(), Some(Step::Bye(Bye::Slow))));
        assert!(!session.attach(Some("e1.2"), 8).expect("free").resumed);
        assert!(session.attach(Some("e1.3"), 8).expect("free").resumed);
    }

    #[test]
    fn the_latest_of_a_kind_replaces_the_one_before_and_loses_nothing_else() {
        let session = Session::new("e1", 4);
        let mut reader = session.attach(None, 8).expect("free");
        session.push("message", &"a");
        for n in 0..1000 {
            session.push_latest("position", 0, &n);
        }
        session.push("message", &"b");
        let names: Vec<_> = drain(&mut reader).into_iter().map(|e| (e.1, e.2)).collect();
        assert_eq!(names, [("message", "\"a\"".into()), ("position", "999".into()), ("message", "\"b\"".to_owned())]);
    }

    #[test]
    fn long_events_are_bounded_by_their_bytes() {
        let session = Session::new("e1", 512);
        let words = "x".repeat(100_000);
        for _ in 0..100 {
            session.push("message", &words);
        }
        assert!(session.bytes() < 600_000);
        assert!(session.attach(Some("e1.97"), 8).expect("free").resumed);
        assert!(!session.attach(Some("e1.90"), 8).expect("free").resumed);
        session.push("message", &"y".repeat(1_000_000));
        assert!(session.attach(Some("e1.100"), 8).expect("free").resumed, "the newest is kept whatever its size");
    }

    #[test]
    fn an_idle_session_costs_next_to_nothing() {
        let session = Session::new("e1", 512);
        for ahead in 0..1_000 {
            session.push_latest("position", 0, &ahead);
        }
        assert!(session.bytes() + size_of::<Session>() < 1_024, "{}", session.bytes());
    }

    #[test]
    fn readers_are_limited_and_bye_comes_after_what_was_said() {
        let session = Session::new("e1", 4);
        let mut one = session.attach(None, 1).expect("free");
        assert!(session.attach(None, 1).is_none());
        session.push("state", &1);
        session.bye(Bye::Ended);
        session.push("state", &2);
        assert_eq!(drain(&mut one).len(), 1);
        assert!(matches!(one.poll(), Some(Step::Bye(Bye::Ended))));
        drop(one);
        assert_eq!(session.readers(), 0);
        assert!(session.attach(None, 1).is_none());
    }

    #[tokio::test]
    async fn waiting_readers_are_woken() {
        let session = Session::new("e1", 4);
        let mut reader = session.attach(None, 8).expect("free");
        let pusher = Arc::clone(&session);
        let (step, ()) = tokio::join!(reader.next(), async move {
            tokio::task::yield_now().await;
            pusher.push("message", &1);
        });
        assert!(matches!(step, Step::Event(e) if e.seq == 1));
    }
}
