//! Where the server can be reached over WebSocket and BOSH (XEP-0156), as XML and JSON under `/.well-known`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;

use crate::app::App;
use crate::http::error::Problem;

const WEBSOCKET: &str = "urn:xmpp:alt-connections:websocket";
const BOSH: &str = "urn:xmpp:alt-connections:xbosh";

/// The addresses: WebSocket and BOSH.
fn links(app: &App) -> [(&'static str, String); 2] {
    let origin = app.config.public_url.origin();
    // `http` and `https` become `ws` and `wss`.
    let socket = origin.replacen("http", "ws", 1);
    [(WEBSOCKET, format!("{socket}/xmpp-websocket")), (BOSH, format!("{origin}/http-bind"))]
}

fn anybody(kind: &'static str, body: String) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (headers, body).into_response()
}

/// `GET /.well-known/host-meta`.
pub async fn xml(State(app): State<App>) -> Response {
    if app.xmpp.reception().is_none() {
        return Problem::not_found("address").into_response();
    }
    let link = |(rel, href): (&str, String)| format!("<Link rel='{rel}' href='{}'/>", href.replace('&', "&amp;"));
    let links: String = links(&app).into_iter().map(link).collect();
    let body = format!(
        "<?xml version='1.0' encoding='utf-8'?>\n<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>{links}</XRD>\n"
    );
    anybody("application/xrd+xml; charset=utf-8", body)
}

/// `GET /.well-known/host-meta.json`.
pub async fn json(State(app): State<App>) -> Response {
    if app.xmpp.reception().is_none() {
        return Problem::not_found("address").into_response();
    }
    let links = links(&app).map(|(rel, href)| serde_json::json!({ "rel": rel, "href": href }));
    anybody("application/json", serde_json::json!({ "links": links }).to_string())
}
