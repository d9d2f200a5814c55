//! API keys for other programs. A key's token is shown once; only its hash is kept.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::accounts::{ApiKey, NewKey};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth;
use crate::clock::rfc3339;
use crate::http::agent::time;
use crate::http::codes;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path};
use crate::http::identity::{self, Administrator};
use crate::http::staff;
use crate::wire;

/// What a key may do.
const SCOPES: [&str; 5] = ["visits", "agent", "supervisor", "admin", "reports"];
/// Keys there may be.
const KEYS_MAX: usize = 500;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove))
}

/// Keys, oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminKeys)]
struct List {
    keys: Vec<Body>,
}

/// A key.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminKey)]
struct Body {
    id: String,
    title: String,
    scopes: Vec<String>,
    /// Account name of the agent that it acts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// Who made it.
    by: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    /// The token; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

fn body(key: ApiKey) -> Body {
    Body {
        id: wire::id(key.id),
        title: key.title,
        scopes: key.scopes,
        agent: key.agent,
        by: key.by,
        created_at: rfc3339(key.created_at),
        used_at: key.used_at.map(rfc3339),
        expires_at: key.expires_at.map(rfc3339),
        token: None,
    }
}

/// List keys
#[utoipa::path(get, path = "/admin/keys", tag = "admin", responses((status = 200, body = List),
    (status = 403, body = ProblemBody)))]
async fn list(State(app): State<App>, _: Administrator) -> Answer<Json<List>> {
    Ok(Json(List { keys: app.store.keys().await?.into_iter().map(body).collect() }))
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdminNewKey)]
struct New {
    /// What it is for: 1–80 characters.
    title: String,
    /// Of `visits`, `agent`, `supervisor`, `admin`, `reports`.
    scopes: Vec<String>,
    /// Account name of the agent that it acts as; needed for `agent`.
    agent: Option<String>,
    /// Until when it holds; left out: until removed.
    expires_at: Option<String>,
}

/// Make a key
#[utoipa::path(post, path = "/admin/keys", tag = "admin", request_body = New, responses((status = 201, body = Body),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody, description = "`form_required`: a field")))]
async fn add(State(app): State<App>, who: Administrator, Json(new): Json<New>) -> Answer<(StatusCode, Json<Body>)> {
    let title = staff::line(&new.title, 80, "title")?;
    let mut scopes = new.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() || scopes.iter().any(|it| !SCOPES.contains(&it.as_str())) {
        return Err(staff::invalid("scopes", format!("scopes are {}", SCOPES.join(", "))));
    }
    let agent = new.agent.filter(|it| !it.is_empty());
    match &agent {
        None if scopes.iter().any(|it| it == "agent") => {
            return Err(staff::invalid("agent", "the scope `agent` acts as one agent: name them"));
        }
        Some(name) if app.roster.agent(name).is_none() => {
            return Err(staff::invalid("agent", format!("there is no agent `{name}` on the desk")));
        }
        _ => {}
    }
    let now = app.clock.now();
    let expires_at = time(new.expires_at.as_deref(), "expires_at")?;
    if expires_at.is_some_and(|it| it <= now) {
        return Err(staff::invalid("expires_at", "this time has passed"));
    }
    if app.store.keys().await?.len() >= KEYS_MAX {
        return Err(Problem::of(&codes::LIMIT).detail(format!("there are at most {KEYS_MAX} keys")));
    }
    let token = auth::token("k_");
    let by = who.0.account.clone();
    let key = NewKey {
        token: auth::hash(&token),
        title: title.clone(),
        scopes: scopes.clone(),
        agent: agent.clone(),
        by: by.clone(),
        at: now,
        expires_at,
    };
    let id = app.store.create_key(key).await?;
    staff::audit(&app, &by, "key.created", wire::id(id), scopes.join(" ")).await?;
    let made = ApiKey { id, title, scopes, agent, by, created_at: now, used_at: None, expires_at };
    Ok((StatusCode::CREATED, Json(Body { token: Some(token), ..body(made) })))
}

/// Remove a key
///
/// Streams that were opened with it end.
#[utoipa::path(delete, path = "/admin/keys/{id}", tag = "admin", params(("id" = String, Path)), responses((status = 204),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn remove(State(app): State<App>, who: Administrator, Path(id): Path<String>) -> Answer<StatusCode> {
    let number = wire::parse(&id).ok_or_else(|| Problem::not_found("key"))?;
    app.store.delete_key(number).await?;
    app.directory.sign_out_holder(&identity::key_holder(number));
    staff::audit(&app, &who.0.account, "key.removed", id, "").await?;
    Ok(StatusCode::NO_CONTENT)
}
