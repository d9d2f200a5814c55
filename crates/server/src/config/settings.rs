//! The keys of `anteroom.toml` with their defaults. What they do is explained in `docs/anteroom.example.toml`; each value
//! is read by the part that it is named after.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::meaning::{Network, PublicUrl, Storage, seconds};
use super::xmpp::Xmpp;

/// How the server runs.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address that browsers use.
    pub public_url: PublicUrl,
    /// The XMPP domain; rooms and agents have addresses in it.
    pub domain: String,
    /// The data directory: database, files, control socket, lock.
    pub data: PathBuf,
    /// Where the desk is remembered.
    pub storage: Storage,
    /// Listeners.
    pub http: Http,
    /// XMPP clients.
    pub xmpp: Xmpp,
    /// Limits of what the edges take.
    pub limits: Limits,
    /// How long people stay signed in.
    pub sessions: Sessions,
    /// Outgoing mail; none: nothing is mailed.
    pub mail: Option<Mail>,
    /// Web hooks.
    pub webhooks: Webhooks,
    /// The log.
    pub log: Log,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// Files sent in chats.
    pub files: Files,
    /// How long things are kept that no workgroup decides about.
    pub retention: Retention,
}

/// Listeners.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Plain HTTP, for a proxy or for this machine.
    pub listen: SocketAddr,
    /// HTTPS by the server itself.
    pub tls: Option<Tls>,
    /// Only from these is `X-Forwarded-For` believed.
    pub trusted_proxies: Vec<Network>,
    /// Open connections at once, over all listeners.
    pub connections_max: usize,
    /// Open connections at once from one address that is no trusted proxy.
    pub connections_per_address: usize,
    /// A request's headers must have arrived within this.
    #[serde(rename = "header_timeout_s", deserialize_with = "seconds")]
    pub header_timeout: Duration,
    /// A request must be answered within this; streams excepted.
    #[serde(rename = "request_timeout_s", deserialize_with = "seconds")]
    pub request_timeout: Duration,
    /// How long stopping may take before connections are cut.
    #[serde(rename = "shutdown_timeout_s", deserialize_with = "seconds")]
    pub shutdown_timeout: Duration,
}

/// HTTPS by the server itself.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Certificate chain in PEM; read again on SIGHUP.
    pub certificate: PathBuf,
    /// Private key in PEM; read again on SIGHUP.
    pub key: PathBuf,
}

/// Limits of what the edges take; the engine's own are constants of the desk.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a JSON body.
    pub body_max: usize,
    /// Bytes of a declaration sent to the admin API.
    pub declaration_max: usize,
    /// Bytes of a file sent in a chat, whatever a workgroup says.
    pub file_max: u64,
    /// Characters of a message.
    pub message_max: usize,
    /// Events kept per session for resuming.
    pub stream_ring: usize,
    /// Streams that one session may hold open at once (tabs).
    pub streams_per_session: usize,
    /// Requests per minute from one address.
    pub requests_per_minute: u32,
    /// Visits opened per minute from one address.
    pub visits_per_minute: u32,
    /// Visits opened per minute at one workgroup.
    pub workgroup_visits_per_minute: u32,
    /// Visits that one address may have open at once.
    pub visits_per_address: usize,
    /// Messages per minute from one visitor.
    pub messages_per_minute: u32,
    /// Failed log-ins per account and address before the wait doubles each time.
    pub login_failures: u32,
    /// Failed log-ins from one address within 15 minutes, whatever the account.
    pub login_failures_per_address: u32,
    /// Commands waiting for the desk.
    pub commands_waiting: usize,
}

/// How long people stay signed in.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// Without a request for so long, a session ends.
    #[serde(rename = "idle_s", deserialize_with = "seconds")]
    pub idle: Duration,
    /// A session ends so long after the log-in, whatever happens.
    #[serde(rename = "longest_s", deserialize_with = "seconds")]
    pub longest: Duration,
    /// PBKDF2 iterations of new passwords.
    pub password_iterations: u32,
    /// Characters of a new password.
    pub password_min: usize,
}

/// Outgoing mail.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// `smtp://user:password@host:587` or `smtps://…`.
    pub url: String,
    /// The sender.
    pub from: String,
    /// Who is told by mail that a message was left while closed; none: nobody.
    pub left_messages_to: Option<String>,
}

/// Web hooks.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// They may point at this machine and into its network, and at plain HTTP.
    pub allow_private: bool,
}

/// The log, on standard error.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug` or `trace`, or directives such as `info,server::http=debug`.
    pub level: String,
    /// How lines are written.
    pub format: LogFormat,
}

/// How lines are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Who may read `/metrics`.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsAccess {
    /// Addresses that may; an empty list switches it off.
    pub allow: Vec<Network>,
}

/// Files sent in chats.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// A program with arguments; the file's path is added as the last one. Exit code 0: the file is clean.
    pub scan_command: Option<Vec<String>>,
    /// How long a scan may take, in seconds.
    pub scan_timeout_s: Option<u64>,
}

