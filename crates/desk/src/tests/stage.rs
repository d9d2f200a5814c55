//! The desk that tests play on: plain declarations to change at will, short words for commands, and a check of
//! everything after every turn. No test stands here.

use std::collections::BTreeMap;

use crate::command::{Command, JoinQueue, Medium, Show};
use crate::entity::{Agent, Offer, Phase, Record, Request};
use crate::event::{Ending, Event};
use crate::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, VisitorId, WorkgroupId};
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::schedule::{Hours, Zone};
use crate::skill::{Expr, Requirement, SkillName};
use crate::spec::*;
use crate::time::{Span, Time};
use crate::{Ended, Engine, Reply, State, Turn};

/// When every play begins: a Monday, 2026-01-05T09:00:00Z.
pub const MORNING: Time = Time::from_secs(1_767_603_600);

/// A workgroup with one queue `main`, in which nothing is out of the ordinary.
pub fn workgroup(name: &str, queues: Vec<QueueSpec>) -> WorkgroupSpec {
    WorkgroupSpec {
        name: name.to_owned(),
        title: name.to_owned(),
        description: String::new(),
        hours: Hours::always(),
        zone: Zone::default(),
        form: Form::default(),
        entry_rules: Vec::new(),
        closing: Closing::Serve,
        agent_lost: AgentLost::Return,
        agent_grace: Span::secs(30),
        visitor_grace: Span::secs(60),
        visitor_absence: Span::secs(120),
        invitation_timeout: Span::secs(45),
        invitations_max: 2,
        wrap_up: Span::ZERO,
        transfer_timeout: Span::secs(60),
        idle_close: Span::ZERO,
        waiting_max: 1_000_000,
        callback: CallbackSpec {
            enabled: true,
            confirm_timeout: Span::secs(30),
            attempts_max: 2,
            retry_after: Span::secs(300),
            expires_after: Span::secs(3_600),
            open_max: 100,
        },
        queues,
        edge: String::new(),
    }
}

/// A queue that offers to these members.
pub fn queue(name: &str, members: &[&str]) -> QueueSpec {
    QueueSpec {
        name: name.to_owned(),
        title: name.to_owned(),
        dispatch: Dispatch::Offer,
        choice: AgentChoice::LongestIdle,
        last_agent_first: false,
        offer_timeout: Span::secs(20),
        rejection_memory: Span::secs(60),
        ageing: Span::secs(120),
        waiting_max: 1_000_000,
        requirement: Requirement::any(),
        rollover: Vec::new(),
        counted: Counted::Asked,
        offer_to_away: false,
        urgent_to_dnd: false,
        target_wait: Span::secs(60),
        members: members.iter().map(|agent| member(agent)).collect(),
    }
}

/// An ordinary member.
pub fn member(agent: &str) -> Member {
    Member { agent: agent.to_owned(), priority: 5, capacity: None, skills: BTreeMap::new() }
}

/// An agent who holds one chat at a time.
pub fn agent(name: &str) -> AgentSpec {
    AgentSpec { name: name.to_owned(), title: name.to_owned(), skills: BTreeMap::new(), chats_max: 1 }
}

/// A rollover step.
pub fn step(after_s: i64, to: &str, keep: bool, skip_if_nobody: bool) -> RolloverStep {
    RolloverStep { after: Span::secs(after_s), to: to.to_owned(), keep, skip_if_nobody }
}

/// A skill.
pub fn skill(name: &str) -> SkillName {
    SkillName::new(name).unwrap()
}

/// A skill expression.
pub fn expr(text: &str) -> Expr {
    Expr::parse(text).unwrap()
}

/// A desk of these workgroups and all the agents that they name, in the order in which they are named.
pub fn desk(workgroups: Vec<WorkgroupSpec>) -> DeskSpec {
    let mut agents: Vec<AgentSpec> = Vec::new();
    for member in workgroups.iter().flat_map(|it| &it.queues).flat_map(|queue| &queue.members) {
        if agents.iter().all(|known| known.name != member.agent) {
            agents.push(agent(&member.agent));
        }
    }
    DeskSpec { workgroups, agents, skills: BTreeMap::new() }
}

/// One workgroup `help` with one queue `main`.
pub fn simple(members: &[&str]) -> DeskSpec {
    desk(vec![workgroup("help", vec![queue("main", members)])])
}

