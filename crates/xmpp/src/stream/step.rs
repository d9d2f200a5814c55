//! What a stream asks of its host, and what the host answers.

use std::fmt;

use jid::{BareJid, FullJid, ResourcePart};
use xmpp_parsers::stanza::Stanza;

use crate::wire::Delivery;

use super::Suspended;

/// What the host does next.
#[derive(Debug)]
pub enum Step {
    /// Send these bytes; on a WebSocket as one text frame.
    Write(Vec<u8>),
    /// After everything before is sent: shake hands, drop what was read but not yet given to `received`, call `tls_done`.
    StartTls,
    /// Find out and call `answer`. One question is open at a time.
    Ask(Question),
    /// The client has an address now; stanzas for it can be sent.
    Bound(FullJid),
    /// The client goes on with a session it had before; stanzas for it come here now.
    Resumed(FullJid),
    /// The client has said this. `from` is its full address.
    Stanza(Box<Stanza>),
    /// Whether the client is being looked at (XEP-0352). For what the host may save; presences are held back by the stream.
    Active(bool),
    /// After everything before is sent: close the connection and call `end`.
    Close,
}

/// What only the host knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// The SCRAM keys of an account. Answer: `Answer::Keys`.
    Keys {
        /// The account.
        account: BareJid,
        /// Of which hash function.
        hash: Hash,
    },
    /// Whether this is the account's password. Answer: `Answer::Password`. Slow: where blocking is allowed.
    Password {
        /// The account.
        account: BareJid,
        /// What the client sent, prepared with SASLprep. Never to be logged.
        password: Password,
    },
    /// Whether the client can have this address; who has it now is thrown out before by the host, if it wants that. Answer: `Answer::Bind`.
    Bind {
        /// The account.
        account: BareJid,
        /// What it asked for, tidied; if it did not ask, one that was drawn.
        resource: ResourcePart,
        /// Whether it asked for this one.
        asked: bool,
    },
    /// The suspended session of this id, which must belong to this account; if its old connection still stands,
    /// `Stream::detach` of that. Answer: `Answer::Resume`.
    Resume {
        /// The account.
        account: BareJid,
        /// `Suspended::id`.
        id: String,
    },
}

/// A password that is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The hash function of a SCRAM mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SCRAM-SHA-1 (RFC 5802), keys of 20 bytes.
    Sha1,
    /// SCRAM-SHA-256 (RFC 7677), keys of 32 bytes.
    Sha256,
}

/// What an account keeps for SCRAM with one hash function.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The salt.
    pub salt: Vec<u8>,
    /// Rounds of PBKDF2.
    pub iterations: u32,
    /// StoredKey.
    pub stored: Vec<u8>,
    /// ServerKey.
    pub server: Vec<u8>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

/// The host's answer to a [`Question`].
#[derive(Debug)]
pub enum Answer {
    /// The account's keys; nothing if there is no such account, or it may not log in.
    Keys(Option<Keys>),
    /// Whether the password is right and the account may log in.
    Password(bool),
    /// The address, which is the host's to choose, or why not.
    Bind(Result<FullJid, BindRefusal>),
    /// The session; nothing if there is none of that id and account.
    Resume(Option<Box<Suspended>>),
    /// To any question: it cannot be found out now.
    Unavailable,
}

/// Why a client does not get an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindRefusal {
    /// Somebody has it and keeps it.
    Conflict,
    /// The account has too many sessions.
    ResourceConstraint,
    /// The account may not.
    NotAllowed,
}

/// What a TLS connection gives to bind a log-in to it (RFC 9266, RFC 5929).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bindings {
    /// 32 bytes of exported keying material with the label `EXPORTER-Channel-Binding` and an empty context; TLS 1.3 only.
    pub exporter: Option<Vec<u8>>,
    /// The hash of the server's certificate.
    pub server_end_point: Option<Vec<u8>>,
}

impl Bindings {
    /// Whether there is anything to bind to.
    pub fn any(&self) -> bool {
        self.exporter.is_some() || self.server_end_point.is_some()
    }
}

/// What is left of a stream.
#[derive(Debug)]
pub struct Ended {
    /// Who it was, if bound and not moved elsewhere.
    pub jid: Option<FullJid>,
    /// The session, if the client may resume it: keep it until `Suspended::deadline_us`.
    pub suspended: Option<Suspended>,
    /// What the client has not acknowledged and will not get here, in order.
    pub undelivered: Vec<Delivery>,
}
