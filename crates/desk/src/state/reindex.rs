//! Keeps the index in step with the entities. Every change of an entity ends in one of these functions; what an entity
//! contributed before is taken from the index itself, so the order of changes does not matter.

use std::collections::BTreeMap;

use super::State;
use super::index::{Bucket, Class, ClassId, ClassKey, Key, Membership, QueueIndex, Seat, Seats, Timer};
use crate::command::Medium;
use crate::entity::{Agent, Phase, Place, Queue, Request};
use crate::event::Placement;
use crate::ids::{AgentId, QueueId, RequestId};
use crate::skill::Expr;
use crate::spec::{Dispatch, Priority, QueueSpec};
use crate::time::{Span, Time};

/// Quiet classes are dropped when a queue has more than so many.
const QUIET_CLASSES_KEPT: usize = 8;

static ANYONE: Expr = Expr::any();

/// What is required of an agent for this request at present.
pub(crate) fn required(request: &Request) -> &Expr {
    request.requirement.steps.get(usize::from(request.relaxed)).map_or(&ANYONE, |(_, expr)| expr)
}

/// The class of a request in a queue.
pub(crate) fn class_key(request: &Request, spec: &QueueSpec) -> ClassKey {
    let urgent = spec.urgent_to_dnd && request.priority >= Priority::URGENT;
    ClassKey { expr: required(request).clone(), urgent }
}

/// Whether the request is (or has become) a chat, not a callback that must be confirmed.
pub(crate) fn is_chat(request: &Request) -> bool {
    request.medium == Medium::Chat || request.confirmed
}

/// Whether the request waits in line, unanswered.
pub(crate) fn is_waiting(request: &Request) -> bool {
    matches!(request.phase, Phase::Waiting | Phase::Confirming { .. })
}

fn key_of(request: &Request, place: &Place, spec: &QueueSpec) -> Key {
    let (tier, at) = match (place.cause, request.returned_at) {
        (Placement::Transfer, _) => (0, place.since),
        (_, Some(returned)) => (0, returned),
        (_, None) => {
            let worth = Span(spec.ageing.0.saturating_mul(i64::from(request.priority.0)));
            (1, request.joined_at - worth)
        }
    };
    Key { tier, at, request: request.id }
}

impl State {
    /// After a change of a request, or its going.
    pub(crate) fn reindex_request(&mut self, id: RequestId) {
        let after = self.seats_of(id);
        let due = self.requests.get(&id).and_then(|request| self.request_due(request));
        self.index.timers.set(Timer::Request(id), due);
        let before = match after.clone() {
            Some(after) => self.index.seats.insert(id, after),
            None => self.index.seats.remove(&id),
        };
        if before == after {
            return;
        }
        let none: &[Seat] = &[];
        let (old, new) = (before.as_ref(), after.as_ref());
        self.unseat(old.map_or(none, |seats| &seats.places), new.map_or(none, |seats| &seats.places));
        self.seat(new.map_or(none, |seats| &seats.places), old.map_or(none, |seats| &seats.places));
        if let Some(before) = &before {
            self.count_request(id, before, false);
        }
        if let Some(after) = &after {
            self.count_request(id, after, true);
        }
    }

    fn seats_of(&mut self, id: RequestId) -> Option<Seats> {
        let request = self.requests.get(&id)?;
        let mut wanted = Vec::with_capacity(request.places.len());
        for place in &request.places {
            if let Some(queue) = self.queues.get(&place.queue) {
                let key = key_of(request, place, &queue.spec);
                wanted.push((queue.id, key, class_key(request, &queue.spec), self.bucket(request, place, queue)));
            }
        }
        let waiting = is_waiting(request);
        let skipped = request.skipped.iter().filter(|_| waiting);
        let mut seats = Seats {
            places: Vec::with_capacity(wanted.len()),
            visitor: (request.workgroup, request.visitor, request.medium),
            waiting,
            confirming: matches!(request.phase, Phase::Confirming { .. }),
            skipped: skipped.filter_map(|level| self.rollover_target(request.asked, *level)).collect(),
        };
        for (queue, key, class, bucket) in wanted {
            let class = self.class(queue, class);
            seats.places.push(Seat { queue, key, class, bucket });
        }
        Some(seats)
    }

