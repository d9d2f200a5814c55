//! What goes in beside a stanza and what comes out: the moment of a call, and its outcome.

use std::sync::Arc;

use jid::{FullJid, Jid};
use minidom::Element;
use xmpp_parsers::stanza::Stanza;

use super::{Limits, OccupantKey, RoomHappening, RoomRefusal};

/// When a call happens, and the identifier for what it may need to name.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// Now, in microseconds since the epoch.
    pub now_us: i64,
    /// The id that a message to all gets in this call (XEP-0359): unique in the room, unguessable if that matters.
    /// Unused by calls that lead to no such message.
    pub stanza_id: &'a str,
}

/// A stanza on its way to a real address.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// The real address.
    pub to: Jid,
    /// The stanza, from the room and without `to`; receivers of the same stanza share it.
    pub stanza: Arc<Stanza>,
}

impl Outbound {
    /// The stanza as an element, with its `to`.
    pub fn to_element(&self) -> Element {
        Element::from(self.to_stanza())
    }

    /// A copy of the stanza, with its `to`.
    pub fn to_stanza(&self) -> Stanza {
        match &*self.stanza {
            Stanza::Message(message) => {
                let mut message = message.clone();
                message.to = Some(self.to.clone());
                Stanza::Message(message)
            }
            Stanza::Presence(presence) => {
                let mut presence = presence.clone();
                presence.to = Some(self.to.clone());
                Stanza::Presence(presence)
            }
            Stanza::Iq(iq) => Stanza::Iq(iq.clone().with_to(self.to.clone())),
        }
    }
}

/// What a call led to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Stanzas to send, in this order to each receiver.
    pub outbound: Vec<Outbound>,
    /// What happened, in this order.
    pub happened: Vec<RoomHappening>,
    /// Why nothing happened, if `outbound` holds an error to the sender.
    pub refused: Option<RoomRefusal>,
}

impl Outcome {
    /// Puts the outcome of a later call behind this one.
    pub fn append(&mut self, mut later: Outcome) {
        self.outbound.append(&mut later.outbound);
        self.happened.append(&mut later.happened);
        self.refused = self.refused.take().or(later.refused);
    }

    /// The stanzas to one address.
    pub fn outbound_to<'a>(&'a self, to: &'a FullJid) -> impl Iterator<Item = &'a Stanza> {
        self.outbound.iter().filter(move |outbound| *to == outbound.to).map(|outbound| &*outbound.stanza)
    }
}

/// One call, while it is carried out.
pub(super) struct Turn<'a> {
    pub at: Moment<'a>,
    pub limits: &'a Limits,
    pub key: &'a OccupantKey,
    /// Presence without the `muc` element enters too, as in the protocol before XEP-0045.
    pub old_entrance: bool,
    pub outcome: Outcome,
}

impl<'a> Turn<'a> {
    pub fn new(at: Moment<'a>, limits: &'a Limits, key: &'a OccupantKey) -> Turn<'a> {
        Turn { at, limits, key, old_entrance: false, outcome: Outcome::default() }
    }

    /// Sends a stanza to one address.
    pub fn send(&mut self, to: impl Into<Jid>, stanza: impl Into<Stanza>) {
        self.send_shared(to, &Arc::new(stanza.into()));
    }

    /// Sends a stanza that others receive as well.
    pub fn send_shared(&mut self, to: impl Into<Jid>, stanza: &Arc<Stanza>) {
        self.outcome.outbound.push(Outbound { to: to.into(), stanza: Arc::clone(stanza) });
    }

    /// States what happened.
    pub fn tell(&mut self, happening: RoomHappening) {
        self.outcome.happened.push(happening);
    }
}
