//! What every request passes: an id, the visitor's address, deadlines, counting, the access log and security headers.
//! Nothing personal is logged: the path's template instead of the path, never a query, an address or a name.

use std::net::IpAddr;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tracing::Instrument as _;

use super::codes;
use super::error::{Problem, REQUEST_ID};
use crate::app::App;
use crate::auth;
use crate::clock::Stopwatch;
use crate::config::Network;
use crate::listen::Peer;
use crate::metrics::{RequestLabels, reason};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The address of who asks, behind proxies that are trusted. An extension of every request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClientAddress(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().copied().ok_or_else(|| Problem::internal("the request has no address"))
    }
}

/// The outermost layer: gives the request its id and address, and looks at what came of it.
pub async fn reception(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let id = request_id();
    let address = client_address(&request, &app.config.http.trusted_proxies);
    request.extensions_mut().insert(ClientAddress(address));
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let method = method_word(request.method());
    let own_policy = route.starts_with("/console") || route.starts_with("/chat");
    // Every line that is written on the way has the id.
    let span = tracing::info_span!("request", request_id = id);
    let answered = REQUEST_ID.scope(id.clone(), inner(&app, &route, address, request, next));
    let mut response = answered.instrument(span.clone()).await;
    let _within = span.entered();

    let status = response.status().as_u16();
    let seconds = watch.elapsed().as_secs_f64();
    app.metrics.requests.get_or_create(&RequestLabels { method, route: route.clone(), status }).inc();
    if !route.ends_with("/events") && !route.ends_with("/socket") {
        app.metrics.request_s.observe(seconds);
    }
    let ms = (seconds * 1e6).round() / 1e3;
    if status >= 500 && status != 503 {
        tracing::warn!(method, route, status, ms, "request");
    } else {
        tracing::debug!(method, route, status, ms, "request");
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(X_REQUEST_ID, value);
    }
    security_headers(headers, own_policy, app.config.public_url.is_secure());
    response
}

async fn inner(app: &App, route: &str, address: IpAddr, request: Request, next: Next) -> Response {
    let watched = matches!(route, "/healthz" | "/readyz" | "/metrics");
    if !watched {
        if app.shutdown.is_begun() {
            return Problem::of(&codes::STOPPING).retry_after_s(5).into_response();
        }
        if let Err(wait_s) = app.rates.address(address) {
            app.metrics.turned_away.get_or_create(&reason("address_rate")).inc();
            return Problem::of(&codes::RATE_LIMITED).retry_after_s(wait_s).into_response();
        }
    }
    // A file may come over a slow line.
    let patience = if route.ends_with("/files") { 10 } else { 1 };
    match tokio::time::timeout(app.config.http.request_timeout * patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::of(&codes::TIMEOUT).into_response(),
    }
}

/// What a panic becomes; its message goes to the log.
pub fn panicked(cause: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let said = cause.downcast_ref::<String>().map(String::as_str).or(cause.downcast_ref::<&str>().copied());
    Problem::internal(format!("a handler panicked: {}", said.unwrap_or("without words"))).into_response()
}

fn request_id() -> String {
    auth::random::<8>().iter().fold(String::with_capacity(16), |mut id, byte| {
        use std::fmt::Write;
        // Writing into a string does not fail.
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// The peer's address; if that is a trusted proxy, the last one in `X-Forwarded-For` that is not.
fn client_address(request: &Request, trusted: &[Network]) -> IpAddr {
    forwarded_address(peer_address(request), request.headers(), trusted)
}

fn peer_address(request: &Request) -> IpAddr {
    let extensions = request.extensions();
    extensions
        .get::<Peer>()
        .map(|peer| peer.0)
        .or_else(|| extensions.get::<ConnectInfo<std::net::SocketAddr>>().map(|info| info.0))
        .map_or(IpAddr::from([0, 0, 0, 0]), |address| address.ip().to_canonical())
}

/// Whether a proxy says that it asks for somebody else, in a way that is not believed.
pub fn is_hidden(request: &Request, trusted: &[Network]) -> bool {
    let peer = peer_address(request);
    let is_believed = trusted.iter().any(|network| network.contains(peer));
    let said = |name: &str| request.headers().contains_key(name);
    match said("x-forwarded-for") {
        true => !is_believed,
        false => said("forwarded"),
    }
}

fn forwarded_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut address = peer;
    let lines = headers.get_all("x-forwarded-for").iter().rev().filter_map(|value| value.to_str().ok());
    for hop in lines.flat_map(|line| line.rsplit(',')) {
        if !is_trusted(address) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(before) => address = before.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The policy of pages that run scripts of ours. It ends with who may frame them, so that a workgroup's sites can be added.
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    media-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

fn security_headers(headers: &mut HeaderMap, page: bool, secure: bool) {
    let mut set = |name: &'static str, value: &'static str| {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    };
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "no-referrer");
    set("permissions-policy", "camera=(), microphone=(), geolocation=()");
    if page {
        set("content-security-policy", PAGE_POLICY);
        set("cross-origin-opener-policy", "same-origin");
    } else {
        set(
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        );
        set("cross-origin-resource-policy", "cross-origin");
    }
    if secure {
        set("strict-transport-security", "max-age=31536000");
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|t| Network::try_from((*t).to_owned()).unwrap()).collect();
        forwarded_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn forwarded_addresses_are_believed_only_from_trusted_proxies() {
        assert_eq!(seen("203.0.113.1", &["198.51.100.7"], &[]), "203.0.113.1");
        assert_eq!(seen("10.0.0.1", &["198.51.100.7"], &["10.0.0.0/8"]), "198.51.100.7");
        // What the client wrote itself stands first and is not believed.
        assert_eq!(seen("10.0.0.1", &["1.2.3.4, 198.51.100.7, 10.0.0.2"], &["10.0.0.0/8"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4", "198.51.100.7"], &["10.0.0.0/8"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["nonsense"], &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[], &["10.0.0.0/8"]), "10.0.0.1");
    }
}
