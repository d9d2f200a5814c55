//! Conversations and their history: messages numbered per chat, files, notes, tags, ratings, search, reports, and
//! forgetting. A chat has the number of its request.

use desk::command::Medium;
use desk::event::{Ending, Part};
use desk::ids::{AgentId, RequestId, VisitorId, WorkgroupId};
use desk::time::{Span, Time};

use crate::Pending;
use crate::commit::{Answer, Page};

/// Begins a matched word in `Hit::snippet`.
pub const MARK_START: char = '\u{2}';
/// Ends a matched word in `Hit::snippet`.
pub const MARK_END: char = '\u{3}';

/// What was said, and what is known of chats afterwards.
pub trait Archive: Send + Sync {
    /// Numbers and stores a message (1, 2, 3 … per chat). The same `(chat, from, client_id)` again stores nothing and
    /// gives the first one's number. `NotFound` if there is no such chat.
    fn append(&self, message: NewMessage) -> Pending<Appended>;
    /// Replaces the text of a message of `from`; `NotFound` if it is not theirs or no text. Whether it may still be
    /// corrected is for the caller to say.
    fn correct(&self, chat: RequestId, number: u64, from: Author, text: &str, at: Time) -> Pending<()>;
    /// Messages of a chat in order.
    fn messages(&self, chat: RequestId, range: Range) -> Pending<Vec<Message>>;
    /// The first and the last that visitors said in these chats; chats in which they said nothing are left out.
    fn spoken(&self, chats: Vec<RequestId>) -> Pending<Vec<Spoken>>;
    /// Notes how far somebody has read; never backwards. Gives what holds now.
    fn mark_read(&self, chat: RequestId, who: Author, number: u64) -> Pending<u64>;
    /// How far everybody has read.
    fn read_marks(&self, chat: RequestId) -> Pending<Vec<(Author, u64)>>;

    /// A file by its id.
    fn file(&self, id: &str) -> Pending<Option<File>>;
    /// The files of a chat, oldest first.
    fn files(&self, chat: RequestId) -> Pending<Vec<File>>;
    /// Files of all chats by their ids, after this one (empty: from the first), at most `limit`.
    fn all_files(&self, after: &str, limit: usize) -> Pending<Vec<File>>;
    /// Forgets a file (its message stays); `NotFound` if it is not there. Deleting it from the disk is the caller's.
    fn forget_file(&self, id: &str) -> Pending<()>;

    /// Adds a note that only the house reads.
    fn add_note(&self, chat: RequestId, by: AgentId, text: &str, at: Time) -> Pending<()>;
    /// The notes of a chat, oldest first.
    fn notes(&self, chat: RequestId) -> Pending<Vec<Note>>;
    /// Replaces the tags of a chat.
    fn set_tags(&self, chat: RequestId, tags: Vec<String>) -> Pending<()>;
    /// Rates a chat once; `Conflict("rated")` the second time.
    fn rate(&self, chat: RequestId, stars: u8, comment: Option<String>, at: Time) -> Pending<()>;

    /// A chat's row of the history.
    fn chat(&self, chat: RequestId) -> Pending<Option<ChatRow>>;
    /// A visitor's chats, newest first.
    fn history(&self, visitor: VisitorId, limit: usize) -> Pending<Vec<ChatRow>>;
    /// Full-text search, newest message first; without text: chats, newest first, one hit each.
    fn search(&self, query: SearchQuery) -> Pending<Hits>;
    /// Counts per bucket of time and per queue, agent, workgroup or altogether. A chat counts in the bucket in which it
    /// arrived. Rows without any count are left out.
    fn counts(&self, query: CountsQuery) -> Pending<Vec<Counts>>;

    /// Removes the words, names, addresses, answers and files of a visitor or a chat; the counts stay. An open visit
    /// loses its tokens, so end it first.
    fn erase(&self, whom: Whom, at: Time) -> Pending<Erased>;
    /// Forgets what is older than each workgroup's rules say, up to `limit` chats at a call.
    fn retain(&self, now: Time, rules: Vec<RetentionRule>, limit: usize) -> Pending<Retained>;

    /// Keeps a message that was left while closed; its number.
    fn leave_message(&self, left: NewLeft) -> Pending<u64>;
    /// Messages left, newest first, before number `before`; only undone ones if `open`.
    fn left_messages(&self, open: bool, before: Option<u64>, limit: usize) -> Pending<Vec<Left>>;
    /// Notes who dealt with a message; `NotFound` if it is not there. The second time changes nothing.
    fn left_message_done(&self, id: u64, by: &str, at: Time) -> Pending<()>;
}

/// Who said it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Author {
    /// The chat's visitor.
    Visitor,
    /// An agent.
    Agent(AgentId),
    /// The workgroup itself.
    Desk,
}

/// What a message is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageKind {
    /// Something said.
    Text,
    /// A file handed over.
    File,
    /// Something that happened in the room.
    Event,
}

