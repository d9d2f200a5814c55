//! Times as the clients of workgroups read them: `yyyyMMddTHH:mm:ss` in UTC, the form of XEP-0091, although XEP-0142
//! names XEP-0082. Smack closes the connection over any other form.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::markup::Fault;

const FORM: &str = "%Y%m%dT%H:%M:%S";
const LENGTH: usize = "20050208T10:00:00".len();

/// A moment in microseconds since the epoch, written in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LegacyDate(pub i64);

impl fmt::Display for LegacyDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The form has four digits for the year: what is beyond is written as the end of what it can say.
        let first = DateTime::<Utc>::UNIX_EPOCH;
        let last = DateTime::from_timestamp(253_402_300_799, 0).unwrap_or(first);
        let at = DateTime::from_timestamp_micros(self.0).unwrap_or(if self.0 < 0 { first } else { last });
        write!(f, "{}", at.clamp(first, last).format(FORM))
    }
}

impl FromStr for LegacyDate {
    type Err = Fault;

    fn from_str(text: &str) -> Result<LegacyDate, Fault> {
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Ok(LegacyDate(at.timestamp_micros()));
        }
        let head = text.get(..LENGTH).ok_or(Fault::Malformed("date"))?;
        let at = NaiveDateTime::parse_from_str(head, FORM).map_err(|_| Fault::Malformed("date"))?;
        Ok(LegacyDate(at.and_utc().timestamp_micros()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_in_seconds_and_read_with_or_without_a_zone() {
        let date = LegacyDate(1_107_856_800_000_000);
        assert_eq!(date.to_string(), "20050208T10:00:00");
        assert_eq!(LegacyDate(date.0 + 999_999).to_string(), "20050208T10:00:00");
        for text in ["20050208T10:00:00", "20050208T10:00:00Z", "2005-02-08T10:00:00Z", "2005-02-08T12:00:00+02:00"] {
            assert_eq!(text.parse(), Ok(date), "{text}");
        }
        for text in ["", "yesterday", "20051308T10:00:00", "2005020\u{e9}T10:00:00"] {
            assert!(text.parse::<LegacyDate>().is_err(), "{text}");
        }
    }

    #[test]
    fn years_of_more_than_four_digits_are_never_written() {
        assert_eq!(LegacyDate(i64::MAX).to_string(), "99991231T23:59:59");
        assert_eq!(LegacyDate(i64::MIN).to_string(), "19700101T00:00:00");
    }
}