    fn bucket(&self, request: &Request, place: &Place, queue: &Queue) -> Bucket {
        let dispatch = queue.spec.dispatch;
        let asked_here = || dispatch == Dispatch::Offer && self.has_offer_from(request.id, queue.id);
        if place.cause == Placement::Transfer {
            return match dispatch {
                Dispatch::Pull | Dispatch::StaffedRoom => Bucket::Takeable,
                Dispatch::Offer | Dispatch::RingAll if asked_here() => Bucket::None,
                Dispatch::Offer | Dispatch::RingAll => Bucket::Transfer,
            };
        }
        if request.phase != Phase::Waiting {
            return Bucket::None;
        }
        if !is_chat(request) {
            return Bucket::Unasked;
        }
        if request.lost_until.is_some() {
            return Bucket::None;
        }
        match dispatch {
            Dispatch::Pull | Dispatch::RingAll => Bucket::Takeable,
            Dispatch::Offer if asked_here() => Bucket::Takeable,
            Dispatch::Offer | Dispatch::StaffedRoom => {
                let passed_over = !request.rejected.is_empty() || self.offers_for(request.id).next().is_some();
                if passed_over { Bucket::Shy } else { Bucket::Plain }
            }
        }
    }

    /// The class of this key in this queue; made, with its ready agents, if it is not there.
    fn class(&mut self, queue: QueueId, key: ClassKey) -> ClassId {
        if let Some(id) = self.index.queues.get(&queue).and_then(|index| index.class_ids.get(&key)) {
            return *id;
        }
        let mut class = Class::new(key.clone());
        self.fill_ready(queue, &mut class);
        let index = self.index.queues.entry(queue).or_default();
        if index.classes.len() >= QUIET_CLASSES_KEPT {
            index.classes.retain(|_, class| !class.is_quiet());
            let classes = &index.classes;
            index.class_ids.retain(|_, id| classes.contains_key(id));
        }
        let id = ClassId(index.next_class);
        index.next_class = index.next_class.wrapping_add(1);
        index.classes.insert(id, class);
        index.class_ids.insert(key, id);
        id
    }

    /// Whether this would be one class more than a queue may have. Quiet classes do not count either way: which of them
    /// are still there is chance.
    pub(crate) fn is_new_class(&self, queue: QueueId, key: &ClassKey) -> bool {
        self.index.queues.get(&queue).is_some_and(|index| {
            let mut loud = index.classes.values().filter(|class| !class.is_quiet());
            let count = loud.clone().count();
            count >= self.limits.classes_per_queue && !loud.any(|class| class.key == *key)
        })
    }

    fn fill_ready(&self, queue: QueueId, class: &mut Class) {
        let (Some(queue), Some(index)) = (self.queues.get(&queue), self.index.queues.get(&queue)) else { return };
        for (id, member) in &index.members {
            if let Some(agent) = self.agents.get(id) {
                class.set_ready(*id, self.ready_rank(agent, &self.load(agent), queue, member, &class.key));
            }
        }
    }

    fn unseat(&mut self, seats: &[Seat], kept: &[Seat]) {
        for seat in seats.iter().filter(|seat| !kept.contains(seat)) {
            let Some(index) = self.index.queues.get_mut(&seat.queue) else { continue };
            if !kept.iter().any(|other| (other.queue, other.key) == (seat.queue, seat.key)) {
                index.line.remove(&seat.key);
            }
            if let Some(class) = index.classes.get_mut(&seat.class) {
                class.seat(seat.key, seat.bucket, false);
            }
        }
    }

