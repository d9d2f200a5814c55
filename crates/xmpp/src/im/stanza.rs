//! Small facts about stanzas that several rules need: what an error answers, whether a message lasts, how large an
//! element is. No state here.

use jid::{BareJid, Jid};
use minidom::{Element, Node};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::message::{Id, Message, MessageType};
use xmpp_parsers::ns;
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::stanza::Stanza;

use super::refusal::Refusal;
use crate::xep::ns as ours;

/// What an error answers.
#[derive(Debug, Clone)]
pub(super) enum Answering {
    Presence(Option<String>),
    Message(Option<Id>, MessageType),
    Iq(String),
    /// Errors and results are never answered.
    Nothing,
}

/// Whom a stanza is for, and how to answer it with an error.
pub(super) fn addressed(stanza: &Stanza) -> (Option<Jid>, Answering) {
    match stanza {
        Stanza::Presence(presence) => (
            presence.to.clone(),
            match presence.type_ {
                Type::Error | Type::Unavailable => Answering::Nothing,
                _ => Answering::Presence(presence.id.clone()),
            },
        ),
        Stanza::Message(message) => (
            message.to.clone(),
            match message.type_ {
                MessageType::Error => Answering::Nothing,
                _ => Answering::Message(message.id.clone(), message.type_.clone()),
            },
        ),
        Stanza::Iq(iq) => (
            iq.to().cloned(),
            match iq {
                Iq::Get { id, .. } | Iq::Set { id, .. } => Answering::Iq(id.clone()),
                Iq::Result { .. } | Iq::Error { .. } => Answering::Nothing,
            },
        ),
    }
}

/// The error stanza for a refusal, without `to`.
pub(super) fn error(from: Jid, answering: Answering, refusal: &Refusal) -> Option<Stanza> {
    let error = refusal.to_stanza_error();
    match answering {
        Answering::Nothing => None,
        Answering::Presence(id) => {
            let mut presence = Presence::error().with_from(from).with_payload(error);
            presence.id = id;
            Some(presence.into())
        }
        Answering::Message(id, _) => {
            let mut message = Message::error(None).with_payload(error);
            message.from = Some(from);
            message.id = id;
            Some(message.into())
        }
        Answering::Iq(id) => Some(Iq::from_error(id, error).with_from(from).into()),
    }
}

/// Whether a message is a conversation's: of a type that people write, with something in it that lasts longer than a
/// typing notice.
pub(super) fn lasts(message: &Message) -> bool {
    if !matches!(message.type_, MessageType::Chat | MessageType::Normal) {
        return false;
    }
    let passing = |payload: &Element| {
        let ns = payload.ns();
        payload.is("store", ours::HINTS) || ![ns::CHATSTATES, ours::HINTS, ns::SID, ns::CARBONS].contains(&&*ns)
    };
    !message.bodies.is_empty() || !message.subjects.is_empty() || message.payloads.iter().any(passing)
}

/// Whether a hint (XEP-0334) forbids to keep the message.
pub(super) fn must_not_be_kept(message: &Message) -> bool {
    let forbids = |payload: &Element| {
        payload.is("no-store", ours::HINTS)
            || payload.is("no-permanent-store", ours::HINTS)
            || payload.is("no-permanent-storage", ours::HINTS)
    };
    message.payloads.iter().any(forbids)
}

/// Whether there is anything that only this server may say. Most messages have nothing of the kind.
pub(super) fn may_be_forged(message: &Message) -> bool {
    message.payloads.iter().any(|payload| matches!(payload.name(), "stanza-id" | "delay"))
}

/// Takes out what only this server may say: stanza ids (XEP-0359 §5) and delays (XEP-0203) in its name.
pub(super) fn strip_forged(message: &mut Message, given_by: &[&BareJid]) {
    let in_our_name =
        |jid: Option<&str>| jid.is_some_and(|jid| Jid::new(jid).map_or(true, |jid| given_by.contains(&&jid.to_bare())));
    let forged = |payload: &Element| {
        (payload.is("stanza-id", ns::SID) && (payload.attr("by").is_none() || in_our_name(payload.attr("by"))))
            || (payload.is("delay", ns::DELAY) && in_our_name(payload.attr("from")))
    };
    message.payloads.retain(|payload| !forged(payload));
}

/// About how many bytes an element takes on the wire.
pub(super) fn size_of(element: &Element) -> usize {
    let attributes: usize = element.attrs().iter().map(|((_, name), value)| name.len() + value.len() + 4).sum();
    let inside: usize = element
        .nodes()
        .map(|node| match node {
            Node::Element(child) => size_of(child),
            Node::Text(text) => text.len(),
        })
        .sum();
    element.name().len() * 2 + element.ns().len() + 14 + attributes + inside
}
