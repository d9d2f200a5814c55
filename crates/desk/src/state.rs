//! What the desk knows: the entities, and an index derived from them. `apply` (in `state/apply.rs`) is the only mutator,
//! `check` (in `state/check.rs`) the invariants. Nothing here decides.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::BlockKey;
use crate::entity::{Agent, BlockTerm, DeskRecord, Offer, Queue, Record, Request, Room, Workgroup};
use crate::event::Doors;
use crate::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, WorkgroupId};
use crate::limits::Limits;
use crate::schedule::{self, HORIZON_DAYS, OpenStatus};
use crate::spec::WorkgroupSpec;
use crate::time::{Span, Time};

mod apply;
mod check;
mod declared;
pub(crate) mod index;
mod query;
mod ready;
pub(crate) mod reindex;
mod requests;
mod rooms;
pub(crate) mod timer;

use index::{Index, Timer};
pub use query::Position;

/// What the desk knows. Two states are equal when their entities are; what is derived from them is not compared.
#[derive(Clone, Debug)]
pub struct State {
    pub(crate) limits: Limits,
    pub(crate) desk: DeskRecord,
    pub(crate) workgroups: BTreeMap<WorkgroupId, Workgroup>,
    pub(crate) queues: BTreeMap<QueueId, Queue>,
    pub(crate) agents: BTreeMap<AgentId, Agent>,
    pub(crate) requests: BTreeMap<RequestId, Request>,
    pub(crate) offers: BTreeMap<OfferId, Offer>,
    pub(crate) rooms: BTreeMap<RoomId, Room>,
    pub(crate) blocks: BTreeMap<BlockKey, BlockTerm>,
    pub(crate) index: Index,
    touched: BTreeSet<Touch>,
}

/// An entity that changed since records were taken last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Touch {
    Desk,
    Workgroup(WorkgroupId),
    Queue(QueueId),
    Agent(AgentId),
    Room(RoomId),
    Request(RequestId),
    Offer(OfferId),
    Block(BlockKey),
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.desk.next_id == other.desk.next_id
            && self.desk.skills == other.desk.skills
            && self.workgroups == other.workgroups
            && self.queues == other.queues
            && self.agents == other.agents
            && self.requests == other.requests
            && self.offers == other.offers
            && self.rooms == other.rooms
            && self.blocks == other.blocks
    }
}

/// Whether new requests are taken at a time, by the hours.
pub(crate) fn doors_at(spec: &WorkgroupSpec, now: Time) -> Doors {
    match schedule::status(&spec.hours, &spec.zone, now) {
        OpenStatus::Open { .. } => Doors::Open,
        OpenStatus::LastCall { .. } => Doors::LastCall,
        OpenStatus::Closed { .. } => Doors::Closed,
    }
}

