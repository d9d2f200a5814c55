//! What each event means: the only way that entities change. Agents, offers and blocks are here; what a declaration
//! changes is in `declared.rs`, requests in `requests.rs`, conversations in `rooms.rs`.

use super::index::Timer;
use super::reindex::is_chat;
use super::{State, Touch};
use crate::command::{BlockKey, Show};
use crate::entity::{Agent, BlockTerm, Offer, Request, Session};
use crate::event::{Event, Part};
use crate::ids::{AgentId, OfferId, RequestId, WorkgroupId};
use crate::time::{Span, Time};

impl State {
    /// Makes a fact part of the state.
    pub(crate) fn apply(&mut self, event: &Event) {
        self.touched.insert(Touch::Desk);
        match event {
            Event::SkillsDeclared { .. }
            | Event::WorkgroupDeclared { .. }
            | Event::WorkgroupRemoved { .. }
            | Event::QueueDeclared { .. }
            | Event::QueueRemoved { .. }
            | Event::AgentDeclared { .. }
            | Event::AgentRemoved { .. }
            | Event::DoorsChanged { .. } => self.apply_declared(event),
            Event::Blocked { key, until } => self.set_block(*key, Some(BlockTerm { until: *until })),
            Event::Unblocked { key } => self.set_block(*key, None),
            Event::RequestQueued { .. }
            | Event::RequestPlaced { .. }
            | Event::RequestUnplaced { .. }
            | Event::QueueReplaced { .. }
            | Event::RolloverSkipped { .. }
            | Event::RequirementRelaxed { .. }
            | Event::RejectionForgotten { .. }
            | Event::RequestReturned { .. }
            | Event::PrioritySet { .. }
            | Event::VisitorLost { .. }
            | Event::VisitorReturned { .. }
            | Event::RequestEnded { .. } => self.apply_request(event),
            Event::CallbackAsked { .. }
            | Event::ConfirmationAsked { .. }
            | Event::ConfirmationLapsed { .. }
            | Event::CallbackConfirmed { .. }
            | Event::CallbackRescheduled { .. }
            | Event::CallbackDue { .. } => self.apply_callback(event),
            Event::AgentSignedIn { .. }
            | Event::AgentSignedOut { .. }
            | Event::AgentLost { .. }
            | Event::AgentReturned { .. }
            | Event::AvailabilitySet { .. }
            | Event::QueueOpted { .. }
            | Event::WrapUpStarted { .. }
            | Event::WrapUpEnded { .. } => self.apply_agent(event),
            Event::OfferMade { offer, request, agent, queue, kind, deadline } => {
                let (id, made_at) = (*offer, self.desk.now);
                let (request, agent, queue, kind, deadline) = (*request, *agent, *queue, *kind, *deadline);
                self.put_offer(Offer { id, request, agent, queue, kind, made_at, deadline });
            }
            Event::OfferAccepted { offer } => self.take_offer(*offer, |_, agent| agent.expired_in_row = 0),
            Event::OfferRejected { offer } => self.pass_over(*offer, false),
            Event::OfferExpired { offer } => self.pass_over(*offer, true),
            Event::OfferRevoked { offer, .. } => self.take_offer(*offer, |_, _| {}),
            _ => self.apply_room(event),
        }
    }

    pub(super) fn touch(&mut self, touch: Touch) {
        self.touched.insert(touch);
    }

    pub(super) fn used_id(&mut self, id: u64) {
        self.desk.next_id = self.desk.next_id.max(id.saturating_add(1));
    }

    pub(super) fn update_request(&mut self, id: RequestId, change: impl FnOnce(&mut Request)) {
        if let Some(request) = self.requests.get_mut(&id) {
            change(request);
            self.touch(Touch::Request(id));
            self.reindex_request(id);
        }
    }

    pub(super) fn update_agent(&mut self, id: AgentId, change: impl FnOnce(&mut Agent)) {
        if let Some(agent) = self.agents.get_mut(&id) {
            change(agent);
            self.touch(Touch::Agent(id));
            self.reindex_agent(id);
        }
    }

    fn set_block(&mut self, key: BlockKey, term: Option<BlockTerm>) {
        super::put(&mut self.blocks, key, term);
        self.index.timers.set(Timer::Block(key), term.and_then(|term| term.until));
        self.touch(Touch::Block(key));
    }

