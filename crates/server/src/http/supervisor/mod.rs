//! `/supervisor`: looking after the floor. Watching it, moving requests and agents by hand, reports, messages that were left.

mod floor;
mod left;
mod reports;
mod watch;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// `/supervisor` and below.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(floor::router()).merge(reports::router()).merge(left::router()).merge(watch::router())
}
