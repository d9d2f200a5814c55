//! Presence from services of the host to accounts and visitors (RFC 6121 §8.5).

use std::sync::Arc;

use jid::Jid;
use xmpp_parsers::presence::{Presence, Type};

use super::House;
use super::outcome::Turn;
use super::refusal::Refusal;

impl House {
    /// Presence from a service.
    pub(super) fn receive_presence(
        &mut self,
        turn: &mut Turn<'_>,
        to: &Jid,
        mut presence: Presence,
    ) -> Result<(), Refusal> {
        let Some(from) = presence.from.clone() else { return Ok(()) };
        presence.to = None;
        match presence.type_ {
            Type::None | Type::Unavailable | Type::Error => {
                self.pass_presence(turn, to, &from, &Arc::new(presence.into()));
            }
            Type::Probe => self.answer_probe(turn, &from, to),
            Type::Subscribe | Type::Subscribed | Type::Unsubscribe | Type::Unsubscribed => {
                let (account, contact) = (to.to_bare(), from.to_bare());
                if !self.has_account(&account) {
                    return Err(Refusal::Unavailable);
                }
                let before = self.views_between(&account, &contact);
                self.receive_subscription(turn, &account, &contact, presence);
                let after = self.views_between(&account, &contact);
                self.settle_views(turn, &before, &after);
            }
        }
        Ok(())
    }
}
