//! What was before: a visitor's earlier chats, searching what was said, reading an old chat.

#![expect(unused_qualifications, reason = "the macro that documents queries names their types in full")]

use axum::extract::State;
use desk::ids::{RequestId, WorkgroupId};
use desk::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::accounts::Role;
use store::archive::{ChatRow, MARK_END, MARK_START, SearchQuery};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::clock::{parse_rfc3339, rfc3339};
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path, Query as Asked};
use crate::http::identity::Onlooker;
use crate::http::staff;
use crate::http::transcript;
use crate::staff::{names, twins};
use crate::wire;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(history)).routes(routes!(search)).routes(routes!(read))
}

/// A chat of the history.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffPastChat)]
struct PastChat {
    chat: String,
    workgroup: String,
    queue: String,
    /// When it came.
    at: String,
    /// The visitor's id, the same in all of their chats.
    visitor_id: String,
    visitor_title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    waited_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_s: Option<f64>,
    /// Titles of who took part.
    agents: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ending: Option<&'static str>,
    tags: Vec<String>,
    /// Stars.
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<u8>,
    messages: u64,
}

fn past(row: &ChatRow) -> PastChat {
    let duration = row.answered_at.and(row.ended_at).map(|_| wire::seconds(row.handled));
    PastChat {
        chat: wire::id(row.chat.0),
        workgroup: row.workgroup.name.clone(),
        queue: row.asked.name.clone(),
        at: rfc3339(row.arrived_at),
        visitor_id: wire::id(row.visitor.0),
        visitor_title: visitor_title(row),
        waited_s: row.answered_at.or(row.ended_at).map(|at| wire::seconds(at.since(row.joined_at))),
        duration_s: duration,
        agents: row.agents.iter().map(|it| it.title.clone()).collect(),
        ending: row.ending.map(names::ending),
        tags: row.tags.clone(),
        rating: row.stars,
        messages: row.messages,
    }
}

fn visitor_title(row: &ChatRow) -> String {
    row.visitor_name.clone().unwrap_or_else(|| format!("Visitor {}", wire::id(row.chat.0)))
}

/// How many.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Limit {
    /// 1–100; 20 if left out.
    limit: Option<usize>,
}

/// Chats, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffHistory)]
struct History {
    chats: Vec<PastChat>,
}

/// A visitor's earlier chats
///
/// Agents see those of their own workgroups, supervisors all.
#[utoipa::path(get, path = "/agent/visitors/{visitor}/history", tag = "agent", params(("visitor" = String, Path), Limit),
    responses((status = 200, body = History), (status = 404, body = ProblemBody)))]
async fn history(
    State(app): State<App>,
    who: Onlooker,
    Path(visitor): Path<String>,
    Asked(limit): Asked<Limit>,
) -> Answer<Json<History>> {
    let visitor = staff::visitor_id(&visitor)?;
    let limit = limit.limit.unwrap_or(20).clamp(1, 100);
    let mine = own_workgroups(&app, &who).await?;
    let rows = app.store.history(visitor, limit).await?;
    let sees = |row: &&ChatRow| {
        mine.as_ref().is_none_or(|mine| mine.iter().any(|it| it.0 == row.workgroup.id))
            || row.agents.iter().any(|it| Some(it.agent) == who.agent)
    };
    Ok(Json(History { chats: rows.iter().filter(sees).map(past).collect() }))
}

/// None: all.
async fn own_workgroups(app: &App, who: &Onlooker) -> Answer<Option<Vec<WorkgroupId>>> {
    if who.role >= Role::Supervisor {
        return Ok(None);
    }
    match who.agent {
        Some(agent) => staff::workgroups_of(app, agent).await.map(Some),
        None => Ok(Some(Vec::new())),
    }
}

/// What is searched for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Search {
    /// Words; all must be in one message, the last may be the beginning of a word. Empty: all chats, newest first.
    #[serde(default)]
    q: String,
    /// Part of the visitor's name.
    name: Option<String>,
    /// A workgroup's address.
    workgroup: Option<String>,
    /// An agent's id or account name.
    agent: Option<String>,
    /// Came at or after.
    from: Option<String>,
    /// Came before.
    to: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1–100; 25 if left out.
    limit: Option<usize>,
}

/// A page of hits.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffHits)]
struct Hits {
    hits: Vec<Hit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A hit.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffHit)]
struct Hit {
    #[serde(flatten)]
    chat: PastChat,
    /// Number of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
    /// A piece of the text as plain text; what matched stands between `⟦` and `⟧`.
    snippet: String,
}

