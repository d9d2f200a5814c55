//! Accounts of people. An account and an agent of the desk of the same name are one person; neither makes the other.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use store::StoreError;
use store::accounts::{Account, AccountChange, NewAccount, Role};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth;
use crate::clock::rfc3339;
use crate::control::check_name;
use crate::http::codes;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Path};
use crate::http::identity::Administrator;
use crate::http::session::{derive, role_of, role_word};
use crate::http::staff::{self, Optional};
use crate::text::NAME_MAX;
use crate::wire;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(change, remove)).routes(routes!(set_password))
}

/// Accounts by name.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminAccounts)]
struct List {
    accounts: Vec<Body>,
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminAccount)]
struct Body {
    name: String,
    title: String,
    /// `agent`, `supervisor` or `administrator`.
    role: &'static str,
    disabled: bool,
    /// Id of the agent of the desk of that name. None: this person cannot take chats.
    agent: Option<String>,
    created_at: String,
    password_at: String,
    /// A password that was made; shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

fn body(app: &App, account: &Account, password: Option<String>) -> Body {
    Body {
        name: account.name.clone(),
        title: account.title.clone(),
        role: role_word(account.role),
        disabled: account.disabled,
        agent: app.roster.agent(&account.name).map(|it| wire::id(it.0)),
        created_at: rfc3339(account.created_at),
        password_at: rfc3339(account.password_at),
        password,
    }
}

/// List accounts
#[utoipa::path(get, path = "/admin/accounts", tag = "admin", responses((status = 200, body = List),
    (status = 403, body = ProblemBody)))]
async fn list(State(app): State<App>, _: Administrator) -> Answer<Json<List>> {
    let accounts = app.store.accounts().await?;
    Ok(Json(List { accounts: accounts.iter().map(|it| body(&app, it, None)).collect() }))
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdminNewAccount)]
struct New {
    /// 1–40 characters of `a-z`, `0-9`, `-`, `_`, `.`; an agent's is that of the desk.
    name: String,
    /// What people read; the name if left out.
    title: Option<String>,
    /// `agent`, `supervisor` or `administrator`.
    role: String,
    /// Left out: one is made and shown once.
    password: Option<String>,
}

fn role(word: &str) -> Answer<Role> {
    role_of(word).ok_or_else(|| staff::invalid("role", "a role is `agent`, `supervisor` or `administrator`"))
}

/// A password as given, or a new one, which is then shown.
fn given_or_made(given: Option<String>) -> (String, Option<String>) {
    match given {
        Some(password) => (password, None),
        None => {
            let made: String = auth::token("").chars().take(20).collect();
            (made.clone(), Some(made))
        }
    }
}

/// Make an account
#[utoipa::path(post, path = "/admin/accounts", tag = "admin", request_body = New, responses((status = 201, body = Body),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody, description = "`form_required`: a field")))]
async fn add(State(app): State<App>, who: Administrator, Json(new): Json<New>) -> Answer<(StatusCode, Json<Body>)> {
    check_name(&new.name).map_err(|why| staff::invalid("name", why))?;
    let role = role(&new.role)?;
    let title = staff::maybe_line(new.title.as_deref(), NAME_MAX, "title")?.unwrap_or_else(|| new.name.clone());
    let (password, made) = given_or_made(new.password);
    let keys = derive(&app, password).await?;
    let account = NewAccount { name: new.name.clone(), title, role, keys, at: app.clock.now() };
    app.store.create_account(account).await.map_err(|error| match error {
        StoreError::Conflict(_) => staff::invalid("name", "there is an account of this name already"),
        error => error.into(),
    })?;
    app.xmpp.account_added(&new.name);
    staff::audit(&app, &who.0.account, "account.created", &new.name, role_word(role)).await?;
    let account = existing(&app, &new.name).await?;
    Ok((StatusCode::CREATED, Json(body(&app, &account, made))))
}

async fn existing(app: &App, name: &str) -> Answer<Account> {
    app.store.account(name).await?.ok_or_else(|| Problem::not_found("account"))
}

/// What changes about an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdminAccountChange)]
struct Change {
    title: Option<String>,
    role: Option<String>,
    /// Disabling signs out everywhere.
    disabled: Option<bool>,
}

