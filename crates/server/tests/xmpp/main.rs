//! Dialogues with XMPP clients over real sockets: log-in, stanzas, rooms, conversations, broken connections, hostile input.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bosh;
mod client;
mod conversations;
mod hostile;
mod login;
mod resuming;
mod rooms;
mod stage;
#[path = "../visiting/mod.rs"]
mod visiting;
mod websocket;
mod workgroups;
