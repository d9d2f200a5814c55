//! An agent's session: its stream, availability, opting in and out of lines, the pause after a chat, signing out.

#![expect(unused_qualifications, reason = "the macro that documents queries names their types in full")]

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use desk::command::{Command, Show};
use desk::ids::AgentId;
use desk::time::Span;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::directory::{NotOpened, Owner};
use crate::http::codes;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path, Query as Asked};
use crate::http::identity::Staff;
use crate::http::staff::{self, Nothing, Optional};
use crate::http::streams::{self, Frame, Opening, Transport, TypingState};
use crate::rooms::Speaker;
use crate::staff::names;
use crate::stream::Bye;
use crate::wire;

/// An agent who signed in and never listened counts as lost after so long.
const LISTEN_WITHIN: Span = Span::secs(10);

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(events))
        .routes(routes!(socket))
        .routes(routes!(set_availability))
        .routes(routes!(opt))
        .routes(routes!(sign_out))
        .routes(routes!(end_wrap_up))
}

/// How a stream is opened.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OpeningQuery {
    /// Id of the last event seen.
    last: Option<String>,
    /// `1`: replace the agent's session in another browser or program. Without it, a stream that would, says `bye` with
    /// `elsewhere`.
    takeover: Option<String>,
}

impl OpeningQuery {
    fn takes_over(&self) -> bool {
        self.takeover.as_deref() == Some("1")
    }
}

/// The staff stream as Server-Sent Events
///
/// Begins with `snapshot`, or goes on after `last`. The first stream signs the agent in. One agent has one session: its
/// tabs share it. A stream of another browser or program says only `bye` with `elsewhere` while that is read; with
/// `takeover=1` it replaces it, and the streams before it end (`bye` with `replaced`).
#[utoipa::path(get, path = "/agent/events", tag = "agent", params(OpeningQuery), responses(
    (status = 200, content_type = "text/event-stream", body = String),
    (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
async fn events(
    State(app): State<App>,
    staff: Staff,
    Asked(query): Asked<OpeningQuery>,
    headers: HeaderMap,
) -> Answer<Response> {
    let takeover = query.takes_over();
    let last = streams::last_seen(query.last, &headers);
    open(app, staff, last, takeover, Transport::Sse).await
}

/// The staff stream over WebSocket
///
/// The same events as JSON frames `{id, event, data}`. The client may send `{"typing": …}` and `{"read": …}`.
#[utoipa::path(get, path = "/agent/socket", tag = "agent", params(OpeningQuery), responses(
    (status = 101, description = "Subprotocol `anteroom.v1`"),
    (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody)))]
async fn socket(
    State(app): State<App>,
    staff: Staff,
    Asked(query): Asked<OpeningQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Answer<Response> {
    let upgrade = upgrade.map_err(|_| Problem::bad_request("this address is for WebSockets"))?;
    let takeover = query.takes_over();
    let last = streams::last_seen(query.last, &HeaderMap::new());
    open(app, staff, last, takeover, Transport::Socket(upgrade)).await
}

async fn open(app: App, staff: Staff, last: Option<String>, takeover: bool, transport: Transport) -> Answer<Response> {
    let agent = staff.agent;
    if !takeover && app.directory.is_elsewhere(agent, &staff.holder) {
        return Ok(streams::refuse_stream(transport, Bye::Elsewhere));
    }
    app.floor.note_role(agent, staff.role);
    sign_in(&app, agent).await?;
    let session = match app.directory.open_staff(agent, &staff.holder, takeover) {
        Ok(session) => session,
        // Another was opened in this moment.
        Err(NotOpened::Elsewhere) => return Ok(streams::refuse_stream(transport, Bye::Elsewhere)),
        Err(NotOpened::Full) => {
            return Err(Problem::of(&codes::LIMIT).detail("as many agents are connected as may be").retry_after_s(30));
        }
    };
    let over = Box::pin({
        let app = app.clone();
        async move { staff.lease.over(&app).await }
    });
    let opening = Opening { directory: app.directory.clone(), owner: Owner::Staff(agent), session, last, over };
    let floor = app.floor.clone();
    let snapshot = move || async move {
        let snapshot = floor.snapshot(agent).await?;
        serde_json::to_value(snapshot).map_err(Problem::internal)
    };
    let rooms = app.rooms.clone();
    let on_frame = move |frame| match frame {
        Frame::Typing { chat, state } => {
            if let Some(chat) = wire::parse(&chat) {
                let composing = state == TypingState::Composing;
                rooms.typing(desk::ids::RequestId(chat), Speaker::Agent(agent), composing);
            }
        }
        Frame::Read { chat, number } => {
            if let Some(chat) = wire::parse(&chat) {
                rooms.read_unanswered(desk::ids::RequestId(chat), Speaker::Agent(agent), number);
            }
        }
    };
    Ok(streams::serve_stream(opening, transport, snapshot, on_frame).await)
}

/// Signs an agent in who is not: as `away`, or as before a connection that was lost a short time ago.
async fn sign_in(app: &App, agent: AgentId) -> Answer<()> {
    let signed_in = app.desk.view(move |state, _| state.agent(agent).is_some_and(|it| it.session.is_some())).await?;
    if signed_in {
        return Ok(());
    }
    let show = app.floor.show_before(agent).unwrap_or(Show::Away);
    app.desk.ask(Command::SignIn { agent, show }).await?;
    let app = app.clone();
    // Whoever breaks off in this moment must not count as present for ever.
    tokio::spawn(async move {
        app.clock.sleep_until(app.clock.now() + LISTEN_WITHIN).await;
        if !app.directory.is_read(Owner::Staff(agent)) {
            // Signed out meanwhile: nothing to be said.
            let _ = app.desk.ask(Command::ObserveAgent { agent, connected: false }).await;
        }
    });
    Ok(())
}

/// An availability.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Availability {
    /// `chat`, `available`, `away`, `xa` or `dnd`.
    pub show: String,
    /// Code for being away, from a workgroup's list.
    pub reason: Option<String>,
    /// Most chats wanted now, 0–100; the declared ceiling holds besides. Left out: as before.
    pub chats_max: Option<u32>,
}

