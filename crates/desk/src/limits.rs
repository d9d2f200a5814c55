//! Everything has a limit. The simulator runs with tiny ones.

use crate::time::Span;

/// The desk's limits; a command that would pass one is refused and changes nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Workgroups on the desk.
    pub workgroups: usize,
    /// Queues on the desk.
    pub queues: usize,
    /// Agents on the desk.
    pub agents: usize,
    /// Requests that are not ended.
    pub requests: usize,
    /// Different requirements waiting in one queue.
    pub classes_per_queue: usize,
    /// Rollover steps of a queue.
    pub rollover_steps: usize,
    /// Queues that one agent may be a member of.
    pub queues_per_agent: usize,
    /// Offers that may ring at one agent at once in `ring-all`.
    pub ringing_per_agent: usize,
    /// Agents in one chat, supervisors included.
    pub agents_per_chat: usize,
    /// Blocks in force.
    pub blocks: usize,
    /// Fields of a form.
    pub form_fields: usize,
    /// Furthest a callback may be asked for ahead.
    pub callback_ahead: Span,
    /// Agents remembered as having rejected a request.
    pub rejections: usize,
    /// Timers fired and requests moved on in one turn; what is left is due at once in the next.
    pub settled_per_turn: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            workgroups: 1_000,
            queues: 5_000,
            agents: 20_000,
            requests: 2_000_000,
            classes_per_queue: 64,
            rollover_steps: 8,
            queues_per_agent: 64,
            ringing_per_agent: 10,
            agents_per_chat: 6,
            blocks: 100_000,
            form_fields: 30,
            callback_ahead: Span::secs(90 * 24 * 3600),
            rejections: 64,
            settled_per_turn: 10_000,
        }
    }
}
