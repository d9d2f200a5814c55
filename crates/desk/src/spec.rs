//! The declared desk: what an administrator writes in `desk.toml` or sends to the admin API, as plain values.
//!
//! References between parts are by name here (`support/loans`); the state resolves them to ids. Nothing in this file
//! decides; the checks of a declaration are in `declare.rs`.

use std::collections::{BTreeMap, BTreeSet};

use crate::schedule::{Hours, Zone};
use crate::skill::{Expr, Requirement, SkillName};
use crate::time::Span;

/// A whole desk. `Command::Declare` puts it in force in one turn or refuses it with findings.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct DeskSpec {
    /// Public entrances, in the order they are shown.
    pub workgroups: Vec<WorkgroupSpec>,
    /// Everybody who may help.
    pub agents: Vec<AgentSpec>,
    /// The skills that exist, by canonical name, with the title that people read.
    pub skills: BTreeMap<SkillName, String>,
}

/// A workgroup: a public entrance with one or more queues.
#[derive(Clone, PartialEq, Debug)]
pub struct WorkgroupSpec {
    /// Address: 1–40 characters of `a-z`, `0-9`, `-`, `_`, unique on the desk.
    pub name: String,
    /// What people read.
    pub title: String,
    /// One or two sentences about what help is given here.
    pub description: String,
    /// When new requests are taken.
    pub hours: Hours,
    /// The time zone that `hours` is written in.
    pub zone: Zone,
    /// What a visitor is asked before joining; no fields, no form.
    pub form: Form,
    /// Chooses queue, priority and skills; the first rule whose conditions all hold wins; none: the first queue.
    pub entry_rules: Vec<EntryRule>,
    /// What happens at closing time to those who still wait.
    pub closing: Closing,
    /// What happens to a chat whose agent is lost.
    pub agent_lost: AgentLost,
    /// How long an agent may be disconnected before counting as lost.
    pub agent_grace: Span,
    /// How long a waiting visitor may be disconnected without losing the place.
    pub visitor_grace: Span,
    /// How long a visitor in a chat may be away before the chat ends.
    pub visitor_absence: Span,
    /// How long an invited visitor may take to enter the room.
    pub invitation_timeout: Span,
    /// How often an invitation may lapse before the request ends as abandoned.
    pub invitations_max: u8,
    /// Pause that an agent gets after a chat.
    pub wrap_up: Span,
    /// How long a transfer or an invitation of a second agent may stay untaken.
    pub transfer_timeout: Span,
    /// A chat in which nobody says anything for so long is closed; zero: never. Measured by the edges.
    pub idle_close: Span,
    /// Requests of this workgroup that may wait at once.
    pub waiting_max: u32,
    /// Callback settings.
    pub callback: CallbackSpec,
    /// The waiting lines, the first being the default.
    pub queues: Vec<QueueSpec>,
    /// Settings that only the edges read (look, texts, retention, origins), as JSON; kept here so that one declaration is
    /// one turn. The desk does not look inside.
    pub edge: String,
}

/// A waiting line with its members, dispatch policy and rollover.
#[derive(Clone, PartialEq, Debug)]
pub struct QueueSpec {
    /// Name within the workgroup, same characters as a workgroup's.
    pub name: String,
    /// What agents and supervisors read; visitors never see it.
    pub title: String,
    /// How a waiting request finds its agent.
    pub dispatch: Dispatch,
    /// Which of several agents comes first.
    pub choice: AgentChoice,
    /// A returning visitor is offered to the agent who helped last, if free, before anybody else.
    pub last_agent_first: bool,
    /// How long an offer stands.
    pub offer_timeout: Span,
    /// How long an agent who rejected a request, or let its offer expire, is not offered it again while others may be.
    pub rejection_memory: Span,
    /// What one priority class is worth in waiting time: a request of class `p + 1` goes before one of class `p` unless
    /// that one came this much earlier. Bounded, so nobody starves.
    pub ageing: Span,
    /// Requests that may wait in this line at once.
    pub waiting_max: u32,
    /// What every request of this queue requires of an agent, with its relaxations; added to what the visitor asks.
    pub requirement: Requirement,
    /// Where requests go (also) after a time.
    pub rollover: Vec<RolloverStep>,
    /// Which queue a rolled-over request is counted on in reports.
    pub counted: Counted,
    /// Agents who are `away` may be offered requests when no available one is free.
    pub offer_to_away: bool,
    /// Requests of priority 8 and 9 may be offered to agents in `dnd`.
    pub urgent_to_dnd: bool,
    /// The wait that the house aims at, for the supervisor's floor.
    pub target_wait: Span,
    /// Who helps here.
    pub members: Vec<Member>,
}

/// An agent's membership in a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// The agent's name.
    pub agent: String,
    /// Members of a higher priority are offered requests first; 0–9, 5 by default.
    pub priority: u8,
    /// Chats from this queue that the agent may hold at once; none: only the agent's own ceiling counts.
    pub capacity: Option<u32>,
    /// Skill levels that differ from the agent's own while helping here.
    pub skills: BTreeMap<SkillName, u32>,
}

