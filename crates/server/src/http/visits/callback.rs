//! Callbacks: a visitor who waits asks to be told when somebody is free instead, puts it off, or says that now is good. When
//! they are asked is for the desk to decide; it is told as the visit's state.

use axum::extract::State;
use desk::command::{Command, Medium};
use desk::entity::Phase;
use desk::ids::RequestId;
use desk::time::Time;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::opening::{CallbackBody, callback_time};
use crate::app::App;
use crate::http::error::{Answer, ProblemBody};
use crate::http::extract::Json;
use crate::http::identity::Visit;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask)).routes(routes!(confirm))
}

/// Ask to be told when somebody is free
///
/// Who waits for a chat keeps the place without having to stay; with `not_before` it begins then. Once an agent is free the
/// visit's state has `callback.state` `confirming`: confirm until `callback.confirm_until`, or it is tried again later, as
/// often as `callback.attempts_max` says. Asked again it puts the callback off: to `not_before`, or, while confirming, to the
/// next attempt's time.
#[utoipa::path(post, path = "/visits/me/callback", tag = "visits", security(("visit" = [])),
    request_body = CallbackBody, responses((status = 204),
    (status = 409, body = ProblemBody,
    description = "`wrong_state`: no callbacks here, in a room already, or the time is past; `already_queued`"),
    (status = 429, body = ProblemBody, description = "`limit`: too many callbacks are open, or too far ahead"),
    (status = 503, body = ProblemBody, description = "`queue_closed` at that time")))]
async fn ask(State(app): State<App>, visit: Visit, Json(callback): Json<CallbackBody>) -> Answer<StatusCode> {
    let not_before = callback_time(callback.not_before.as_deref())?;
    let request = visit.request;
    let command = app.desk.view(move |state, now| wanted(state, now, request, not_before)).await?;
    if let Some(command) = command {
        app.desk.ask(command).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What asking means where the request stands; nothing if it is as asked already.
fn wanted(state: &desk::State, now: Time, request: RequestId, not_before: Option<Time>) -> Option<Command> {
    let open = state.request(request).filter(|open| open.medium == Medium::Callback && !open.confirmed);
    let Some(open) = open else { return Some(Command::AskCallback { request, not_before }) };
    let next = || {
        let retry_after = state.workgroup(open.workgroup)?.spec.callback.retry_after;
        matches!(open.phase, Phase::Confirming { .. }).then(|| now + retry_after)
    };
    not_before.or_else(next).map(|not_before| Command::RescheduleCallback { request, not_before })
}

/// Confirm a callback
///
/// The chat is wanted now: at the head of the line when somebody is free, otherwise at its place.
#[utoipa::path(post, path = "/visits/me/confirm", tag = "visits", security(("visit" = [])), responses((status = 204),
    (status = 409, body = ProblemBody, description = "`wrong_state`: no callback, or confirmed already")))]
async fn confirm(State(app): State<App>, visit: Visit) -> Answer<StatusCode> {
    app.desk.ask(Command::ConfirmCallback { request: visit.request }).await?;
    Ok(StatusCode::NO_CONTENT)
}
