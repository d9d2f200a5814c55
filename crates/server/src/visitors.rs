//! The visitors' edge: shows each connected visitor what the desk decided about them, and where they stand in line. Runs in
//! the loop. Positions are put together: a changed line is walked once, at most every two seconds, and only what really
//! changed for somebody is sent to them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use desk::command::Medium;
use desk::entity::{Phase, Request};
use desk::estimate::Estimate;
use desk::event::{Ending, Event, Part};
use desk::ids::{AgentId, QueueId, RequestId};
use desk::time::{Span, Time};
use desk::{Ended, State, Turn};
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::{Stopwatch, rfc3339, span};
use crate::directory::Directory;
use crate::publish::Edge;
use crate::stream::Bye;
use crate::wire;

/// A line is walked at most so often.
const WALK_EVERY: Span = Span::secs(2);
/// Walking a line takes at most one part in so many of the loop's time: long lines are walked less often.
const WALK_SHARE: i64 = 20;
/// How long the stream of a visit that ended stays open, for the last words.
const FAREWELL: Span = Span::secs(30);

/// The state of a visit as its visitor sees it, without words.
#[derive(Clone, PartialEq, Serialize, ToSchema, Debug)]
pub struct VisitState {
    /// The visit's id.
    pub visit: String,
    /// The workgroup's name.
    pub workgroup: String,
    /// `waiting`, `invited`, `chatting` or `ended`.
    pub state: &'static str,
    /// Since when.
    pub since: String,
    /// Where in line; only while waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<PositionBody>,
    /// The expected wait; none while waiting: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<EstimateBody>,
    /// A callback that does not stand in line now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
    /// A callback whose visitor is asked to confirm until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_until: Option<String>,
    /// A callback that is not confirmed; a confirmed one is a chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callback: Option<CallbackState>,
    /// Who helps.
    pub agents: Vec<HelperBody>,
    /// The conversation, once there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<ChatBody>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndedBody>,
}

/// How a callback stands.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct CallbackState {
    /// `waiting` in line, `scheduled` for a time, or `confirming`: somebody is free.
    pub state: &'static str,
    /// When it stands in line (again), if it is scheduled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Confirmed until then, or the attempt lapses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_until: Option<String>,
    /// Attempts made, this one included.
    pub attempt: u8,
    /// After so many the visit ends.
    pub attempts_max: u8,
}

impl CallbackState {
    fn of(state: &State, request: &Request) -> Option<Self> {
        if request.medium != Medium::Callback || request.confirmed {
            return None;
        }
        let (word, due, confirm_until) = match request.phase {
            Phase::Scheduled { due } => ("scheduled", Some(rfc3339(due)), None),
            Phase::Confirming { deadline } => ("confirming", None, Some(rfc3339(deadline))),
            Phase::Waiting | Phase::Invited { .. } | Phase::Chatting => ("waiting", None, None),
        };
        let attempts_max = state.workgroup(request.workgroup).map_or(0, |it| it.spec.callback.attempts_max);
        Some(Self { state: word, due, confirm_until, attempt: request.attempts, attempts_max })
    }
}

/// Where somebody stands in line.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct PositionBody {
    /// How many stand before.
    pub ahead: usize,
    /// How many stand in the line.
    pub len: usize,
}

/// An expected wait in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct EstimateBody {
    /// The short end.
    pub low_s: i64,
    /// The middle.
    pub expected_s: i64,
    /// The long end.
    pub high_s: i64,
}

/// An agent who takes part.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct HelperBody {
    /// The agent's id.
    pub id: String,
    /// What people read.
    pub title: String,
    /// `holder`, `second` or `supervisor`.
    pub part: &'static str,
}

/// The conversation.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct ChatBody {
    /// Its id.
    pub id: String,
    /// When the visitor was put through first; none: not yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<String>,
}

/// How a visit ended.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct EndedBody {
    /// A stable word.
    pub how: &'static str,
    /// `visitor`, `agent` or `desk`.
    pub by: &'static str,
    /// When.
    pub at: String,
}

impl EstimateBody {
    /// Rounded as people speak of it, so that it changes only when it says something new.
    pub fn of(estimate: Estimate) -> Self {
        let round = |span: Span| {
            let seconds = span.as_secs().max(0);
            let step = match seconds {
                0..60 => 5,
                60..600 => 30,
                600..3600 => 60,
                _ => 300,
            };
            (seconds + step / 2) / step * step
        };
        Self { low_s: round(estimate.low), expected_s: round(estimate.expected), high_s: round(estimate.high) }
    }
}

