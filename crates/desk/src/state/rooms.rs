//! What the events of a conversation mean: rooms, invitations, agents who come and go, transfers.

use super::{State, Touch};
use crate::entity::{Phase, Room, Transfer};
use crate::event::{Event, Part};
use crate::ids::{AgentId, QueueId, RequestId, RoomId};

impl State {
    pub(super) fn apply_room(&mut self, event: &Event) {
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

    pub(super) fn put_room(&mut self, room: Room) {
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
            it.together_since = it.together_since.or(Some(now));
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
}
