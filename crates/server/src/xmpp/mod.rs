//! XMPP on the network: listeners, connections, and the router between them and what answers for each domain. What stanzas mean
//! is in the crate `xmpp`; conversations are `crate::rooms`.
//!
//! A stanza's way: `tcp.rs` (or another transport) reads bytes, `session.rs` gets stanzas out of the stream, `router.rs` sends them
//! on; what comes back is posted to a `mailbox.rs` and written by the task of that connection.

mod accounts;
mod bosh;
pub mod bounce;
mod certificate;
mod domains;
mod host_meta;
mod keeping;
mod line;
mod mailbox;
mod pace;
mod people;
mod reception;
mod router;
mod session;
mod tcp;
mod websocket;
pub mod workgroup;

use std::sync::{Arc, OnceLock};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use certificate::Identity;
pub use domains::Domains;
pub use mailbox::Mailbox;
pub use reception::{Door, Reception, Tls};
pub use router::{Router, Service, from_of, to_of};

use crate::app::App;

/// Why sessions end whose account has another password now.
pub const PASSWORD_CHANGED: &str = "The password was changed.";

/// Where clients over BOSH come in.
pub const BOSH_PATH: &str = "/http-bind";

/// The way to the router and the doors, once there are any. Clones share it.
#[derive(Clone, Default)]
pub struct Xmpp(Arc<OnceLock<Reception>>);

impl Xmpp {
    /// The router; none where XMPP is switched off, or before the start.
    pub fn router(&self) -> Option<&Router> {
        self.0.get().map(Reception::router)
    }

    /// The doors.
    pub fn reception(&self) -> Option<&Reception> {
        self.0.get()
    }

    /// Ends every session of an account: its password was changed, or it may not log in any longer.
    pub fn end_sessions(&self, account: &str, why: &'static str) {
        if let Some(router) = self.router() {
            router.end_sessions(account, why);
        }
    }

    /// An account is new.
    pub fn account_added(&self, account: &str) {
        if let Some(router) = self.router() {
            router.account_added(account);
        }
    }

    /// An account is gone, and what it remembered with it.
    pub fn account_removed(&self, account: &str) {
        if let Some(router) = self.router() {
            router.account_removed(account);
        }
    }
}

/// Makes the router and what is behind it, if XMPP is switched on. Clients over WebSocket and BOSH can come in from now on.
///
/// # Errors
/// In a sentence: what accounts remember cannot be read.
pub async fn open(app: &App) -> Result<(), String> {
    if !app.config.xmpp.enabled {
        return Ok(());
    }
    let secret = app.store.secret("xmpp", crate::auth::random()).await.map_err(|error| error.to_string())?;
    app.rooms.keep_lasting().await.map_err(|error| format!("rooms cannot be read: {error}; {}", error.hint()))?;
    let router = Router::new(app).await?;
    workgroup::open(app, &router).await?;
    // Opened twice would be a fault of the start-up and changes nothing.
    let _ = app.xmpp.0.set(Reception::new(router, secret));
    Ok(())
}

/// What the HTTP listeners answer for XMPP; a request over BOSH has at most so many bytes.
pub fn routes(body_max: usize) -> axum::Router<App> {
    use axum::extract::DefaultBodyLimit;
    use axum::routing::{get, post};
    let bosh = post(bosh::bind).options(bosh::preflight).layer(DefaultBodyLimit::max(body_max));
    axum::Router::new()
        .route(BOSH_PATH, bosh)
        .route("/xmpp-websocket", get(websocket::upgrade))
        .route("/.well-known/host-meta", get(host_meta::xml))
        .route("/.well-known/host-meta.json", get(host_meta::json))
}

/// Lets clients in over TCP.
///
/// # Errors
/// When TLS cannot be set up.
pub fn serve(
    app: &App,
    identity: &Identity,
    listeners: Vec<(TcpListener, Door)>,
) -> Result<Vec<JoinHandle<()>>, String> {
    let Some(reception) = app.xmpp.reception() else { return Ok(Vec::new()) };
    let tls = Tls::new(identity.clone())?;
    let serving = |(listener, door)| tokio::spawn(reception.clone().serve(listener, door, tls.clone()));
    Ok(listeners.into_iter().map(serving).collect())
}

/// Tells every client that the server stops, and waits a moment for their connections to end.
pub async fn stop(app: &App) {
    let Some(router) = app.xmpp.router() else { return };
    router.stop();
    let deadline = tokio::time::sleep(app.config.http.shutdown_timeout);
    tokio::pin!(deadline);
    while router.count() > 0 {
        tokio::select! {
            () = &mut deadline => return tracing::warn!("XMPP sessions were still open at the deadline and are cut"),
            () = tokio::time::sleep(std::time::Duration::from_millis(20)) => {}
        }
    }
}
