//! The HTTP edge: assembles the routers of the resources under one set of layers. Each resource has a file of its own
//! with its types, handlers, documentation and tests; nothing here knows what they do.

pub mod admin;
pub mod agent;
pub mod assets;
pub mod codes;
pub mod cors;
pub mod error;
pub mod extract;
pub mod files;
mod form;
pub mod health;
pub mod identity;
pub mod layers;
pub mod openapi;
pub mod problems;
pub mod rates;
pub mod session;
pub mod staff;
pub mod streams;
pub mod supervisor;
pub mod transcript;
pub mod visits;
pub mod workgroups;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use error::Problem;

/// The address that the API stands under.
pub const BASE: &str = "/api/v1";

/// Everything under [`BASE`], with its documentation. One line per resource.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(session::router())
        .merge(workgroups::router())
        .merge(visits::router())
        .merge(files::router())
        .merge(agent::router())
        .merge(supervisor::router())
        .merge(admin::router())
}

/// Everything the server answers.
pub fn router(app: App) -> Router {
    let (api, description) = openapi::split(api());
    let api = api.merge(openapi::router(&description)).layer(DefaultBodyLimit::max(app.config.limits.body_max));
    Router::new()
        .nest(BASE, api)
        .merge(health::router())
        .merge(problems::router())
        .merge(assets::router())
        .merge(files::links())
        .merge(crate::xmpp::routes(app.config.xmpp.stanza_max))
        .fallback(fallback)
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), cors::layer))
        .layer(middleware::from_fn_with_state(app.clone(), layers::reception))
        .layer(CompressionLayer::new())
        .with_state(app)
}

/// There is no such address.
pub async fn fallback() -> Problem {
    Problem::not_found("address")
}

async fn wrong_method() -> Problem {
    Problem::of(&codes::METHOD_NOT_ALLOWED)
}
