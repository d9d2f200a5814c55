//! Logging in (SASL, RFC 4422), the server's half: what a client says and what the host knows of the account go in, the next
//! turn comes out. What must not be here: XML, streams, where accounts are kept.

mod anonymous;
mod plain;
mod scram;
mod scram_text;

use jid::{BareJid, DomainPart, NodePart};

use crate::stream::{Answer, Bindings, Hash, Question};

/// The mechanisms, the best one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// SCRAM-SHA-256-PLUS (RFC 7677), bound to the TLS connection.
    ScramSha256Plus,
    /// SCRAM-SHA-256 (RFC 7677).
    ScramSha256,
    /// SCRAM-SHA-1-PLUS (RFC 5802), bound to the TLS connection.
    ScramSha1Plus,
    /// SCRAM-SHA-1 (RFC 5802).
    ScramSha1,
    /// PLAIN (RFC 4616), under TLS only.
    Plain,
    /// ANONYMOUS (RFC 4505), on the visitors' domain only.
    Anonymous,
}

impl Mechanism {
    /// All of them, the best one first.
    pub const ALL: [Self; 6] =
        [Self::ScramSha256Plus, Self::ScramSha256, Self::ScramSha1Plus, Self::ScramSha1, Self::Plain, Self::Anonymous];

    /// Its registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha1Plus => "SCRAM-SHA-1-PLUS",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::Plain => "PLAIN",
            Self::Anonymous => "ANONYMOUS",
        }
    }

    /// The mechanism of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name() == name)
    }
}

/// Why a log-in failed (RFC 6120 §6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The client gave up.
    Aborted,
    /// What was sent is not base64.
    IncorrectEncoding,
    /// Logging in on behalf of somebody else.
    InvalidAuthzid,
    /// A mechanism that is not offered.
    InvalidMechanism,
    /// Not what the mechanism wants.
    MalformedRequest,
    /// Wrong account or password, or a weaker log-in than both sides can do.
    NotAuthorized,
    /// It cannot be found out now.
    TemporaryAuthFailure,
}

impl Failure {
    /// The element's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aborted => "aborted",
            Self::IncorrectEncoding => "incorrect-encoding",
            Self::InvalidAuthzid => "invalid-authzid",
            Self::InvalidMechanism => "invalid-mechanism",
            Self::MalformedRequest => "malformed-request",
            Self::NotAuthorized => "not-authorized",
            Self::TemporaryAuthFailure => "temporary-auth-failure",
        }
    }
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Send this and wait for the client.
    Challenge(Vec<u8>),
    /// Ask the host.
    Ask(Question),
    /// Logged in as this account; the data goes with the success.
    Success(BareJid, Vec<u8>),
    /// Not logged in.
    Failure(Failure),
}

/// What holds for one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The domain.
    pub host: DomainPart,
    /// What the connection can be bound to. If to anything, a -PLUS mechanism was offered.
    pub bindings: Bindings,
    /// Random and used once, printable without commas: the server's part of the nonce, the local part of a visitor.
    pub nonce: String,
    /// `Settings::decoy_key`.
    pub decoy_key: [u8; 32],
    /// `Settings::iterations`.
    pub iterations: u32,
}

impl Terms {
    /// The account of a user name, which may be a whole bare address.
    fn account(&self, name: &str) -> Option<BareJid> {
        let name = name.rsplit_once('@').filter(|(_, host)| *host == self.host.as_str()).map_or(name, |(node, _)| node);
        let prepared = stringprep::saslprep(name).ok()?;
        let node = NodePart::new(&prepared).ok()?;
        Some(BareJid::from_parts(Some(&node), &self.host))
    }

    /// Whether an authorization identity, if there is one, is the account itself.
    fn is_oneself(&self, authzid: &str, account: &BareJid) -> bool {
        authzid.is_empty() || BareJid::new(authzid).is_ok_and(|authzid| authzid == *account)
    }
}

/// One attempt to log in.
#[derive(Debug)]
pub enum Exchange {
    /// One of the SCRAM family.
    Scram(Box<scram::Scram>),
    /// PLAIN, and the account once its password is asked about.
    Plain(Terms, Option<BareJid>),
    /// ANONYMOUS.
    Anonymous(Terms),
}

impl Exchange {
    /// Begins an attempt.
    pub fn new(mechanism: Mechanism, terms: Terms) -> Self {
        let scram = |hash, plus| Self::Scram(Box::new(scram::Scram::new(hash, plus, terms.clone())));
        match mechanism {
            Mechanism::ScramSha256Plus => scram(Hash::Sha256, true),
            Mechanism::ScramSha256 => scram(Hash::Sha256, false),
            Mechanism::ScramSha1Plus => scram(Hash::Sha1, true),
            Mechanism::ScramSha1 => scram(Hash::Sha1, false),
            Mechanism::Plain => Self::Plain(terms, None),
            Mechanism::Anonymous => Self::Anonymous(terms),
        }
    }

    /// What the client has sent, decoded.
    pub fn respond(&mut self, response: &[u8]) -> Turn {
        match self {
            Self::Scram(scram) => scram.respond(response),
            Self::Plain(terms, account) => plain::respond(terms, account, response),
            Self::Anonymous(terms) => anonymous::respond(terms, response),
        }
    }

    /// What the host has answered.
    pub fn answer(&mut self, answer: Answer) -> Turn {
        match (self, answer) {
            (Self::Scram(scram), Answer::Keys(keys)) => scram.keys(keys),
            (Self::Plain(_, account), Answer::Password(right)) => match account.take() {
                Some(account) if right => Turn::Success(account, Vec::new()),
                _ => Turn::Failure(Failure::NotAuthorized),
            },
            _ => Turn::Failure(Failure::TemporaryAuthFailure),
        }
    }
}