/// An engine, the time, and what its records say.
pub struct Stage {
    pub engine: Engine,
    pub now: Time,
    /// What happened in the last turn.
    pub last: Vec<Event>,
    /// Everything that happened.
    pub all: Vec<Event>,
    pub ended: Vec<Ended>,
    stored: BTreeMap<String, Record>,
    visitors: u64,
    limits: Limits,
    /// Off where a test is about speed.
    pub checks: bool,
    /// The records are compared with the state in every so manieth turn.
    pub restore_every: usize,
    turns: usize,
}

impl Stage {
    pub fn new(spec: DeskSpec) -> Self {
        Self::with_limits(spec, Limits::default())
    }

    pub fn with_limits(spec: DeskSpec, limits: Limits) -> Self {
        let engine = Engine::new(limits.clone());
        let (last, all, ended) = (Vec::new(), Vec::new(), Vec::new());
        let stored = BTreeMap::new();
        let mut stage = Self {
            engine,
            now: MORNING,
            last,
            all,
            ended,
            stored,
            visitors: 0,
            limits,
            checks: true,
            restore_every: 1,
            turns: 0,
        };
        stage.declare(spec).unwrap();
        stage
    }

    pub fn state(&self) -> &State {
        self.engine.state()
    }

    pub fn turn(&mut self, command: Command) -> Result<Reply, Refusal> {
        let Turn { outcome, events, records, ended, .. } = self.engine.turn(self.now, command);
        for record in records {
            self.stored.insert(key(&record), record);
        }
        self.all.extend(events.iter().cloned());
        self.last = events;
        self.ended.extend(ended);
        self.turns += 1;
        if self.checks {
            self.check();
        }
        outcome
    }

    pub fn check(&self) {
        let faults = self.state().check();
        assert!(faults.is_empty(), "{faults:#?}\nafter {}", brief(&self.last));
        if !self.turns.is_multiple_of(self.restore_every) {
            return;
        }
        let restored = Engine::restore(self.stored.values().cloned(), self.limits.clone()).unwrap();
        assert!(restored.state() == self.state(), "the records are not the state");
    }

    /// Goes on from the records, as after a crash.
    pub fn restart(&mut self) {
        self.engine = Engine::restore(self.stored.values().cloned(), self.limits.clone()).unwrap();
    }

    pub fn declare(&mut self, spec: DeskSpec) -> Result<Reply, Refusal> {
        self.turn(Command::Declare(Box::new(spec)))
    }

