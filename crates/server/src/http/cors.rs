//! Which other sites' pages may use the visitor's part of the API: those that a workgroup names. Everything else is for our
//! own pages and for programs, which know no origins.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::codes;
use super::error::Problem;
use super::identity::Visit;
use crate::app::App;

const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, DELETE");
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static("authorization, content-type, last-event-id");
const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static("x-request-id, retry-after, content-disposition");

/// Answers preflights, and lets pages of admitted sites read the answers. Never with cookies.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path == crate::xmpp::BOSH_PATH {
        // Pages of any site may log in over BOSH, as they may over WebSocket.
        return next.run(request).await;
    }
    let is_api = path.starts_with(super::BASE);
    let origin = request.headers().get(header::ORIGIN).cloned();
    let admitted = origin.filter(|origin| is_admitted(&app, path, origin));
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (preflight, &admitted) {
        (true, Some(_)) => StatusCode::NO_CONTENT.into_response(),
        (true, None) => Problem::of(&codes::FORBIDDEN).detail("pages of this site may not do that").into_response(),
        (false, Some(origin)) if !may_visit(&app, request.headers(), origin).await => {
            let refused = Problem::of(&codes::FORBIDDEN).detail("pages of this site may not use this workgroup");
            let mut response = refused.into_response();
            response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
            return response;
        }
        (false, _) => next.run(request).await,
    };
    let headers = response.headers_mut();
    if is_api {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = admitted {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
        if preflight {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        }
    }
    response
}

/// Whether the workgroup of the visit whose token is shown admits this site; without such a token nothing is to be decided.
async fn may_visit(app: &App, headers: &HeaderMap, origin: &HeaderValue) -> bool {
    let Ok(Some(visit)) = Visit::find(app, headers).await else { return true };
    let origin = origin.to_str().unwrap_or_default();
    app.roster.entrance_of(visit.workgroup).is_none_or(|entrance| entrance.settings.admits(origin))
        || is_own(app, headers, origin)
}

/// A workgroup's own address admits its sites. The address of a visit does not tell the workgroup: at first those of any are
/// admitted; [`may_visit`] looks again once the token is known, [`check`] once the workgroup of a new one is.
fn is_admitted(app: &App, path: &str, origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let Some(path) = path.strip_prefix(super::BASE) else { return false };
    match path.strip_prefix("/workgroups/") {
        Some(rest) => {
            let name = rest.split('/').next().unwrap_or_default();
            app.roster.entrance(name).is_some_and(|entrance| entrance.settings.admits(origin))
        }
        None if path == "/visits" || path.starts_with("/visits/") => app.roster.admits(origin),
        None => false,
    }
}

/// Whether the page that asks may use this workgroup: a page of ours, an admitted site, or no page at all.
///
/// # Errors
/// `forbidden`.
pub fn check(app: &App, headers: &HeaderMap, workgroup: &str) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let own = is_own(app, headers, origin);
    let admitted = || app.roster.entrance(workgroup).is_none_or(|entrance| entrance.settings.admits(origin));
    if own || admitted() {
        return Ok(());
    }
    Err(Problem::of(&codes::FORBIDDEN).detail("pages of this site may not use this workgroup"))
}

/// Whether this is the site of our own pages.
fn is_own(app: &App, headers: &HeaderMap, origin: &str) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    origin.eq_ignore_ascii_case(app.config.public_url.origin())
        || origin.split_once("://").is_some_and(|(_, authority)| Some(authority) == host)
}
