//! The staff's edge of the loop: notes what a turn touched and, once the batch is through, makes of it what is to be told.
//! Runs inside the loop: no waiting, no words, nothing proportional to the length of a line. Words are joined, and
//! sessions written to, in `renderer.rs`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use desk::entity::Record;
use desk::event::{Event, Revocation, SignOutCause};
use desk::ids::{AgentId, OfferId, QueueId, RequestId};
use desk::time::Time;
use desk::{State, Turn};
use tokio::sync::mpsc;

use super::facts::{self, ChatFacts, OfferFacts};
use super::lines::{LineChange, Lines};
use super::running::{self, RunningFacts};
use super::{Floor, names, twins};
use crate::clock::rfc3339;
use crate::publish::Edge;
use crate::stream::Bye;
use crate::wire;

/// Something to be told, in the order of its happening.
pub enum Job {
    /// An agent's own view of themselves.
    Me(Box<twins::Agent>, AgentId),
    /// An agent changed, for everybody.
    Agent(Box<twins::Agent>, AgentId),
    /// An agent is gone from the desk.
    AgentGone(AgentId),
    /// A line's figures, for these.
    Queue(Box<twins::Queue>, Vec<AgentId>),
    /// A line changed.
    Line(Box<LineChange>),
    /// Something is offered.
    Offer(Box<OfferFacts>),
    /// An offer is gone.
    OfferGone {
        /// Whose.
        agent: AgentId,
        /// Which.
        offer: OfferId,
        /// Why.
        reason: &'static str,
        /// Who took it.
        by: Option<AgentId>,
    },
    /// A chat as one agent sees it.
    Chat {
        /// Who sees it.
        agent: AgentId,
        /// What.
        facts: Box<ChatFacts>,
        /// It is new to them.
        opened: bool,
    },
    /// A chat is no longer theirs, or over.
    ChatGone {
        /// Whose.
        agent: AgentId,
        /// Which.
        chat: RequestId,
        /// How it ended, if it did.
        ended: Option<twins::Ended>,
    },
    /// A chat that is going on, for supervisors.
    Running(Box<RunningFacts>),
    /// A chat goes on no longer, for supervisors.
    RunningGone(RequestId),
    /// The declaration changed.
    Desk,
}

/// The edge. There is one, and the loop owns it.
pub struct StaffEdge {
    floor: Floor,
    jobs: mpsc::UnboundedSender<Job>,
    lines: Lines,
    begun: bool,
    touched: Touched,
    /// Offers that are out, as told.
    offers: HashMap<OfferId, AgentId>,
    /// Chats with who is inside and what they were told last.
    chats: HashMap<RequestId, BTreeMap<AgentId, twins::Chat>>,
    /// Chats as supervisors were told last.
    running: running::Told,
    /// Agents as told last.
    agents: HashMap<AgentId, twins::Agent>,
}

/// What the turns of a batch touched.
#[derive(Default)]
struct Touched {
    agents: BTreeSet<AgentId>,
    agents_gone: BTreeSet<AgentId>,
    requests: BTreeSet<RequestId>,
    offers_made: Vec<OfferId>,
    offers_gone: Vec<(OfferId, &'static str, Option<AgentId>)>,
    ended: HashMap<RequestId, twins::Ended>,
    declared: bool,
}

impl StaffEdge {
    pub(super) fn new(floor: Floor, jobs: mpsc::UnboundedSender<Job>) -> Self {
        Self {
            floor,
            jobs,
            lines: Lines::default(),
            begun: false,
            touched: Touched::default(),
            offers: HashMap::new(),
            chats: HashMap::new(),
            running: running::Told::default(),
            agents: HashMap::new(),
        }
    }

    /// What is there when the server starts counts as told: nobody listens yet.
    fn begin(&mut self, state: &State) {
        self.begun = true;
        self.running.begin(state);
        self.offers = state.offers().map(|offer| (offer.id, offer.agent)).collect();
        for agent in state.agents() {
            self.floor.name(agent.id, &agent.spec.title);
            self.agents.insert(agent.id, facts::agent(state, agent));
        }
        for request in state.requests().filter(|it| !it.agents.is_empty()) {
            let inside = request.agents.iter();
            let told = inside.map(|(agent, part)| (*agent, facts::chat(state, request, *part).twin)).collect();
            self.chats.insert(request.id, told);
        }
    }

    fn send(&self, job: Job) {
        // Without the renderer the server is stopping.
        let _ = self.jobs.send(job);
    }

