//! A conversation: the visitor enters or does not, agents come and go, it is closed; and rooms that agents wait in.

use crate::agent::heir;
use crate::command::{Party, Seen, TransferKind};
use crate::engine::Engine;
use crate::entity::{Phase, Request};
use crate::event::{Ending, Event, Part, Return, TransferEnd};
use crate::ids::{AgentId, QueueId, RequestId, RoomId};
use crate::refusal::{Ineligible, Refusal, What};
use crate::spec::Dispatch;
use crate::time::Span;
use crate::turn::Reply;

impl Engine {
    pub(crate) fn observe_occupant(&mut self, room: RoomId, who: Party, seen: Seen) -> Result<Reply, Refusal> {
        let request = self.state.room(room).ok_or(Refusal::NotFound(What::Room))?.request;
        match (who, request) {
            (Party::Visitor, Some(request)) => self.observe_visitor_in(room, request, seen)?,
            (Party::Visitor, None) => return Err(Refusal::WrongState("the room has no visitor yet")),
            (Party::Agent(agent), _) => {
                self.known_agent(agent)?;
                self.emit(Event::OccupantSeen { room, who, present: seen == Seen::Entered });
            }
        }
        Ok(Reply::Done)
    }

    fn observe_visitor_in(&mut self, room: RoomId, id: RequestId, seen: Seen) -> Result<(), Refusal> {
        let request = self.open_request(id)?;
        let (lost, invited) = (request.lost_until.is_some(), matches!(request.phase, Phase::Invited { .. }));
        match seen {
            Seen::Entered => {
                if lost {
                    self.emit(Event::VisitorReturned { request: id });
                }
                if invited {
                    self.emit(Event::VisitorEntered { room, request: id });
                }
            }
            Seen::Lost => _ = self.observe_visitor(id, false)?,
            Seen::LeftClean if invited => {}
            Seen::LeftClean => self.end_request(id, Ending::ClosedByVisitor),
        }
        Ok(())
    }

    /// The visitor did not enter in time: back to the head, or the end if it happened too often.
    pub(crate) fn lapse_invitation(&mut self, id: RequestId) {
        let Some(request) = self.state.request(id).cloned() else { return };
        let Some(room) = request.room else { return };
        self.emit(Event::InvitationLapsed { room, request: id });
        let max = self.entrance(id).map_or(0, |workgroup| workgroup.spec.invitations_max);
        if request.lost_until.is_some() || request.invitations_lapsed.saturating_add(1) >= max {
            self.end_request(id, Ending::NotEntered);
        } else {
            self.return_request(id, Return::InvitationLapsed);
        }
    }

    /// Takes a request out of its room and back to the head of the line it asked for.
    pub(crate) fn return_request(&mut self, id: RequestId, cause: Return) {
        self.end_transfer(id, TransferEnd::ChatEnded);
        let Some(request) = self.state.request(id).cloned() else { return };
        let Some(room) = request.room else { return };
        for agent in request.agents.keys() {
            self.emit(Event::AgentLeft { room, request: id, agent: *agent });
        }
        self.emit(Event::RoomClosed { room, request: id });
        self.emit(Event::RequestReturned { request: id, cause });
        self.place_asked(id, request.asked);
    }

    fn chat(&self, id: RequestId) -> Result<(&Request, RoomId), Refusal> {
        let request = self.open_request(id)?;
        let room = request.room.ok_or(Refusal::WrongState("the request is in no room"))?;
        Ok((request, room))
    }

    pub(crate) fn close_chat(&mut self, id: RequestId, ending: Ending) -> Result<Reply, Refusal> {
        self.chat(id)?;
        self.end_request(id, ending);
        Ok(Reply::Done)
    }

    pub(crate) fn enter_chat(&mut self, agent: AgentId, id: RequestId) -> Result<Reply, Refusal> {
        self.session_of(agent)?;
        let (request, room) = self.chat(id)?;
        if request.agents.contains_key(&agent) {
            return Err(Refusal::NotEligible(Ineligible::AlreadyInside));
        }
        let awaited = request.transfer.is_some_and(|transfer| transfer.kind == TransferKind::Conference);
        if request.agents.len() + usize::from(awaited) >= self.limits.agents_per_chat {
            return Err(Refusal::Limit("agents in one chat"));
        }
        let offered: Vec<_> = self.state.offers_of(agent).filter(|offer| offer.request == id).copied().collect();
        self.emit(Event::AgentEntered { room, request: id, agent, part: Part::Supervisor });
        self.revoke(&offered, crate::event::Revocation::TakenBy(agent));
        Ok(Reply::Done)
    }

    pub(crate) fn leave_chat(&mut self, agent: AgentId, id: RequestId) -> Result<Reply, Refusal> {
        self.known_agent(agent)?;
        let (request, _) = self.chat(id)?;
        let part = *request.agents.get(&agent).ok_or(Refusal::NotYours(What::Request))?;
        if part == Part::Holder && heir(request, agent).is_none() {
            return Err(Refusal::WrongState("the last agent of a chat cannot leave, only close it"));
        }
        let chatting = request.phase == Phase::Chatting;
        self.step_out(id, agent, part);
        if part == Part::Holder && chatting {
            let pause = self.entrance(id).map_or(Span::ZERO, |it| it.spec.wrap_up);
            self.start_wrap_up(agent, pause);
        }
        Ok(Reply::Done)
    }

    pub(crate) fn staff_room(&mut self, id: AgentId, queue: QueueId) -> Result<Reply, Refusal> {
        let agent = self.session_of(id)?.0;
        let it = self.state.queue(queue).ok_or(Refusal::NotFound(What::Queue))?;
        if !self.state.is_member(id, queue) {
            return Err(Refusal::NotEligible(Ineligible::NotMember));
        }
        if it.spec.dispatch != Dispatch::StaffedRoom {
            return Err(Refusal::WrongState("agents do not wait in rooms for this queue"));
        }
        let load = self.state.load(agent);
        if load.chats as usize + agent.staffing.len() >= load.ceiling as usize {
            return Err(Refusal::NotEligible(Ineligible::AtCapacity));
        }
        let room = RoomId(self.fresh_id());
        self.emit(Event::RoomStaffed { room, agent: id, queue });
        Ok(Reply::Staffed(room))
    }

    pub(crate) fn unstaff_room(&mut self, id: AgentId, room: RoomId) -> Result<Reply, Refusal> {
        self.known_agent(id)?;
        let it = self.state.room(room).ok_or(Refusal::NotFound(What::Room))?;
        match it.staffed_by {
            None => Err(Refusal::WrongState("a visitor has been put into the room")),
            Some(agent) if agent != id => Err(Refusal::NotYours(What::Room)),
            Some(_) => {
                self.emit(Event::RoomUnstaffed { room, agent: id });
                Ok(Reply::Done)
            }
        }
    }
}
