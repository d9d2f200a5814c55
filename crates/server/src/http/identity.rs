//! Who asks: the visit of a bearer token, the person of a session cookie, the program of an API key; and what their role or
//! scope lets them do. Opening and closing sessions is `session.rs`; what tokens look like is `auth.rs`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::FromRequestParts;
use desk::ids::{AgentId, RequestId, VisitorId, WorkgroupId};
use desk::time::{Span, Time};
use http::request::Parts;
use http::{HeaderMap, Method, header};
use store::accounts::Role;

use super::codes;
use super::error::Problem;
use crate::app::App;
use crate::auth;
use crate::clock;

/// The session cookie. The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`.
pub const COOKIE: &str = "__Host-anteroom";
/// The header that proves that a request of a cookie session comes from our own page.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// A session's use is noted at most this often.
const TOUCH_EVERY: Span = Span::secs(60);
/// How long a visit's token is believed without asking the store.
const VISIT_MEMORY: Span = Span::secs(60);
/// Visits remembered at most.
const VISITS_MAX: usize = 100_000;

/// The visit of the bearer token. Details that change are asked from the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visit {
    /// Its request; also the chat's number.
    pub request: RequestId,
    /// At which entrance.
    pub workgroup: WorkgroupId,
    /// Who.
    pub visitor: VisitorId,
    /// When it was opened.
    pub opened_at: Time,
}

/// A person who is signed in, or a program with a key. Every role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Account name, or `key:<title>`; what the audit log gets.
    pub account: String,
    /// What people read.
    pub title: String,
    /// What may be done.
    pub role: Role,
    /// The agent of the desk of that name.
    pub agent: Option<AgentId>,
    /// Tells signed-in browsers and programs apart (one agent, one session).
    pub holder: String,
    /// How they proved who they are.
    pub proof: Proof,
    /// How long that holds.
    pub lease: Lease,
}

/// How long a session or a key holds, for streams, which are opened once and read for hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lease {
    token: auth::TokenHash,
    is_key: bool,
    /// None: until it is removed.
    expires_at: Option<Time>,
}

/// How somebody proved who they are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proof {
    /// By a session cookie; the hash of its token.
    Cookie(auth::TokenHash),
    /// By an API key with these scopes.
    Key(Vec<String>),
}

/// Somebody who acts as an agent of the desk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Staff {
    /// Account name, or `key:<title>`.
    pub account: String,
    /// What people read.
    pub title: String,
    /// What may be done.
    pub role: Role,
    /// Who they are on the desk.
    pub agent: AgentId,
    /// Tells signed-in browsers and programs apart.
    pub holder: String,
    /// How long the proof of that holds.
    pub lease: Lease,
}

/// Somebody who may read what was said: an agent of the desk, or a supervisor, who need not be one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Onlooker {
    /// What may be done.
    pub role: Role,
    /// Who they are on the desk.
    pub agent: Option<AgentId>,
}

/// Somebody who looks after the floor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Supervisor(pub Person);

/// Somebody who may change the desk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Administrator(pub Person);

/// Somebody who may read reports: a supervisor, or a key with the scope `reports`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reporter(pub Person);

/// A program that opens visits for people: a key with the scope `visits`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// Tells programs apart: `key:<number>`.
    pub holder: String,
    /// What the key is for.
    pub title: String,
}

/// Who opens a visit: a program if it shows a key, otherwise the visitor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opener(pub Option<Program>);

/// Visits by token that were looked up a short time ago.
#[derive(Clone, Default)]
pub struct Known(Arc<Mutex<HashMap<auth::TokenHash, (Visit, Time)>>>);

impl Known {
    fn get(&self, token: &auth::TokenHash, now: Time) -> Option<Visit> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(token).filter(|(_, since)| now.since(*since) < VISIT_MEMORY).map(|(visit, _)| *visit)
    }

    fn put(&self, token: auth::TokenHash, visit: Visit, now: Time) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= VISITS_MAX {
            known.retain(|_, (_, since)| now.since(*since) < VISIT_MEMORY);
            if known.len() >= VISITS_MAX {
                known.clear();
            }
        }
        known.insert(token, (visit, now));
    }

    /// Forgets everything, for example after somebody was erased.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let unauthorized = || Problem::of(&codes::UNAUTHORIZED).detail("the token of a visit is needed");
        Self::find(app, &parts.headers).await?.ok_or_else(unauthorized)
    }
}

