//! How the store keeps what XMPP accounts are to remember: each `Keep` of the house becomes a change there, and books come back
//! out of it. What may be remembered at all is the house's to say.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use desk::time::Time;
use store::StoreError;
use store::im::{ImArchived, ImArchiving, ImBook, ImChange, ImContact, ImOffline, ImPart, ImPreferences, ImQuery};
use xmpp::im::{
    Answer, ArchivePage, ArchiveQuery, ArchivedMessage, Archiving, Book, Contact, Keep, LastSeen, OfflineMessage, Part,
    Preferences, Question, Subscription,
};
use xmpp::jid::{BareJid, Jid};
use xmpp::xmpp_parsers::stanza_error::DefinedCondition;

use super::domains::Domains;
use super::router::Router;
use crate::app::App;

/// Stores what is to be remembered, all of it or nothing.
pub(super) async fn store(app: &App, keep: Vec<Keep>) -> Result<(), StoreError> {
    if keep.is_empty() { Ok(()) } else { app.store.im_change(keep.into_iter().map(change).collect()).await }
}

fn change(keep: Keep) -> ImChange {
    match keep {
        Keep::Contact { account, contact, version } => {
            ImChange::Contact(account.to_string(), kept_contact(contact), version)
        }
        Keep::ContactGone { account, jid, version } => {
            ImChange::ContactGone(account.to_string(), jid.to_string(), version)
        }
        Keep::Blocked { account, jid } => ImChange::Blocked(account.to_string(), jid.to_string()),
        Keep::Unblocked { account, jid } => ImChange::Unblocked(account.to_string(), jid.to_string()),
        Keep::Private { account, key, document } => ImChange::Private(account.to_string(), key, document),
        Keep::Vcard { account, document } => ImChange::Vcard(account.to_string(), document),
        Keep::Preferences { account, preferences } => {
            ImChange::Preferences(account.to_string(), kept_preferences(&preferences))
        }
        Keep::LastSeen { account, seen } => ImChange::LastSeen(account.to_string(), Time(seen.at_us), seen.status),
        Keep::Offline { account, message } => {
            let OfflineMessage { number, at_us, stanza } = message;
            ImChange::Offline(account.to_string(), ImOffline { number, at: Time(at_us), stanza })
        }
        Keep::OfflineTaken { account, up_to } => ImChange::OfflineTaken(account.to_string(), up_to),
        Keep::Archived(archived) => ImChange::Archived(ImArchived {
            owner: archived.owner.to_string(),
            id: archived.id,
            with_bare: archived.with.to_bare().to_string(),
            with_full: archived.with.to_string(),
            at: Time(archived.at_us),
            stanza: archived.stanza,
        }),
        Keep::Forgotten { account } => ImChange::Forgotten(account.to_string()),
    }
}

fn kept_contact(contact: Contact) -> ImContact {
    ImContact {
        jid: contact.jid.to_string(),
        name: contact.name,
        groups: contact.groups.into_iter().collect(),
        to: contact.subscription.to(),
        from: contact.subscription.from(),
        asked: contact.asked,
        approved: contact.approved,
        request: contact.request,
        listed: contact.listed,
    }
}

fn kept_preferences(preferences: &Preferences) -> ImPreferences {
    let texts = |all: &BTreeSet<Jid>| all.iter().map(ToString::to_string).collect();
    ImPreferences {
        otherwise: match preferences.otherwise {
            Archiving::Always => ImArchiving::Always,
            Archiving::Never => ImArchiving::Never,
            Archiving::Roster => ImArchiving::Roster,
        },
        always: texts(&preferences.always),
        never: texts(&preferences.never),
    }
}

/// The books of all accounts.
///
/// # Errors
/// In a sentence: the store cannot be read.
pub(super) async fn books(app: &App, domains: &Domains) -> Result<Vec<Book>, String> {
    let fault = |error: StoreError| format!("what XMPP accounts remember cannot be read: {error}; {}", error.hint());
    let mut books = BTreeMap::new();
    for account in app.store.accounts().await.map_err(fault)? {
        // A name that is no local part cannot log in over XMPP.
        if let Ok(jid) = BareJid::new(&format!("{}@{}", account.name, domains.accounts())) {
            books.insert(jid.to_string(), Book::new(jid));
        }
    }
    for kept in app.store.im_books().await.map_err(fault)? {
        if let Some(book) = books.get_mut(&kept.account) {
            *book = book_of(book.account.clone(), kept);
        }
    }
    Ok(books.into_values().collect())
}

/// Addresses were written by the house; one that cannot be read any longer is left out.
fn book_of(account: BareJid, kept: ImBook) -> Book {
    let contacts = kept.contacts.into_iter().filter_map(contact_of);
    let offline = kept.offline.into_iter();
    Book {
        account,
        version: kept.version,
        contacts: contacts.map(|contact| (contact.jid.clone(), contact)).collect(),
        blocked: jids(&kept.blocked),
        private_bytes: kept.private_bytes.into_iter().collect(),
        preferences: Preferences {
            otherwise: match kept.preferences.otherwise {
                ImArchiving::Always => Archiving::Always,
                ImArchiving::Never => Archiving::Never,
                ImArchiving::Roster => Archiving::Roster,
            },
            always: jids(&kept.preferences.always),
            never: jids(&kept.preferences.never),
        },
        offline: offline
            .map(|message| OfflineMessage { number: message.number, at_us: message.at.0, stanza: message.stanza })
            .collect(),
        last_seen: kept.last_seen.map(|(at, status)| LastSeen { at_us: at.0, status }),
    }
}

