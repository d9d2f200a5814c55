//! What a supervisor does by hand: with who waits, and with agents. Every act stands in the audit log, in the same
//! transaction.

use axum::extract::State;
use desk::command::{Command, TransferKind, TransferTarget};
use desk::entity::Phase;
use desk::event::{Ending, Part};
use desk::refusal::{Ineligible, Refusal, What};
use desk::spec::Priority;
use http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::http::agent::{Availability, put_availability};
use crate::http::error::{Answer, ProblemBody};
use crate::http::extract::{Json, Path};
use crate::http::identity::Supervisor;
use crate::http::staff::{self, Nothing, Optional};

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(move_request))
        .routes(routes!(set_priority))
        .routes(routes!(to_head))
        .routes(routes!(end))
        .routes(routes!(assign))
        .routes(routes!(set_availability))
        .routes(routes!(sign_out))
}

async fn act(
    app: &App,
    who: &Supervisor,
    command: Command,
    what: &str,
    on: &str,
    detail: String,
) -> Answer<StatusCode> {
    let line = staff::audit_line(app, &who.0.account, what, on, detail);
    app.desk.ask_with(command, move |_| vec![line]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Into which line.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Move {
    /// `workgroup/queue`.
    queue: String,
}

/// Move a waiting request into another line
///
/// It leaves all other lines and keeps its time of joining.
#[utoipa::path(post, path = "/supervisor/requests/{request}/move", tag = "supervisor", params(("request" = String, Path)),
    request_body = Move, responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`wrong_state`: it does not wait")))]
async fn move_request(
    State(app): State<App>,
    who: Supervisor,
    Path(id): Path<String>,
    Json(wanted): Json<Move>,
) -> Answer<StatusCode> {
    let request = staff::request_id(&id)?;
    let queue = staff::queue(&app, wanted.queue.clone()).await?;
    act(&app, &who, Command::MoveRequest { request, queue }, "request.moved", &id, wanted.queue).await
}

/// Which class.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Class {
    /// 0–9; 5 is normal.
    priority: u8,
}

/// Set a waiting request's priority
#[utoipa::path(post, path = "/supervisor/requests/{request}/priority", tag = "supervisor",
    params(("request" = String, Path)), request_body = Class, responses((status = 204), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn set_priority(
    State(app): State<App>,
    who: Supervisor,
    Path(id): Path<String>,
    Json(class): Json<Class>,
) -> Answer<StatusCode> {
    let request = staff::request_id(&id)?;
    if class.priority > Priority::MAX.0 {
        return Err(staff::invalid("priority", "a priority is 0 to 9"));
    }
    let command = Command::SetPriority { request, priority: Priority(class.priority) };
    act(&app, &who, command, "request.priority", &id, class.priority.to_string()).await
}

/// Put a waiting request at the head of its lines
#[utoipa::path(post, path = "/supervisor/requests/{request}/head", tag = "supervisor", params(("request" = String, Path)),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody)))]
async fn to_head(
    State(app): State<App>,
    who: Supervisor,
    Path(id): Path<String>,
    _: Optional<Nothing>,
) -> Answer<StatusCode> {
    let request = staff::request_id(&id)?;
    act(&app, &who, Command::MoveToHead { request }, "request.head", &id, String::new()).await
}

/// End a request or a chat
#[utoipa::path(post, path = "/supervisor/requests/{request}/end", tag = "supervisor", params(("request" = String, Path)),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn end(
    State(app): State<App>,
    who: Supervisor,
    Path(id): Path<String>,
    _: Optional<Nothing>,
) -> Answer<StatusCode> {
    let request = staff::request_id(&id)?;
    let chatting = app.desk.view(move |state, _| {
        state.request(request).map(|it| matches!(it.phase, Phase::Chatting | Phase::Invited { .. }))
    });
    let command = match chatting.await? {
        None => return Err(Refusal::NotFound(What::Request).into()),
        Some(true) => Command::CloseChat { request, ending: Ending::ByHand },
        Some(false) => Command::DepartQueue { request, ending: Ending::ByHand },
    };
    act(&app, &who, command, "request.ended", &id, String::new()).await
}

/// To whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Assignment {
    /// The agent's id or account name.
    agent: String,
}

/// Give a request to an agent
///
/// A waiting one becomes the agent's chat at once. A chat in progress is handed over: the agent is asked, and whoever holds
/// it keeps it until then.
#[utoipa::path(post, path = "/supervisor/requests/{request}/assign", tag = "supervisor", params(("request" = String, Path)),
    request_body = Assignment, responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`not_eligible`: not signed in, no member, full, or lacks a skill")))]
async fn assign(
    State(app): State<App>,
    who: Supervisor,
    Path(id): Path<String>,
    Json(wanted): Json<Assignment>,
) -> Answer<StatusCode> {
    let request = staff::request_id(&id)?;
    let agent = staff::agent(&app, wanted.agent.clone()).await?;
    let holder = app.desk.view(move |state, _| {
        let request = state.request(request)?;
        Some(request.agents.iter().find(|(_, part)| **part == Part::Holder).map(|(holder, _)| *holder))
    });
    let command = match holder.await? {
        None => return Err(Refusal::NotFound(What::Request).into()),
        Some(None) => Command::TakeRequest { agent, request: Some(request), queue: None },
        Some(Some(holder)) if holder == agent => return Err(Refusal::NotEligible(Ineligible::AlreadyInside).into()),
        Some(Some(holder)) => Command::TransferChat {
            agent: holder,
            request,
            target: TransferTarget::Agent(agent),
            kind: TransferKind::Transfer,
        },
    };
    act(&app, &who, command, "request.assigned", &id, wanted.agent).await
}

/// Set what an agent shows
#[utoipa::path(post, path = "/supervisor/agents/{agent}/availability", tag = "supervisor", params(("agent" = String, Path)),
    request_body = Availability, responses((status = 204), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn set_availability(
    State(app): State<App>,
    who: Supervisor,
    Path(agent): Path<String>,
    Json(wanted): Json<Availability>,
) -> Answer<StatusCode> {
    let agent = staff::agent(&app, agent).await?;
    put_availability(&app, agent, wanted, Some(&who.0.account)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign an agent out
#[utoipa::path(post, path = "/supervisor/agents/{agent}/sign-out", tag = "supervisor", params(("agent" = String, Path)),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`not_eligible`: not signed in")))]
async fn sign_out(
    State(app): State<App>,
    who: Supervisor,
    Path(id): Path<String>,
    _: Optional<Nothing>,
) -> Answer<StatusCode> {
    let agent = staff::agent(&app, id.clone()).await?;
    act(&app, &who, Command::SignOut { agent }, "agent.signed_out", &id, String::new()).await
}