impl Visit {
    /// The visit whose token is shown, if any is.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn find(app: &App, headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let Some(token) = bearer(headers).filter(|token| token.starts_with("v_")) else { return Ok(None) };
        let hash = auth::hash(&token);
        let now = app.clock.now();
        if let Some(visit) = app.known_visits.get(&hash, now) {
            return Ok(Some(visit));
        }
        let Some(kept) = app.store.visit_by_token(hash).await? else { return Ok(None) };
        let visit =
            Self { request: kept.request, workgroup: kept.workgroup, visitor: kept.visitor, opened_at: kept.opened_at };
        app.known_visits.put(hash, visit, now);
        Ok(Some(visit))
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match bearer(&parts.headers) {
            Some(token) if token.starts_with("k_") => of_key(app, &token).await,
            Some(_) => Err(Problem::of(&codes::UNAUTHORIZED).detail("this token is no API key")),
            None => of_cookie(app, parts).await,
        }
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let person = Person::from_request_parts(parts, app).await?;
        person.may_help()?;
        let Some(agent) = person.agent else {
            let detail = match person.role {
                Role::Agent => "this account is no agent of the desk",
                _ => "this account is no agent of the desk; `POST /supervisor/agent` makes it one",
            };
            return Err(Problem::of(&codes::FORBIDDEN).detail(detail));
        };
        let Person { account, title, role, holder, lease, .. } = person;
        Ok(Self { account, title, role, agent, holder, lease })
    }
}

impl FromRequestParts<App> for Onlooker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let person = Person::from_request_parts(parts, app).await?;
        person.may_help()?;
        if person.agent.is_none() && person.role < Role::Supervisor {
            return Err(Problem::of(&codes::FORBIDDEN).detail("this account is no agent of the desk"));
        }
        Ok(Self { role: person.role, agent: person.agent })
    }
}

impl From<&Staff> for Onlooker {
    fn from(staff: &Staff) -> Self {
        Self { role: staff.role, agent: Some(staff.agent) }
    }
}

impl FromRequestParts<App> for Supervisor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Person::from_request_parts(parts, app).await?.at_least(Role::Supervisor).map(Self)
    }
}

impl FromRequestParts<App> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Person::from_request_parts(parts, app).await?.at_least(Role::Administrator).map(Self)
    }
}

impl FromRequestParts<App> for Reporter {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let person = Person::from_request_parts(parts, app).await?;
        match &person.proof {
            Proof::Key(scopes) if scopes.iter().any(|scope| scope == "reports") => Ok(Self(person)),
            _ => person.at_least(Role::Supervisor).map(Self),
        }
    }
}

impl FromRequestParts<App> for Program {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let person = Person::from_request_parts(parts, app).await?;
        match &person.proof {
            Proof::Key(scopes) if scopes.iter().any(|scope| scope == "visits") => {
                Ok(Self { holder: person.holder, title: person.title })
            }
            _ => {
                Err(Problem::of(&codes::FORBIDDEN).detail("only programs whose key has the scope `visits` may do that"))
            }
        }
    }
}

impl FromRequestParts<App> for Opener {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        match bearer(&parts.headers) {
            Some(token) if token.starts_with("k_") => Program::from_request_parts(parts, app).await.map(Some).map(Self),
            _ => Ok(Self(None)),
        }
    }
}

impl Lease {
    /// Waits until it holds no longer. A session that is used meanwhile holds longer.
    pub async fn over(self, app: &App) {
        let mut expires_at = self.expires_at;
        while let Some(at) = expires_at {
            app.clock.sleep_until(at).await;
            let now_holds = if self.is_key {
                app.store.key(self.token).await.map(|key| key.map(|key| key.expires_at))
            } else {
                let session = app.store.session(self.token).await;
                session.map(|found| found.map(|(session, _)| Some(session.expires_at)))
            };
            // What cannot be looked up now is looked up when the client comes back.
            let Ok(Some(until)) = now_holds else { return };
            if until.is_some_and(|until| until <= app.clock.now()) {
                return;
            }
            expires_at = until;
        }
        std::future::pending().await
    }
}

