//! The one context that handlers get. It is put together by `boot` and has no behaviour of its own.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::auth::Auth;
use crate::clock::Clock;
use crate::config::Config;
use crate::directory::Directory;
use crate::http::identity::Known;
use crate::http::rates::Rates;
use crate::metrics::Metrics;
use crate::notify::Notify;
use crate::rooms::Rooms;
use crate::roster::Roster;
use crate::run_loop::Desk;
use crate::shutdown::Shutdown;
use crate::staff::Floor;
use crate::xmpp::Xmpp;
use crate::xmpp::workgroup::Workgroups;

/// Everything a handler may reach. Clones are cheap and share everything.
#[derive(Clone)]
pub struct App {
    /// How the server runs.
    pub config: Arc<Config>,
    /// What is remembered.
    pub store: Arc<dyn store::Backend>,
    /// The way to the desk.
    pub desk: Desk,
    /// The conversations.
    pub rooms: Rooms,
    /// What staff are told.
    pub floor: Floor,
    /// Web hooks and mail.
    pub notify: Notify,
    /// Who is connected.
    pub directory: Directory,
    /// Names of agents and workgroups, and what the edges know of workgroups.
    pub roster: Roster,
    /// The time of day.
    pub clock: Clock,
    /// Keys for tickets and hashes.
    pub auth: Auth,
    /// Counters.
    pub metrics: Metrics,
    /// How often somebody may ask.
    pub rates: Rates,
    /// Visits that were looked up a short time ago.
    pub known_visits: Known,
    /// Places for work on passwords.
    pub password_work: Arc<Semaphore>,
    /// XMPP clients.
    pub xmpp: Xmpp,
    /// The workgroups for XMPP clients.
    pub workgroups: Workgroups,
    /// Whether the server stops.
    pub shutdown: Shutdown,
}
