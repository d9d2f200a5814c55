//! How a stream ends (RFC 6120 §4.4, §4.9) and what time does to it: deadlines, and asking a silent client whether it is there.

use xmpp_parsers::iq::Iq;
use xmpp_parsers::ping::Ping;
use xmpp_parsers::stanza::Stanza;

use crate::wire::{StreamError, StreamErrorCondition as Condition};

use super::bound::PING_ID;
use super::connection::{Clock, Framing, State, Stream};
use super::{Step, websocket};

impl Stream {
    /// Ends the stream from this side, with the error if it is for one. A session can be resumed if the error is
    /// `resource-constraint`, `system-shutdown`, `connection-timeout` or `reset`.
    pub fn close(&mut self, error: Option<StreamError>, now_us: i64) {
        self.clock.now = now_us;
        if matches!(self.state, State::Closing { .. } | State::Closed) {
            return;
        }
        let resumable = error.as_ref().is_some_and(|error| {
            use Condition as C;
            matches!(error.condition, C::ResourceConstraint | C::SystemShutdown | C::ConnectionTimeout | C::Reset)
        });
        if !resumable && let Some(managed) = &mut self.managed {
            managed.id = None;
        }
        self.error = error.as_ref().map(|error| error.condition);
        self.asked = None;
        self.exchange = None;
        if self.state == State::Handshake {
            // Nothing can be said any more until the handshake is done.
            return self.closed();
        }
        if !self.header_sent {
            self.send_header(None);
        }
        if let Some(error) = error {
            self.put(|out, framed| error.write(framed, out));
        }
        self.write_end();
        self.state = State::Closing { until_us: Clock::after(now_us, self.settings.timings.closing_s) };
        if self.framing == Framing::Bodies {
            self.closed();
        }
    }

    pub(super) fn fail(&mut self, error: StreamError) {
        let broken = matches!(
            error.condition,
            Condition::NotWellFormed
                | Condition::RestrictedXml
                | Condition::BadNamespacePrefix
                | Condition::UnsupportedEncoding
                | Condition::PolicyViolation
                | Condition::BadFormat
        );
        self.close(Some(error), self.clock.now);
        if broken && self.framing == Framing::Bytes {
            // What follows cannot be read: the other side's end will not be seen.
            self.closed();
        }
    }

    /// The client has closed its side.
    pub(super) fn client_closes(&mut self) {
        if let Some(managed) = &mut self.managed {
            managed.id = None;
        }
        if !self.header_sent {
            self.send_header(None);
        }
        self.write_end();
        self.closed();
    }

    pub(super) fn closed(&mut self) {
        if self.state != State::Closed {
            self.state = State::Closed;
            self.steps.push(Step::Close);
        }
    }

    fn write_end(&mut self) {
        match self.framing {
            Framing::Bytes => self.put_text("</stream:stream>"),
            Framing::Frames => self.put_text(websocket::CLOSE),
            Framing::Bodies => {}
        }
    }

    /// When `tick` is to be called, in microseconds since the epoch.
    pub fn deadline(&self) -> Option<i64> {
        let timings = &self.settings.timings;
        match self.state {
            State::Closed => None,
            State::Closing { until_us } => Some(until_us),
            // A session over HTTP ends by rules of its own.
            State::Bound if self.framing == Framing::Bodies => None,
            State::Bound => Some(match self.clock.asked {
                Some(asked) => Clock::after(asked, timings.answer_s),
                None => Clock::after(self.clock.heard, timings.ping_after_s),
            }),
            _ => Some(Clock::after(self.clock.started, timings.negotiation_s)),
        }
    }

    /// It is so late now.
    pub fn tick(&mut self, now_us: i64) {
        self.clock.now = now_us;
        if self.deadline().is_none_or(|deadline| now_us < deadline) {
            return;
        }
        match self.state {
            State::Closed => {}
            State::Closing { .. } => self.closed(),
            State::Bound if self.clock.asked.is_none() => self.ask_whether_there(),
            State::Bound => {
                self.close(Some(StreamError::new(Condition::ConnectionTimeout, "no answer")), now_us);
                self.closed();
            }
            _ => {
                self.close(Some(StreamError::new(Condition::PolicyViolation, "the log-in takes too long")), now_us);
                self.closed();
            }
        }
    }

    fn ask_whether_there(&mut self) {
        if let Some(managed) = &mut self.managed {
            managed.fresh = true;
            return self.request_acknowledgement();
        }
        self.reply(Stanza::Iq(Iq::from_get(PING_ID, Ping)));
        self.clock.asked = Some(self.clock.now);
    }
}
