//! Transfers and second agents: another agent, queue or workgroup is asked to take a chat over or to come in besides.
//! The asking agent keeps the visitor until it is taken.

use crate::command::{Show, TransferKind, TransferTarget};
use crate::engine::Engine;
use crate::entity::{Phase, Transfer};
use crate::event::{Event, Part, Placement, Revocation, TransferEnd};
use crate::ids::{AgentId, QueueId, RequestId, RoomId};
use crate::refusal::{Ineligible, Refusal, What};
use crate::time::Span;
use crate::turn::Reply;

impl Engine {
    pub(crate) fn transfer_chat(
        &mut self,
        from: AgentId,
        id: RequestId,
        target: TransferTarget,
        kind: TransferKind,
    ) -> Result<Reply, Refusal> {
        self.check_transfer(from, id, kind)?;
        let queue = match target {
            TransferTarget::Agent(agent) => self.check_target(agent, id)?,
            TransferTarget::Queue(queue) => self.state.queue(queue).ok_or(Refusal::NotFound(What::Queue))?.id,
            TransferTarget::Workgroup(workgroup) => {
                self.state.workgroup(workgroup).ok_or(Refusal::NotFound(What::Workgroup))?;
                self.state.queues_of(workgroup).next().ok_or(Refusal::NotFound(What::Queue))?.id
            }
        };
        let timeout = self.entrance(id).map_or(Span::ZERO, |it| it.spec.transfer_timeout);
        let deadline = self.now() + timeout.max(Span::secs(1));
        self.emit(Event::TransferStarted { request: id, from, target, kind, deadline });
        match target {
            TransferTarget::Agent(agent) => self.make_offer(id, queue, agent, timeout),
            TransferTarget::Queue(_) | TransferTarget::Workgroup(_) => {
                self.emit(Event::RequestPlaced { request: id, queue, level: 0, cause: Placement::Transfer });
            }
        }
        Ok(Reply::Done)
    }

    fn check_transfer(&self, from: AgentId, id: RequestId, kind: TransferKind) -> Result<(), Refusal> {
        self.known_agent(from)?;
        let request = self.open_request(id)?;
        match request.agents.get(&from) {
            None => return Err(Refusal::NotYours(What::Request)),
            Some(Part::Supervisor) if kind == TransferKind::Transfer => {
                return Err(Refusal::WrongState("who looks after a chat does not hold it"));
            }
            Some(_) => {}
        }
        if request.phase != Phase::Chatting {
            return Err(Refusal::WrongState("the visitor is not in the chat"));
        }
        if request.transfer.is_some() {
            return Err(Refusal::WrongState("another agent is asked for already"));
        }
        if kind == TransferKind::Conference && request.agents.len() >= self.limits.agents_per_chat {
            return Err(Refusal::Limit("agents in one chat"));
        }
        Ok(())
    }

    /// All that may be said against asking this agent; gives the queue that the offer counts for.
    fn check_target(&self, agent: AgentId, id: RequestId) -> Result<QueueId, Refusal> {
        let request = self.open_request(id)?;
        let (entity, session) = self.session_of(agent)?;
        if request.agents.contains_key(&agent) {
            return Err(Refusal::NotEligible(Ineligible::AlreadyInside));
        }
        if session.lost_until.is_some() {
            return Err(Refusal::NotEligible(Ineligible::SignedOut));
        }
        if matches!(session.show, Show::Xa | Show::Dnd) {
            return Err(Refusal::WrongState("the agent does not want to be disturbed"));
        }
        if !self.state.load(entity).has_slot() {
            return Err(Refusal::NotEligible(Ineligible::AtCapacity));
        }
        Ok(request.asked)
    }

    pub(crate) fn cancel_transfer(&mut self, agent: AgentId, id: RequestId) -> Result<Reply, Refusal> {
        self.known_agent(agent)?;
        let transfer = self.open_request(id)?.transfer.ok_or(Refusal::WrongState("no other agent is asked for"))?;
        if transfer.from != agent {
            return Err(Refusal::NotYours(What::Request));
        }
        self.end_transfer(id, TransferEnd::Cancelled);
        Ok(Reply::Done)
    }

    /// Ends a transfer untaken, if there is one; the chat goes on as before.
    pub(crate) fn end_transfer(&mut self, id: RequestId, cause: TransferEnd) {
        let Some(transfer) = self.state.request(id).and_then(|request| request.transfer) else { return };
        self.revoke_offers_for(id, Revocation::TransferCancelled);
        self.unplace_all(id);
        self.emit(Event::TransferEnded { request: id, from: transfer.from, cause });
    }

    /// Another agent takes a transfer; gives the chat's room.
    pub(crate) fn take_transfer(&mut self, id: RequestId, transfer: Transfer, by: AgentId) -> Option<RoomId> {
        let request = self.state.request(id)?;
        let (room, from, kind) = (request.room?, transfer.from, transfer.kind);
        let part = request.agents.get(&from).copied().unwrap_or(Part::Holder);
        self.emit(Event::TransferTaken { request: id, from, by, kind });
        if kind == TransferKind::Conference {
            self.emit(Event::AgentEntered { room, request: id, agent: by, part: Part::Second });
            return Some(room);
        }
        self.emit(Event::AgentLeft { room, request: id, agent: from });
        self.emit(Event::AgentEntered { room, request: id, agent: by, part });
        if part == Part::Holder {
            let pause = self.entrance(id).map_or(Span::ZERO, |it| it.spec.wrap_up);
            self.start_wrap_up(from, pause);
        }
        Some(room)
    }
}
