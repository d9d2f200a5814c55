//! What each event means: the only way that entities change. Subjects in the order of `event.rs`; what a declaration
//! changes is in `declared.rs`.

use super::index::Timer;
use super::reindex::{is_chat, is_waiting};
use super::{State, Touch};
use crate::command::{BlockKey, Medium, Show};
use crate::entity::{Agent, BlockTerm, Offer, Phase, Place, Request, Room, Session, Transfer};
use crate::event::{Ending, Event, Part, Placement, Return};
use crate::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, WorkgroupId};
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
            Event::ConfirmationAsked { .. }
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

    fn apply_request(&mut self, event: &Event) {
        let now = self.desk.now;
        match event {
            Event::RequestQueued { .. } => self.queue_request(event),
            Event::RequestPlaced { request, queue, level, cause } => self.place(*request, *queue, *level, *cause),
            Event::RequestUnplaced { request, queue } => {
                self.update_request(*request, |it| it.places.retain(|place| place.queue != *queue));
            }
            Event::QueueReplaced { request, queue, by } => self.replace_queue(*request, *queue, *by),
            Event::RolloverSkipped { request, level, .. } => self.update_request(*request, |it| {
                it.skipped.insert(*level);
                it.rollover_next = Some((level.saturating_add(1), now));
            }),
            Event::RequirementRelaxed { request, step } => self.update_request(*request, |it| it.relaxed = *step),
            Event::RejectionForgotten { request, agent } => {
                self.update_request(*request, |it| _ = it.rejected.remove(agent));
                self.reconsider(*request);
            }
            Event::RequestReturned { request, cause } => self.update_request(*request, |it| {
                it.returns = it.returns.saturating_add(1);
                it.returned_at = Some(now);
                if !matches!(cause, Return::ByHand | Return::Confirmed) {
                    it.phase = Phase::Waiting;
                    it.waiting_since = now;
                    it.room = None;
                }
            }),
            Event::PrioritySet { request, priority } => self.update_request(*request, |it| it.priority = *priority),
            Event::VisitorLost { request, until } => {
                self.update_request(*request, |it| it.lost_until = Some(*until));
            }
            Event::VisitorReturned { request } => self.update_request(*request, |it| it.lost_until = None),
            Event::RequestEnded { request, ending } => self.end_request(*request, *ending),
            _ => {}
        }
    }

    /// Rollover begins afresh at the queue that stands for the removed one.
    fn replace_queue(&mut self, request: RequestId, queue: QueueId, by: QueueId) {
        let Some(room) = self.requests.get(&request).map(|it| it.room) else { return };
        if let Some(room) = room.and_then(|room| self.rooms.get(&room).copied()).filter(|room| room.queue == queue) {
            self.put_room(Room { queue: by, ..room });
        }
        self.update_request(request, |it| {
            if it.asked == queue {
                it.asked = by;
                it.rollover_next = None;
                it.skipped.clear();
            }
            if let Some((answered, _, _)) = it.answered.as_mut().filter(|(answered, _, _)| *answered == queue) {
                *answered = by;
            }
        });
        for agent in self.requests.get(&request).map_or_else(Vec::new, |it| it.agents.keys().copied().collect()) {
            self.reindex_agent(agent);
        }
    }

    fn queue_request(&mut self, event: &Event) {
        let Event::RequestQueued { request: id, workgroup, visitor, medium, priority, requirement, .. } = event else {
            return;
        };
        let Event::RequestQueued { last_agent, connected, not_before, asked, .. } = event else { return };
        let now = self.desk.now;
        let grace = self.workgroups.get(workgroup).map_or(Span::ZERO, |workgroup| workgroup.spec.visitor_grace);
        let gone = *medium == Medium::Chat && !connected;
        let due = not_before.filter(|due| *medium == Medium::Callback && *due > now);
        let request = Request {
            id: *id,
            workgroup: *workgroup,
            asked: *asked,
            visitor: *visitor,
            medium: *medium,
            priority: *priority,
            requirement: requirement.clone(),
            relaxed: 0,
            joined_at: now,
            waiting_since: now,
            returns: 0,
            returned_at: None,
            phase: due.map_or(Phase::Waiting, |due| Phase::Scheduled { due }),
            places: Vec::new(),
            rollover_next: None,
            skipped: Default::default(),
            lost_until: gone.then(|| now + grace),
            rejected: Default::default(),
            last_agent: *last_agent,
            invitations_lapsed: 0,
            room: None,
            agents: Default::default(),
            answered: None,
            transfer: None,
            not_before: *not_before,
            attempts: 0,
            confirmed: false,
        };
        self.used_id(id.0);
        self.requests.insert(*id, request);
        self.touch(Touch::Request(*id));
        self.reindex_request(*id);
    }

    fn place(&mut self, request: RequestId, queue: QueueId, level: u8, cause: Placement) {
        let now = self.desk.now;
        let Some(asked) = self.requests.get(&request).map(|it| it.asked) else { return };
        let afresh = matches!(cause, Placement::Asked | Placement::Moved);
        let asked = if afresh { queue } else { asked };
        let next = self.next_rollover(asked, if afresh { 0 } else { level }, now);
        let leaves = self.rollover_step(asked, level).is_some_and(|step| !step.keep);
        self.update_request(request, |it| {
            it.places.retain(|place| place.queue != queue);
            it.places.push(Place { queue, level, since: now, cause });
            if afresh {
                it.asked = asked;
                it.skipped.clear();
            }
            if cause == Placement::Transfer {
                return;
            }
            // A level that was skipped and is placed now does not wind back the levels that came after it.
            if !it.skipped.remove(&level) || it.rollover_next.is_some_and(|(next, _)| next <= level) {
                it.rollover_next = next;
            }
            if leaves && cause == Placement::Rollover {
                it.skipped.retain(|skipped| *skipped > level);
            }
        });
    }

    /// The step after `level`, and when it is due: at once if nobody is at the asked queue and the step allows for that.
    fn next_rollover(&self, asked: QueueId, level: u8, now: Time) -> Option<(u8, Time)> {
        let next = level.saturating_add(1);
        let step = self.rollover_step(asked, next)?;
        let nobody = level == 0 && step.skip_if_nobody && !self.somebody_at(asked);
        Some((next, if nobody { now } else { now + step.after }))
    }

    fn end_request(&mut self, id: RequestId, ending: Ending) {
        let Some(request) = self.requests.remove(&id) else { return };
        self.touch(Touch::Request(id));
        self.reindex_request(id);
        let now = self.desk.now;
        match (request.phase, request.answered) {
            (Phase::Chatting, Some((queue, _, since))) => {
                let handled = now.since(since);
                self.see(queue, |seen| seen.observe_handled(handled));
            }
            _ if is_waiting(&request) && matches!(ending, Ending::Departed | Ending::Abandoned) => {
                let waited = now.since(request.joined_at);
                self.see(request.asked, |seen| seen.observe_abandoned(waited));
            }
            _ => {}
        }
    }

    fn see(&mut self, queue: QueueId, observe: impl FnOnce(&mut crate::estimate::Seen)) {
        if let Some(queue) = self.queues.get_mut(&queue) {
            observe(&mut queue.seen);
            let id = queue.id;
            self.touch(Touch::Queue(id));
        }
    }

    fn apply_callback(&mut self, event: &Event) {
        let now = self.desk.now;
        match event {
            Event::ConfirmationAsked { request, attempt, deadline } => self.update_request(*request, |it| {
                it.attempts = *attempt;
                it.phase = Phase::Confirming { deadline: *deadline };
            }),
            Event::ConfirmationLapsed { request, retry_at, .. } => self.update_request(*request, |it| {
                it.phase = Phase::Scheduled { due: *retry_at };
            }),
            Event::CallbackConfirmed { request } => self.update_request(*request, |it| {
                it.confirmed = true;
                it.phase = Phase::Waiting;
            }),
            Event::CallbackRescheduled { request, not_before } => self.update_request(*request, |it| {
                it.not_before = Some(*not_before);
                it.attempts = 0;
                it.phase = Phase::Scheduled { due: *not_before };
            }),
            Event::CallbackDue { request } => self.update_request(*request, |it| {
                it.phase = Phase::Waiting;
                it.waiting_since = now;
                if it.attempts == 0 {
                    it.joined_at = now;
                    it.relaxed = 0;
                }
            }),
            _ => {}
        }
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

    fn apply_room(&mut self, event: &Event) {
        match event {
            Event::RoomStaffed { room, agent, queue } => {
                let since = self.desk.now;
                self.put_room(Room { id: *room, queue: *queue, request: None, staffed_by: Some(*agent), since });
                self.update_agent(*agent, |it| _ = it.staffing.insert(*room));
            }
            Event::RoomUnstaffed { room, agent } => {
                self.remove_room(*room);
                self.update_agent(*agent, |it| _ = it.staffing.remove(room));
            }
            Event::RoomAssigned { room, request, queue, agent } => self.assign(*room, *request, *queue, *agent),
            Event::VisitorInvited { request, deadline, .. } => {
                self.update_request(*request, |it| it.phase = Phase::Invited { deadline: *deadline });
            }
            Event::InvitationLapsed { request, .. } => self.update_request(*request, |it| {
                it.invitations_lapsed = it.invitations_lapsed.saturating_add(1);
            }),
            Event::VisitorEntered { room, request } => self.enter(*room, *request),
            Event::AgentEntered { request, agent, part, .. } => {
                self.update_request(*request, |it| _ = it.agents.insert(*agent, *part));
                self.update_agent(*agent, |it| _ = it.chats.insert(*request, *part));
            }
            Event::AgentLeft { request, agent, .. } => self.leave(*request, *agent),
            Event::RoomClosed { room, .. } => self.remove_room(*room),
            Event::TransferStarted { request, from, target, kind, deadline } => {
                let (from, target, kind, since, deadline) = (*from, *target, *kind, self.desk.now, *deadline);
                let transfer = Transfer { from, target, kind, since, deadline };
                self.update_request(*request, |it| it.transfer = Some(transfer));
            }
            Event::TransferTaken { request, .. } | Event::TransferEnded { request, .. } => {
                self.update_request(*request, |it| it.transfer = None);
            }
            // What was seen of an agent in a room is only passed on.
            _ => {}
        }
    }

    fn put_room(&mut self, room: Room) {
        self.used_id(room.id.0);
        self.rooms.insert(room.id, room);
        self.touch(Touch::Room(room.id));
    }

    fn remove_room(&mut self, room: RoomId) {
        self.rooms.remove(&room);
        self.touch(Touch::Room(room));
    }

    fn assign(&mut self, room: RoomId, request: RequestId, queue: QueueId, agent: AgentId) {
        let since = self.rooms.get(&room).map_or(self.desk.now, |room| room.since);
        self.put_room(Room { id: room, queue, request: Some(request), staffed_by: None, since });
        self.update_agent(agent, |it| _ = it.staffing.remove(&room));
        self.update_request(request, |it| it.room = Some(room));
    }

    fn enter(&mut self, room: RoomId, request: RequestId) {
        let now = self.desk.now;
        let Some(queue) = self.rooms.get(&room).map(|room| room.queue) else { return };
        let Some((joined_at, agents, first)) =
            self.requests.get(&request).map(|it| (it.joined_at, it.agents.clone(), it.answered.is_none()))
        else {
            return;
        };
        let holder = agents.into_iter().find(|(_, part)| *part == Part::Holder).map(|(agent, _)| agent);
        self.update_request(request, |it| {
            it.phase = Phase::Chatting;
            it.answered = it.answered.or(holder.map(|holder| (queue, holder, now)));
        });
        if first {
            self.see(queue, |seen| seen.observe_answered(now, now.since(joined_at)));
        }
    }

    fn leave(&mut self, request: RequestId, agent: AgentId) {
        let now = self.desk.now;
        self.update_request(request, |it| _ = it.agents.remove(&agent));
        self.update_agent(agent, |it| {
            it.chats.remove(&request);
            if it.chats.values().all(|part| *part == Part::Supervisor) {
                it.idle_since = now;
            }
        });
        self.reconsider(request);
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
