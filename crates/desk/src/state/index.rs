//! What is derived from the entities: lines, classes, ready agents, names, timers. Never stored, rebuilt on load.
//! Only the shapes live here; `reindex.rs` keeps them in step with the entities.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::command::{BlockKey, Medium, Show};
use crate::ids::{AgentId, OfferId, QueueId, RequestId, VisitorId, WorkgroupId};
use crate::line::Line;
use crate::skill::{Expr, Levels};
use crate::time::Time;

/// The place of a request in a line; the smaller goes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    /// 0: returned to the head, or a transfer; 1: everybody else.
    pub tier: u8,
    /// When it was returned; or when it joined, moved back by what its priority is worth.
    pub at: Time,
    /// The request; earlier ones have smaller numbers.
    pub request: RequestId,
}

/// The place of an agent among those who can take a request of a class; the smaller is chosen first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Rank {
    /// Only reached when nobody available is free: `away`, or `dnd` for urgent requests.
    pub reserve: bool,
    /// Priority of the membership, higher first.
    pub member: Reverse<u8>,
    /// What is shown.
    pub show: Show,
    /// By the queue's choice of agents.
    pub choice: i64,
    /// Between equals of that choice.
    pub tie: i64,
    /// Who.
    pub agent: AgentId,
}

/// Names a class within its queue. Means nothing beyond that; nothing is decided by its order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct ClassId(pub u32);

/// What the requests of a class have in common.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct ClassKey {
    /// What is required of an agent at present.
    pub expr: Expr,
    /// May reach agents in `dnd`; only told apart where the queue says so.
    pub urgent: bool,
}

/// The requests of a queue that the same agents can take, and these agents.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Class {
    pub key: ClassKey,
    /// Waiting chats that an agent may take by hand, whatever is offered.
    pub takeable: BTreeSet<Key>,
    /// Those that need an agent and may be given to any who is ready.
    pub plain: BTreeSet<Key>,
    /// Those that need an agent, but some agents must be passed over: they rejected it, are asked already, or are inside.
    pub shy: BTreeSet<Key>,
    /// Callbacks whose visitor is to be asked when somebody is free.
    pub unasked: BTreeSet<Key>,
    /// Who could take one of these now, best first.
    pub ready: BTreeSet<Rank>,
    /// The same by agent.
    pub rank_of: BTreeMap<AgentId, Rank>,
}

/// Which sets of its class a place stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bucket {
    /// In none: not connected, being confirmed, or not there to be taken.
    None,
    /// In `takeable` only.
    Takeable,
    /// In `takeable` and `plain`.
    Plain,
    /// In `takeable` and `shy`.
    Shy,
    /// In `shy` only: a transfer that wants an agent of a line.
    Transfer,
    /// In `unasked`.
    Unasked,
}

/// What one place of a request contributes to its queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Seat {
    pub queue: QueueId,
    pub key: Key,
    pub class: ClassId,
    pub bucket: Bucket,
}

/// What one request contributes to the index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seats {
    pub places: Vec<Seat>,
    pub visitor: (WorkgroupId, VisitorId, Medium),
    /// Waits unanswered at this workgroup.
    pub waiting: bool,
    /// Is asked to confirm.
    pub confirming: bool,
    /// Queues of rollover levels that were skipped.
    pub skipped: Vec<QueueId>,
}

/// What an agent is in a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Membership {
    pub priority: u8,
    pub capacity: Option<u32>,
    /// The agent's levels with the queue's own over them.
    pub levels: Levels,
}

/// What is derived for one queue.
#[derive(Clone, Default, Debug)]
pub(crate) struct QueueIndex {
    pub line: Line<Key>,
    pub members: BTreeMap<AgentId, Membership>,
    /// Members signed in, opted in and in `chat` or `available`, whatever they hold.
    pub present: BTreeSet<AgentId>,
    /// Requests that skipped this queue because nobody was present.
    pub skipped: BTreeSet<RequestId>,
    /// Callbacks in this line that were asked to confirm.
    pub confirming: BTreeSet<RequestId>,
    pub classes: BTreeMap<ClassId, Class>,
    pub class_ids: BTreeMap<ClassKey, ClassId>,
    pub next_class: u32,
}

/// Who has a timer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Timer {
    Workgroup(WorkgroupId),
    Block(BlockKey),
    Agent(AgentId),
    Offer(OfferId),
    Request(RequestId),
}

/// When something falls due, at most one time for each entity.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Timers {
    by_time: BTreeSet<(Time, Timer)>,
    due: BTreeMap<Timer, Time>,
}

