//! The naive reference model: it hears only the events, keeps plain lists, and works everything out by looking at everybody.
//! It knows the rules in their words, not the engine's indexes: who may be offered what (invariant 3), who comes first
//! (invariant 4), that no hands are idle (invariant 5), that nobody is lost or doubled (invariants 1 and 2).

use std::collections::{BTreeMap, BTreeSet};

use desk::Turn;
use desk::command::{Medium, Show, TransferTarget};
use desk::event::{Event, OfferKind, Part, Placement};
use desk::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, WorkgroupId};
use desk::limits::Limits;
use desk::skill::{Expr, Requirement, SkillName};
use desk::spec::{AgentSpec, Dispatch, Member, Priority, QueueSpec};
use desk::time::{Span, Time};

#[path = "times.rs"]
mod times;

use times::Times;

/// What the events have told so far.
pub struct Model {
    limits: Limits,
    now: Time,
    queues: BTreeMap<QueueId, (WorkgroupId, QueueSpec)>,
    agents: BTreeMap<AgentId, Agent>,
    requests: BTreeMap<RequestId, Request>,
    offers: BTreeMap<OfferId, Offer>,
    rooms: BTreeMap<RoomId, Room>,
    ended: BTreeMap<RequestId, usize>,
    times: Times,
    ever_queued: BTreeSet<RequestId>,
}

struct Agent {
    spec: AgentSpec,
    show: Option<Show>,
    hint: Option<u32>,
    lost: bool,
    opted_out: BTreeSet<QueueId>,
    wrapping_up: bool,
    chats: BTreeMap<RequestId, Part>,
}

struct Request {
    asked: QueueId,
    medium: Medium,
    priority: Priority,
    requirement: Requirement,
    relaxed: usize,
    joined_at: Time,
    returned_at: Option<Time>,
    waiting: bool,
    confirmed: bool,
    lost: bool,
    places: BTreeMap<QueueId, (Placement, Time)>,
    /// The keys that it had in the lines it left last.
    left: BTreeMap<QueueId, Key>,
    refused_by: BTreeSet<AgentId>,
    agents: BTreeSet<AgentId>,
    last_agent: Option<AgentId>,
    room: Option<RoomId>,
    accepted: bool,
    transfer: Option<TransferTarget>,
    attempts: u8,
}

#[derive(Clone, Copy)]
struct Offer {
    request: RequestId,
    agent: AgentId,
    queue: QueueId,
    kind: OfferKind,
}

/// Order in a line: returned or not, when, number.
type Key = (u8, Time, RequestId);

struct Room {
    queue: QueueId,
    request: Option<RequestId>,
    staffed_by: Option<AgentId>,
}

