//! A stream whose elements come and go in the bodies of HTTP requests: what [`crate::bosh`] needs beyond what a host calls.

use minidom::Element;

use crate::wire::{Header, StreamError, StreamErrorCondition as Condition, Unit};

use super::connection::{State, Stream};

/// Parts of bodies that wait while a question is open.
const WAITING_MAX: usize = 1_024;

/// A part of a body.
#[derive(Debug)]
pub(super) enum Waiting {
    Header(Header),
    Element(Element),
    End,
}

impl Stream {
    /// The stream is opened, or opened anew.
    pub(crate) fn received_header(&mut self, header: &Header, now_us: i64) {
        self.receive_part(Waiting::Header(header.clone()), now_us);
    }

    /// An element of a body.
    pub(crate) fn received_element(&mut self, element: Element, now_us: i64) {
        self.receive_part(Waiting::Element(element), now_us);
    }

    /// The client ends its session.
    pub(crate) fn received_end(&mut self, now_us: i64) {
        self.receive_part(Waiting::End, now_us);
    }

    /// Most bytes of a body now.
    pub(crate) fn bytes_max(&self) -> usize {
        let limits = &self.settings.limits;
        if self.is_typed() { limits.bytes } else { limits.bytes_before_login }
    }

    /// An unguessable name.
    pub(crate) fn draw_name(&mut self) -> String {
        self.seed.name()
    }

    fn receive_part(&mut self, part: Waiting, now_us: i64) {
        self.hear(now_us);
        if self.state == State::Closed {
            return;
        }
        if !self.waits() && self.waiting.is_empty() {
            return self.body_part(part);
        }
        if self.waiting.len() >= WAITING_MAX {
            return self.fail(StreamError::new(Condition::PolicyViolation, "too much at once"));
        }
        self.waiting.push_back(part);
    }

    pub(super) fn body_part(&mut self, part: Waiting) {
        self.unit(match part {
            Waiting::Header(header) => Unit::Header(header),
            Waiting::Element(element) => Unit::of(element, self.is_typed()),
            Waiting::End => Unit::End,
        });
    }
}
