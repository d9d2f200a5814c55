//! The expected wait with a range: what is remembered of a queue, and two ways of reckoning from it. Who is eligible and
//! who stands ahead is said by the caller; nothing here looks at lines or agents.
//!
//! Arithmetic is addition, multiplication, division and square root of `f64`, which IEEE 754 fixes to the bit; what is
//! remembered is kept in integers. So an estimate is the same on every machine and after every reload.

use crate::time::Span;

mod seen;

pub use seen::{Answered, HANDLING_MIN, Seen, WINDOW};

/// No estimate is longer than a day.
pub const ESTIMATE_MAX: Span = Span::secs(24 * 3600);
/// What passes between a free agent being offered a request and accepting: low, expected, high.
const ANSWERING_S: Range = Range { low: 0.0, expected: 3.0, high: 10.0 };
/// Recent waits that [`Estimator::RecentWaits`] looks at; at least as many as [`HANDLING_MIN`] of them.
const RECENT: usize = 32;
/// The 80 % quantile of the normal distribution; the 20 % quantile is its negative.
const Z_80: f64 = 0.841_621_233_572_914_3;

/// How a request stands, as far as the wait depends on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Situation {
    /// How many are ahead; 0 is the head of the line.
    pub position: usize,
    /// Chats that the eligible agents who are there can hold at once, whether taken or not. What is neither busy nor
    /// free is pausing (wrap-up) and comes back.
    pub slots: u32,
    /// Slots that a chat is in.
    pub busy: u32,
    /// Slots that could take a chat now.
    pub free: u32,
    /// Of what all slots do, the part that comes to this line and not to others that the same agents serve, in
    /// millionths; [`WHOLE`] where they serve no other line in which somebody waits.
    pub share_ppm: u32,
}

/// All of it, in millionths.
pub const WHOLE: u32 = 1_000_000;

/// An expected wait with its range: about four of five waits are longer than `low`, and four of five shorter than `high`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Estimate {
    /// The short end.
    pub low: Span,
    /// The mean, or the median of what was seen.
    pub expected: Span,
    /// The long end; what to promise, if anything is promised.
    pub high: Span,
}

/// How the wait is reckoned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Estimator {
    /// From the work ahead: chats that must end first, at the rate at which all slots end them, some of those ahead
    /// giving up meanwhile. Follows at once when agents come and go.
    #[default]
    WorkAhead,
    /// From the latest waits of those who were answered, scaled by how many stood ahead of them where that is known.
    /// Needs no picture of the agents, and lags behind when they come and go.
    RecentWaits,
}

/// Seconds.
#[derive(Clone, Copy)]
struct Range {
    low: f64,
    expected: f64,
    high: f64,
}

impl Estimator {
    /// The expected wait from now. None: unknown, because too little was seen ([`HANDLING_MIN`] chats, and for
    /// `RecentWaits` as many waits), or nobody eligible is there.
    ///
    /// Costs no more than the logarithm of the position. Never falls when the position rises.
    pub fn estimate(self, seen: &Seen, situation: Situation) -> Option<Estimate> {
        if situation.slots == 0 || seen.handling_count < HANDLING_MIN {
            return None;
        }
        let free = situation.free.min(situation.slots) as usize;
        let Some(queued) = situation.position.checked_sub(free) else {
            return Some(ANSWERING_S.into());
        };
        match self {
            Self::WorkAhead => Some(work_ahead(seen, &situation, queued).plus(ANSWERING_S).into()),
            Self::RecentWaits => recent_waits(seen, queued).map(|range| range.at_least(ANSWERING_S).into()),
        }
    }
}

