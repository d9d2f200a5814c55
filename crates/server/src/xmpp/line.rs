//! A client's stream as `session.rs` drives it: by itself, or packed into the bodies of BOSH. Nothing is decided here.

use std::collections::VecDeque;

use xmpp::bosh;
use xmpp::stream::{Answer, Ended, Step, Stream, Suspended};
use xmpp::wire::{Delivery, StreamError};

use super::session::Act;

/// A client's stream.
pub(super) enum Line {
    /// Over TCP or WebSocket.
    Stream(Box<Stream>),
    /// Over BOSH.
    Bosh(Box<bosh::Session>),
}

impl Line {
    /// The stream inside.
    pub fn stream(&self) -> &Stream {
        match self {
            Self::Stream(stream) => stream,
            Self::Bosh(session) => session.stream(),
        }
    }

    pub fn answer(&mut self, answer: Answer, now_us: i64) {
        match self {
            Self::Stream(stream) => stream.answer(answer, now_us),
            Self::Bosh(session) => session.answer(answer, now_us),
        }
    }

    pub fn send(&mut self, delivery: Delivery, now_us: i64) {
        match self {
            Self::Stream(stream) => stream.send(delivery, now_us),
            Self::Bosh(session) => session.send(delivery, now_us),
        }
    }

    pub fn close(&mut self, error: StreamError, now_us: i64) {
        match self {
            Self::Stream(stream) => stream.close(Some(error), now_us),
            Self::Bosh(session) => session.close(Some(error), now_us),
        }
    }

    pub fn detach(&mut self, now_us: i64) -> Option<Suspended> {
        match self {
            Self::Stream(stream) => stream.detach(now_us),
            Self::Bosh(session) => session.detach(now_us),
        }
    }

    pub fn deadline(&self) -> Option<i64> {
        match self {
            Self::Stream(stream) => stream.deadline(),
            Self::Bosh(session) => session.deadline(),
        }
    }

    pub fn tick(&mut self, now_us: i64) {
        match self {
            Self::Stream(stream) => stream.tick(now_us),
            Self::Bosh(session) => session.tick(now_us),
        }
    }

    pub fn end(self, now_us: i64) -> Ended {
        match self {
            Self::Stream(stream) => stream.end(now_us),
            Self::Bosh(session) => session.end(now_us),
        }
    }

    /// What the stream says, in order. What only BOSH says goes to `acts` at once: nothing of the stream comes before it that it
    /// could overtake.
    pub fn take_steps(&mut self, now_us: i64, acts: &mut VecDeque<Act>) -> Vec<Step> {
        match self {
            Self::Stream(stream) => stream.take_steps(),
            Self::Bosh(session) => {
                let mut steps = Vec::new();
                for step in session.take_steps(now_us) {
                    match step {
                        bosh::Step::Respond(ticket, bytes) => acts.push_back(Act::Respond(ticket, bytes)),
                        bosh::Step::Stream(step) => steps.push(step),
                        bosh::Step::Ended => steps.push(Step::Close),
                    }
                }
                steps
            }
        }
    }
}
