//! Getting somebody to help: offers, taking from a line, waiting in a room.

use axum::extract::State;
use desk::Reply;
use desk::command::Command;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path};
use crate::http::identity::Staff;
use crate::http::staff::{self, Nothing, Optional};
use crate::wire;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(accept))
        .routes(routes!(reject))
        .routes(routes!(take))
        .routes(routes!(take_next))
        .routes(routes!(staff_room))
        .routes(routes!(unstaff_room))
}

/// A chat that is yours now.
#[derive(Serialize, ToSchema)]
pub struct Yours {
    /// The chat's id.
    pub chat: String,
}

/// The chat of a reply of the desk.
///
/// # Errors
/// Never, unless the desk answers something else than was asked.
pub fn yours(reply: &Reply) -> Answer<Json<Yours>> {
    match reply {
        Reply::Accepted { request, .. } | Reply::Taken { request, .. } => Ok(Json(Yours { chat: wire::id(request.0) })),
        other => Err(Problem::internal(format!("unexpected reply {other:?}"))),
    }
}

/// Accept an offer
#[utoipa::path(post, path = "/agent/offers/{offer}/accept", tag = "agent", params(("offer" = String, Path)), responses(
    (status = 200, body = Yours), (status = 403, body = ProblemBody, description = "`not_yours`"),
    (status = 410, body = ProblemBody, description = "`offer_gone`: taken by somebody else, revoked or expired")))]
async fn accept(
    State(app): State<App>,
    staff: Staff,
    Path(offer): Path<String>,
    _: Optional<Nothing>,
) -> Answer<Json<Yours>> {
    let offer = staff::offer_id(&offer)?;
    yours(&app.desk.ask(Command::AcceptOffer { agent: staff.agent, offer }).await?)
}

/// Why an offer is rejected.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Rejection {
    /// For people; not kept.
    reason: Option<String>,
}

/// Reject an offer
#[utoipa::path(post, path = "/agent/offers/{offer}/reject", tag = "agent", params(("offer" = String, Path)),
    request_body = Option<Rejection>, responses((status = 204), (status = 403, body = ProblemBody, description = "`not_yours`"),
    (status = 410, body = ProblemBody, description = "`offer_gone`")))]
async fn reject(
    State(app): State<App>,
    staff: Staff,
    Path(offer): Path<String>,
    Optional(rejection): Optional<Rejection>,
) -> Answer<StatusCode> {
    staff::maybe_line(rejection.reason.as_deref(), 200, "reason")?;
    let offer = staff::offer_id(&offer)?;
    app.desk.ask(Command::RejectOffer { agent: staff.agent, offer }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a request from a line
#[utoipa::path(post, path = "/agent/requests/{request}/take", tag = "agent", params(("request" = String, Path)), responses(
    (status = 200, body = Yours), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`not_eligible` or `wrong_state`: taken by somebody else meanwhile")))]
async fn take(
    State(app): State<App>,
    staff: Staff,
    Path(request): Path<String>,
    _: Optional<Nothing>,
) -> Answer<Json<Yours>> {
    let request = Some(staff::request_id(&request)?);
    yours(&app.desk.ask(Command::TakeRequest { agent: staff.agent, request, queue: None }).await?)
}

/// Take the first in a line that you may take
#[utoipa::path(post, path = "/agent/queues/{workgroup}/{queue}/take", tag = "agent",
    params(("workgroup" = String, Path), ("queue" = String, Path)), responses(
    (status = 200, body = Yours), (status = 404, body = ProblemBody, description = "`not_found`: nobody waits there for you"),
    (status = 409, body = ProblemBody, description = "`not_eligible`")))]
async fn take_next(
    State(app): State<App>,
    staff: Staff,
    Path((workgroup, queue)): Path<(String, String)>,
    _: Optional<Nothing>,
) -> Answer<Json<Yours>> {
    let queue = Some(staff::queue(&app, format!("{workgroup}/{queue}")).await?);
    yours(&app.desk.ask(Command::TakeRequest { agent: staff.agent, request: None, queue }).await?)
}

/// A room that you wait in.
#[derive(Serialize, ToSchema)]
struct Room {
    /// The room's id.
    room: String,
}

/// Wait in a room for the next visitor of a line
#[utoipa::path(post, path = "/agent/queues/{workgroup}/{queue}/staff", tag = "agent",
    params(("workgroup" = String, Path), ("queue" = String, Path)), responses(
    (status = 200, body = Room), (status = 409, body = ProblemBody, description = "`not_eligible` or `wrong_state`")))]
async fn staff_room(
    State(app): State<App>,
    staff: Staff,
    Path((workgroup, queue)): Path<(String, String)>,
    _: Optional<Nothing>,
) -> Answer<Json<Room>> {
    let queue = staff::queue(&app, format!("{workgroup}/{queue}")).await?;
    match app.desk.ask(Command::StaffRoom { agent: staff.agent, queue }).await? {
        Reply::Staffed(room) => Ok(Json(Room { room: wire::id(room.0) })),
        // The head of the line was put into the room in the same turn.
        Reply::Taken { room, .. } | Reply::Accepted { room, .. } => Ok(Json(Room { room: wire::id(room.0) })),
        other => Err(Problem::internal(format!("unexpected reply {other:?}"))),
    }
}

/// Leave a room before anybody came
#[utoipa::path(delete, path = "/agent/rooms/{room}", tag = "agent", params(("room" = String, Path)), responses(
    (status = 204), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`wrong_state`: somebody is in it")))]
async fn unstaff_room(State(app): State<App>, staff: Staff, Path(room): Path<String>) -> Answer<StatusCode> {
    let room = staff::room_id(&room)?;
    app.desk.ask(Command::UnstaffRoom { agent: staff.agent, room }).await?;
    Ok(StatusCode::NO_CONTENT)
}
