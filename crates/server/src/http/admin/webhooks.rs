//! Web hooks: where notices go, what was sent, and a trial. How they are sent is `notify`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::edges::{Channel, Delivery, DeliveryState, NewDelivery, Target, Webhook};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth;
use crate::clock::rfc3339;
use crate::http::codes;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path};
use crate::http::identity::Administrator;
use crate::http::staff::{self, Nothing, Optional};
use crate::notify::webhooks::{EVENTS, body as notice, check};
use crate::wire;

/// Web hooks there may be.
const HOOKS_MAX: usize = 50;
/// Deliveries that are shown.
const SHOWN: usize = 100;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove))
        .routes(routes!(deliveries))
        .routes(routes!(test))
}

/// Web hooks.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminWebhooks)]
struct List {
    webhooks: Vec<Body>,
    /// The events that there are.
    events: Vec<&'static str>,
}

/// A web hook.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminWebhook)]
struct Body {
    id: String,
    url: String,
    /// Empty: every event.
    events: Vec<String>,
    paused: bool,
    created_at: String,
    /// Key of the signatures; shown when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

fn body(hook: &Webhook, secret: Option<String>) -> Body {
    Body {
        id: wire::id(hook.id),
        url: hook.url.clone(),
        events: hook.events.clone(),
        paused: hook.paused,
        created_at: rfc3339(hook.at),
        secret,
    }
}

/// List web hooks
#[utoipa::path(get, path = "/admin/webhooks", tag = "admin", responses((status = 200, body = List),
    (status = 403, body = ProblemBody)))]
async fn list(State(app): State<App>, _: Administrator) -> Answer<Json<List>> {
    let hooks = app.store.webhooks().await?;
    Ok(Json(List { webhooks: hooks.iter().map(|it| body(it, None)).collect(), events: EVENTS.to_vec() }))
}

/// A web hook to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdminWebhookChange)]
struct Change {
    /// `https://…`; not into this machine's network unless the configuration allows it.
    url: String,
    /// Names of events; empty: every event.
    #[serde(default)]
    events: Vec<String>,
    /// Key of the signatures, 16–200 characters. Left out: made, or kept as it is.
    secret: Option<String>,
    /// Nothing is sent for now.
    #[serde(default)]
    paused: bool,
}

fn checked(app: &App, change: &Change) -> Answer<()> {
    check(&change.url, app.notify.allows_private()).map_err(|why| staff::invalid("url", why))?;
    if let Some(unknown) = change.events.iter().find(|it| !EVENTS.contains(&it.as_str())) {
        return Err(staff::invalid(
            "events",
            format!("there is no event `{unknown}`; there are {}", EVENTS.join(", ")),
        ));
    }
    let fit = |secret: &String| (16..=200).contains(&secret.len()) && secret.bytes().all(|it| it.is_ascii_graphic());
    if change.secret.as_ref().is_some_and(|it| !fit(it)) {
        return Err(staff::invalid("secret", "a secret has 16 to 200 printable ASCII characters"));
    }
    Ok(())
}

/// Make a web hook
///
/// Each notice is a POST of `{event, at, data}`, signed in `Anteroom-Signature: t=<unix>,v1=<hex>`: HMAC-SHA-256 with the
/// secret over `<t>.<body>`. `Anteroom-Delivery` is the same when a notice comes again. Payloads carry ids; fetch the rest.
#[utoipa::path(post, path = "/admin/webhooks", tag = "admin", request_body = Change, responses((status = 201, body = Body),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody, description = "`form_required`: a field")))]
async fn add(
    State(app): State<App>,
    who: Administrator,
    Json(change): Json<Change>,
) -> Answer<(StatusCode, Json<Body>)> {
    checked(&app, &change)?;
    if app.store.webhooks().await?.len() >= HOOKS_MAX {
        return Err(Problem::of(&codes::LIMIT).detail(format!("there are at most {HOOKS_MAX} web hooks")));
    }
    let secret = change.secret.unwrap_or_else(|| auth::token("w_"));
    let (url, events, paused) = (change.url, change.events, change.paused);
    let mut hook = Webhook { id: 0, url, events, secret: secret.clone(), paused, at: app.clock.now() };
    hook.id = app.store.put_webhook(hook.clone()).await?;
    app.notify.reload().await?;
    staff::audit(&app, &who.0.account, "webhook.created", wire::id(hook.id), hook.events.join(" ")).await?;
    Ok((StatusCode::CREATED, Json(body(&hook, Some(secret)))))
}

