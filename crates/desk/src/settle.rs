//! After (and before) every command: whatever is due happens, and whoever can be brought together is. By looking at the
//! state only, so a timer and a command share one set of rules.

use crate::engine::Engine;
use crate::entity::{Phase, Request};
use crate::event::{Ending, Event, SignOutCause, TransferEnd};
use crate::ids::{AgentId, RequestId};
use crate::state::index::Timer;
use crate::state::timer::relaxation_due;
use crate::time::Time;

impl Engine {
    /// Settles until nothing changes, or as much as one turn may do is done; `deadline` then says that more is due.
    pub(crate) fn settle(&mut self) {
        let mut left = self.limits.settled_per_turn.max(1);
        self.unsettled = false;
        loop {
            let mut done = usize::from(self.fire_one());
            if done == 0 {
                done = self.wake_one(left);
            }
            if done == 0 {
                done = self.dispatch(left);
            }
            if done == 0 {
                return;
            }
            left = left.saturating_sub(done);
            if left == 0 {
                self.unsettled = true;
                return;
            }
        }
    }

    /// Lets the next timer fire if it is due.
    fn fire_one(&mut self) -> bool {
        let Some((at, timer)) = self.state.index.timers.first() else { return false };
        if at > self.now() {
            return false;
        }
        match timer {
            Timer::Workgroup(workgroup) => self.turn_doors(workgroup),
            Timer::Block(key) => self.emit(Event::Unblocked { key }),
            Timer::Agent(agent) => self.fire_agent(agent),
            Timer::Offer(offer) => self.expire_offer(offer),
            Timer::Request(request) => self.fire_request(request, at),
        }
        true
    }

    fn wake_one(&mut self, at_most: usize) -> usize {
        match self.state.index.wakeable.first().copied() {
            Some(queue) => self.wake(queue, at_most),
            None => 0,
        }
    }

    fn fire_agent(&mut self, id: AgentId) {
        let (now, Some(agent)) = (self.now(), self.state.agent(id)) else { return };
        if agent.session.as_ref().and_then(|session| session.lost_until).is_some_and(|until| until <= now) {
            self.end_session(id, SignOutCause::Lost);
        } else if agent.wrap_up_until.is_some_and(|until| until <= now) {
            self.emit(Event::WrapUpEnded { agent: id });
        }
    }

    /// Does the first thing that is due about a request; ends come before everything else.
    fn fire_request(&mut self, id: RequestId, at: Time) {
        let Some(request) = self.state.request(id) else { return };
        let due = |time: Option<Time>| time.is_some_and(|time| time <= at);
        if due(request.lost_until) {
            self.give_up_visitor(id);
        } else if due(self.state.expiry(request)) {
            self.end_request(id, Ending::Expired);
        } else if due(phase_due(request)) {
            self.fire_phase(id, request.phase);
        } else if due(request.transfer.map(|transfer| transfer.deadline)) {
            self.end_transfer(id, TransferEnd::Lapsed);
        } else if due(relaxation_due(request)) {
            self.relax(id);
        } else if due(self.state.rollover_due(request).map(|(_, at)| at)) {
            self.roll_over(id);
        } else {
            self.forget_rejections(id, at);
        }
    }

    fn fire_phase(&mut self, id: RequestId, phase: Phase) {
        match phase {
            Phase::Scheduled { .. } => self.enter_line(id),
            Phase::Confirming { .. } => self.lapse_confirmation(id),
            Phase::Invited { .. } => self.lapse_invitation(id),
            Phase::Waiting | Phase::Chatting => {}
        }
    }
}

fn phase_due(request: &Request) -> Option<Time> {
    match request.phase {
        Phase::Scheduled { due } => Some(due),
        Phase::Confirming { deadline } | Phase::Invited { deadline } => Some(deadline),
        Phase::Waiting | Phase::Chatting => None,
    }
}
