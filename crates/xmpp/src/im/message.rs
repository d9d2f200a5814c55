//! Messages: from a client to whom it wrote, and into an account's sessions by type and priority (RFC 6121 §8.5). What
//! waits is in `offline.rs`, copies are in `carbons.rs`, the memory is in `archive.rs`.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::stanza::Stanza;

use super::carbons::{may_be_copied, take_private};
use super::outcome::Turn;
use super::refusal::Refusal;
use super::settings::Place;
use super::stanza::{may_be_forged, strip_forged};
use super::{House, ServiceKind, Session};
use crate::xep::carbons::Way;

impl House {
    /// A message from a client.
    pub(super) fn handle_message(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        mut message: Message,
    ) -> Result<(), Refusal> {
        let own = from.to_bare();
        let to = message.to.clone().unwrap_or_else(|| own.clone().into());
        message.to = Some(to.clone());
        message.from = Some(from.clone().into());
        let place = self.settings.place_of(&to);
        if may_be_forged(&message) {
            strip_forged(&mut message, &[&own, &to.to_bare(), &BareJid::from(self.settings.domain.clone())]);
        }
        if self.blocks(&own, &to) {
            return Err(Refusal::Blocked);
        }
        let is_conversation = match &place {
            Place::Elsewhere => return Err(Refusal::Elsewhere),
            Place::Server => return Err(Refusal::Unavailable),
            Place::Account(_) | Place::Visitor(_) if self.is_apart(&from.clone().into(), &to) => {
                return Err(Refusal::Unavailable);
            }
            Place::Account(account) | Place::Visitor(account) => *account != own,
            Place::Service(kind) => *kind != ServiceKind::Conference,
        };
        let copied = is_conversation && may_be_copied(&message);
        if let Place::Service(_) = place {
            let kept = (is_conversation && self.is_archived(&own, &to, &message)) || copied;
            let memory = kept.then(|| message.clone());
            message.to = None;
            turn.send_service(to.clone(), &Arc::new(message.into()));
            if let Some(message) = memory {
                self.remember_sent(turn, from, &to, message, is_conversation, copied);
            }
            return Ok(());
        }
        let memory = is_conversation.then(|| message.clone());
        self.receive_message(turn, &to, message)?;
        if let Some(message) = memory {
            self.remember_sent(turn, from, &to, message, true, copied);
        }
        Ok(())
    }

    fn remember_sent(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        to: &Jid,
        mut message: Message,
        archived: bool,
        copied: bool,
    ) {
        take_private(&mut message);
        let own = from.to_bare();
        if archived && self.is_archived(&own, to, &message) {
            Self::archive(turn, &own, to, &message);
        }
        if copied {
            self.copy_to_others(turn, Way::Sent, &own, &message, std::slice::from_ref(from));
        }
    }

    /// A message to an account, a visitor, or a session of them; `from` is set.
    pub(super) fn receive_message(
        &mut self,
        turn: &mut Turn<'_>,
        to: &Jid,
        mut message: Message,
    ) -> Result<(), Refusal> {
        let owner = to.to_bare();
        let Some(from) = message.from.clone() else { return Ok(()) };
        let is_here = self.has_account(&owner) || self.sessions.contains_key(&owner);
        if !is_here || self.blocks(&owner, &from) {
            return Err(Refusal::Unavailable);
        }
        let from_room = self.settings.place_of(&from) == Place::Service(ServiceKind::Conference);
        let copied = !from_room && may_be_copied(&message);
        let is_private = take_private(&mut message);
        let archived = !from_room && self.is_archived(&owner, &from, &message);
        if archived {
            Self::stamp(turn, &owner, &mut message);
        }
        let Some(sessions) = self.receivers(to, &message, copied && !is_private)? else { return Ok(()) };
        if sessions.is_empty() {
            self.wait_offline(turn, &owner, &message)?;
        }
        if archived {
            Self::archive(turn, &owner, &from, &message);
        }
        if copied {
            self.copy_to_others(turn, Way::Received, &owner, &message, &sessions);
        }
        message.to = None;
        let stanza = Arc::new(Stanza::from(message));
        for session in sessions {
            turn.send_as(&session, to.clone(), &stanza);
        }
        Ok(())
    }

    /// A message that did not reach the session it was for: as if it were to the account, but remembered already.
    pub(super) fn redeliver(
        &mut self,
        turn: &mut Turn<'_>,
        owner: &BareJid,
        mut message: Message,
    ) -> Result<(), Refusal> {
        let to: Jid = owner.clone().into();
        let Some(sessions) = self.receivers(&to, &message, false)? else { return Ok(()) };
        message.to = Some(to.clone());
        if sessions.is_empty() {
            return self.wait_offline(turn, owner, &message);
        }
        message.to = None;
        let stanza = Arc::new(Stanza::from(message));
        for session in sessions {
            turn.send_as(&session, to.clone(), &stanza);
        }
        Ok(())
    }

    /// Which sessions get a message: none of them means that it may wait, `None` that nobody misses it.
    fn receivers(&self, to: &Jid, message: &Message, forked: bool) -> Result<Option<Vec<FullJid>>, Refusal> {
        let owner = to.to_bare();
        if let Ok(full) = to.try_as_full() {
            if self.session(full).is_some() {
                return Ok(Some(vec![full.clone()]));
            }
            match message.type_ {
                MessageType::Chat => {}
                MessageType::Headline | MessageType::Error => return Ok(None),
                MessageType::Normal | MessageType::Groupchat => return Err(Refusal::Unavailable),
            }
        }
        // A visitor's program need not know presence, and nothing could wait for it.
        let is_visitor = !self.has_account(&owner);
        let takes = |session: &Session| session.takes_messages() || (is_visitor && !session.is_available());
        match message.type_ {
            MessageType::Groupchat => Err(Refusal::Unavailable),
            MessageType::Error => Ok(None),
            MessageType::Headline => Ok(Some(self.sessions_where(&owner, takes)).filter(|s| !s.is_empty())),
            MessageType::Chat | MessageType::Normal => {
                let all = self.sessions_of(&owner).map(|(_, session)| session);
                let most = all.filter(|session| takes(session)).map(|session| session.priority).max();
                let gets = |session: &Session| {
                    takes(session) && (Some(session.priority) == most || (forked && session.carbons))
                };
                Ok(Some(self.sessions_where(&owner, gets)))
            }
        }
    }
}
