//! `/admin`: changing the desk at run time. Every act that changes something stands in the audit log.

mod accounts;
mod blocks;
mod desk;
mod house;
mod keys;
mod parts;
mod webhooks;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) use parts::declare_agent;

/// `/admin` and below.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(desk::router())
        .merge(parts::router())
        .merge(accounts::router())
        .merge(keys::router())
        .merge(webhooks::router())
        .merge(blocks::router())
        .merge(house::router())
}
