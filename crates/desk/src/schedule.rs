//! Opening hours as pure functions: hours, a zone and a time in; open, last call or closed out. What then happens to
//! those who wait is decided elsewhere.
//!
//! The rules that the wall clock leaves open are settled so:
//! - An opening belongs to the day on which it begins. A holiday replaces the openings that begin on its date; what began
//!   the evening before runs to its end, and openings of a holiday may pass midnight too.
//! - A change of the clock that skips the beginning or the end of an opening moves that to the moment of the change. An
//!   opening that is skipped whole does not take place that day.
//! - Where the clock shows an hour twice, an opening begins at the first and ends at the second.
//! - Openings that touch or overlap are one; last call comes before the end of the whole.

use crate::refusal::{Finding, Severity};
use crate::time::{Span, Time};

mod zone;

pub use zone::{Date, OFFSET_MAX_S, Zone};

/// How far ahead a change is looked for.
pub const HORIZON_DAYS: i64 = 400;
/// Most weekly openings.
pub const WEEKLY_MAX: usize = 200;
/// Most holidays.
pub const HOLIDAYS_MAX: usize = 500;
/// Most openings on one holiday.
pub const HOLIDAY_OPENINGS_MAX: usize = 24;
/// Longest last call, in seconds.
pub const LAST_CALL_MAX_S: u32 = 86_400;

const DAY_MIN: u16 = 1440;
/// An opening reaches into this many days after the one it begins on, a change of the clock included.
const REACH_DAYS: i64 = 3;

/// When a workgroup takes new requests. The default is always.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Hours {
    /// The ordinary week. Empty, and no holidays: always open.
    pub weekly: Vec<Opening>,
    /// Dates on which the week does not count.
    pub holidays: Vec<Holiday>,
    /// So long before closing nobody new is let in, in seconds.
    pub last_call_s: u32,
}

/// A weekly opening.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Opening {
    /// The day on which it begins, 0 being Monday.
    pub weekday: u8,
    /// Minutes from midnight of that day, 0 to 1439.
    pub from_min: u16,
    /// Minutes from midnight of that day, more than `from_min`, up to 2880: 1440 is the end of the day, more is the day
    /// after.
    pub to_min: u16,
}

/// A date with openings of its own.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Holiday {
    /// Which day.
    pub date: Date,
    /// From and to, as in [`Opening`]; empty: closed.
    pub openings: Vec<(u16, u16)>,
    /// What people read.
    pub name: String,
}

/// Whether new requests are taken, and until when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpenStatus {
    /// Everybody may come.
    Open {
        /// The end of the opening; none: not within the horizon.
        closes_at: Option<Time>,
        /// When last call begins; none: no last call, or no end in sight.
        last_call_at: Option<Time>,
    },
    /// Nobody new; those in line are still helped.
    LastCall {
        /// The end of the opening.
        closes_at: Time,
    },
    /// Closed.
    Closed {
        /// The next opening; none: not within the horizon.
        opens_at: Option<Time>,
    },
}

impl OpenStatus {
    /// When this status ends; none: not within the horizon.
    pub fn until(self) -> Option<Time> {
        match self {
            Self::Open { closes_at, last_call_at } => last_call_at.or(closes_at),
            Self::LastCall { closes_at } => Some(closes_at),
            Self::Closed { opens_at } => opens_at,
        }
    }
}

impl Hours {
    /// Open at every hour of every day.
    pub const fn always() -> Self {
        Self { weekly: Vec::new(), holidays: Vec::new(), last_call_s: 0 }
    }

    /// Whether these hours never close because none are set.
    pub fn is_always(&self) -> bool {
        self.weekly.is_empty() && self.holidays.is_empty()
    }

    /// The openings that begin on a day (days since 1970-01-01), in minutes from its midnight.
    fn openings_on(&self, day: i64) -> Vec<(u16, u16)> {
        let date = Date::from_days(day);
        let mut openings = match self.holidays.iter().find(|holiday| holiday.date == date) {
            Some(holiday) => holiday.openings.clone(),
            None => {
                let weekday = zone::weekday(day);
                let begin_here = self.weekly.iter().filter(|opening| opening.weekday == weekday);
                begin_here.map(|opening| (opening.from_min, opening.to_min)).collect()
            }
        };
        openings.sort_unstable();
        openings
    }
}

/// Whether it is an opening hour, last call included.
pub fn is_open(hours: &Hours, zone: &Zone, now: Time) -> bool {
    hours.is_always() || opening_from(hours, zone, now, 1).is_some_and(|(begin, _)| begin <= now)
}

/// Whether new requests are taken, and until when. Looks [`HORIZON_DAYS`] ahead.
pub fn status(hours: &Hours, zone: &Zone, now: Time) -> OpenStatus {
    if hours.is_always() {
        return OpenStatus::Open { closes_at: None, last_call_at: None };
    }
    match opening_from(hours, zone, now, HORIZON_DAYS) {
        None => OpenStatus::Closed { opens_at: None },
        Some((begin, _)) if begin > now => OpenStatus::Closed { opens_at: Some(begin) },
        Some((_, None)) => OpenStatus::Open { closes_at: None, last_call_at: None },
        Some((_, Some(closes_at))) if hours.last_call_s == 0 => {
            OpenStatus::Open { closes_at: Some(closes_at), last_call_at: None }
        }
        Some((_, Some(closes_at))) => {
            let last_call_at = closes_at - Span::secs(i64::from(hours.last_call_s));
            if last_call_at <= now {
                OpenStatus::LastCall { closes_at }
            } else {
                OpenStatus::Open { closes_at: Some(closes_at), last_call_at: Some(last_call_at) }
            }
        }
    }
}

