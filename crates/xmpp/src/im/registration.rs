//! In-band registration (XEP-0077): only another password for the account that is signed in, and only where the operator
//! permits it. Accounts are made and removed elsewhere.

use jid::BareJid;
use minidom::Element;
use xmpp_parsers::ns;

use super::ask::{About, Question};
use super::outcome::{Asker, Turn};
use super::queries::Reply;
use super::refusal::Refusal;
use super::{House, Secret};

/// SASLprep'd passwords are at most this long (RFC 7613 names no limit; clients cut here).
const PASSWORD_BYTES: usize = 1_023;

impl House {
    /// A request about the registration of the account that is signed in.
    pub(super) fn register(
        &self,
        turn: &mut Turn<'_>,
        asker: &Asker,
        query: &Element,
        is_set: bool,
    ) -> Result<Reply, Refusal> {
        let account = asker.from.to_bare();
        let Some(by) = asker.from.try_as_full().ok().filter(|_| self.has_account(&account)) else {
            return Err(Refusal::NotAllowed("Accounts are made by the operator."));
        };
        if !self.settings.password_change {
            return Err(Refusal::NotAllowed("Accounts are changed by the operator."));
        }
        let text = |name: &str| query.get_child(name, ns::REGISTER).map(Element::text);
        let name = account.node().map(ToString::to_string).unwrap_or_default();
        if !is_set {
            return Ok(Reply::Result(Some(registered(&name))));
        }
        if query.get_child("remove", ns::REGISTER).is_some() {
            return Err(Refusal::NotAllowed("Accounts are removed by the operator."));
        }
        if !text("username").is_some_and(|username| is_of(&username, &account)) {
            return Err(Refusal::NotAllowed("Only the own password can be changed."));
        }
        let password = text("password").filter(|p| !p.is_empty() && p.len() <= PASSWORD_BYTES);
        let password = Secret(password.ok_or(Refusal::NotAcceptable("A password has 1 to 1023 bytes."))?);
        turn.ask(Question::Password { account, by: by.clone(), password }, asker, About::Password);
        Ok(Reply::Later)
    }
}

/// Whether a name, in whatever case it was typed, is that of the account.
fn is_of(username: &str, account: &BareJid) -> bool {
    BareJid::new(&format!("{username}@{}", account.domain())).is_ok_and(|named| named == *account)
}

fn registered(name: &str) -> Element {
    let child = |element: &str, text: &str| Element::builder(element, ns::REGISTER).append(text).build();
    Element::builder("query", ns::REGISTER)
        .append(Element::bare("registered", ns::REGISTER))
        .append(child("username", name))
        .append(Element::bare("password", ns::REGISTER))
        .build()
}
