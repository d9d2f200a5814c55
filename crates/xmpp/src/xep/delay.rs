//! XEP-0203 delayed delivery and XEP-0082 times, from and to microseconds since the epoch.
//!
//! `xmpp-parsers` has the element, but needs a calendar type and writes UTC as `+00:00`; here a time is a number and
//! is written with `Z` and milliseconds.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};
use jid::Jid;
use xmpp_parsers::message::MessagePayload;
use xmpp_parsers::ns;
use xmpp_parsers::presence::PresencePayload;
use xso::error::Error;
use xso::{AsXml, AsXmlText, FromXml, FromXmlText};

/// A moment, in microseconds since the epoch, in the form of XEP-0082.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub i64);

impl FromXmlText for Stamp {
    fn from_xml_text(text: String) -> Result<Stamp, Error> {
        let at = DateTime::parse_from_rfc3339(&text).map_err(Error::text_parse_error)?;
        Ok(Stamp(at.timestamp_micros()))
    }
}

impl AsXmlText for Stamp {
    fn as_xml_text(&self) -> Result<Cow<'_, str>, Error> {
        // Writing must not fail for a clock that is far off: the ends of the calendar stand for all beyond them.
        let end = if self.0 < 0 { DateTime::<Utc>::MIN_UTC } else { DateTime::<Utc>::MAX_UTC };
        let at = DateTime::from_timestamp_micros(self.0).unwrap_or(end);
        Ok(Cow::Owned(at.to_rfc3339_opts(SecondsFormat::Millis, true)))
    }
}

/// Says when, and by whom first handled, a stanza was sent that arrives only now.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq)]
#[xml(namespace = ns::DELAY, name = "delay")]
pub struct Delay {
    /// Who held the stanza; for a room's history, the room.
    #[xml(attribute(default))]
    pub from: Option<Jid>,
    /// When it was first sent.
    #[xml(attribute)]
    pub stamp: Stamp,
}

impl MessagePayload for Delay {}
impl PresencePayload for Delay {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_written_in_utc_and_read_in_any_zone() {
        let stamp = Stamp(1_031_609_825_500_000);
        assert_eq!(stamp.as_xml_text().unwrap(), "2002-09-09T22:17:05.500Z");
        assert_eq!(Stamp::from_xml_text("2002-09-10T00:17:05.5+02:00".into()).unwrap(), stamp);
        assert!(Stamp::from_xml_text("yesterday".into()).is_err());
    }

    #[test]
    fn a_time_beyond_the_calendar_is_written_as_its_end() {
        assert!(Stamp(i64::MAX).as_xml_text().unwrap().starts_with("+262142-12-31T"));
        assert!(Stamp(i64::MIN).as_xml_text().unwrap().starts_with("-262143-01-01T"));
    }
}