impl EndedBody {
    /// From how the desk recorded it.
    pub fn of(ending: Ending, at: Time) -> Self {
        let (how, by) = match ending {
            Ending::Departed => ("departed", "visitor"),
            Ending::Abandoned => ("abandoned", "visitor"),
            Ending::NotEntered => ("not_entered", "visitor"),
            Ending::ClosedByVisitor => ("closed_by_visitor", "visitor"),
            Ending::ClosedByAgent => ("closed_by_agent", "agent"),
            Ending::VisitorLost => ("visitor_lost", "visitor"),
            Ending::AgentLost => ("agent_lost", "agent"),
            Ending::Idle => ("idle", "desk"),
            Ending::DeskClosed => ("desk_closed", "desk"),
            Ending::ByHand => ("by_hand", "desk"),
            Ending::Unreachable => ("unreachable", "visitor"),
            Ending::Expired => ("expired", "desk"),
        };
        Self { how, by, at: rfc3339(at) }
    }
}

/// The word for what an agent is in a chat.
pub fn part_word(part: Part) -> &'static str {
    match part {
        Part::Holder => "holder",
        Part::Second => "second",
        Part::Supervisor => "supervisor",
    }
}

impl VisitState {
    /// An open request.
    pub fn of(state: &State, request: &Request) -> Self {
        let (word, since) = match request.phase {
            Phase::Scheduled { .. } | Phase::Waiting | Phase::Confirming { .. } => ("waiting", request.joined_at),
            Phase::Invited { .. } => ("invited", room_since(state, request)),
            Phase::Chatting => ("chatting", request.answered.map_or(request.joined_at, |(_, _, at)| at)),
        };
        let standing = state.position(request.id);
        let confirm_until = match request.phase {
            Phase::Confirming { deadline } => Some(rfc3339(deadline)),
            _ => None,
        };
        Self {
            position: standing.map(|p| PositionBody { ahead: p.ahead, len: p.line_len }),
            estimate: standing.and_then(|_| state.estimate(request.id)).map(EstimateBody::of),
            held: matches!(request.phase, Phase::Scheduled { .. }) && request.medium == Medium::Callback,
            confirm_until,
            callback: CallbackState::of(state, request),
            ..Self::bare(state, request, word, since)
        }
    }

    /// A request that has ended.
    pub fn of_ended(state: &State, ended: &Ended) -> Self {
        let bare = Self::bare(state, &ended.request, "ended", ended.at);
        Self { ended: Some(EndedBody::of(ended.ending, ended.at)), ..bare }
    }

    fn bare(state: &State, request: &Request, word: &'static str, since: Time) -> Self {
        let helper = |(agent, part): (&AgentId, &Part)| HelperBody {
            id: wire::id(agent.0),
            title: state.agent(*agent).map(|agent| agent.spec.title.clone()).unwrap_or_default(),
            part: part_word(*part),
        };
        let opened_at = request.answered.map(|(_, _, at)| rfc3339(at));
        let has_chat = request.room.is_some() || opened_at.is_some();
        Self {
            visit: wire::id(request.id.0),
            workgroup: state.workgroup(request.workgroup).map(|w| w.spec.name.clone()).unwrap_or_default(),
            state: word,
            since: rfc3339(since),
            position: None,
            estimate: None,
            held: false,
            confirm_until: None,
            callback: None,
            agents: request.agents.iter().map(helper).collect(),
            chat: has_chat.then(|| ChatBody { id: wire::id(request.id.0), opened_at }),
            ended: None,
        }
    }
}

fn room_since(state: &State, request: &Request) -> Time {
    request.room.and_then(|room| state.room(room)).map_or(request.waiting_since, |room| room.since)
}

/// What a visitor was told about the place in line.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Told {
    ahead: usize,
    estimate: Option<EstimateBody>,
}

#[derive(Serialize)]
struct PositionEvent {
    #[serde(flatten)]
    position: PositionBody,
    estimate: Option<EstimateBody>,
}

/// The edge.
pub struct VisitorEdge {
    directory: Directory,
    told: HashMap<RequestId, Told>,
    /// Requests whose state is to be shown after this batch.
    touched: BTreeSet<RequestId>,
    /// Lines in which somebody may stand elsewhere, or may expect another wait.
    moved: BTreeSet<QueueId>,
    /// When each line may be walked again.
    rested: BTreeMap<QueueId, Time>,
    /// Visits that ended, and when their stream is closed.
    leaving: BTreeSet<(Time, RequestId)>,
}

impl VisitorEdge {
    /// Shows to whoever is in this directory.
    pub fn new(directory: Directory) -> Self {
        Self {
            directory,
            told: HashMap::new(),
            touched: BTreeSet::new(),
            moved: BTreeSet::new(),
            rested: BTreeMap::new(),
            leaving: BTreeSet::new(),
        }
    }