    fn seat(&mut self, seats: &[Seat], kept: &[Seat]) {
        for seat in seats.iter().filter(|seat| !kept.contains(seat)) {
            let Some(index) = self.index.queues.get_mut(&seat.queue) else { continue };
            index.line.insert(seat.key);
            if let Some(class) = index.classes.get_mut(&seat.class) {
                class.seat(seat.key, seat.bucket, true);
                if seat.bucket != Bucket::None && !class.ready.is_empty() {
                    self.index.hot.insert((seat.queue, seat.class));
                }
            }
        }
    }

    fn count_request(&mut self, id: RequestId, seats: &Seats, there: bool) {
        let (workgroup, visitor, medium) = seats.visitor;
        let index = &mut self.index;
        change(&mut index.by_visitor, (workgroup, visitor, medium, id), there);
        if medium == Medium::Callback {
            count(&mut index.callbacks_open, workgroup, there);
        }
        if seats.waiting {
            change(&mut index.waiting_of, (workgroup, id), there);
            count(&mut index.waiting_count, workgroup, there);
        }
        for (place, first) in seats.places.iter().enumerate() {
            for other in &seats.places[place + 1..] {
                count(&mut index.in_both, pair(first.queue, other.queue), there);
            }
        }
        for queue in &seats.skipped {
            if let Some(of_queue) = index.queues.get_mut(queue) {
                change(&mut of_queue.skipped, id, there);
            }
        }
        if seats.confirming {
            for seat in &seats.places {
                let Some(of_queue) = index.queues.get_mut(&seat.queue) else { continue };
                change(&mut of_queue.confirming, id, there);
                if !there {
                    let hot = of_queue.classes.iter().filter(|(_, class)| !class.unasked.is_empty());
                    index.hot.extend(hot.map(|(class, _)| (seat.queue, *class)));
                }
            }
        }
        for queue in &seats.skipped {
            self.rewake(*queue);
        }
    }

    /// Whether requests that skipped this queue can be put there now.
    fn rewake(&mut self, queue: QueueId) {
        let awake = self.index.queues.get(&queue).is_some_and(|q| !q.present.is_empty() && !q.skipped.is_empty());
        change(&mut self.index.wakeable, queue, awake);
    }

    /// After a change of an agent, of what is offered to them, or of their chats.
    pub(crate) fn reindex_agent(&mut self, id: AgentId) {
        let due = self.agents.get(&id).and_then(State::agent_due);
        self.index.timers.set(Timer::Agent(id), due);
        let Some(queues) = self.index.memberships.get(&id).cloned() else { return };
        let Some(agent) = self.agents.get(&id) else { return };
        let load = self.load(agent);
        let mut ranks = Vec::new();
        for queue in queues.iter().filter_map(|queue| self.queues.get(queue)) {
            let Some(index) = self.index.queues.get(&queue.id) else { continue };
            let Some(member) = index.members.get(&id) else { continue };
            for (class_id, class) in &index.classes {
                ranks.push((queue.id, *class_id, self.ready_rank(agent, &load, queue, member, &class.key)));
            }
        }
        let present: Vec<_> = queues.iter().map(|queue| (*queue, self.is_present(agent, *queue))).collect();
        for (queue, class_id, rank) in ranks {
            let class = self.index.queues.get_mut(&queue).and_then(|index| index.classes.get_mut(&class_id));
            if class.is_some_and(|class| class.set_ready(id, rank) && !class.is_quiet()) {
                self.index.hot.insert((queue, class_id));
            }
        }
        for (queue, there) in present {
            if let Some(index) = self.index.queues.get_mut(&queue) {
                change(&mut index.present, id, there);
            }
            self.rewake(queue);
        }
    }

    /// The classes of a request are looked at again: somebody who was passed over for it no longer is.
    pub(crate) fn reconsider(&mut self, id: RequestId) {
        if let Some(seats) = self.index.seats.get(&id) {
            let seats = seats.places.iter().filter(|seat| seat.bucket != Bucket::None);
            self.index.hot.extend(seats.map(|seat| (seat.queue, seat.class)));
        }
    }

