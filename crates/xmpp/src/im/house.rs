//! The house: who is connected and what each account remembers. Stanzas come in through `routing.rs`.

use std::collections::BTreeMap;

use jid::{BareJid, FullJid, ResourcePart};
use xmpp_parsers::stanza::Stanza;

use super::{Answer, Book, Keep, Moment, Outcome, Session, Settings, Thread};

/// Why a session could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OpenRefusal {
    /// The address is not on a domain of this house, or has no name.
    NotHere,
    /// There is no such account.
    NoAccount,
    /// Another session has this resource (RFC 6120 §7.7.2.2: `conflict`).
    Taken,
    /// The account has as many sessions as it may (`resource-constraint`).
    TooMany,
}

/// The instant-messaging rules of an accounts' domain and its visitors' domain.
#[derive(Debug)]
pub struct House {
    pub(super) settings: Settings,
    pub(super) accounts: BTreeMap<BareJid, Book>,
    pub(super) sessions: BTreeMap<BareJid, BTreeMap<ResourcePart, Session>>,
}

impl House {
    /// A house without accounts.
    pub fn new(settings: Settings) -> House {
        House { settings, accounts: BTreeMap::new(), sessions: BTreeMap::new() }
    }

    /// What it was built with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Puts an account in, as it was remembered or new ([`Book::new`]); one that is there already stays as it is.
    pub fn add_account(&mut self, book: Book) {
        self.accounts.entry(book.account.clone()).or_insert(book);
    }

    /// Whether there is such an account.
    pub fn has_account(&self, account: &BareJid) -> bool {
        self.accounts.contains_key(account)
    }

    /// The sessions of an account or visitor, by resource.
    pub fn sessions_of<'a>(&'a self, who: &BareJid) -> impl Iterator<Item = (&'a ResourcePart, &'a Session)> + use<'a> {
        self.sessions.get(who).into_iter().flatten()
    }

    /// How many sessions there are.
    pub fn session_count(&self) -> usize {
        self.sessions.values().map(BTreeMap::len).sum()
    }

    /// A session is bound.
    ///
    /// # Errors
    /// [`OpenRefusal`]; then nothing changed.
    pub fn open(&mut self, _at: Moment<'_>, who: &FullJid) -> Result<Outcome, OpenRefusal> {
        let account = who.to_bare();
        let sessions = self.sessions.entry(account).or_default();
        sessions.insert(who.resource().to_owned(), Session::default());
        Ok(Outcome::default())
    }

    /// A session ended: those who knew its presence are told. An address without a session is no fault.
    pub fn close(&mut self, _at: Moment<'_>, who: &FullJid) -> Outcome {
        let _ = who;
        Outcome::default()
    }

    /// A stanza from a client. Every stanza of a session goes through here, whomever it is for: what is for a service
    /// comes out again as [`super::Outbound`] without a session, with `from` set.
    pub fn handle(&mut self, _at: Moment<'_>, from: &FullJid, stanza: Stanza) -> Outcome {
        let _ = (from, stanza);
        Outcome::default()
    }

    /// A stanza from a service of the host, `from` and `to` set, to an account, a visitor or a session of them.
    pub fn deliver(&mut self, _at: Moment<'_>, stanza: Stanza) -> Outcome {
        let _ = stanza;
        Outcome::default()
    }

    /// The host's answer to a question.
    pub fn answer(&mut self, _at: Moment<'_>, thread: Thread, answer: Answer) -> Outcome {
        let _ = (thread, answer);
        Outcome::default()
    }

    /// Stanzas that were sent to a session and never reached it, oldest first. Called after [`House::close`]: messages
    /// find another session or wait (XEP-0198 §4), requests are answered with an error.
    pub fn undelivered(&mut self, _at: Moment<'_>, who: &FullJid, stanzas: Vec<Stanza>) -> Outcome {
        let _ = (who, stanzas);
        Outcome::default()
    }

    /// An account is gone: its sessions, which the host ends, everything it remembered, and its place in others' rosters.
    pub fn remove_account(&mut self, _at: Moment<'_>, account: &BareJid) -> Outcome {
        self.accounts.remove(account);
        Outcome { keep: vec![Keep::Forgotten { account: account.clone() }], ..Outcome::default() }
    }
}
