//! Stream management (XEP-0198): counting, acknowledging, and going on with a session after its connection was lost.

use minidom::Element;

use crate::wire::{Delivery, Kind, StreamError, StreamErrorCondition as Condition, escape_attribute};

use super::connection::{Asked, Clock, Managed, State, Stream};
use super::suspended::{Ledger, Suspended, TooHigh};
use super::{Answer, Question, Step};

pub(super) const NS_SM: &str = "urn:xmpp:sm:3";
const MICROS: i64 = 1_000_000;
/// Stanzas kept for a client whose stream is closing and who will not get them here.
const LATE_MAX: usize = 10_000;

impl Stream {
    /// Sends a stanza to the client, once it is bound. If its stream has ended meanwhile, the stanza is kept for `end`.
    pub fn send(&mut self, delivery: Delivery, now_us: i64) {
        self.clock.now = now_us;
        match (&mut self.held, delivery.stanza.kind()) {
            (Some(held), Kind::Availability { sender: Some(sender) }) if self.state == State::Bound => {
                held.retain(|(earlier, _)| earlier != sender);
                held.push((sender.clone(), delivery));
                if held.len() > self.settings.held_presences {
                    self.release_held();
                }
            }
            (Some(held), _) if !held.is_empty() => {
                self.release_held();
                self.send_now(delivery);
            }
            _ => self.send_now(delivery),
        }
    }

    /// Sends the presences that were kept back.
    pub(super) fn release_held(&mut self) {
        let Some(held) = &mut self.held else { return };
        for (_, delivery) in std::mem::take(held) {
            self.send_now(delivery);
        }
    }

    fn send_now(&mut self, delivery: Delivery) {
        let open = self.state == State::Bound;
        if open {
            self.put(|out, framed| match framed {
                true => delivery.stanza.write_framed(&delivery.to, out),
                false => delivery.stanza.write_to(&delivery.to, out),
            });
        }
        let overflow = match &mut self.managed {
            Some(managed) => {
                managed.fresh = true;
                managed.ledger.keep(delivery).err()
            }
            None if open => None,
            None => Some(delivery),
        };
        let Some(delivery) = overflow else { return };
        if self.late.len() < LATE_MAX {
            self.late.push(delivery);
        }
        if let Some(managed) = &mut self.managed {
            // A gap would be worse than an end.
            managed.id = None;
        }
        if open {
            self.fail(StreamError::new(Condition::ResourceConstraint, "too much is not acknowledged"));
        }
    }

    /// An element of stream management from a bound client.
    pub(super) fn manage_element(&mut self, element: &Element) {
        match element.name() {
            "enable" => self.enable(element),
            "r" => {
                if let Some(managed) = &self.managed {
                    let h = managed.ledger.handled;
                    self.put_text(&format!("<a xmlns='{NS_SM}' h='{h}'/>"));
                } else {
                    self.managing_failed("unexpected-request");
                }
            }
            "a" => self.acknowledged(element),
            _ => self.managing_failed("unexpected-request"),
        }
    }

    fn enable(&mut self, enable: &Element) {
        if self.managed.is_some() {
            return self.managing_failed("unexpected-request");
        }
        let enabled = self.enabled(enable);
        self.put_text(&enabled);
    }

    /// Begins to count. What the client is told.
    pub(super) fn enabled(&mut self, enable: &Element) -> String {
        let wished = enable.attr("max").and_then(|max| max.parse::<u32>().ok()).unwrap_or(u32::MAX);
        let resume_s = wished.min(self.settings.timings.resume_s);
        let wanted = matches!(enable.attr("resume"), Some("true" | "1"));
        let id = (wanted && resume_s > 0).then(|| self.seed.name());
        let mut enabled = format!("<enabled xmlns='{NS_SM}'");
        if let Some(id) = &id {
            enabled.push_str(&format!(" id='{id}' resume='true' max='{resume_s}'"));
            if let Some(location) = &self.settings.resume_location {
                enabled.push_str(&format!(" location='{}'", attribute(location)));
            }
        }
        enabled.push_str("/>");
        let (unacked_max, bytes_max) = (self.settings.unacked, self.settings.unacked_bytes);
        let ledger = Ledger { unacked_max, bytes_max, ..Ledger::default() };
        self.managed = Some(Managed { id, resume_s, ledger, fresh: false });
        enabled
    }

    fn acknowledged(&mut self, a: &Element) {
        let h = a.attr("h").and_then(|h| h.parse::<u32>().ok());
        let (Some(managed), Some(h)) = (&mut self.managed, h) else {
            return self.fail(StreamError::new(Condition::PolicyViolation, "an acknowledgement of nothing"));
        };
        if let Err(too_high) = managed.ledger.acknowledge(h) {
            self.fail_too_high(too_high);
        }
    }

