//! Accepts connections and speaks HTTP/1.1 and HTTP/2 on them: limits, deadlines, TLS, and stopping in order. What is
//! answered, is the router's.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower::Service;

use crate::metrics::{Metrics, reason};
use crate::neighbours::Neighbours;
use crate::shutdown::Shutdown;

/// The address of the other end of the connection; a proxy's, where there is one.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What all listeners share.
#[derive(Clone)]
pub struct Reception {
    /// What answers.
    pub router: Router,
    /// When to stop.
    pub shutdown: Shutdown,
    /// Where connections are counted.
    pub metrics: Metrics,
    /// Free places for connections.
    pub places: Arc<Semaphore>,
    /// How many of them each address may take.
    pub neighbours: Neighbours,
    /// A request's headers must have arrived within this.
    pub header_timeout: Duration,
    /// How long stopping may take.
    pub shutdown_timeout: Duration,
}

/// Headers of one request, in bytes, and their number.
const HEADER_BYTES_MAX: usize = 32 * 1024;
const HEADERS_MAX: usize = 100;

impl Reception {
    /// Serves connections of `listener` until the shutdown, then waits for open requests up to the deadline.
    pub async fn serve(self, listener: TcpListener, tls: Option<TlsAcceptor>) {
        let graceful = GracefulShutdown::new();
        loop {
            let Ok(place) = Arc::clone(&self.places).acquire_owned().await else { break };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.shutdown.begun() => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: connections that end give them back.
                    tracing::warn!(%error, "a connection could not be accepted; raise the limit of open files (ulimit -n)");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
            };
            let Some(seat) = self.neighbours.seat(peer.ip()) else {
                // Hung up before anything is spoken: an answer would cost more than the connection.
                self.metrics.turned_away.get_or_create(&reason("address_connections")).inc();
                continue;
            };
            let (reception, tls, watcher) = (self.clone(), tls.clone(), graceful.watcher());
            tokio::spawn(async move {
                reception.metrics.connections.inc();
                reception.connection(stream, peer, tls, watcher).await;
                reception.metrics.connections.dec();
                drop((place, seat));
            });
        }
        drop(listener);
        if tokio::time::timeout(self.shutdown_timeout, graceful.shutdown()).await.is_err() {
            tracing::warn!("connections were still open at the deadline and are cut");
        }
    }

    async fn connection(&self, stream: TcpStream, peer: SocketAddr, tls: Option<TlsAcceptor>, watcher: Watcher) {
        // Small events must not wait for more.
        let _ = stream.set_nodelay(true);
        match tls {
            None => self.speak(stream, peer, watcher).await,
            Some(acceptor) => match tokio::time::timeout(self.header_timeout, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => self.speak(stream, peer, watcher).await,
                Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
                Err(_) => tracing::debug!("TLS handshake took too long"),
            },
        }
    }

    async fn speak<S>(&self, stream: S, peer: SocketAddr, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let router = self.router.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let mut router = router.clone();
            async move {
                let mut request = request.map(axum::body::Body::new);
                request.extensions_mut().insert(Peer(peer));
                // A router is always ready.
                Ok::<_, Infallible>(match router.call(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                })
            }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_buf_size(HEADER_BYTES_MAX)
            .max_headers(HEADERS_MAX);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(HEADER_BYTES_MAX as u32)
            .max_concurrent_streams(100)
            .keep_alive_interval(Some(Duration::from_secs(30)));
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "connection ended");
        }
    }
}
