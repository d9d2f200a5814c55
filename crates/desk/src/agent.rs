//! An agent's session: signing in and out, availability, loss of the connection, the pause after a chat.

use crate::command::Show;
use crate::engine::Engine;
use crate::entity::{Agent, Request, Session};
use crate::event::{Event, Part, Revocation, SignOutCause};
use crate::ids::{AgentId, QueueId, RequestId};
use crate::refusal::{Ineligible, Refusal, What};
use crate::spec::AgentLost;
use crate::time::Span;
use crate::turn::Reply;

/// Code for being away that the desk sets when offers expire one after another.
pub const NO_ANSWER: &str = "no-answer";
/// After so many expired offers in a row an agent is taken to be away.
const EXPIRIES_MAX: u8 = 2;
/// Longest code for being away, in characters.
const REASON_MAX: usize = 64;

impl Engine {
    pub(crate) fn known_agent(&self, id: AgentId) -> Result<&Agent, Refusal> {
        self.state.agent(id).ok_or(Refusal::NotFound(What::Agent))
    }

    pub(crate) fn session_of(&self, id: AgentId) -> Result<(&Agent, &Session), Refusal> {
        let agent = self.known_agent(id)?;
        let session = agent.session.as_ref().ok_or(Refusal::NotEligible(Ineligible::SignedOut))?;
        Ok((agent, session))
    }

    pub(crate) fn sign_in(&mut self, id: AgentId, show: Show) -> Result<Reply, Refusal> {
        let replaced = self.known_agent(id)?.session.is_some();
        self.emit(Event::AgentSignedIn { agent: id, show, replaced });
        self.revoke_untakeable(id);
        Ok(Reply::Done)
    }

    pub(crate) fn sign_out(&mut self, id: AgentId) -> Result<Reply, Refusal> {
        self.session_of(id)?;
        self.end_session(id, SignOutCause::Asked);
        Ok(Reply::Done)
    }

    pub(crate) fn observe_agent(&mut self, id: AgentId, connected: bool) -> Result<Reply, Refusal> {
        let lost = self.session_of(id)?.1.lost_until.is_some();
        if connected && lost {
            self.emit(Event::AgentReturned { agent: id });
        } else if !connected && !lost {
            let until = self.now() + self.grace_of(id);
            self.emit(Event::AgentLost { agent: id, until });
        }
        Ok(Reply::Done)
    }

    /// The longest grace of the workgroups that the agent helps at.
    fn grace_of(&self, id: AgentId) -> Span {
        let workgroups = self.state.queues_of_agent(id).filter_map(|queue| self.state.workgroup(queue.workgroup));
        workgroups.map(|workgroup| workgroup.spec.agent_grace).max().unwrap_or(Span::ZERO)
    }