impl Model {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            now: Time::MIN,
            queues: BTreeMap::new(),
            agents: BTreeMap::new(),
            requests: BTreeMap::new(),
            offers: BTreeMap::new(),
            rooms: BTreeMap::new(),
            ended: BTreeMap::new(),
            times: Times::default(),
            ever_queued: BTreeSet::new(),
        }
    }

    /// Hears a turn and judges each of its events before believing it.
    pub fn hear(&mut self, turn: &Turn) {
        assert!(turn.at >= self.now, "time ran backwards");
        self.now = turn.at;
        for event in &turn.events {
            self.judge(event);
            self.judge_times(event);
            self.believe_times(event);
            self.believe_declaration(event);
            self.believe_request(event);
            self.believe_agent(event);
            self.believe_offer(event);
            self.believe_room(event);
        }
        for ended in &turn.ended {
            assert!(
                !self.requests.contains_key(&ended.request.id),
                "request {} ended and is there",
                ended.request.id.0
            );
        }
    }

    /// Where somebody waits and somebody who may be offered it is free, an offer is out.
    pub fn nobody_idles(&self) {
        for (id, request) in &self.requests {
            for queue in request.places.keys() {
                let dispatch = self.queues[queue].1.dispatch;
                if dispatch == Dispatch::Pull || !self.wants_agent(*id, *queue) {
                    continue;
                }
                let idle = self.agents.keys().find(|agent| self.eligible(**agent, *queue, *id));
                assert!(idle.is_none(), "request {} waits in queue {} and agent {idle:?} is idle", id.0, queue.0);
            }
        }
    }

    /// At the end of the day.
    pub fn everybody_ended_once(&self) {
        for request in &self.ever_queued {
            let times = self.ended.get(request).copied().unwrap_or(0);
            assert_eq!(times, 1, "request {} ended {times} times", request.0);
        }
    }

    fn judge(&self, event: &Event) {
        match event {
            Event::OfferMade { request, agent, queue, kind, .. } => self.judge_offer(*request, *agent, *queue, *kind),
            Event::OfferAccepted { offer } => {
                let offer = self.offers.get(offer).expect("only an offer that is out can be accepted");
                let request = &self.requests[&offer.request];
                assert!(
                    offer.kind != OfferKind::Request || !request.accepted,
                    "request {} is doubled",
                    offer.request.0
                );
            }
            Event::RoomAssigned { room, request, queue, agent } => {
                assert!(self.requests[request].room.is_none(), "request {} has two rooms", request.0);
                if let Some(room) = self.rooms.get(room) {
                    assert!(room.request.is_none(), "two visitors in one room");
                    assert_eq!(room.staffed_by, Some(*agent), "somebody else's room");
                    self.nobody_overtaken(*request, *agent, *queue);
                }
            }
            Event::RequestEnded { request, .. } => {
                assert!(self.requests.contains_key(request), "request {} ends and is not there", request.0);
            }
            _ => {}
        }
    }

    fn judge_offer(&self, id: RequestId, agent: AgentId, queue: QueueId, kind: OfferKind) {
        let request = &self.requests[&id];
        if kind != OfferKind::Request && matches!(request.transfer, Some(TransferTarget::Agent(_))) {
            let them = &self.agents[&agent];
            assert!(
                them.show.is_some() && !them.lost && self.has_slot(them),
                "agent {} cannot take a transfer",
                agent.0
            );
            return;
        }
        assert!(self.wants_agent(id, queue), "request {} is offered and does not want an agent there", id.0);
        assert!(self.eligible(agent, queue, id), "agent {} is offered request {} and cannot take it", agent.0, id.0);
        self.nobody_overtaken(id, agent, queue);
        self.best_agent(id, agent, queue);
    }

    /// First come, first served: nobody who stands before in this line could have been offered to this agent.
    fn nobody_overtaken(&self, id: RequestId, agent: AgentId, queue: QueueId) {
        let key = self.key(id, queue);
        for (other, request) in &self.requests {
            let before = request.places.contains_key(&queue) && self.key(*other, queue) < key;
            if before && self.wants_agent(*other, queue) && self.eligible(agent, queue, *other) {
                panic!("request {} overtakes {} in queue {}", id.0, other.0, queue.0);
            }
        }
    }

    fn key(&self, id: RequestId, queue: QueueId) -> Key {
        let request = &self.requests[&id];
        if !request.places.contains_key(&queue) {
            return request.left[&queue];
        }
        match (request.places[&queue], request.returned_at) {
            ((Placement::Transfer, since), _) => (0, since, id),
            (_, Some(returned)) => (0, returned, id),
            _ => {
                let ageing = self.queues[&queue].1.ageing.0;
                (1, request.joined_at - Span(ageing * i64::from(request.priority.0)), id)
            }
        }
    }

    /// Whether a request waits for an agent from this line at this moment.
    fn wants_agent(&self, id: RequestId, queue: QueueId) -> bool {
        let request = &self.requests[&id];
        let dispatch = self.queues[&queue].1.dispatch;
        let Some((cause, _)) = request.places.get(&queue) else { return false };
        let offered_here = self.offers.values().any(|offer| offer.request == id && offer.queue == queue);
        let once = matches!(dispatch, Dispatch::Offer) || *cause == Placement::Transfer;
        if once && offered_here && dispatch != Dispatch::RingAll {
            return false;
        }
        if *cause == Placement::Transfer {
            return !matches!(dispatch, Dispatch::Pull | Dispatch::StaffedRoom);
        }
        let is_chat = request.medium == Medium::Chat || request.confirmed;
        request.waiting && is_chat && !request.lost
    }

    /// Whether this agent could take this request from this line at this moment.
    fn eligible(&self, id: AgentId, queue: QueueId, request_id: RequestId) -> bool {
        let (agent, request, spec) = (&self.agents[&id], &self.requests[&request_id], &self.queues[&queue].1);
        let (Some(show), Some(member)) = (agent.show, self.member(id, queue)) else { return false };
        let reached = match show {
            Show::Chat | Show::Available => true,
            Show::Away => spec.offer_to_away,
            Show::Dnd => spec.urgent_to_dnd && request.priority >= Priority::URGENT,
            Show::Xa => false,
        };
        if !reached || agent.lost || agent.wrapping_up || agent.opted_out.contains(&queue) || !self.has_slot(agent) {
            return false;
        }
        let mut levels: BTreeMap<SkillName, u32> = agent.spec.skills.clone();
        levels.extend(member.skills.iter().map(|(skill, level)| (skill.clone(), *level)));
        let needed = request.requirement.steps.get(request.relaxed).map_or_else(Expr::any, |(_, expr)| expr.clone());
        if !needed.matches(&levels) || request.agents.contains(&id) || request.refused_by.contains(&id) {
            return false;
        }
        if self.offers.values().any(|offer| offer.request == request_id && offer.agent == id) {
            return false;
        }
        let room_of = |chat: &RequestId| self.rooms.get(&self.requests.get(chat)?.room?);
        let from_here = |chat: &&RequestId| room_of(chat).is_some_and(|room| room.queue == queue);
        let held = agent.chats.iter().filter(|(_, part)| **part != Part::Supervisor).map(|(chat, _)| chat);
        if member.capacity.is_some_and(|capacity| held.filter(from_here).count() >= capacity as usize) {
            return false;
        }
        let mine = self.offers.values().filter(|offer| offer.agent == id);
        let (rings, singles): (Vec<&Offer>, Vec<&Offer>) = mine.partition(|offer| self.rings(offer));
        match spec.dispatch {
            Dispatch::Offer => singles.is_empty(),
            Dispatch::RingAll => rings.len() < self.limits.ringing_per_agent,
            Dispatch::StaffedRoom => self.rooms.values().any(|room| room.staffed_by == Some(id) && room.queue == queue),
            Dispatch::Pull => true,
        }
    }

    fn rings(&self, offer: &Offer) -> bool {
        let direct = offer.kind != OfferKind::Request
            && matches!(self.requests[&offer.request].transfer, Some(TransferTarget::Agent(_)));
        !direct && self.queues[&offer.queue].1.dispatch == Dispatch::RingAll
    }

    fn has_slot(&self, agent: &Agent) -> bool {
        let held = agent.chats.values().filter(|part| **part != Part::Supervisor).count();
        held < agent.spec.chats_max.min(agent.hint.unwrap_or(u32::MAX)) as usize
    }

    fn member(&self, agent: AgentId, queue: QueueId) -> Option<&Member> {
        let name = &self.agents.get(&agent)?.spec.name;
        self.queues.get(&queue)?.1.members.iter().find(|member| member.agent == *name)
    }

    fn believe_declaration(&mut self, event: &Event) {
        match event {
            Event::QueueDeclared { queue, workgroup, spec, .. } => {
                self.queues.insert(*queue, (*workgroup, (**spec).clone()));
            }
            Event::QueueRemoved { queue } => {
                self.queues.remove(queue);
                assert!(
                    !self.requests.values().any(|request| request.places.contains_key(queue)),
                    "left in a removed queue"
                );
            }
            Event::AgentDeclared { agent, spec, .. } => {
                let known = self.agents.entry(*agent).or_insert_with(|| Agent {
                    spec: (**spec).clone(),
                    show: None,
                    hint: None,
                    lost: false,
                    opted_out: BTreeSet::new(),
                    wrapping_up: false,
                    chats: BTreeMap::new(),
                });
                known.spec = (**spec).clone();
            }
            Event::AgentRemoved { agent } => {
                let gone = self.agents.remove(agent).expect("they were there");
                assert!(gone.chats.is_empty(), "a removed agent holds chats");
            }
            _ => {}
        }
    }

    fn believe_queued(&mut self, event: &Event) {
        let now = self.now;
        let Event::RequestQueued {
            request,
            medium,
            priority,
            requirement,
            last_agent,
            connected,
            not_before,
            asked,
            ..
        } = event
        else {
            return;
        };
        assert!(self.ever_queued.insert(*request), "a number was given twice");
        let later = *medium == Medium::Callback && not_before.is_some_and(|at| at > now);
        let request_now = Request {
            asked: *asked,
            medium: *medium,
            priority: *priority,
            requirement: requirement.clone(),
            relaxed: 0,
            joined_at: now,
            returned_at: None,
            waiting: !later,
            confirmed: false,
            lost: !connected && *medium == Medium::Chat,
            places: BTreeMap::new(),
            left: BTreeMap::new(),
            refused_by: BTreeSet::new(),
            agents: BTreeSet::new(),
            last_agent: *last_agent,
            room: None,
            accepted: false,
            transfer: None,
            attempts: 0,
        };
        self.requests.insert(*request, request_now);
    }

    fn believe_request(&mut self, event: &Event) {
        let now = self.now;
        match event {
            Event::RequestQueued { .. } => self.believe_queued(event),
            Event::RequestEnded { request, .. } => {
                *self.ended.entry(*request).or_default() += 1;
                assert!(!self.offers.values().any(|offer| offer.request == *request), "an offer outlives its request");
                self.requests.remove(request);
            }
            Event::RequestPlaced { request, queue, cause, .. } => self.of(*request, |it| {
                it.places.insert(*queue, (*cause, now));
                if *cause == Placement::Moved {
                    it.asked = *queue;
                }
            }),
            Event::RequestUnplaced { request, queue } => {
                let key = self.key(*request, *queue);
                self.of(*request, |it| {
                    it.places.remove(queue);
                    it.left.insert(*queue, key);
                });
            }
            Event::QueueReplaced { request, queue, by } => {
                for room in
                    self.rooms.values_mut().filter(|room| room.request == Some(*request) && room.queue == *queue)
                {
                    room.queue = *by;
                }
                self.of(*request, |it| {
                    if it.asked == *queue {
                        it.asked = *by;
                    }
                });
            }
            Event::RequirementRelaxed { request, step } => self.of(*request, |it| it.relaxed = usize::from(*step)),
            Event::RequestReturned { request, .. } => self.of(*request, |it| {
                it.returned_at = Some(now);
                (it.waiting, it.accepted, it.room) = (true, false, None);
            }),
            Event::RejectionForgotten { request, agent } => self.of(*request, |it| _ = it.refused_by.remove(agent)),
            Event::PrioritySet { request, priority } => self.of(*request, |it| it.priority = *priority),
            Event::VisitorLost { request, .. } => self.of(*request, |it| it.lost = true),
            Event::VisitorReturned { request } => self.of(*request, |it| it.lost = false),
            Event::CallbackAsked { request } => self.of(*request, |it| {
                assert!(it.waiting && !it.accepted, "a callback instead of nothing that waits");
                (it.medium, it.confirmed, it.attempts, it.lost) = (Medium::Callback, false, 0, false);
            }),
            Event::ConfirmationAsked { request, attempt, .. } => self.of(*request, |it| {
                (it.waiting, it.attempts) = (false, *attempt);
            }),
            Event::ConfirmationLapsed { request, .. } => self.of(*request, |it| it.waiting = false),
            Event::CallbackRescheduled { request, .. } => {
                self.of(*request, |it| (it.waiting, it.attempts) = (false, 0))
            }
            Event::CallbackConfirmed { request } => self.of(*request, |it| (it.waiting, it.confirmed) = (true, true)),
            Event::CallbackDue { request } => self.of(*request, |it| {
                it.waiting = true;
                if it.attempts == 0 {
                    (it.joined_at, it.relaxed) = (now, 0);
                }
            }),
            _ => {}
        }
    }

    fn believe_agent(&mut self, event: &Event) {
        match event {
            Event::AgentSignedIn { agent, show, .. } => self.with(*agent, |it| {
                (it.show, it.hint, it.lost) = (Some(*show), None, false);
            }),
            Event::AgentSignedOut { agent, .. } => self.with(*agent, |it| {
                (it.show, it.wrapping_up, it.lost) = (None, false, false);
            }),
            Event::AgentLost { agent, .. } => self.with(*agent, |it| it.lost = true),
            Event::AgentReturned { agent } => self.with(*agent, |it| it.lost = false),
            Event::AvailabilitySet { agent, show, chats_max_hint, .. } => self.with(*agent, |it| {
                (it.show, it.hint) = (Some(*show), *chats_max_hint);
            }),
            Event::QueueOpted { agent, queue, opted_in } => self.with(*agent, |it| {
                if *opted_in {
                    it.opted_out.remove(queue);
                } else {
                    it.opted_out.insert(*queue);
                }
            }),
            Event::WrapUpStarted { agent, .. } => self.with(*agent, |it| it.wrapping_up = true),
            Event::WrapUpEnded { agent } => self.with(*agent, |it| it.wrapping_up = false),
            _ => {}
        }
    }

    fn believe_offer(&mut self, event: &Event) {
        match event {
            Event::OfferMade { offer, request, agent, queue, kind, .. } => {
                self.offers.insert(*offer, Offer { request: *request, agent: *agent, queue: *queue, kind: *kind });
            }
            Event::OfferAccepted { offer } => {
                let offer = self.offers.remove(offer).expect("it was out");
                self.of(offer.request, |it| it.accepted = true);
            }
            Event::OfferRejected { offer } | Event::OfferExpired { offer } => {
                let offer = self.offers.remove(offer).expect("it was out");
                let direct = matches!(self.requests[&offer.request].transfer, Some(TransferTarget::Agent(_)));
                let remembered = self.queues[&offer.queue].1.rejection_memory > Span::ZERO;
                if !direct && remembered {
                    self.of(offer.request, |it| _ = it.refused_by.insert(offer.agent));
                }
            }
            Event::OfferRevoked { offer, .. } => _ = self.offers.remove(offer).expect("it was out"),
            _ => {}
        }
    }

    fn believe_room(&mut self, event: &Event) {
        match event {
            Event::RoomStaffed { room, agent, queue } => {
                self.rooms.insert(*room, Room { queue: *queue, request: None, staffed_by: Some(*agent) });
            }
            Event::RoomUnstaffed { room, .. } => _ = self.rooms.remove(room),
            Event::RoomAssigned { room, request, queue, .. } => {
                self.rooms.insert(*room, Room { queue: *queue, request: Some(*request), staffed_by: None });
                self.of(*request, |it| (it.room, it.waiting) = (Some(*room), false));
            }
            Event::RoomClosed { room, .. } => _ = self.rooms.remove(room),
            Event::AgentEntered { request, agent, part, .. } => {
                self.of(*request, |it| _ = it.agents.insert(*agent));
                self.with(*agent, |it| _ = it.chats.insert(*request, *part));
            }
            Event::AgentLeft { request, agent, .. } => {
                if let Some(it) = self.requests.get_mut(request) {
                    it.agents.remove(agent);
                }
                self.with(*agent, |it| _ = it.chats.remove(request));
            }
            Event::TransferStarted { request, target, .. } => self.of(*request, |it| it.transfer = Some(*target)),
            Event::TransferTaken { request, .. } | Event::TransferEnded { request, .. } => {
                self.of(*request, |it| it.transfer = None);
            }
            _ => {}
        }
    }

    fn of(&mut self, request: RequestId, change: impl FnOnce(&mut Request)) {
        change(self.requests.get_mut(&request).expect("the request is there"));
    }

    fn with(&mut self, agent: AgentId, change: impl FnOnce(&mut Agent)) {
        change(self.agents.get_mut(&agent).expect("the agent is there"));
    }
}
