//! What is remembered of a queue for its estimates: handling times, waits, patience. Bounded, in integers, with public
//! fields, so that the store can keep and give back exactly this. How estimates follow from it is in `estimate.rs`.

use std::collections::VecDeque;

use crate::time::{Span, Time};

/// How many of the latest handling times and waits are remembered one by one.
pub const WINDOW: usize = 64;
/// Chats that must have been seen before there is an estimate.
pub const HANDLING_MIN: u64 = 5;

/// A new handling time weighs this part of the moving mean, once as many were seen.
const MOVING: f64 = 32.0;
/// A single time counts for no more than so many times the median, lest a forgotten chat spoil a day.
const OUTLIER: i64 = 8;
/// Waits after which the counts of patience are halved, so that they follow the times.
const PATIENCE_MAX: u32 = 512;
/// No observation counts as longer than a day.
const OBSERVATION_MAX: Span = Span::secs(24 * 3600);

/// What was seen of handling, waiting and giving up in a queue.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// The latest handling times, at most [`WINDOW`], oldest first.
    pub handling: VecDeque<Span>,
    /// Handling times seen ever.
    pub handling_count: u64,
    /// Moving mean of the handling times.
    pub handling_mean: Span,
    /// Moving variance of the handling times, in milliseconds squared.
    pub handling_variance_ms2: u64,
    /// The latest waits of those who were answered, at most [`WINDOW`], oldest first.
    pub answered: VecDeque<Answered>,
    /// Those who gave up, among `waits`.
    pub abandoned: u32,
    /// Waits that `abandoned` and `waited_total` count; halved with them before it passes 512.
    pub waits: u32,
    /// How long all of them waited together.
    pub waited_total: Span,
}

/// A wait that ended with an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answered {
    /// When it ended.
    pub at: Time,
    /// How long it was.
    pub waited: Span,
    /// How many stood ahead at the beginning without a free slot for them, where that is known.
    pub ahead: Option<u32>,
}

impl Seen {
    /// A chat ended; it took this long.
    pub fn observe_handled(&mut self, took: Span) {
        let took = took.clamp(Span::ZERO, OBSERVATION_MAX);
        let counted_ms = took.min(self.outlier_bound()).0 as f64 / 1e3;
        push(&mut self.handling, took);
        self.handling_count = self.handling_count.saturating_add(1);
        let part = 1.0 / self.weight();
        let (mean, variance) = (self.handling_mean.0 as f64 / 1e3, self.handling_variance_ms2 as f64);
        let step = (counted_ms - mean) * part;
        self.handling_mean = Span(((mean + step) * 1e3) as i64);
        self.handling_variance_ms2 = ((1.0 - part) * (variance + (counted_ms - mean) * step)) as u64;
    }

    /// Somebody was answered, after this wait.
    pub fn observe_answered(&mut self, at: Time, waited: Span) {
        self.observe_answered_behind(at, waited, None);
    }

    /// Somebody was answered after this wait, having had so many ahead at its beginning.
    pub fn observe_answered_behind(&mut self, at: Time, waited: Span, ahead: Option<u32>) {
        let waited = waited.clamp(Span::ZERO, OBSERVATION_MAX);
        push(&mut self.answered, Answered { at, waited, ahead });
        self.observe_wait(waited, 0);
    }

    /// Somebody gave up, after this wait.
    pub fn observe_abandoned(&mut self, waited: Span) {
        self.observe_wait(waited.clamp(Span::ZERO, OBSERVATION_MAX), 1);
    }

    /// The rate per second at which somebody who waits gives up: those who gave up over the time that all waited.
    pub fn hazard_per_s(&self) -> f64 {
        let waited_s = self.waited_total.as_secs_f64();
        if waited_s < 1.0 { 0.0 } else { f64::from(self.abandoned) / waited_s }
    }

    /// Variance of the handling times over the square of their mean: 0 for all alike, 1 for exponential ones. Within
    /// 0.05 and 4.
    pub(super) fn irregularity(&self) -> f64 {
        let mean_ms = (self.handling_mean.0 as f64 / 1e3).max(1.0);
        (self.handling_variance_ms2 as f64 / (mean_ms * mean_ms)).clamp(0.05, 4.0)
    }

    /// How many observations the moving mean stands for.
    pub(super) fn weight(&self) -> f64 {
        (self.handling_count as f64).clamp(1.0, MOVING)
    }

    fn observe_wait(&mut self, waited: Span, abandoned: u32) {
        if self.waits >= PATIENCE_MAX {
            self.waits /= 2;
            self.abandoned /= 2;
            self.waited_total = Span(self.waited_total.0 / 2);
        }
        self.waits += 1;
        self.abandoned += abandoned;
        self.waited_total = Span(self.waited_total.0.saturating_add(waited.0));
    }

    fn outlier_bound(&self) -> Span {
        if self.handling.len() < 8 {
            return OBSERVATION_MAX;
        }
        let mut sorted: Vec<Span> = self.handling.iter().copied().collect();
        let (_, median, _) = sorted.select_nth_unstable(self.handling.len() / 2);
        Span(median.0.max(1_000_000).saturating_mul(OUTLIER))
    }
}

fn push<T>(window: &mut VecDeque<T>, new: T) {
    while window.len() >= WINDOW {
        window.pop_front();
    }
    window.push_back(new);
}