    fn note(&mut self, state: &State, event: &Event) {
        match *event {
            Event::RequestPlaced { queue, .. } => _ = self.moved.insert(queue),
            Event::RequestUnplaced { request, queue } => {
                self.moved.insert(queue);
                self.told.remove(&request);
            }
            Event::PrioritySet { request, .. } => self.note_lines(state, request),
            Event::RequestReturned { request, .. } => {
                self.touched.insert(request);
                self.note_lines(state, request);
            }
            Event::RequestQueued { request, .. }
            | Event::CallbackAsked { request }
            | Event::ConfirmationAsked { request, .. }
            | Event::ConfirmationLapsed { request, .. }
            | Event::CallbackConfirmed { request }
            | Event::CallbackRescheduled { request, .. }
            | Event::CallbackDue { request }
            | Event::VisitorInvited { request, .. }
            | Event::InvitationLapsed { request, .. }
            | Event::VisitorEntered { request, .. }
            | Event::AgentEntered { request, .. }
            | Event::AgentLeft { request, .. } => _ = self.touched.insert(request),
            Event::AgentSignedIn { agent, .. }
            | Event::AgentSignedOut { agent, .. }
            | Event::AgentLost { agent, .. }
            | Event::AgentReturned { agent }
            | Event::AvailabilitySet { agent, .. } => {
                self.moved.extend(state.queues_of_agent(agent).map(|queue| queue.id));
            }
            Event::QueueOpted { queue, .. } | Event::QueueDeclared { queue, .. } => _ = self.moved.insert(queue),
            _ => {}
        }
    }

    fn note_lines(&mut self, state: &State, request: RequestId) {
        if let Some(request) = state.request(request) {
            self.moved.extend(request.places.iter().map(|place| place.queue));
        }
    }

    fn show_ended(&mut self, state: &State, ended: &Ended) {
        let request = ended.request.id;
        self.directory.guests().went(request);
        self.touched.remove(&request);
        self.told.remove(&request);
        self.moved.extend(ended.request.places.iter().map(|place| place.queue));
        if let Some(session) = self.directory.visit(request) {
            session.push_latest("state", 0, &VisitState::of_ended(state, ended));
            self.leaving.insert((ended.at + FAREWELL, request));
        }
    }

    fn show_touched(&mut self, state: &State) {
        for id in std::mem::take(&mut self.touched) {
            let (Some(request), Some(session)) = (state.request(id), self.directory.visit(id)) else { continue };
            let shown = VisitState::of(state, request);
            match shown.position {
                Some(position) => {
                    self.told.insert(id, Told { ahead: position.ahead, estimate: shown.estimate });
                }
                None => _ = self.told.remove(&id),
            }
            session.push_latest("state", 0, &shown);
        }
    }

    fn walk(&mut self, state: &State, queue: QueueId) {
        let len = state.waiting_count(queue);
        for (rank, id) in state.line(queue).enumerate() {
            let Some(session) = self.directory.visit(id) else { continue };
            let Some(request) = state.request(id) else { continue };
            let position = if request.asked == queue {
                Some(PositionBody { ahead: rank, len })
            } else if request.places.iter().any(|place| place.queue == request.asked) {
                // Told when the asked queue's own line is walked.
                None
            } else {
                state.position(id).map(|p| PositionBody { ahead: p.ahead, len: p.line_len })
            };
            let Some(position) = position.filter(|_| request.phase != Phase::Chatting) else { continue };
            let estimate = state.estimate(id).map(EstimateBody::of);
            let told = Told { ahead: position.ahead, estimate };
            if self.told.insert(id, told) != Some(told) {
                session.push_latest("position", 0, &PositionEvent { position, estimate });
            }
        }
    }
}

impl Edge for VisitorEdge {
    fn turn(&mut self, state: &State, turn: &Turn) {
        for event in &turn.events {
            self.note(state, event);
        }
        for ended in &turn.ended {
            self.show_ended(state, ended);
        }
    }

    fn tick(&mut self, state: &State, now: Time) {
        self.show_touched(state);
        let ready = |queue: &QueueId| self.rested.get(queue).is_none_or(|rested| *rested <= now);
        for queue in self.moved.iter().copied().filter(ready).collect::<Vec<_>>() {
            let watch = Stopwatch::start();
            self.moved.remove(&queue);
            self.walk(state, queue);
            let rest = Span(span(watch.elapsed()).0.saturating_mul(WALK_SHARE)).max(WALK_EVERY);
            self.rested.insert(queue, now + rest);
        }
        while let Some((at, request)) = self.leaving.first().copied().filter(|(at, _)| *at <= now) {
            self.leaving.remove(&(at, request));
            self.directory.close_visit(request, Bye::Ended);
        }
    }

    fn due(&self) -> Option<Time> {
        let walks = self.moved.iter().map(|queue| self.rested.get(queue).copied().unwrap_or(Time::MIN));
        walks.chain(self.leaving.first().map(|(at, _)| *at)).min()
    }
}
