//! What edges may ask of the state. Reads only; nothing here is proportional to the number waiting unless it says so.

use std::collections::BTreeMap;

use super::State;
use super::index::{ClassKey, Key};
use super::ready::Load;
use super::reindex::{class_key, pair, required};
use crate::command::{BlockKey, Medium, Show};
use crate::entity::{Agent, BlockTerm, DeskRecord, Offer, Queue, Request, Room, Workgroup};
use crate::estimate::{Estimate, Estimator, Situation, WHOLE};
use crate::event::Doors;
use crate::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, VisitorId, WorkgroupId};
use crate::schedule::{self, OpenStatus};
use crate::skill::Expr;
use crate::spec::DeskSpec;
use crate::time::Time;

/// Where a request stands in line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// How many stand before it; 0 is the head.
    pub ahead: usize,
    /// How many stand in the line, this one included.
    pub line_len: usize,
    /// Which line: the asked queue's, or the one where fewest are ahead.
    pub queue: QueueId,
}

impl State {
    /// The counters, the skills and the time of the last turn.
    pub fn desk(&self) -> &DeskRecord {
        &self.desk
    }

    /// The time of the last turn.
    pub fn now(&self) -> Time {
        self.desk.now
    }

    /// All workgroups in the order of the declaration.
    pub fn workgroups(&self) -> impl Iterator<Item = &Workgroup> {
        let mut all: Vec<_> = self.workgroups.values().collect();
        all.sort_by_key(|workgroup| (workgroup.rank, workgroup.id));
        all.into_iter()
    }

    /// A workgroup.
    pub fn workgroup(&self, id: WorkgroupId) -> Option<&Workgroup> {
        self.workgroups.get(&id)
    }

    /// A workgroup by its address.
    pub fn workgroup_by_name(&self, name: &str) -> Option<&Workgroup> {
        self.workgroups.get(self.index.workgroup_names.get(name)?)
    }

    /// All queues by id.
    pub fn queues(&self) -> impl Iterator<Item = &Queue> {
        self.queues.values()
    }

    /// A queue.
    pub fn queue(&self, id: QueueId) -> Option<&Queue> {
        self.queues.get(&id)
    }

    /// A queue by `workgroup/queue`.
    pub fn queue_by_name(&self, name: &str) -> Option<&Queue> {
        self.queues.get(self.index.queue_names.get(name)?)
    }

    /// The queues of a workgroup in the order of the declaration; the first is the default.
    pub fn queues_of(&self, workgroup: WorkgroupId) -> impl Iterator<Item = &Queue> {
        let range = (workgroup, 0, QueueId(0))..=(workgroup, u32::MAX, QueueId(u64::MAX));
        self.index.queues_of.range(range).filter_map(|(_, _, queue)| self.queues.get(queue))
    }

    /// All agents by id.
    pub fn agents(&self) -> impl Iterator<Item = &Agent> {
        self.agents.values()
    }

    /// An agent.
    pub fn agent(&self, id: AgentId) -> Option<&Agent> {
        self.agents.get(&id)
    }

    /// An agent by name.
    pub fn agent_by_name(&self, name: &str) -> Option<&Agent> {
        self.agents.get(self.index.agent_names.get(name)?)
    }

    /// The queues that an agent is a member of.
    pub fn queues_of_agent(&self, agent: AgentId) -> impl Iterator<Item = &Queue> {
        let queues = self.index.memberships.get(&agent).into_iter().flatten();
        queues.filter_map(|queue| self.queues.get(queue))
    }

    /// The members of a queue.
    pub fn members_of(&self, queue: QueueId) -> impl Iterator<Item = &Agent> {
        let members = self.index.queues.get(&queue).into_iter().flat_map(|index| index.members.keys());
        members.filter_map(|agent| self.agents.get(agent))
    }

    /// Whether the agent is a member of the queue.
    pub fn is_member(&self, agent: AgentId, queue: QueueId) -> bool {
        self.membership(agent, queue).is_some()
    }

