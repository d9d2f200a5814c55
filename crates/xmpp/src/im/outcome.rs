//! What comes out of a call: stanzas on their way, what the host must store first, and what it must look up.

use std::sync::Arc;

use jid::{FullJid, Jid};
use minidom::Element;
use xmpp_parsers::stanza::Stanza;

use super::ask::{About, Ask, Question, Thread};
use super::{Keep, Moment};

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

/// One call, while it is carried out.
pub(super) struct Turn<'a> {
    pub at: Moment<'a>,
    pub outcome: Outcome,
}

impl<'a> Turn<'a> {
    pub fn new(at: Moment<'a>) -> Turn<'a> {
        Turn { at, outcome: Outcome::default() }
    }

    /// Sends a stanza, which others may receive as well, to a session under its own address.
    pub fn send(&mut self, session: &FullJid, stanza: &Arc<Stanza>) {
        self.send_as(session, session.clone().into(), stanza);
    }

    /// Sends a stanza to a session under the address that the sender wrote.
    pub fn send_as(&mut self, session: &FullJid, to: Jid, stanza: &Arc<Stanza>) {
        self.outcome.outbound.push(Outbound { session: Some(session.clone()), to, stanza: Arc::clone(stanza) });
    }

    /// Sends a stanza to a service of the host.
    pub fn send_service(&mut self, to: Jid, stanza: &Arc<Stanza>) {
        self.outcome.outbound.push(Outbound { session: None, to, stanza: Arc::clone(stanza) });
    }

    pub fn keep(&mut self, keep: Keep) {
        self.outcome.keep.push(keep);
    }

    pub fn ask(&mut self, question: Question, asker: &Asker, about: About) {
        let thread = Thread { to: asker.from.clone(), from: asker.to.clone(), id: asker.id.clone(), about };
        self.outcome.asks.push(Ask { question, thread });
    }
}

/// Who sent a request (`iq`), to what address, under which id.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub from: Jid,
    /// None: to their own account, without an address.
    pub to: Option<Jid>,
    pub id: String,
}
