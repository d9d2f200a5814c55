//! A visit's event stream, over both transports.

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use http::HeaderMap;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::snapshot;
use crate::app::App;
use crate::directory::Owner;
use crate::http::codes;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::Query;
use crate::http::identity::Visit;
use crate::http::streams::{Frame, Opening, Transport, TypingState, last_seen, serve_stream};
use crate::rooms::Speaker;
use crate::stream::Bye;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(events)).routes(routes!(socket))
}

/// Where to go on.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The id of the last event that was seen; also as the header `Last-Event-ID`.
    pub last: Option<String>,
}

/// Events of the visit (SSE)
///
/// Numbered events: `snapshot`, `state`, `position`, `message`, `correction`, `typing`, `read`, `bye`. With the id of the
/// last one that was seen nothing is missed and nothing comes twice; without, or after too long, a `snapshot` comes first.
#[utoipa::path(get, path = "/visits/me/events", tag = "visits", security(("visit" = [])), responses(
    (status = 200, content_type = "text/event-stream", description = "events until `bye`", body = String),
    (status = 401, body = ProblemBody, description = "`unauthorized`"),
    (status = 429, body = ProblemBody, description = "`limit`: too many streams of one visit")))]
async fn events(
    State(app): State<App>,
    visit: Visit,
    Query(resume): Query<Resume>,
    headers: HeaderMap,
) -> Answer<Response> {
    serve(app, visit, resume, &headers, Transport::Sse).await
}

/// Events of the visit (WebSocket)
///
/// The same events as text frames `{id, event, data}`. Subprotocols: `anteroom.v1` and `bearer.<token>`.
#[utoipa::path(get, path = "/visits/me/socket", tag = "visits", security(("visit" = [])), responses(
    (status = 101, description = "events until `bye`"),
    (status = 400, body = ProblemBody, description = "`bad_request`: no WebSocket handshake")))]
async fn socket(
    State(app): State<App>,
    visit: Visit,
    Query(resume): Query<Resume>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Answer<Response> {
    let upgrade = upgrade.map_err(|rejection| Problem::bad_request(rejection.body_text()))?;
    serve(app, visit, resume, &headers, Transport::Socket(upgrade)).await
}

async fn serve(app: App, visit: Visit, resume: Resume, headers: &HeaderMap, transport: Transport) -> Answer<Response> {
    let chat = visit.request;
    let full = || Problem::of(&codes::LIMIT).detail("too many people are connected").retry_after_s(10);
    let session = app.directory.open_visit(chat).map_err(|_| full())?;
    let last = last_seen(resume.last, headers);
    // The token of a visit does not expire; the session ends with the visit.
    let over = Box::pin(std::future::pending());
    let opening =
        Opening { directory: app.directory.clone(), owner: Owner::Visit(chat), session: session.clone(), last, over };
    let rooms = app.rooms.clone();
    let on_frame = move |frame| match frame {
        Frame::Typing { state, .. } => rooms.typing(chat, Speaker::Visitor, state == TypingState::Composing),
        Frame::Read { number, .. } => rooms.read_unanswered(chat, Speaker::Visitor, number),
    };
    let whole = || async move {
        let (snapshot, ended) = snapshot(&app, visit).await?;
        if ended {
            // Nothing more will come: the snapshot, and then `bye`.
            session.bye(Bye::Ended);
            app.directory.close_visit(chat, Bye::Ended);
        }
        serde_json::to_value(snapshot).map_err(Problem::internal)
    };
    Ok(serve_stream(opening, transport, whole, on_frame).await)
}
