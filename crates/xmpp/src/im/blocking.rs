//! Blocked addresses (XEP-0191): the list, its pushes, and that both sides look unavailable to one another at once. That
//! nothing passes between them afterwards is asked for at each door through [`House::blocks`].

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use xmpp_parsers::blocking::{Block, BlocklistResult, Unblock};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::stanza::Stanza;

use super::outcome::Turn;
use super::refusal::Refusal;
use super::{House, Keep};

const MALFORMED: Refusal = Refusal::BadRequest("The request is malformed.");

impl House {
    /// The list; from now on the session gets pushes.
    pub(super) fn get_blocked(&mut self, who: &FullJid) -> Result<Option<Element>, Refusal> {
        if let Some(session) = self.session_mut(who) {
            session.blocklist = true;
        }
        let book = self.accounts.get(&who.to_bare()).ok_or(Refusal::Unavailable)?;
        Ok(Some(BlocklistResult { items: book.blocked.iter().cloned().collect() }.into()))
    }

    /// A client blocks addresses.
    pub(super) fn block(&mut self, turn: &mut Turn<'_>, account: &BareJid, set: Element) -> Result<(), Refusal> {
        let Block { items } = Block::try_from(set).map_err(|_| MALFORMED)?;
        if items.is_empty() {
            return Err(Refusal::BadRequest("No address is named."));
        }
        let book = self.accounts.get(account).ok_or(Refusal::Unavailable)?;
        let new: BTreeSet<Jid> = items.iter().filter(|jid| !book.blocked.contains(*jid)).cloned().collect();
        if book.blocked.len() + new.len() > self.settings.limits.blocked_per_account {
            return Err(Refusal::TooMuch("Too many addresses are blocked."));
        }
        self.change_blocked(turn, account, |blocked| blocked.extend(new.iter().cloned()));
        self.end_direct_to_blocked(turn, account);
        for jid in new {
            turn.keep(Keep::Blocked { account: account.clone(), jid });
        }
        self.push_blocked(turn, account, &Arc::new(self.push_id(turn, Block { items }.into())));
        Ok(())
    }

    /// A client unblocks addresses; none named means all.
    pub(super) fn unblock(&mut self, turn: &mut Turn<'_>, account: &BareJid, set: Element) -> Result<(), Refusal> {
        let Unblock { items } = Unblock::try_from(set).map_err(|_| MALFORMED)?;
        let book = self.accounts.get(account).ok_or(Refusal::Unavailable)?;
        let is_meant = |jid: &&Jid| items.is_empty() || items.contains(*jid);
        let gone: BTreeSet<Jid> = book.blocked.iter().filter(is_meant).cloned().collect();
        self.change_blocked(turn, account, |blocked| blocked.retain(|jid| !gone.contains(jid)));
        for jid in gone {
            turn.keep(Keep::Unblocked { account: account.clone(), jid });
        }
        self.push_blocked(turn, account, &Arc::new(self.push_id(turn, Unblock { items }.into())));
        Ok(())
    }

    fn change_blocked(&mut self, turn: &mut Turn<'_>, account: &BareJid, change: impl FnOnce(&mut BTreeSet<Jid>)) {
        let before = self.views_around(account);
        if let Some(book) = self.accounts.get_mut(account) {
            change(&mut book.blocked);
        }
        let after = self.views_around(account);
        self.settle_views(turn, &before, &after);
    }

    fn push_id(&self, turn: &Turn<'_>, payload: Element) -> Stanza {
        let id = format!("blocked-{}", turn.at.stanza_id);
        Stanza::from(Iq::Set { from: None, to: None, id, payload })
    }

    fn push_blocked(&self, turn: &mut Turn<'_>, account: &BareJid, push: &Arc<Stanza>) {
        for session in self.sessions_where(account, |session| session.blocklist) {
            turn.send(&session, push);
        }
    }
}
