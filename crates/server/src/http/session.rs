//! `/session`: people sign in, look who they are, change their password and sign out. Who a request comes from is
//! `identity.rs`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use store::accounts::{Account, NewSession, Role};
use store::edges::NewAudit;
use store::scram::{Keys, PASSWORD_MAX, SALT_LEN};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::codes;
use super::error::{Answer, Problem};
use super::extract::Json;
use super::identity::{self, Person, Proof};
use super::layers::ClientAddress;
use crate::app::App;
use crate::auth;
use crate::clock;
use crate::metrics::reason;
use crate::wire;

/// `/session` and below.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sign_in, who, sign_out)).routes(routes!(change_password))
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Account name.
    username: String,
    /// Password.
    password: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema, Debug)]
pub struct SignedIn {
    /// The account.
    account: AccountBody,
    /// To be sent as `X-CSRF-Token` with everything that changes something.
    csrf: String,
}

/// An account.
#[derive(Serialize, ToSchema, Debug)]
pub struct AccountBody {
    /// Name to sign in with.
    name: String,
    /// What people read.
    title: String,
    /// `agent`, `supervisor` or `administrator`.
    role: &'static str,
    /// Id of the agent of the desk of that name, if there is one.
    agent: Option<String>,
}

/// A change of password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The present one.
    old: String,
    /// The next one.
    new: String,
}

/// A role on the wire.
pub fn role_word(role: Role) -> &'static str {
    match role {
        Role::Agent => "agent",
        Role::Supervisor => "supervisor",
        Role::Administrator => "administrator",
    }
}

/// The role of that name.
pub fn role_of(word: &str) -> Option<Role> {
    [Role::Agent, Role::Supervisor, Role::Administrator].into_iter().find(|role| role_word(*role) == word)
}

fn body_of(app: &App, name: String, title: String, role: Role, token: &str) -> SignedIn {
    let agent = app.roster.agent(&name).map(|agent| wire::id(agent.0));
    SignedIn { account: AccountBody { name, title, role: role_word(role), agent }, csrf: identity::csrf_of(token) }
}

/// Sign in
///
/// Sets the session cookie. After some failures from one address for one account, each further one doubles the wait.
#[utoipa::path(post, path = "/session", tag = "session", request_body = SignIn, responses(
    (status = 200, body = SignedIn), (status = 401, body = super::error::ProblemBody, description = "`unauthorized`"),
    (status = 429, body = super::error::ProblemBody, description = "`rate_limited`")))]
async fn sign_in(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    Json(SignIn { username, password }): Json<SignIn>,
) -> Answer<Response> {
    let now = app.clock.now();
    let name = username.trim();
    let count = |result| app.metrics.logins.get_or_create(&reason(result)).inc();
    if let Err(wait_s) = app.rates.login_attempt(name, address, now) {
        count("throttled");
        return Err(Problem::of(&codes::RATE_LIMITED).retry_after_s(wait_s));
    }
    let (known, fits) = match look(&app, name, password).await {
        Ok(looked) => looked,
        Err(problem) => {
            app.rates.login_undone(name, address);
            return Err(problem);
        }
    };
    let Some(account) = known.filter(|account| fits && !account.disabled) else {
        count("failed");
        return Err(Problem::of(&codes::UNAUTHORIZED).detail("the name or the password is wrong"));
    };
    app.rates.login_succeeded(name, address);
    count("ok");
    let token = auth::token("s_");
    let sessions = &app.config.sessions;
    let session = NewSession {
        token: auth::hash(&token),
        csrf: auth::hash(&identity::csrf_of(&token)),
        account: account.id,
        at: now,
        expires_at: now + clock::span(sessions.idle).min(clock::span(sessions.longest)),
    };
    app.store.open_session(session).await?;
    audit(&app, &account.name, "session.opened");
    let body = body_of(&app, account.name, account.title, account.role, &token);
    Ok(with_cookie(&token, sessions.longest.as_secs(), (StatusCode::OK, Json(body))))
}

/// The account of that name, and whether the password is its.
async fn look(app: &App, name: &str, password: String) -> Answer<(Option<Account>, bool)> {
    // Names that cannot exist are not looked up, but take as long.
    let known = if name.len() <= 80 { app.store.account(name).await? } else { None };
    let fits = verify(app, known.as_ref(), password).await?;
    Ok((known, fits))
}

/// Who is signed in
#[utoipa::path(get, path = "/session", tag = "session", responses(
    (status = 200, body = SignedIn), (status = 401, body = super::error::ProblemBody, description = "`unauthorized`")))]
