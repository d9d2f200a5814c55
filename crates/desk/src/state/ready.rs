//! Who could take a request of a class now, and which of several comes first. Reads entities, changes nothing.

use std::cmp::Reverse;

use super::State;
use super::index::{ClassKey, Membership, Rank};
use super::reindex::{class_key, required};
use crate::command::{Show, TransferTarget};
use crate::entity::{Agent, Offer, Queue, Request, Room};
use crate::event::{OfferKind, Part};
use crate::ids::{AgentId, QueueId, RequestId};
use crate::refusal::Ineligible;
use crate::spec::{AgentChoice, Dispatch, QueueSpec};

/// What an agent holds at present, counted once for all their queues.
pub(crate) struct Load {
    /// Chats held, invited ones included, supervised ones not.
    pub chats: u32,
    /// Most chats now: the declared ceiling, or the agent's hint if lower.
    pub ceiling: u32,
    /// An offer that rings at this agent alone is out.
    pub single: bool,
    /// Offers of `ring-all` queues that ring.
    pub ringing: usize,
    /// For each chat, the queue it came from.
    queues: Vec<QueueId>,
}

impl Load {
    /// One more chat is possible.
    pub fn has_slot(&self) -> bool {
        self.chats < self.ceiling
    }

    /// One more chat of this queue is possible.
    pub fn has_slot_for(&self, queue: QueueId, member: &Membership) -> bool {
        let from_here = || self.queues.iter().filter(|from| **from == queue).count();
        self.has_slot() && member.capacity.is_none_or(|capacity| from_here() < capacity as usize)
    }
}

/// Whether an agent who shows this is offered requests, and whether only as a reserve.
fn reach(show: Show, spec: &QueueSpec, urgent: bool) -> Option<bool> {
    match show {
        Show::Chat | Show::Available => Some(false),
        Show::Away => spec.offer_to_away.then_some(true),
        Show::Dnd => (spec.urgent_to_dnd && urgent).then_some(true),
        Show::Xa => None,
    }
}

impl State {
    /// What the agent holds at present.
    pub(crate) fn load(&self, agent: &Agent) -> Load {
        let held = || agent.chats.iter().filter(|(_, part)| **part != Part::Supervisor).map(|(request, _)| request);
        let hint = agent.session.as_ref().and_then(|session| session.chats_max_hint).unwrap_or(u32::MAX);
        let (mut offers, mut rings) = (0, 0);
        for offer in self.offers_of(agent.id) {
            offers += 1;
            rings += usize::from(self.is_ring(offer));
        }
        Load {
            chats: u32::try_from(held().count()).unwrap_or(u32::MAX),
            ceiling: agent.spec.chats_max.min(hint),
            single: offers > rings,
            ringing: rings,
            queues: held().filter_map(|request| self.queue_of_chat(*request)).collect(),
        }
    }

    fn queue_of_chat(&self, request: RequestId) -> Option<QueueId> {
        let room = self.requests.get(&request)?.room?;
        self.rooms.get(&room).map(|room| room.queue)
    }

    /// Whether this offer rings at several agents at once.
    pub(crate) fn is_ring(&self, offer: &Offer) -> bool {
        !self.is_direct(offer)
            && self.queues.get(&offer.queue).is_some_and(|queue| queue.spec.dispatch == Dispatch::RingAll)
    }

    /// Whether this offer is a transfer to this one agent, not to a queue.
    pub(crate) fn is_direct(&self, offer: &Offer) -> bool {
        if offer.kind == OfferKind::Request {
            return false;
        }
        let transfer = self.requests.get(&offer.request).and_then(|request| request.transfer);
        transfer.is_some_and(|transfer| matches!(transfer.target, TransferTarget::Agent(_)))
    }

    /// The room that the agent has waited in longest for this queue.
    pub(crate) fn staffed_room(&self, agent: &Agent, queue: QueueId) -> Option<&Room> {
        let rooms = agent.staffing.iter().filter_map(|room| self.rooms.get(room));
        rooms.filter(|room| room.queue == queue).min_by_key(|room| (room.since, room.id))
    }

