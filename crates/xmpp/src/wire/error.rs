//! How a stream ends when something is wrong (RFC 6120 §4.9): the condition, a text for the other side, and how both are
//! written.

use std::fmt;

use super::write::escape_text;

/// The conditions of RFC 6120 §4.9.3 that a server of clients has use for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StreamErrorCondition {
    /// XML that cannot be processed, such as text between stanzas.
    BadFormat,
    /// A namespace prefix that is not declared, or `stream` bound to something else.
    BadNamespacePrefix,
    /// Another session takes this one's place.
    Conflict,
    /// The other side does not answer.
    ConnectionTimeout,
    /// The stream is to a domain that is not served here.
    HostUnknown,
    /// An address that is none.
    ImproperAddressing,
    /// A fault on this side.
    InternalServerError,
    /// A stanza says to be from somebody else.
    InvalidFrom,
    /// A stream in another namespace.
    InvalidNamespace,
    /// Something that is only for those who are logged in.
    NotAuthorized,
    /// Not XML.
    NotWellFormed,
    /// A limit of this server was exceeded.
    PolicyViolation,
    /// This side cannot keep up, or the other one does not read.
    ResourceConstraint,
    /// A comment, a processing instruction, a document type or an entity (RFC 6120 §11.1).
    RestrictedXml,
    /// Start anew: what was negotiated no longer holds.
    Reset,
    /// The server stops.
    SystemShutdown,
    /// None of the others; the text or an element of its own says what.
    UndefinedCondition,
    /// Not UTF-8.
    UnsupportedEncoding,
    /// A top-level element that means nothing here.
    UnsupportedStanzaType,
    /// A version of the stream that is not spoken here.
    UnsupportedVersion,
}

impl StreamErrorCondition {
    /// The element's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadFormat => "bad-format",
            Self::BadNamespacePrefix => "bad-namespace-prefix",
            Self::Conflict => "conflict",
            Self::ConnectionTimeout => "connection-timeout",
            Self::HostUnknown => "host-unknown",
            Self::ImproperAddressing => "improper-addressing",
            Self::InternalServerError => "internal-server-error",
            Self::InvalidFrom => "invalid-from",
            Self::InvalidNamespace => "invalid-namespace",
            Self::NotAuthorized => "not-authorized",
            Self::NotWellFormed => "not-well-formed",
            Self::PolicyViolation => "policy-violation",
            Self::ResourceConstraint => "resource-constraint",
            Self::RestrictedXml => "restricted-xml",
            Self::Reset => "reset",
            Self::SystemShutdown => "system-shutdown",
            Self::UndefinedCondition => "undefined-condition",
            Self::UnsupportedEncoding => "unsupported-encoding",
            Self::UnsupportedStanzaType => "unsupported-stanza-type",
            Self::UnsupportedVersion => "unsupported-version",
        }
    }
}

/// A stream error (RFC 6120 §4.9.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamError {
    /// What kind it is.
    pub condition: StreamErrorCondition,
    /// What a person or a log should know; empty if the condition says it all. Never about what somebody said.
    pub text: &'static str,
    /// An element of another namespace that says more (XEP-0198 has one), written out; empty if none.
    pub detail: String,
}

impl StreamError {
    /// An error with its text.
    pub fn new(condition: StreamErrorCondition, text: &'static str) -> Self {
        Self { condition, text, detail: String::new() }
    }

    /// Writes `<stream:error/>`. `framed` if no stream header has declared the prefix (WebSocket, BOSH).
    pub fn write(&self, framed: bool, out: &mut Vec<u8>) {
        let declared = if framed { " xmlns:stream='http://etherx.jabber.org/streams'" } else { "" };
        let name = self.condition.name();
        out.extend_from_slice(format!("<stream:error{declared}>").as_bytes());
        out.extend_from_slice(format!("<{name} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>").as_bytes());
        if !self.text.is_empty() {
            out.extend_from_slice(b"<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>");
            escape_text(self.text, out);
            out.extend_from_slice(b"</text>");
        }
        out.extend_from_slice(self.detail.as_bytes());
        out.extend_from_slice(b"</stream:error>");
    }
}

impl fmt::Display for StreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.condition.name())?;
        if self.text.is_empty() { Ok(()) } else { write!(f, ": {}", self.text) }
    }
}

impl std::error::Error for StreamError {}
