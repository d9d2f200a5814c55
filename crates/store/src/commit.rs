//! What the loop commits and what the server starts from: turns of the engine with the personal words that belong to
//! them, in one transaction; the desk's records back at start-up; documents, secrets, backup, check.

use std::path::PathBuf;

use desk::Turn;
use desk::command::BlockKey;
use desk::entity::Record;
use desk::ids::{AgentId, RequestId, VisitorId, WorkgroupId};
use desk::time::Time;

use crate::edges::{NewAudit, NewDelivery};
use crate::{Hash, Pending, Stored};

/// The desk's state and events, and what belongs to the database as a whole.
pub trait Store: Send + Sync {
    /// Everything that the engine starts from, in the order that `Engine::restore` may take it.
    fn load(&self) -> Pending<Vec<Record>>;
    /// Makes turns durable: event log, current tables, history and personal words in one transaction. Resolves after
    /// the transaction is on disk. An error means that nothing of this commit is stored.
    fn commit(&self, commit: Commit) -> Pending<Stored<Vec<Turn>>>;
    /// Events of the log after number `after`, oldest first, at most `limit`.
    fn events(&self, after: u64, limit: usize) -> Pending<Vec<LoggedEvent>>;
    /// Forgets up to `limit` events of the log from before that time; how many there were.
    fn prune_events(&self, before: Time, limit: usize) -> Pending<u64>;
    /// A document (settings and the like) by name.
    fn document(&self, name: &str) -> Pending<Option<Document>>;
    /// Writes a document and gives its new version, from 1. With `expected`, `Conflict("version")` if another version is
    /// there (0: none may be there).
    fn set_document(&self, name: &str, body: String, expected: Option<u64>, at: Time) -> Pending<u64>;
    /// The secret of that name; `fresh`, which the caller drew at random, becomes it if there is none.
    fn secret(&self, name: &str, fresh: [u8; 32]) -> Pending<[u8; 32]>;
    /// Sizes, for the administrator's page and the metrics.
    fn status(&self) -> Pending<Status>;
    /// Writes a consistent copy of the whole database to a file that must not exist, while running; its size in bytes.
    fn backup(&self, to: PathBuf) -> Pending<u64>;
    /// Looks through the whole database; each finding is a sentence, none: sound.
    fn check(&self) -> Pending<Vec<String>>;
    /// Finishes what was asked before, then refuses everything with `Closed`. Waits for the threads to end.
    fn close(&self);
}

/// What one round of the loop makes durable.
#[derive(Default)]
pub struct Commit {
    /// The turns in order.
    pub turns: Vec<Turn>,
    /// Words that belong to a turn, by its index in `turns`. Words of a turn that was refused are not written, except notices:
    /// they are about what fell due in the same turn.
    pub personal: Vec<(usize, Personal)>,
}

/// Which request words belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    /// One that is known.
    Request(RequestId),
    /// The one that this turn queued (its `RequestQueued`).
    Queued,
}

/// Words that are written in the same transaction as a turn, never into the event log.
#[derive(Clone, PartialEq, Debug)]
pub enum Personal {
    /// Who asks for help, and how they are recognised.
    Visit(Box<NewVisit>),
    /// What the asking agent tells the next one; kept as a note of the chat.
    TransferNote {
        /// Which chat.
        request: RequestId,
        /// Who asks.
        from: AgentId,
        /// What is told.
        text: String,
        /// When.
        at: Time,
    },
    /// Why somebody was blocked.
    Block(NewBlock),
    /// A notice to send: web hook or mail.
    Delivery(NewDelivery),
    /// A line of the audit log.
    Audit(NewAudit),
}

/// A visit to be opened: the personal half of a request.
#[derive(Clone, PartialEq, Debug)]
pub struct NewVisit {
    /// Whose.
    pub of: Of,
    /// At which entrance.
    pub workgroup: WorkgroupId,
    /// Who; drawn at random by the edge for a new visitor, below 2^63.
    pub visitor: VisitorId,
    /// Hash of the token by which the visitor is recognised when returning; written if the visitor has none yet.
    pub returning_hash: Option<Hash>,
    /// Hash of the visit's token.
    pub token_hash: Hash,
    /// Hash of the client's key: the same key again means the same visit.
    pub key_hash: Option<Hash>,
    /// The name given, if any.
    pub name: Option<String>,
    /// Language tag.
    pub locale: String,
    /// Where the visitor comes from.
    pub page: Option<Page>,
    /// Answers to the form, in its order.
    pub answers: Vec<Answer>,
    /// Keyed hash of the network address.
    pub address_hash: Option<Hash>,
    /// When.
    pub at: Time,
}

/// The page that a visitor looks at.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Page {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The page before.
    pub referrer: String,
}

/// An answer to a field of the form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The field's name.
    pub field: String,
    /// What was asked, as the house reads it.
    pub label: String,
    /// What was answered.
    pub value: String,
}

/// A block with who set it and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewBlock {
    /// What the desk blocks.
    pub key: BlockKey,
    /// The request it was set from, if any.
    pub request: Option<RequestId>,
    /// Account name of who set it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Until when; none: until lifted.
    pub until: Option<Time>,
    /// When.
    pub at: Time,
}

/// An event as it stands in the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoggedEvent {
    /// Its number, rising without end; numbers are not reused.
    pub seq: u64,
    /// Number of the turn; the events of one turn share it.
    pub turn: u64,
    /// The turn's time.
    pub at: Time,
    /// The event's name as in `desk::event::Event`.
    pub kind: String,
    /// Its fields as JSON; without words.
    pub body: String,
}

/// A named JSON document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Document {
    /// JSON.
    pub body: String,
    /// Counts the writes, from 1.
    pub version: u64,
    /// When it was written last.
    pub at: Time,
}

/// Sizes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Status {
    /// `sqlite` or `memory`.
    pub backend: &'static str,
    /// Bytes of the database without its log; 0 in memory.
    pub bytes: u64,
    /// Bytes inside it that can be used again.
    pub free_bytes: u64,
    /// Events in the log.
    pub events: u64,
    /// Chats in the history.
    pub chats: u64,
    /// Messages kept.
    pub messages: u64,
    /// Notices waiting to be sent.
    pub outbox: u64,
    /// Transactions committed since the start.
    pub transactions: u64,
    /// Jobs that those transactions carried.
    pub jobs: u64,
}