/// Somebody must be left who can change the desk.
async fn keep_one_administrator(app: &App, name: &str) -> Answer<()> {
    let others = app.store.accounts().await?;
    let others = others.iter().filter(|it| it.name != name && it.role == Role::Administrator && !it.disabled);
    if others.count() == 0 {
        return Err(Problem::of(&codes::WRONG_STATE).detail("this is the last administrator"));
    }
    Ok(())
}

/// Streams that were opened with what the account could do before are closed.
fn close_streams(app: &App, name: &str) {
    app.directory.sign_out(name, app.roster.agent(name), |_| true);
}

/// Change an account
#[utoipa::path(put, path = "/admin/accounts/{name}", tag = "admin", params(("name" = String, Path)), request_body = Change,
    responses((status = 200, body = Body), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`wrong_state`: the last administrator"),
    (status = 422, body = ProblemBody, description = "`form_required`: a field")))]
async fn change(
    State(app): State<App>,
    who: Administrator,
    Path(name): Path<String>,
    Json(change): Json<Change>,
) -> Answer<Json<Body>> {
    let before = existing(&app, &name).await?;
    let role = change.role.as_deref().map(role).transpose()?;
    let title = staff::maybe_line(change.title.as_deref(), NAME_MAX, "title")?;
    let demoted = role.is_some_and(|it| it < before.role);
    let disabled = change.disabled == Some(true);
    if before.role == Role::Administrator && (disabled || demoted) {
        keep_one_administrator(&app, &name).await?;
    }
    let detail = format!("role {:?}, disabled {:?}", role.map(role_word), change.disabled);
    let change = AccountChange { title, role, disabled: change.disabled };
    app.store.change_account(&name, change, app.clock.now()).await?;
    staff::audit(&app, &who.0.account, "account.changed", &name, detail).await?;
    if disabled || demoted {
        close_streams(&app, &name);
    }
    if disabled {
        app.xmpp.end_sessions(&name, "This account was disabled.");
    }
    Ok(Json(body(&app, &existing(&app, &name).await?, None)))
}

/// Another password.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = AdminPassword)]
struct Password {
    /// Left out: one is made and shown once.
    password: Option<String>,
}

/// Set another password
///
/// Closes all sessions of the account.
#[utoipa::path(post, path = "/admin/accounts/{name}/password", tag = "admin", params(("name" = String, Path)),
    request_body = Option<Password>, responses((status = 200, body = Body), (status = 403, body = ProblemBody),
    (status = 404, body = ProblemBody), (status = 422, body = ProblemBody, description = "`form_required`: `new`")))]
async fn set_password(
    State(app): State<App>,
    who: Administrator,
    Path(name): Path<String>,
    Optional(wanted): Optional<Password>,
) -> Answer<Json<Body>> {
    existing(&app, &name).await?;
    let (password, made) = given_or_made(wanted.password);
    let keys = derive(&app, password).await?;
    app.store.set_password(&name, keys, None, app.clock.now()).await?;
    staff::audit(&app, &who.0.account, "password.set", &name, "").await?;
    close_streams(&app, &name);
    app.xmpp.end_sessions(&name, crate::xmpp::PASSWORD_CHANGED);
    Ok(Json(body(&app, &existing(&app, &name).await?, made)))
}

/// Remove an account
///
/// Its agent stays on the desk until it is removed there.
#[utoipa::path(delete, path = "/admin/accounts/{name}", tag = "admin", params(("name" = String, Path)), responses(
    (status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
    (status = 409, body = ProblemBody, description = "`wrong_state`: the last administrator")))]
async fn remove(State(app): State<App>, who: Administrator, Path(name): Path<String>) -> Answer<StatusCode> {
    let before = existing(&app, &name).await?;
    if before.role == Role::Administrator {
        keep_one_administrator(&app, &name).await?;
    }
    app.store.delete_account(&name).await?;
    app.xmpp.account_removed(&name);
    staff::audit(&app, &who.0.account, "account.removed", &name, "").await?;
    close_streams(&app, &name);
    Ok(StatusCode::NO_CONTENT)
}
