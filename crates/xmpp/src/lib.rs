//! Speaks XMPP: stanzas in, stanzas out, and the state machines between them.
//!
//! No sockets, no async, no clock, no randomness and no desk: times and identifiers are arguments, so the same input
//! gives the same output. Built on the published `xmpp-parsers`, `minidom` and `jid` crates, which are re-exported so
//! that callers need not name a version of their own.
//!
//! - [`component`]: being an external component of somebody else's server (XEP-0114).
//! - [`im`]: the rules of the server's own domains: sessions, presence, subscriptions, delivery.
//! - [`bosh`]: streams over HTTP.
//! - [`markup`]: reading and building elements by hand, within limits.
//! - [`muc`]: the rooms of a conference service (XEP-0045), one file per room feature.
//! - [`sasl`]: logging in, the server's half of the mechanisms.
//! - [`stream`]: the server's side of one client connection, from the header to its end.
//! - [`websocket`]: how a stream is framed there.
//! - [`wire`]: bytes ⇄ stanzas within limits, and stanzas that are written once.
//! - [`workgroup`]: the elements of workgroups and their queues (XEP-0142 and the dialect of Fastpath and Smack).
//! - [`xep`]: one file per extension element that the published crates lack, and [`xep::chat`], the elements of a chat
//!   desk's message in one value.

pub use jid;
pub use minidom;
pub use xmpp_parsers;

pub mod bosh;
pub mod component;
pub mod im;
pub mod markup;
pub mod muc;
pub mod sasl;
pub mod stream;
pub mod websocket;
pub mod wire;
pub mod workgroup;
pub mod xep;