impl State {
    /// A desk on which nothing is declared.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            desk: DeskRecord { next_id: 1, ..DeskRecord::default() },
            workgroups: BTreeMap::new(),
            queues: BTreeMap::new(),
            agents: BTreeMap::new(),
            requests: BTreeMap::new(),
            offers: BTreeMap::new(),
            rooms: BTreeMap::new(),
            blocks: BTreeMap::new(),
            index: Index::default(),
            touched: BTreeSet::new(),
        }
    }

    /// The state that these records, in any order, were taken from.
    ///
    /// # Errors
    /// Says which record refers to something that is not there.
    pub(crate) fn restore(records: impl IntoIterator<Item = Record>, limits: Limits) -> Result<Self, String> {
        let mut state = Self::new(limits);
        for record in records {
            state.take_in(record);
        }
        state.check_references()?;
        state.rebuild_index();
        Ok(state)
    }

    fn take_in(&mut self, record: Record) {
        match record {
            Record::Desk(desk) => self.desk = *desk,
            Record::Workgroup(id, it) => put(&mut self.workgroups, id, it.map(|it| *it)),
            Record::Queue(id, it) => put(&mut self.queues, id, it.map(|it| *it)),
            Record::Agent(id, it) => put(&mut self.agents, id, it.map(|it| *it)),
            Record::Request(id, it) => put(&mut self.requests, id, it.map(|it| *it)),
            Record::Offer(id, it) => put(&mut self.offers, id, it),
            Record::Room(id, it) => put(&mut self.rooms, id, it),
            Record::Block(key, it) => put(&mut self.blocks, key, it),
        }
    }

    /// Derives the whole index from the entities. Every class is looked at again in the next turn.
    fn rebuild_index(&mut self) {
        self.index = Index::default();
        for workgroup in self.workgroups.keys().copied().collect::<Vec<_>>() {
            self.index_workgroup(workgroup);
        }
        for agent in self.agents.values() {
            self.index.agent_names.insert(agent.spec.name.clone(), agent.id);
        }
        for queue in self.queues.keys().copied().collect::<Vec<_>>() {
            self.index_queue_name(queue);
            self.reindex_members(queue);
        }
        for offer in self.offers.values().copied().collect::<Vec<_>>() {
            self.index_offer(&offer, true);
        }
        for request in self.requests.keys().copied().collect::<Vec<_>>() {
            self.reindex_request(request);
        }
        for agent in self.agents.keys().copied().collect::<Vec<_>>() {
            self.reindex_agent(agent);
        }
        for (key, term) in &self.blocks {
            self.index.timers.set(Timer::Block(*key), term.until);
        }
        for (queue, index) in &self.index.queues {
            self.index.hot.extend(index.classes.keys().map(|class| (*queue, *class)));
        }
    }

    fn index_offer(&mut self, offer: &Offer, there: bool) {
        let index = &mut self.index;
        if there {
            index.offers_by_agent.insert((offer.agent, offer.id));
            index.offers_by_request.insert((offer.request, offer.queue, offer.id));
        } else {
            index.offers_by_agent.remove(&(offer.agent, offer.id));
            index.offers_by_request.remove(&(offer.request, offer.queue, offer.id));
        }
        index.timers.set(Timer::Offer(offer.id), there.then_some(offer.deadline));
    }

    /// A name belongs to an id for as long as it is declared, so there is none to take back here.
    fn index_workgroup(&mut self, id: WorkgroupId) {
        if let Some(workgroup) = self.workgroups.get(&id) {
            self.index.workgroup_names.insert(workgroup.spec.name.clone(), id);
        }
        self.rearm_doors(id);
    }

    fn index_queue_name(&mut self, id: QueueId) {
        let Some(queue) = self.queues.get(&id) else { return };
        self.index.queues_of.insert((queue.workgroup, queue.rank, id));
        if let Some(workgroup) = self.workgroups.get(&queue.workgroup) {
            let name = format!("{}/{}", workgroup.spec.name, queue.spec.name);
            self.index.queue_names.insert(name, id);
        }
    }

    /// Sets the timer of a workgroup's doors from its hours and the present time.
    pub(crate) fn rearm_doors(&mut self, id: WorkgroupId) {
        let due = self.workgroups.get(&id).and_then(|workgroup| {
            let (hours, zone) = (&workgroup.spec.hours, &workgroup.spec.zone);
            let again = self.desk.now + Span::secs(HORIZON_DAYS / 2 * 86_400);
            let change = schedule::next_change(hours, zone, self.desk.now);
            if hours.is_always() { None } else { Some(change.map_or(again, |change| change.min(again))) }
        });
        self.index.timers.set(Timer::Workgroup(id), due);
    }

    /// The entities that changed since this was called last, as they are now.
    pub(crate) fn take_records(&mut self) -> Vec<Record> {
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().map(|touch| self.record(touch)).collect()
    }

    fn record(&self, touch: Touch) -> Record {
        match touch {
            Touch::Desk => Record::Desk(Box::new(self.desk.clone())),
            Touch::Workgroup(id) => Record::Workgroup(id, self.workgroups.get(&id).cloned().map(Box::new)),
            Touch::Queue(id) => Record::Queue(id, self.queues.get(&id).cloned().map(Box::new)),
            Touch::Agent(id) => Record::Agent(id, self.agents.get(&id).cloned().map(Box::new)),
            Touch::Request(id) => Record::Request(id, self.requests.get(&id).cloned().map(Box::new)),
            Touch::Offer(id) => Record::Offer(id, self.offers.get(&id).copied()),
            Touch::Room(id) => Record::Room(id, self.rooms.get(&id).copied()),
            Touch::Block(key) => Record::Block(key, self.blocks.get(&key).copied()),
        }
    }

    /// Keeps a copy equal to the state that these records were taken from. What is derived from the entities is left as it
    /// was, so the copy is good for comparing only.
    pub fn follow(&mut self, records: Vec<Record>) {
        records.into_iter().for_each(|record| self.take_in(record));
    }

    /// Every entity, as records: the whole state.
    pub fn all_records(&self) -> Vec<Record> {
        let mut all = vec![Touch::Desk];
        all.extend(self.workgroups.keys().map(|id| Touch::Workgroup(*id)));
        all.extend(self.queues.keys().map(|id| Touch::Queue(*id)));
        all.extend(self.agents.keys().map(|id| Touch::Agent(*id)));
        all.extend(self.rooms.keys().map(|id| Touch::Room(*id)));
        all.extend(self.requests.keys().map(|id| Touch::Request(*id)));
        all.extend(self.offers.keys().map(|id| Touch::Offer(*id)));
        all.extend(self.blocks.keys().map(|key| Touch::Block(*key)));
        all.into_iter().map(|touch| self.record(touch)).collect()
    }
}

fn put<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => _ = map.insert(key, value),
        None => _ = map.remove(&key),
    }
}