    pub(crate) fn set_availability(
        &mut self,
        id: AgentId,
        show: Show,
        reason: Option<String>,
        chats_max_hint: Option<u32>,
    ) -> Result<Reply, Refusal> {
        let session = self.session_of(id)?.1;
        if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_MAX) {
            return Err(Refusal::Limit("length of the reason for being away"));
        }
        if (session.show, &session.reason, session.chats_max_hint) != (show, &reason, chats_max_hint) {
            self.emit(Event::AvailabilitySet { agent: id, show, reason, chats_max_hint });
            self.revoke_untakeable(id);
        }
        Ok(Reply::Done)
    }

    pub(crate) fn opt_queue(&mut self, id: AgentId, queue: QueueId, opted_in: bool) -> Result<Reply, Refusal> {
        let agent = self.known_agent(id)?;
        self.state.queue(queue).ok_or(Refusal::NotFound(What::Queue))?;
        if !self.state.is_member(id, queue) {
            return Err(Refusal::NotEligible(Ineligible::NotMember));
        }
        if agent.opted_out.contains(&queue) == opted_in {
            self.emit(Event::QueueOpted { agent: id, queue, opted_in });
            self.revoke_untakeable(id);
        }
        Ok(Reply::Done)
    }

    pub(crate) fn end_wrap_up(&mut self, id: AgentId) -> Result<Reply, Refusal> {
        if self.session_of(id)?.0.wrap_up_until.is_none() {
            return Err(Refusal::WrongState("no pause is running"));
        }
        self.emit(Event::WrapUpEnded { agent: id });
        Ok(Reply::Done)
    }

    /// Begins the pause after a chat, if there is one. A longer one that runs already goes on.
    pub(crate) fn start_wrap_up(&mut self, id: AgentId, pause: Span) {
        let Some(agent) = self.state.agent(id).filter(|agent| agent.session.is_some()) else { return };
        let until = self.now() + pause;
        if pause > Span::ZERO && agent.wrap_up_until.is_none_or(|running| running < until) {
            self.emit(Event::WrapUpStarted { agent: id, until });
        }
    }

    /// An agent whose offers expire one after another is not there: away, until they say otherwise.
    pub(crate) fn note_silence(&mut self, id: AgentId) {
        let Some(agent) = self.state.agent(id).filter(|agent| agent.expired_in_row >= EXPIRIES_MAX) else { return };
        let Some(session) = &agent.session else { return };
        if matches!(session.show, Show::Chat | Show::Available) {
            let (reason, chats_max_hint) = (Some(NO_ANSWER.to_owned()), session.chats_max_hint);
            self.emit(Event::AvailabilitySet { agent: id, show: Show::Away, reason, chats_max_hint });
            self.revoke_untakeable(id);
        }
    }

    /// Ends a session: offers are taken back, rooms waited in are left, chats are kept, handed over or returned.
    pub(crate) fn end_session(&mut self, id: AgentId, cause: SignOutCause) {
        self.revoke_offers_of(id, Revocation::AgentUnavailable);
        let Some(agent) = self.state.agent(id).cloned() else { return };
        for room in agent.staffing {
            self.emit(Event::RoomUnstaffed { room, agent: id });
        }
        if agent.session.is_some() {
            self.emit(Event::AgentSignedOut { agent: id, cause });
        }
        for (request, part) in agent.chats {
            self.lose_agent(request, id, part, cause);
        }
    }

    /// What becomes of a chat whose agent's session ended.
    fn lose_agent(&mut self, id: RequestId, agent: AgentId, part: Part, cause: SignOutCause) {
        let Some(request) = self.state.request(id) else { return };
        let keeps = self.entrance(id).is_some_and(|workgroup| workgroup.spec.agent_lost == AgentLost::Keep);
        let chatting = matches!(request.phase, crate::entity::Phase::Chatting);
        if keeps && chatting && part != Part::Supervisor && cause == SignOutCause::Lost {
            return;
        }
        if part == Part::Holder && heir(request, agent).is_none() {
            self.return_request(id, crate::event::Return::AgentLost);
        } else {
            self.step_out(id, agent, part);
        }
    }

    /// Lets an agent out of a chat that goes on; a second agent takes the place of the one who held it.
    pub(crate) fn step_out(&mut self, id: RequestId, agent: AgentId, part: Part) {
        let Some(request) = self.state.request(id).cloned() else { return };
        let Some(room) = request.room else { return };
        if request.transfer.is_some_and(|transfer| transfer.from == agent) {
            self.end_transfer(id, crate::event::TransferEnd::Cancelled);
        }
        self.emit(Event::AgentLeft { room, request: id, agent });
        if part == Part::Holder
            && let Some(heir) = heir(&request, agent)
        {
            self.emit(Event::AgentEntered { room, request: id, agent: heir, part: Part::Holder });
        }
    }
}

/// The second agent who would take over from this one.
pub(crate) fn heir(request: &Request, from: AgentId) -> Option<AgentId> {
    let seconds = request.agents.iter().filter(|(agent, part)| **part == Part::Second && **agent != from);
    seconds.map(|(agent, _)| *agent).next()
}
