//! What an account keeps on the server for itself or for others to look up: private documents (XEP-0049), where clients
//! keep their bookmarks, and the vCard (XEP-0054). Only their sizes are known here.

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns;

use super::ask::{About, Question};
use super::outcome::{Asker, Turn};
use super::queries::Reply;
use super::refusal::Refusal;
use super::{House, Keep};

/// The one element inside `<query xmlns='jabber:iq:private'/>`.
fn inside(query: Element) -> Result<Element, Refusal> {
    let children = query.children().cloned().collect::<Vec<Element>>();
    let [inside] = <[Element; 1]>::try_from(children)
        .map_err(|_| Refusal::BadRequest("A private document is one element in a namespace of its own."))?;
    // The document would otherwise be taken for the query itself, or for nothing.
    if [ns::PRIVATE, ns::JABBER_CLIENT, ""].contains(&&*inside.ns()) {
        return Err(Refusal::NotAcceptable("A private document has a namespace of its own."));
    }
    Ok(inside)
}

fn key(name: &str, namespace: &str) -> String {
    format!("{{{namespace}}}{name}")
}

impl House {
    /// A client asks for a private document.
    pub(super) fn get_private(&self, turn: &mut Turn<'_>, asker: &Asker, query: Element) -> Result<Reply, Refusal> {
        let wanted = inside(query)?;
        let account = asker.from.to_bare();
        let book = self.accounts.get(&account).ok_or(Refusal::Unavailable)?;
        let (name, namespace) = (wanted.name().to_owned(), wanted.ns());
        let key = key(&name, &namespace);
        if !book.private_bytes.contains_key(&key) {
            return Ok(Reply::Result(Some(private(&name, &namespace, None))));
        }
        turn.ask(Question::Private { account, key }, asker, About::Private { name, ns: namespace });
        Ok(Reply::Later)
    }

    /// A client writes a private document.
    pub(super) fn set_private(
        &mut self,
        turn: &mut Turn<'_>,
        account: &BareJid,
        query: Element,
    ) -> Result<Reply, Refusal> {
        let document = inside(query)?;
        let key = key(document.name(), &document.ns());
        let document = String::from(&document);
        let (most_bytes, most) = (self.settings.limits.private_bytes, self.settings.limits.private_documents);
        let book = self.accounts.get_mut(account).ok_or(Refusal::Unavailable)?;
        let others = book.private_bytes.iter().filter(|(other, _)| **other != key).map(|(_, bytes)| bytes);
        if others.clone().count() >= most || others.sum::<usize>() + document.len() > most_bytes {
            return Err(Refusal::TooMuch("The private documents take too much room."));
        }
        book.private_bytes.insert(key.clone(), document.len());
        turn.keep(Keep::Private { account: account.clone(), key, document });
        Ok(Reply::Result(None))
    }

    /// Somebody asks for the vCard of an account.
    pub(super) fn get_vcard(&self, turn: &mut Turn<'_>, asker: &Asker, account: &BareJid) -> Result<Reply, Refusal> {
        if !self.has_account(account) {
            return Err(Refusal::Unavailable);
        }
        turn.ask(Question::Vcard { account: account.clone() }, asker, About::Vcard);
        Ok(Reply::Later)
    }

    /// A client writes its vCard.
    pub(super) fn set_vcard(&self, turn: &mut Turn<'_>, account: &BareJid, card: &Element) -> Result<Reply, Refusal> {
        let document = String::from(card);
        if document.len() > self.settings.limits.vcard_bytes {
            return Err(Refusal::TooLarge("The vCard is too large."));
        }
        turn.keep(Keep::Vcard { account: account.clone(), document });
        Ok(Reply::Result(None))
    }
}

/// The answer to who asked for a private document: the document, or the empty element.
pub(super) fn private(name: &str, namespace: &str, document: Option<&str>) -> Element {
    let found = document.and_then(|document| document.parse::<Element>().ok());
    let document = found.unwrap_or_else(|| Element::bare(name, namespace));
    Element::builder("query", ns::PRIVATE).append(document).build()
}
