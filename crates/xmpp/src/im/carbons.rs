//! Copies of chats for an account's other sessions (XEP-0280).

use std::sync::Arc;

use jid::{BareJid, FullJid};
use minidom::Element;
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::ns;
use xmpp_parsers::stanza::Stanza;

use super::House;
use super::outcome::Turn;
use crate::xep::carbons::{Way, copy};
use crate::xep::ns as ours;

/// Whether a message may be copied (XEP-0280 §6.1): a chat, or a message with words; not a room's, not a private one.
pub(super) fn may_be_copied(message: &Message) -> bool {
    let is_chat = match message.type_ {
        MessageType::Chat => true,
        MessageType::Normal => !message.bodies.is_empty(),
        _ => false,
    };
    let forbids = |payload: &Element| {
        payload.is("private", ns::CARBONS)
            || payload.is("no-copy", ours::HINTS)
            || payload.is("x", ns::MUC_USER)
            || payload.is("received", ns::CARBONS)
            || payload.is("sent", ns::CARBONS)
    };
    is_chat && !message.payloads.iter().any(forbids)
}

/// Takes the sender's wish for privacy out, as it is between the sender and this server.
pub(super) fn take_private(message: &mut Message) -> bool {
    let before = message.payloads.len();
    message.payloads.retain(|payload| !payload.is("private", ns::CARBONS));
    message.payloads.len() < before
}

impl House {
    /// A client wants copies, or no longer.
    pub(super) fn set_carbons(&mut self, who: &FullJid, on: bool) {
        if let Some(session) = self.session_mut(who) {
            session.carbons = on;
        }
    }

    /// Copies a message to the account's sessions that want it and do not have it.
    pub(super) fn copy_to_others(
        &self,
        turn: &mut Turn<'_>,
        way: Way,
        account: &BareJid,
        message: &Message,
        have_it: &[FullJid],
    ) {
        let mut others = self.sessions_where(account, |session| session.carbons);
        others.retain(|session| !have_it.contains(session));
        if others.is_empty() {
            return;
        }
        let mut wrapped = Message::new_with_type(message.type_.clone(), None);
        wrapped.from = Some(account.clone().into());
        wrapped.payloads.push(copy(way, message.clone()));
        let wrapped = Arc::new(Stanza::from(wrapped));
        for session in others {
            turn.send(&session, &wrapped);
        }
    }
}