/// Reads an availability and puts it before the desk.
///
/// # Errors
/// `form_required` for what cannot be meant; the desk's refusals.
pub async fn put_availability(app: &App, agent: AgentId, wanted: Availability, by: Option<&str>) -> Answer<()> {
    let show = names::parse_show(&wanted.show)
        .ok_or_else(|| staff::invalid("show", "`show` is `chat`, `available`, `away`, `xa` or `dnd`"))?;
    let reason = staff::maybe_line(wanted.reason.as_deref(), 40, "reason")?;
    if wanted.chats_max.is_some_and(|most| most > 100) {
        return Err(staff::invalid("chats_max", "at most 100 chats at once"));
    }
    let before = app.desk.view(move |state, _| {
        let agent = state.agent(agent)?;
        let reasons = state
            .queues_of_agent(agent.id)
            .filter_map(|queue| state.workgroup(queue.workgroup))
            .flat_map(|it| crate::declaration::EdgeSettings::of(&it.spec.edge).away_reasons)
            .collect::<Vec<_>>();
        Some((agent.session.as_ref().and_then(|it| it.chats_max_hint), reasons))
    });
    let (hint, reasons) = before.await?.ok_or_else(|| Problem::not_found("agent"))?;
    if let Some(reason) = &reason
        && reason != "no-answer"
        && !reasons.contains(reason)
    {
        let known = if reasons.is_empty() { "there are none".to_owned() } else { reasons.join(", ") };
        return Err(staff::invalid("reason", format!("the reasons of your workgroups are: {known}")));
    }
    let chats_max_hint = wanted.chats_max.or(hint);
    let command = Command::SetAvailability { agent, show, reason, chats_max_hint };
    match by {
        None => _ = app.desk.ask(command).await?,
        Some(by) => {
            let line = staff::audit_line(app, by, "agent.availability", wire::id(agent.0), wanted.show);
            app.desk.ask_with(command, move |_| vec![line]).await?;
        }
    }
    Ok(())
}

/// Set what you show
#[utoipa::path(put, path = "/agent/availability", tag = "agent", request_body = Availability, responses((status = 204),
    (status = 409, body = ProblemBody, description = "`not_eligible`: not signed in"),
    (status = 422, body = ProblemBody, description = "`form_required`")))]
async fn set_availability(
    State(app): State<App>,
    staff: Staff,
    Json(wanted): Json<Availability>,
) -> Answer<StatusCode> {
    put_availability(&app, staff.agent, wanted, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opting in or out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Opting {
    /// Helps there from now on, or not.
    opted_in: bool,
}

/// Opt in or out of a line
///
/// Chats in progress go on.
#[utoipa::path(put, path = "/agent/queues/{workgroup}/{queue}", tag = "agent", request_body = Opting,
    params(("workgroup" = String, Path), ("queue" = String, Path)), responses((status = 204),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "`not_eligible`: no member")))]
async fn opt(
    State(app): State<App>,
    staff: Staff,
    Path((workgroup, queue)): Path<(String, String)>,
    Json(opting): Json<Opting>,
) -> Answer<StatusCode> {
    let queue = staff::queue(&app, format!("{workgroup}/{queue}")).await?;
    app.desk.ask(Command::OptQueue { agent: staff.agent, queue, opted_in: opting.opted_in }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign out of the desk
///
/// Offers are revoked, chats go to a second agent or back to the head of the line. The web session stays.
#[utoipa::path(post, path = "/agent/sign-out", tag = "agent", responses((status = 204),
    (status = 409, body = ProblemBody, description = "`not_eligible`: not signed in")))]
async fn sign_out(State(app): State<App>, staff: Staff, _: Optional<Nothing>) -> Answer<StatusCode> {
    app.desk.ask(Command::SignOut { agent: staff.agent }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End the pause after a chat
#[utoipa::path(post, path = "/agent/wrap-up/end", tag = "agent", responses((status = 204),
    (status = 409, body = ProblemBody, description = "`wrong_state`: no pause is running")))]
async fn end_wrap_up(State(app): State<App>, staff: Staff, _: Optional<Nothing>) -> Answer<StatusCode> {
    app.desk.ask(Command::EndWrapUp { agent: staff.agent }).await?;
    Ok(StatusCode::NO_CONTENT)
}
