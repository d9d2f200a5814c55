//! The server's side of client connections, as dialogues: what the client says, what it hears, what the host is told.

#![expect(clippy::unwrap_used, reason = "a dialogue that cannot be staged fails its test")]

mod bosh;
mod closing;
mod dialogue;
mod hostile;
mod inline;
mod login;
mod lossless;
mod manage;
mod opening;
mod scram;
mod session;
mod websocket;
mod wire;
