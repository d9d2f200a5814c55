//! Which notices a turn means for the web hooks: names of events and payloads of ids, without words.

use desk::event::Event;
use desk::ids::{AgentId, QueueId, RequestId};
use desk::time::Time;
use desk::{Ended, State, Turn};
use serde_json::{Value, json};
use store::Personal;
use store::edges::{NewDelivery, Target, Webhook};

use crate::clock::rfc3339;
use crate::staff::{facts, names};
use crate::wire;

/// The events that web hooks can ask for.
pub const EVENTS: [&str; 10] = [
    "request.queued",
    "request.ended",
    "chat.started",
    "chat.transferred",
    "agent.signed_in",
    "agent.signed_out",
    "agent.availability",
    "desk.changed",
    "message.left",
    "test",
];

/// The body of a notice.
pub fn body(event: &str, at: Time, data: &Value) -> String {
    json!({ "event": event, "at": rfc3339(at), "data": data }).to_string()
}

fn wants(hook: &Webhook, event: &str) -> bool {
    !hook.paused && (hook.events.is_empty() || hook.events.iter().any(|it| it == event))
}

fn each(hooks: &[Webhook], event: &str, chat: Option<RequestId>, at: Time, data: &Value) -> Vec<NewDelivery> {
    let wanted = hooks.iter().filter(|hook| wants(hook, event));
    let delivery = |hook: &Webhook| NewDelivery {
        target: Target::Webhook(hook.id),
        subject: event.to_owned(),
        body: body(event, at, data),
        chat,
        due_at: at,
    };
    wanted.map(delivery).collect()
}

/// The notices that leave with a turn.
pub fn deliveries(hooks: &[Webhook], state: &State, turn: &Turn) -> Vec<Personal> {
    let mut out = Vec::new();
    let mut declared = false;
    for event in &turn.events {
        if let Some((name, chat, data)) = told(state, turn, event) {
            out.extend(each(hooks, name, chat, turn.at, &data));
        }
        declared |= matches!(
            event,
            Event::WorkgroupDeclared { .. }
                | Event::WorkgroupRemoved { .. }
                | Event::QueueDeclared { .. }
                | Event::QueueRemoved { .. }
                | Event::AgentDeclared { .. }
                | Event::AgentRemoved { .. }
                | Event::SkillsDeclared { .. }
        );
    }
    if declared {
        out.extend(each(hooks, "desk.changed", None, turn.at, &json!({})));
    }
    for ended in &turn.ended {
        out.extend(each(hooks, "request.ended", Some(ended.request.id), turn.at, &of_ended(state, ended)));
    }
    out.into_iter().map(Personal::Delivery).collect()
}

/// The notices about a message that was left.
pub fn message_left(hooks: &[Webhook], id: u64, workgroup: &str, at: Time) -> Vec<NewDelivery> {
    each(hooks, "message.left", None, at, &json!({ "message": wire::id(id), "workgroup": workgroup }))
}

fn agent_data(state: &State, agent: AgentId) -> Value {
    let name = state.agent(agent).map(|it| it.spec.name.as_str());
    json!({ "agent": wire::id(agent.0), "name": name })
}

fn chat_data(state: &State, turn: &Turn, request: RequestId) -> Value {
    let ended = || turn.ended.iter().find(|it| it.request.id == request).map(|it| &*it.request);
    let asked: Option<QueueId> = state.request(request).or_else(ended).map(|it| it.asked);
    json!({ "chat": wire::id(request.0), "queue": asked.map(|it| facts::queue_name(state, it)) })
}

fn told(state: &State, turn: &Turn, event: &Event) -> Option<(&'static str, Option<RequestId>, Value)> {
    Some(match event {
        Event::RequestQueued { request, visitor, medium, priority, asked, .. } => {
            let data = json!({
                "visit": wire::id(request.0),
                "visitor": wire::id(visitor.0),
                "queue": facts::queue_name(state, *asked),
                "medium": names::medium(*medium),
                "priority": priority.0,
            });
            ("request.queued", Some(*request), data)
        }
        Event::VisitorEntered { request, .. } => ("chat.started", Some(*request), chat_data(state, turn, *request)),
        Event::TransferTaken { request, from, by, kind } => {
            let mut data = chat_data(state, turn, *request);
            data["from"] = wire::id(from.0).into();
            data["by"] = wire::id(by.0).into();
            data["kind"] = names::transfer_kind(*kind).into();
            ("chat.transferred", Some(*request), data)
        }
        Event::AgentSignedIn { agent, .. } => ("agent.signed_in", None, agent_data(state, *agent)),
        Event::AgentSignedOut { agent, .. } => ("agent.signed_out", None, agent_data(state, *agent)),
        Event::AvailabilitySet { agent, show, .. } => {
            let mut data = agent_data(state, *agent);
            data["show"] = names::show(*show).into();
            ("agent.availability", None, data)
        }
        _ => return None,
    })
}

fn of_ended(state: &State, ended: &Ended) -> Value {
    let request = &ended.request;
    json!({
        "visit": wire::id(request.id.0),
        "visitor": wire::id(request.visitor.0),
        "queue": facts::queue_name(state, request.asked),
        "how": names::ending(ended.ending),
        "by": names::ended_by(ended.ending),
        "answered": request.answered.is_some(),
        "agent": request.answered.map(|(_, agent, _)| wire::id(agent.0)),
    })
}
