//! What holds for every stream of a listener, and how one client is connected.

use crate::wire::Limits;

use super::Bindings;

/// What holds for every stream. Shared by them.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The domains clients can log in to.
    pub hosts: Vec<Host>,
    /// What a client may send at most.
    pub limits: Limits,
    /// How long things may take.
    pub timings: Timings,
    /// Secret of the salts that unknown accounts seem to have: the same after a restart, so that nobody can tell them apart.
    pub decoy_key: [u8; 32],
    /// Rounds of PBKDF2 that unknown accounts seem to have: those that new accounts get.
    pub iterations: u32,
    /// Whether SASL 2 with Bind 2 (XEP-0388, XEP-0386) is offered, under TLS.
    pub sasl2: bool,
    /// Failed attempts to log in until the stream ends.
    pub login_tries: u32,
    /// Stanzas kept until the client has acknowledged them (XEP-0198). More end the stream.
    pub unacked: usize,
    /// Bytes of stanzas kept until the client has acknowledged them. More end the stream.
    pub unacked_bytes: usize,
    /// Presences of different senders kept back while the client is not looking (XEP-0352).
    pub held_presences: usize,
    /// Where a client should resume (XEP-0198 `location`), if elsewhere.
    pub resume_location: Option<String>,
    /// Elements added to the features after log-in, written out with their namespaces (the server's caps, XEP-0115).
    pub more_features: String,
}

impl Settings {
    /// Settings with the usual limits for these domains.
    pub fn new(hosts: Vec<Host>, decoy_key: [u8; 32]) -> Self {
        Self {
            hosts,
            limits: Limits::default(),
            timings: Timings::default(),
            decoy_key,
            iterations: 10_000,
            sasl2: true,
            login_tries: 5,
            unacked: 1_000,
            unacked_bytes: 1_048_576,
            held_presences: 256,
            resume_location: None,
            more_features: String::new(),
        }
    }

    /// The domain of this normalised name.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.hosts.iter().find(|host| host.name == name)
    }
}

/// A domain that clients can log in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its name, normalised (`jid::DomainPart`).
    pub name: String,
    /// Who can log in.
    pub logins: Logins,
}

/// How one can log in to a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logins {
    /// With an account: SCRAM, and PLAIN under TLS.
    Accounts,
    /// As nobody in particular: ANONYMOUS. The local part is drawn by the stream.
    Anonymous,
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// From the connection to a bound resource.
    pub negotiation_s: u32,
    /// Silence of a bound client until it is asked whether it is still there.
    pub ping_after_s: u32,
    /// Until a client that was asked (ping, or a request for an acknowledgement) must have said anything.
    pub answer_s: u32,
    /// Until the other side must have closed a stream that is being closed.
    pub closing_s: u32,
    /// How long a session whose connection was lost can be resumed; 0 turns resumption off.
    pub resume_s: u32,
}

impl Default for Timings {
    fn default() -> Self {
        Self { negotiation_s: 60, ping_after_s: 300, answer_s: 60, closing_s: 5, resume_s: 300 }
    }
}

/// How the client is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// TCP, unencrypted at first.
    Tcp(StartTls),
    /// TLS from the first byte (XEP-0368).
    DirectTls(Bindings),
    /// WebSocket (RFC 7395): every `received` is one text frame, every `Step::Write` is one.
    WebSocket {
        /// Whether it is `wss`, here or at the proxy in front.
        secure: bool,
    },
    /// BOSH: driven by `xmpp::bosh`, not by the host itself.
    Bosh {
        /// Whether it is `https`, here or at the proxy in front.
        secure: bool,
    },
}

/// Whether an unencrypted connection can or must become an encrypted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartTls {
    /// Nobody logs in before it.
    Required,
    /// Offered; one can log in without, but not with PLAIN.
    Optional,
    /// Not offered: on the loopback, or where there is no certificate.
    Absent,
}
