//! The desk DECIDES: who waits where, who is offered what, when a request rolls over, when a room ends.
//!
//! No I/O, no async, no clock, no randomness, no serde, no XML, no HTTP: a command and the time go in, events or a
//! refusal come out, and the same commands at the same times give the same events.

mod agent;
mod callback;
pub mod command;
pub mod declare;
mod dispatch;
mod engine;
pub mod entity;
pub mod estimate;
pub mod event;
pub mod ids;
pub mod limits;
pub mod line;
mod offer;
mod queue;
pub mod refusal;
mod rollover;
mod room;
pub mod schedule;
mod settle;
pub mod skill;
pub mod spec;
pub mod state;
pub mod time;
mod transfer;
mod turn;
pub mod workgroup;

pub use engine::Engine;
pub use state::{Position, State};
pub use turn::{Ended, Reply, Turn};

#[cfg(test)]
mod tests;
