//! The invariants, worked out the slow way from the entities. Nothing in the desk's work depends on this file.

use std::collections::BTreeMap;

use super::State;
use super::index::{Bucket, Class, Rank};
use super::reindex::{is_chat, is_waiting};
use crate::entity::{Phase, Request};
use crate::event::{Part, Placement};
use crate::ids::{AgentId, QueueId};
use crate::spec::Dispatch;

impl State {
    /// Everything that is not as it must be, in sentences for a developer; empty on a healthy desk. Proportional to the
    /// size of the desk and more; for tests and for a slow background check.
    pub fn check(&self) -> Vec<String> {
        self.clone().check_in_place()
    }

    /// As [`State::check`], without a copy of the desk: the index is derived afresh in place, compared, and put back.
    pub(crate) fn check_in_place(&mut self) -> Vec<String> {
        let mut faults = Vec::new();
        if let Err(fault) = self.check_references() {
            faults.push(fault);
        }
        self.check_requests(&mut faults);
        self.check_agents(&mut faults);
        self.check_offers(&mut faults);
        self.check_index(&mut faults);
        if self.index.hot.is_empty() {
            self.check_idle_hands(&mut faults);
        }
        faults
    }

    /// Whether every id that an entity refers to is there.
    pub(super) fn check_references(&self) -> Result<(), String> {
        for queue in self.queues.values() {
            refers(self.workgroups.contains_key(&queue.workgroup), "queue", queue.id.0, "a workgroup")?;
        }
        for request in self.requests.values() {
            let id = request.id.0;
            refers(self.workgroups.contains_key(&request.workgroup), "request", id, "a workgroup")?;
            refers(self.queues.contains_key(&request.asked), "request", id, "the queue it asked for")?;
            let places = request.places.iter().all(|place| self.queues.contains_key(&place.queue));
            refers(places, "request", id, "a queue it stands in")?;
            refers(request.agents.keys().all(|agent| self.agents.contains_key(agent)), "request", id, "an agent")?;
            refers(request.room.is_none_or(|room| self.rooms.contains_key(&room)), "request", id, "its room")?;
        }
        for offer in self.offers.values() {
            refers(self.requests.contains_key(&offer.request), "offer", offer.id.0, "a request")?;
            refers(self.agents.contains_key(&offer.agent), "offer", offer.id.0, "an agent")?;
            refers(self.queues.contains_key(&offer.queue), "offer", offer.id.0, "a queue")?;
        }
        for room in self.rooms.values() {
            let there = room.request.is_none_or(|request| self.requests.contains_key(&request));
            refers(there, "room", room.id.0, "a request")?;
            refers(self.queues.contains_key(&room.queue), "room", room.id.0, "a queue")?;
        }
        for agent in self.agents.values() {
            let chats = agent.chats.keys().all(|request| self.requests.contains_key(request));
            refers(chats, "agent", agent.id.0, "a request")?;
            let rooms = agent.staffing.iter().all(|room| self.rooms.contains_key(room));
            refers(rooms, "agent", agent.id.0, "a room")?;
        }
        Ok(())
    }

    fn check_requests(&self, faults: &mut Vec<String>) {
        for request in self.requests.values() {
            let mut say = |fault: &str| faults.push(format!("request {}: {fault}", request.id.0));
            let inside = matches!(request.phase, Phase::Invited { .. } | Phase::Chatting);
            let in_line = request.places.iter().any(|place| place.cause != Placement::Transfer);
            if is_waiting(request) != in_line {
                say("its phase and its places do not agree");
            }
            if (request.phase == Phase::Chatting) != request.together_since.is_some() {
                say("its phase and since when they are together do not agree");
            }
            if inside != request.room.is_some() {
                say("its phase and its room do not agree");
            }
            if inside != request.agents.values().any(|part| *part == Part::Holder) {
                say("its phase and its holder do not agree");
            }
            if request.agents.values().filter(|part| **part == Part::Holder).count() > 1 {
                say("it has two holders");
            }
            if inside && !is_chat(request) {
                say("an unconfirmed callback was answered");
            }
            if request.room.is_some_and(|room| self.rooms.get(&room).and_then(|room| room.request) != Some(request.id))
            {
                say("its room is somebody else's");
            }
            let mirrored = |(agent, part): (&AgentId, &Part)| {
                self.agents.get(agent).is_some_and(|agent| agent.chats.get(&request.id) == Some(part))
            };
            if !request.agents.iter().all(mirrored) {
                say("an agent inside does not know");
            }
            let queues: std::collections::BTreeSet<_> = request.places.iter().map(|place| place.queue).collect();
            if queues.len() != request.places.len() {
                say("it stands twice in one line");
            }
        }
    }

    fn check_agents(&self, faults: &mut Vec<String>) {
        for agent in self.agents.values() {
            let mut say = |fault: &str| faults.push(format!("agent {}: {fault}", agent.id.0));
            let mirrored = |(request, part): (&crate::ids::RequestId, &Part)| {
                self.requests.get(request).is_some_and(|request| request.agents.get(&agent.id) == Some(part))
            };
            if !agent.chats.iter().all(mirrored) {
                say("a chat of theirs does not know them");
            }
            if agent.session.is_none() && (!agent.staffing.is_empty() || self.offers_of(agent.id).next().is_some()) {
                say("signed out, with an offer or a room");
            }
            let single =
                self.offers_of(agent.id).filter(|offer| !self.is_ring(offer) && !self.is_direct(offer)).count();
            if single > 1 {
                say("is offered two requests at once");
            }
        }
    }

