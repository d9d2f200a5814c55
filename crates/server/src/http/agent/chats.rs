//! Talking in a chat: messages, corrections, typing, reading, files, closing and leaving.

#![expect(unused_qualifications, reason = "the macro that documents queries names their types in full")]

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::{IntoResponse, Response};
use desk::command::Command;
use desk::event::Ending;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::archive::Range;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::clock::rfc3339;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path, Query as Asked};
use crate::http::files::{self, FileForm, LinkBody};
use crate::http::identity::{Onlooker, Staff};
use crate::http::staff::{self, Access, Nothing, Optional};
use crate::http::streams::TypingState;
use crate::rooms::message::MessageBody;
use crate::rooms::message::Viewer;
use crate::rooms::{Said, SayError, Speaker};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(say, earlier))
        .routes(routes!(correct))
        .routes(routes!(typing))
        .routes(routes!(read))
        .routes(routes!(close))
        .routes(routes!(leave))
        // The limits are those of `http/form.rs` and the workgroup's, kept while reading; axum's own is for bodies in memory.
        .merge(OpenApiRouter::new().routes(routes!(send_file)).layer(DefaultBodyLimit::disable()))
        .routes(routes!(file_link))
}

/// A message to be said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Saying {
    /// The client's own id, by which a repeated message is recognised.
    id: String,
    /// 1–4000 characters. Control characters and direction overrides are removed.
    text: String,
}

/// Where a message was put.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffNumbered)]
struct Numbered {
    /// Its number in the chat.
    number: u64,
    /// Its time.
    at: String,
}

fn numbered(said: Said) -> Response {
    let status = if said.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    (status, Json(Numbered { number: said.number, at: rfc3339(said.at) })).into_response()
}

/// Say something
#[utoipa::path(post, path = "/agent/chats/{chat}/messages", tag = "agent", params(("chat" = String, Path)),
    request_body = Saying, responses((status = 201, body = Numbered),
    (status = 200, body = Numbered, description = "The same id was said before; nothing was said now"),
    (status = 403, body = ProblemBody, description = "`not_yours`"), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`wrong_state`: the chat is not open"),
    (status = 422, body = ProblemBody, description = "`form_required`: `id` or `text`")))]
async fn say(
    State(app): State<App>,
    staff: Staff,
    Path(chat): Path<String>,
    Json(saying): Json<Saying>,
) -> Answer<Response> {
    let chat = staff::request_id(&chat)?;
    let said = app.rooms.say(chat, Speaker::Agent(staff.agent), saying.id, &saying.text).await;
    match said {
        Ok(said) => Ok(numbered(said)),
        Err(error) => Err(refused(&app, &staff, chat, error).await),
    }
}

/// What a conversation that is not there cannot say itself: whether there is such a chat, and whose it is.
async fn refused(app: &App, staff: &Staff, chat: desk::ids::RequestId, error: SayError) -> Problem {
    if error == SayError::NotOpen
        && let Err(problem) = staff::access(app, staff, chat).await
    {
        return problem;
    }
    error.into()
}

/// A corrected text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Correction {
    /// The whole text as it should have been.
    text: String,
}

/// Correct what you said
///
/// For ten minutes.
#[utoipa::path(put, path = "/agent/chats/{chat}/messages/{number}", tag = "agent", request_body = Correction,
    params(("chat" = String, Path), ("number" = u64, Path)), responses((status = 204), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`wrong_state`: too late, or the chat is over")))]
async fn correct(
    State(app): State<App>,
    staff: Staff,
    Path((chat, number)): Path<(String, String)>,
    Json(correction): Json<Correction>,
) -> Answer<StatusCode> {
    let chat = staff::request_id(&chat)?;
    let number = crate::wire::parse(&number).ok_or_else(|| Problem::not_found("message"))?;
    match app.rooms.correct(chat, Speaker::Agent(staff.agent), number, &correction.text).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(refused(&app, &staff, chat, error).await),
    }
}

/// Which messages.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Only numbers below.
    before: Option<u64>,
    /// At most so many, 1–200; 50 if left out.
    limit: Option<usize>,
}

/// Messages in order.
#[derive(Serialize, ToSchema)]
#[schema(as = StaffMessages)]
struct Messages {
    /// Messages.
    messages: Vec<Value>,
}

/// Read earlier messages
#[utoipa::path(get, path = "/agent/chats/{chat}/messages", tag = "agent", params(("chat" = String, Path), Which), responses(
    (status = 200, body = Messages), (status = 403, body = ProblemBody, description = "`not_yours`"),
    (status = 404, body = ProblemBody)))]
async fn earlier(
    State(app): State<App>,
    who: Onlooker,
    Path(chat): Path<String>,
    Asked(which): Asked<Which>,
) -> Answer<Json<Messages>> {
    let chat = staff::request_id(&chat)?;
    staff::access(&app, who.clone(), chat).await?;
    let limit = which.limit.unwrap_or(50).clamp(1, 200);
    let range = which.before.map_or(Range::Last(limit), |before| Range::Before(before, limit));
    let messages = app.store.messages(chat, range).await?;
    Ok(Json(Messages { messages: app.floor.messages(&messages, who.agent.map_or(Viewer::Nobody, Viewer::Agent)) }))
}

