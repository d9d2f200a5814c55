//! From the desk's state to what staff read, without personal words: pure functions that the edge calls in the loop and the
//! snapshot calls through `Desk::view`. Words are joined in `words.rs` and `render.rs`.

use desk::State;
use desk::command::{Medium, TransferTarget};
use desk::entity::{self, Agent, Phase, Queue, Request};
use desk::event::{OfferKind, Part};
use desk::ids::{AgentId, OfferId, QueueId, RequestId, VisitorId};
use desk::skill::{Expr, Levels};
use desk::spec::FieldKind;
use desk::time::Time;

use super::names;
use super::twins;
use crate::clock::rfc3339;
use crate::declaration::EdgeSettings;
use crate::wire;

/// Most requests of a line that are shown.
pub const SHOWN_MAX: usize = 200;

/// A waiting request without its words.
#[derive(Clone, PartialEq, Debug)]
pub struct WaitingFacts {
    /// Which.
    pub request: RequestId,
    /// Who.
    pub visitor: VisitorId,
    /// The twin, with the words left empty.
    pub twin: twins::Waiting,
    /// Fields in which visitors write freely.
    pub written: Vec<String>,
}

/// An offer without its words.
#[derive(Clone, PartialEq, Debug)]
pub struct OfferFacts {
    /// Which.
    pub offer: OfferId,
    /// To whom.
    pub agent: AgentId,
    /// The twin, with the words left empty.
    pub twin: twins::Offer,
    /// What is offered.
    pub waiting: WaitingFacts,
    /// A transfer's asking agent and its beginning, by which the note is found.
    pub asked: Option<(AgentId, Time)>,
}

/// A chat as one agent sees it, without its words.
#[derive(Clone, PartialEq, Debug)]
pub struct ChatFacts {
    /// Which.
    pub chat: RequestId,
    /// The twin, with the words left empty.
    pub twin: twins::Chat,
}

/// `workgroup/queue`, or nothing if the queue is gone.
pub fn queue_name(state: &State, queue: QueueId) -> String {
    let Some(queue) = state.queue(queue) else { return String::new() };
    let workgroup = state.workgroup(queue.workgroup).map_or("", |it| it.spec.name.as_str());
    format!("{workgroup}/{}", queue.spec.name)
}

/// What visitors call an agent.
pub fn agent_title(state: &State, agent: AgentId) -> String {
    state.agent(agent).map_or_else(String::new, |it| it.spec.title.clone())
}

/// An agent as the floor sees them.
pub fn agent(state: &State, agent: &Agent) -> twins::Agent {
    let session = agent.session.as_ref();
    let hint = session.and_then(|it| it.chats_max_hint).unwrap_or(u32::MAX);
    let membership = |queue: &Queue| twins::Membership {
        queue: queue_name(state, queue.id),
        opted_in: !agent.opted_out.contains(&queue.id),
    };
    let staffed = |room: &desk::ids::RoomId| {
        let queue = queue_name(state, state.room(*room)?.queue);
        Some(twins::StaffedRoom { room: wire::id(room.0), queue })
    };
    twins::Agent {
        id: wire::id(agent.id.0),
        name: agent.spec.name.clone(),
        title: agent.spec.title.clone(),
        signed_in: session.is_some(),
        show: session.map_or("offline", |it| names::show(it.show)),
        reason: session.and_then(|it| it.reason.clone()),
        show_since: session.map(|it| rfc3339(it.show_since)),
        lost: session.is_some_and(|it| it.lost_until.is_some()),
        chats: agent.chats.len(),
        chats_max: agent.spec.chats_max.min(hint),
        wrap_up_until: agent.wrap_up_until.map(rfc3339),
        queues: state.queues_of_agent(agent.id).map(membership).collect(),
        rooms: agent.staffing.iter().filter_map(staffed).collect(),
    }
}

/// A workgroup as its staff need it.
pub fn workgroup(state: &State, workgroup: &entity::Workgroup, now: Time) -> twins::Workgroup {
    let settings = EdgeSettings::of(&workgroup.spec.edge);
    let place = |queue: &Queue| twins::TransferPlace {
        queue: format!("{}/{}", workgroup.spec.name, queue.spec.name),
        title: queue.spec.title.clone(),
    };
    twins::Workgroup {
        name: workgroup.spec.name.clone(),
        title: workgroup.spec.title.clone(),
        doors: names::doors(workgroup.doors),
        opens_at: state.opens_at(workgroup.id, now).map(rfc3339),
        reasons: settings.away_reasons,
        tags: settings.tags,
        wrap_up_s: workgroup.spec.wrap_up.as_secs(),
        transfer_targets: state.queues_of(workgroup.id).map(place).collect(),
    }
}

/// A line's figures. Proportional to the queue's members.
pub fn queue(state: &State, queue: &Queue, today: twins::Today, now: Time) -> twins::Queue {
    let head = state.line(queue.id).next().and_then(|request| state.request(request));
    twins::Queue {
        id: queue_name(state, queue.id),
        workgroup: state.workgroup(queue.workgroup).map_or_else(String::new, |it| it.spec.name.clone()),
        title: queue.spec.title.clone(),
        dispatch: names::dispatch(queue.spec.dispatch),
        waiting: state.waiting_count(queue.id),
        oldest_at: head.map(|it| rfc3339(it.joined_at)),
        longest_s: head.map(|it| wire::seconds(now.since(it.joined_at))),
        staffed: state.staffed(queue.id),
        free_slots: state.free_slots(queue.id),
        target_wait_s: queue.spec.target_wait.as_secs(),
        doors: state.doors(queue.workgroup).map_or("closed", names::doors),
        today,
    }
}