/// When the status next changes: closed, open, last call. None: not within [`HORIZON_DAYS`]; who relies on this asks
/// again within that time.
pub fn next_change(hours: &Hours, zone: &Zone, now: Time) -> Option<Time> {
    status(hours, zone, now).until()
}

/// The first opening, merged with what touches it, that ends after `now`: its beginning (exact if it lies ahead) and its
/// end, if that is within `days` of now.
fn opening_from(hours: &Hours, zone: &Zone, now: Time, days: i64) -> Option<(Time, Option<Time>)> {
    let today = zone.day_at(now);
    let mut found: Option<(Time, Time)> = None;
    for day in today - REACH_DAYS..=today + days {
        for (from_min, to_min) in hours.openings_on(day) {
            let wall_s = |min: u16| day * 86_400 + i64::from(min) * 60;
            let (begin, end) = (zone.first_at(wall_s(from_min)), zone.last_at(wall_s(to_min)));
            if begin >= end {
                continue;
            }
            found = match found {
                Some((merged, until)) if begin <= until => Some((merged, until.max(end))),
                Some((merged, until)) if until > now => return Some((merged, Some(until))),
                _ => Some((begin, end)),
            };
        }
    }
    let (begin, until) = found.filter(|(_, until)| *until > now)?;
    // One that reaches the last day that was looked at may go on beyond it.
    let ends = zone.day_at(until) < today + days;
    Some((begin, ends.then_some(until)))
}

/// What is wrong with these hours; `at` of a finding is `weekly[2]`, `holidays[0]` and the like. Empty: nothing.
pub fn check(hours: &Hours) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |severity: Severity, at: String, message: String| findings.push(Finding { at, message, severity });
    let mut limit = |what: &str, count: usize, max: usize| {
        if count > max {
            find(Severity::Fault, what.to_owned(), format!("there are more than {max}"));
        }
    };
    limit("weekly", hours.weekly.len(), WEEKLY_MAX);
    limit("holidays", hours.holidays.len(), HOLIDAYS_MAX);
    if hours.last_call_s > LAST_CALL_MAX_S {
        let message = format!("last call is longer than {LAST_CALL_MAX_S} seconds");
        find(Severity::Fault, "last_call_s".to_owned(), message);
    }
    for (i, opening) in hours.weekly.iter().enumerate().take(WEEKLY_MAX) {
        let at = || format!("weekly[{i}]");
        if opening.weekday > 6 {
            find(Severity::Fault, at(), "the weekday must be 0 (Monday) to 6 (Sunday)".to_owned());
        }
        if hours.weekly[..i].contains(opening) {
            find(Severity::Warning, at(), "this opening stands here twice".to_owned());
        }
        for (severity, message) in check_opening((opening.from_min, opening.to_min), hours.last_call_s) {
            find(severity, at(), message);
        }
    }
    for (i, holiday) in hours.holidays.iter().enumerate().take(HOLIDAYS_MAX) {
        let at = || format!("holidays[{i}]");
        let Date { year, month, day } = holiday.date;
        if !holiday.date.is_real() {
            find(Severity::Fault, at(), format!("there is no day {year:04}-{month:02}-{day:02}"));
        }
        if hours.holidays[..i].iter().any(|other| other.date == holiday.date) {
            find(Severity::Fault, at(), format!("{year:04}-{month:02}-{day:02} stands here twice"));
        }
        if holiday.openings.len() > HOLIDAY_OPENINGS_MAX {
            find(Severity::Fault, at(), format!("there are more than {HOLIDAY_OPENINGS_MAX} openings"));
        }
        for (severity, message) in holiday.openings.iter().flat_map(|o| check_opening(*o, hours.last_call_s)) {
            find(severity, at(), message);
        }
    }
    if hours.weekly.is_empty() && !hours.holidays.is_empty() {
        let message = "no ordinary week is set: open on the dates of holidays only".to_owned();
        find(Severity::Warning, "weekly".to_owned(), message);
    }
    findings
}

/// What is wrong with a zone; the server fills it in, so this is for what comes from elsewhere.
pub fn check_zone(zone: &Zone) -> Vec<Finding> {
    if zone.is_sound() {
        return Vec::new();
    }
    let message = "the transitions of the zone are out of order, or an offset is more than a day".to_owned();
    vec![Finding { at: "zone".to_owned(), message, severity: Severity::Fault }]
}

fn check_opening((from_min, to_min): (u16, u16), last_call_s: u32) -> Vec<(Severity, String)> {
    let mut found = Vec::new();
    if from_min >= DAY_MIN {
        found.push((Severity::Fault, format!("begins at minute {from_min}; the last minute of a day is 1439")));
    }
    if to_min > 2 * DAY_MIN {
        found.push((Severity::Fault, format!("ends at minute {to_min}; the end of the next day is 2880")));
    }
    if from_min >= to_min {
        let message = format!("ends at minute {to_min}, not after its beginning at {from_min}; past midnight add 1440");
        found.push((Severity::Fault, message));
    } else if u32::from(to_min - from_min) * 60 <= last_call_s {
        found.push((Severity::Warning, "is no longer than last call: on its own it lets nobody in".to_owned()));
    }
    found
}

#[cfg(test)]
mod tests;
