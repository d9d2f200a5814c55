//! What staff read on the wire: serialisable twins of the desk's things, as the API's page gives them. No decisions, no
//! lookups: they are filled in `facts.rs` and `words.rs`.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An agent as the floor sees them.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = StaffAgent)]
pub struct Agent {
    /// Opaque.
    pub id: String,
    /// Account name.
    pub name: String,
    /// What visitors read.
    pub title: String,
    /// Has a session.
    pub signed_in: bool,
    /// `chat`, `available`, `away`, `xa`, `dnd`, or `offline` without a session.
    pub show: &'static str,
    /// Code for being away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When the present availability was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show_since: Option<String>,
    /// The connection is gone; the session is kept for a grace.
    pub lost: bool,
    /// Chats taken part in.
    pub chats: usize,
    /// Most chats at once, what the agent asked for included.
    pub chats_max: u32,
    /// The pause after a chat lasts until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrap_up_until: Option<String>,
    /// Lines the agent is a member of.
    pub queues: Vec<Membership>,
    /// Rooms in which the agent waits for a visitor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<StaffedRoom>,
}

/// A line that an agent is a member of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Membership {
    /// `workgroup/queue`.
    pub queue: String,
    /// Helps there at present.
    pub opted_in: bool,
}

/// A room in which an agent waits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct StaffedRoom {
    /// Opaque.
    pub room: String,
    /// For which line.
    pub queue: String,
}

/// A workgroup as its staff need it.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = StaffWorkgroup)]
pub struct Workgroup {
    /// Address.
    pub name: String,
    /// What people read.
    pub title: String,
    /// `open`, `last_call` or `closed`.
    pub doors: &'static str,
    /// When it opens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<String>,
    /// Codes for being away.
    pub reasons: Vec<String>,
    /// Tags to choose from.
    pub tags: Vec<String>,
    /// Pause after a chat.
    pub wrap_up_s: i64,
    /// Lines that a chat can be handed to.
    pub transfer_targets: Vec<TransferPlace>,
}

/// A line that a chat can be handed to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct TransferPlace {
    /// `workgroup/queue`.
    pub queue: String,
    /// What staff read.
    pub title: String,
}

/// A line's figures.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = StaffQueue)]
pub struct Queue {
    /// `workgroup/queue`.
    pub id: String,
    /// The workgroup's address.
    pub workgroup: String,
    /// What staff read.
    pub title: String,
    /// `offer`, `ring-all`, `pull` or `staffed-room`.
    pub dispatch: &'static str,
    /// How many stand in it.
    pub waiting: usize,
    /// When the one at its head joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_at: Option<String>,
    /// How long that one has waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_s: Option<f64>,
    /// Agents who are there.
    pub staffed: usize,
    /// Chats they could take now.
    pub free_slots: usize,
    /// The wait that the house aims at.
    pub target_wait_s: i64,
    /// The workgroup's doors.
    pub doors: &'static str,
    /// Since midnight in the workgroup's zone.
    pub today: Today,
}

/// Figures of a day.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, ToSchema)]
pub struct Today {
    /// Requests that came.
    pub arrived: u64,
    /// Of these, put through.
    pub answered: u64,
    /// Of these, given up by the visitor before.
    pub abandoned: u64,
    /// Of the answered, within the target.
    pub within_target: u64,
    /// Mean wait of the answered.
    pub mean_wait_s: Option<f64>,
}

/// Who waits.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct Waiting {
    /// The request.
    pub request: String,
    /// The line.
    pub queue: String,
    /// Who.
    pub visitor: WaitingVisitor,
    /// Class, 0–9.
    pub priority: u8,
    /// Since when.
    pub joined_at: String,
    /// `waiting`, `offered`, `held` (connection lost) or `confirming`.
    pub state: &'static str,
    /// 0 in the asked line, then the rollover level.
    pub level: u8,
    /// Answers to the form.
    pub answers: Vec<Answer>,
    /// The beginning of what the visitor wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_words: Option<String>,
    /// The beginning of what the visitor wrote last while waiting, if that is something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_words: Option<String>,
    /// Skills required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skills: Option<String>,
    /// The page the visitor looks at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// `chat` or `callback`.
    pub medium: &'static str,
    /// The reader has what is required.
    pub may_take: bool,
}

