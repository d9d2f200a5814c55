//! The one context that handlers get. It is put together by `boot` and has no behaviour of its own.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::shutdown::Shutdown;

/// Everything a handler may reach. Clones are cheap and share everything.
#[derive(Clone)]
pub struct App {
    /// How the server runs.
    pub config: Arc<Config>,
    /// The time of day.
    pub clock: Clock,
    /// Counters.
    pub metrics: Metrics,
    /// Whether the server stops.
    pub shutdown: Shutdown,
}
