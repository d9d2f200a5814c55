//! Bringing others into a chat: transfer, conference, a supervisor entering.

use axum::extract::State;
use desk::command::{Command, TransferKind, TransferTarget};
use http::StatusCode;
use serde::Deserialize;
use store::Personal;
use store::accounts::Role;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::http::codes;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path};
use crate::http::identity::Staff;
use crate::http::staff::{self, Nothing, Optional};
use crate::staff::NOTE_MAX;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(transfer, cancel)).routes(routes!(enter))
}

/// A wish for another agent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Transfer {
    /// Where to.
    to: To,
    /// `transfer`: takes over; `conference`: comes in besides.
    kind: Kind,
    /// What the other one should know; kept as a note of the chat. Up to 4000 characters.
    note: Option<String>,
}

/// Where to: exactly one of them.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum To {
    /// An agent's id.
    Agent(String),
    /// `workgroup/queue`.
    Queue(String),
    /// A workgroup's address.
    Workgroup(String),
}

/// What the other one does.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Takes over.
    Transfer,
    /// Comes in besides.
    Conference,
}

async fn target(app: &App, to: To) -> Answer<TransferTarget> {
    match to {
        To::Agent(id) => staff::agent(app, id).await.map(TransferTarget::Agent),
        To::Queue(name) => staff::queue(app, name).await.map(TransferTarget::Queue),
        To::Workgroup(name) => {
            let found = app.desk.view(move |state, _| state.workgroup_by_name(&name).map(|it| it.id)).await?;
            found.map(TransferTarget::Workgroup).ok_or_else(|| Problem::not_found("workgroup"))
        }
    }
}

/// Ask another agent, line or workgroup to take over or come in
///
/// You keep the visitor until it is taken.
#[utoipa::path(post, path = "/agent/chats/{chat}/transfer", tag = "agent", params(("chat" = String, Path)),
    request_body = Transfer, responses((status = 204), (status = 403, body = ProblemBody, description = "`not_yours`"),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "`not_eligible` or `wrong_state`"),
    (status = 422, body = ProblemBody, description = "`form_required`: `note`")))]
async fn transfer(
    State(app): State<App>,
    staff: Staff,
    Path(chat): Path<String>,
    Json(wish): Json<Transfer>,
) -> Answer<StatusCode> {
    let request = staff::request_id(&chat)?;
    let text = match wish.note.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(note) => Some(staff::words(note, NOTE_MAX, "note")?),
    };
    let target = target(&app, wish.to).await?;
    let kind = match wish.kind {
        Kind::Transfer => TransferKind::Transfer,
        Kind::Conference => TransferKind::Conference,
    };
    let command = Command::TransferChat { agent: staff.agent, request, target, kind };
    let (from, clock) = (staff.agent, app.clock.clone());
    let told = text.clone();
    app.desk
        .ask_with(command, move |_| {
            let note = told.map(|text| Personal::TransferNote { request, from, text, at: clock.now() });
            note.into_iter().collect()
        })
        .await?;
    if let Some(text) = text {
        super::care::tell_note(&app, request, staff.agent, text).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Take the wish for another agent back
#[utoipa::path(delete, path = "/agent/chats/{chat}/transfer", tag = "agent", params(("chat" = String, Path)), responses(
    (status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`wrong_state`: there is none")))]
async fn cancel(State(app): State<App>, staff: Staff, Path(chat): Path<String>) -> Answer<StatusCode> {
    let request = staff::request_id(&chat)?;
    app.desk.ask(Command::CancelTransfer { agent: staff.agent, request }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Enter a chat as supervisor
#[utoipa::path(post, path = "/agent/chats/{chat}/enter", tag = "supervisor", params(("chat" = String, Path)), responses(
    (status = 204), (status = 403, body = ProblemBody, description = "`forbidden`: only supervisors"),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody, description = "`not_eligible` or `wrong_state`")))]
async fn enter(
    State(app): State<App>,
    staff: Staff,
    Path(chat): Path<String>,
    _: Optional<Nothing>,
) -> Answer<StatusCode> {
    if staff.role < Role::Supervisor {
        return Err(Problem::of(&codes::FORBIDDEN).detail("only a supervisor may do that"));
    }
    let request = staff::request_id(&chat)?;
    let line = staff::audit_line(&app, &staff.account, "chat.entered", chat, "");
    app.desk.ask_with(Command::EnterChat { agent: staff.agent, request }, move |_| vec![line]).await?;
    Ok(StatusCode::NO_CONTENT)
}