    fn apply_agent(&mut self, event: &Event) {
        let now = self.desk.now;
        match event {
            Event::AgentSignedIn { agent, show, .. } => self.update_agent(*agent, |it| it.sign_in(*show, now)),
            Event::AgentSignedOut { agent, .. } => self.update_agent(*agent, |it| {
                it.session = None;
                it.wrap_up_until = None;
            }),
            Event::AgentLost { agent, until } => self.update_session(*agent, |it| it.lost_until = Some(*until)),
            Event::AgentReturned { agent } => self.update_session(*agent, |it| it.lost_until = None),
            Event::AvailabilitySet { agent, show, reason, chats_max_hint } => self.update_agent(*agent, |it| {
                it.expired_in_row = 0;
                let Some(session) = &mut it.session else { return };
                if session.show != *show || session.reason != *reason {
                    session.show_since = now;
                }
                session.show = *show;
                session.reason = reason.clone();
                session.chats_max_hint = *chats_max_hint;
            }),
            Event::QueueOpted { agent, queue, opted_in } => self.update_agent(*agent, |it| {
                if *opted_in {
                    it.opted_out.remove(queue);
                } else {
                    it.opted_out.insert(*queue);
                }
            }),
            Event::WrapUpStarted { agent, until } => {
                self.update_agent(*agent, |it| it.wrap_up_until = Some(*until));
            }
            Event::WrapUpEnded { agent } => self.update_agent(*agent, |it| it.wrap_up_until = None),
            _ => {}
        }
    }

    fn update_session(&mut self, agent: AgentId, change: impl FnOnce(&mut Session)) {
        self.update_agent(agent, |it| {
            if let Some(session) = &mut it.session {
                change(session);
            }
        });
    }

    fn put_offer(&mut self, offer: Offer) {
        self.used_id(offer.id.0);
        self.offers.insert(offer.id, offer);
        self.index_offer(&offer, true);
        self.touch(Touch::Offer(offer.id));
        let now = self.desk.now;
        self.update_agent(offer.agent, |it| it.offered_at = now);
        self.reindex_request(offer.request);
    }

    fn take_offer(&mut self, id: OfferId, change: impl FnOnce(&Offer, &mut Agent)) {
        let Some(offer) = self.offers.remove(&id) else { return };
        self.index_offer(&offer, false);
        self.touch(Touch::Offer(id));
        self.update_agent(offer.agent, |agent| change(&offer, agent));
        self.reindex_request(offer.request);
        self.reconsider(offer.request);
    }

    /// The offer is gone unaccepted, and its agent is passed over for a while.
    fn pass_over(&mut self, id: OfferId, expired: bool) {
        let Some(offer) = self.offers.get(&id).copied() else { return };
        let (ring, direct) = (self.is_ring(&offer), self.is_direct(&offer));
        let memory = self.queues.get(&offer.queue).map_or(Span::ZERO, |queue| queue.spec.rejection_memory);
        let until = self.desk.now + memory;
        self.take_offer(id, |_, agent| match expired {
            true if ring => {}
            true => agent.expired_in_row = agent.expired_in_row.saturating_add(1),
            false => agent.expired_in_row = 0,
        });
        if !direct && memory > Span::ZERO {
            self.update_request(offer.request, |it| _ = it.rejected.insert(offer.agent, until));
        }
    }

    /// Whether the request is a chat or has become one; see `reindex::is_chat`.
    pub(crate) fn is_chat(&self, request: RequestId) -> bool {
        self.requests.get(&request).is_some_and(is_chat)
    }

    /// The workgroup through which a request came.
    pub(crate) fn workgroup_of(&self, request: RequestId) -> Option<WorkgroupId> {
        self.requests.get(&request).map(|it| it.workgroup)
    }
}

impl Agent {
    fn sign_in(&mut self, show: Show, now: Time) {
        if self.session.is_none() && self.chats.values().all(|part| *part == Part::Supervisor) {
            self.idle_since = now;
        }
        self.expired_in_row = 0;
        let session =
            Session { show, reason: None, chats_max_hint: None, since: now, show_since: now, lost_until: None };
        self.session = Some(session);
    }
}
