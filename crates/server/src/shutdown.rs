//! The one signal that the server stops, and how far it has come. Who acts on it stands elsewhere.

use std::sync::Arc;

use tokio::sync::watch;

/// Shared by everything that must stop in order. Clones share the signal.
#[derive(Clone, Debug)]
pub struct Shutdown(Arc<watch::Sender<Phase>>);

/// How far stopping has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Phase {
    /// Everything runs.
    Running,
    /// No new connections and requests; sessions are told `bye` and closed; the loop goes on.
    Stopping,
    /// Sessions are closed; the loop answers what it has and ends.
    Draining,
}

impl Shutdown {
    /// Running.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Phase::Running)))
    }

    /// Moves on to `phase`; never back.
    pub fn advance(&self, phase: Phase) {
        self.0.send_if_modified(|current| {
            let moves = phase > *current;
            if moves {
                *current = phase;
            }
            moves
        });
    }

    /// Begins to stop.
    pub fn begin(&self) {
        self.advance(Phase::Stopping);
    }

    /// Whether stopping has begun.
    pub fn is_begun(&self) -> bool {
        *self.0.borrow() >= Phase::Stopping
    }

    /// Resolves when stopping has come to `phase` or further.
    pub async fn reached(&self, phase: Phase) {
        let mut receiver = self.0.subscribe();
        // The sender is held by `self`, so the wait cannot fail.
        let _ = receiver.wait_for(|current| *current >= phase).await;
    }

    /// Resolves when stopping has begun.
    pub async fn begun(&self) {
        self.reached(Phase::Stopping).await;
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}