/// What happened in the room, for a message of kind `Event`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomEvent {
    /// A word of the edge: `entered`, `left`, `transferred` …
    pub what: String,
    /// Whom it is about.
    pub who: Option<Author>,
}

/// A message to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMessage {
    /// Which chat.
    pub chat: RequestId,
    /// Who says it.
    pub from: Author,
    /// The client's own id, by which a repeated message is recognised.
    pub client_id: String,
    /// What it is.
    pub kind: MessageKind,
    /// What is said; the file's name for a file.
    pub text: String,
    /// The file, stored in the same transaction.
    pub file: Option<NewFile>,
    /// What happened, for an event.
    pub event: Option<RoomEvent>,
    /// The room's stanza id (XEP-0359).
    pub stanza_id: Option<String>,
    /// When.
    pub at: Time,
}

/// What a visitor said first and last in a chat: the text, or the name of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spoken {
    /// Which chat.
    pub chat: RequestId,
    /// The first.
    pub first: String,
    /// The last; the first if there is only one.
    pub last: String,
}

/// Where a message was put.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Appended {
    /// Its number in the chat.
    pub number: u64,
    /// Its time (the first one's, for a duplicate).
    pub at: Time,
    /// It was there before; nothing was stored.
    pub duplicate: bool,
}

/// A message as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its number in the chat.
    pub number: u64,
    /// Who said it.
    pub from: Author,
    /// The client's own id.
    pub client_id: String,
    /// What it is.
    pub kind: MessageKind,
    /// What was said, as corrected.
    pub text: String,
    /// When it was corrected last.
    pub corrected_at: Option<Time>,
    /// The file, while it is kept.
    pub file: Option<File>,
    /// What happened.
    pub event: Option<RoomEvent>,
    /// The room's stanza id.
    pub stanza_id: Option<String>,
    /// When.
    pub at: Time,
}

/// Which messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Range {
    /// The newest so many.
    Last(usize),
    /// The newest so many with a number below.
    Before(u64, usize),
    /// The oldest so many with a number above.
    After(u64, usize),
}

/// A file to be kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewFile {
    /// Random id, given by the caller.
    pub id: String,
    /// Name as the sender gave it.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes, 64 digits in lower case.
    pub sha256: String,
    /// Where it lies, relative to the files directory.
    pub path: String,
}

/// A file that is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// Its id.
    pub id: String,
    /// Which chat.
    pub chat: RequestId,
    /// Who sent it.
    pub from: Author,
    /// Name as the sender gave it.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes, 64 digits in lower case; none if it came before sums were kept.
    pub sha256: Option<String>,
    /// Where it lies, relative to the files directory.
    pub path: String,
    /// When it came.
    pub at: Time,
}

/// A note of the house.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// Who wrote it.
    pub by: AgentId,
    /// What.
    pub text: String,
    /// When.
    pub at: Time,
}

/// A queue or workgroup by number and name; the names outlive their removal from the desk.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Named {
    /// The number.
    pub id: u64,
    /// Its name in the declaration; a queue's is `workgroup/queue`.
    pub name: String,
    /// What people read.
    pub title: String,
}

/// An agent who took part in a chat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Participant {
    /// Who.
    pub agent: AgentId,
    /// Account name.
    pub name: String,
    /// What visitors read.
    pub title: String,
    /// As what.
    pub part: Part,
    /// Since when.
    pub entered_at: Time,
    /// Until when.
    pub left_at: Option<Time>,
}

/// A chat in the history; a callback too.
#[derive(Clone, PartialEq, Debug)]
pub struct ChatRow {
    /// Its number.
    pub chat: RequestId,
    /// At which entrance.
    pub workgroup: Named,
    /// The queue that was asked.
    pub asked: Named,
    /// The queue whose agent answered.
    pub answered_by: Option<Named>,
    /// Who asked.
    pub visitor: VisitorId,
    /// The visitor's name, while it is kept.
    pub visitor_name: Option<String>,
    /// Language tag, while it is kept.
    pub locale: Option<String>,
    /// The page, while it is kept.
    pub page: Option<Page>,
    /// Answers to the form, while they are kept.
    pub answers: Vec<Answer>,
    /// By which medium.
    pub medium: Medium,
    /// Class.
    pub priority: u8,
    /// When it was accepted.
    pub arrived_at: Time,
    /// From when its wait is measured; later than `arrived_at` only for callbacks.
    pub joined_at: Time,
    /// When the visitor was put through for the first time.
    pub answered_at: Option<Time>,
    /// The first agent.
    pub answered_agent: Option<AgentId>,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// How it ended.
    pub ending: Option<Ending>,
    /// How long visitor and agents were together, without what the chat spent back in the line. Nothing before its end.
    pub handled: Span,
    /// Who took part.
    pub agents: Vec<Participant>,
    /// Tags.
    pub tags: Vec<String>,
    /// Rating, 1–5.
    pub stars: Option<u8>,
    /// What was said with the rating, while it is kept.
    pub comment: Option<String>,
    /// Messages there were, also after they were forgotten.
    pub messages: u64,
    /// When its words were removed.
    pub erased_at: Option<Time>,
}

