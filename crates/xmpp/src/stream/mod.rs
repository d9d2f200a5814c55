//! The server's side of one client connection (RFC 6120), without a socket: bytes and answers go in, [`Step`]s come out.
//!
//! A host owns a [`Stream`] for each connection and does what it says:
//!
//! | the host calls | when |
//! |---|---|
//! | `Stream::new(Arc<Settings>, Transport, seed: [u8; 32], now_us: i64)` | a client has connected; `seed` is random and used once |
//! | `received(&[u8], now_us)` | bytes came (TCP, TLS), or one text frame (WebSocket) |
//! | `wants_bytes() -> bool` | before reading: not while a question or a TLS handshake is open |
//! | `tls_done(Bindings, now_us)` | the handshake that `Step::StartTls` asked for is done |
//! | `answer(Answer, now_us)` | the answer to the one open `Step::Ask` is known |
//! | `send(Delivery, now_us)` | a stanza is to go to the client; many calls before one `take_steps` are written together |
//! | `deadline() -> Option<i64>`, `tick(now_us)` | the moment in µs at which `tick` is to be called |
//! | `close(Option<StreamError>, now_us)` | the host ends the stream (shutdown, conflict, mailbox full) |
//! | `detach(now_us) -> Option<Suspended>` | the client resumes this session elsewhere, before this connection was known to be lost |
//! | `take_steps() -> Vec<Step>` | after each of these: what to do now, in this order |
//! | `end(now_us) -> Ended` | the connection is gone, for whatever reason: what to keep for resumption or to deliver elsewhere |
//!
//! Between `Step::Bound` (or `Step::Resumed`) and `end`, stanzas for the client are sent. Every stanza that comes out has
//! `from` set to the client's full address. Time is microseconds since the epoch, as everywhere.
//!
//! What must not be here: sockets, accounts, routing, what stanzas mean.

mod bind;
mod bound;
mod closing;
mod connection;
mod in_bodies;
mod inline;
mod intake;
mod login;
mod manage;
mod open;
mod seed;
mod settings;
mod step;
mod suspended;

use crate::websocket;

pub use connection::Stream;
pub use settings::{Host, Logins, Settings, StartTls, Timings, Transport};
pub use step::{Answer, BindRefusal, Bindings, Ended, Hash, Keys, Password, Question, Step};
pub use suspended::Suspended;
