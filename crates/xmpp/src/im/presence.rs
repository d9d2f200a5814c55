//! Presence of a session: broadcast when it comes, changes and goes (RFC 6121 §4.2, §4.4, §4.5). Presence to one address
//! is in `directed.rs`, subscriptions are in `subscription.rs`.

use std::sync::Arc;

use jid::FullJid;
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::stanza::Stanza;

use super::audience::Viewer;
use super::outcome::Turn;
use super::refusal::Refusal;
use super::stanza::size_of;
use super::{House, Session};

impl House {
    /// Presence from a client.
    pub(super) fn handle_presence(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        mut presence: Presence,
    ) -> Result<(), Refusal> {
        let Some(to) = presence.to.take() else {
            return match presence.type_ {
                Type::None => self.become_available(turn, from, presence),
                Type::Unavailable => {
                    self.become_unavailable(turn, from, presence);
                    Ok(())
                }
                Type::Error | Type::Probe => Ok(()),
                _ => Err(Refusal::BadRequest("A subscription needs an address.")),
            };
        };
        match presence.type_ {
            Type::None | Type::Unavailable | Type::Error => self.direct(turn, from, to, presence),
            Type::Probe => {
                self.probe(turn, from, &to);
                Ok(())
            }
            Type::Subscribe | Type::Subscribed | Type::Unsubscribe | Type::Unsubscribed => {
                self.handle_subscription(turn, from, &to, presence)
            }
        }
    }

    fn become_available(&mut self, turn: &mut Turn<'_>, from: &FullJid, mut presence: Presence) -> Result<(), Refusal> {
        let words: usize = presence.statuses.values().map(String::len).sum();
        let size = words + presence.payloads.iter().map(size_of).sum::<usize>();
        if size > self.settings.limits.presence_bytes {
            return Err(Refusal::TooLarge("The presence is too large."));
        }
        presence.from = Some(from.clone().into());
        let priority = presence.priority.0;
        let stanza = Arc::new(Stanza::from(presence));
        let Some(session) = self.session_mut(from) else { return Ok(()) };
        let (was_available, took) = (session.is_available(), session.takes_messages());
        session.presence = Some(Arc::clone(&stanza));
        session.priority = priority;
        session.was_seen = true;
        let takes = session.takes_messages();
        for own in self.sessions_where(&from.to_bare(), Session::is_available) {
            turn.send(&own, &stanza);
        }
        for viewer in self.viewers(from) {
            self.show(turn, &viewer, &stanza);
        }
        if !was_available {
            self.welcome(turn, from);
        }
        if takes && !took {
            self.deliver_offline(turn, from);
        }
        Ok(())
    }

    /// What a session learns when it becomes available: the account's other sessions, its contacts, and who asks for a
    /// subscription.
    fn welcome(&mut self, turn: &mut Turn<'_>, who: &FullJid) {
        let account = who.to_bare();
        for (resource, other) in self.sessions_of(&account) {
            if let (Some(presence), true) = (&other.presence, **resource != *who.resource()) {
                turn.send(who, presence);
            }
        }
        let Some(book) = self.accounts.get(&account) else { return };
        for contact in book.contacts.values().filter(|contact| contact.subscription.to()) {
            if !self.accounts.contains_key(&contact.jid) {
                if !self.blocks(&account, &contact.jid.clone().into()) {
                    let probe = Presence::probe().with_from(who.clone());
                    turn.send_service(contact.jid.clone().into(), &Arc::new(probe.into()));
                }
                continue;
            }
            for (resource, session) in self.sessions_of(&contact.jid) {
                let Some(presence) = &session.presence else { continue };
                let seen_by = self.viewers_among(&contact.jid.with_resource(resource), &account);
                if seen_by.contains(&Viewer::Session(who.clone())) {
                    turn.send(who, presence);
                }
            }
        }
        let waiting = book.contacts.values().filter_map(|contact| contact.request.as_ref());
        for request in waiting.filter_map(|request| request.parse::<minidom::Element>().ok()) {
            if let Ok(request) = Stanza::try_from(request) {
                turn.send_as(who, account.clone().into(), &Arc::new(request));
            }
        }
    }

    /// The session is no longer available; its connection may last.
    pub(super) fn become_unavailable(&mut self, turn: &mut Turn<'_>, who: &FullJid, mut presence: Presence) {
        let viewers = self.viewers(who);
        let most = self.settings.limits.presence_bytes;
        let Some(session) = self.session_mut(who) else { return };
        let was_available = session.presence.take().is_some();
        let directed = std::mem::take(&mut session.directed);
        if was_available {
            session.last_words = presence.statuses.values().next().cloned().unwrap_or_default();
            let fits = session.last_words.floor_char_boundary(most);
            session.last_words.truncate(fits);
        }
        presence.from = Some(who.clone().into());
        let stanza = Arc::new(Stanza::from(presence));
        if was_available {
            for own in self.sessions_where(&who.to_bare(), Session::is_available) {
                turn.send(&own, &stanza);
            }
            for viewer in &viewers {
                self.show(turn, viewer, &stanza);
            }
        }
        let told = if was_available { viewers } else { Vec::new() };
        for to in directed.into_values() {
            self.end_direct(turn, who, &to, &stanza, &told);
        }
    }
}
