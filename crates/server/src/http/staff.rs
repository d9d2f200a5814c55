//! What the agent, supervisor and admin resources share: ids from paths, bodies that may be left out, who may look into
//! which chat, the audit log. No routes.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use desk::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, VisitorId};
use desk::refusal::{Refusal, What};
use serde::de::DeserializeOwned;
use store::Personal;
use store::accounts::Role;
use store::archive::ChatRow;
use store::edges::NewAudit;

use super::codes;
use super::error::{Answer, Problem};
use super::extract::parse_json;
use super::identity::Onlooker;
use crate::app::App;
use crate::text::{self, Unfit};
use crate::wire;

/// A JSON body that may be left out.
#[derive(Debug)]
pub struct Optional<T>(pub T);

impl<S, T> FromRequest<S> for Optional<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Default,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
            http::StatusCode::PAYLOAD_TOO_LARGE => Problem::of(&codes::TOO_LARGE),
            _ => Problem::bad_request("the body could not be read"),
        })?;
        if bytes.iter().all(u8::is_ascii_whitespace) { Ok(Self(T::default())) } else { parse_json(&bytes).map(Self) }
    }
}

/// An object without keys.
#[derive(Default, serde::Deserialize, utoipa::ToSchema, Debug)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

fn number(text: &str, what: &str) -> Answer<u64> {
    wire::parse(text).ok_or_else(|| Problem::not_found(what))
}

/// A request's (and chat's) id of a path.
///
/// # Errors
/// `not_found`: what cannot be an id names nothing.
pub fn request_id(text: &str) -> Answer<RequestId> {
    number(text, "request").map(RequestId)
}

/// An offer's id of a path.
///
/// # Errors
/// `offer_gone`, as for one that is gone: what cannot be an id names nothing.
pub fn offer_id(text: &str) -> Answer<OfferId> {
    number(text, "offer").map(OfferId)
}

/// A room's id of a path.
///
/// # Errors
/// `not_found`.
pub fn room_id(text: &str) -> Answer<RoomId> {
    number(text, "room").map(RoomId)
}

/// A visitor's id of a path.
///
/// # Errors
/// `not_found`.
pub fn visitor_id(text: &str) -> Answer<VisitorId> {
    number(text, "visitor").map(VisitorId)
}

/// A line by `workgroup/queue`.
///
/// # Errors
/// `not_found`, or that the server stops.
pub async fn queue(app: &App, name: String) -> Answer<QueueId> {
    let found = app.desk.view(move |state, _| state.queue_by_name(&name).map(|queue| queue.id)).await?;
    found.ok_or_else(|| Refusal::NotFound(What::Queue).into())
}

/// An agent by id, or by account name.
///
/// # Errors
/// `not_found`, or that the server stops.
pub async fn agent(app: &App, text: String) -> Answer<AgentId> {
    let found = app.desk.view(move |state, _| {
        let by_id = wire::parse(&text).and_then(|id| state.agent(AgentId(id)));
        by_id.or_else(|| state.agent_by_name(&text)).map(|agent| agent.id)
    });
    found.await?.ok_or_else(|| Refusal::NotFound(What::Agent).into())
}

/// A text of several lines for a field.
///
/// # Errors
/// `form_required` with the field.
pub fn words(raw: &str, max: usize, field: &str) -> Answer<String> {
    text::message(raw, max).map_err(|unfit| unfit_problem(unfit, field))
}

/// One line for a field.
///
/// # Errors
/// `form_required` with the field.
pub fn line(raw: &str, max: usize, field: &str) -> Answer<String> {
    text::line(raw, max).map_err(|unfit| unfit_problem(unfit, field))
}

/// One line for a field that may be left out or empty.
///
/// # Errors
/// `form_required` with the field when it is too long.
pub fn maybe_line(raw: Option<&str>, max: usize, field: &str) -> Answer<Option<String>> {
    match raw.map(|raw| text::line(raw, max)) {
        None | Some(Err(Unfit::Empty)) => Ok(None),
        Some(Ok(line)) => Ok(Some(line)),
        Some(Err(unfit)) => Err(unfit_problem(unfit, field)),
    }
}

fn unfit_problem(unfit: Unfit, field: &str) -> Problem {
    Problem::of(&codes::FORM_REQUIRED).detail(format!("`{field}` cannot be taken")).field(field, unfit.word())
}

/// One field that needs mending.
pub fn invalid(field: &str, detail: impl Into<String>) -> Problem {
    Problem::of(&codes::FORM_REQUIRED).detail(detail).field(field, "invalid")
}

/// What somebody may do with a chat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Takes part in it now.
    Inside,
    /// Took part, or looks after the floor.
    Beside,
}

/// Whether a chat may be looked into: who takes or took part, and supervisors.
///
/// # Errors
/// `not_found` or `not_yours`.
pub async fn access(app: &App, who: impl Into<Onlooker>, chat: RequestId) -> Answer<Access> {
    let Onlooker { role, agent } = who.into();
    let is_me = move |it: &AgentId| agent == Some(*it);
    let inside = app.desk.view(move |state, _| state.request(chat).map(|it| it.agents.keys().any(is_me))).await?;
    if inside == Some(true) {
        return Ok(Access::Inside);
    }
    if inside.is_some() && role >= Role::Supervisor {
        return Ok(Access::Beside);
    }
    let row = app.store.chat(chat).await?.ok_or_else(|| Problem::not_found("chat"))?;
    if role >= Role::Supervisor || row.agents.iter().any(|it| is_me(&it.agent)) {
        return Ok(Access::Beside);
    }
    Err(Refusal::NotYours(What::Request).into())
}

/// Whether a chat of the archive may be read: by members of its workgroup, who took part, and supervisors.
///
/// # Errors
/// `not_found` or `not_yours`.
pub async fn readable(app: &App, who: &Onlooker, chat: RequestId) -> Answer<ChatRow> {
    let row = app.store.chat(chat).await?.ok_or_else(|| Problem::not_found("chat"))?;
    if who.role >= Role::Supervisor {
        return Ok(row);
    }
    if let Some(agent) = who.agent {
        let took_part = row.agents.iter().any(|it| it.agent == agent);
        if took_part || workgroups_of(app, agent).await?.iter().any(|it| it.0 == row.workgroup.id) {
            return Ok(row);
        }
    }
    Err(Refusal::NotYours(What::Request).into())
}

/// The workgroups that an agent is a member in.
///
/// # Errors
/// That the server stops.
pub async fn workgroups_of(app: &App, agent: AgentId) -> Answer<Vec<desk::ids::WorkgroupId>> {
    let found = app.desk.view(move |state, _| {
        let mut all: Vec<_> = state.queues_of_agent(agent).map(|queue| queue.workgroup).collect();
        all.sort_unstable();
        all.dedup();
        all
    });
    Ok(found.await?)
}

/// A line for the audit log, to be stored with a command.
pub fn audit_line(app: &App, who: &str, what: &str, on: impl Into<String>, detail: impl Into<String>) -> Personal {
    Personal::Audit(entry(app, who, what, on.into(), detail.into()))
}

fn entry(app: &App, who: &str, what: &str, on: String, detail: String) -> NewAudit {
    NewAudit { at: app.clock.now(), who: who.to_owned(), what: what.to_owned(), on, detail }
}

/// Writes a line to the audit log and waits for it.
///
/// # Errors
/// When it cannot be stored.
pub async fn audit(app: &App, who: &str, what: &str, on: impl Into<String>, detail: impl Into<String>) -> Answer<()> {
    Ok(app.store.audit(entry(app, who, what, on.into(), detail.into())).await?)
}