    /// All requests that are not ended, by id, which is the order of their coming.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.values()
    }

    /// A request; none if it ended.
    pub fn request(&self, id: RequestId) -> Option<&Request> {
        self.requests.get(&id)
    }

    /// What this visitor has open at this workgroup: the chat if there is one, else the callback.
    pub fn request_of_visitor(&self, workgroup: WorkgroupId, visitor: VisitorId) -> Option<&Request> {
        let range = (workgroup, visitor, Medium::Chat, RequestId(0))
            ..=(workgroup, visitor, Medium::Callback, RequestId(u64::MAX));
        let (_, _, _, request) = self.index.by_visitor.range(range).next()?;
        self.requests.get(request)
    }

    /// What this visitor has open at this workgroup by this medium.
    pub(crate) fn open_by(&self, workgroup: WorkgroupId, visitor: VisitorId, medium: Medium) -> bool {
        let range = (workgroup, visitor, medium, RequestId(0))..=(workgroup, visitor, medium, RequestId(u64::MAX));
        self.index.by_visitor.range(range).next().is_some()
    }

    /// All offers that are out.
    pub fn offers(&self) -> impl Iterator<Item = &Offer> {
        self.offers.values()
    }

    /// An offer; none if it is no longer out.
    pub fn offer(&self, id: OfferId) -> Option<&Offer> {
        self.offers.get(&id)
    }

    /// The offers that are out to an agent.
    pub fn offers_of(&self, agent: AgentId) -> impl Iterator<Item = &Offer> {
        let range = (agent, OfferId(0))..=(agent, OfferId(u64::MAX));
        self.index.offers_by_agent.range(range).filter_map(|(_, offer)| self.offers.get(offer))
    }

    /// The offers of a request that are out.
    pub fn offers_for(&self, request: RequestId) -> impl Iterator<Item = &Offer> {
        let range = (request, QueueId(0), OfferId(0))..=(request, QueueId(u64::MAX), OfferId(u64::MAX));
        self.index.offers_by_request.range(range).filter_map(|(_, _, offer)| self.offers.get(offer))
    }

    /// Whether the request is offered from this line.
    pub(crate) fn has_offer_from(&self, request: RequestId, queue: QueueId) -> bool {
        let range = (request, queue, OfferId(0))..=(request, queue, OfferId(u64::MAX));
        self.index.offers_by_request.range(range).next().is_some()
    }

    /// All rooms.
    pub fn rooms(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values()
    }

    /// A room; none if it is closed.
    pub fn room(&self, id: RoomId) -> Option<&Room> {
        self.rooms.get(&id)
    }

    /// The blocks in force.
    pub fn blocks(&self) -> impl Iterator<Item = (BlockKey, BlockTerm)> {
        self.blocks.iter().map(|(key, term)| (*key, *term))
    }

    /// Whether a workgroup takes new requests.
    pub fn doors(&self, workgroup: WorkgroupId) -> Option<Doors> {
        self.workgroups.get(&workgroup).map(|workgroup| workgroup.doors)
    }

    /// When a workgroup that is not open takes new requests again; none if it is open, or no opening is in sight.
    pub fn opens_at(&self, workgroup: WorkgroupId, now: Time) -> Option<Time> {
        let spec = &self.workgroups.get(&workgroup)?.spec;
        match schedule::status(&spec.hours, &spec.zone, now) {
            OpenStatus::Open { .. } => None,
            OpenStatus::Closed { opens_at } => opens_at,
            OpenStatus::LastCall { closes_at } => match schedule::status(&spec.hours, &spec.zone, closes_at) {
                OpenStatus::Closed { opens_at } => opens_at,
                OpenStatus::Open { .. } | OpenStatus::LastCall { .. } => Some(closes_at),
            },
        }
    }

    /// Where a request stands: in the asked queue's line if it is there, else in the line where fewest are ahead. None if
    /// it stands in no line. Transfers are not counted as waiting.
    pub fn position(&self, request: RequestId) -> Option<Position> {
        let request = self.requests.get(&request).filter(|request| super::reindex::is_waiting(request))?;
        let seats = &self.index.seats.get(&request.id)?.places;
        let position = |queue: QueueId, key: &Key| {
            let line = &self.index.queues.get(&queue)?.line;
            Some(Position { ahead: line.rank(key)?, line_len: line.len(), queue })
        };
        let positions = seats.iter().filter_map(|seat| position(seat.queue, &seat.key));
        positions.min_by_key(|position| (position.queue != request.asked, position.ahead, position.queue))
    }

    /// Who stands in a line, from the head; transfers that want an agent of this queue included. The caller decides how
    /// far to read.
    pub fn line(&self, queue: QueueId) -> impl Iterator<Item = RequestId> {
        self.index.queues.get(&queue).into_iter().flat_map(|index| index.line.iter().map(|key| key.request))
    }

    /// How many stand in a line.
    pub fn waiting_count(&self, queue: QueueId) -> usize {
        self.index.queues.get(&queue).map_or(0, |index| index.line.len())
    }

    /// How many requests of a workgroup wait unanswered, scheduled callbacks not counted.
    pub fn waiting_count_of(&self, workgroup: WorkgroupId) -> usize {
        self.index.waiting_count.get(&workgroup).copied().unwrap_or(0)
    }

    /// How many callbacks of a workgroup are open, scheduled or in line.
    pub fn callbacks_open(&self, workgroup: WorkgroupId) -> usize {
        self.index.callbacks_open.get(&workgroup).copied().unwrap_or(0)
    }

    /// How many agents could be offered something at this queue: signed in and connected, opted in, in `chat` or
    /// `available` (or `away`, where the queue says so). Proportional to the queue's members.
    pub fn staffed(&self, queue: QueueId) -> usize {
        self.there(queue).count()
    }

    /// How many more chats the agents who are there could hold now, wrap-ups not counted. Proportional to the queue's
    /// members.
    pub fn free_slots(&self, queue: QueueId) -> usize {
        let any = Expr::any();
        self.slots(queue, &any).free as usize
    }

    /// Whether the agent may take this request from a line: signed in, a member of one of its lines, with a free slot and
    /// the skills required, and not inside already. What the agent shows does not count.
    pub fn can_take(&self, agent: AgentId, request: RequestId) -> bool {
        let Some(request) = self.requests.get(&request) else { return false };
        request.places.iter().any(|place| self.may_take(agent, request, place.queue).is_ok())
    }

    /// The expected wait of a request that waits; none if nothing is known yet, or it does not wait in line.
    pub fn estimate(&self, request: RequestId) -> Option<Estimate> {
        let position = self.position(request)?;
        let request = self.requests.get(&request)?;
        let seats = &self.index.seats.get(&request.id)?.places;
        let key = seats.iter().find(|seat| seat.queue == position.queue).map(|seat| seat.key);
        self.estimate_at(position.queue, required(request), position.ahead, key)
    }

    /// The expected wait of somebody who would join a workgroup's first queue now.
    pub fn estimate_for_new(&self, workgroup: WorkgroupId) -> Option<Estimate> {
        let queue = self.queues_of(workgroup).next()?;
        let expr = queue.spec.requirement.at(crate::time::Span::ZERO);
        self.estimate_at(queue.id, expr, self.waiting_count(queue.id), None)
    }

    fn estimate_at(&self, queue: QueueId, expr: &Expr, ahead: usize, key: Option<Key>) -> Option<Estimate> {
        let seen = &self.queues.get(&queue)?.seen;
        let situation = Situation { position: ahead, ..self.slots(queue, expr) };
        let share_ppm = self.share_ppm(queue, expr, ahead, key);
        Estimator::default().estimate(seen, Situation { share_ppm, ..situation })
    }

    /// Members who are there, with what they hold.
    fn there(&self, queue: QueueId) -> impl Iterator<Item = (&Agent, &super::index::Membership)> {
        let to_away = self.queues.get(&queue).is_some_and(|queue| queue.spec.offer_to_away);
        let members = self.index.queues.get(&queue).into_iter().flat_map(|index| &index.members);
        members.filter_map(|(id, member)| Some((self.agents.get(id)?, member))).filter(move |(agent, _)| {
            let Some(session) = &agent.session else { return false };
            let shown = matches!(session.show, Show::Chat | Show::Available) || (to_away && session.show == Show::Away);
            shown && session.lost_until.is_none() && !agent.opted_out.contains(&queue)
        })
    }

    /// The slots of the agents of a queue who meet what is required.
    fn slots(&self, queue: QueueId, expr: &Expr) -> Situation {
        let mut situation = Situation::default();
        for (agent, member) in self.there(queue).filter(|(_, member)| expr.matches(&member.levels)) {
            let load: Load = self.load(agent);
            let ceiling = load.ceiling.min(member.capacity.unwrap_or(u32::MAX));
            let busy = load.chats.min(ceiling);
            situation.slots = situation.slots.saturating_add(ceiling);
            situation.busy = situation.busy.saturating_add(busy);
            if agent.wrap_up_until.is_none() && load.has_slot_for(queue, member) {
                situation.free = situation.free.saturating_add(ceiling - busy);
            }
        }
        situation
    }

    /// The part of the agents' work that comes to this line, for somebody with so many ahead: an agent works for all the
    /// lines they serve, as much for each as falls on them of those who go before. None for a key: behind everybody.
    ///
    /// Costs the memberships of the queue's members, and for each other line the logarithm of its length.
    fn share_ppm(&self, queue: QueueId, expr: &Expr, ahead: usize, key: Option<Key>) -> u32 {
        let eligible = || self.there(queue).filter(|(_, member)| expr.matches(&member.levels));
        let own = (ahead as f64 + 1.0) / eligible().count().max(1) as f64;
        let mut before: BTreeMap<QueueId, [f64; 2]> = BTreeMap::new();
        let (mut shared, mut all) = (0.0, 0.0);
        for (agent, member) in eligible() {
            let ceiling = f64::from(self.load(agent).ceiling.min(member.capacity.unwrap_or(u32::MAX)));
            let mut demand = own;
            for other in self.index.memberships.get(&agent.id).into_iter().flatten().filter(|other| **other != queue) {
                let theirs = self.membership(agent.id, *other).map_or(0, |member| member.priority);
                if agent.opted_out.contains(other) || theirs < member.priority {
                    continue;
                }
                let [in_order, all] = *before.entry(*other).or_insert_with(|| self.rivals(queue, *other, key));
                demand += if theirs > member.priority { all } else { in_order };
            }
            shared += ceiling * own / demand;
            all += ceiling;
        }
        if all > 0.0 { (shared / all * f64::from(WHOLE)) as u32 } else { WHOLE }
    }

    /// How many of another line there are for each agent who is there, without those who stand in both lines: those
    /// before this key, and all.
    fn rivals(&self, queue: QueueId, other: QueueId, key: Option<Key>) -> [f64; 2] {
        let Some(index) = self.index.queues.get(&other) else { return [0.0; 2] };
        let waiting = index.line.len();
        let before = key.map_or(waiting, |key| index.line.count_before(&key));
        let both = self.index.in_both.get(&pair(queue, other)).copied().unwrap_or(0);
        let alone = waiting.saturating_sub(both) as f64 / waiting.max(1) as f64;
        [before, waiting].map(|count| count as f64 * alone / index.present.len().max(1) as f64)
    }

    /// The declaration that is in force; declaring it again changes nothing.
    pub fn to_spec(&self) -> DeskSpec {
        let workgroups = self.workgroups().map(|workgroup| {
            let mut spec = workgroup.spec.clone();
            spec.queues = self.queues_of(workgroup.id).map(|queue| queue.spec.clone()).collect();
            spec
        });
        let mut agents: Vec<_> = self.agents.values().collect();
        agents.sort_by_key(|agent| (agent.rank, agent.id));
        DeskSpec {
            workgroups: workgroups.collect(),
            agents: agents.into_iter().map(|agent| agent.spec.clone()).collect(),
            skills: self.desk.skills.clone(),
        }
    }

    /// The class of a request in a queue.
    pub(crate) fn class_of(&self, request: &Request, queue: QueueId) -> Option<ClassKey> {
        self.queues.get(&queue).map(|queue| class_key(request, &queue.spec))
    }
}