/// What is searched for. Every condition that is set must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SearchQuery {
    /// Words; all must be in one message, the last may be the beginning of a word. Empty: every chat.
    pub text: String,
    /// Only these workgroups; none: all. An empty list finds nothing.
    pub workgroups: Option<Vec<WorkgroupId>>,
    /// Only chats in which this agent took part.
    pub agent: Option<AgentId>,
    /// Only this visitor.
    pub visitor: Option<VisitorId>,
    /// Only visitors in whose name this stands; of letters without accents, large and small are alike.
    pub name: Option<String>,
    /// Arrived at or after.
    pub from: Option<Time>,
    /// Arrived before.
    pub to: Option<Time>,
    /// `Hits::next` of the page before.
    pub cursor: Option<u64>,
    /// Most hits, 1–200.
    pub limit: usize,
}

/// A page of hits.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Hits {
    /// The hits.
    pub hits: Vec<Hit>,
    /// Where the next page begins; none: this was the last.
    pub next: Option<u64>,
}

/// A hit.
#[derive(Clone, PartialEq, Debug)]
pub struct Hit {
    /// The chat.
    pub chat: ChatRow,
    /// The message; none when only chats were asked for.
    pub number: Option<u64>,
    /// A piece of the text with the matched words between `MARK_START` and `MARK_END`; empty without text.
    pub snippet: String,
}

/// What is counted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// The queue that the declaration counts on: asked, or answered.
    Queue,
    /// The first agent; chats that nobody answered are left out.
    Agent,
    /// The workgroup.
    Workgroup,
    /// Nothing: one row per bucket.
    All,
}

/// Which counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CountsQuery {
    /// Arrived at or after.
    pub from: Time,
    /// Arrived before.
    pub to: Time,
    /// Length of a bucket; zero: one bucket.
    pub step: Span,
    /// Rows per bucket.
    pub by: By,
    /// Only this workgroup.
    pub workgroup: Option<WorkgroupId>,
}

/// Counts of a bucket.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Which bucket, from 0 at `from`.
    pub bucket: u64,
    /// Number of the queue, agent or workgroup; 0 for `By::All`.
    pub id: u64,
    /// Requests that arrived.
    pub arrived: u64,
    /// Of these, put through.
    pub answered: u64,
    /// Of these, ended by the visitor before being put through: departed, abandoned, not entered, unreachable.
    pub abandoned: u64,
    /// Of the answered, put through within the queue's target.
    pub within_target: u64,
    /// Waits of the answered, added up.
    pub wait_sum: Span,
    /// The longest wait of the answered.
    pub wait_max: Span,
    /// Answered chats that have ended.
    pub handled: u64,
    /// Their lengths from being put through to the end, added up.
    pub handled_sum: Span,
    /// Ratings given.
    pub rated: u64,
    /// Stars, added up.
    pub stars_sum: u64,
}

/// Whose words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whom {
    /// Everything of a visitor, messages left while closed included.
    Visitor(VisitorId),
    /// One chat.
    Chat(RequestId),
    /// One message left while closed.
    Left(u64),
}

/// What was removed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Erased {
    /// Chats touched.
    pub chats: u64,
    /// Messages removed.
    pub messages: u64,
    /// Files removed.
    pub files: u64,
    /// Messages left while closed removed.
    pub left: u64,
    /// Where those lie, relative to the files directory; the caller deletes them.
    pub paths: Vec<String>,
}

/// How long a workgroup keeps what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetentionRule {
    /// Which workgroup.
    pub workgroup: WorkgroupId,
    /// Words of a chat, so long after its end; none: for ever.
    pub transcripts: Option<Span>,
    /// Hashes of addresses, so long after the visit began.
    pub addresses: Option<Span>,
    /// Files, so long after they came.
    pub files: Option<Span>,
}

/// What was forgotten.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Retained {
    /// Chats, messages and files removed, with the files' places.
    pub erased: Erased,
    /// Hashes of addresses forgotten.
    pub addresses: u64,
    /// There is more to do; call again.
    pub more: bool,
}

/// A message left while closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewLeft {
    /// At which entrance.
    pub workgroup: WorkgroupId,
    /// The visitor, if known from a visit before.
    pub visitor: Option<VisitorId>,
    /// Who.
    pub name: String,
    /// Where an answer can go.
    pub email: String,
    /// What.
    pub text: String,
    /// Language tag.
    pub locale: String,
    /// The page.
    pub page: Option<Page>,
    /// Keyed hash of the network address.
    pub address_hash: Option<crate::Hash>,
    /// When.
    pub at: Time,
}

/// A message left while closed, as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Left {
    /// Its number.
    pub id: u64,
    /// What was left.
    pub left: NewLeft,
    /// Who dealt with it, and when.
    pub done: Option<(String, Time)>,
}
