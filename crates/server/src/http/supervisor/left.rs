//! Messages that were left while closed: reading them, noting that somebody dealt with one.

#![expect(unused_qualifications, reason = "the macro that documents queries names their types in full")]

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::archive::Left;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::clock::rfc3339;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path, Query as Asked};
use crate::http::identity::Supervisor;
use crate::http::staff::{self, Nothing, Optional};
use crate::wire;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(done))
}

/// Which.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// `false`: also those that were dealt with.
    open: Option<bool>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1–200; 50 if left out.
    limit: Option<usize>,
}

/// Messages, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = LeftMessages)]
struct List {
    messages: Vec<LeftMessage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A message that was left.
#[derive(Serialize, ToSchema)]
struct LeftMessage {
    id: String,
    at: String,
    workgroup: String,
    /// The visitor's number, if the message is of somebody who had a visit before.
    #[serde(skip_serializing_if = "Option::is_none")]
    visitor: Option<String>,
    name: String,
    email: String,
    text: String,
    locale: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    /// Account name of who dealt with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    done: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    done_at: Option<String>,
}

fn shown(app: &App, it: Left) -> LeftMessage {
    LeftMessage {
        id: wire::id(it.id),
        at: rfc3339(it.left.at),
        workgroup: app.roster.entrance_of(it.left.workgroup).map(|it| it.name.clone()).unwrap_or_default(),
        visitor: it.left.visitor.map(|visitor| wire::id(visitor.0)),
        name: it.left.name,
        email: it.left.email,
        text: it.left.text,
        locale: it.left.locale,
        page: it.left.page.map(|page| page.url),
        done: it.done.as_ref().map(|(who, _)| who.clone()),
        done_at: it.done.map(|(_, at)| rfc3339(at)),
    }
}

/// Read the messages that were left
#[utoipa::path(get, path = "/supervisor/messages", tag = "supervisor", params(Which), responses((status = 200, body = List),
    (status = 403, body = ProblemBody)))]
async fn list(State(app): State<App>, _: Supervisor, Asked(which): Asked<Which>) -> Answer<Json<List>> {
    let before = which.cursor.as_deref().map(|it| wire::parse(it).ok_or_else(|| staff::invalid("cursor", "no cursor")));
    let limit = which.limit.unwrap_or(50).clamp(1, 200);
    let found = app.store.left_messages(which.open.unwrap_or(true), before.transpose()?, limit).await?;
    let next = (found.len() == limit).then(|| found.last().map(|it| wire::id(it.id))).flatten();
    Ok(Json(List { messages: found.into_iter().map(|it| shown(&app, it)).collect(), next }))
}

/// Note that a message was dealt with
#[utoipa::path(post, path = "/supervisor/messages/{id}/done", tag = "supervisor", params(("id" = String, Path)), responses(
    (status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn done(
    State(app): State<App>,
    who: Supervisor,
    Path(id): Path<String>,
    _: Optional<Nothing>,
) -> Answer<StatusCode> {
    let number = wire::parse(&id).ok_or_else(|| Problem::not_found("message"))?;
    app.store.left_message_done(number, &who.0.account, app.clock.now()).await?;
    staff::audit(&app, &who.0.account, "left_message.done", id, "").await?;
    Ok(StatusCode::NO_CONTENT)
}