    /// The agent's place among those who can take a request of this class in this queue now; none if they cannot.
    pub(crate) fn ready_rank(
        &self,
        agent: &Agent,
        load: &Load,
        queue: &Queue,
        member: &Membership,
        class: &ClassKey,
    ) -> Option<Rank> {
        let session = agent.session.as_ref()?;
        let reserve = reach(session.show, &queue.spec, class.urgent)?;
        if session.lost_until.is_some() || agent.wrap_up_until.is_some() || agent.opted_out.contains(&queue.id) {
            return None;
        }
        if !load.has_slot_for(queue.id, member) || !class.expr.matches(&member.levels) {
            return None;
        }
        let (choice, tie) = match queue.spec.dispatch {
            Dispatch::Offer if load.single => return None,
            Dispatch::RingAll if load.ringing >= self.limits.ringing_per_agent => return None,
            Dispatch::StaffedRoom => {
                let room = self.staffed_room(agent, queue.id)?;
                (room.since.0, i64::try_from(room.id.0).unwrap_or(i64::MAX))
            }
            Dispatch::Offer | Dispatch::RingAll | Dispatch::Pull => choice(agent, load, queue, member, class),
        };
        let show = if queue.spec.dispatch == Dispatch::StaffedRoom { Show::Available } else { session.show };
        Some(Rank { reserve, member: Reverse(member.priority), show, choice, tie, agent: agent.id })
    }

    /// Whether the agent counts as being there for a queue: signed in, opted in, in `chat` or `available`.
    pub(crate) fn is_present(&self, agent: &Agent, queue: QueueId) -> bool {
        let shown = agent.session.as_ref().map(|session| session.show);
        matches!(shown, Some(Show::Chat | Show::Available)) && !agent.opted_out.contains(&queue)
    }

    /// Whether an offer that is out may stay: the agent is still reached by that queue and has room for it. The
    /// connection does not count; offers to a lost agent stand until their deadline or the agent's grace.
    pub(crate) fn may_stand(&self, offer: &Offer, full: bool) -> bool {
        let (Some(agent), Some(queue)) = (self.agents.get(&offer.agent), self.queues.get(&offer.queue)) else {
            return false;
        };
        let (Some(session), Some(request)) = (&agent.session, self.requests.get(&offer.request)) else { return false };
        let load = self.load(agent);
        if self.is_direct(offer) {
            return load.has_slot() && !matches!(session.show, Show::Xa | Show::Dnd);
        }
        let Some(member) = self.membership(agent.id, queue.id) else { return false };
        let class = class_key(request, &queue.spec);
        reach(session.show, &queue.spec, class.urgent).is_some()
            && !agent.opted_out.contains(&queue.id)
            && load.has_slot_for(queue.id, member)
            && (!full || class.expr.matches(&member.levels))
    }

    /// Whether the agent may take this request from this line by hand.
    pub(crate) fn may_take(&self, agent: AgentId, request: &Request, queue: QueueId) -> Result<(), Ineligible> {
        let member = self.membership(agent, queue).ok_or(Ineligible::NotMember)?;
        let agent = self.agents.get(&agent).filter(|agent| agent.session.is_some()).ok_or(Ineligible::SignedOut)?;
        if request.agents.contains_key(&agent.id) {
            return Err(Ineligible::AlreadyInside);
        }
        if !required(request).matches(&member.levels) {
            return Err(Ineligible::LacksSkill);
        }
        if !self.load(agent).has_slot_for(queue, member) {
            return Err(Ineligible::AtCapacity);
        }
        Ok(())
    }

    /// The first callback of a queue whose visitor is to be asked now: fewer are being asked than agents are ready.
    pub(crate) fn next_to_ask(&self, queue: QueueId) -> Option<RequestId> {
        let index = self.index.queues.get(&queue)?;
        let classes = index.classes.values().filter(|class| index.confirming.len() < class.ready.len());
        classes.filter_map(|class| class.unasked.first()).min().map(|key| key.request)
    }

    /// What the agent is in this queue; none if no member.
    pub(crate) fn membership(&self, agent: AgentId, queue: QueueId) -> Option<&Membership> {
        self.index.queues.get(&queue)?.members.get(&agent)
    }
}

fn choice(agent: &Agent, load: &Load, queue: &Queue, member: &Membership, class: &ClassKey) -> (i64, i64) {
    let idle = agent.idle_since.0;
    match queue.spec.choice {
        AgentChoice::LongestIdle => (idle, 0),
        AgentChoice::LeastBusy => (i64::from(load.chats) * 1_000 / i64::from(load.ceiling.max(1)), idle),
        AgentChoice::RoundRobin => (agent.offered_at.0, 0),
        AgentChoice::BestSkill => (-i64::from(class.expr.score(&member.levels)), idle),
    }
}
