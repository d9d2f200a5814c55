//! XMPP over HTTP (BOSH: XEP-0124, XEP-0206): a [`Session`] is one [`Stream`](crate::stream::Stream) whose elements travel in
//! the bodies of requests and responses. Sans-IO, like the stream.
//!
//! The host reads a request with [`Body::read`]. Without `sid` it begins a session (`Session::new`), which the host then finds by
//! `Session::sid`; with one it is handed to that session (`request`). Each HTTP request has a ticket, a number of the host's; a
//! [`Step::Respond`] names the ticket whose response is to be sent. What has no session is answered with [`refusal`]. All else
//! (`answer`, `send`, `close`, `deadline`, `tick`, `detach`, `take_steps(now_us)`, `end`) is as with a stream, whose steps come out
//! as [`Step::Stream`]; `Write`, `StartTls` and `Close` are not among them. After [`Step::Ended`], call `end`.
//!
//! Responses are `text/xml; charset=utf-8`, always with HTTP status 200. What must not be here: HTTP, what stanzas mean.

mod body;
mod session;
mod window;

pub use body::{Body, Terminate, refusal};
pub use session::{Session, Settings, Step};

/// The namespace of `<body/>`.
pub const NS_BOSH: &str = "http://jabber.org/protocol/httpbind";
/// The namespace of what XMPP adds to it.
pub const NS_XBOSH: &str = "urn:xmpp:xbosh";
/// The `Content-Type` of responses.
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";