    fn note(&mut self, event: &Event, at: Time) {
        match event {
            Event::OfferMade { offer, .. } => self.touched.offers_made.push(*offer),
            Event::OfferAccepted { offer } => self.touched.offers_gone.push((*offer, "accepted", None)),
            Event::OfferRejected { offer } => self.touched.offers_gone.push((*offer, "rejected", None)),
            Event::OfferExpired { offer } => self.touched.offers_gone.push((*offer, "expired", None)),
            Event::OfferRevoked { offer, reason } => self.touched.offers_gone.push(match reason {
                Revocation::TakenBy(agent) => (*offer, "taken", Some(*agent)),
                _ => (*offer, "revoked", None),
            }),
            Event::RequestUnplaced { request, queue } => self.lines.touch(*queue, *request),
            Event::AgentSignedOut { agent, cause: SignOutCause::Asked | SignOutCause::Removed } => {
                self.floor.directory().close_staff(*agent, Bye::SignedOut);
            }
            Event::AgentSignedOut { agent, cause: SignOutCause::Lost } => {
                let shown = self.agents.get(agent).and_then(|it| names::parse_show(it.show));
                if let Some(show) = shown {
                    self.floor.note_lost(*agent, show, at);
                }
            }
            Event::AgentRemoved { agent } => {
                self.touched.agents_gone.insert(*agent);
                self.touched.declared = true;
            }
            Event::QueueRemoved { queue } => {
                self.lines.forget_queue(*queue);
                self.touched.declared = true;
            }
            Event::SkillsDeclared { .. }
            | Event::WorkgroupDeclared { .. }
            | Event::WorkgroupRemoved { .. }
            | Event::QueueDeclared { .. }
            | Event::AgentDeclared { .. } => self.touched.declared = true,
            _ => {}
        }
    }

    fn tell_agents(&mut self, state: &State, touched: &Touched) {
        for id in &touched.agents_gone {
            self.agents.remove(id);
            self.send(Job::AgentGone(*id));
        }
        for id in &touched.agents {
            let Some(agent) = state.agent(*id) else { continue };
            self.floor.name(*id, &agent.spec.title);
            for queue in state.queues_of_agent(*id) {
                self.lines.touch_figures(queue.id);
            }
            let twin = facts::agent(state, agent);
            if self.agents.get(id) == Some(&twin) {
                continue;
            }
            if self.floor.is_here(*id) {
                self.send(Job::Me(Box::new(twin.clone()), *id));
            }
            self.agents.insert(*id, twin);
            self.lines.touch_agent(*id);
        }
    }

    fn tell_offers(&mut self, state: &State, touched: &Touched) {
        for (offer, reason, by) in &touched.offers_gone {
            if let Some(agent) = self.offers.remove(offer) {
                self.send(Job::OfferGone { agent, offer: *offer, reason, by: *by });
            }
        }
        for offer in &touched.offers_made {
            // One that was made and taken back within the batch was never there.
            let Some(facts) = state.offer(*offer).and_then(|offer| facts::offer(state, offer)) else { continue };
            self.offers.insert(*offer, facts.agent);
            if self.floor.is_here(facts.agent) {
                self.send(Job::Offer(Box::new(facts)));
            }
        }
    }

    /// What visitors wrote while they wait belongs to their lines, and to the offers that are out.
    fn tell_written(&mut self, state: &State) {
        for id in self.floor.take_written() {
            let Some(request) = state.request(id) else { continue };
            for place in &request.places {
                self.lines.touch(place.queue, id);
            }
            for offer in state.offers_for(id).filter(|offer| self.offers.contains_key(&offer.id)) {
                if let Some(facts) = facts::offer(state, offer).filter(|facts| self.floor.is_here(facts.agent)) {
                    self.send(Job::Offer(Box::new(facts)));
                }
            }
        }
    }

    fn tell_chats(&mut self, state: &State, touched: &Touched) {
        for id in &touched.requests {
            let request = state.request(*id);
            let inside = request.map(|it| &it.agents);
            if inside.is_none_or(BTreeMap::is_empty) && !self.chats.contains_key(id) {
                continue;
            }
            let mut before = self.chats.remove(id).unwrap_or_default();
            let mut now = BTreeMap::new();
            for (agent, part) in inside.into_iter().flatten() {
                let Some(request) = request else { continue };
                let facts = facts::chat(state, request, *part);
                let told = before.remove(agent);
                now.insert(*agent, facts.twin.clone());
                if told.as_ref() != Some(&facts.twin) && self.floor.is_here(*agent) {
                    self.send(Job::Chat { agent: *agent, facts: Box::new(facts), opened: told.is_none() });
                }
            }
            let ended = touched.ended.get(id);
            for agent in before.into_keys().filter(|agent| self.floor.is_here(*agent)) {
                self.send(Job::ChatGone { agent, chat: *id, ended: ended.cloned() });
            }
            if !now.is_empty() {
                self.chats.insert(*id, now);
            }
        }
    }

