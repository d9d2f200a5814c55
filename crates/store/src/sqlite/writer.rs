//! The one thread that writes. It takes whatever waits, runs all of it in one transaction, each job in a savepoint of its
//! own, commits once and only then says so: the cost of a flush to the disk is shared.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::Tally;
use super::fault::said;
use crate::{Pending, StoreError};

/// Most jobs in one transaction.
const GROUP_MAX: usize = 512;

/// Ends a job once its transaction ended: with that result, or with its own error.
type Ending = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Runs a job, or fails it when there is no transaction to run it in. Says whether its writes are to be kept.
type Job = Box<dyn FnOnce(Result<&Connection, StoreError>) -> (Result<(), StoreError>, Ending) + Send>;

enum Order {
    Write(Job, Urgency),
    /// After everything before it: empties the write-ahead log, so that what was erased is not left in it.
    Scrub(Box<dyn FnOnce() + Send>),
    Stop,
}

/// Whether a job counts against the limit of waiting ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// Refused with `Busy` when too many wait.
    Bounded,
    /// Always taken: the desk's own commits, of which one is under way at a time.
    Always,
}

/// The writing thread.
pub(super) struct Writer {
    orders: Mutex<Option<Sender<Order>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    waiting: Arc<AtomicU64>,
    jobs_max: u64,
}

impl Writer {
    /// Starts the thread with its connection.
    pub(super) fn start(connection: Connection, jobs_max: u64, tally: Arc<Tally>) -> Result<Self, StoreError> {
        let (sender, receiver) = channel();
        let waiting = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&waiting);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(&connection, &receiver, &counter, &tally))
            .map_err(|error| StoreError::Io(error.to_string()))?;
        Ok(Self { orders: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)), waiting, jobs_max })
    }

    /// Gives the thread a job.
    pub(super) fn write<T, J>(&self, job: J, urgency: Urgency) -> Pending<T>
    where
        T: Send + 'static,
        J: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (promise, pending) = Pending::pair();
        if urgency == Urgency::Bounded {
            if self.waiting.load(Ordering::Relaxed) >= self.jobs_max {
                return Pending::ready(Err(StoreError::Busy));
            }
            self.waiting.fetch_add(1, Ordering::Relaxed);
        }
        let job: Job = Box::new(move |connection| match connection.and_then(|connection| guarded(job, connection)) {
            Ok(value) => (Ok(()), Box::new(move |end: Result<(), StoreError>| promise.keep(end.map(|()| value)))),
            Err(error) => (Err(error.clone()), Box::new(move |_| promise.keep(Err(error)))),
        });
        self.send(Order::Write(job, urgency));
        pending
    }

    /// Empties the write-ahead log after everything given before, then calls back.
    pub(super) fn scrub(&self, then: Box<dyn FnOnce() + Send>) {
        self.send(Order::Scrub(then));
    }

    /// Finishes what was given before and ends the thread.
    pub(super) fn close(&self) {
        if let Some(orders) = self.orders.lock().ok().and_then(|mut orders| orders.take()) {
            // An error means that the thread has ended already.
            let _ended = orders.send(Order::Stop);
        }
        if let Some(thread) = self.thread.lock().ok().and_then(|mut thread| thread.take()) {
            let _panicked = thread.join();
        }
    }

    /// An order that cannot be sent is dropped: its pending result then says `Closed`.
    fn send(&self, order: Order) {
        if let Ok(orders) = self.orders.lock()
            && let Some(orders) = orders.as_ref()
        {
            let _ended = orders.send(order);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

/// A job that panics is a fault of ours; it must not take the thread and everybody's writes with it.
fn guarded<T>(
    job: impl FnOnce(&Connection) -> Result<T, StoreError>,
    connection: &Connection,
) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(|| job(connection)))
        .unwrap_or_else(|_| Err(StoreError::Io("a job of the store panicked".to_owned())))
}

fn run(connection: &Connection, orders: &Receiver<Order>, waiting: &AtomicU64, tally: &Tally) {
    let mut next = orders.recv().ok();
    while let Some(order) = next.take() {
        match order {
            Order::Write(..) => next = group(connection, order, orders, waiting, tally),
            Order::Scrub(then) => {
                truncate_log(connection);
                then();
            }
            Order::Stop => break,
        }
        next = next.or_else(|| orders.recv().ok());
    }
    let _best_effort = connection.execute_batch("PRAGMA optimize;");
    truncate_log(connection);
}

/// Runs a first job and all that wait behind it in one transaction, then tells everybody. Gives an order of another kind
/// that came after them.
fn group(
    connection: &Connection,
    first: Order,
    orders: &Receiver<Order>,
    waiting: &AtomicU64,
    tally: &Tally,
) -> Option<Order> {
    let mut state = plain(connection, "BEGIN IMMEDIATE");
    let begun = state.is_ok();
    let mut endings = Vec::new();
    let mut next = Some(first);
    while let Some(Order::Write(job, urgency)) = next {
        if urgency == Urgency::Bounded {
            waiting.fetch_sub(1, Ordering::Relaxed);
        }
        if begun {
            state = run_in_savepoint(connection, job, &mut endings);
        } else {
            endings.push(job(state.clone().map(|()| connection)).1);
        }
        next = None;
        if endings.len() >= GROUP_MAX || (begun && state.is_err()) {
            break;
        }
        next = orders.try_recv().ok();
    }
    let result = state.and_then(|()| plain(connection, "COMMIT"));
    if !connection.is_autocommit() {
        let _gone = plain(connection, "ROLLBACK");
    }
    if result.is_ok() {
        tally.transactions.fetch_add(1, Ordering::Relaxed);
        tally.jobs.fetch_add(endings.len() as u64, Ordering::Relaxed);
    }
    for ending in endings {
        ending(result.clone());
    }
    next
}

/// Runs a job so that its failure undoes only its own writes. An error means that the whole transaction is lost: a full
/// disk may make SQLite roll all of it back.
fn run_in_savepoint(connection: &Connection, job: Job, endings: &mut Vec<Ending>) -> Result<(), StoreError> {
    plain(connection, "SAVEPOINT job")?;
    let (kept, ending) = job(Ok(connection));
    endings.push(ending);
    match kept {
        Ok(()) => plain(connection, "RELEASE job"),
        Err(error) if connection.is_autocommit() => Err(error),
        Err(_) => plain(connection, "ROLLBACK TO job").and_then(|()| plain(connection, "RELEASE job")),
    }
}

fn plain(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql).and_then(|mut sql| sql.execute([])).map(|_| ()).map_err(said)
}

fn truncate_log(connection: &Connection) {
    // A reader that still looks at an old state keeps the log; the next checkpoint gets it.
    let _busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}
