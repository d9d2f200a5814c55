//! What the house keeps about a chat: notes, tags, its transcript and files; and blocking its visitor.

use axum::extract::State;
use axum::response::Response;
use desk::command::{BlockKey, Command};
use desk::ids::{AgentId, RequestId};
use desk::time::Span;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::Personal;
use store::archive::Note;
use store::commit::NewBlock;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path, Query as Asked};
use crate::http::identity::{Onlooker, Staff};
use crate::http::staff::{self, Optional};
use crate::http::transcript::{self, TranscriptQuery};
use crate::staff::{NOTE_MAX, TAG_MAX, TAGS_MAX, twins};
use crate::wire;

/// How long agents may block somebody.
const BLOCK: Span = Span::secs(24 * 3600);
/// Notes that a chat may have.
const NOTES_MAX: usize = 200;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(add_note))
        .routes(routes!(set_tags))
        .routes(routes!(block))
        .routes(routes!(transcript))
}

/// A note to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewNote {
    /// 1–4000 characters.
    text: String,
}

/// Add a note
///
/// Only the house reads it. Also after the chat has ended.
#[utoipa::path(post, path = "/agent/chats/{chat}/notes", tag = "agent", params(("chat" = String, Path)),
    request_body = NewNote, responses((status = 201, body = twins::Note), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 422, body = ProblemBody, description = "`form_required`: `text`")))]
async fn add_note(
    State(app): State<App>,
    staff: Staff,
    Path(chat): Path<String>,
    Json(new): Json<NewNote>,
) -> Answer<(StatusCode, Json<twins::Note>)> {
    let chat = staff::request_id(&chat)?;
    staff::access(&app, &staff, chat).await?;
    let text = staff::words(&new.text, NOTE_MAX, "text")?;
    if app.store.notes(chat).await?.len() >= NOTES_MAX {
        return Err(Problem::of(&crate::http::codes::LIMIT).detail(format!("a chat has at most {NOTES_MAX} notes")));
    }
    let at = app.clock.now();
    app.store.add_note(chat, staff.agent, &text, at).await?;
    let note = app.floor.note(Note { by: staff.agent, text, at });
    tell_inside(&app, chat, staff.agent, "note", &serde_json::json!({ "chat": wire::id(chat.0), "note": note }))
        .await?;
    Ok((StatusCode::CREATED, Json(note)))
}

/// Tells those inside of a note that was stored with a transfer.
pub(super) async fn tell_note(app: &App, chat: RequestId, by: AgentId, text: String) -> Answer<()> {
    let note = app.floor.note(Note { by, text, at: app.clock.now() });
    tell_inside(app, chat, by, "note", &serde_json::json!({ "chat": wire::id(chat.0), "note": note })).await
}

async fn tell_inside(
    app: &App,
    chat: RequestId,
    by: AgentId,
    event: &'static str,
    data: &serde_json::Value,
) -> Answer<()> {
    let inside = app.desk.view(move |state, _| {
        state.request(chat).map(|it| it.agents.keys().copied().collect::<Vec<_>>()).unwrap_or_default()
    });
    let mut inside = inside.await?;
    // Who wrote it about a chat that is over still shows it.
    if !inside.contains(&by) {
        inside.push(by);
    }
    app.floor.push_each(inside, event, data);
    Ok(())
}

/// Tags of a chat.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Tags {
    /// At most 20, of at most 40 characters each.
    tags: Vec<String>,
}

/// Set the tags
///
/// Also after the chat has ended.
#[utoipa::path(put, path = "/agent/chats/{chat}/tags", tag = "agent", params(("chat" = String, Path)),
    request_body = Tags, responses((status = 200, body = Tags), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 422, body = ProblemBody, description = "`form_required`: `tags`")))]
async fn set_tags(
    State(app): State<App>,
    staff: Staff,
    Path(chat): Path<String>,
    Json(wanted): Json<Tags>,
) -> Answer<Json<Tags>> {
    let chat = staff::request_id(&chat)?;
    staff::access(&app, &staff, chat).await?;
    if wanted.tags.len() > TAGS_MAX {
        return Err(staff::invalid("tags", format!("a chat has at most {TAGS_MAX} tags")));
    }
    let mut tags: Vec<String> = Vec::new();
    for tag in &wanted.tags {
        let tag = staff::line(tag, TAG_MAX, "tags")?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    app.store.set_tags(chat, tags.clone()).await?;
    tell_inside(&app, chat, staff.agent, "tags", &serde_json::json!({ "chat": wire::id(chat.0), "tags": tags }))
        .await?;
    Ok(Json(Tags { tags }))
}

/// Why somebody is blocked.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Blocking {
    /// For the administrator's list; at most 200 characters.
    reason: Option<String>,
}

/// Block the chat's visitor for a day
#[utoipa::path(post, path = "/agent/chats/{chat}/block", tag = "agent", params(("chat" = String, Path)),
    request_body = Option<Blocking>, responses((status = 204), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`wrong_state`: nothing is known any more to recognise them by")))]
async fn block(
    State(app): State<App>,
    staff: Staff,
    Path(chat): Path<String>,
    Optional(blocking): Optional<Blocking>,
) -> Answer<StatusCode> {
    let chat = staff::request_id(&chat)?;
    staff::access(&app, &staff, chat).await?;
    let reason = staff::maybe_line(blocking.reason.as_deref(), 200, "reason")?.unwrap_or_default();
    let until = Some(app.clock.now() + BLOCK);
    block_visitor_of(&app, chat, &staff.account, reason, until).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Blocks whoever made a request, under every key by which they can be recognised.
///
/// # Errors
/// `wrong_state` when nothing is kept any more to recognise them by; the desk's refusals.
pub async fn block_visitor_of(
    app: &App,
    request: RequestId,
    by: &str,
    reason: String,
    until: Option<desk::time::Time>,
) -> Answer<()> {
    let visit = app.store.visits(vec![request]).await?.into_iter().next();
    let keys = visit.map_or_else(Vec::new, |visit| {
        let address = visit.address_hash.iter().map(auth::block_number);
        std::iter::once(app.auth.visitor_key(visit.visitor.0)).chain(address).collect()
    });
    if keys.is_empty() {
        let detail = "nothing is kept any more by which this visitor could be recognised";
        return Err(Problem::of(&crate::http::codes::WRONG_STATE).detail(detail));
    }
    let at = app.clock.now();
    let line = staff::audit_line(
        app,
        by,
        "block.set",
        wire::id(request.0),
        until.map_or("for ever".to_owned(), crate::clock::rfc3339),
    );
    let mut line = Some(line);
    for key in keys {
        let key = BlockKey(key);
        let block = NewBlock { key, request: Some(request), by: by.to_owned(), reason: reason.clone(), until, at };
        let words: Vec<Personal> = std::iter::once(Personal::Block(block)).chain(line.take()).collect();
        app.desk.ask_with(Command::Block { key, until }, move |_| words).await?;
    }
    Ok(())
}

/// Fetch the transcript
#[utoipa::path(get, path = "/agent/chats/{chat}/transcript", tag = "agent", params(("chat" = String, Path), TranscriptQuery),
    responses((status = 200, description = "The transcript as a file", body = String, content_type = "text/html"),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn transcript(
    State(app): State<App>,
    who: Onlooker,
    Path(chat): Path<String>,
    Asked(query): Asked<TranscriptQuery>,
) -> Answer<Response> {
    let chat = staff::request_id(&chat)?;
    staff::readable(&app, &who, chat).await?;
    Ok(transcript::gather(&app, chat).await?.download(query.format))
}
