//! The roster (RFC 6121 §2): what a client asks and sets, pushes to the sessions that asked, and its version. Contacts
//! change only through [`House::change_contact`].

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, FullJid};
use minidom::Element;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::roster::{Item as Asked, Roster as AskedRoster, Subscription as Wire};
use xmpp_parsers::stanza::Stanza;

use super::outcome::Turn;
use super::refusal::Refusal;
use super::settings::Place;
use super::{Contact, House, Keep, Limits, Subscription};
use crate::xep::roster::{Group, Item, Roster};

const MALFORMED: Refusal = Refusal::BadRequest("The roster request is malformed.");

fn item(contact: &Contact) -> Item {
    Item {
        jid: contact.jid.clone(),
        name: contact.name.clone(),
        subscription: match contact.subscription {
            Subscription::None => "none",
            Subscription::To => "to",
            Subscription::From => "from",
            Subscription::Both => "both",
        },
        ask: contact.asked.then_some("subscribe"),
        groups: contact.groups.iter().map(|name| Group { name: name.clone() }).collect(),
        approved: contact.approved.then_some(true),
    }
}

impl House {
    /// The roster, or nothing if the client has this version of it (RFC 6121 §2.6). From now on the session gets pushes.
    pub(super) fn get_roster(&mut self, who: &FullJid, asked: Element) -> Result<Option<Element>, Refusal> {
        let asked = AskedRoster::try_from(asked).map_err(|_| MALFORMED)?;
        if !asked.items.is_empty() {
            return Err(MALFORMED);
        }
        if let Some(session) = self.session_mut(who) {
            session.roster = true;
        }
        let Some(book) = self.accounts.get(&who.to_bare()) else {
            return Ok(Some(Roster { ver: None, items: Vec::new() }.into()));
        };
        let version = book.version.to_string();
        if asked.ver.as_deref() == Some(&version) {
            return Ok(None);
        }
        let items = book.contacts.values().filter(|contact| contact.listed).map(item).collect();
        Ok(Some(Roster { ver: asked.ver.map(|_| version), items }.into()))
    }

    /// A client adds, changes or removes one contact.
    pub(super) fn set_roster(&mut self, turn: &mut Turn<'_>, account: &BareJid, set: Element) -> Result<(), Refusal> {
        let set = AskedRoster::try_from(set).map_err(|_| MALFORMED)?;
        let [item] = <[Asked; 1]>::try_from(set.items).map_err(|_| MALFORMED)?;
        if item.subscription == Wire::Remove {
            return self.remove_contact(turn, account, &item.jid);
        }
        match self.settings.place_of(&item.jid.clone().into()) {
            Place::Elsewhere => return Err(Refusal::Elsewhere),
            Place::Visitor(_) => return Err(Refusal::NotAllowed("Visitors cannot be contacts.")),
            Place::Account(contact) if contact == *account => {
                return Err(Refusal::NotAllowed("Nobody is a contact of their own."));
            }
            _ => {}
        }
        let groups = groups(&self.settings.limits, &item)?;
        self.check_room(account, &item.jid)?;
        self.change_contact(turn, account, &item.jid, |contact| {
            contact.listed = true;
            contact.name = item.name.filter(|name| !name.is_empty());
            contact.groups = groups;
        });
        Ok(())
    }

    fn remove_contact(&mut self, turn: &mut Turn<'_>, account: &BareJid, contact: &BareJid) -> Result<(), Refusal> {
        if !self.contact(account, contact).is_some_and(|contact| contact.listed) {
            return Err(Refusal::NotFound("This address is not in the roster."));
        }
        self.end_both_ways(turn, account, contact);
        Ok(())
    }

    /// Whether one more contact fits.
    pub(super) fn check_room(&self, account: &BareJid, contact: &BareJid) -> Result<(), Refusal> {
        let Some(book) = self.accounts.get(account) else { return Err(Refusal::Unavailable) };
        let fits =
            book.contacts.contains_key(contact) || book.contacts.len() < self.settings.limits.contacts_per_account;
        if fits { Ok(()) } else { Err(Refusal::TooMuch("The roster is full.")) }
    }

    /// Whether one more request may wait for an account's answer.
    pub(super) fn may_wait(&self, account: &BareJid, contact: &BareJid) -> bool {
        let waiting = self.accounts.get(account).into_iter().flat_map(|book| book.contacts.values());
        self.check_room(account, contact).is_ok()
            && waiting.filter(|contact| contact.request.is_some()).count() < self.settings.limits.requests_per_account
    }

    /// The only way in which a contact changes: what is left of it is remembered, and what the owner sees of it is
    /// pushed.
    pub(super) fn change_contact(
        &mut self,
        turn: &mut Turn<'_>,
        account: &BareJid,
        jid: &BareJid,
        change: impl FnOnce(&mut Contact),
    ) {
        let Some(book) = self.accounts.get_mut(account) else { return };
        let before = book.contacts.get(jid).cloned().unwrap_or_else(|| Contact::new(jid.clone()));
        let mut contact = before.clone();
        change(&mut contact);
        if contact == before {
            return;
        }
        let seen = |contact: &Contact| contact.listed.then(|| item(contact));
        let (saw, sees) = (seen(&before), seen(&contact));
        if saw != sees {
            book.version += 1;
        }
        let version = book.version;
        if contact == Contact::new(jid.clone()) {
            book.contacts.remove(jid);
            turn.keep(Keep::ContactGone { account: account.clone(), jid: jid.clone(), version });
        } else {
            book.contacts.insert(jid.clone(), contact.clone());
            turn.keep(Keep::Contact { account: account.clone(), contact, version });
        }
        if saw != sees {
            let gone = || Item { subscription: "remove", ..item(&Contact::new(jid.clone())) };
            self.push(turn, account, version, sees.unwrap_or_else(gone));
        }
    }

    fn push(&self, turn: &mut Turn<'_>, account: &BareJid, version: u64, item: Item) {
        let roster = Roster { ver: Some(version.to_string()), items: vec![item] };
        let push = Arc::new(Stanza::from(Iq::Set {
            from: None,
            to: None,
            id: format!("push-{version}"),
            payload: roster.into(),
        }));
        for session in self.sessions_where(account, |session| session.roster) {
            turn.send(&session, &push);
        }
    }
}

fn groups(limits: &Limits, item: &Asked) -> Result<BTreeSet<String>, Refusal> {
    let too_long =
        item.name.iter().chain(item.groups.iter().map(|group| &group.0)).any(|n| n.len() > limits.name_bytes);
    if too_long || item.groups.len() > limits.groups_per_contact {
        return Err(Refusal::NotAcceptable("The name is too long, or the groups are too many."));
    }
    if item.groups.iter().any(|group| group.0.is_empty()) {
        return Err(Refusal::NotAcceptable("A group needs a name."));
    }
    let groups: BTreeSet<String> = item.groups.iter().map(|group| group.0.clone()).collect();
    if groups.len() < item.groups.len() {
        return Err(Refusal::BadRequest("A group is named twice."));
    }
    Ok(groups)
}