/// How long things are kept that no workgroup decides about.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Days of the event log.
    pub events_days: u32,
    /// Days of the audit log.
    pub audit_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: PublicUrl::try_from("http://127.0.0.1:8480".to_owned()).expect("the default is an address"),
            domain: "localhost".to_owned(),
            data: PathBuf::from("data"),
            storage: Storage::Sqlite(None),
            http: Http::default(),
            xmpp: Xmpp::default(),
            limits: Limits::default(),
            sessions: Sessions::default(),
            mail: None,
            webhooks: Webhooks::default(),
            log: Log::default(),
            metrics: MetricsAccess::default(),
            files: Files::default(),
            retention: Retention::default(),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8480)),
            tls: None,
            trusted_proxies: Vec::new(),
            connections_max: 16_000,
            connections_per_address: 2_000,
            header_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(10),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_max: 64 * 1024,
            declaration_max: 4 * 1024 * 1024,
            file_max: 25 * 1024 * 1024,
            message_max: 4_000,
            stream_ring: 512,
            streams_per_session: 8,
            requests_per_minute: 1_200,
            visits_per_minute: 30,
            workgroup_visits_per_minute: 3_000,
            visits_per_address: 100,
            messages_per_minute: 60,
            login_failures: 5,
            login_failures_per_address: 60,
            commands_waiting: 10_000,
        }
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(12 * 3600),
            longest: Duration::from_secs(7 * 24 * 3600),
            password_iterations: 10_000,
            password_min: 10,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Auto }
    }
}

impl Default for MetricsAccess {
    fn default() -> Self {
        let own = ["127.0.0.0/8", "::1"];
        let allow = own.map(|text| Network::try_from(text.to_owned()).expect("the default is a network"));
        Self { allow: allow.to_vec() }
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self { events_days: 90, audit_days: 730 }
    }
}

impl Config {
    /// The database file, if there is one.
    pub fn database(&self) -> Option<PathBuf> {
        match &self.storage {
            Storage::Sqlite(Some(path)) => Some(path.clone()),
            Storage::Sqlite(None) => Some(self.data.join("anteroom.db")),
            Storage::Memory => None,
        }
    }

    /// Makes relative paths relative to the folder of the file they were written in.
    pub(super) fn resolve_paths(&mut self, folder: &Path) {
        let resolve = |path: &mut PathBuf| *path = folder.join(&*path);
        resolve(&mut self.data);
        if let Storage::Sqlite(Some(path)) = &mut self.storage {
            resolve(path);
        }
        if let Some(tls) = &mut self.http.tls {
            resolve(&mut tls.certificate);
            resolve(&mut tls.key);
        }
        self.xmpp.resolve_paths(folder);
    }

    /// What the types cannot say.
    ///
    /// # Errors
    /// The first value that cannot work, in a sentence.
    pub fn check(&self) -> Result<(), String> {
        let within = |key: &str, value: u64, least: u64, most: u64| match (least..=most).contains(&value) {
            true => Ok(()),
            false => Err(format!("{key} = {value} is out of range ({least} to {most})")),
        };
        let limits = &self.limits;
        within("limits.body_max", limits.body_max as u64, 8 * 1024, 64 << 20)?;
        within("limits.declaration_max", limits.declaration_max as u64, 8 * 1024, 64 << 20)?;
        within("limits.message_max", limits.message_max as u64, 100, 16_000)?;
        within("limits.file_max", limits.file_max, 1024, 1 << 30)?;
        within("limits.stream_ring", limits.stream_ring as u64, 16, 65_536)?;
        within("limits.streams_per_session", limits.streams_per_session as u64, 1, 1000)?;
        within("limits.commands_waiting", limits.commands_waiting as u64, 16, 1_000_000)?;
        within("limits.requests_per_minute", limits.requests_per_minute.into(), 1, 10_000_000)?;
        within("limits.visits_per_minute", limits.visits_per_minute.into(), 1, 10_000_000)?;
        within("limits.workgroup_visits_per_minute", limits.workgroup_visits_per_minute.into(), 1, 10_000_000)?;
        within("limits.visits_per_address", limits.visits_per_address as u64, 1, 10_000_000)?;
        within("limits.messages_per_minute", limits.messages_per_minute.into(), 1, 100_000)?;
        within("limits.login_failures", limits.login_failures.into(), 1, 1000)?;
        within("limits.login_failures_per_address", limits.login_failures_per_address.into(), 1, 100_000)?;
        within("http.connections_max", self.http.connections_max as u64, 8, 10_000_000)?;
        within("http.connections_per_address", self.http.connections_per_address as u64, 4, 10_000_000)?;
        within("sessions.password_iterations", self.sessions.password_iterations.into(), 4_096, 10_000_000)?;
        within("sessions.password_min", self.sessions.password_min as u64, 8, 128)?;
        if !self.public_url.is_secure() && !self.public_url.is_loopback() {
            return Err(format!(
                "public_url = {:?} must begin with https: browsers keep the console's session cookie only there",
                self.public_url.origin()
            ));
        }
        if self.domain.is_empty() || self.domain.len() > 253 || self.domain.contains([' ', '/', '@']) {
            return Err(format!("domain = {:?} is no domain", self.domain));
        }
        self.xmpp.check()?;
        if self.files.scan_command.as_ref().is_some_and(Vec::is_empty) {
            return Err("files.scan_command is empty: name a program, or leave the key out".to_owned());
        }
        Ok(())
    }
}
