//! Who sees whose presence: one rule, asked before and after whatever may change it, so that nobody keeps presence that
//! they may no longer see and nobody lacks what they may.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::presence::Presence;
use xmpp_parsers::stanza::Stanza;

use super::outcome::Turn;
use super::{House, Session};

/// Somebody who sees a session's presence by subscription.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Viewer {
    /// An available session of a subscriber.
    Session(FullJid),
    /// A service that subscribed.
    Service(BareJid),
}

/// Sessions, each with somebody who sees it.
pub(super) type Views = BTreeSet<(FullJid, Viewer)>;

impl House {
    /// Who of a contact sees a session's presence, if the session is available.
    pub(super) fn viewers_among(&self, who: &FullJid, contact: &BareJid) -> Vec<Viewer> {
        let account = who.to_bare();
        if account == *contact || !self.contact(&account, contact).is_some_and(|c| c.subscription.from()) {
            return Vec::new();
        }
        if !self.accounts.contains_key(contact) {
            let blocked = self.blocks(&account, &contact.clone().into());
            return if blocked { Vec::new() } else { vec![Viewer::Service(contact.clone())] };
        }
        if self.blocks(contact, &who.clone().into()) {
            return Vec::new();
        }
        let sessions = self.sessions_where(contact, Session::is_available);
        sessions.into_iter().filter(|s| !self.blocks(&account, &s.clone().into())).map(Viewer::Session).collect()
    }

    /// Everybody who sees a session's presence by subscription.
    pub(super) fn viewers(&self, who: &FullJid) -> Vec<Viewer> {
        let Some(book) = self.accounts.get(&who.to_bare()) else { return Vec::new() };
        book.contacts.keys().flat_map(|contact| self.viewers_among(who, contact)).collect()
    }

    /// What two accounts, or an account and a service, see of one another.
    pub(super) fn views_between(&self, one: &BareJid, other: &BareJid) -> Views {
        let mut views = Views::new();
        for (subject, viewer) in [(one, other), (other, one)] {
            for session in self.sessions_where(subject, Session::is_available) {
                let seen_by = self.viewers_among(&session, viewer);
                views.extend(seen_by.into_iter().map(|viewer| (session.clone(), viewer)));
            }
        }
        views
    }

    /// What an account and all its contacts see of one another.
    pub(super) fn views_around(&self, account: &BareJid) -> Views {
        let contacts = self.accounts.get(account).into_iter().flat_map(|book| book.contacts.keys());
        contacts.flat_map(|contact| self.views_between(account, contact)).collect()
    }

    /// Tells those who see less than before, and then those who see more.
    pub(super) fn settle_views(&self, turn: &mut Turn<'_>, before: &Views, after: &Views) {
        for (subject, viewer) in before.difference(after) {
            let gone = Arc::new(Presence::unavailable().with_from(subject.clone()).into());
            self.show(turn, viewer, &gone);
        }
        for (subject, viewer) in after.difference(before) {
            if let Some(presence) = self.session(subject).and_then(|session| session.presence.clone()) {
                self.show(turn, viewer, &presence);
            }
        }
    }

    /// Sends presence to who sees it.
    pub(super) fn show(&self, turn: &mut Turn<'_>, viewer: &Viewer, presence: &Arc<Stanza>) {
        match viewer {
            Viewer::Session(session) => turn.send(session, presence),
            Viewer::Service(service) => turn.send_service(Jid::from(service.clone()), presence),
        }
    }
}