    fn tell_running(&mut self, state: &State, touched: &Touched) {
        let supervised = self.floor.is_supervised();
        for id in &touched.requests {
            match self.running.change(state, *id).filter(|_| supervised) {
                Some(running::Change::Is(facts)) => self.send(Job::Running(facts)),
                Some(running::Change::Gone(chat)) => self.send(Job::RunningGone(chat)),
                None => {}
            }
        }
    }

    /// Who is here and sees this line: its members, and those who see all.
    fn readers(&self, state: &State, queue: QueueId) -> Vec<AgentId> {
        let sees = |agent: &AgentId| self.floor.sees_all(*agent) || state.is_member(*agent, queue);
        self.floor.here().into_iter().filter(sees).collect()
    }

    fn tell_lines(&mut self, state: &State, now: Time) {
        let watched = self.floor.is_watched();
        for id in self.lines.take_agents(now) {
            if let Some(twin) = self.agents.get(&id) {
                self.send(Job::Agent(Box::new(twin.clone()), id));
            }
        }
        for id in self.lines.take_lines(now) {
            let readers = self.readers(state, id);
            if readers.is_empty() && !watched {
                self.lines.skip(id);
            } else if let Some(change) = self.lines.change(state, id, readers) {
                self.send(Job::Line(Box::new(change)));
            }
        }
        for id in self.lines.take_figures(now) {
            let readers = self.readers(state, id);
            if let Some(queue) = state.queue(id).filter(|_| watched || !readers.is_empty()) {
                let twin = facts::queue(state, queue, self.floor.today(id, now), now);
                self.send(Job::Queue(Box::new(twin), readers));
            }
        }
    }
}

impl Edge for StaffEdge {
    fn turn(&mut self, state: &State, turn: &Turn) {
        if !self.begun {
            self.begin(state);
        }
        for queue in self.floor.count(state, turn) {
            self.lines.touch_figures(queue);
        }
        for event in &turn.events {
            self.note(event, turn.at);
            if let Event::DoorsChanged { workgroup, .. } = event {
                state.queues_of(*workgroup).for_each(|queue| self.lines.touch_figures(queue.id));
            }
        }
        for record in &turn.records {
            match record {
                Record::Request(id, request) => {
                    self.touched.requests.insert(*id);
                    for place in request.iter().flat_map(|it| &it.places) {
                        self.lines.touch(place.queue, *id);
                    }
                }
                Record::Agent(id, Some(_)) => _ = self.touched.agents.insert(*id),
                Record::Offer(_, Some(offer)) => self.lines.touch(offer.queue, offer.request),
                _ => {}
            }
        }
        for ended in &turn.ended {
            for place in &ended.request.places {
                self.lines.touch(place.queue, ended.request.id);
            }
            let how = names::ending(ended.ending);
            let by = names::ended_by(ended.ending);
            self.touched.ended.insert(ended.request.id, twins::Ended { how, by, at: rfc3339(ended.at) });
            self.floor.forget_later(ended.request.id);
        }
    }

    fn tick(&mut self, state: &State, now: Time) {
        if !self.begun {
            self.begin(state);
        }
        let touched = std::mem::take(&mut self.touched);
        self.tell_agents(state, &touched);
        self.tell_chats(state, &touched);
        self.tell_running(state, &touched);
        self.tell_written(state);
        self.tell_offers(state, &touched);
        if touched.declared {
            state.queues().for_each(|queue| self.lines.touch_figures(queue.id));
            self.send(Job::Desk);
        }
        self.tell_lines(state, now);
    }

    fn due(&self) -> Option<Time> {
        self.lines.due()
    }
}

/// The body of `offer_gone`.
pub(super) fn offer_gone(offer: OfferId, reason: &str, by: Option<AgentId>) -> serde_json::Value {
    let mut body = serde_json::json!({ "offer": wire::id(offer.0), "reason": reason });
    if let Some(by) = by {
        body["by"] = wire::id(by.0).into();
    }
    body
}
