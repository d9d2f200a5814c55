//! What a visitor says, while waiting or in the conversation: messages, corrections, typing, how far they have read.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::archive::Range;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::title_of;
use crate::app::App;
use crate::clock::rfc3339;
use crate::http::codes;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path, Query};
use crate::http::identity::Visit;
use crate::http::streams::TypingState;
use crate::metrics::reason;
use crate::rooms::message::{MessageBody, Rendering, Viewer};
use crate::rooms::{Said, SayError, Speaker};
use crate::text::Unfit;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(say, older))
        .routes(routes!(correct))
        .routes(routes!(typing))
        .routes(routes!(read))
}

/// Something to say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewText {
    /// A random id of the client's; the same again is the same message. 1 to 64 letters, digits, `-`, `_`, `.` or `:`.
    pub id: String,
    /// What is said: 1 to 4,000 characters. Control characters and those that embed or override direction are removed.
    pub text: String,
}

/// A message that is stored.
#[derive(Serialize, ToSchema)]
pub struct SaidBody {
    /// Its number in the chat.
    number: u64,
    /// When.
    at: String,
}

/// A corrected text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectedText {
    /// What was meant.
    pub text: String,
}

/// When a message was corrected.
#[derive(Serialize, ToSchema)]
pub struct CorrectionBody {
    /// When.
    pub at: String,
}

/// What is done at the keyboard.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Typing {
    /// `composing` or `paused`.
    pub state: TypingState,
}

/// How far was read.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadUpTo {
    /// A message's number.
    pub number: u64,
}

/// Which older messages.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Older {
    /// With a smaller number than this; without it the newest.
    pub before: Option<u64>,
    /// At most so many, 1 to 200.
    pub limit: Option<usize>,
}

/// Messages of a chat.
#[derive(Serialize, ToSchema)]
pub struct MessagesBody {
    /// In order.
    pub messages: Vec<MessageBody>,
}

/// The answer to something said: 201, or 200 when the same message was there before.
pub fn said_answer(said: Said) -> (StatusCode, Json<SaidBody>) {
    let status = if said.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    (status, Json(SaidBody { number: said.number, at: rfc3339(said.at) }))
}

/// Counts something a visitor says.
pub fn count_words(app: &App, visit: Visit) -> Answer<()> {
    app.rates.message(visit.request.0).map_err(|wait_s| {
        app.metrics.turned_away.get_or_create(&reason("message_rate")).inc();
        Problem::of(&codes::RATE_LIMITED).retry_after_s(wait_s)
    })
}

impl From<SayError> for Problem {
    fn from(error: SayError) -> Self {
        match error {
            SayError::NotOpen => Self::of(&codes::WRONG_STATE).detail("there is no conversation now"),
            SayError::NotInside => Self::of(&codes::NOT_YOURS).detail("you take no part in this conversation"),
            SayError::NoSuchMessage => Self::not_found("message of yours"),
            SayError::TooLate => Self::of(&codes::WRONG_STATE).detail("messages can be corrected for ten minutes"),
            SayError::Unfit(Unfit::Empty) => Self::bad_request("`text` says nothing"),
            SayError::Unfit(Unfit::TooLong) => Self::of(&codes::TOO_LARGE).detail("`text` is too long"),
            SayError::BadId => Self::bad_request("`id` must be 1 to 64 letters, digits, `-`, `_`, `.` or `:`"),
            SayError::TooManyFiles => Self::of(&codes::LIMIT).detail("this conversation has as many files as it may"),
            SayError::Busy => Self::of(&codes::RATE_LIMITED).retry_after_s(1),
            SayError::Store(error) => error.into(),
            SayError::Refused(why) => Self::bad_request(why),
        }
    }
}

/// Say something
///
/// From the opening of the visit to its end: what is said while waiting is what the agent reads first. Answered when it is
/// stored. The same `id` again gives the first one's number, also after the server was restarted.
#[utoipa::path(post, path = "/visits/me/messages", tag = "visits", security(("visit" = [])), request_body = NewText,
    responses((status = 201, body = SaidBody), (status = 200, body = SaidBody, description = "was there before"),
    (status = 409, body = ProblemBody, description = "`wrong_state`: the visit has ended")))]
async fn say(
    State(app): State<App>,
    visit: Visit,
    Json(NewText { id, text }): Json<NewText>,
) -> Answer<(StatusCode, Json<SaidBody>)> {
    count_words(&app, visit)?;
    Ok(said_answer(app.rooms.say(visit.request, Speaker::Visitor, id, &text).await?))
}

/// Older messages
#[utoipa::path(get, path = "/visits/me/messages", tag = "visits", security(("visit" = [])),
    responses((status = 200, body = MessagesBody)))]
async fn older(State(app): State<App>, visit: Visit, Query(older): Query<Older>) -> Answer<Json<MessagesBody>> {
    let messages = messages_before(&app, visit.request, Viewer::Visitor, &older).await?;
    Ok(Json(MessagesBody { messages }))
}

/// Messages of a chat before a number, as somebody sees them.
pub async fn messages_before(
    app: &App,
    chat: desk::ids::RequestId,
    viewer: Viewer,
    older: &Older,
) -> Answer<Vec<MessageBody>> {
    let limit = older.limit.unwrap_or(50).clamp(1, 200);
    let range = older.before.map_or(Range::Last(limit), |before| Range::Before(before, limit));
    let row = app.store.chat(chat).await?.ok_or_else(|| Problem::not_found("chat"))?;
    let messages = app.store.messages(chat, range).await?;
    let title_of = title_of(&row);
    let rendering = Rendering { viewer, title_of: &title_of, auth: &app.auth, now: app.clock.now() };
    Ok(rendering.messages(&messages))
}

/// Correct a message
///
/// Own messages, for ten minutes.
#[utoipa::path(put, path = "/visits/me/messages/{number}", tag = "visits", security(("visit" = [])),
    params(("number" = u64, Path, description = "the message's number")), request_body = CorrectedText,
    responses((status = 200, body = CorrectionBody), (status = 404, body = ProblemBody, description = "`not_found`"),
    (status = 409, body = ProblemBody, description = "`wrong_state`: too late, or the visit has ended")))]
async fn correct(
    State(app): State<App>,
    visit: Visit,
    Path(number): Path<u64>,
    Json(CorrectedText { text }): Json<CorrectedText>,
) -> Answer<Json<CorrectionBody>> {
    count_words(&app, visit)?;
    let at = app.rooms.correct(visit.request, Speaker::Visitor, number, &text).await?;
    Ok(Json(CorrectionBody { at: rfc3339(at) }))
}

/// Tell that you type
#[utoipa::path(post, path = "/visits/me/typing", tag = "visits", security(("visit" = [])), request_body = Typing,
    responses((status = 204)))]
async fn typing(State(app): State<App>, visit: Visit, Json(Typing { state }): Json<Typing>) -> StatusCode {
    app.rooms.typing(visit.request, Speaker::Visitor, state == TypingState::Composing);
    StatusCode::NO_CONTENT
}

/// Tell how far you have read
#[utoipa::path(post, path = "/visits/me/read", tag = "visits", security(("visit" = [])), request_body = ReadUpTo,
    responses((status = 200, body = ReadUpTo, description = "what holds now; never less than before")))]
async fn read(
    State(app): State<App>,
    visit: Visit,
    Json(ReadUpTo { number }): Json<ReadUpTo>,
) -> Answer<Json<ReadUpTo>> {
    let number = app.rooms.read(visit.request, Speaker::Visitor, number).await?;
    Ok(Json(ReadUpTo { number }))
}
