//! What comes in: bytes, frames and answers, in order, none read before its time; which element goes where in which state.

use crate::wire::{NS_STREAMS, Reader, StreamError, StreamErrorCondition as Condition, Unit, read_frame};

use super::connection::{Asked, Framing, State, Stream};
use super::{Answer, Bindings, websocket};

impl Stream {
    /// Whether to read on: not while a question or a handshake is open.
    pub fn wants_bytes(&self) -> bool {
        !self.waits()
    }

    /// Bytes have come; on a WebSocket, one text frame.
    pub fn received(&mut self, bytes: &[u8], now_us: i64) {
        self.hear(now_us);
        if matches!(self.state, State::Handshake | State::Closed) {
            // Before the handshake is done, nothing that came unencrypted may count as if it were.
            return;
        }
        if !self.waits() && self.pending.is_empty() {
            return self.read(bytes);
        }
        self.pending_bytes += bytes.len();
        if self.pending_bytes > self.settings.limits.bytes || self.pending.len() >= 1_024 {
            return self.fail(StreamError::new(Condition::PolicyViolation, "too much at once"));
        }
        self.pending.push_back(bytes.to_vec());
    }

    /// The handshake is done that `Step::StartTls` asked for.
    pub fn tls_done(&mut self, bindings: Bindings, now_us: i64) {
        self.hear(now_us);
        if self.state == State::Handshake {
            self.secure = true;
            self.bindings = bindings;
            self.pending.clear();
            self.pending_bytes = 0;
            self.reopen();
        }
    }

    /// The answer to the open question. Without an open question, nothing happens: the stream has ended meanwhile.
    pub fn answer(&mut self, answer: Answer, now_us: i64) {
        self.clock.now = now_us;
        match self.asked.take() {
            Some(Asked::Inline) => self.inline_answered(answer),
            Some(Asked::Login) => self.login_answered(answer),
            Some(Asked::Bind { iq }) => self.bind_answered(&iq, answer),
            Some(Asked::Resume { h, id }) => self.resume_answered(h, &id, answer),
            None => self.answered_late(answer),
        }
        self.read_on();
    }

    /// Begins anew: a header comes next.
    pub(super) fn reopen(&mut self) {
        self.state = State::Opening;
        self.header_sent = false;
        if self.framing == Framing::Bytes {
            self.reader = Some(Box::new(Reader::new(self.settings.limits, self.account.is_some())));
        }
    }

    pub(super) fn is_typed(&self) -> bool {
        self.account.is_some()
    }

    pub(super) fn waits(&self) -> bool {
        self.asked.is_some() || matches!(self.state, State::Handshake | State::Closed)
    }

    pub(super) fn hear(&mut self, now_us: i64) {
        self.clock.now = now_us;
        self.clock.heard = now_us;
        self.clock.asked = None;
    }

    fn read(&mut self, bytes: &[u8]) {
        if self.framing != Framing::Bytes {
            if bytes.trim_ascii().is_empty() {
                // A keepalive, as on other transports.
                return;
            }
            return match read_frame(bytes, self.settings.limits, self.is_typed()) {
                Ok(unit) => self.unit(websocket::unit(unit)),
                Err(error) => self.fail(error),
            };
        }
        let mut rest = bytes;
        loop {
            if self.waits() {
                // Behind `<starttls/>`, nothing is kept: it was not encrypted.
                if !rest.is_empty() && self.asked.is_some() {
                    self.pending_bytes += rest.len();
                    self.pending.push_front(rest.to_vec());
                }
                return;
            }
            let Some(reader) = &mut self.reader else { return };
            match reader.next(&mut rest) {
                Ok(Some(unit)) => self.unit(unit),
                Ok(None) => return,
                Err(error) => return self.fail(error),
            }
        }
    }

    /// Reads what came while a question was open.
    fn read_on(&mut self) {
        while !self.waits() {
            if let Some(bytes) = self.pending.pop_front() {
                self.pending_bytes = self.pending_bytes.saturating_sub(bytes.len());
                self.read(&bytes);
            } else if let Some(waiting) = self.waiting.pop_front() {
                self.body_part(waiting);
            } else {
                return;
            }
        }
    }

    pub(super) fn unit(&mut self, unit: Unit) {
        match (self.state, unit) {
            (State::Closing { .. }, Unit::End) => self.closed(),
            (State::Closing { .. } | State::Closed | State::Handshake, _) => {}
            (_, Unit::End) => self.client_closes(),
            (State::Opening, Unit::Header(header)) => self.opened(&header),
            (State::Opening, _) | (_, Unit::Header(_)) => {
                self.fail(StreamError::new(Condition::BadFormat, "a stream begins with its header, once"));
            }
            (_, Unit::Element(element)) if element.is("error", NS_STREAMS) => self.client_closes(),
            (State::Login, Unit::Element(element)) => self.login_element(&element),
            (State::Login, _) => self.fail(StreamError::new(Condition::NotAuthorized, "log in first")),
            (State::Binding, unit) => self.binding_unit(unit),
            (State::Bound, unit) => self.bound_unit(unit),
        }
    }
}
