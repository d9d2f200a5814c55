//! `/supervisor`: looking after the floor. Moving requests and agents by hand, reports, messages that were left.

mod floor;
mod left;
mod reports;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// `/supervisor` and below.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(floor::router()).merge(reports::router()).merge(left::router())
}