/// The wait of somebody with `queued` ahead and all slots taken.
///
/// While `n` are ahead, the line moves at rate `cμ + nθ`: chats that end, and those ahead who give up. The stages are
/// independent, so means and variances add. `c` counts of each slot only the share that comes to this line. The range is that of a gamma distribution of the same mean and variance.
fn work_ahead(seen: &Seen, situation: &Situation, queued: usize) -> Range {
    let slots = f64::from(situation.slots);
    let share = f64::from(situation.share_ppm.clamp(1, WHOLE)) / f64::from(WHOLE);
    let mean_s = seen.handling_mean.as_secs_f64().max(1.0);
    let completion = slots * share / mean_s;
    let hazard = seen.hazard_per_s();
    let irregularity = seen.irregularity();
    let (mut expected, mut variance) = (0.0, 0.0);
    let mut n = 0;
    while n <= queued {
        // Exact for the first stages, then blocks of stages by their middle; the blocks stand fixed, so that a longer
        // line only ever adds.
        let block = (n / 16).max(1).min(queued - n + 1);
        let (first, count) = (n as f64, block as f64);
        let rate = completion + (first + (count - 1.0) / 2.0) * hazard;
        // The ends of chats of many agents come as good as at random; only a long row of them shows their regularity.
        let mixed = 1.0 + (irregularity - 1.0) * (first / slots).min(1.0);
        let spread = (completion * mixed + (rate - completion)) / rate;
        expected += count / rate;
        variance += count * spread / (rate * rate);
        n += block;
    }
    // The mean itself is known only so well.
    variance += expected * expected * irregularity / seen.weight();
    Range::gamma(expected, variance)
}

/// Quantiles and mean of the latest waits of those who did wait, each scaled to this place in the line.
fn recent_waits(seen: &Seen, queued: usize) -> Option<Range> {
    let place = queued as f64 + 1.0;
    let waited = seen.answered.iter().rev().filter(|answered| answered.waited > Span::secs(2)).take(RECENT);
    let mut waits: Vec<f64> = waited
        .map(|answered| {
            let scale = answered.ahead.map_or(1.0, |ahead| place / (f64::from(ahead) + 1.0));
            answered.waited.as_secs_f64() * scale
        })
        .collect();
    if waits.len() < HANDLING_MIN as usize {
        return None;
    }
    waits.sort_by(f64::total_cmp);
    let quantile = |percent: usize| {
        let place = (waits.len() - 1) * percent;
        let (at, part) = (place / 100, (place % 100) as f64 / 100.0);
        let next = waits[(at + 1).min(waits.len() - 1)];
        waits[at] + (next - waits[at]) * part
    };
    // The latest waits overlap, so they are more alike than the next one will be: the outer tenths, not fifths, cover it.
    Some(Range { low: quantile(10), expected: quantile(50), high: quantile(90) })
}

impl Range {
    /// The gamma distribution of this mean and variance, its quantiles after Wilson and Hilferty: the cube root of a
    /// gamma variable is nearly normal.
    fn gamma(mean: f64, variance: f64) -> Self {
        let inverse_shape = variance / (mean * mean);
        let cube = |z: f64| {
            let root = (1.0 - inverse_shape / 9.0 + z * inverse_shape.sqrt() / 3.0).max(0.0);
            mean * root * root * root
        };
        Self { low: cube(-Z_80), expected: mean, high: cube(Z_80) }
    }

    fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, expected: self.expected + other.expected, high: self.high + other.high }
    }

    fn at_least(self, other: Self) -> Self {
        Self {
            low: self.low.max(other.low),
            expected: self.expected.max(other.expected),
            high: self.high.max(other.high),
        }
    }
}

impl From<Range> for Estimate {
    /// In whole milliseconds, in order, within [`ESTIMATE_MAX`].
    fn from(range: Range) -> Self {
        let span = |seconds: f64| Span::millis((seconds * 1e3) as i64).clamp(Span::ZERO, ESTIMATE_MAX);
        let expected = span(range.expected);
        Self { low: span(range.low).min(expected), expected, high: span(range.high).max(expected) }
    }
}

#[cfg(test)]
mod tests;
