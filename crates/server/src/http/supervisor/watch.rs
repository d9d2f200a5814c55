//! Watching the floor: the live stream of supervisors, which needs no agent, the chats that are going on, and becoming an
//! agent in order to enter them.

#![expect(unused_qualifications, reason = "the macro that documents queries names their types in full")]

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::directory::Owner;
use crate::http::admin::declare_agent;
use crate::http::codes;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Query as Asked};
use crate::http::identity::{Proof, Supervisor};
use crate::http::staff::{Nothing, Optional};
use crate::http::streams::{self, Opening, Transport};
use crate::staff::running::Running;
use crate::wire;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(events))
        .routes(routes!(socket))
        .routes(routes!(chats))
        .routes(routes!(become_agent))
}

/// How a stream is opened.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WatchQuery {
    /// Id of the last event seen.
    last: Option<String>,
}

/// The floor as Server-Sent Events
///
/// For every supervisor, agent of the desk or not; nobody is signed in at the desk by it. The events are those of the staff
/// stream about agents, lines, queues and running chats; the snapshot has no `me`, offers, chats or canned replies.
#[utoipa::path(get, path = "/supervisor/events", tag = "supervisor", params(WatchQuery), responses(
    (status = 200, content_type = "text/event-stream", body = String),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
async fn events(
    State(app): State<App>,
    who: Supervisor,
    Asked(query): Asked<WatchQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    open(app, who, streams::last_seen(query.last, &headers), Transport::Sse).await
}

/// The floor over WebSocket
///
/// The same events as JSON frames `{id, event, data}`.
#[utoipa::path(get, path = "/supervisor/socket", tag = "supervisor", params(WatchQuery), responses(
    (status = 101, description = "Subprotocol `anteroom.v1`"),
    (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
async fn socket(
    State(app): State<App>,
    who: Supervisor,
    Asked(query): Asked<WatchQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Answer<Response> {
    let upgrade = upgrade.map_err(|_| Problem::bad_request("this address is for WebSockets"))?;
    open(app, who, streams::last_seen(query.last, &HeaderMap::new()), Transport::Socket(upgrade)).await
}

async fn open(app: App, who: Supervisor, last: Option<String>, transport: Transport) -> Answer<Response> {
    let full = |_| Problem::of(&codes::LIMIT).detail("as many sessions are open as may be").retry_after_s(30);
    let (id, session) = app.directory.open_watcher(&who.0.account, &who.0.holder).map_err(full)?;
    let over = Box::pin({
        let app = app.clone();
        async move { who.0.lease.over(&app).await }
    });
    let opening = Opening { directory: app.directory.clone(), owner: Owner::Watcher(id), session, last, over };
    let floor = app.floor.clone();
    let snapshot = move || async move {
        let overview = floor.overview().await?;
        serde_json::to_value(overview).map_err(Problem::internal)
    };
    // Who watches takes part in nothing: there is nothing to be typed or read.
    Ok(streams::serve_stream(opening, transport, snapshot, |_| {}).await)
}

/// Which chats.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// A workgroup's address; all if left out.
    workgroup: Option<String>,
}

/// Chats that are going on.
#[derive(Serialize, ToSchema)]
struct RunningChats {
    /// At most 1000, the oldest requests first.
    chats: Vec<Running>,
    /// How many there are.
    total: usize,
}

/// List the chats that are going on
///
/// The streams tell what changes of it: `running` with a chat that is new or changed, `running_gone` with one that is over or
/// back in a line.
#[utoipa::path(get, path = "/supervisor/chats", tag = "supervisor", params(Which), responses(
    (status = 200, body = RunningChats), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn chats(State(app): State<App>, _: Supervisor, Asked(which): Asked<Which>) -> Answer<Json<RunningChats>> {
    let workgroup = match which.workgroup.filter(|name| !name.is_empty()) {
        None => None,
        Some(name) => {
            let found = app.desk.view(move |state, _| state.workgroup_by_name(&name).map(|it| it.id)).await?;
            Some(found.ok_or_else(|| Problem::not_found("workgroup"))?)
        }
    };
    let (chats, total) = app.floor.running(workgroup).await?;
    Ok(Json(RunningChats { chats, total }))
}

/// Who one is on the desk.
#[derive(Serialize, ToSchema)]
struct OwnAgent {
    /// Opaque.
    agent: String,
}

/// Become an agent of the desk
///
/// Whoever enters a chat speaks there as an agent, so the account needs one of its name. This makes it, without any line:
/// nothing is offered to it. Done already: nothing changes. Then open the staff stream, which signs the agent in, and
/// `POST /agent/chats/{chat}/enter`.
#[utoipa::path(post, path = "/supervisor/agent", tag = "supervisor", responses((status = 200, body = OwnAgent),
    (status = 403, body = ProblemBody, description = "`forbidden`: also for keys, which name their agent when they are made"),
    (status = 422, body = ProblemBody, description = "`bad_declaration`")))]
async fn become_agent(State(app): State<App>, who: Supervisor, _: Optional<Nothing>) -> Answer<Json<OwnAgent>> {
    let Supervisor(person) = who;
    if matches!(person.proof, Proof::Key(_)) {
        return Err(Problem::of(&codes::FORBIDDEN).detail("a key acts as the agent that it was made for, or as none"));
    }
    if person.agent.is_none() {
        declare_agent(&app, &person.account, &person.title).await?;
    }
    let name = person.account;
    let agent = app.desk.view(move |state, _| state.agent_by_name(&name).map(|it| it.id)).await?;
    let agent = agent.ok_or_else(|| Problem::not_found("agent"))?;
    Ok(Json(OwnAgent { agent: wire::id(agent.0) }))
}