/// What you do at the keyboard.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Typing {
    /// `composing` or `paused`.
    state: TypingState,
}

/// Tell that you type
#[utoipa::path(post, path = "/agent/chats/{chat}/typing", tag = "agent", params(("chat" = String, Path)),
    request_body = Typing, responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn typing(
    State(app): State<App>,
    staff: Staff,
    Path(chat): Path<String>,
    Json(typing): Json<Typing>,
) -> Answer<StatusCode> {
    let chat = staff::request_id(&chat)?;
    inside(&app, &staff, chat).await?;
    app.rooms.typing(chat, Speaker::Agent(staff.agent), typing.state == TypingState::Composing);
    Ok(StatusCode::NO_CONTENT)
}

/// Only who takes part at present.
async fn inside(app: &App, staff: &Staff, chat: desk::ids::RequestId) -> Answer<()> {
    match staff::access(app, staff, chat).await? {
        Access::Inside => Ok(()),
        Access::Beside => Err(SayError::NotInside.into()),
    }
}

/// How far you have read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reading {
    /// Number of the last message read.
    number: u64,
}

/// Tell how far you have read
#[utoipa::path(post, path = "/agent/chats/{chat}/read", tag = "agent", params(("chat" = String, Path)),
    request_body = Reading, responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn read(
    State(app): State<App>,
    staff: Staff,
    Path(chat): Path<String>,
    Json(reading): Json<Reading>,
) -> Answer<StatusCode> {
    let chat = staff::request_id(&chat)?;
    match app.rooms.read(chat, Speaker::Agent(staff.agent), reading.number).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(refused(&app, &staff, chat, error).await),
    }
}

/// Close a chat
#[utoipa::path(post, path = "/agent/chats/{chat}/close", tag = "agent", params(("chat" = String, Path)), responses(
    (status = 204), (status = 403, body = ProblemBody, description = "`not_yours`"), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`wrong_state`: it is over already")))]
async fn close(
    State(app): State<App>,
    staff: Staff,
    Path(chat): Path<String>,
    _: Optional<Nothing>,
) -> Answer<StatusCode> {
    let chat = staff::request_id(&chat)?;
    inside(&app, &staff, chat).await?;
    app.desk.ask(Command::CloseChat { request: chat, ending: Ending::ClosedByAgent }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leave a chat that others go on with
#[utoipa::path(post, path = "/agent/chats/{chat}/leave", tag = "agent", params(("chat" = String, Path)), responses(
    (status = 204), (status = 403, body = ProblemBody, description = "`not_yours`"), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`wrong_state`: the last one can only close")))]
async fn leave(
    State(app): State<App>,
    staff: Staff,
    Path(chat): Path<String>,
    _: Optional<Nothing>,
) -> Answer<StatusCode> {
    let request = staff::request_id(&chat)?;
    app.desk.ask(Command::LeaveChat { agent: staff.agent, request }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hand over a file
///
/// A form with the field `file`, and before it `id` as for messages. What it is, is found by looking at it.
#[utoipa::path(post, path = "/agent/chats/{chat}/files", tag = "agent", params(("chat" = String, Path)),
    request_body(content = inline(FileForm), content_type = "multipart/form-data"), responses(
    (status = 201, body = MessageBody), (status = 403, body = ProblemBody, description = "`not_yours`"),
    (status = 404, body = ProblemBody), (status = 413, body = ProblemBody, description = "`too_large`"),
    (status = 415, body = ProblemBody, description = "`unsupported_media_type`")))]
async fn send_file(
    State(app): State<App>,
    staff: Staff,
    Path(chat): Path<String>,
    request: Request,
) -> Answer<Response> {
    let chat = staff::request_id(&chat)?;
    inside(&app, &staff, chat).await?;
    let workgroup = app.desk.view(move |state, _| state.request(chat).map(|it| it.workgroup)).await?;
    let workgroup = workgroup.ok_or(SayError::NotOpen)?;
    files::upload(&app, chat, workgroup, Speaker::Agent(staff.agent), request).await
}

/// A fresh link to a file
#[utoipa::path(get, path = "/agent/chats/{chat}/files/{id}", tag = "agent",
    params(("chat" = String, Path), ("id" = String, Path)), responses((status = 200, body = LinkBody),
    (status = 403, body = ProblemBody, description = "`not_yours`"), (status = 404, body = ProblemBody)))]
async fn file_link(
    State(app): State<App>,
    who: Onlooker,
    Path((chat, id)): Path<(String, String)>,
) -> Answer<Json<LinkBody>> {
    let chat = staff::request_id(&chat)?;
    staff::readable(&app, &who, chat).await?;
    Ok(Json(LinkBody { url: files::fresh_link(&app, chat, &id).await? }))
}
