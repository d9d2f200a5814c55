//! Messages that wait for who is away (XEP-0160): few, stamped with their time (XEP-0203), and gone once delivered.

use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use xmpp_parsers::message::Message;
use xmpp_parsers::ns;
use xmpp_parsers::stanza::Stanza;

use super::outcome::Turn;
use super::refusal::Refusal;
use super::stanza::{lasts, must_not_be_kept};
use super::{House, Keep, OfflineMessage};
use crate::xep::delay::{Delay, Stamp};

impl House {
    /// Keeps a message, with its `to`, for an account without a session that takes it. A mere typing notice is dropped.
    pub(super) fn wait_offline(
        &mut self,
        turn: &mut Turn<'_>,
        account: &BareJid,
        message: &Message,
    ) -> Result<(), Refusal> {
        if !lasts(message) {
            return Ok(());
        }
        let limits = &self.settings.limits;
        let Some(book) = self.accounts.get_mut(account) else { return Err(Refusal::Unavailable) };
        if must_not_be_kept(message) || book.offline.len() >= limits.offline_messages {
            return Err(Refusal::Unavailable);
        }
        let stanza = String::from(&Element::from(message.clone()));
        let bytes: usize = book.offline.iter().map(|message| message.stanza.len()).sum();
        if bytes + stanza.len() > limits.offline_bytes {
            return Err(Refusal::Unavailable);
        }
        let number = book.offline.last().map_or(1, |last| last.number + 1);
        let message = OfflineMessage { number, at_us: turn.at.now_us, stanza };
        book.offline.push(message.clone());
        turn.keep(Keep::Offline { account: account.clone(), message });
        Ok(())
    }

    /// Gives a session what waited for its account.
    pub(super) fn deliver_offline(&mut self, turn: &mut Turn<'_>, who: &FullJid) {
        let account = who.to_bare();
        let domain = BareJid::from(self.settings.domain.clone());
        let Some(book) = self.accounts.get_mut(&account) else { return };
        let waited = std::mem::take(&mut book.offline);
        let Some(last) = waited.last() else { return };
        turn.keep(Keep::OfflineTaken { account: account.clone(), up_to: last.number });
        for waiting in waited {
            let Some(mut message) = read(&waiting.stanza) else { continue };
            let to = message.to.take().unwrap_or_else(|| account.clone().into());
            let stamped = message.payloads.iter().any(|payload| {
                payload.is("delay", ns::DELAY) && payload.attr("from").is_some_and(|from| *from == *domain.as_str())
            });
            if !stamped {
                let delay = Delay { from: Some(Jid::from(domain.clone())), stamp: Stamp(waiting.at_us) };
                message.payloads.push(delay.into());
            }
            turn.send_as(who, to, &Arc::new(Stanza::from(message)));
        }
    }
}

fn read(stanza: &str) -> Option<Message> {
    Message::try_from(stanza.parse::<Element>().ok()?).ok()
}
