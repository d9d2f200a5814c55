//! The doors for XMPP clients over TCP: accepts connections within limits and hands each to a task of its own.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use xmpp::stream::{Host, Logins, Settings, StartTls, Timings, Transport};

use super::bosh;
use super::certificate::Identity;
use super::router::Router;
use super::session::Session;
use super::tcp::{Connection, Fittings};
use crate::metrics::kind;

/// What all doors share. Clones share it.
#[derive(Clone)]
pub struct Reception(Arc<Hall>);

struct Hall {
    router: Router,
    settings: Arc<Settings>,
    places: Arc<Semaphore>,
    bosh: bosh::Sessions,
    /// Connections by address.
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

/// What doors over TCP need beside: the certificate and TLS with it. Clones share it.
#[derive(Clone)]
pub struct Tls {
    identity: Identity,
    starttls: TlsAcceptor,
    direct: TlsAcceptor,
}

impl Tls {
    /// TLS with this certificate.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub fn new(identity: Identity) -> Result<Self, String> {
        let (starttls, direct) = (identity.starttls()?, identity.direct()?);
        Ok(Self { identity, starttls, direct })
    }
}

/// Which door it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Door {
    /// TCP with STARTTLS.
    Tcp,
    /// TLS from the first byte.
    Tls,
}

/// A place that a connection takes; dropping it makes it free.
pub struct Seat {
    hall: Reception,
    address: IpAddr,
    transport: &'static str,
    _place: OwnedSemaphorePermit,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut by_address = self.hall.by_address();
        if let Some(count) = by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.address);
            }
        }
        drop(by_address);
        self.hall.0.router.app().metrics.xmpp_connections.get_or_create(&kind(self.transport)).dec();
    }
}

impl Reception {
    /// The doors of this router. `decoy_key` is the secret of the salts that unknown accounts seem to have.
    pub fn new(router: Router, decoy_key: [u8; 32]) -> Self {
        let settings = Arc::new(settings(&router, decoy_key));
        let places = Arc::new(Semaphore::new(router.app().config.xmpp.connections_max));
        Self(Arc::new(Hall { router, settings, places, bosh: bosh::Sessions::default(), by_address: Mutex::default() }))
    }

    /// The router behind the doors.
    pub fn router(&self) -> &Router {
        &self.0.router
    }

    /// A session of a client over another transport than TCP, and its place; none if there are too many.
    pub fn admit(&self, transport: Transport, name: &'static str, address: IpAddr) -> Option<(Session, Seat)> {
        let seat = self.seat(address, name)?;
        Some((Session::new(self.0.router.clone(), Arc::clone(&self.0.settings), transport, address), seat))
    }

    /// A session of a client over BOSH with its id, and its place; none if there are too many.
    pub fn admit_bosh(
        &self,
        settings: ::xmpp::bosh::Settings,
        secure: bool,
        first: (u64, ::xmpp::bosh::Body),
        address: IpAddr,
    ) -> Option<(Session, String, Seat)> {
        let seat = self.seat(address, "bosh")?;
        let stream = Arc::clone(&self.0.settings);
        let (session, sid) = Session::over_bosh(self.0.router.clone(), stream, (settings, secure), first, address);
        Some((session, sid, seat))
    }

    /// What holds for every stream.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The sessions over BOSH.
    pub fn bosh(&self) -> &bosh::Sessions {
        &self.0.bosh
    }

    /// Accepts connections until the shutdown.
    pub async fn serve(self, listener: TcpListener, door: Door, tls: Tls) {
        let shutdown = self.0.router.app().shutdown.clone();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = shutdown.begun() => return,
            };
            match accepted {
                // Too many: closed at once, and nobody else waits for it.
                Ok((stream, peer)) => match self.seat(peer.ip(), if door == Door::Tcp { "tcp" } else { "tls" }) {
                    Some(seat) => drop(tokio::spawn(self.clone().connection(stream, peer, door, tls.clone(), seat))),
                    None => drop(self.0.router.app().metrics.xmpp_turned_away.inc()),
                },
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted; raise the limit of open files (ulimit -n)");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
            }
        }
    }

    async fn connection(self, stream: TcpStream, peer: SocketAddr, door: Door, tls: Tls, seat: Seat) {
        // Small stanzas must not wait for more.
        let _ = stream.set_nodelay(true);
        let _ = rustix::net::sockopt::set_socket_keepalive(&stream, true);
        let hall = &self.0;
        let config = &hall.router.app().config.xmpp;
        let fittings = Fittings {
            identity: tls.identity.clone(),
            acceptor: tls.starttls.clone(),
            send_timeout_us: i64::try_from(config.send_timeout.as_micros()).unwrap_or(i64::MAX),
            clock: hall.router.app().clock.clone(),
        };
        let session = |transport| Session::new(hall.router.clone(), Arc::clone(&hall.settings), transport, peer.ip());
        match door {
            Door::Tcp => {
                let is_optional = !config.require_tls || peer.ip().to_canonical().is_loopback();
                let starttls = if is_optional { StartTls::Optional } else { StartTls::Required };
                Connection::plain(session(Transport::Tcp(starttls)), stream, fittings).serve().await;
            }
            Door::Tls => {
                let shaken = tokio::time::timeout(config.negotiation_timeout, tls.direct.accept(stream)).await;
                let Ok(Ok(stream)) = shaken else { return };
                let bindings = tls.identity.bindings(stream.get_ref().1);
                Connection::tls(session(Transport::DirectTls(bindings)), stream, fittings).serve().await;
            }
        }
        drop(seat);
    }

    fn seat(&self, address: IpAddr, transport: &'static str) -> Option<Seat> {
        let place = Arc::clone(&self.0.places).try_acquire_owned().ok()?;
        let most = self.0.router.app().config.xmpp.connections_per_address;
        let address = address.to_canonical();
        let mut by_address = self.by_address();
        let count = by_address.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        drop(by_address);
        self.0.router.app().metrics.xmpp_connections.get_or_create(&kind(transport)).inc();
        Some(Seat { hall: self.clone(), address, transport, _place: place })
    }

    fn by_address(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.by_address.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn settings(router: &Router, decoy_key: [u8; 32]) -> Settings {
    let config = &router.app().config;
    let seconds = |span: Duration| u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
    let hosts = vec![
        Host { name: router.domains().accounts().to_string(), logins: Logins::Accounts },
        Host { name: router.domains().visitors().to_string(), logins: Logins::Anonymous },
    ];
    let mut settings = Settings::new(hosts, decoy_key);
    settings.limits.bytes = config.xmpp.stanza_max;
    settings.limits.bytes_before_login = config.xmpp.stanza_max_before_login;
    settings.timings = Timings {
        negotiation_s: seconds(config.xmpp.negotiation_timeout),
        resume_s: seconds(config.xmpp.resume),
        ..Timings::default()
    };
    settings.iterations = config.sessions.password_iterations;
    settings.unacked = config.xmpp.mailbox_max;
    settings
}
