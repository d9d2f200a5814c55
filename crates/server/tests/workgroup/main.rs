//! The workgroup service in dialogues: what visitors and agents with XMPP clients send, and what comes back, through the whole
//! desk, without sockets.
#![expect(clippy::unwrap_used, reason = "tests")]

mod agents;
mod errors;
#[path = "../staff/harness.rs"]
#[expect(dead_code, reason = "the web's half of the harness is used by others")]
mod harness;
mod office;
mod past;
mod visitors;
