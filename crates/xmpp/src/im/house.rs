//! The house: who is connected and what each account remembers. Stanzas come in through `routing.rs`.

use std::collections::BTreeMap;

use jid::{BareJid, FullJid, Jid, ResourcePart};
use minidom::Element;
use xmpp_parsers::presence::Presence;

use super::outcome::Turn;
use super::settings::Place;
use super::{Book, Contact, Keep, LastSeen, Moment, Outcome, Session, Settings, disco};

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
    /// The server's capabilities for accounts and for visitors: they do not change while it runs.
    pub(super) caps: [Element; 2],
    pub(super) accounts: BTreeMap<BareJid, Book>,
    pub(super) sessions: BTreeMap<BareJid, BTreeMap<ResourcePart, Session>>,
}

impl House {
    /// A house without accounts.
    pub fn new(settings: Settings) -> House {
        let caps = [disco::caps(&settings, false), disco::caps(&settings, true)];
        House { settings, caps, accounts: BTreeMap::new(), sessions: BTreeMap::new() }
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

    /// What an account remembers.
    pub fn book(&self, account: &BareJid) -> Option<&Book> {
        self.accounts.get(account)
    }

    /// The sessions of an account or visitor, by resource.
    pub fn sessions_of<'a>(&'a self, who: &BareJid) -> impl Iterator<Item = (&'a ResourcePart, &'a Session)> + use<'a> {
        self.sessions.get(who).into_iter().flatten()
    }

    /// A session.
    pub fn session(&self, who: &FullJid) -> Option<&Session> {
        self.sessions.get(&who.to_bare())?.get(who.resource())
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
        let owner = match self.settings.place_of(who) {
            Place::Account(account) if self.has_account(&account) => account,
            Place::Account(_) => return Err(OpenRefusal::NoAccount),
            Place::Visitor(visitor) => visitor,
            _ => return Err(OpenRefusal::NotHere),
        };
        let most = self.settings.limits.sessions_per_account;
        let sessions = self.sessions.entry(owner).or_default();
        if sessions.contains_key(who.resource()) {
            return Err(OpenRefusal::Taken);
        }
        if sessions.len() >= most {
            return Err(OpenRefusal::TooMany);
        }
        sessions.insert(who.resource().to_owned(), Session::default());
        Ok(Outcome::default())
    }

    /// A session ended: those who knew its presence are told. An address without a session is no fault.
    pub fn close(&mut self, at: Moment<'_>, who: &FullJid) -> Outcome {
        let mut turn = Turn::new(at);
        if self.session(who).is_some() {
            self.become_unavailable(&mut turn, who, Presence::unavailable());
            self.forget_session(&mut turn, who);
        }
        turn.outcome
    }

    fn forget_session(&mut self, turn: &mut Turn<'_>, who: &FullJid) {
        let owner = who.to_bare();
        let Some(sessions) = self.sessions.get_mut(&owner) else { return };
        let ended = sessions.remove(who.resource()).filter(|ended| ended.was_seen);
        let is_seen = sessions.values().any(Session::is_available);
        if sessions.is_empty() {
            self.sessions.remove(&owner);
        }
        if let (Some(book), Some(ended), false) = (self.accounts.get_mut(&owner), ended, is_seen) {
            let seen = LastSeen { at_us: turn.at.now_us, status: ended.last_words };
            book.last_seen = Some(seen.clone());
            turn.keep(Keep::LastSeen { account: owner, seen });
        }
    }

    /// An account is gone: its sessions, which the host ends, everything it remembered, and its place in others' rosters.
    pub fn remove_account(&mut self, at: Moment<'_>, account: &BareJid) -> Outcome {
        let mut outcome = Outcome::default();
        let sessions: Vec<FullJid> = self.full_sessions(account);
        for session in &sessions {
            outcome.append(self.close(at, session));
        }
        let mut turn = Turn::new(at);
        let contacts: Vec<BareJid> =
            self.book(account).map(|book| book.contacts.keys().cloned().collect()).unwrap_or_default();
        for contact in contacts {
            self.end_both_ways(&mut turn, account, &contact);
        }
        if self.accounts.remove(account).is_some() {
            turn.outcome.keep.retain(|keep| keep.account() != account);
            turn.keep(Keep::Forgotten { account: account.clone() });
        }
        outcome.keep.retain(|keep| keep.account() != account);
        outcome.append(turn.outcome);
        outcome
    }

    /// The full addresses of somebody's sessions.
    pub(super) fn full_sessions(&self, who: &BareJid) -> Vec<FullJid> {
        self.sessions_of(who).map(|(resource, _)| who.with_resource(resource)).collect()
    }

    /// The full addresses of somebody's sessions of which something is true.
    pub(super) fn sessions_where(&self, who: &BareJid, is: impl Fn(&Session) -> bool) -> Vec<FullJid> {
        self.sessions_of(who).filter(|(_, s)| is(s)).map(|(resource, _)| who.with_resource(resource)).collect()
    }

    pub(super) fn session_mut(&mut self, who: &FullJid) -> Option<&mut Session> {
        self.sessions.get_mut(&who.to_bare())?.get_mut(who.resource())
    }

    pub(super) fn contact(&self, account: &BareJid, other: &BareJid) -> Option<&Contact> {
        self.accounts.get(account)?.contact(other)
    }

    /// Whether an account blocks an address: itself, its bare address, or its domain (XEP-0191 §2). Nobody blocks
    /// themselves.
    pub(super) fn blocks(&self, account: &BareJid, other: &Jid) -> bool {
        let Some(book) = self.accounts.get(account) else { return false };
        if book.blocked.is_empty() || other.to_bare() == *account {
            return false;
        }
        let domain: Jid = BareJid::from_parts(None, other.domain()).into();
        let on_domain = other.resource().map(|resource| Jid::from(domain.to_bare().with_resource(resource)));
        book.blocked.contains(other)
            || book.blocked.contains(&Jid::from(other.to_bare()))
            || book.blocked.contains(&domain)
            || on_domain.is_some_and(|on_domain| book.blocked.contains(&on_domain))
    }

    /// Whether visitor and account would talk directly where that is not permitted.
    pub(super) fn is_apart(&self, from: &Jid, to: &Jid) -> bool {
        if self.settings.visitors_reach_accounts {
            return false;
        }
        match (self.settings.place_of(from), self.settings.place_of(to)) {
            (Place::Visitor(one), Place::Visitor(other)) => one != other,
            (Place::Visitor(_), Place::Account(_)) | (Place::Account(_), Place::Visitor(_)) => true,
            _ => false,
        }
    }
}
