//! The things the desk remembers, as flat values: what the store writes and reads back, whole.
//!
//! Everything else in `State` (lines, classes, ready agents, deadlines) is derived from these and rebuilt on load.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::{BlockKey, Medium, Show, TransferKind, TransferTarget};
use crate::estimate::Seen;
use crate::event::{Doors, OfferKind, Part, Placement};
use crate::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, VisitorId, WorkgroupId};
use crate::skill::{Requirement, SkillName};
use crate::spec::{AgentSpec, Priority, QueueSpec, WorkgroupSpec};
use crate::time::{Span, Time};

/// One thing to write or forget; what `State::records_of` gives for a turn and `State::restore` takes back.
#[derive(Clone, PartialEq, Debug)]
pub enum Record {
    /// The counters that ids come from, and the skills.
    Desk(Box<DeskRecord>),
    /// A workgroup as it is now, or gone.
    Workgroup(WorkgroupId, Option<Box<Workgroup>>),
    /// A queue as it is now, or gone.
    Queue(QueueId, Option<Box<Queue>>),
    /// An agent as it is now, or gone.
    Agent(AgentId, Option<Box<Agent>>),
    /// A request as it is now, or gone (ended; its last view goes to the archive).
    Request(RequestId, Option<Box<Request>>),
    /// An offer as it is now, or gone.
    Offer(OfferId, Option<Offer>),
    /// A room as it is now, or gone.
    Room(RoomId, Option<Room>),
    /// A block with its end, or gone.
    Block(BlockKey, Option<BlockTerm>),
}

/// What belongs to the desk as a whole.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DeskRecord {
    /// The next number that any id gets; one counter for all kinds.
    pub next_id: u64,
    /// The time of the last turn.
    pub now: Time,
    /// Skills with their titles.
    pub skills: BTreeMap<SkillName, String>,
}

/// Until when a block holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockTerm {
    /// None: until lifted.
    pub until: Option<Time>,
}

/// A workgroup.
#[derive(Clone, PartialEq, Debug)]
pub struct Workgroup {
    /// Its number.
    pub id: WorkgroupId,
    /// As declared; `queues` is empty, they are entities of their own.
    pub spec: WorkgroupSpec,
    /// Place in the declaration.
    pub rank: u32,
    /// Whether new requests are taken.
    pub doors: Doors,
}

/// A queue.
#[derive(Clone, PartialEq, Debug)]
pub struct Queue {
    /// Its number.
    pub id: QueueId,
    /// Whose.
    pub workgroup: WorkgroupId,
    /// As declared.
    pub spec: QueueSpec,
    /// Place among the workgroup's queues.
    pub rank: u32,
    /// What was seen of handling and waiting, for the estimate.
    pub seen: Seen,
}

/// An agent.
#[derive(Clone, PartialEq, Debug)]
pub struct Agent {
    /// Its number.
    pub id: AgentId,
    /// As declared.
    pub spec: AgentSpec,
    /// Place in the declaration.
    pub rank: u32,
    /// The session, if signed in.
    pub session: Option<Session>,
    /// Queues opted out of; kept over sessions.
    pub opted_out: BTreeSet<QueueId>,
    /// Since when without a chat (sign-in counts).
    pub idle_since: Time,
    /// When something was offered last.
    pub offered_at: Time,
    /// Offers that expired one after another, with none accepted or rejected between them.
    pub expired_in_row: u8,
    /// The pause after a chat lasts until then.
    pub wrap_up_until: Option<Time>,
    /// Chats taken part in, by request.
    pub chats: BTreeMap<RequestId, Part>,
    /// Rooms waited in.
    pub staffing: BTreeSet<RoomId>,
}

/// An agent's session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// What is shown.
    pub show: Show,
    /// Code for being away.
    pub reason: Option<String>,
    /// Most chats wanted now.
    pub chats_max_hint: Option<u32>,
    /// When it began.
    pub since: Time,
    /// When the present availability was set.
    pub show_since: Time,
    /// If the connection is gone: counts as lost from then.
    pub lost_until: Option<Time>,
}

