//! What the loop tells when a batch is stored: the trait that edges implement. What they render stands with them.

use desk::time::Time;
use desk::{State, Turn};

/// Renders what happened in its own tongue. Called by the loop, after the commit, one edge after the other: an edge is quick,
/// never waits, and hands long work to a task of its own.
pub trait Edge: Send {
    /// A turn was stored. `state` is the desk after the whole batch that the turn belongs to.
    fn turn(&mut self, state: &State, turn: &Turn);

    /// A batch is through, or `due` has come: time for what was put together over several turns.
    fn tick(&mut self, state: &State, now: Time) {
        let _ = (state, now);
    }

    /// When `tick` is wanted next, if nothing happens before.
    fn due(&self) -> Option<Time> {
        None
    }
}