fn required(request: &Request) -> Option<&Expr> {
    let steps = &request.requirement.steps;
    steps.get(usize::from(request.relaxed)).or(steps.last()).map(|(_, expr)| expr)
}

/// Whether the agent is a member of the line and has what the request requires; how busy they are does not count.
pub fn may_take(state: &State, agent: AgentId, queue: &Queue, request: &Request) -> bool {
    let Some(agent) = state.agent(agent) else { return false };
    if request.medium == Medium::Callback && !request.confirmed {
        return false;
    }
    let Some(member) = queue.spec.members.iter().find(|it| it.agent == agent.spec.name) else { return false };
    let Some(expr) = required(request).filter(|expr| !expr.is_any()) else { return true };
    let mut levels: Levels = agent.spec.skills.clone();
    levels.extend(member.skills.iter().map(|(skill, level)| (skill.clone(), *level)));
    expr.matches(&levels)
}

fn waiting_state(state: &State, request: &Request, queue: QueueId) -> &'static str {
    if matches!(request.phase, Phase::Confirming { .. }) {
        "confirming"
    } else if request.lost_until.is_some() {
        "held"
    } else if state.offers_for(request.id).any(|offer| offer.queue == queue) {
        "offered"
    } else {
        "waiting"
    }
}

/// A request as it stands in a line (or as it is offered from there).
pub fn waiting(state: &State, request: &Request, queue: QueueId) -> WaitingFacts {
    let place = request.places.iter().find(|place| place.queue == queue);
    let fields = state.workgroup(request.workgroup).map(|it| &it.spec.form.fields);
    let written = fields.into_iter().flatten().filter(|field| field.kind == FieldKind::Multiline);
    let twin = twins::Waiting {
        request: wire::id(request.id.0),
        queue: queue_name(state, queue),
        visitor: twins::WaitingVisitor {
            id: wire::id(request.visitor.0),
            title: String::new(),
            returning: false,
            locale: String::new(),
        },
        priority: request.priority.0,
        joined_at: rfc3339(request.joined_at),
        state: waiting_state(state, request, queue),
        level: place.map_or(0, |it| it.level),
        answers: Vec::new(),
        first_words: None,
        last_words: None,
        skills: required(request).filter(|expr| !expr.is_any()).map(ToString::to_string),
        page: None,
        medium: names::medium(request.medium),
        may_take: false,
    };
    let written = written.map(|field| field.name.clone()).collect();
    WaitingFacts { request: request.id, visitor: request.visitor, twin, written }
}

/// An offer as its agent sees it; none if it or its request is gone.
pub fn offer(state: &State, offer: &entity::Offer) -> Option<OfferFacts> {
    let request = state.request(offer.request)?;
    let mut waiting = waiting(state, request, offer.queue);
    waiting.twin.may_take = true;
    let transfer = request.transfer.filter(|_| offer.kind != OfferKind::Request);
    let asked = transfer.map(|it| (it.from, it.since));
    let twin = twins::Offer {
        offer: wire::id(offer.id.0),
        request: wire::id(request.id.0),
        queue: queue_name(state, offer.queue),
        kind: names::offer_kind(offer.kind),
        made_at: rfc3339(offer.made_at),
        deadline: rfc3339(offer.deadline),
        from: transfer.map(|it| twins::Person { agent: wire::id(it.from.0), title: agent_title(state, it.from) }),
        note: None,
        waiting: waiting.twin.clone(),
        earlier: 0,
        last_agent: request.last_agent.map(|it| agent_title(state, it)).filter(|title| !title.is_empty()),
    };
    Some(OfferFacts { offer: offer.id, agent: offer.agent, twin, waiting, asked })
}

fn transfer(state: &State, transfer: &entity::Transfer) -> twins::Transfer {
    let target = match transfer.target {
        TransferTarget::Agent(agent) => agent_title(state, agent),
        TransferTarget::Queue(queue) => queue_name(state, queue),
        TransferTarget::Workgroup(id) => state.workgroup(id).map_or_else(String::new, |it| it.spec.name.clone()),
    };
    twins::Transfer {
        target,
        kind: names::transfer_kind(transfer.kind),
        by: wire::id(transfer.from.0),
        deadline: rfc3339(transfer.deadline),
    }
}

/// A chat as an agent who takes part in it sees it.
pub fn chat(state: &State, request: &Request, part: Part) -> ChatFacts {
    let inside = |(agent, part): (&AgentId, &Part)| twins::Inside {
        id: wire::id(agent.0),
        title: agent_title(state, *agent),
        part: names::part(*part),
    };
    let room_since = request.room.and_then(|room| state.room(room)).map(|room| room.since);
    let twin = twins::Chat {
        chat: wire::id(request.id.0),
        room_state: if request.phase == Phase::Chatting { "chatting" } else { "invited" },
        queue: queue_name(state, request.asked),
        opened_at: rfc3339(room_since.unwrap_or(request.joined_at)),
        visitor: twins::ChatVisitor {
            id: wire::id(request.visitor.0),
            title: String::new(),
            connected: request.lost_until.is_none(),
            returning: false,
            locale: String::new(),
            page: None,
            address_hint: None,
        },
        answers: Vec::new(),
        part: names::part(part),
        agents: request.agents.iter().map(inside).collect(),
        transfer: request.transfer.as_ref().map(|it| transfer(state, it)),
        messages: None,
        first_number: None,
        read: None,
        tags: None,
        notes: None,
        ended: None,
    };
    ChatFacts { chat: request.id, twin }
}
