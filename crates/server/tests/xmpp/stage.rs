//! A server with doors for XMPP clients, and accounts.

use std::net::SocketAddr;
use std::sync::Arc;

use server::config::Config;
use server::control::{Order, Outcome};
use server::xmpp::{Door, Identity};
use tokio::net::TcpListener;

use crate::client::Client;
use crate::visiting::{Server, clock, config};

pub const PASSWORD: &str = "a long password";

/// A server with doors.
pub struct Stage {
    pub server: Server,
    pub tcp: SocketAddr,
    pub tls: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// With the accounts `anna` (an agent) and `bert`.
    pub async fn open() -> Self {
        Self::with(|_| ()).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::on(Arc::new(store::memory::open()), change).await
    }

    /// The same on a store that may have been used before.
    pub async fn on(store: Arc<dyn store::Backend>, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path());
        config.sessions.password_iterations = 4_096;
        change(&mut config);
        let server = Server::start(config, store, clock()).await;
        for name in ["anna", "bert"] {
            let order = Order::AddAccount {
                name: name.into(),
                title: name.to_uppercase(),
                role: "agent".into(),
                password: PASSWORD.into(),
            };
            let made = server.running.house().perform(order).await;
            assert!(matches!(made, Outcome::Done | Outcome::Failed { .. }), "{made:?}");
        }
        let app = &server.running.app;
        let identity = Identity::open(&app.config).unwrap();
        let (tcp, tls) =
            (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let (at, tls_at) = (tcp.local_addr().unwrap(), tls.local_addr().unwrap());
        server::xmpp::serve(app, &identity, vec![(tcp, Door::Tcp), (tls, Door::Tls)]).unwrap();
        Self { server, tcp: at, tls: tls_at, _folder: folder }
    }

    /// An account's client, logged in and bound over plain TCP.
    pub async fn client(&self, name: &str, resource: &str) -> Client {
        let mut client = Client::connect(self.tcp).await;
        client.open("localhost").await;
        client.scram_sha_256(name, PASSWORD, None).await;
        client.open("localhost").await;
        client.bind(resource).await;
        client
    }

    /// The same, which has said that it is there.
    pub async fn present(&self, name: &str, resource: &str) -> Client {
        let mut client = self.client(name, resource).await;
        client.send("<presence/>").await;
        client.expect("<presence").await;
        client
    }

    /// A visitor, logged in anonymously.
    pub async fn visitor(&self) -> Client {
        let mut client = Client::connect(self.tcp).await;
        client.open("visitors.localhost").await;
        client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>").await;
        client.expect("<success").await;
        client.open("visitors.localhost").await;
        client.bind("web").await;
        client
    }
}
