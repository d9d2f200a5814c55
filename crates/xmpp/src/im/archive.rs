//! The memory of an account's own chats (XEP-0313): what goes in and how it is asked for. The archive itself is the
//! host's.

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::mam_prefs::{DefaultPrefs, Prefs};
use xmpp_parsers::message::Message;
use xmpp_parsers::ns;
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stanza_id::StanzaId;

use super::ask::{About, Question, Thread};
use super::outcome::{Asker, Turn};
use super::queries::Reply;
use super::refusal::Refusal;
use super::stanza::{lasts, must_not_be_kept};
use super::{ArchivePage, Archived, Archiving, House, Keep, Preferences};
use crate::xep::mam::{self, QueryFault};

impl House {
    /// Whether a message belongs in the archive of an account.
    pub(super) fn is_archived(&self, owner: &BareJid, with: &Jid, message: &Message) -> bool {
        let Some(book) = self.accounts.get(owner) else { return false };
        if !lasts(message) || must_not_be_kept(message) {
            return false;
        }
        let preferences = &book.preferences;
        let names = |list: &BTreeSet<Jid>| list.contains(with) || list.contains(&Jid::from(with.to_bare()));
        if names(&preferences.never) {
            return false;
        }
        names(&preferences.always)
            || match preferences.otherwise {
                Archiving::Always => true,
                Archiving::Never => false,
                Archiving::Roster => book.contact(&with.to_bare()).is_some_and(|contact| contact.listed),
            }
    }

    /// Puts the id of the archive in a message for its owner (XEP-0359).
    pub(super) fn stamp(turn: &Turn<'_>, owner: &BareJid, message: &mut Message) {
        let id = StanzaId { id: turn.at.stanza_id.to_owned(), by: owner.clone().into() };
        message.payloads.push(id.into());
    }

    /// Puts a message in an archive.
    pub(super) fn archive(turn: &mut Turn<'_>, owner: &BareJid, with: &Jid, message: &Message) {
        let archived = Archived {
            owner: owner.clone(),
            id: turn.at.stanza_id.to_owned(),
            with: with.clone(),
            at_us: turn.at.now_us,
            stanza: String::from(&Element::from(message.clone())),
        };
        turn.keep(Keep::Archived(archived));
    }

    /// A client asks its archive.
    pub(super) fn query_archive(
        &self,
        turn: &mut Turn<'_>,
        asker: &Asker,
        owner: &BareJid,
        query: Element,
    ) -> Result<Reply, Refusal> {
        let limits = &self.settings.limits;
        let asked = mam::read(query, owner.clone(), limits.page, limits.page).map_err(|fault| match fault {
            QueryFault::Malformed(what) => Refusal::BadRequest(what),
            QueryFault::Unknown => Refusal::NotImplemented,
        })?;
        let about = About::Archive { query_id: asked.query_id, flip: asked.flip };
        turn.ask(Question::Archive(asked.query), asker, about);
        Ok(Reply::Later)
    }

    /// The page of an archive goes to who asked; gives the end of the answer.
    pub(super) fn tell_page(
        &self,
        turn: &mut Turn<'_>,
        thread: &Thread,
        query_id: Option<&str>,
        flip: bool,
        page: &ArchivePage,
    ) -> Element {
        let from = thread.from.clone().unwrap_or_else(|| thread.to.to_bare().into());
        let mut results: Vec<Element> = page.messages.iter().filter_map(|m| mam::result(m, query_id)).collect();
        if flip {
            results.reverse();
        }
        for result in results {
            let mut message = Message::new_with_type(xmpp_parsers::message::MessageType::Normal, None);
            message.from = Some(from.clone());
            message.payloads.push(result);
            self.route(turn, &thread.to, &Arc::new(Stanza::from(message)));
        }
        mam::fin(page)
    }

    /// The archiving preferences of an account.
    pub(super) fn preferences(&self, account: &BareJid) -> Result<Reply, Refusal> {
        let book = self.accounts.get(account).ok_or(Refusal::Unavailable)?;
        Ok(Reply::Result(Some(written(&book.preferences))))
    }

    /// A client sets the archiving preferences of its account.
    pub(super) fn set_preferences(
        &mut self,
        turn: &mut Turn<'_>,
        account: &BareJid,
        set: Element,
    ) -> Result<Reply, Refusal> {
        let most = self.settings.limits.preferences;
        let malformed = Refusal::BadRequest("The preferences are malformed.");
        let set = Prefs::try_from(set).map_err(|_| malformed)?;
        if set.always.len() + set.never.len() > most {
            return Err(Refusal::TooMuch("The preferences name too many addresses."));
        }
        let preferences = Preferences {
            otherwise: match set.default_ {
                DefaultPrefs::Always => Archiving::Always,
                DefaultPrefs::Never => Archiving::Never,
                DefaultPrefs::Roster => Archiving::Roster,
            },
            always: set.always.into_iter().collect(),
            never: set.never.into_iter().collect(),
        };
        let book = self.accounts.get_mut(account).ok_or(Refusal::Unavailable)?;
        book.preferences = preferences.clone();
        turn.keep(Keep::Preferences { account: account.clone(), preferences: preferences.clone() });
        Ok(Reply::Result(Some(written(&preferences))))
    }
}

fn written(preferences: &Preferences) -> Element {
    let otherwise = match preferences.otherwise {
        Archiving::Always => DefaultPrefs::Always,
        Archiving::Never => DefaultPrefs::Never,
        Archiving::Roster => DefaultPrefs::Roster,
    };
    let list = |jids: &BTreeSet<Jid>| jids.iter().cloned().collect();
    Prefs { default_: otherwise, always: list(&preferences.always), never: list(&preferences.never) }.into()
}

/// What the archive of an account can do (XEP-0313 §3.2).
pub(super) const FEATURES: [&str; 3] = [ns::MAM, mam::EXTENDED, ns::SID];