impl Person {
    /// People may do what their role lets them; a key needs a scope that amounts to a role.
    fn may_help(&self) -> Result<(), Problem> {
        match &self.proof {
            Proof::Key(scopes) if role_of(scopes).is_none() => {
                Err(Problem::of(&codes::FORBIDDEN).detail("this key has not the scope `agent`"))
            }
            _ => Ok(()),
        }
    }

    fn at_least(self, role: Role) -> Result<Self, Problem> {
        let needed = match role {
            Role::Agent => "an agent",
            Role::Supervisor => "a supervisor",
            Role::Administrator => "an administrator",
        };
        let may = match &self.proof {
            Proof::Cookie(_) => self.role >= role,
            Proof::Key(scopes) => role_of(scopes).is_some_and(|has| has >= role),
        };
        if may { Ok(self) } else { Err(Problem::of(&codes::FORBIDDEN).detail(format!("only {needed} may do that"))) }
    }
}

/// The role that the scopes of a key amount to; none for `visits` and `reports` alone.
pub fn role_of(scopes: &[String]) -> Option<Role> {
    let role = |scope: &String| match scope.as_str() {
        "agent" => Some(Role::Agent),
        "supervisor" => Some(Role::Supervisor),
        "admin" => Some(Role::Administrator),
        _ => None,
    };
    scopes.iter().filter_map(role).max()
}

/// The holder of everything that is opened with this key.
pub fn key_holder(key: u64) -> String {
    format!("key:{key}")
}

/// Whether this holder is a key, and no session of a person.
pub fn is_key_holder(holder: &str) -> bool {
    holder.starts_with("key:")
}

async fn of_key(app: &App, token: &str) -> Result<Person, Problem> {
    let unauthorized = || Problem::of(&codes::UNAUTHORIZED).detail("this key is not known, or has expired");
    let now = app.clock.now();
    let hash = auth::hash(token);
    let key = app.store.key(hash).await?.ok_or_else(unauthorized)?;
    if key.expires_at.is_some_and(|until| until <= now) {
        return Err(unauthorized());
    }
    if key.used_at.is_none_or(|used| now.since(used) >= TOUCH_EVERY) {
        // A note for people; nobody waits for it.
        drop(app.store.touch_key(key.id, now));
    }
    Ok(Person {
        account: format!("key:{}", key.title),
        title: key.title.clone(),
        role: role_of(&key.scopes).unwrap_or(Role::Agent),
        agent: key.agent.as_deref().and_then(|name| app.roster.agent(name)),
        holder: key_holder(key.id),
        proof: Proof::Key(key.scopes),
        lease: Lease { token: hash, is_key: true, expires_at: key.expires_at },
    })
}

async fn of_cookie(app: &App, parts: &Parts) -> Result<Person, Problem> {
    let unauthorized = || Problem::of(&codes::UNAUTHORIZED).detail("sign in first");
    let token = cookie(&parts.headers).ok_or_else(unauthorized)?;
    let hash = auth::hash(&token);
    let (session, account) = app.store.session(hash).await?.ok_or_else(unauthorized)?;
    let now = app.clock.now();
    if account.disabled || session.expires_at <= now {
        return Err(unauthorized());
    }
    check_origin(app, parts, &token)?;
    if now.since(session.seen_at) >= TOUCH_EVERY {
        let longest = session.created_at + clock::span(app.config.sessions.longest);
        let expires_at = (now + clock::span(app.config.sessions.idle)).min(longest);
        // Losing this note costs a minute of the session's life; nobody waits for it.
        drop(app.store.touch_session(hash, now, expires_at));
    }
    let agent = app.roster.agent(&account.name);
    Ok(Person {
        account: account.name,
        title: account.title,
        role: account.role,
        agent,
        holder: hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
        proof: Proof::Cookie(hash),
        lease: Lease { token: hash, is_key: false, expires_at: Some(session.expires_at) },
    })
}

