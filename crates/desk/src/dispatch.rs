//! Who is offered what next. Only classes in which something changed are looked at, and of each only the head.
//!
//! The rule for lines that offer: the request that is first in order finds its agent (the last agent where the queue says
//! so, else the best ready one); that agent then chooses among the heads that wait for them, the queue they prefer first.
//! Lines that ring all fill up every ready agent in the same order. Rooms that agents wait in get the head at once.

use std::cmp::Reverse;

use crate::engine::Engine;
use crate::ids::{AgentId, QueueId, RequestId};
use crate::spec::Dispatch;
use crate::state::index::{Class, ClassId, Key};

/// A request that somebody ready may be given, and the agent who comes first for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    key: Key,
    level: u8,
    queue: QueueId,
    agent: AgentId,
}

impl Engine {
    /// Brings together at most so many requests and agents; gives how many. Fewer: nobody else can be.
    pub(crate) fn dispatch(&mut self, at_most: usize) -> usize {
        let mut done = 0;
        while done < at_most && !self.state.index.hot.is_empty() {
            for (queue, class) in self.hot() {
                self.ring_and_ask(queue, class);
            }
            // Only now: what rings at somebody is no longer there to be offered to them.
            let mut best: Option<Pair> = None;
            for (queue, class) in self.hot() {
                let pair = self.pair_to_offer(queue, class);
                if pair.is_none() {
                    self.state.index.hot.remove(&(queue, class));
                }
                best = best.into_iter().chain(pair).min();
            }
            if let Some(pair) = best {
                self.bring_together(pair);
                done += 1;
            }
        }
        done
    }

    /// The classes to look at, in an order that does not depend on the numbers they happen to have.
    fn hot(&self) -> Vec<(QueueId, ClassId)> {
        let mut hot: Vec<_> = self.state.index.hot.iter().copied().collect();
        if hot.len() > 1 {
            hot.sort_by_key(|(queue, id)| (*queue, self.class(*queue, *id).map(|class| &class.key)));
        }
        hot
    }

    /// Does what concerns a class alone: ringing, asking callbacks.
    fn ring_and_ask(&mut self, queue: QueueId, id: ClassId) {
        self.ask_callbacks(queue);
        if self.state.queue(queue).is_some_and(|queue| queue.spec.dispatch == Dispatch::RingAll) {
            self.ring(queue, id);
        }
    }

    /// The first pair of a class that is to be offered; none in lines that ring or that agents take from.
    fn pair_to_offer(&self, queue: QueueId, id: ClassId) -> Option<Pair> {
        match self.state.queue(queue)?.spec.dispatch {
            Dispatch::Pull | Dispatch::RingAll => None,
            Dispatch::Offer | Dispatch::StaffedRoom => self.first_pair(queue, self.class(queue, id)?),
        }
    }

    fn class(&self, queue: QueueId, id: ClassId) -> Option<&Class> {
        self.state.index.queues.get(&queue)?.classes.get(&id)
    }

    /// The first request of a class for which somebody is ready, and who that is.
    fn first_pair(&self, queue: QueueId, class: &Class) -> Option<Pair> {
        let best = class.ready.first()?;
        let plain = class.plain.first().map(|key| (*key, best.agent));
        let before_plain = class.shy.iter().take_while(|key| plain.is_none_or(|(first, _)| **key < first));
        let shy = before_plain.filter_map(|key| Some((*key, self.ready_for(class, key.request)?))).next();
        let (key, agent) = shy.or(plain)?;
        let agent = self.last_agent(queue, class, key.request).unwrap_or(agent);
        let places = &self.state.request(key.request)?.places;
        let level = places.iter().find(|place| place.queue == queue)?.level;
        Some(Pair { key, level, queue, agent })
    }

    /// The best ready agent who is not passed over for this request.
    fn ready_for(&self, class: &Class, request: RequestId) -> Option<AgentId> {
        let request = self.state.request(request)?;
        class.ready.iter().map(|rank| rank.agent).find(|agent| !self.state.passed_over(request, *agent))
    }

    /// Who helped this visitor last, if they are ready and the queue puts them first.
    fn last_agent(&self, queue: QueueId, class: &Class, request: RequestId) -> Option<AgentId> {
        let request = self.state.request(request)?;
        let prefers = self.state.queue(queue)?.spec.last_agent_first;
        let last = request.last_agent.filter(|agent| prefers && class.rank_of.contains_key(agent))?;
        (!self.state.passed_over(request, last)).then_some(last)
    }

