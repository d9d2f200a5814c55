//! The store in plain maps, for tests and demonstrations: the same meaning as the SQLite store, nothing on the disk. What
//! is acknowledged lasts as long as the value does. The desk's half is here, the other traits have files of their own.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Mutex;

use desk::Turn;
use desk::command::Medium;
use desk::entity::Record;
use desk::event::{Ending, Part};
use desk::ids::{AgentId, QueueId, RequestId, VisitorId, WorkgroupId};
use desk::time::{Span, Time};

use crate::accounts::{Account, ApiKey, Session};
use crate::archive::{Author, File, Left, Message, Note};
use crate::commit::{Commit, Document, LoggedEvent, Status, Store};
use crate::edges::{AuditEntry, Block, Canned, Delivery, DeliveryState, Visit, Visitor, Webhook};
use crate::history::Key;
use crate::{Hash, Pending, StoreError, Stored};

mod accounts;
mod archive;
mod edges;
mod erase;
mod im;
mod search;
mod turns;

/// A store in memory.
#[derive(Default)]
pub struct Memory(Mutex<World>);

/// Opens an empty store.
pub fn open() -> Memory {
    Memory::default()
}

#[derive(Default)]
struct World {
    closed: bool,
    commits: u64,
    jobs: u64,
    /// The last number given in each table that counts.
    numbers: BTreeMap<&'static str, u64>,
    events: VecDeque<LoggedEvent>,
    records: BTreeMap<Key, Record>,
    labels: BTreeMap<(Kind, u64), Label>,
    chats: BTreeMap<RequestId, Chat>,
    messages: BTreeMap<RequestId, Vec<Message>>,
    read_marks: BTreeMap<(RequestId, Author), u64>,
    files: Vec<File>,
    notes: Vec<(RequestId, Note)>,
    comments: BTreeMap<RequestId, String>,
    left: BTreeMap<u64, Left>,
    visits: BTreeMap<RequestId, (Visit, Option<Hash>)>,
    visit_tokens: BTreeMap<Hash, RequestId>,
    visitors: BTreeMap<VisitorId, (Visitor, Option<Hash>)>,
    canned: BTreeMap<u64, Canned>,
    webhooks: BTreeMap<u64, Webhook>,
    deliveries: BTreeMap<u64, Delivery>,
    blocks: BTreeMap<u64, Block>,
    audit: Vec<AuditEntry>,
    accounts: BTreeMap<String, Account>,
    sessions: BTreeMap<Hash, Session>,
    keys: BTreeMap<u64, (ApiKey, Hash)>,
    documents: BTreeMap<String, Document>,
    secrets: BTreeMap<String, [u8; 32]>,
    xmpp: im::Xmpp,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Workgroup,
    Queue,
    Agent,
}

#[derive(Default)]
struct Label {
    within: u64,
    name: String,
    title: String,
}

/// A row of the history, without words.
struct Chat {
    workgroup: WorkgroupId,
    asked: QueueId,
    counted: QueueId,
    visitor: VisitorId,
    medium: Medium,
    priority: u8,
    arrived_at: Time,
    joined_at: Time,
    answered: Option<(Time, QueueId, AgentId)>,
    within_target: bool,
    ended: Option<(Time, Ending)>,
    handled: Span,
    agents: BTreeMap<AgentId, (Part, Time, Option<Time>)>,
    tags: Vec<String>,
    stars: Option<u8>,
    messages_erased: u64,
    erased_at: Option<Time>,
}

impl World {
    /// The next number of a table; numbers are not reused.
    fn number(&mut self, table: &'static str) -> u64 {
        let number = self.numbers.entry(table).or_default();
        *number += 1;
        *number
    }
}

impl Memory {
    /// A job that may change something. It checks before it changes, so that a failed one changed nothing.
    fn write<T>(&self, job: impl FnOnce(&mut World) -> Result<T, StoreError>) -> Pending<T> {
        Pending::ready(self.0.lock().map_err(|_| StoreError::Closed).and_then(|mut world| {
            if world.closed {
                return Err(StoreError::Closed);
            }
            world.commits += 1;
            world.jobs += 1;
            job(&mut world)
        }))
    }

    /// A job that looks.
    fn read<T>(&self, job: impl FnOnce(&World) -> T) -> Pending<T> {
        Pending::ready(
            self.0
                .lock()
                .map_err(|_| StoreError::Closed)
                .and_then(|world| if world.closed { Err(StoreError::Closed) } else { Ok(job(&world)) }),
        )
    }
}

impl Store for Memory {
    fn load(&self) -> Pending<Vec<Record>> {
        self.read(|world| world.records.values().cloned().collect())
    }

    fn commit(&self, commit: Commit) -> Pending<Stored<Vec<Turn>>> {
        self.write(|world| {
            turns::write(world, &commit);
            Ok(Stored::new(commit.turns))
        })
    }

    fn events(&self, after: u64, limit: usize) -> Pending<Vec<LoggedEvent>> {
        self.read(|world| world.events.iter().filter(|event| event.seq > after).take(limit).cloned().collect())
    }

    fn prune_events(&self, before: Time, limit: usize) -> Pending<u64> {
        self.write(|world| {
            let mut gone = 0;
            while gone < limit as u64 && world.events.len() > 1 && world.events[0].at < before {
                world.events.pop_front();
                gone += 1;
            }
            Ok(gone)
        })
    }

    fn document(&self, name: &str) -> Pending<Option<Document>> {
        self.read(|world| world.documents.get(name).cloned())
    }

    fn set_document(&self, name: &str, body: String, expected: Option<u64>, at: Time) -> Pending<u64> {
        self.write(|world| {
            let present = world.documents.get(name).map_or(0, |document| document.version);
            if expected.is_some_and(|expected| expected != present) {
                return Err(StoreError::Conflict("version"));
            }
            world.documents.insert(name.to_owned(), Document { body, version: present + 1, at });
            Ok(present + 1)
        })
    }

    fn secret(&self, name: &str, fresh: [u8; 32]) -> Pending<[u8; 32]> {
        self.write(|world| Ok(*world.secrets.entry(name.to_owned()).or_insert(fresh)))
    }

    fn status(&self) -> Pending<Status> {
        self.read(|world| Status {
            backend: "memory",
            bytes: 0,
            free_bytes: 0,
            events: world.events.len() as u64,
            chats: world.chats.len() as u64,
            messages: world.messages.values().map(|list| list.len() as u64).sum(),
            outbox: world.deliveries.values().filter(|delivery| delivery.state == DeliveryState::Due).count() as u64,
            transactions: world.commits,
            jobs: world.jobs,
        })
    }

    fn backup(&self, _to: PathBuf) -> Pending<u64> {
        Pending::ready(Err(StoreError::Io("a store in memory has no backup".to_owned())))
    }

    fn check(&self) -> Pending<Vec<String>> {
        self.read(|world| {
            let lost = world.records.values().filter(|record| match record {
                Record::Request(id, Some(_)) => !world.chats.contains_key(id),
                _ => false,
            });
            lost.map(|_| "a request has no row in the history".to_owned()).collect()
        })
    }

    fn close(&self) {
        if let Ok(mut world) = self.0.lock() {
            world.closed = true;
        }
    }
}
