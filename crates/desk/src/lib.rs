//! The desk DECIDES: who waits where, who is offered what, when a request rolls over, when a room ends.
//!
//! No I/O, no async, no clock, no randomness, no serde, no XML, no HTTP: a command and the time go in, events or a
//! refusal come out, and the same commands at the same times give the same events.

pub mod command;
pub mod entity;
pub mod estimate;
pub mod event;
pub mod ids;
pub mod limits;
pub mod line;
pub mod refusal;
pub mod schedule;
pub mod skill;
pub mod spec;
pub mod time;
mod turn;

pub use turn::{Ended, Reply, Turn};
