//! How fast a client is read: buckets of bytes and stanzas that refill by the second. No sockets, no clock.

use crate::config::Xmpp;

/// How fast one client is read.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    rates: Rates,
    /// May be in debt: then nothing is read until it is paid.
    bytes: f64,
    stanzas: f64,
    at_us: i64,
}

/// What a client may send.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    bytes_per_second: f64,
    stanzas_per_second: f64,
    stanzas_burst: f64,
}

/// The client sent far more at once than it may.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooMuch;

impl From<&Xmpp> for Rates {
    fn from(config: &Xmpp) -> Self {
        Self {
            bytes_per_second: config.bytes_per_second.into(),
            stanzas_per_second: config.stanzas_per_second.into(),
            stanzas_burst: config.stanzas_burst.into(),
        }
    }
}

impl Pace {
    /// A client that has sent nothing yet.
    pub fn new(rates: Rates, now_us: i64) -> Self {
        Self { rates, bytes: rates.bytes_per_second, stanzas: rates.stanzas_burst, at_us: now_us }
    }

    /// Counts what was read.
    ///
    /// # Errors
    /// When it was more than twice what may come at once.
    pub fn count(&mut self, bytes: usize, stanzas: usize, now_us: i64) -> Result<(), TooMuch> {
        self.refill(now_us);
        #[expect(clippy::cast_precision_loss, reason = "sizes of one read are small")]
        let (bytes, stanzas) = (bytes as f64, stanzas as f64);
        self.bytes -= bytes;
        self.stanzas -= stanzas;
        if self.stanzas < -self.rates.stanzas_burst { Err(TooMuch) } else { Ok(()) }
    }

    /// When more may be read, in microseconds since the epoch; none: now.
    pub fn resumes_at(&self, now_us: i64) -> Option<i64> {
        let debt_s = (-self.bytes / self.rates.bytes_per_second).max(-self.stanzas / self.rates.stanzas_per_second);
        if debt_s <= 0.0 {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "debts are at most hours")]
        let then = self.at_us + (debt_s * 1e6).ceil() as i64;
        (then > now_us).then_some(then)
    }

    fn refill(&mut self, now_us: i64) {
        #[expect(clippy::cast_precision_loss, reason = "a span of days at most")]
        let passed_s = (now_us - self.at_us).clamp(0, 86_400_000_000) as f64 / 1e6;
        self.at_us = now_us;
        let rates = self.rates;
        self.bytes = (self.bytes + passed_s * rates.bytes_per_second).min(rates.bytes_per_second);
        self.stanzas = (self.stanzas + passed_s * rates.stanzas_per_second).min(rates.stanzas_burst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace() -> Pace {
        let config = Xmpp { stanzas_per_second: 10, stanzas_burst: 20, bytes_per_second: 1_000, ..Xmpp::default() };
        Pace::new(Rates::from(&config), 0)
    }

    #[test]
    fn a_burst_is_read_at_once_and_more_is_slowed() {
        let mut pace = pace();
        assert_eq!(pace.count(100, 20, 0), Ok(()));
        assert_eq!(pace.resumes_at(0), None);
        assert_eq!(pace.count(100, 5, 0), Ok(()));
        assert_eq!(pace.resumes_at(0), Some(500_000), "five stanzas are half a second");
        assert_eq!(pace.resumes_at(500_000), None);
    }

    #[test]
    fn twice_a_burst_in_one_breath_is_too_much() {
        let mut pace = pace();
        assert_eq!(pace.count(0, 41, 0), Err(TooMuch));
    }

    #[test]
    fn bytes_are_slowed_never_cut() {
        let mut pace = pace();
        assert_eq!(pace.count(5_000, 1, 0), Ok(()));
        assert_eq!(pace.resumes_at(0), Some(4_000_000));
    }
}
