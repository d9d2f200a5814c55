//! Civil dates and time zones as data: days from dates and back, wall clocks from times and back. The transitions come
//! from outside; nothing here knows a time zone database.

use crate::time::Time;

/// A day on the calendar (proleptic Gregorian).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

/// A time zone: which offset from UTC is in force when. The default is UTC.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Zone {
    /// Name of the zone, `Europe/Amsterdam`; only shown, never looked up here.
    pub name: String,
    /// Seconds east of UTC in force before the first transition.
    pub base_offset_s: i32,
    /// From when on which offset is in force, in seconds east of UTC; ascending.
    pub transitions: Vec<(Time, i32)>,
}

/// Furthest that any offset is from UTC, in seconds.
pub const OFFSET_MAX_S: i32 = 24 * 3600;

const DAY_S: i64 = 86_400;

impl Date {
    /// The date, if there is such a day.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let date = Self { year, month, day };
        date.is_real().then_some(date)
    }

    /// Whether the calendar has this day, in the years 1 to 9999.
    pub fn is_real(self) -> bool {
        (1..=9999).contains(&self.year) && Self::from_days(self.days()) == self
    }

    /// Days since 1970-01-01. Months run from March in years of 400-year eras, so that the leap day comes last.
    pub fn days(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month_from_march = (month + 9).rem_euclid(12);
        let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The date so many days after 1970-01-01.
    pub fn from_days(days: i64) -> Self {
        let shifted = days.saturating_add(719_468);
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        // Month and day are small by construction; the year saturates beyond any date that is asked for.
        Self { year: i32::try_from(year).unwrap_or(i32::MAX), month: month as u8, day: day as u8 }
    }
}

/// The weekday of a day counted from 1970-01-01, a Thursday: 0 is Monday.
pub(super) fn weekday(days: i64) -> u8 {
    days.saturating_add(3).rem_euclid(7) as u8
}

impl Zone {
    /// UTC.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), ..Self::default() }
    }

    /// Seconds east of UTC at a time.
    pub fn offset_at(&self, at: Time) -> i32 {
        let passed = self.transitions.partition_point(|(from, _)| *from <= at);
        self.offset_of(passed)
    }

    /// What the wall clock shows: seconds since 1970-01-01T00:00:00 on that clock.
    pub fn wall_s(&self, at: Time) -> i64 {
        at.as_secs() + i64::from(self.offset_at(at))
    }

    /// The day on the wall calendar.
    pub fn date_at(&self, at: Time) -> Date {
        Date::from_days(self.day_at(at))
    }

    /// Days from 1970-01-01 to the day on the wall calendar.
    pub(super) fn day_at(&self, at: Time) -> i64 {
        self.wall_s(at).div_euclid(DAY_S)
    }

    /// The first time at which the wall clock shows `wall_s` or later. A reading that a change of offset skips maps to
    /// the change; of a reading that comes twice this is the first.
    pub fn first_at(&self, wall_s: i64) -> Time {
        let periods = self.periods_near(wall_s);
        for i in periods.clone() {
            let at = self.start_of(i).max(self.shifted(wall_s, i));
            if at < self.end_of(i) {
                return at;
            }
        }
        self.end_of(*periods.end())
    }

    /// The time from which on the wall clock never again shows less than `wall_s`. A reading that a change of offset
    /// skips maps to the change; of a reading that comes twice this is the second.
    pub fn last_at(&self, wall_s: i64) -> Time {
        let periods = self.periods_near(wall_s);
        for i in periods.clone().rev() {
            let at = self.end_of(i).min(self.shifted(wall_s, i));
            if at > self.start_of(i) {
                return at;
            }
        }
        self.start_of(*periods.start())
    }

    /// Whether the transitions are in order and the offsets possible.
    pub(super) fn is_sound(&self) -> bool {
        let offsets = self.transitions.iter().map(|(_, offset)| *offset).chain([self.base_offset_s]);
        self.transitions.is_sorted_by(|a, b| a.0 < b.0) && offsets.into_iter().all(|o| o.abs() <= OFFSET_MAX_S)
    }

    /// The time at which a clock that always had the offset of period `i` showed `wall_s`.
    fn shifted(&self, wall_s: i64, i: usize) -> Time {
        Time::from_secs(wall_s.saturating_sub(i64::from(self.offset_of(i))))
    }

    /// Periods are numbered from 0, before the first transition.
    fn offset_of(&self, i: usize) -> i32 {
        i.checked_sub(1).map_or(self.base_offset_s, |before| self.transitions[before].1)
    }

    fn start_of(&self, i: usize) -> Time {
        i.checked_sub(1).map_or(Time::MIN, |before| self.transitions[before].0)
    }

    fn end_of(&self, i: usize) -> Time {
        self.transitions.get(i).map_or(Time::MAX, |(from, _)| *from)
    }

    /// The periods in which the wall clock can show `wall_s`: those within two days of it.
    fn periods_near(&self, wall_s: i64) -> std::ops::RangeInclusive<usize> {
        let period = |secs: i64| {
            let at = Time::from_secs(secs);
            self.transitions.partition_point(|(from, _)| *from <= at)
        };
        let first = period(wall_s.saturating_sub(2 * DAY_S));
        first..=period(wall_s.saturating_add(2 * DAY_S)).max(first)
    }
}
