//! Speaks XMPP: stanzas in, stanzas out, and the state machines between them.
//!
//! No sockets, no async, no clock, no randomness and no desk: times and identifiers are arguments, so the same input
//! gives the same output. Built on the published `xmpp-parsers`, `minidom` and `jid` crates, which are re-exported so
//! that callers need not name a version of their own.
//!
//! - [`im`]: the rules of the server's own domains: sessions, presence, subscriptions, delivery.
//! - [`bosh`]: streams over HTTP.
//! - [`muc`]: the rooms of a conference service (XEP-0045), one file per room feature.
//! - [`websocket`]: how a stream is framed there.
//! - [`wire`]: bytes ⇄ stanzas within limits, and stanzas that are written once.
//! - [`sasl`]: logging in, the server's half of the mechanisms.
//! - [`stream`]: the server's side of one client connection, from the header to its end.
//! - [`xep`]: one file per extension element that the published crates lack, and [`xep::chat`], the elements of a chat
//!   desk's message in one value.

pub use jid;
pub use minidom;
pub use xmpp_parsers;

pub mod bosh;
pub mod im;
pub mod muc;
pub mod sasl;
pub mod stream;
pub mod websocket;
pub mod wire;
pub mod xep;