    fn check_offers(&self, faults: &mut Vec<String>) {
        for offer in self.offers.values() {
            if !self.may_stand(offer, false) {
                faults.push(format!("offer {}: agent {} cannot take it", offer.id.0, offer.agent.0));
            }
            let Some(request) = self.requests.get(&offer.request) else { continue };
            let placed = request.places.iter().any(|place| place.queue == offer.queue);
            if !placed && !self.is_direct(offer) {
                faults.push(format!("offer {}: its request does not stand in that line", offer.id.0));
            }
            if request.agents.contains_key(&offer.agent) {
                faults.push(format!("offer {}: agent {} is inside already", offer.id.0, offer.agent.0));
            }
        }
    }

    /// Compares the index with one that is derived afresh.
    fn check_index(&mut self, faults: &mut Vec<String>) {
        let (index, touched) = (std::mem::take(&mut self.index), std::mem::take(&mut self.touched));
        self.rebuild_index();
        let fresh = std::mem::replace(&mut self.index, index);
        self.touched = touched;
        let (is, must) = (&self.index, &fresh);
        let mut same = |what: &str, same: bool| {
            if !same {
                faults.push(format!("index: {what} differ from the entities"));
            }
        };
        same("names", is.workgroup_names == must.workgroup_names && is.agent_names == must.agent_names);
        same("queues", is.queue_names == must.queue_names && is.queues_of == must.queues_of);
        same("visitors", is.by_visitor == must.by_visitor);
        same("waiting", is.waiting_of == must.waiting_of && is.waiting_count == must.waiting_count);
        same("in both", is.in_both == must.in_both);
        same("callbacks", is.callbacks_open == must.callbacks_open);
        same("offers", is.offers_by_agent == must.offers_by_agent && is.offers_by_request == must.offers_by_request);
        same("wakeable queues", is.wakeable == must.wakeable);
        same("timers", is.timers.armed() == must.timers.armed());
        for (queue, of_queue) in &must.queues {
            let Some(index) = is.queues.get(queue) else {
                faults.push(format!("index: queue {} is missing", queue.0));
                continue;
            };
            let sets = index.line == of_queue.line
                && index.members == of_queue.members
                && index.present == of_queue.present
                && index.skipped == of_queue.skipped
                && index.confirming == of_queue.confirming;
            if !sets || classes(index.classes.values()) != classes(of_queue.classes.values()) {
                faults.push(format!("index: queue {} differs from the entities", queue.0));
            }
        }
    }

    /// No idle hands: where a request could be offered to somebody, it is.
    fn check_idle_hands(&self, faults: &mut Vec<String>) {
        for queue in self.queues.keys() {
            if let Some(request) = self.next_to_ask(*queue) {
                faults.push(format!("callback {} is not asked in queue {}", request.0, queue.0));
            }
        }
        for request in self.requests.values() {
            for place in &request.places {
                let Some(queue) = self.queues.get(&place.queue) else { continue };
                let idle = self.idle_hand(request, queue.id, queue.spec.dispatch);
                if let Some(rank) = idle {
                    let (request, queue, agent) = (request.id.0, queue.id.0, rank.agent.0);
                    faults.push(format!("request {request} waits in queue {queue} although agent {agent} is free"));
                }
            }
        }
    }

    fn idle_hand(&self, request: &Request, queue: QueueId, dispatch: Dispatch) -> Option<Rank> {
        let seats = self.index.seats.get(&request.id)?;
        let seat = seats.places.iter().find(|seat| seat.queue == queue)?;
        let wants = match (dispatch, seat.bucket) {
            (_, Bucket::None | Bucket::Unasked) | (Dispatch::Pull, _) => false,
            (Dispatch::RingAll, _) => true,
            (_, bucket) => bucket != Bucket::Takeable,
        };
        let entity = self.queues.get(&queue).filter(|_| wants)?;
        let class = self.class_of(request, queue)?;
        let members = &self.index.queues.get(&queue)?.members;
        let free = members.iter().filter_map(|(agent, member)| {
            let agent = self.agents.get(agent).filter(|agent| !self.passed_over(request, agent.id))?;
            self.ready_rank(agent, &self.load(agent), entity, member, &class)
        });
        free.min()
    }

    /// Whether this agent is not to be offered this request: rejected it, is asked already, or is inside.
    pub(crate) fn passed_over(&self, request: &Request, agent: AgentId) -> bool {
        request.rejected.contains_key(&agent)
            || request.agents.contains_key(&agent)
            || self.offers_of(agent).any(|offer| offer.request == request.id)
    }
}

fn refers(there: bool, what: &str, id: u64, to: &str) -> Result<(), String> {
    if there { Ok(()) } else { Err(format!("{what} {id} refers to {to} that is not there")) }
}

/// The classes in which somebody wants something, without the numbers they happen to have.
fn classes<'a>(classes: impl Iterator<Item = &'a Class>) -> BTreeMap<&'a super::index::ClassKey, &'a Class> {
    classes.filter(|class| !class.is_quiet()).map(|class| (&class.key, class)).collect()
}
