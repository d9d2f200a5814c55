//! Who may not join, and why. Agents block for a day from a chat; here it is for as long as one wants.

use axum::extract::State;
use desk::command::Command;
use desk::time::Span;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::edges::Block;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::clock::rfc3339;
use crate::http::agent::block_visitor_of;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path};
use crate::http::identity::Administrator;
use crate::http::staff;
use crate::wire;

/// Longest block that is not for ever.
const HOURS_MAX: u32 = 24 * 366 * 10;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove))
}

/// Blocks in force, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminBlocks)]
struct List {
    blocks: Vec<Body>,
}

/// A block.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminBlock)]
struct Body {
    id: String,
    /// The request it was set from.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    /// Who set it.
    by: String,
    reason: String,
    at: String,
    /// None: until lifted.
    until: Option<String>,
}

/// A person is blocked under several keys at once: those of one request and time are one block.
fn belongs(one: &Block, other: &Block) -> bool {
    one.id == other.id
        || (one.block.request.is_some() && (one.block.request, one.block.at) == (other.block.request, other.block.at))
}

/// List blocks
#[utoipa::path(get, path = "/admin/blocks", tag = "admin", responses((status = 200, body = List),
    (status = 403, body = ProblemBody)))]
async fn list(State(app): State<App>, _: Administrator) -> Answer<Json<List>> {
    let in_force = app.desk.view(|state, _| state.blocks().map(|(key, _)| key).collect::<Vec<_>>()).await?;
    let mut shown: Vec<Block> = Vec::new();
    for block in app.store.blocks().await? {
        if in_force.contains(&block.key()) && !shown.iter().any(|it| belongs(it, &block)) {
            shown.push(block);
        }
    }
    let body = |it: Block| Body {
        id: wire::id(it.id),
        request: it.block.request.map(|it| wire::id(it.0)),
        by: it.block.by,
        reason: it.block.reason,
        at: rfc3339(it.block.at),
        until: it.block.until.map(rfc3339),
    };
    Ok(Json(List { blocks: shown.into_iter().map(body).collect() }))
}

/// A block to be set: for `request` or `visitor`, for `hours` or `forever`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdminNewBlock)]
struct New {
    /// The request of who is to be blocked.
    request: Option<String>,
    /// The visitor.
    visitor: Option<String>,
    /// For so many hours.
    hours: Option<u32>,
    /// Until lifted.
    #[serde(default)]
    forever: bool,
    /// Why; for the house. At most 200 characters.
    reason: String,
}

/// Set a block
#[utoipa::path(post, path = "/admin/blocks", tag = "admin", request_body = New, responses((status = 204),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`wrong_state`: nothing is known any more to recognise them by"),
    (status = 422, body = ProblemBody, description = "`form_required`: a field")))]
async fn add(State(app): State<App>, who: Administrator, Json(new): Json<New>) -> Answer<StatusCode> {
    let reason = staff::line(&new.reason, 200, "reason")?;
    let until = match (new.hours, new.forever) {
        (None, true) => None,
        (Some(hours), false) if (1..=HOURS_MAX).contains(&hours) => {
            Some(app.clock.now() + Span::secs(i64::from(hours) * 3600))
        }
        _ => return Err(staff::invalid("hours", "give either `hours` or `forever`")),
    };
    let request = match (new.request, new.visitor) {
        (Some(request), None) => staff::request_id(&request)?,
        (None, Some(visitor)) => {
            let newest = app.store.history(staff::visitor_id(&visitor)?, 1).await?.into_iter().next();
            newest.ok_or_else(|| Problem::not_found("visitor"))?.chat
        }
        _ => return Err(staff::invalid("request", "give either `request` or `visitor`")),
    };
    if app.store.visits(vec![request]).await?.is_empty() {
        return Err(Problem::not_found("request"));
    }
    block_visitor_of(&app, request, &who.0.account, reason, until).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lift a block
#[utoipa::path(delete, path = "/admin/blocks/{id}", tag = "admin", params(("id" = String, Path)), responses(
    (status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn remove(State(app): State<App>, who: Administrator, Path(id): Path<String>) -> Answer<StatusCode> {
    let number = wire::parse(&id).ok_or_else(|| Problem::not_found("block"))?;
    let all = app.store.blocks().await?;
    let lifted = all.iter().find(|it| it.id == number).ok_or_else(|| Problem::not_found("block"))?;
    let mut line = Some(staff::audit_line(&app, &who.0.account, "block.lifted", id, ""));
    for block in all.iter().filter(|it| belongs(lifted, it)) {
        let words: Vec<_> = line.take().into_iter().collect();
        // One that ran out in this moment needs no lifting.
        let _ = app.desk.ask_with(Command::Unblock { key: block.key() }, move |_| words).await;
        // The store forgets why with the block itself; what is left is of a block that had run out.
        match app.store.delete_block(block.id).await {
            Ok(()) | Err(StoreError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