    fn fail_too_high(&mut self, TooHigh { h, sent }: TooHigh) {
        let mut error = StreamError::new(Condition::UndefinedCondition, "more was acknowledged than was sent");
        error.detail = format!("<handled-count-too-high xmlns='{NS_SM}' h='{h}' send-count='{sent}'/>");
        self.fail(error);
    }

    pub(super) fn managing_failed(&mut self, condition: &str) {
        let inner = format!("<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>");
        self.put_text(&format!("<failed xmlns='{NS_SM}'>{inner}</failed>"));
    }

    /// At the end of what is sent together: one request for an acknowledgement, if none is open.
    pub(super) fn request_acknowledgement(&mut self) {
        if let Some(managed) = &mut self.managed
            && managed.fresh
            && self.state == State::Bound
            && self.clock.asked.is_none()
        {
            managed.fresh = false;
            self.clock.asked = Some(self.clock.now);
            self.put_text(&format!("<r xmlns='{NS_SM}'/>"));
        }
    }

    pub(super) fn ask_resume(&mut self, resume: &Element) {
        let h = resume.attr("h").and_then(|h| h.parse::<u32>().ok());
        let (Some(account), Some(h), Some(id)) = (self.account.clone(), h, resume.attr("previd")) else {
            return self.managing_failed("bad-request");
        };
        self.asked = Some(Asked::Resume { h, id: id.to_owned() });
        self.steps.push(Step::Ask(Question::Resume { account, id: id.to_owned() }));
    }

    pub(super) fn resume_answered(&mut self, h: u32, id: &str, answer: Answer) {
        let Answer::Resume(Some(session)) = answer else { return self.managing_failed("item-not-found") };
        let Some(resumed) = self.take_over(h, id, *session) else { return };
        self.put_text(&resumed);
        self.send_again();
    }

    /// Goes on with a session. What the client is told; nothing if the stream has ended over it.
    pub(super) fn take_over(&mut self, h: u32, id: &str, session: Suspended) -> Option<String> {
        let Suspended { jid, id: session_id, resume_s, mut ledger, .. } = session;
        let acknowledged = ledger.acknowledge(h);
        let handled = ledger.handled;
        self.managed = Some(Managed { id: Some(session_id), resume_s, ledger, fresh: false });
        self.bound(jid);
        if let Err(too_high) = acknowledged {
            self.fail_too_high(too_high);
            return None;
        }
        Some(format!("<resumed xmlns='{NS_SM}' h='{handled}' previd='{}'/>", attribute(id)))
    }

    /// Sends what the client of a resumed session has not acknowledged.
    pub(super) fn send_again(&mut self) {
        let Some(managed) = &mut self.managed else { return };
        managed.fresh = !managed.ledger.unacked.is_empty();
        let again: Vec<Delivery> = managed.ledger.unacked.iter().cloned().collect();
        for delivery in again {
            self.put(|out, framed| match framed {
                true => delivery.stanza.write_framed(&delivery.to, out),
                false => delivery.stanza.write_to(&delivery.to, out),
            });
        }
        if let Some(jid) = self.jid.clone() {
            self.steps.push(Step::Resumed(jid));
        }
    }

    /// The client resumes this session on another connection: this one ends with `conflict`.
    pub fn detach(&mut self, now_us: i64) -> Option<Suspended> {
        let session = self.suspend(now_us)?;
        self.fail(StreamError::new(Condition::Conflict, "the session goes on elsewhere"));
        Some(session)
    }

    /// Takes the session out, if it can be resumed.
    pub(super) fn suspend(&mut self, now_us: i64) -> Option<Suspended> {
        self.managed.as_ref()?.id.as_ref()?;
        let held = self.held.take().unwrap_or_default();
        let Managed { id: Some(id), resume_s, mut ledger, .. } = self.managed.take()? else { return None };
        // Presences are the least that can be lost: what does not fit is left out.
        held.into_iter().for_each(|(_, delivery)| drop(ledger.keep(delivery)));
        let deadline_us = now_us + i64::from(resume_s) * MICROS;
        Some(Suspended { jid: self.jid.take()?, id, deadline_us, resume_s, ledger })
    }

    /// What was handed over after the stream had ended: as if its connection had been lost just after.
    pub(super) fn answered_late(&mut self, answer: Answer) {
        match answer {
            Answer::Resume(Some(session)) => {
                let Suspended { jid, id, resume_s, ledger, .. } = *session;
                self.jid = Some(jid);
                self.managed = Some(Managed { id: Some(id), resume_s, ledger, fresh: false });
            }
            Answer::Bind(Ok(jid)) if self.jid.is_none() => self.jid = Some(jid),
            _ => {}
        }
    }
}

/// A text as the value of an attribute.
fn attribute(text: &str) -> String {
    let mut escaped = Vec::new();
    escape_attribute(text, &mut escaped);
    String::from_utf8_lossy(&escaped).into_owned()
}

impl Clock {
    /// The moment so many seconds after another.
    pub fn after(from: i64, seconds: u32) -> i64 {
        from + i64::from(seconds) * MICROS
    }
}
