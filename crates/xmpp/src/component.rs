//! XEP-0114: being an external component of somebody else's server. Bytes are read and written elsewhere; here is what is
//! said until both sides may send stanzas, and the map between the component's namespace and the one used inside.

use std::fmt;

use jid::BareJid;
use minidom::{Element, Node};
use xmpp_parsers::component::Handshake;
use xmpp_parsers::ns::{self, COMPONENT, DEFAULT_NS};
use xso::error::FromElementError;

/// Longest stream id that is believed, in bytes.
const ID_BYTES: usize = 1024;

/// What the host is to do next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Send these bytes.
    Write(String),
    /// Stanzas may be sent from now on.
    Ready,
    /// A stanza arrived, in the namespace used inside.
    Stanza(Element),
}

/// Why a link ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkFault {
    /// The server opened a stream that is none for components.
    NotForComponents,
    /// Its stream has no id, without which the secret cannot be shown.
    NoId,
    /// The secret is not the one that the server has (stream error `not-authorized`).
    NotAuthorized,
    /// The address is not configured there, or somebody else has it (`host-unknown`, `conflict`).
    AddressRefused(String),
    /// The server ended the stream with another error.
    Ended(String),
    /// Something came before its time.
    OutOfOrder,
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkFault::NotForComponents => f.write_str("This port of the server is not for components."),
            LinkFault::NoId => f.write_str("The server opened a stream without an id."),
            LinkFault::NotAuthorized => f.write_str("The secret is not the one that the server has."),
            LinkFault::AddressRefused(condition) => write!(f, "The server refuses the address: {condition}."),
            LinkFault::Ended(condition) => write!(f, "The server ended the stream: {condition}."),
            LinkFault::OutOfOrder => f.write_str("The server sent something before its time."),
        }
    }
}

impl std::error::Error for LinkFault {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Opening,
    Proving,
    Ready,
}

/// One connection to a server, from the first byte to the last.
#[derive(Debug)]
pub struct Link {
    domain: BareJid,
    secret: String,
    phase: Phase,
}

impl Link {
    /// A link for this address with this secret, and the bytes that open it.
    pub fn new(domain: BareJid, secret: String) -> (Link, Step) {
        // An address has none of the characters that would need escaping in an attribute but the apostrophe and the
        // ampersand, and those are forbidden in a domain (RFC 7622 §3.2).
        let header = format!(
            "<?xml version='1.0'?><stream:stream xmlns='{COMPONENT}' xmlns:stream='{}' to='{domain}'>",
            ns::STREAM
        );
        (Link { domain, secret, phase: Phase::Opening }, Step::Write(header))
    }

    /// The address of the component.
    pub fn domain(&self) -> &BareJid {
        &self.domain
    }

    /// Whether stanzas may be sent.
    pub fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    /// The server's stream header was read: its default namespace and its id.
    ///
    /// # Errors
    /// When it is no stream for components, has no id, or came twice.
    pub fn opened(&mut self, default_ns: &str, id: Option<&str>) -> Result<Step, LinkFault> {
        if self.phase != Phase::Opening {
            return Err(LinkFault::OutOfOrder);
        }
        if default_ns != COMPONENT {
            return Err(LinkFault::NotForComponents);
        }
        let id = id.filter(|id| !id.is_empty() && id.len() <= ID_BYTES).ok_or(LinkFault::NoId)?;
        self.phase = Phase::Proving;
        Ok(Step::Write(handshake(id, &self.secret)))
    }

    /// A complete element was read.
    ///
    /// # Errors
    /// When it is a stream error, or came before its time.
    pub fn received(&mut self, element: Element) -> Result<Option<Step>, LinkFault> {
        if element.is("error", ns::STREAM) {
            return Err(fault(&element));
        }
        match self.phase {
            Phase::Opening => Err(LinkFault::OutOfOrder),
            Phase::Proving if element.is("handshake", COMPONENT) => {
                self.phase = Phase::Ready;
                Ok(Some(Step::Ready))
            }
            Phase::Proving => Err(LinkFault::OutOfOrder),
            Phase::Ready => {
                let is_stanza = matches!(element.name(), "iq" | "message" | "presence") && element.has_ns(COMPONENT);
                Ok(is_stanza.then(|| Step::Stanza(inward(element))))
            }
        }
    }

    /// The bytes that end the stream.
    pub fn close() -> &'static str {
        "</stream:stream>"
    }
}

fn fault(error: &Element) -> LinkFault {
    let condition = error.children().find(|child| child.has_ns(ns::XMPP_STREAMS) && child.name() != "text");
    match condition.map_or("undefined-condition", Element::name) {
        "not-authorized" => LinkFault::NotAuthorized,
        name @ ("host-unknown" | "conflict" | "host-gone") => LinkFault::AddressRefused(name.to_owned()),
        name => LinkFault::Ended(name.chars().take(64).collect()),
    }
}

/// `<handshake/>` with the SHA-1 of the stream's id and the secret, in small hexadecimal letters.
pub fn handshake(id: &str, secret: &str) -> String {
    let proof = Handshake::from_stream_id_and_password(id.to_owned(), secret).data.unwrap_or_default();
    let hex: String = proof.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("<handshake>{hex}</handshake>")
}

/// Reads `<handshake/>` as the server's side would: the proof in it, if it holds one.
///
/// # Errors
/// When it is another element, or holds something else.
pub fn read_handshake(element: Element) -> Result<Option<[u8; 20]>, FromElementError> {
    Handshake::try_from(element).map(|handshake| handshake.data)
}

/// From the component's namespace to the one used inside. Only the stanza itself and what belongs to it is mapped: a
/// stanza that is carried inside another element keeps its own.
pub fn inward(stanza: Element) -> Element {
    mapped(stanza, COMPONENT, DEFAULT_NS)
}

/// From the namespace used inside to the component's.
pub fn outward(stanza: Element) -> Element {
    mapped(stanza, DEFAULT_NS, COMPONENT)
}

fn mapped(mut element: Element, from: &str, to: &str) -> Element {
    if !element.has_ns(from) {
        return element;
    }
    let mut copy = Element::bare(element.name(), to);
    std::mem::swap(copy.attrs_mut(), element.attrs_mut());
    for node in element.take_nodes() {
        copy.append_node(match node {
            Node::Element(child) => Node::Element(mapped(child, from, to)),
            Node::Text(text) => Node::Text(text),
        });
    }
    copy
}
