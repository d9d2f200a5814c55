//! Bytes ⇄ stanzas: the incremental reader of a stream ([`Reader`]), what a stranger may send at most ([`Limits`]), how a
//! violation ends a stream ([`StreamError`]), and a stanza that is written once for any number of receivers ([`Shared`]).
//!
//! Inside, everything is in the namespace `jabber:client`. Nothing here recurses over what it reads: depth is limited before
//! any tree is built. What must not be here: sockets, states of a stream.

mod assembly;
mod error;
mod limits;
mod reader;
mod shared;
mod write;

pub use assembly::{Head, Unit};

pub use error::{StreamError, StreamErrorCondition};
pub use limits::Limits;
pub use reader::{Header, Reader, read_frame};
pub use shared::{Delivery, Kind, Shared, Unwritable};
use write::write_element;
pub(crate) use write::{escape_attribute, escape_text};

/// The namespace of streams (RFC 6120 §4.8.1).
pub const NS_STREAMS: &str = "http://etherx.jabber.org/streams";
/// The namespace of what clients and servers say to one another (RFC 6120 §4.8.2).
pub const NS_CLIENT: &str = "jabber:client";
