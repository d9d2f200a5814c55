//! The only place that reads a clock, and the form of times on the wire. No decisions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use desk::time::{Span, Time};
use tokio::sync::Notify;

/// The time of day for the desk: never backwards within the process, whatever the machine's clock does.
///
/// Clones share the clock. Tests use [`Clock::manual`] and advance it by hand.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Face>);

#[derive(Debug)]
struct Face {
    last: AtomicI64,
    manual: AtomicBool,
    started: Instant,
    /// Wakes who sleeps by a manual clock.
    advanced: Notify,
}

impl Clock {
    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
    pub fn system() -> Self {
        Self(Arc::new(Face {
            last: AtomicI64::new(i64::MIN),
            manual: AtomicBool::new(false),
            started: Instant::now(),
            advanced: Notify::new(),
        }))
    }

    /// A clock that stands at `start` until it is advanced.
    pub fn manual(start: Time) -> Self {
        let clock = Self::system();
        clock.0.manual.store(true, Ordering::Relaxed);
        clock.0.last.store(start.0, Ordering::Relaxed);
        clock
    }

    /// Now; at least what was given before.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
    pub fn now(&self) -> Time {
        if self.0.manual.load(Ordering::Relaxed) {
            return Time(self.0.last.load(Ordering::Relaxed));
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let read = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        Time(self.0.last.fetch_max(read, Ordering::Relaxed).max(read))
    }

    /// Moves a manual clock on; a system clock ignores it.
    pub fn advance(&self, span: Span) {
        if self.0.manual.load(Ordering::Relaxed) {
            self.0.last.fetch_add(span.0, Ordering::Relaxed);
            self.0.advanced.notify_waiters();
        }
    }

    /// Sleeps until then; a manual clock wakes who sleeps when it is advanced that far.
    pub async fn sleep_until(&self, then: Time) {
        loop {
            let advanced = self.0.advanced.notified();
            tokio::pin!(advanced);
            advanced.as_mut().enable();
            let now = self.now();
            if now >= then {
                return;
            }
            if self.0.manual.load(Ordering::Relaxed) {
                advanced.await;
            } else {
                // A day at most, so that timers never see spans that they cannot hold.
                let left = then.since(now).min(Span::secs(86_400));
                tokio::time::sleep(duration(left).max(std::time::Duration::from_millis(1))).await;
            }
        }
    }

    /// How long this process has run, by the monotonic clock.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
    pub fn uptime(&self) -> std::time::Duration {
        Instant::now().duration_since(self.0.started)
    }
}

/// A stopwatch for durations in metrics and logs.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts it.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
    pub fn elapsed(&self) -> std::time::Duration {
        Instant::now().duration_since(self.0)
    }
}

/// `2026-11-20T09:30:00.125Z`: RFC 3339, UTC, milliseconds. Times out of the calendar's range give its nearest end.
pub fn rfc3339(time: Time) -> String {
    let stamp = jiff::Timestamp::from_microsecond(time.0).unwrap_or(if time.0 < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    });
    format!("{stamp:.3}")
}

/// Reads an RFC 3339 time with any offset.
pub fn parse_rfc3339(text: &str) -> Option<Time> {
    text.parse::<jiff::Timestamp>().ok().map(|stamp| Time(stamp.as_microsecond()))
}

/// A length of time for the desk.
pub fn span(duration: std::time::Duration) -> Span {
    Span(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}

/// A length of time for timers; negative spans are none.
pub fn duration(span: Span) -> std::time::Duration {
    std::time::Duration::from_micros(u64::try_from(span.0).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_on_the_wire_have_milliseconds_and_round_trip() {
        let time = Time(1_795_167_000_125_000);
        assert_eq!(rfc3339(time), "2026-11-20T09:30:00.125Z");
        assert_eq!(parse_rfc3339("2026-11-20T10:30:00.125+01:00"), Some(time));
        assert_eq!(parse_rfc3339("yesterday"), None);
        assert_eq!(rfc3339(Time::MIN).len(), "-009999-01-02T01:59:59.000Z".len());
    }

    #[tokio::test]
    async fn sleepers_of_a_manual_clock_wake_when_it_is_advanced() {
        let clock = Clock::manual(Time::from_secs(5));
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(Time::from_secs(8)).await }
        });
        for _ in 0..3 {
            tokio::task::yield_now().await;
            assert!(!sleeper.is_finished());
            clock.advance(Span::secs(1));
        }
        sleeper.await.unwrap();
    }

    #[test]
    fn a_manual_clock_moves_only_by_hand() {
        let clock = Clock::manual(Time::from_secs(5));
        assert_eq!(clock.now(), Time::from_secs(5));
        clock.advance(Span::secs(2));
        assert_eq!(clock.clone().now(), Time::from_secs(7));
        let system = Clock::system();
        let before = system.now();
        system.advance(Span::secs(1000));
        assert!(system.now() >= before && system.now().since(before) < Span::secs(900));
    }
}