/// A cookie is sent by the browser whoever asks, so what changes something, and every WebSocket, must come from our page.
fn check_origin(app: &App, parts: &Parts, token: &str) -> Result<(), Problem> {
    let refused = |detail: &str| Problem::of(&codes::CSRF).detail(detail);
    let is_socket = parts.headers.contains_key(header::SEC_WEBSOCKET_KEY) || parts.method == Method::CONNECT;
    if is_socket && !is_own(app, parts) {
        return Err(refused("the socket was opened by a page of another site"));
    }
    // Opening a stream signs an agent in, and may take over from another browser.
    if parts.uri.path().ends_with("/events") && is_foreign(app, parts) {
        return Err(refused("the stream was opened by a page of another site"));
    }
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::CONNECT) {
        return Ok(());
    }
    let sent = parts.headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !auth::same(sent.as_bytes(), csrf_of(token).as_bytes()) {
        return Err(refused("the header X-CSRF-Token is missing or not that of this session"));
    }
    Ok(())
}

/// Whether the browser says that a page of another site asks. One of another host of the same domain is another site too:
/// `SameSite` does not keep the cookie from it.
fn is_foreign(app: &App, parts: &Parts) -> bool {
    let fetched = parts.headers.get("sec-fetch-site").map(http::HeaderValue::as_bytes);
    fetched.is_some_and(|site| !matches!(site, b"same-origin" | b"none"))
        || (parts.headers.contains_key(header::ORIGIN) && !is_own(app, parts))
}

/// Whether the request comes from a page of this server.
fn is_own(app: &App, parts: &Parts) -> bool {
    let Some(origin) = parts.headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else { return false };
    let host = parts
        .headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .or(parts.uri.authority().map(|a| a.as_str()));
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    origin.eq_ignore_ascii_case(app.config.public_url.origin()) || (authority.is_some() && authority == host)
}

/// The CSRF token of a session: derived from its token, so that a page that was loaded again can be told it.
pub fn csrf_of(token: &str) -> String {
    use base64::Engine as _;
    let hash = auth::hash(&format!("anteroom csrf {token}"));
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash)
}

/// The bearer token of the request: in `Authorization`, or for WebSockets, whose clients cannot set headers, as the
/// subprotocol `bearer.<token>`.
pub fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = |name| headers.get_all(name).iter().filter_map(|value: &http::HeaderValue| value.to_str().ok());
    let authorization = value(header::AUTHORIZATION).find_map(|line| {
        let (scheme, token) = line.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let protocol = || {
        let offered = value(header::SEC_WEBSOCKET_PROTOCOL).flat_map(|line| line.split(','));
        offered.filter_map(|item| item.trim().strip_prefix("bearer.")).map(str::to_owned).next()
    };
    authorization.or_else(protocol).filter(|token| token.len() <= 200)
}

/// The token of the session cookie.
pub fn cookie(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, token)| token.to_owned()).filter(|token| token.len() <= 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn tokens_are_found_where_they_may_stand() {
        assert_eq!(bearer(&headers(&[("authorization", "bearer v_1")])).as_deref(), Some("v_1"));
        assert_eq!(bearer(&headers(&[("authorization", "Basic v_1")])), None);
        let socket = headers(&[("sec-websocket-protocol", "anteroom.v1, bearer.v_2")]);
        assert_eq!(bearer(&socket).as_deref(), Some("v_2"));
        assert_eq!(bearer(&headers(&[("authorization", &format!("Bearer {}", "x".repeat(300)))])), None);
        let jar = headers(&[("cookie", "a=b; __Host-anteroom=s_3; c=d")]);
        assert_eq!(cookie(&jar).as_deref(), Some("s_3"));
        assert_eq!(cookie(&headers(&[("cookie", "x__Host-anteroom=s_3")])), None);
    }

    #[test]
    fn scopes_amount_to_roles() {
        let role = |scopes: &[&str]| role_of(&scopes.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
        assert_eq!(role(&["reports", "visits"]), None);
        assert_eq!(role(&["agent", "admin"]), Some(Role::Administrator));
        assert_ne!(csrf_of("s_1"), csrf_of("s_2"));
    }
}
