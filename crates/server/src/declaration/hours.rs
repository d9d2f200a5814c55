//! Opening hours and time zones as people write them. The clock arithmetic is the desk's (`desk::schedule`); the rules of
//! the world's zones are looked up here, once, when a declaration is read.

use desk::schedule::{self, Date, Opening, Zone};
use desk::time::Time;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Changes of the clock are known from here …
const ZONES_FROM: &str = "2020-01-01T00:00:00Z";
/// … to here. Fixed ends, so that applying the same file in another year changes nothing.
const ZONES_TO: &str = "2080-01-01T00:00:00Z";
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MIN: u16 = 1440;

/// When new requests are taken.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hours {
    /// At every hour, holidays excepted. Neither this nor a week: always.
    pub always: bool,
    /// The ordinary week: `mon` to `sun`, each a list of `HH:MM-HH:MM`.
    pub weekly: Week,
    /// Dates on which the week does not count.
    pub holidays: Vec<Holiday>,
    /// So long before closing nobody new is let in.
    pub last_call_s: u32,
}

/// The ordinary week.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the days of the week")]
pub struct Week {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mon: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tue: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thu: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fri: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sat: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sun: Vec<String>,
}

/// A date with openings of its own.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Holiday {
    /// `2026-12-25`.
    pub date: String,
    /// What people read.
    pub name: String,
    /// As in the week; empty: closed.
    pub open: Vec<String>,
}

impl Week {
    fn days(&self) -> [&Vec<String>; 7] {
        [&self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun]
    }

    fn day_mut(&mut self, weekday: u8) -> &mut Vec<String> {
        match weekday {
            0 => &mut self.mon,
            1 => &mut self.tue,
            2 => &mut self.wed,
            3 => &mut self.thu,
            4 => &mut self.fri,
            5 => &mut self.sat,
            _ => &mut self.sun,
        }
    }
}

impl Hours {
    /// What they mean. Faults are pairs of a key and a sentence.
    pub fn to_desk(&self, faults: &mut Vec<(String, String)>) -> schedule::Hours {
        let week_is_set = self.weekly.days().iter().any(|day| !day.is_empty());
        if self.always && week_is_set {
            faults.push(("hours".into(), "`always` and `weekly` exclude each other".into()));
        }
        let holidays: Vec<_> = self.holidays.iter().filter_map(|holiday| holiday.to_desk(faults)).collect();
        let mut weekly = Vec::new();
        if self.always && !holidays.is_empty() {
            weekly.extend((0..7).map(|weekday| Opening { weekday, from_min: 0, to_min: DAY_MIN }));
        }
        for (weekday, day) in (0_u8..).zip(self.weekly.days()) {
            for text in day {
                match parse_opening(text) {
                    Some((from_min, to_min)) => weekly.push(Opening { weekday, from_min, to_min }),
                    None => faults.push((format!("hours/weekly/{}", DAYS[usize::from(weekday)]), not_hours(text))),
                }
            }
        }
        schedule::Hours { weekly, holidays, last_call_s: self.last_call_s }
    }

    /// As people write it.
    pub fn from_desk(hours: &schedule::Hours) -> Self {
        let around = hours.weekly.len() == 7
            && (0_u8..).zip(&hours.weekly).all(|(day, o)| o.weekday == day && o.from_min == 0 && o.to_min == DAY_MIN);
        let mut weekly = Week::default();
        if !around {
            for opening in &hours.weekly {
                weekly.day_mut(opening.weekday).push(write_opening(opening.from_min, opening.to_min));
            }
        }
        let holidays = hours.holidays.iter().map(|holiday| Holiday {
            date: format!("{:04}-{:02}-{:02}", holiday.date.year, holiday.date.month, holiday.date.day),
            name: holiday.name.clone(),
            open: holiday.openings.iter().map(|(from, to)| write_opening(*from, *to)).collect(),
        });
        Self {
            always: around || hours.is_always(),
            weekly,
            holidays: holidays.collect(),
            last_call_s: hours.last_call_s,
        }
    }
}

impl Holiday {
    fn to_desk(&self, faults: &mut Vec<(String, String)>) -> Option<schedule::Holiday> {
        let mut openings = Vec::new();
        for text in &self.open {
            match parse_opening(text) {
                Some(opening) => openings.push(opening),
                None => faults.push((format!("hours/holidays/{}", self.date), not_hours(text))),
            }
        }
        let Some(date) = parse_date(&self.date) else {
            faults.push(("hours/holidays".into(), format!("`{}` is no date like 2026-12-25", self.date)));
            return None;
        };
        Some(schedule::Holiday { date, openings, name: self.name.clone() })
    }
}

fn not_hours(text: &str) -> String {
    format!("`{text}` are no hours like 09:00-17:00 (24:00 is midnight; an end before the beginning is the next day)")
}