fn jids(texts: &[String]) -> BTreeSet<Jid> {
    texts.iter().filter_map(|text| Jid::from_str(text).ok()).collect()
}

fn contact_of(kept: ImContact) -> Option<Contact> {
    Some(Contact {
        jid: BareJid::from_str(&kept.jid).ok()?,
        name: kept.name,
        groups: kept.groups.into_iter().collect(),
        subscription: Subscription::of(kept.to, kept.from),
        asked: kept.asked,
        approved: kept.approved,
        request: kept.request,
        listed: kept.listed,
    })
}

/// Looks up what the house asks for.
pub(super) async fn answer(router: &Router, question: Question) -> Answer {
    let store = &router.app().store;
    match question {
        Question::Vcard { account } => document(store.im_vcard(&account.to_string()).await),
        Question::Private { account, key } => document(store.im_private(&account.to_string(), &key).await),
        Question::Archive(query) => page(router.app(), query).await,
        Question::ArchiveEnds { owner } => match store.im_archive_ends(&owner.to_string()).await {
            Ok(ends) => Answer::Ends(ends.map(|ends| ends.map(|(id, at)| (id, at.0)))),
            Err(error) => failed(&error),
        },
        Question::Slot { .. } | Question::Password { .. } => {
            Answer::Refused(DefinedCondition::ServiceUnavailable, "This is not done over XMPP here.".to_owned())
        }
    }
}

fn document(found: Result<Option<String>, StoreError>) -> Answer {
    match found {
        Ok(document) => Answer::Document(document),
        Err(error) => failed(&error),
    }
}

fn failed(error: &StoreError) -> Answer {
    tracing::error!(%error, hint = error.hint(), "what an XMPP account asked for could not be read");
    Answer::Failed
}

async fn page(app: &App, query: ArchiveQuery) -> Answer {
    let (mut with_bare, mut with_full) = (None, None);
    match query.with {
        Some(with) if with.is_full() => with_full = Some(with.to_string()),
        Some(with) => with_bare = Some(with.to_string()),
        None => {}
    }
    let asked = ImQuery {
        owner: query.owner.to_string(),
        with_bare,
        with_full,
        start: query.start_us.map(Time),
        end: query.end_us.map(Time),
        after_id: query.after_id,
        before_id: query.before_id,
        ids: query.ids,
        part: match query.part {
            Part::First => ImPart::First,
            Part::Last => ImPart::Last,
            Part::After(id) => ImPart::After(id),
            Part::Before(id) => ImPart::Before(id),
        },
        max: query.max,
    };
    let message = |kept: ImArchived| ArchivedMessage { id: kept.id, at_us: kept.at.0, stanza: kept.stanza };
    match app.store.im_archive(asked).await {
        Ok(None) => Answer::NoSuchId,
        Ok(Some(page)) => Answer::Page(ArchivePage {
            messages: page.messages.into_iter().map(message).collect(),
            complete: page.complete,
            count: page.count,
            index: page.index,
        }),
        Err(error) => failed(&error),
    }
}

#[cfg(test)]
mod tests {
    use store::im::Im as _;

    use super::*;

    #[test]
    fn a_book_comes_back_as_it_was_kept() {
        let account = BareJid::new("anna@desk.example").expect("an address");
        let ben = BareJid::new("ben@desk.example").expect("an address");
        let contact = Contact {
            name: Some("Ben \"B\"".to_owned()),
            groups: BTreeSet::from(["team".to_owned()]),
            subscription: Subscription::From,
            request: Some("<presence/>".to_owned()),
            listed: true,
            ..Contact::new(ben.clone())
        };
        let preferences = Preferences {
            otherwise: Archiving::Roster,
            never: BTreeSet::from([Jid::from(ben.clone())]),
            ..Preferences::default()
        };
        let seen = LastSeen { at_us: 7, status: "bye".to_owned() };
        let message = OfflineMessage { number: 12, at_us: 5, stanza: "<message/>".to_owned() };
        let keep = vec![
            Keep::Contact { account: account.clone(), contact: contact.clone(), version: 4 },
            Keep::Blocked { account: account.clone(), jid: ben.clone().into() },
            Keep::Private { account: account.clone(), key: "{x}y".to_owned(), document: "<y/>".to_owned() },
            Keep::Preferences { account: account.clone(), preferences: preferences.clone() },
            Keep::LastSeen { account: account.clone(), seen: seen.clone() },
            Keep::Offline { account: account.clone(), message: message.clone() },
        ];
        let store = store::memory::open();
        store.im_change(keep.into_iter().map(change).collect()).wait().expect("a store in memory");
        let kept = store.im_books().wait().expect("a store in memory").remove(0);
        let expected = Book {
            version: 4,
            contacts: BTreeMap::from([(ben.clone(), contact)]),
            blocked: BTreeSet::from([Jid::from(ben)]),
            private_bytes: BTreeMap::from([("{x}y".to_owned(), 4)]),
            preferences,
            offline: vec![message],
            last_seen: Some(seen),
            ..Book::new(account.clone())
        };
        assert_eq!(book_of(account, kept), expected);
    }
}
