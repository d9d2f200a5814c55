//! The section `[xmpp]` of `anteroom.toml`: where XMPP clients come in, and what each of them may cost. What the keys do is
//! explained in `docs/anteroom.example.toml`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::meaning::seconds;

/// Where XMPP clients come in, and what each of them may cost.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Xmpp {
    /// Whether XMPP clients may connect at all.
    pub enabled: bool,
    /// TCP with STARTTLS.
    pub listen: SocketAddr,
    /// TLS from the first byte (XEP-0368).
    pub tls_listen: SocketAddr,
    /// Certificate chain in PEM; none: a self-signed one in the data directory. Read again on SIGHUP.
    pub certificate: Option<PathBuf>,
    /// Private key in PEM; given together with `certificate`.
    pub key: Option<PathBuf>,
    /// Whether clients must use TLS; those on this machine need not.
    pub require_tls: bool,
    /// Whether people with an account may make rooms of their own.
    pub create_rooms: bool,
    /// Open connections at once, over all transports.
    pub connections_max: usize,
    /// Open connections from one address.
    pub connections_per_address: usize,
    /// Sessions that one account may have at once.
    pub sessions_per_account: usize,
    /// Bytes of a stanza.
    pub stanza_max: usize,
    /// Bytes of a stanza before log-in.
    pub stanza_max_before_login: usize,
    /// Bytes per second that are read from one connection.
    pub bytes_per_second: u32,
    /// Stanzas per second that are read from one connection.
    pub stanzas_per_second: u32,
    /// Stanzas that may come at once before reading slows down; twice as many at once cut the connection.
    pub stanzas_burst: u32,
    /// Stanzas that may wait for a client that reads slowly or is away.
    pub mailbox_max: usize,
    /// A client must have logged in and bound a resource within this.
    #[serde(rename = "negotiation_timeout_s", deserialize_with = "seconds")]
    pub negotiation_timeout: Duration,
    /// How long a session whose connection broke can be resumed (XEP-0198).
    #[serde(rename = "resume_s", deserialize_with = "seconds")]
    pub resume: Duration,
    /// A client that takes nothing of what is sent to it for so long is cut.
    #[serde(rename = "send_timeout_s", deserialize_with = "seconds")]
    pub send_timeout: Duration,
}

impl Default for Xmpp {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 5222)),
            tls_listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 5223)),
            certificate: None,
            key: None,
            require_tls: true,
            create_rooms: true,
            connections_max: 16_000,
            connections_per_address: 1_000,
            sessions_per_account: 16,
            stanza_max: 256 * 1024,
            stanza_max_before_login: 10_000,
            bytes_per_second: 512 * 1024,
            stanzas_per_second: 100,
            stanzas_burst: 1_000,
            mailbox_max: 2_000,
            negotiation_timeout: Duration::from_secs(30),
            resume: Duration::from_secs(60),
            send_timeout: Duration::from_secs(30),
        }
    }
}

impl Xmpp {
    /// Makes relative paths relative to the folder of the file they were written in.
    pub(super) fn resolve_paths(&mut self, folder: &Path) {
        for path in [&mut self.certificate, &mut self.key].into_iter().flatten() {
            *path = folder.join(&*path);
        }
    }

    /// What the types cannot say.
    ///
    /// # Errors
    /// The first value that cannot work, in a sentence.
    pub(super) fn check(&self) -> Result<(), String> {
        let within = |key: &str, value: u64, least: u64, most: u64| match (least..=most).contains(&value) {
            true => Ok(()),
            false => Err(format!("xmpp.{key} = {value} is out of range ({least} to {most})")),
        };
        within("connections_max", self.connections_max as u64, 1, 10_000_000)?;
        within("connections_per_address", self.connections_per_address as u64, 1, 10_000_000)?;
        within("sessions_per_account", self.sessions_per_account as u64, 1, 1_000)?;
        within("stanza_max", self.stanza_max as u64, 10_000, 16 << 20)?;
        within("stanza_max_before_login", self.stanza_max_before_login as u64, 4_096, 1 << 20)?;
        within("bytes_per_second", self.bytes_per_second.into(), 1_024, 1 << 30)?;
        within("stanzas_per_second", self.stanzas_per_second.into(), 1, 10_000_000)?;
        within("stanzas_burst", self.stanzas_burst.into(), 10, 10_000_000)?;
        within("mailbox_max", self.mailbox_max as u64, 16, 1_000_000)?;
        if self.certificate.is_some() != self.key.is_some() {
            return Err("xmpp.certificate and xmpp.key are given together or not at all".to_owned());
        }
        Ok(())
    }
}