    /// After a change of a queue's declaration: members, classes and everybody in its line.
    pub(crate) fn reindex_queue(&mut self, id: QueueId) {
        let requests: Vec<RequestId> = match self.index.queues.get(&id) {
            Some(index) => index.line.iter().map(|key| key.request).chain(index.skipped.iter().copied()).collect(),
            None => Vec::new(),
        };
        self.index.queues.entry(id).or_default();
        let agents = self.reindex_members(id);
        for class in self.class_ids(id) {
            self.refill(id, class);
        }
        for agent in agents {
            self.reindex_agent(agent);
        }
        for request in requests {
            self.reindex_request(request);
        }
        if !self.queues.contains_key(&id) {
            self.index.queues.remove(&id);
        }
        self.rewake(id);
    }

    fn class_ids(&self, queue: QueueId) -> Vec<ClassId> {
        self.index.queues.get(&queue).map_or_else(Vec::new, |index| index.classes.keys().copied().collect())
    }

    fn refill(&mut self, queue: QueueId, id: ClassId) {
        let Some(index) = self.index.queues.get_mut(&queue) else { return };
        let Some(mut class) = index.classes.remove(&id) else { return };
        class.ready.clear();
        class.rank_of.clear();
        self.fill_ready(queue, &mut class);
        if !class.is_quiet() && !class.ready.is_empty() {
            self.index.hot.insert((queue, id));
        }
        if let Some(index) = self.index.queues.get_mut(&queue) {
            index.classes.insert(id, class);
        }
    }

    /// Resolves the members of a queue; gives everybody who was or is one.
    pub(crate) fn reindex_members(&mut self, id: QueueId) -> Vec<AgentId> {
        let mut members = BTreeMap::new();
        for member in self.queues.get(&id).map_or(&[][..], |queue| &queue.spec.members) {
            let agent = self.index.agent_names.get(&member.agent).and_then(|agent| self.agents.get(agent));
            if let Some(agent) = agent {
                let mut levels = agent.spec.skills.clone();
                levels.extend(member.skills.iter().map(|(skill, level)| (skill.clone(), *level)));
                members.insert(agent.id, Membership { priority: member.priority, capacity: member.capacity, levels });
            }
        }
        let index: &mut QueueIndex = self.index.queues.entry(id).or_default();
        let before = std::mem::replace(&mut index.members, members);
        let after = &self.index.queues[&id].members;
        let mut agents: Vec<AgentId> = before.keys().chain(after.keys()).copied().collect();
        agents.sort_unstable();
        agents.dedup();
        for agent in &agents {
            let there = self.index.queues[&id].members.contains_key(agent);
            change(self.index.memberships.entry(*agent).or_default(), id, there);
            if let Some(index) = self.index.queues.get_mut(&id)
                && !there
            {
                index.present.remove(agent);
            }
        }
        agents
    }

    /// When the next thing about an agent falls due.
    fn agent_due(agent: &Agent) -> Option<Time> {
        let lost = agent.session.as_ref().and_then(|session| session.lost_until);
        [lost, agent.wrap_up_until].into_iter().flatten().min()
    }
}

fn change<T: Ord>(set: &mut std::collections::BTreeSet<T>, value: T, there: bool) {
    if there {
        set.insert(value);
    } else {
        set.remove(&value);
    }
}

fn count<K: Ord + Copy>(counts: &mut BTreeMap<K, usize>, of: K, up: bool) {
    let count = counts.entry(of).or_default();
    *count = if up { *count + 1 } else { count.saturating_sub(1) };
    if *count == 0 {
        counts.remove(&of);
    }
}

/// Two queues as the key of what is counted of both.
pub(crate) fn pair(one: QueueId, other: QueueId) -> (QueueId, QueueId) {
    (one.min(other), one.max(other))
}
