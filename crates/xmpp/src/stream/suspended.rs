//! A session without a connection (XEP-0198): what came for it is kept until it is resumed or given up.

use std::collections::VecDeque;

use jid::FullJid;

use crate::wire::Delivery;

/// A session that its client may resume.
#[derive(Debug)]
pub struct Suspended {
    pub(super) jid: FullJid,
    pub(super) id: String,
    pub(super) deadline_us: i64,
    pub(super) resume_s: u32,
    pub(super) ledger: Ledger,
}

impl Suspended {
    /// Whose session it is.
    pub fn jid(&self) -> &FullJid {
        &self.jid
    }

    /// What `Question::Resume` names. Unguessable; to be compared together with the account.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When to give it up, in microseconds since the epoch.
    pub fn deadline_us(&self) -> i64 {
        self.deadline_us
    }

    /// Keeps a stanza for the client. Gives it back if there is no more space: then give the session up.
    pub fn hold(&mut self, delivery: Delivery) -> Result<(), Delivery> {
        self.ledger.keep(delivery)
    }

    /// Gives the session up: what the client has not acknowledged, in order.
    pub fn expire(self) -> Vec<Delivery> {
        self.ledger.unacked.into()
    }
}

/// Both sides' counters, and what the client has not acknowledged.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Stanzas received from the client, modulo 2³².
    pub handled: u32,
    /// Stanzas acknowledged by the client, modulo 2³².
    pub acked: u32,
    /// Sent (or to be sent), not acknowledged.
    pub unacked: VecDeque<Delivery>,
    /// Bytes of these.
    pub bytes: usize,
    /// Most stanzas.
    pub unacked_max: usize,
    /// Most bytes.
    pub bytes_max: usize,
}

/// The client acknowledges what was never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooHigh {
    /// What it said.
    pub h: u32,
    /// What was sent.
    pub sent: u32,
}

impl Ledger {
    pub fn keep(&mut self, delivery: Delivery) -> Result<(), Delivery> {
        let size = delivery.stanza.size();
        if self.unacked.len() >= self.unacked_max || self.bytes.saturating_add(size) > self.bytes_max {
            return Err(delivery);
        }
        self.bytes += size;
        self.unacked.push_back(delivery);
        Ok(())
    }

    /// The client has handled `h` stanzas, modulo 2³².
    pub fn acknowledge(&mut self, h: u32) -> Result<(), TooHigh> {
        let newly = h.wrapping_sub(self.acked) as usize;
        if newly > self.unacked.len() {
            return Err(TooHigh { h, sent: self.acked.wrapping_add(self.unacked.len() as u32) });
        }
        self.bytes -= self.unacked.drain(..newly).map(|delivery| delivery.stanza.size()).sum::<usize>();
        self.acked = h;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jid::Jid;
    use xmpp_parsers::message::Message;
    use xmpp_parsers::stanza::Stanza;

    use super::*;
    use crate::wire::Shared;

    /// XEP-0198 §4: after 4294967295 comes 0.
    #[test]
    fn the_count_goes_round() {
        let stanza = Shared::new(&Stanza::Message(Message::chat(None))).ok();
        let delivery = stanza.zip(Jid::new("a").ok()).map(|(stanza, to)| Delivery { to, stanza: Arc::new(stanza) });
        let mut ledger = Ledger { acked: u32::MAX - 1, unacked_max: 9, bytes_max: 9_999, ..Ledger::default() };
        for _ in 0..4 {
            assert!(delivery.clone().is_some_and(|delivery| ledger.keep(delivery).is_ok()));
        }
        assert_eq!(ledger.acknowledge(u32::MAX), Ok(()));
        assert_eq!(ledger.unacked.len(), 3);
        assert_eq!(ledger.acknowledge(1), Ok(()));
        assert_eq!((ledger.unacked.len(), ledger.acked), (1, 1));
        assert_eq!(ledger.acknowledge(3), Err(TooHigh { h: 3, sent: 2 }));
        assert_eq!(ledger.acknowledge(u32::MAX), Err(TooHigh { h: u32::MAX, sent: 2 }), "nothing is taken back");
        assert_eq!(ledger.acknowledge(2), Ok(()));
        assert_eq!((ledger.unacked.len(), ledger.bytes), (0, 0));
    }
}
