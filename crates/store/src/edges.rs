//! What the edges remember beside the desk: visits and visitors, canned replies, web hooks and the outbox, why somebody
//! is blocked, the audit log.

use desk::command::BlockKey;
use desk::ids::{AgentId, RequestId, VisitorId, WorkgroupId};
use desk::time::{Span, Time};

use crate::commit::{Answer, NewBlock, Page};
use crate::{Hash, Pending};

/// What the edges remember.
pub trait Edges: Send + Sync {
    /// The visit of a token.
    fn visit_by_token(&self, token: Hash) -> Pending<Option<Visit>>;
    /// The newest visit that was opened with this client key.
    fn visit_by_key(&self, key: Hash) -> Pending<Option<Visit>>;
    /// The visits of these requests, in any order; unknown ones are left out.
    fn visits(&self, requests: Vec<RequestId>) -> Pending<Vec<Visit>>;
    /// All visits that have not ended; what a server reads at start-up.
    fn open_visits(&self) -> Pending<Vec<Visit>>;
    /// The open visits of a visitor, newest first.
    fn open_visits_of(&self, visitor: VisitorId) -> Pending<Vec<Visit>>;
    /// Gives a visit one more token (a second tab, or a repeated opening); `NotFound` if there is no such visit.
    fn add_visit_token(&self, request: RequestId, token: Hash, at: Time) -> Pending<()>;
    /// The visitor went to another page.
    fn set_page(&self, request: RequestId, page: Page) -> Pending<()>;
    /// The visitor who has this returning token.
    fn visitor_by_token(&self, token: Hash) -> Pending<Option<Visitor>>;
    /// Visitors by number; unknown ones are left out.
    fn visitors(&self, visitors: Vec<VisitorId>) -> Pending<Vec<Visitor>>;

    /// Canned replies that the declaration does not hold: people's own, and shared ones made at run time; by shortcut.
    fn canned(&self) -> Pending<Vec<Canned>>;
    /// Writes a canned reply (`id` 0: a new one); its number. `Conflict("shortcut")` if its owner has one of that name.
    fn put_canned(&self, canned: Canned) -> Pending<u64>;
    /// Removes a canned reply; `NotFound` if it is not there.
    fn delete_canned(&self, id: u64) -> Pending<()>;

    /// All web hooks.
    fn webhooks(&self) -> Pending<Vec<Webhook>>;
    /// Writes a web hook (`id` 0: a new one); its number.
    fn put_webhook(&self, webhook: Webhook) -> Pending<u64>;
    /// Removes a web hook and what is still to be sent to it; `NotFound` if it is not there.
    fn delete_webhook(&self, id: u64) -> Pending<()>;

    /// Puts notices into the outbox (see also `Personal::Delivery`); the number of the first.
    fn enqueue(&self, deliveries: Vec<NewDelivery>) -> Pending<u64>;
    /// Takes up to `limit` notices that are due and of that channel; they are due again after `lease`, so a crash in
    /// between sends them again.
    fn claim(&self, channel: Channel, now: Time, lease: Span, limit: usize) -> Pending<Vec<Delivery>>;
    /// When the next notice of that channel is due.
    fn next_due(&self, channel: Channel) -> Pending<Option<Time>>;
    /// A notice arrived: its body and address are forgotten; `note` says how it went (`200`).
    fn delivered(&self, id: u64, note: &str, at: Time) -> Pending<()>;
    /// A notice did not arrive: again at `next_at`, or never (a dead letter).
    fn failed(&self, id: u64, problem: &str, next_at: Option<Time>, at: Time) -> Pending<()>;
    /// What was sent to a target lately, newest first.
    fn deliveries(&self, channel: Channel, webhook: Option<u64>, limit: usize) -> Pending<Vec<Delivery>>;
    /// Forgets notices that arrived or died before that time; how many.
    fn prune_deliveries(&self, before: Time) -> Pending<u64>;

    /// Who is blocked and why, newest first; what was lifted is left out.
    fn blocks(&self) -> Pending<Vec<Block>>;
    /// Forgets why somebody was blocked; `NotFound` if it is not there. Lifting the block itself is the desk's.
    fn delete_block(&self, id: u64) -> Pending<()>;

    /// Adds to the audit log (see also `Personal::Audit`).
    fn audit(&self, entry: NewAudit) -> Pending<()>;
    /// The audit log, newest first, before number `before`.
    fn audit_page(&self, before: Option<u64>, limit: usize) -> Pending<Vec<AuditEntry>>;
    /// Forgets entries of the audit log from before that time; how many.
    fn prune_audit(&self, before: Time) -> Pending<u64>;
}