    /// The agent of a pair chooses among the heads that wait for them.
    fn bring_together(&mut self, pair: Pair) {
        let (queue, request) = self.choice_of(pair.agent).unwrap_or((pair.queue, pair.key.request));
        let Some(it) = self.state.queue(queue) else { return };
        let (dispatch, timeout) = (it.spec.dispatch, it.spec.offer_timeout);
        if dispatch != Dispatch::StaffedRoom {
            self.make_offer(request, queue, pair.agent, timeout);
            return;
        }
        let agent = self.state.agent(pair.agent);
        let room = agent.and_then(|agent| self.state.staffed_room(agent, queue)).map(|room| room.id);
        if room.is_some() {
            self.give(request, queue, pair.agent, room);
        }
    }

    /// The head that this agent comes to first: their preferred queue, then the order of the requests.
    fn choice_of(&self, agent: AgentId) -> Option<(QueueId, RequestId)> {
        let mut heads = Vec::new();
        for (queue, id) in &self.state.index.hot {
            let Some(dispatch) = self.state.queue(*queue).map(|queue| queue.spec.dispatch) else { continue };
            let Some(class) = self.class(*queue, *id).filter(|class| class.rank_of.contains_key(&agent)) else {
                continue;
            };
            if matches!(dispatch, Dispatch::Pull | Dispatch::RingAll) {
                continue;
            }
            let priority = self.state.membership(agent, *queue).map_or(0, |member| member.priority);
            heads.extend(self.head_for(class, agent).map(|key| (Reverse(priority), key, *queue)));
        }
        heads.into_iter().min().map(|(_, key, queue)| (queue, key.request))
    }

    /// The first request of a class that this agent, who is ready for it, may be given.
    fn head_for(&self, class: &Class, agent: AgentId) -> Option<Key> {
        let plain = class.plain.first();
        let shy = class.shy.iter().take_while(|key| plain.is_none_or(|plain| *key < plain));
        shy.filter(|key| self.may_offer(key.request, agent)).chain(plain).next().copied()
    }

    fn may_offer(&self, request: RequestId, agent: AgentId) -> bool {
        self.state.request(request).is_some_and(|request| !self.state.passed_over(request, agent))
    }

    /// Fills up every ready agent of a class that rings all.
    fn ring(&mut self, queue: QueueId, id: ClassId) {
        let Some(timeout) = self.state.queue(queue).map(|queue| queue.spec.offer_timeout) else { return };
        let Some(class) = self.class(queue, id) else { return };
        if class.takeable.is_empty() && class.shy.is_empty() {
            return;
        }
        for agent in class.ready.iter().map(|rank| rank.agent).collect::<Vec<_>>() {
            while let Some((line, request)) = self.next_ring(agent) {
                let timeout = self.state.queue(line).map_or(timeout, |queue| queue.spec.offer_timeout);
                self.make_offer(request, line, agent, timeout);
            }
        }
    }

    /// The next request that is to ring at an agent, of all their queues that ring all.
    fn next_ring(&self, agent: AgentId) -> Option<(QueueId, RequestId)> {
        let offered: &Vec<RequestId> = &self.state.offers_of(agent).map(|offer| offer.request).collect();
        let queues = self.state.queues_of_agent(agent).filter(|queue| queue.spec.dispatch == Dispatch::RingAll);
        let heads = queues.flat_map(|queue| {
            let priority = self.state.membership(agent, queue.id).map_or(0, |member| member.priority);
            let classes = self.state.index.queues.get(&queue.id).into_iter().flat_map(|index| index.classes.values());
            let classes = classes.filter(move |class| class.rank_of.contains_key(&agent));
            classes.filter_map(move |class| Some((Reverse(priority), self.ring_head(class, agent, offered)?, queue.id)))
        });
        heads.min().map(|(_, key, queue)| (queue, key.request))
    }

    fn ring_head(&self, class: &Class, agent: AgentId, offered: &[RequestId]) -> Option<Key> {
        let may = |key: &&Key| {
            let request = self.state.request(key.request).filter(|_| !offered.contains(&key.request));
            request.is_some_and(|it| !it.rejected.contains_key(&agent) && !it.agents.contains_key(&agent))
        };
        let (takeable, transfer) = (class.takeable.iter().find(may), class.shy.iter().find(may));
        takeable.into_iter().chain(transfer).min().copied()
    }

    /// Asks the visitors of callbacks to confirm, in order, as many as there are agents ready for them.
    fn ask_callbacks(&mut self, queue: QueueId) {
        while let Some(request) = self.state.next_to_ask(queue) {
            self.ask_to_confirm(request);
        }
    }
}
