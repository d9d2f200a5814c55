//! Presence asked for (RFC 6121 §4.3): answers tell only those who may know.

use std::sync::Arc;

use jid::{FullJid, Jid};
use xmpp_parsers::presence::Presence;
use xmpp_parsers::stanza::Stanza;

use super::House;
use super::audience::Viewer;
use super::outcome::Turn;
use super::settings::Place;

impl House {
    /// A client asks for somebody's presence.
    pub(super) fn probe(&self, turn: &mut Turn<'_>, from: &FullJid, to: &Jid) {
        match self.settings.place_of(to) {
            Place::Account(contact) => {
                let asker = from.to_bare();
                for (resource, session) in self.sessions_of(&contact) {
                    let who = contact.with_resource(resource);
                    let may_know =
                        contact == asker || self.viewers_among(&who, &asker).contains(&Viewer::Session(from.clone()));
                    if let (Some(presence), true) = (&session.presence, may_know) {
                        turn.send(from, presence);
                    }
                }
            }
            Place::Service(_) if !self.blocks(&from.to_bare(), to) => {
                let probe = Stanza::from(Presence::probe().with_from(from.clone()));
                turn.send_service(to.clone(), &Arc::new(probe));
            }
            _ => {}
        }
    }

    /// A service asks for an account's presence.
    pub(super) fn answer_probe(&self, turn: &mut Turn<'_>, from: &Jid, to: &Jid) {
        let account = to.to_bare();
        let subscribed = self.contact(&account, &from.to_bare()).is_some_and(|c| c.subscription.from());
        if !subscribed || self.blocks(&account, from) {
            let refused = Presence::new(xmpp_parsers::presence::Type::Unsubscribed).with_from(account);
            turn.send_service(from.clone(), &Arc::new(refused.into()));
            return;
        }
        let mut is_there = false;
        for (_, session) in self.sessions_of(&account) {
            if let Some(presence) = &session.presence {
                turn.send_service(from.clone(), presence);
                is_there = true;
            }
        }
        if !is_there {
            let away = Presence::unavailable().with_from(account);
            turn.send_service(from.clone(), &Arc::new(away.into()));
        }
    }
}
