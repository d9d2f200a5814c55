//! Today's figures per line, kept from turns in memory and read from the archive at start. A day begins at midnight in the
//! workgroup's zone; a request counts on the day on which it came.

use std::collections::HashMap;

use desk::State;
use desk::Turn;
use desk::entity::{Queue, Request};
use desk::event::{Ending, Event};
use desk::ids::QueueId;
use desk::schedule::Zone;
use desk::spec::Counted;
use desk::time::{Span, Time};
use store::archive::Counts;

use super::twins::Today;
use crate::wire;

/// When the day that `now` lies in began, in a zone.
pub fn day_start(zone: &Zone, now: Time) -> Time {
    day_bounds(zone, now).0
}

/// When the day that `now` lies in began, and when the next one begins.
pub fn day_bounds(zone: &Zone, now: Time) -> (Time, Time) {
    let bounds = || {
        let stamp = jiff::Timestamp::from_microsecond(now.0).ok()?;
        let zone = jiff::tz::TimeZone::get(&zone.name).unwrap_or(jiff::tz::TimeZone::UTC);
        let start = stamp.to_zoned(zone).start_of_day().ok()?;
        let end = start.tomorrow().ok()?.start_of_day().ok()?;
        Some((Time(start.timestamp().as_microsecond()), Time(end.timestamp().as_microsecond())))
    };
    bounds().unwrap_or((now, now + Span::secs(86_400)))
}

/// The figures of all lines.
#[derive(Default)]
pub struct Figures {
    days: HashMap<QueueId, Day>,
}

#[derive(Clone, Copy)]
struct Day {
    from: Time,
    to: Time,
    arrived: u64,
    answered: u64,
    abandoned: u64,
    within_target: u64,
    wait_sum: Span,
}

impl Day {
    fn beginning(from: Time, to: Time) -> Self {
        Self { from, to, arrived: 0, answered: 0, abandoned: 0, within_target: 0, wait_sum: Span::ZERO }
    }
}

impl Figures {
    /// A line's figures as they are shown.
    pub fn of(&self, queue: QueueId, now: Time) -> Today {
        let Some(day) = self.days.get(&queue).filter(|day| now < day.to) else { return Today::default() };
        let mean = |sum: Span, count: u64| wire::seconds(Span(sum.0 / i64::try_from(count).unwrap_or(i64::MAX).max(1)));
        Today {
            arrived: day.arrived,
            answered: day.answered,
            abandoned: day.abandoned,
            within_target: day.within_target,
            mean_wait_s: (day.answered > 0).then(|| mean(day.wait_sum, day.answered)),
        }
    }

    /// What the archive counted so far on this day replaces what is known of the line.
    pub fn load(&mut self, queue: QueueId, bounds: (Time, Time), counts: &Counts) {
        let day = Day {
            arrived: counts.arrived,
            answered: counts.answered,
            abandoned: counts.abandoned,
            within_target: counts.within_target,
            wait_sum: counts.wait_sum,
            ..Day::beginning(bounds.0, bounds.1)
        };
        self.days.insert(queue, day);
    }

    /// Counts what happened in a turn; gives the lines whose figures changed.
    pub fn count(&mut self, state: &State, turn: &Turn) -> Vec<QueueId> {
        let mut changed = Vec::new();
        for event in &turn.events {
            match event {
                Event::RequestQueued { asked, .. } => {
                    if let Some(day) = self.day(state, *asked, turn.at) {
                        day.arrived += 1;
                        changed.push(*asked);
                    }
                }
                Event::VisitorEntered { request, .. } => {
                    let ended = || turn.ended.iter().find(|it| it.request.id == *request).map(|it| &*it.request);
                    if let Some(request) = state.request(*request).or_else(ended) {
                        self.answered(state, request, turn.at, &mut changed);
                    }
                }
                _ => {}
            }
        }
        for ended in &turn.ended {
            let given_up =
                matches!(ended.ending, Ending::Departed | Ending::Abandoned | Ending::NotEntered | Ending::Unreachable);
            if given_up && ended.request.answered.is_none() {
                let (queue, came) = (ended.request.asked, ended.request.joined_at);
                if let Some(day) = self.day(state, queue, turn.at).filter(|day| came >= day.from) {
                    day.abandoned += 1;
                    changed.push(queue);
                }
            }
        }
        changed
    }

    /// Counted once: `answered` keeps the time of the first entry, so a later entry is another time.
    fn answered(&mut self, state: &State, request: &Request, at: Time, changed: &mut Vec<QueueId>) {
        let Some((by, _, first)) = request.answered else { return };
        if first != at {
            return;
        }
        let asked = request.asked;
        let counted = match state.queue(asked).map(|queue| queue.spec.counted) {
            Some(Counted::Answered) => by,
            _ => asked,
        };
        if counted != asked {
            if let Some(day) = self.day(state, asked, at).filter(|day| request.joined_at >= day.from) {
                day.arrived = day.arrived.saturating_sub(1);
                changed.push(asked);
            }
            if let Some(day) = self.day(state, counted, at).filter(|day| request.joined_at >= day.from) {
                day.arrived += 1;
            }
        }
        let target = state.queue(counted).map_or(Span::ZERO, |queue| queue.spec.target_wait);
        if let Some(day) = self.day(state, counted, at).filter(|day| request.joined_at >= day.from) {
            let waited = at.since(request.joined_at);
            day.answered += 1;
            day.within_target += u64::from(waited <= target);
            day.wait_sum = Span(day.wait_sum.0.saturating_add(waited.0));
            changed.push(counted);
        }
    }

    fn day(&mut self, state: &State, queue: QueueId, now: Time) -> Option<&mut Day> {
        let Queue { workgroup, .. } = state.queue(queue)?;
        let zone = &state.workgroup(*workgroup)?.spec.zone;
        let begin = || {
            let (from, to) = day_bounds(zone, now);
            Day::beginning(from, to)
        };
        let day = self.days.entry(queue).or_insert_with(begin);
        if now >= day.to {
            *day = begin();
        }
        Some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{parse_rfc3339, rfc3339};

    #[test]
    fn days_begin_at_local_midnight_also_when_clocks_change() {
        let zone = Zone { name: "Europe/Amsterdam".into(), ..Zone::default() };
        let at = |text: &str| parse_rfc3339(text).expect("a time");
        let (from, to) = day_bounds(&zone, at("2026-10-25T12:00:00Z"));
        assert_eq!(
            (rfc3339(from).as_str(), rfc3339(to).as_str()),
            ("2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z")
        );
        let unknown = Zone { name: "Nowhere/Land".into(), ..Zone::default() };
        assert_eq!(rfc3339(day_start(&unknown, at("2026-10-25T12:00:00Z"))), "2026-10-25T00:00:00.000Z");
    }
}