/// Who waits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct WaitingVisitor {
    /// Opaque; the same at every visit.
    pub id: String,
    /// Name given, or a number.
    pub title: String,
    /// Was here before.
    pub returning: bool,
    /// Language tag.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub locale: String,
}

/// An answer to a form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Answer {
    /// What was asked.
    pub label: String,
    /// What was answered.
    pub value: String,
}

/// A page of a site.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Page {
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// The page before.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub referrer: String,
}

/// A request put before the reader.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct Offer {
    /// The offer.
    pub offer: String,
    /// The request.
    pub request: String,
    /// From which line.
    pub queue: String,
    /// `request`, `transfer` or `conference`.
    pub kind: &'static str,
    /// Since when.
    pub made_at: String,
    /// Until when.
    pub deadline: String,
    /// Who hands it over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Person>,
    /// What that agent says about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What is known.
    pub waiting: Waiting,
    /// Earlier requests of this visitor.
    pub earlier: u64,
    /// Title of the agent who helped this visitor last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_agent: Option<String>,
}

/// An agent by id and title.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Person {
    /// Opaque.
    pub agent: String,
    /// What people read.
    pub title: String,
}

/// A conversation as its agents see it.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = StaffChat)]
pub struct Chat {
    /// The chat; also its request.
    pub chat: String,
    /// `invited`, `chatting` or `ended`.
    pub room_state: &'static str,
    /// The asked line.
    pub queue: String,
    /// Since when.
    pub opened_at: String,
    /// Who is helped.
    pub visitor: ChatVisitor,
    /// Answers to the form.
    pub answers: Vec<Answer>,
    /// What the reader is in it: `holder`, `second` or `supervisor`.
    pub part: &'static str,
    /// Who takes part.
    pub agents: Vec<Inside>,
    /// Another agent is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<Transfer>,
    /// The last messages; only when the chat is new to the reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<Value>>,
    /// Number of the first of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_number: Option<u64>,
    /// Who has read how far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<ReadMarks>,
    /// Tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Notes of the house.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<Vec<Note>>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
}

/// Who is helped.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct ChatVisitor {
    /// Opaque; the same at every visit.
    pub id: String,
    /// Name given, or a number.
    pub title: String,
    /// The connection is there.
    pub connected: bool,
    /// Was here before.
    pub returning: bool,
    /// Language tag.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub locale: String,
    /// The page the visitor looks at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// The beginning of the keyed hash of the address: enough to see that two are the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_hint: Option<String>,
}

/// An agent in a chat.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Inside {
    /// Opaque.
    pub id: String,
    /// What people read.
    pub title: String,
    /// `holder`, `second` or `supervisor`.
    pub part: &'static str,
}

/// Another agent is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Transfer {
    /// Title of the agent, or name of the line or workgroup.
    pub target: String,
    /// `transfer` or `conference`.
    pub kind: &'static str,
    /// Who asks.
    pub by: String,
    /// Until when.
    pub deadline: String,
}

/// Who has read how far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, ToSchema)]
pub struct ReadMarks {
    /// The visitor.
    pub visitor: u64,
    /// The reader.
    pub me: u64,
}

/// A note of the house.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Note {
    /// When.
    pub at: String,
    /// Who, by title.
    pub by: String,
    /// What.
    pub text: String,
}

/// How a conversation ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = StaffEnded)]
pub struct Ended {
    /// The ending's name.
    pub how: &'static str,
    /// `visitor`, `agent` or `desk`.
    pub by: &'static str,
    /// When.
    pub at: String,
}

/// A canned reply.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[schema(as = StaffCanned)]
pub struct Canned {
    /// Opaque.
    pub id: String,
    /// What is typed.
    pub shortcut: String,
    /// What it is called.
    pub title: String,
    /// What is said.
    pub text: String,
    /// Only at this workgroup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workgroup: Option<String>,
    /// Only in this language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The reader's own.
    pub mine: bool,
    /// It stands in the declaration and is changed there.
    pub declared: bool,
}