/// A request from joining to its end.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// Its number.
    pub id: RequestId,
    /// Entrance.
    pub workgroup: WorkgroupId,
    /// The queue that was chosen at joining.
    pub asked: QueueId,
    /// Who.
    pub visitor: VisitorId,
    /// By which medium; a confirmed callback stays one.
    pub medium: Medium,
    /// Class.
    pub priority: Priority,
    /// What is required of an agent, with its relaxations.
    pub requirement: Requirement,
    /// How far it is relaxed: index into the requirement's steps, 0 = not.
    pub relaxed: u8,
    /// When it was accepted; order within a class. For a callback with a time: when it fell due.
    pub joined_at: Time,
    /// When it entered the line last (joining, or return); waits are measured from `joined_at`.
    pub waiting_since: Time,
    /// Returned to the head so often; a request with a return goes before all without.
    pub returns: u32,
    /// When it was returned last; order among the returned.
    pub returned_at: Option<Time>,
    /// Where it stands.
    pub phase: Phase,
    /// The lines it stands in, at most one place per queue.
    pub places: Vec<Place>,
    /// The next rollover step of the asked queue, and when it is due.
    pub rollover_next: Option<(u8, Time)>,
    /// Rollover levels that were skipped because nobody was there; placed when somebody comes.
    pub skipped: BTreeSet<u8>,
    /// If the visitor's connection is gone: the place or chat is kept until then.
    pub lost_until: Option<Time>,
    /// Agents who rejected it or let an offer expire, and until when that is remembered.
    pub rejected: BTreeMap<AgentId, Time>,
    /// Who helped this visitor last.
    pub last_agent: Option<AgentId>,
    /// Invitations that lapsed.
    pub invitations_lapsed: u8,
    /// The room, once assigned.
    pub room: Option<RoomId>,
    /// Agents who take part.
    pub agents: BTreeMap<AgentId, Part>,
    /// The first agent's queue, and when the visitor was first put through.
    pub answered: Option<(QueueId, AgentId, Time)>,
    /// Since when visitor and agent are together without a break; none while they are not.
    pub together_since: Option<Time>,
    /// How long they were together before that: a chat that goes back to the line is handled in several stretches.
    pub handled_before: Span,
    /// A transfer under way.
    pub transfer: Option<Transfer>,
    /// Callback: not before then; of one that was a chat first, when it became one.
    pub not_before: Option<Time>,
    /// Callback: confirmation attempts made.
    pub attempts: u8,
    /// Callback: confirmed; from then on it is treated as a chat.
    pub confirmed: bool,
}

impl Request {
    /// How long visitor and agents have been together until `now`; time spent back in the line does not count.
    pub fn handled(&self, now: Time) -> Span {
        let stretch = self.together_since.map_or(Span::ZERO, |since| now.since(since).max(Span::ZERO));
        Span(self.handled_before.0.saturating_add(stretch.0))
    }

    /// Visitor and agent are together no longer.
    pub(crate) fn part(&mut self, now: Time) {
        self.handled_before = self.handled(now);
        self.together_since = None;
    }
}

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// A callback whose time has not come, or that waits for its next attempt.
    Scheduled {
        /// When it stands in line (again).
        due: Time,
    },
    /// In line.
    Waiting,
    /// A callback whose visitor was asked to confirm.
    Confirming {
        /// Confirmed until then, or the attempt lapses.
        deadline: Time,
    },
    /// An agent took it; the visitor was invited.
    Invited {
        /// Entered until then, or the invitation lapses.
        deadline: Time,
    },
    /// Visitor and agent are together.
    Chatting,
}

/// A place in a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Which line.
    pub queue: QueueId,
    /// 0 for the asked queue, then the rollover level.
    pub level: u8,
    /// Since when.
    pub since: Time,
    /// Why.
    pub cause: Placement,
}

/// Another agent is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// Who asked.
    pub from: AgentId,
    /// For whom.
    pub target: TransferTarget,
    /// Takes over, or comes in besides.
    pub kind: TransferKind,
    /// Since when.
    pub since: Time,
    /// Untaken by then, it ends.
    pub deadline: Time,
}

/// A request put before an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Its number.
    pub id: OfferId,
    /// What.
    pub request: RequestId,
    /// To whom.
    pub agent: AgentId,
    /// From which line; of a direct transfer: the asked queue.
    pub queue: QueueId,
    /// What is offered.
    pub kind: OfferKind,
    /// When it was made.
    pub made_at: Time,
    /// Until when it stands.
    pub deadline: Time,
}

/// A room of a conversation, as far as the desk knows: who, since when; never what was said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    /// Its number.
    pub id: RoomId,
    /// For which line.
    pub queue: QueueId,
    /// Whose conversation; none while an agent waits in it.
    pub request: Option<RequestId>,
    /// The agent who waits in it, before there is a request.
    pub staffed_by: Option<AgentId>,
    /// Since when.
    pub since: Time,
}