impl Timers {
    /// Sets, moves or (with none) removes a timer.
    pub fn set(&mut self, timer: Timer, at: Option<Time>) {
        let before = match at {
            Some(at) => self.due.insert(timer, at),
            None => self.due.remove(&timer),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.by_time.remove(&(before, timer));
        }
        if let Some(at) = at {
            self.by_time.insert((at, timer));
        }
    }

    /// Everything that is armed, with its time; of doors, which are armed from the present, only that they are.
    pub fn armed(&self) -> Vec<(Timer, Option<Time>)> {
        let time = |timer: &Timer, at: &Time| if matches!(timer, Timer::Workgroup(_)) { None } else { Some(*at) };
        self.due.iter().map(|(timer, at)| (*timer, time(timer, at))).collect()
    }

    /// The next timer.
    pub fn first(&self) -> Option<(Time, Timer)> {
        self.by_time.first().copied()
    }
}

/// Everything derived.
#[derive(Clone, Default, Debug)]
pub(crate) struct Index {
    pub workgroup_names: BTreeMap<String, WorkgroupId>,
    /// By `workgroup/queue`.
    pub queue_names: BTreeMap<String, QueueId>,
    pub agent_names: BTreeMap<String, AgentId>,
    /// Queues in the order of their declaration.
    pub queues_of: BTreeSet<(WorkgroupId, u32, QueueId)>,
    pub by_visitor: BTreeSet<(WorkgroupId, VisitorId, Medium, RequestId)>,
    /// Requests that wait unanswered, by entrance.
    pub waiting_of: BTreeSet<(WorkgroupId, RequestId)>,
    pub waiting_count: BTreeMap<WorkgroupId, usize>,
    /// How many stand in both of two lines, the smaller number first.
    pub in_both: BTreeMap<(QueueId, QueueId), usize>,
    /// Callbacks that are not ended, by entrance.
    pub callbacks_open: BTreeMap<WorkgroupId, usize>,
    pub offers_by_agent: BTreeSet<(AgentId, OfferId)>,
    pub offers_by_request: BTreeSet<(RequestId, QueueId, OfferId)>,
    pub memberships: BTreeMap<AgentId, BTreeSet<QueueId>>,
    pub queues: BTreeMap<QueueId, QueueIndex>,
    pub seats: BTreeMap<RequestId, Seats>,
    pub timers: Timers,
    /// Classes in which a pair of request and agent may have become possible. Work to do, not knowledge: a class that is
    /// not here has no such pair.
    pub hot: BTreeSet<(QueueId, ClassId)>,
    /// Queues with somebody present that requests have skipped.
    pub wakeable: BTreeSet<QueueId>,
}

impl Class {
    /// An empty class.
    pub fn new(key: ClassKey) -> Self {
        Self {
            key,
            takeable: BTreeSet::new(),
            plain: BTreeSet::new(),
            shy: BTreeSet::new(),
            unasked: BTreeSet::new(),
            ready: BTreeSet::new(),
            rank_of: BTreeMap::new(),
        }
    }

    /// Nobody in it wants anything.
    pub fn is_quiet(&self) -> bool {
        self.takeable.is_empty() && self.shy.is_empty() && self.unasked.is_empty()
    }

    /// Takes a key in or out of the sets of its bucket.
    pub fn seat(&mut self, key: Key, bucket: Bucket, there: bool) {
        let change = |set: &mut BTreeSet<Key>| if there { set.insert(key) } else { set.remove(&key) };
        if matches!(bucket, Bucket::Takeable | Bucket::Plain | Bucket::Shy) {
            change(&mut self.takeable);
        }
        match bucket {
            Bucket::None | Bucket::Takeable => {}
            Bucket::Plain => _ = change(&mut self.plain),
            Bucket::Shy | Bucket::Transfer => _ = change(&mut self.shy),
            Bucket::Unasked => _ = change(&mut self.unasked),
        }
    }

    /// Puts an agent among the ready, moves or removes them. True if the agent was not ready before and is now.
    pub fn set_ready(&mut self, agent: AgentId, rank: Option<Rank>) -> bool {
        let before = match rank {
            Some(rank) => self.rank_of.insert(agent, rank),
            None => self.rank_of.remove(&agent),
        };
        if before == rank {
            return false;
        }
        if let Some(before) = before {
            self.ready.remove(&before);
        }
        if let Some(rank) = rank {
            self.ready.insert(rank);
        }
        before.is_none() && rank.is_some()
    }
}
