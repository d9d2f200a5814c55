//! What machines ask: is the process alive, is it ready, what does it count.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};

use super::layers::{self, ClientAddress};
use crate::app::App;

/// `/healthz`, `/readyz`, `/metrics`.
pub fn router() -> Router<App> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).route("/metrics", get(metrics))
}

/// The process answers.
async fn alive() -> &'static str {
    "ok\n"
}

/// The loop answers and the server is not stopping: a balancer may send people here.
async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.shutdown.is_begun() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    let asked = app.desk.view(|_, _| ());
    match tokio::time::timeout(std::time::Duration::from_secs(2), asked).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "the desk does not answer\n"),
    }
}

/// The counters, for the addresses that may see them. What a proxy passes on whose word is not believed has an address that
/// nobody knows: the proxy's own says nothing about who asks.
async fn metrics(State(app): State<App>, ClientAddress(address): ClientAddress, request: Request) -> Response {
    let hidden = layers::is_hidden(&request, &app.config.http.trusted_proxies);
    if hidden || !app.config.metrics.allow.iter().any(|network| network.contains(address)) {
        return super::fallback().await.into_response();
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.exposition()).into_response()
}