async fn existing(app: &App, id: &str) -> Answer<Webhook> {
    let number = wire::parse(id).ok_or_else(|| Problem::not_found("web hook"))?;
    let found = app.store.webhooks().await?.into_iter().find(|it| it.id == number);
    found.ok_or_else(|| Problem::not_found("web hook"))
}

/// Change a web hook
#[utoipa::path(put, path = "/admin/webhooks/{id}", tag = "admin", params(("id" = String, Path)), request_body = Change,
    responses((status = 200, body = Body), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 422, body = ProblemBody, description = "`form_required`: a field")))]
async fn change(
    State(app): State<App>,
    who: Administrator,
    Path(id): Path<String>,
    Json(change): Json<Change>,
) -> Answer<Json<Body>> {
    let before = existing(&app, &id).await?;
    checked(&app, &change)?;
    let secret = change.secret.unwrap_or(before.secret);
    let hook = Webhook { url: change.url, events: change.events, secret, paused: change.paused, ..before };
    app.store.put_webhook(hook.clone()).await?;
    app.notify.reload().await?;
    staff::audit(&app, &who.0.account, "webhook.changed", id, format!("paused {}", hook.paused)).await?;
    Ok(Json(body(&hook, None)))
}

/// Remove a web hook
///
/// What is still to be sent to it is forgotten.
#[utoipa::path(delete, path = "/admin/webhooks/{id}", tag = "admin", params(("id" = String, Path)), responses(
    (status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn remove(State(app): State<App>, who: Administrator, Path(id): Path<String>) -> Answer<StatusCode> {
    let hook = existing(&app, &id).await?;
    app.store.delete_webhook(hook.id).await?;
    app.notify.reload().await?;
    staff::audit(&app, &who.0.account, "webhook.removed", id, "").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was sent, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminDeliveries)]
struct Deliveries {
    deliveries: Vec<DeliveryBody>,
}

/// A notice.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminDelivery)]
struct DeliveryBody {
    id: String,
    event: String,
    /// `due`, `delivered` or `dead` (given up).
    state: &'static str,
    attempts: u32,
    /// What was noted last: a status, or what went wrong.
    note: String,
    created_at: String,
    /// When it is tried (again).
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<String>,
}

fn delivery(it: Delivery) -> DeliveryBody {
    let state = match it.state {
        DeliveryState::Due => "due",
        DeliveryState::Delivered => "delivered",
        DeliveryState::Dead => "dead",
    };
    DeliveryBody {
        id: wire::id(it.id),
        event: it.subject,
        state,
        attempts: it.attempts,
        note: it.note,
        created_at: rfc3339(it.created_at),
        due_at: (it.state == DeliveryState::Due).then(|| rfc3339(it.due_at)),
        settled_at: it.settled_at.map(rfc3339),
    }
}

/// What was sent to a web hook
#[utoipa::path(get, path = "/admin/webhooks/{id}/deliveries", tag = "admin", params(("id" = String, Path)), responses(
    (status = 200, body = Deliveries), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn deliveries(State(app): State<App>, _: Administrator, Path(id): Path<String>) -> Answer<Json<Deliveries>> {
    let hook = existing(&app, &id).await?;
    let found = app.store.deliveries(Channel::Webhook, Some(hook.id), SHOWN).await?;
    Ok(Json(Deliveries { deliveries: found.into_iter().map(delivery).collect() }))
}

/// Send a trial notice
///
/// The event `test`. What came of it stands among the deliveries.
#[utoipa::path(post, path = "/admin/webhooks/{id}/test", tag = "admin", params(("id" = String, Path)), responses(
    (status = 202, description = "it is on its way"), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn test(
    State(app): State<App>,
    who: Administrator,
    Path(id): Path<String>,
    _: Optional<Nothing>,
) -> Answer<StatusCode> {
    let hook = existing(&app, &id).await?;
    let now = app.clock.now();
    let trial = NewDelivery {
        target: Target::Webhook(hook.id),
        subject: "test".to_owned(),
        body: notice("test", now, &serde_json::json!({})),
        chat: None,
        due_at: now,
    };
    app.notify.enqueue(vec![trial]).await?;
    staff::audit(&app, &who.0.account, "webhook.tested", id, "").await?;
    Ok(StatusCode::ACCEPTED)
}