/// A visit: the personal half of a request.
#[derive(Clone, PartialEq, Debug)]
pub struct Visit {
    /// Its request; also the chat's number.
    pub request: RequestId,
    /// At which entrance.
    pub workgroup: WorkgroupId,
    /// Who.
    pub visitor: VisitorId,
    /// The name given.
    pub name: Option<String>,
    /// Language tag.
    pub locale: String,
    /// The page the visitor looks at.
    pub page: Option<Page>,
    /// Answers to the form.
    pub answers: Vec<Answer>,
    /// Keyed hash of the network address, while it is kept.
    pub address_hash: Option<Hash>,
    /// When it was opened.
    pub opened_at: Time,
    /// When its request ended.
    pub ended_at: Option<Time>,
    /// The visitor had asked for help before.
    pub returned: bool,
}

/// A visitor who can be recognised.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visitor {
    /// Who.
    pub id: VisitorId,
    /// When first seen.
    pub first_at: Time,
    /// When help was asked for last.
    pub last_at: Time,
    /// How often help was asked for.
    pub visits: u64,
    /// Who was the last to help.
    pub last_agent: Option<AgentId>,
}

/// A canned reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Canned {
    /// Its number; 0 for a new one.
    pub id: u64,
    /// Account name of its owner; none: everybody's.
    pub owner: Option<String>,
    /// What is typed.
    pub shortcut: String,
    /// What it is called.
    pub title: String,
    /// What is said.
    pub text: String,
    /// Only at this workgroup, by name.
    pub workgroup: Option<String>,
    /// Only in this language.
    pub locale: Option<String>,
}

/// A web hook.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its number; 0 for a new one.
    pub id: u64,
    /// Where to.
    pub url: String,
    /// Names of what is sent; empty: everything.
    pub events: Vec<String>,
    /// Key of the signatures; kept in the clear because it must be used.
    pub secret: String,
    /// Nothing is sent for now.
    pub paused: bool,
    /// When it was made.
    pub at: Time,
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("id", &self.id).field("url", &self.url).finish_non_exhaustive()
    }
}

/// By which way a notice goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    /// To a web hook.
    Webhook,
    /// By mail.
    Mail,
}

/// Where a notice goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// To the web hook of that number.
    Webhook(u64),
    /// To a mail address.
    Mail(String),
}

/// A notice to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDelivery {
    /// Where to.
    pub target: Target,
    /// The event's name, or the mail's subject.
    pub subject: String,
    /// JSON, or the mail's text.
    pub body: String,
    /// The chat it is about; erasing the chat removes it.
    pub chat: Option<RequestId>,
    /// When it is due.
    pub due_at: Time,
}

/// How a notice fared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeliveryState {
    /// Still to be sent.
    Due,
    /// Arrived.
    Delivered,
    /// Given up.
    Dead,
}

/// A notice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// Its number: stays the same when it is sent again, so that the receiver can tell.
    pub id: u64,
    /// Where to; the address of a mail is empty once it arrived.
    pub target: Target,
    /// The event's name, or the mail's subject.
    pub subject: String,
    /// JSON, or the mail's text; empty once it arrived.
    pub body: String,
    /// The chat it is about.
    pub chat: Option<RequestId>,
    /// How often it was tried, this time included.
    pub attempts: u32,
    /// How it fares.
    pub state: DeliveryState,
    /// What was noted last.
    pub note: String,
    /// When it is due (again).
    pub due_at: Time,
    /// When it was put here.
    pub created_at: Time,
    /// When it arrived or was given up.
    pub settled_at: Option<Time>,
}

/// Why somebody is blocked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// Its number.
    pub id: u64,
    /// The block.
    pub block: NewBlock,
}

impl Block {
    /// What the desk blocks.
    pub fn key(&self) -> BlockKey {
        self.block.key
    }
}

/// A line for the audit log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAudit {
    /// When.
    pub at: Time,
    /// Account name, or `key:<title>`, or `desk`.
    pub who: String,
    /// What was done: `account.created`.
    pub what: String,
    /// To what: a name or number, no personal words.
    pub on: String,
    /// More, for reading.
    pub detail: String,
}

/// A line of the audit log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEntry {
    /// Its number.
    pub seq: u64,
    /// What stands there.
    pub entry: NewAudit,
}
