//! `/problems/{code}`: what a code of an error means, as a small page.

use axum::Router;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::header;

use super::codes;
use super::error::Problem;
use super::extract::Path;
use crate::app::App;

/// `/problems/{code}`.
pub fn router() -> Router<App> {
    Router::new().route("/problems/{code}", get(explain))
}

async fn explain(Path(code): Path<String>) -> Result<Response, Problem> {
    let code = codes::by_name(&code).ok_or_else(|| Problem::not_found("code"))?;
    // The texts are constants of this program without characters that HTML would read.
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1>\
         <p><code>{name}</code>, HTTP status {status}.</p><p>{meaning}</p></html>\n",
        title = code.title,
        name = code.code,
        status = code.status,
        meaning = code.meaning,
    );
    Ok(([(header::CACHE_CONTROL, "public, max-age=3600")], Html(page)).into_response())
}