    /// Lets time pass, waking the engine whenever it is due.
    pub fn pass(&mut self, secs: i64) {
        let until = self.now + Span::secs(secs);
        let mut events = Vec::new();
        while let Some(due) = self.engine.deadline().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.turn(Command::Tick).unwrap();
            events.append(&mut self.last);
        }
        self.now = until;
        self.last = events;
    }

    pub fn workgroup(&self, name: &str) -> WorkgroupId {
        self.state().workgroup_by_name(name).unwrap().id
    }

    pub fn queue(&self, name: &str) -> QueueId {
        self.state().queue_by_name(name).unwrap().id
    }

    pub fn agent(&self, name: &str) -> AgentId {
        self.state().agent_by_name(name).unwrap().id
    }

    pub fn agent_of(&self, name: &str) -> &Agent {
        self.state().agent_by_name(name).unwrap()
    }

    /// What a visitor who was never here before asks of a workgroup.
    pub fn wish(&mut self, workgroup: &str) -> JoinQueue {
        self.visitors += 1;
        JoinQueue {
            workgroup: self.workgroup(workgroup),
            visitor: VisitorId(self.visitors),
            medium: Medium::Chat,
            queue: None,
            priority: None,
            skills: None,
            answers: BTreeMap::new(),
            block_keys: Vec::new(),
            last_agent: None,
            connected: true,
            not_before: None,
        }
    }

    pub fn try_join(&mut self, join: JoinQueue) -> Result<RequestId, Refusal> {
        match self.turn(Command::JoinQueue(Box::new(join)))? {
            Reply::Queued(request) => Ok(request),
            reply => panic!("{reply:?}"),
        }
    }

    pub fn join(&mut self) -> RequestId {
        self.join_at("help")
    }

    pub fn join_at(&mut self, workgroup: &str) -> RequestId {
        let wish = self.wish(workgroup);
        self.try_join(wish).unwrap()
    }

    pub fn join_queue(&mut self, queue: &str) -> RequestId {
        let (workgroup, _) = queue.split_once('/').unwrap();
        let wish = JoinQueue { queue: Some(self.queue(queue)), ..self.wish(workgroup) };
        self.try_join(wish).unwrap()
    }

    pub fn sign_in(&mut self, agents: &[&str]) {
        for agent in agents {
            let agent = self.agent(agent);
            self.turn(Command::SignIn { agent, show: Show::Available }).unwrap();
        }
    }

    pub fn show(&mut self, agent: &str, show: Show) {
        let agent = self.agent(agent);
        self.turn(Command::SetAvailability { agent, show, reason: None, chats_max_hint: None }).unwrap();
    }

    /// The one offer that an agent has.
    pub fn offer(&self, agent: &str) -> Option<Offer> {
        let mut offers = self.state().offers_of(self.agent(agent));
        let offer = offers.next().copied();
        assert!(offers.next().is_none(), "{agent} has more than one offer");
        offer
    }

    /// What an agent is offered.
    pub fn offered(&self, agent: &str) -> Option<RequestId> {
        self.offer(agent).map(|offer| offer.request)
    }

    pub fn try_accept(&mut self, agent: &str, offer: OfferId) -> Result<RoomId, Refusal> {
        let agent = self.agent(agent);
        match self.turn(Command::AcceptOffer { agent, offer })? {
            Reply::Accepted { room, .. } => Ok(room),
            reply => panic!("{reply:?}"),
        }
    }

    pub fn accept(&mut self, agent: &str) -> RoomId {
        let offer = self.offer(agent).unwrap_or_else(|| panic!("{agent} is offered nothing"));
        self.try_accept(agent, offer.id).unwrap()
    }

    pub fn reject(&mut self, agent: &str) {
        let offer = self.offer(agent).unwrap().id;
        let agent = self.agent(agent);
        self.turn(Command::RejectOffer { agent, offer }).unwrap();
    }

    pub fn take(&mut self, agent: &str, request: Option<RequestId>) -> Result<RequestId, Refusal> {
        let agent = self.agent(agent);
        match self.turn(Command::TakeRequest { agent, request, queue: None })? {
            Reply::Taken { request, .. } => Ok(request),
            reply => panic!("{reply:?}"),
        }
    }

    pub fn visitor_enters(&mut self, request: RequestId) {
        self.seen(request, crate::command::Seen::Entered);
    }

    pub fn seen(&mut self, request: RequestId, seen: crate::command::Seen) {
        let room = self.request(request).room.unwrap();
        let who = crate::command::Party::Visitor;
        self.turn(Command::ObserveOccupant { room, who, seen }).unwrap();
    }

    /// A visitor joins, this agent accepts, the visitor enters.
    pub fn chat_with(&mut self, agent: &str) -> RequestId {
        let request = self.join();
        assert_eq!(self.offered(agent), Some(request));
        self.accept(agent);
        self.visitor_enters(request);
        request
    }

    pub fn depart(&mut self, request: RequestId) {
        self.turn(Command::DepartQueue { request, ending: Ending::Departed }).unwrap();
    }

    pub fn close(&mut self, request: RequestId) {
        self.turn(Command::CloseChat { request, ending: Ending::ClosedByAgent }).unwrap();
    }

    pub fn request(&self, request: RequestId) -> &Request {
        self.state().request(request).unwrap_or_else(|| panic!("request {} is gone", request.0))
    }

    pub fn phase(&self, request: RequestId) -> Phase {
        self.request(request).phase
    }

    /// How a request ended; none: it has not.
    pub fn ending(&self, request: RequestId) -> Option<Ending> {
        let mut endings = self.ended.iter().filter(|ended| ended.request.id == request);
        let ending = endings.next().map(|ended| ended.ending);
        assert!(endings.next().is_none(), "request {} ended twice", request.0);
        ending
    }

    /// Who stands in a line, in order.
    pub fn line(&self, queue: &str) -> Vec<RequestId> {
        self.state().line(self.queue(queue)).collect()
    }

    pub fn ahead(&self, request: RequestId) -> usize {
        self.state().position(request).unwrap().ahead
    }

    /// Whether something happened in the last turn.
    pub fn happened(&self, matches: impl Fn(&Event) -> bool) -> bool {
        self.last.iter().any(matches)
    }
}

/// Events on a line each, declarations cut short.
fn brief(events: &[Event]) -> String {
    events.iter().map(|event| format!("{event:?}").chars().take(160).collect::<String>() + "\n").collect()
}

fn key(record: &Record) -> String {
    match record {
        Record::Desk(_) => "desk".to_owned(),
        Record::Workgroup(id, _) => format!("{id:?}"),
        Record::Queue(id, _) => format!("{id:?}"),
        Record::Agent(id, _) => format!("{id:?}"),
        Record::Request(id, _) => format!("{id:?}"),
        Record::Offer(id, _) => format!("{id:?}"),
        Record::Room(id, _) => format!("{id:?}"),
        Record::Block(key, _) => format!("{key:?}"),
    }
}