/// Who helps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentSpec {
    /// The account's name, same characters as a workgroup's plus `.`.
    pub name: String,
    /// What visitors read.
    pub title: String,
    /// Skill levels; an absent skill is level 0.
    pub skills: BTreeMap<SkillName, u32>,
    /// Most chats at once, whatever the agent's client hints.
    pub chats_max: u32,
}

/// What a visitor is asked before joining.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Form {
    /// The fields in order.
    pub fields: Vec<Field>,
}

/// One question of a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// Key of the answer: `a-z`, `0-9`, `_`.
    pub name: String,
    /// What the visitor reads, when there is no label in the visitor's language.
    pub label: String,
    /// Labels by language tag.
    pub labels: BTreeMap<String, String>,
    /// What may be answered.
    pub kind: FieldKind,
    /// An answer must be given.
    pub required: bool,
    /// Longest answer in characters.
    pub length_max: u32,
}

/// What may be answered to a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    Multiline,
    /// An address with an `@`.
    Email,
    /// One of these values.
    Choice(Vec<FieldOption>),
    /// `true` or `false`.
    Checkbox,
}

/// One value of a choice.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldOption {
    /// What is answered.
    pub value: String,
    /// What the visitor reads.
    pub label: String,
    /// Labels by language tag.
    pub labels: BTreeMap<String, String>,
}

/// Chooses queue, priority and skills for a request by the form's answers and the skills asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct EntryRule {
    /// All must hold; an empty list always holds.
    pub when: Vec<Condition>,
    /// Name of the queue within the workgroup; none: the rule only adds.
    pub queue: Option<String>,
    /// Priority class; none: as asked, or normal.
    pub priority: Option<Priority>,
    /// Skills required, joined to the queue's own by `&`.
    pub skills: Option<Expr>,
}

/// A condition on one answer, or on the skills asked for. Comparison ignores case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// The field's name; `locale` and `page` are given by the edge beside the form's own. Empty for
    /// [`ConditionTest::Asks`].
    pub field: String,
    /// How it is compared.
    pub test: ConditionTest,
}

/// What is compared, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConditionTest {
    /// Equal to one of these.
    IsOneOf(BTreeSet<String>),
    /// Has this within.
    Contains(String),
    /// Was answered at all.
    Answered,
    /// Who joins asks for this skill: somebody without it would not do.
    Asks(SkillName),
}

/// A class of urgency, 0 to 9.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Priority(pub u8);

impl Priority {
    /// What a request has that nobody said anything about.
    pub const NORMAL: Self = Self(5);
    /// From here on a request may reach agents in `dnd`, where the queue says so.
    pub const URGENT: Self = Self(8);
    /// The highest class.
    pub const MAX: Self = Self(9);
}

/// How a waiting request finds its agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dispatch {
    /// The best agent is offered it, with a deadline; then the next.
    Offer,
    /// All eligible agents are offered it at once; the first to accept wins.
    RingAll,
    /// Agents take from the line.
    Pull,
    /// An agent waits in a room; the head of the line is put there.
    StaffedRoom,
}

/// Which of several eligible agents comes first, after membership priority and availability.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AgentChoice {
    /// Who has been without a chat for longest.
    LongestIdle,
    /// Who holds the fewest chats for their ceiling.
    LeastBusy,
    /// Who was offered something longest ago.
    RoundRobin,
    /// Who has the highest levels in what is required.
    BestSkill,
}

/// A request becomes (also) the business of another queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RolloverStep {
    /// After so long at the previous level. Not zero.
    pub after: Span,
    /// `workgroup/queue`.
    pub to: String,
    /// The levels before keep ringing; otherwise the request leaves them.
    pub keep: bool,
    /// A level where nobody can take anything is skipped at once, not waited for.
    pub skip_if_nobody: bool,
}

/// Which queue a request is counted on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Counted {
    /// The queue that was asked.
    Asked,
    /// The queue whose agent answered.
    Answered,
}

/// What happens at closing time to those who wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closing {
    /// They are still helped, as long as agents are there.
    Serve,
    /// Their requests end as closed.
    End,
}

/// What happens to a chat whose agent is lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AgentLost {
    /// The chat is kept for the agent.
    Keep,
    /// The visitor goes back to the head of the line.
    Return,
}

/// How callbacks of a workgroup are handled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallbackSpec {
    /// Callbacks may be asked for.
    pub enabled: bool,
    /// How long a visitor has to confirm when an agent is free.
    pub confirm_timeout: Span,
    /// How often confirmation is asked for.
    pub attempts_max: u8,
    /// How long until the next attempt.
    pub retry_after: Span,
    /// A callback ends so long after it was due.
    pub expires_after: Span,
    /// Callbacks that may be open at once.
    pub open_max: u32,
}
