//! What the rooms hear from the loop: which conversations there are and who takes part. Runs in the loop, so it only passes
//! on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use desk::entity::{Phase, Request};
use desk::event::Event;
use desk::ids::{AgentId, RequestId};
use desk::time::Time;
use desk::{State, Turn};
use store::archive::Author;

use super::House;
use super::chat::{self, Begin, Mail};
use super::occupant::Colleague;
use crate::publish::Edge;

/// Passes on to each conversation what the desk decided about it.
pub struct RoomsEdge {
    house: Arc<House>,
    /// The conversations of a desk that was restored have begun again.
    resumed: bool,
    /// Who left which conversation in this batch: if they come in again, nothing is new to them.
    left: BTreeSet<(AgentId, RequestId)>,
}

impl RoomsEdge {
    pub(super) fn new(house: Arc<House>) -> Self {
        Self { house, resumed: false, left: BTreeSet::new() }
    }

    fn post(&self, request: RequestId, mail: Mail) {
        if let Some(handle) = self.house.handle(request) {
            handle.post(mail);
        }
    }

    fn close(&self, request: RequestId, mail: Mail) {
        self.post(request, mail);
        self.house.forget_visitor(request);
        self.house.chats.write().unwrap_or_else(PoisonError::into_inner).remove(&request);
        let mut of_agent = self.house.of_agent.write().unwrap_or_else(PoisonError::into_inner);
        of_agent.retain(|_, chats| {
            chats.remove(&request);
            !chats.is_empty()
        });
    }

    fn take_part(&self, agent: AgentId, request: RequestId, inside: bool) {
        let mut of_agent = self.house.of_agent.write().unwrap_or_else(PoisonError::into_inner);
        let chats = of_agent.entry(agent).or_default();
        if inside {
            chats.insert(request);
        } else {
            chats.remove(&request);
            if chats.is_empty() {
                of_agent.remove(&agent);
            }
        }
    }

    fn event(&mut self, state: &State, turn: &Turn, event: &Event, ended: &BTreeMap<RequestId, &Request>) {
        match *event {
            Event::RoomAssigned { room, request, .. } => {
                if let Some(request) = state.request(request).or(ended.get(&request).copied()) {
                    open(&self.house, state, request);
                    self.post(request.id, Mail::Room(Some(room)));
                }
            }
            Event::VisitorInvited { request, .. } => self.post(request, Mail::Invited),
            Event::VisitorEntered { request, .. } => self.post(request, Mail::Entered(turn.at)),
            Event::AgentEntered { request, agent, .. } => {
                self.take_part(agent, request, true);
                let session = self.house.directory.staff(agent).filter(|_| !self.left.contains(&(agent, request)));
                let unshown = session.as_ref().map(Arc::downgrade);
                self.post(request, Mail::AgentEntered(colleague(state, agent), turn.at, unshown));
            }
            // In the turn in which a chat ends, its end says it all.
            Event::AgentLeft { request, agent, .. } if !ended.contains_key(&request) => {
                self.take_part(agent, request, false);
                self.left.insert((agent, request));
                self.post(request, Mail::AgentLeft(agent, turn.at));
            }
            Event::RoomClosed { request, .. } | Event::InvitationLapsed { request, .. }
                if !ended.contains_key(&request) =>
            {
                self.post(request, Mail::Room(None));
            }
            Event::VisitorLost { request, .. } => self.post(request, Mail::Seen(Author::Visitor, false, turn.at)),
            Event::VisitorReturned { request } => self.post(request, Mail::Seen(Author::Visitor, true, turn.at)),
            Event::AgentLost { agent, .. } => self.agent_seen(agent, false, turn.at),
            Event::AgentReturned { agent } => self.agent_seen(agent, true, turn.at),
            Event::TransferTaken { request, by, .. } => self.post(request, Mail::Transferred(by, turn.at)),
            Event::RequestEnded { request, ending } => self.close(request, Mail::Ended(ending, turn.at)),
            _ => {}
        }
    }

    fn agent_seen(&self, agent: AgentId, there: bool, at: Time) {
        for chat in self.house.chats_of(agent) {
            self.post(chat, Mail::Seen(Author::Agent(agent), there, at));
        }
    }

    /// After a restart: the conversations of the restored desk, each in a new room; people enter as they come back.
    fn resume(&self, state: &State) {
        for request in state.requests().filter(|request| request.room.is_some()) {
            open(&self.house, state, request);
            self.post(request.id, Mail::Room(request.room));
            for agent in request.agents.keys() {
                self.take_part(*agent, request.id, true);
                self.post(request.id, Mail::AgentInside(colleague(state, *agent)));
            }
            match request.phase {
                Phase::Chatting => self.post(request.id, Mail::Resumed),
                _ => self.post(request.id, Mail::Invited),
            }
        }
    }
}

/// Begins a conversation, if it has not begun.
pub(super) fn open(house: &Arc<House>, state: &State, request: &Request) {
    let mut chats = house.chats.write().unwrap_or_else(PoisonError::into_inner);
    chats.entry(request.id).or_insert_with(|| {
        let spec = state.workgroup(request.workgroup).map(|workgroup| &workgroup.spec);
        chat::begin(Begin {
            house: Arc::clone(house),
            request: request.id,
            title: spec.map(|spec| spec.title.clone()).unwrap_or_default(),
            edge: spec.map(|spec| spec.edge.clone()).unwrap_or_default(),
            idle_close: spec.map(|spec| spec.idle_close).unwrap_or_default(),
        })
    });
}

fn colleague(state: &State, agent: AgentId) -> Colleague {
    let spec = state.agent(agent).map(|agent| &agent.spec);
    Colleague {
        agent,
        name: spec.map_or_else(|| format!("agent-{}", agent.0), |spec| spec.name.clone()),
        title: spec.map(|spec| spec.title.clone()).unwrap_or_default(),
    }
}

impl Edge for RoomsEdge {
    fn turn(&mut self, state: &State, turn: &Turn) {
        if !std::mem::replace(&mut self.resumed, true) {
            self.resume(state);
        }
        let ended: BTreeMap<_, _> = turn.ended.iter().map(|ended| (ended.request.id, &*ended.request)).collect();
        for event in &turn.events {
            self.event(state, turn, event, &ended);
        }
    }

    fn tick(&mut self, state: &State, _: Time) {
        self.left.clear();
        if !std::mem::replace(&mut self.resumed, true) {
            self.resume(state);
        }
    }
}