async fn who(State(app): State<App>, person: Person, headers: HeaderMap) -> Answer<Json<SignedIn>> {
    let token = identity::cookie(&headers).unwrap_or_default();
    Ok(Json(body_of(&app, person.account, person.title, person.role, &token)))
}

/// Sign out
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204), 
    (status = 401, body = super::error::ProblemBody, description = "`unauthorized`")))]
async fn sign_out(State(app): State<App>, person: Person) -> Answer<Response> {
    if let Proof::Cookie(token) = person.proof {
        app.store.close_session(token).await?;
        // Its other tabs end too, and the next who signs in here finds the place free.
        app.directory.sign_out(&person.account, person.agent, |holder| holder == person.holder);
    }
    Ok(with_cookie("", 0, StatusCode::NO_CONTENT))
}

/// Change the password
///
/// Signs out all other sessions of the account.
#[utoipa::path(post, path = "/session/password", tag = "session", request_body = PasswordChange, responses((status = 204),
    (status = 422, body = super::error::ProblemBody, description = "`form_required`: which of `old`, `new` to mend")))]
async fn change_password(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    person: Person,
    Json(change): Json<PasswordChange>,
) -> Answer<StatusCode> {
    let Proof::Cookie(token) = person.proof else {
        return Err(Problem::of(&codes::FORBIDDEN).detail("a key has no password"));
    };
    let now = app.clock.now();
    let attempt = app.rates.login_attempt(&person.account, address, now);
    attempt.map_err(|wait_s| Problem::of(&codes::RATE_LIMITED).retry_after_s(wait_s))?;
    let looked = look(&app, &person.account, change.old).await;
    let (_, fits) = looked.inspect_err(|_| app.rates.login_undone(&person.account, address))?;
    if !fits {
        return Err(Problem::of(&codes::FORM_REQUIRED).detail("the present password is wrong").field("old", "invalid"));
    }
    app.rates.login_succeeded(&person.account, address);
    let keys = derive(&app, change.new).await?;
    app.store.set_password(&person.account, keys, Some(token), now).await?;
    // Keys are no sessions of the account and stay.
    let others = |holder: &str| holder != person.holder && !identity::is_key_holder(holder);
    app.directory.sign_out(&person.account, person.agent, others);
    app.xmpp.end_sessions(&person.account, crate::xmpp::PASSWORD_CHANGED);
    audit(&app, &person.account, "password.changed");
    Ok(StatusCode::NO_CONTENT)
}

/// Derives the keys of a new password, off the event loop.
///
/// # Errors
/// `form_required` with the field `new`, when it is too short, too long, or cannot be typed everywhere.
pub async fn derive(app: &App, password: String) -> Answer<Keys> {
    if password.chars().count() < app.config.sessions.password_min {
        let detail = format!("a password has at least {} characters", app.config.sessions.password_min);
        return Err(Problem::of(&codes::FORM_REQUIRED).detail(detail).field("new", "too_short"));
    }
    let iterations = app.config.sessions.password_iterations;
    let salt = auth::random::<SALT_LEN>();
    let derived = slow_work(app, move || Keys::derive(&password, salt, iterations)).await?;
    derived.map_err(|error| Problem::of(&codes::FORM_REQUIRED).detail(error.to_string()).field("new", "invalid"))
}

/// Whether the password fits; takes as long when there is no such account.
async fn verify(app: &App, account: Option<&Account>, password: String) -> Answer<bool> {
    if password.len() > PASSWORD_MAX {
        return Ok(false);
    }
    let iterations = app.config.sessions.password_iterations;
    let keys = account.map_or_else(|| Keys::decoy(iterations), |account| account.keys.clone());
    slow_work(app, move || keys.verify(&password)).await
}

/// A few at a time: a flood of log-ins must not take every core.
async fn slow_work<T: Send + 'static>(app: &App, work: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
    let busy = || Problem::of(&codes::BUSY).retry_after_s(5);
    let places = Arc::clone(&app.password_work);
    let place = tokio::time::timeout(std::time::Duration::from_secs(5), places.acquire_owned()).await;
    let place = place.map_err(|_| busy())?.map_err(|_| busy())?;
    let worked = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(place);
        done
    });
    worked.await.map_err(Problem::internal)
}

fn audit(app: &App, who: &str, what: &str) {
    let entry = NewAudit {
        at: app.clock.now(),
        who: who.to_owned(),
        what: what.to_owned(),
        on: who.to_owned(),
        detail: String::new(),
    };
    // Signing in does not wait for its note.
    drop(app.store.audit(entry));
}

fn with_cookie(token: &str, age_s: u64, response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    let cookie = format!("{}={token}; Path=/; Max-Age={age_s}; Secure; HttpOnly; SameSite=Strict", identity::COOKIE);
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}
