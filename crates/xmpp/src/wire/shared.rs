//! A stanza that is written once and sent to any number of receivers: only `to` differs, and is put into its place while the
//! bytes are copied.

use std::fmt;
use std::sync::Arc;

use jid::Jid;
use minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::presence::{self, Presence};
use xmpp_parsers::stanza::Stanza;

use super::{NS_CLIENT, escape_attribute, write_element};

/// What kind of stanza it is, as far as a stream cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A message.
    Message,
    /// Whether somebody is there: only the last one of each sender matters to who is not looking (XEP-0352).
    Availability {
        /// Who.
        sender: Option<Jid>,
    },
    /// Any other presence: subscriptions, probes, errors, one's own entry into a room.
    Presence,
    /// A query or its answer.
    Iq,
}

/// A stanza written once, without `to`.
#[derive(Clone, PartialEq, Eq)]
pub struct Shared {
    kind: Kind,
    /// Behind the element's name.
    place: usize,
    bytes: Box<[u8]>,
}

/// The stanza holds what cannot be written as XML, such as an element whose name is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwritable;

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stanza cannot be written as XML")
    }
}

impl std::error::Error for Unwritable {}

impl Shared {
    /// Writes a stanza. Its `to` is left out. Characters that XML forbids become U+FFFD.
    pub fn new(stanza: &Stanza) -> Result<Self, Unwritable> {
        let kind = match stanza {
            Stanza::Message(_) => Kind::Message,
            Stanza::Iq(_) => Kind::Iq,
            Stanza::Presence(presence) => match presence.type_ {
                presence::Type::None | presence::Type::Unavailable if !is_own_entry(presence) => {
                    Kind::Availability { sender: presence.from.clone() }
                }
                _ => Kind::Presence,
            },
        };
        let mut bytes = Vec::with_capacity(512);
        let place = write_element(stanza, NS_CLIENT, true, &mut bytes).map_err(|_| Unwritable)?;
        Ok(Self { kind, place, bytes: bytes.into_boxed_slice() })
    }

    /// What kind of stanza it is.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Bytes without `to`.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Writes it for one receiver, for where the default namespace is `jabber:client`.
    pub fn write_to(&self, to: &Jid, out: &mut Vec<u8>) {
        self.write(to, b" to='", out);
    }

    /// Writes it for one receiver, with its namespace: for a frame or a body of its own (RFC 7395, XEP-0206).
    pub fn write_framed(&self, to: &Jid, out: &mut Vec<u8>) {
        self.write(to, b" xmlns='jabber:client' to='", out);
    }

    fn write(&self, to: &Jid, before: &[u8], out: &mut Vec<u8>) {
        let to = to.as_str();
        out.reserve(self.bytes.len() + before.len() + to.len() + 16);
        out.extend_from_slice(&self.bytes[..self.place]);
        out.extend_from_slice(before);
        escape_attribute(to, out);
        out.push(b'\'');
        out.extend_from_slice(&self.bytes[self.place..]);
    }

    /// The stanza again, for one receiver. Slow: for what could not be delivered.
    pub fn to_stanza(&self, to: &Jid) -> Option<Stanza> {
        let mut bytes = Vec::new();
        self.write_framed(to, &mut bytes);
        let element = Element::from_reader(bytes.as_slice()).ok()?;
        Stanza::try_from(element).ok()
    }
}

/// Whether a room says with it that the receiver itself has entered or left (XEP-0045, status 110): that is waited for.
fn is_own_entry(presence: &Presence) -> bool {
    let about = presence.payloads.iter().filter(|payload| payload.is("x", ns::MUC_USER));
    about.flat_map(Element::children).any(|child| child.name() == "status" && child.attr("code") == Some("110"))
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shared({:?}, {} bytes)", self.kind, self.bytes.len())
    }
}

/// A stanza on its way to one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its `to`: the client's full address, or the account's.
    pub to: Jid,
    /// What is sent.
    pub stanza: Arc<Shared>,
}

impl Delivery {
    /// The stanza again, as it was before it was written.
    pub fn to_stanza(&self) -> Option<Stanza> {
        self.stanza.to_stanza(&self.to)
    }
}
