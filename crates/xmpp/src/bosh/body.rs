//! `<body/>`: what a request says, how a response is written, and the conditions of an end.

use minidom::Element;

use crate::wire::{Limits, StreamErrorCondition, Unit, escape_attribute, read_frame};

use super::{NS_BOSH, NS_XBOSH};

/// Largest request id (XEP-0124 §7.1).
const RID_MAX: u64 = (1 << 53) - 1;

/// Why a session is over (XEP-0124 §17.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminate {
    /// The request makes no sense.
    BadRequest,
    /// The domain is not served here.
    HostUnknown,
    /// No domain was named.
    ImproperAddressing,
    /// A fault on this side.
    InternalServerError,
    /// No such session, or a request that cannot belong to it.
    ItemNotFound,
    /// A limit was exceeded.
    PolicyViolation,
    /// The stream has ended with an error, which is inside.
    RemoteStreamError,
    /// The server stops.
    SystemShutdown,
    /// Without a reason: the stream was closed.
    Closed,
}

impl Terminate {
    /// The value of `condition`; nothing if there is no reason.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::BadRequest => "bad-request",
            Self::HostUnknown => "host-unknown",
            Self::ImproperAddressing => "improper-addressing",
            Self::InternalServerError => "internal-server-error",
            Self::ItemNotFound => "item-not-found",
            Self::PolicyViolation => "policy-violation",
            Self::RemoteStreamError => "remote-stream-error",
            Self::SystemShutdown => "system-shutdown",
            Self::Closed => return None,
        })
    }

    pub(super) fn of(error: Option<StreamErrorCondition>) -> Self {
        match error {
            None => Self::Closed,
            Some(StreamErrorCondition::HostUnknown) => Self::HostUnknown,
            Some(StreamErrorCondition::InternalServerError) => Self::InternalServerError,
            Some(StreamErrorCondition::SystemShutdown) => Self::SystemShutdown,
            Some(_) => Self::RemoteStreamError,
        }
    }
}

/// What a request says.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// The session; nothing if one is to begin.
    pub sid: Option<String>,
    pub(super) rid: u64,
    pub(super) to: Option<String>,
    pub(super) from: Option<String>,
    pub(super) lang: Option<String>,
    pub(super) version: Option<String>,
    pub(super) wait_s: Option<u32>,
    pub(super) hold: Option<u32>,
    pub(super) pause_s: Option<u32>,
    pub(super) acks: bool,
    pub(super) terminates: bool,
    pub(super) restarts: bool,
    pub(super) key: Option<String>,
    pub(super) newkey: Option<String>,
    pub(super) elements: Vec<Element>,
    /// Bytes of the request.
    pub(super) size: usize,
}

impl Body {
    /// Reads a request. What is none is answered with [`refusal`].
    pub fn read(bytes: &[u8], limits: Limits) -> Result<Self, Terminate> {
        let limits = Limits { depth: limits.depth + 1, bytes_before_login: limits.bytes, ..limits };
        let unit = read_frame(bytes, limits, false).map_err(|error| match error.condition {
            StreamErrorCondition::PolicyViolation => Terminate::PolicyViolation,
            _ => Terminate::BadRequest,
        })?;
        let Unit::Element(mut body) = unit else { return Err(Terminate::BadRequest) };
        if !body.is("body", NS_BOSH) {
            return Err(Terminate::BadRequest);
        }
        let text = |name: &str| body.attr(name).map(str::to_owned);
        let xmpp = |name: &str| body.attrs().get(NS_XBOSH, name).map(String::as_str);
        let number = |name: &str| match body.attr(name) {
            None => Ok(None),
            Some(value) => value.parse::<u32>().map(Some).map_err(|_| Terminate::BadRequest),
        };
        let rid = body.attr("rid").and_then(|rid| rid.parse().ok()).filter(|rid| (1..=RID_MAX).contains(rid));
        let mut read = Self {
            sid: text("sid"),
            rid: rid.ok_or(Terminate::BadRequest)?,
            to: text("to"),
            from: text("from"),
            lang: body.attrs().get(rxml::XMLNS_XML, "lang").cloned(),
            version: xmpp("version").map(str::to_owned),
            wait_s: number("wait")?,
            hold: number("hold")?,
            pause_s: number("pause")?,
            acks: body.attr("ack").is_some(),
            terminates: body.attr("type") == Some("terminate"),
            restarts: matches!(xmpp("restart"), Some("true" | "1")),
            key: text("key"),
            newkey: text("newkey"),
            elements: Vec::new(),
            size: bytes.len(),
        };
        read.elements = body.take_nodes().into_iter().filter_map(minidom::Node::into_element).collect();
        Ok(read)
    }

    /// Bytes of the request.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Whether it says nothing and only waits.
    pub(super) fn is_empty(&self) -> bool {
        self.elements.is_empty() && !self.restarts && !self.terminates && self.pause_s.is_none()
    }
}

/// The response to what has no session.
pub fn refusal(condition: Terminate) -> Vec<u8> {
    write(&[], Some(condition), &[])
}

/// A response with these attributes and these elements, which are written out.
pub(super) fn write(attributes: &[(&str, String)], terminate: Option<Terminate>, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len() + 128);
    out.extend_from_slice(b"<body xmlns='http://jabber.org/protocol/httpbind'");
    let mut attribute = |name: &str, value: &str| {
        out.push(b' ');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"='");
        escape_attribute(value, &mut out);
        out.push(b'\'');
    };
    for (name, value) in attributes {
        attribute(name, value);
    }
    if let Some(terminate) = terminate {
        attribute("type", "terminate");
        if let Some(condition) = terminate.name() {
            attribute("condition", condition);
        }
    }
    if payload.is_empty() {
        out.extend_from_slice(b"/>");
    } else {
        out.push(b'>');
        out.extend_from_slice(payload);
        out.extend_from_slice(b"</body>");
    }
    out
}