/// A time of a query.
pub(crate) fn time(text: Option<&str>, field: &str) -> Answer<Option<Time>> {
    let read = |text: &str| parse_rfc3339(text).or_else(|| parse_rfc3339(&format!("{text}T00:00:00Z")));
    match text {
        None | Some("") => Ok(None),
        Some(text) => read(text)
            .map(Some)
            .ok_or_else(|| staff::invalid(field, format!("`{field}` is a time like 2026-11-20T09:30:00Z"))),
    }
}

/// Search what was said
///
/// Agents search the chats of their own workgroups, supervisors all.
#[utoipa::path(get, path = "/agent/archive", tag = "agent", params(Search), responses((status = 200, body = Hits),
    (status = 404, body = ProblemBody), (status = 422, body = ProblemBody, description = "`form_required`: a field")))]
async fn search(State(app): State<App>, who: Onlooker, Asked(search): Asked<Search>) -> Answer<Json<Hits>> {
    for (field, text) in [("q", Some(&search.q)), ("name", search.name.as_ref())] {
        if text.is_some_and(|text| text.chars().count() > 200) {
            return Err(staff::invalid(field, "at most 200 characters"));
        }
    }
    let mut workgroups = own_workgroups(&app, &who).await?;
    if let Some(name) = search.workgroup.filter(|it| !it.is_empty()) {
        let found = app.desk.view(move |state, _| state.workgroup_by_name(&name).map(|it| it.id)).await?;
        let found = found.ok_or_else(|| Problem::not_found("workgroup"))?;
        let allowed = workgroups.as_ref().is_none_or(|it| it.contains(&found));
        workgroups = Some(if allowed { vec![found] } else { Vec::new() });
    }
    let agent = match search.agent.filter(|it| !it.is_empty()) {
        Some(text) => Some(staff::agent(&app, text).await?),
        None => None,
    };
    let cursor =
        search.cursor.as_deref().map(|it| wire::parse(it).ok_or_else(|| staff::invalid("cursor", "no cursor")));
    let query = SearchQuery {
        text: search.q,
        workgroups,
        agent,
        visitor: None,
        name: search.name.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()),
        from: time(search.from.as_deref(), "from")?,
        to: time(search.to.as_deref(), "to")?,
        cursor: cursor.transpose()?,
        limit: search.limit.unwrap_or(25).clamp(1, 100),
    };
    let found = app.store.search(query).await?;
    let hits = found.hits.iter().map(|hit| Hit {
        chat: past(&hit.chat),
        number: hit.number,
        snippet: hit.snippet.replace(MARK_START, "⟦").replace(MARK_END, "⟧"),
    });
    Ok(Json(Hits { hits: hits.collect(), next: found.next.map(wire::id) }))
}

/// An old chat.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffOldChat)]
struct OldChat {
    #[serde(flatten)]
    chat: PastChat,
    visitor: OldVisitor,
    answers: Vec<twins::Answer>,
    notes: Vec<twins::Note>,
    /// What was said with the rating.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    /// Its words were removed then.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<String>,
}

/// Who was helped.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffOldVisitor)]
struct OldVisitor {
    id: String,
    title: String,
}

/// Read an old chat
#[utoipa::path(get, path = "/agent/archive/{chat}", tag = "agent", params(("chat" = String, Path)), responses(
    (status = 200, body = OldChat), (status = 403, body = ProblemBody, description = "`not_yours`"),
    (status = 404, body = ProblemBody)))]
async fn read(State(app): State<App>, who: Onlooker, Path(chat): Path<String>) -> Answer<Json<Value>> {
    let chat: RequestId = staff::request_id(&chat)?;
    let row = staff::readable(&app, &who, chat).await?;
    let said = transcript::gather(&app, chat).await?.messages;
    let notes = app.store.notes(chat).await?.into_iter().map(|it| app.floor.note(it)).collect();
    let old = OldChat {
        visitor: OldVisitor { id: wire::id(row.visitor.0), title: visitor_title(&row) },
        answers: row
            .answers
            .iter()
            .map(|it| twins::Answer { label: it.label.clone(), value: it.value.clone() })
            .collect(),
        comment: row.comment.clone(),
        erased_at: row.erased_at.map(rfc3339),
        chat: past(&row),
        notes,
    };
    // The count of messages gives way to the messages themselves.
    let mut body = serde_json::to_value(old).map_err(Problem::internal)?;
    body["messages"] = serde_json::to_value(said).map_err(Problem::internal)?;
    Ok(Json(body))
}
