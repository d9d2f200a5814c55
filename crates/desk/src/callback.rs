//! Callbacks: asked for at joining or while waiting, for now or for a time, put in line when due, confirmed by the visitor when an agent is free.

use crate::command::{JoinQueue, Medium};
use crate::engine::Engine;
use crate::entity::{Phase, Request, Workgroup};
use crate::event::{Ending, Event, Return, Revocation};
use crate::ids::RequestId;
use crate::refusal::Refusal;
use crate::schedule;
use crate::state::reindex::is_chat;
use crate::time::{Span, Time};
use crate::turn::Reply;

/// The time ahead that a callback is asked for; none: now, or no callback.
pub(crate) fn wanted_later(join: &JoinQueue, now: Time) -> Option<Time> {
    join.not_before.filter(|at| join.medium == Medium::Callback && *at > now)
}

impl Engine {
    /// Whether a callback may be asked for at this time.
    pub(crate) fn check_appointment(&self, workgroup: &Workgroup, at: Time) -> Result<(), Refusal> {
        if at.since(self.now()) > self.limits.callback_ahead {
            return Err(Refusal::Limit("time ahead of a callback"));
        }
        let spec = &workgroup.spec;
        if schedule::is_open(&spec.hours, &spec.zone, at) {
            return Ok(());
        }
        Err(Refusal::QueueClosed { opens_at: schedule::next_change(&spec.hours, &spec.zone, at) })
    }

    /// Whether callbacks may be asked for, and one more may be open.
    pub(crate) fn check_callbacks(&self, workgroup: &Workgroup) -> Result<(), Refusal> {
        if !workgroup.spec.callback.enabled {
            return Err(Refusal::WrongState("no callbacks are taken here"));
        }
        if self.state.callbacks_open(workgroup.id) >= workgroup.spec.callback.open_max as usize {
            return Err(Refusal::Limit("callbacks"));
        }
        Ok(())
    }

    pub(crate) fn ask_callback(&mut self, id: RequestId, not_before: Option<Time>) -> Result<Reply, Refusal> {
        let request = self.open_request(id)?;
        if !is_chat(request) {
            return Err(Refusal::WrongState("the request is a callback already"));
        }
        if request.phase != Phase::Waiting {
            return Err(Refusal::WrongState("the request does not wait in line"));
        }
        let workgroup = self.entrance(id).ok_or(Refusal::WrongState("its workgroup is gone"))?;
        if request.medium == Medium::Chat {
            self.check_callbacks(workgroup)?;
            if self.state.open_by(workgroup.id, request.visitor, Medium::Callback) {
                return Err(Refusal::AlreadyQueued);
            }
        }
        let later = not_before.filter(|at| *at > self.now());
        if let Some(at) = later {
            self.check_appointment(workgroup, at)?;
        }
        self.revoke_offers_for(id, Revocation::Moved);
        self.emit(Event::CallbackAsked { request: id });
        if let Some(not_before) = later {
            self.unplace_all(id);
            self.emit(Event::CallbackRescheduled { request: id, not_before });
        }
        Ok(Reply::Done)
    }

    fn unconfirmed(&self, id: RequestId) -> Result<&Request, Refusal> {
        let request = self.open_request(id)?;
        if request.medium != Medium::Callback {
            return Err(Refusal::WrongState("the request is no callback"));
        }
        if is_chat(request) {
            return Err(Refusal::WrongState("the callback is confirmed already"));
        }
        Ok(request)
    }

    pub(crate) fn confirm_callback(&mut self, id: RequestId) -> Result<Reply, Refusal> {
        let request = self.unconfirmed(id)?;
        match request.phase {
            Phase::Confirming { .. } => {
                self.emit(Event::CallbackConfirmed { request: id });
                self.emit(Event::RequestReturned { request: id, cause: Return::Confirmed });
            }
            Phase::Scheduled { .. } => {
                let workgroup = self.entrance(id).ok_or(Refusal::WrongState("its workgroup is gone"))?;
                self.check_doors(workgroup)?;
                self.enter_line(id);
                self.emit(Event::CallbackConfirmed { request: id });
            }
            _ => self.emit(Event::CallbackConfirmed { request: id }),
        }
        Ok(Reply::Done)
    }

    pub(crate) fn reschedule_callback(&mut self, id: RequestId, not_before: Time) -> Result<Reply, Refusal> {
        self.unconfirmed(id)?;
        if not_before <= self.now() {
            return Err(Refusal::WrongState("the time is past"));
        }
        let workgroup = self.entrance(id).ok_or(Refusal::WrongState("its workgroup is gone"))?;
        self.check_appointment(workgroup, not_before)?;
        self.revoke_offers_for(id, Revocation::Moved);
        self.unplace_all(id);
        self.emit(Event::CallbackRescheduled { request: id, not_before });
        Ok(Reply::Done)
    }

    /// A scheduled callback is due: it stands in line from now on.
    pub(crate) fn enter_line(&mut self, id: RequestId) {
        let Some(asked) = self.state.request(id).map(|request| request.asked) else { return };
        self.emit(Event::CallbackDue { request: id });
        self.place_asked(id, asked);
    }

    /// Somebody is free: the visitor is asked to confirm.
    pub(crate) fn ask_to_confirm(&mut self, id: RequestId) {
        let Some(request) = self.state.request(id) else { return };
        let attempt = request.attempts.saturating_add(1);
        let timeout = self.entrance(id).map_or(Span::ZERO, |it| it.spec.callback.confirm_timeout);
        let deadline = self.now() + timeout.max(Span::secs(1));
        self.emit(Event::ConfirmationAsked { request: id, attempt, deadline });
    }

    /// No confirmation came in time: another attempt later, or the end.
    pub(crate) fn lapse_confirmation(&mut self, id: RequestId) {
        let Some(attempt) = self.state.request(id).map(|request| request.attempts) else { return };
        let Some(callback) = self.entrance(id).map(|it| it.spec.callback) else { return };
        if attempt >= callback.attempts_max {
            self.end_request(id, Ending::Unreachable);
            return;
        }
        self.unplace_all(id);
        let retry_at = self.now() + callback.retry_after.max(Span::secs(1));
        self.emit(Event::ConfirmationLapsed { request: id, attempt, retry_at });
    }
}
