//! What the events of a request mean: joining, places in lines, rollover, callbacks, the end.

use super::reindex::is_waiting;
use super::{State, Touch};
use crate::command::Medium;
use crate::entity::{Phase, Place, Request, Room};
use crate::estimate::Seen;
use crate::event::{Ending, Event, Placement, Return};
use crate::ids::{QueueId, RequestId};
use crate::time::{Span, Time};

impl State {
    pub(super) fn apply_request(&mut self, event: &Event) {
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
                    it.part(now);
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
            together_since: None,
            handled_before: Span::ZERO,
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
        if let Some((queue, _, _)) = request.answered {
            let handled = request.handled(now);
            self.see(queue, |seen| seen.observe_handled(handled));
        }
        if is_waiting(&request) && matches!(ending, Ending::Departed | Ending::Abandoned) {
            // Who was in a chat before and gives up back in the line has waited since then.
            let since = if request.answered.is_some() { request.waiting_since } else { request.joined_at };
            self.see(request.asked, |seen| seen.observe_abandoned(now.since(since)));
        }
    }

    pub(super) fn see(&mut self, queue: QueueId, observe: impl FnOnce(&mut Seen)) {
        if let Some(queue) = self.queues.get_mut(&queue) {
            observe(&mut queue.seen);
            let id = queue.id;
            self.touch(Touch::Queue(id));
        }
    }

    pub(super) fn apply_callback(&mut self, event: &Event) {
        let now = self.desk.now;
        match event {
            Event::CallbackAsked { request } => self.update_request(*request, |it| {
                it.medium = Medium::Callback;
                it.confirmed = false;
                it.attempts = 0;
                it.not_before = Some(now);
                it.lost_until = None;
            }),
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
}
