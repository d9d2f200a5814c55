//! The description of the API, OpenAPI 3.1, made from the handlers themselves and served at `/api/v1/openapi.json`.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use http::header;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Description;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use super::BASE;
use crate::app::App;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Anteroom",
        description = "The HTTP API of the chat desk: visitors, agents, supervisors, administrators, programs. Errors are \
                       RFC 9457 problems with a stable `code`; unknown keys in bodies are refused.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(super::error::ProblemBody))
)]
struct Base;

/// The routes, and their description as JSON.
pub fn split(api: OpenApiRouter<App>) -> (Router<App>, String) {
    let (router, paths) = api.split_for_parts();
    let text = describe(paths).to_pretty_json().unwrap_or_default();
    (router, text)
}

/// The whole description.
fn describe(mut api: Description) -> Description {
    let mut description = Base::openapi();
    for (path, item) in std::mem::take(&mut api.paths.paths) {
        description.paths.paths.insert(format!("{BASE}{path}"), item);
    }
    description.merge(api);
    let components = description.components.get_or_insert_default();
    let bearer = |what: &str| {
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(what)).build())
    };
    components.add_security_scheme("visit", bearer("The token of a visit, `v_…`."));
    components.add_security_scheme("key", bearer("An API key, `k_…`."));
    let cookie = ApiKeyValue::with_description(
        super::identity::COOKIE,
        "A person's session; what changes something needs `X-CSRF-Token` besides.",
    );
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    description
}

/// `/openapi.json`.
pub fn router(description: &str) -> Router<App> {
    let text: Arc<str> = description.into();
    let answer = move || {
        let text = text.to_string();
        async move { ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")], text) }
    };
    Router::new().route("/openapi.json", get(answer))
}
