//! How a visit ends and what comes after: leaving, rating, the transcript.

use axum::extract::State;
use axum::response::Response;
use desk::command::Command;
use desk::entity::Phase;
use desk::event::Ending;
use desk::refusal::Refusal;
use desk::time::Span;
use http::StatusCode;
use serde::Deserialize;
use store::StoreError;
use store::edges::{NewDelivery, Target};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::http::codes;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Query};
use crate::http::identity::Visit;
use crate::http::transcript::{self, TranscriptQuery};
use crate::run_loop::AskError;
use crate::text;

/// How long after the end a chat can be rated.
const RATING_LIFE: Span = Span::secs(24 * 3600);
/// Longest comment in characters.
const COMMENT_MAX: usize = 2_000;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(leave)).routes(routes!(rate)).routes(routes!(download)).routes(routes!(mail))
}

/// A rating.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    /// 1 to 5.
    stars: u8,
    /// What there is to say about it.
    comment: Option<String>,
}

/// Where a transcript is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailTo {
    /// A mail address.
    address: String,
}

/// Leave
///
/// Gives the place up, or ends the chat. A visit that has ended is left already.
#[utoipa::path(post, path = "/visits/me/leave", tag = "visits", security(("visit" = [])), responses((status = 204)))]
async fn leave(State(app): State<App>, visit: Visit) -> Answer<StatusCode> {
    let request = visit.request;
    let phase = app.desk.view(move |state, _| state.request(request).map(|r| r.phase)).await?;
    let command = match phase {
        None => return Ok(StatusCode::NO_CONTENT),
        Some(Phase::Invited { .. } | Phase::Chatting) => {
            Command::CloseChat { request, ending: Ending::ClosedByVisitor }
        }
        Some(_) => Command::DepartQueue { request, ending: Ending::Departed },
    };
    match app.desk.ask(command).await {
        // Overtaken: it ended, or came into a room, in this moment.
        Err(AskError::Refused(Refusal::NotFound(_))) => Ok(StatusCode::NO_CONTENT),
        Err(AskError::Refused(Refusal::WrongState(_))) => {
            app.desk.ask(Command::DepartQueue { request, ending: Ending::Departed }).await?;
            Ok(StatusCode::NO_CONTENT)
        }
        Err(error) => Err(error.into()),
        Ok(_) => Ok(StatusCode::NO_CONTENT),
    }
}

/// Rate the chat
///
/// Once, until a day after its end.
#[utoipa::path(post, path = "/visits/me/rating", tag = "visits", security(("visit" = [])), request_body = Rating,
    responses((status = 204), (status = 409, body = ProblemBody,
    description = "`wrong_state`: not ended yet, rated already, or too late")))]
async fn rate(
    State(app): State<App>,
    visit: Visit,
    Json(Rating { stars, comment }): Json<Rating>,
) -> Answer<StatusCode> {
    if !(1..=5).contains(&stars) {
        return Err(Problem::bad_request("`stars` must be 1 to 5"));
    }
    let settings = app.roster.entrance_of(visit.workgroup);
    if settings.is_some_and(|entrance| !entrance.settings.widget.rating) {
        return Err(Problem::of(&codes::FORBIDDEN).detail("chats are not rated here"));
    }
    let comment = match comment.map(|raw| text::message(&raw, COMMENT_MAX)) {
        None | Some(Err(text::Unfit::Empty)) => None,
        Some(Ok(comment)) => Some(comment),
        Some(Err(text::Unfit::TooLong)) => return Err(Problem::of(&codes::TOO_LARGE).detail("`comment` is too long")),
    };
    let wrong = |detail: &str| Problem::of(&codes::WRONG_STATE).detail(detail);
    let row = app.store.chat(visit.request).await?.ok_or_else(|| Problem::not_found("chat"))?;
    let now = app.clock.now();
    match row.ended_at {
        None => return Err(wrong("the chat has not ended")),
        Some(ended) if now.since(ended) > RATING_LIFE => return Err(wrong("the chat ended too long ago")),
        Some(_) => {}
    }
    match app.store.rate(visit.request, stars, comment, now).await {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(StoreError::Conflict(_)) => Err(wrong("the chat was rated before")),
        Err(error) => Err(error.into()),
    }
}

/// The transcript
#[utoipa::path(get, path = "/visits/me/transcript", tag = "visits", security(("visit" = [])), params(TranscriptQuery),
    responses((status = 200, body = transcript::Transcript, description = "in the form that was asked for"),
    (status = 403, body = ProblemBody, description = "`forbidden`: not offered here")))]
async fn download(State(app): State<App>, visit: Visit, Query(query): Query<TranscriptQuery>) -> Answer<Response> {
    let settings = app.roster.entrance_of(visit.workgroup);
    if settings.is_some_and(|entrance| !entrance.settings.widget.transcript.download) {
        return Err(Problem::of(&codes::FORBIDDEN).detail("transcripts are not offered here"));
    }
    Ok(transcript::gather(&app, visit.request).await?.download(query.format))
}

/// Mail the transcript
#[utoipa::path(post, path = "/visits/me/transcript/mail", tag = "visits", security(("visit" = [])),
    request_body = MailTo, responses((status = 202, description = "it is on its way"),
    (status = 501, body = ProblemBody, description = "`not_configured`")))]
async fn mail(State(app): State<App>, visit: Visit, Json(MailTo { address }): Json<MailTo>) -> Answer<StatusCode> {
    if app.config.mail.is_none() {
        return Err(Problem::of(&codes::NOT_CONFIGURED).detail("this server sends no mail"));
    }
    let settings = app.roster.entrance_of(visit.workgroup);
    if settings.is_some_and(|entrance| !entrance.settings.widget.transcript.mail) {
        return Err(Problem::of(&codes::FORBIDDEN).detail("transcripts are not mailed here"));
    }
    if !is_address(&address) {
        return Err(Problem::of(&codes::FORM_REQUIRED).field("address", "not_an_email"));
    }
    super::count_words(&app, visit)?;
    let transcript = transcript::gather(&app, visit.request).await?;
    let delivery = NewDelivery {
        target: Target::Mail(address),
        subject: transcript.title.clone(),
        body: transcript.text(),
        chat: Some(visit.request),
        due_at: app.clock.now(),
    };
    app.notify.enqueue(vec![delivery]).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Whether this can be a mail address; whether it is one, only sending can tell.
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain =
        |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')');
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && domain.contains('.')
        && !domain.starts_with(['.', '-'])
        && !domain.ends_with(['.', '-'])
        && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_addresses_cannot_carry_headers() {
        assert!(is_address("anna@example.org"));
        for bad in ["", "anna", "a@b", "a@b.c\r\nBcc: x@y.z", "a b@c.de", "<a@b.cd>", "a@.cd", "a@b.cd,e@f.gh"] {
            assert!(!is_address(bad), "{bad:?}");
        }
    }
}
