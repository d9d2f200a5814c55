//! `/agent`: what somebody who helps can do. One resource per file; who may do it is decided by the extractor `Staff`, whether
//! it can be done by the desk.

mod archive;
mod canned;
mod care;
mod chats;
mod offers;
mod session;
mod transfers;

use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) use archive::time;
pub use care::block_visitor_of;
pub use session::{Availability, put_availability};

/// `/agent` and below.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(session::router())
        .merge(offers::router())
        .merge(chats::router())
        .merge(transfers::router())
        .merge(care::router())
        .merge(archive::router())
        .merge(canned::router())
}
