//! What comes out of a call: stanzas on their way, what the host must store first, and what it must look up.

use std::sync::Arc;

use jid::{FullJid, Jid};
use minidom::Element;
use xmpp_parsers::stanza::Stanza;

use super::{Ask, Keep};

/// A stanza on its way to a connected session or to a service of the host.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// The session that gets it; none: the service of the host whose domain is that of `to`.
    pub session: Option<FullJid>,
    /// What stands in its `to`: a message to an account keeps the bare address although a session gets it.
    pub to: Jid,
    /// The stanza, without `to`; receivers of the same stanza share it.
    pub stanza: Arc<Stanza>,
}

impl Outbound {
    /// A copy of the stanza, with its `to`.
    pub fn to_stanza(&self) -> Stanza {
        let to = self.to.clone();
        match &*self.stanza {
            Stanza::Message(message) => {
                let mut message = message.clone();
                message.to = Some(to);
                Stanza::Message(message)
            }
            Stanza::Presence(presence) => {
                let mut presence = presence.clone();
                presence.to = Some(to);
                Stanza::Presence(presence)
            }
            Stanza::Iq(iq) => Stanza::Iq(iq.clone().with_to(to)),
        }
    }

    /// The stanza as an element, with its `to`.
    pub fn to_element(&self) -> Element {
        Element::from(self.to_stanza())
    }
}

/// What a call led to. The host stores `keep` first, all in one transaction, and sends `outbound` only then; the order
/// of calls is the order in which it does so.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Stanzas to send, in this order to each receiver.
    pub outbound: Vec<Outbound>,
    /// What must be remembered, in this order.
    pub keep: Vec<Keep>,
    /// What the host must look up or do; each answer goes to [`super::House::answer`].
    pub asks: Vec<Ask>,
}

impl Outcome {
    /// Puts the outcome of a later call behind this one.
    pub fn append(&mut self, mut later: Outcome) {
        self.outbound.append(&mut later.outbound);
        self.keep.append(&mut later.keep);
        self.asks.append(&mut later.asks);
    }
}
