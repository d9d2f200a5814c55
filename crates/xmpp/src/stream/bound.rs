//! What a bound client says: stanzas are counted, checked and stamped with who it is; the little that a stream answers itself.

use std::sync::Arc;

use jid::{FullJid, Jid};
use minidom::Element;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use crate::wire::{Delivery, Head, Shared, StreamError, StreamErrorCondition as Condition, Unit};

use super::Step;
use super::connection::Stream;
use super::manage::NS_SM;

const NS_CSI: &str = "urn:xmpp:csi:0";
const NS_SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";
/// The id of the queries with which a silent client is asked whether it is there.
pub(super) const PING_ID: &str = "anteroom-are-you-there";

impl Stream {
    pub(super) fn bound_unit(&mut self, unit: Unit) {
        match unit {
            Unit::Stanza(stanza) => {
                self.count();
                self.stanza(stanza);
            }
            Unit::Broken(head) => {
                self.count();
                self.broken(head);
            }
            Unit::Element(element) if element.has_ns(NS_SM) => self.manage_element(&element),
            Unit::Element(element) if element.has_ns(NS_CSI) => self.look(&element),
            Unit::Element(element) if matches!(element.name(), "message" | "presence" | "iq") => {
                self.fail(StreamError::new(Condition::InvalidNamespace, "stanzas are in jabber:client"));
            }
            _ => self.fail(StreamError::new(Condition::UnsupportedStanzaType, "")),
        }
    }

    fn count(&mut self) {
        if let Some(managed) = &mut self.managed {
            managed.ledger.handled = managed.ledger.handled.wrapping_add(1);
        }
    }

    fn stanza(&mut self, mut stanza: Box<Stanza>) {
        let Some(jid) = &self.jid else { return };
        let from = match &mut *stanza {
            Stanza::Message(message) => &mut message.from,
            Stanza::Presence(presence) => &mut presence.from,
            Stanza::Iq(iq) => iq.from_mut(),
        };
        // RFC 6120 §8.1.2.1.
        if from.as_ref().is_some_and(|from| !is_oneself(from, jid)) {
            return self.fail(StreamError::new(Condition::InvalidFrom, ""));
        }
        *from = Some(Jid::from(jid.clone()));
        if let Stanza::Iq(iq) = &*stanza {
            match iq {
                Iq::Result { id, .. } | Iq::Error { id, .. } if id == PING_ID => return,
                Iq::Set { id, payload, .. } if payload.is("session", NS_SESSION) => {
                    let done = Iq::Result { from: None, to: None, id: id.clone(), payload: None };
                    return self.reply(Stanza::Iq(done));
                }
                _ => {}
            }
        }
        self.steps.push(Step::Stanza(stanza));
    }

    /// Answers what is named like a stanza and is none, unless it is an answer itself.
    fn broken(&mut self, head: Head) {
        if matches!(head.kind.as_deref(), Some("error" | "result")) {
            return;
        }
        let from = head.to.as_deref().map(Jid::new);
        let condition = match from {
            Some(Err(_)) => DefinedCondition::JidMalformed,
            _ => DefinedCondition::BadRequest,
        };
        let error = StanzaError::new(ErrorType::Modify, condition, "en", "not a stanza as RFC 6120 has it");
        let from = from.and_then(Result::ok);
        self.reply(match head.name {
            "message" => {
                let mut message = Message::new_with_type(MessageType::Error, None).with_payload(error);
                (message.from, message.id) = (from, head.id.map(xmpp_parsers::message::Id));
                Stanza::Message(message)
            }
            "presence" => {
                let mut presence = Presence::new(Type::Error).with_payload(error);
                (presence.from, presence.id) = (from, head.id);
                Stanza::Presence(presence)
            }
            _ => Stanza::Iq(Iq::Error { from, to: None, id: head.id.unwrap_or_default(), error, payload: None }),
        });
    }

    /// Sends a stanza of the stream's own.
    pub(super) fn reply(&mut self, stanza: Stanza) {
        let Some(jid) = &self.jid else { return };
        let to = Jid::from(jid.clone());
        if let Ok(stanza) = Shared::new(&stanza) {
            self.send(Delivery { to, stanza: Arc::new(stanza) }, self.clock.now);
        }
    }

    /// Client state indication (XEP-0352).
    fn look(&mut self, element: &Element) {
        match element.name() {
            "active" => {
                self.release_held();
                self.held = None;
                self.steps.push(Step::Active(true));
            }
            "inactive" => {
                self.held.get_or_insert_default();
                self.steps.push(Step::Active(false));
            }
            _ => self.fail(StreamError::new(Condition::UnsupportedStanzaType, "")),
        }
    }
}

fn is_oneself(from: &Jid, jid: &FullJid) -> bool {
    match from.try_as_full() {
        Ok(full) => full == jid,
        Err(bare) => *bare == jid.to_bare(),
    }
}