fn parse_date(text: &str) -> Option<Date> {
    let date: jiff::civil::Date = text.parse().ok()?;
    let date = Date::new(date.year().into(), u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?)?;
    (text.len() == 10).then_some(date)
}

/// `22:00-02:00` is 1320 to 1560.
fn parse_opening(text: &str) -> Option<(u16, u16)> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (parse_time(from)?, parse_time(to)?);
    let to = if to <= from { to + DAY_MIN } else { to };
    (from < DAY_MIN && to <= 2 * DAY_MIN).then_some((from, to))
}

fn parse_time(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    if hours.is_empty() || hours.len() > 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 48 && minutes < 60).then_some(hours * 60 + minutes)
}

fn write_opening(from: u16, to: u16) -> String {
    let to = if to > DAY_MIN && to - DAY_MIN <= from { to - DAY_MIN } else { to };
    format!("{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
}

/// The changes of the clock in the zone of that name.
///
/// # Errors
/// A sentence with the nearest name that exists.
pub fn zone(name: &str) -> Result<Zone, String> {
    if name == "UTC" {
        return Ok(Zone::utc());
    }
    let zone = TimeZone::get(name).map_err(|_| {
        let known: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
        let place = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let exact = known.iter().find(|candidate| place(candidate).eq_ignore_ascii_case(&place(name))).cloned();
        let near = crate::suggest::nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        match exact.or(near) {
            Some(near) => format!("there is no time zone `{name}`: did you mean `{near}`?"),
            None => format!("there is no time zone `{name}`; use a name such as Europe/Amsterdam"),
        }
    })?;
    let from: Timestamp = ZONES_FROM.parse().expect("the constant is a time");
    let to: Timestamp = ZONES_TO.parse().expect("the constant is a time");
    let base_offset_s = zone.to_offset(from).seconds();
    let mut offset_s = base_offset_s;
    let mut transitions = Vec::new();
    for change in zone.following(from).take_while(|change| change.timestamp() < to) {
        let next_s = change.offset().seconds();
        if next_s != offset_s {
            transitions.push((Time(change.timestamp().as_microsecond()), next_s));
            offset_s = next_s;
        }
    }
    let name = zone.iana_name().unwrap_or(name).to_owned();
    Ok(Zone { name, base_offset_s, transitions })
}

/// Whether zones can be looked up at all; for the doctor.
pub fn zones_known() -> usize {
    jiff::tz::db().available().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_and_written_back() {
        for (text, meaning, written) in [
            ("09:00-17:00", Some((540, 1020)), "09:00-17:00"),
            ("9:00 - 17:30", Some((540, 1050)), "09:00-17:30"),
            ("00:00-24:00", Some((0, 1440)), "00:00-24:00"),
            ("22:00-02:00", Some((1320, 1560)), "22:00-02:00"),
            ("10:00-10:00", Some((600, 2040)), "10:00-10:00"),
            ("10:00-35:00", Some((600, 2100)), "10:00-35:00"),
            ("09:00", None, ""),
            ("09:60-10:00", None, ""),
            ("24:00-25:00", None, ""),
            ("09:00-49:00", None, ""),
        ] {
            assert_eq!(parse_opening(text), meaning, "{text}");
            if let Some((from, to)) = meaning {
                assert_eq!(write_opening(from, to), written);
                assert_eq!(parse_opening(written), meaning);
            }
        }
    }

    #[test]
    fn always_but_for_holidays_stays_so() {
        let christmas = Holiday { date: "2026-12-25".into(), name: "Christmas".into(), open: vec![] };
        let hours = Hours { always: true, holidays: vec![christmas], ..Hours::default() };
        let mut faults = Vec::new();
        let meaning = hours.to_desk(&mut faults);
        assert_eq!((meaning.weekly.len(), faults.len()), (7, 0));
        assert_eq!(Hours::from_desk(&meaning), hours);
        assert!(Hours::from_desk(&schedule::Hours::always()).always);
    }

    #[test]
    fn zones_know_their_changes() {
        let amsterdam = zone("Europe/Amsterdam").unwrap();
        assert_eq!(amsterdam.base_offset_s, 3600);
        assert_eq!(amsterdam.transitions.len(), 120);
        let at = |text: &str| crate::clock::parse_rfc3339(text).unwrap();
        assert_eq!(amsterdam.offset_at(at("2026-07-01T12:00:00Z")), 7200);
        assert_eq!(amsterdam.offset_at(at("2066-01-01T12:00:00Z")), 3600);
        assert_eq!(schedule::check_zone(&amsterdam), []);
        assert_eq!(zone("UTC").unwrap(), Zone::utc());
        assert_eq!(zone("Asia/Tokyo").unwrap().transitions, []);
        assert_eq!(
            zone("Europe/Amsterdm").unwrap_err(),
            "there is no time zone `Europe/Amsterdm`: did you mean `Europe/Amsterdam`?"
        );
        assert!(zone("Amsterdam").unwrap_err().contains("Europe/Amsterdam"));
    }
}
