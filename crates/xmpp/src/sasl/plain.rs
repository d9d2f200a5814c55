//! PLAIN (RFC 4616): the password itself. Offered under TLS only, which is not decided here.

use jid::BareJid;

use crate::stream::{Password, Question};

use super::{Failure, Terms, Turn};

/// Longest password in bytes, before and after preparation.
const PASSWORD_MAX: usize = 1_024;

pub(super) fn respond(terms: &Terms, asked: &mut Option<BareJid>, response: &[u8]) -> Turn {
    let Ok(text) = str::from_utf8(response) else { return Turn::Failure(Failure::MalformedRequest) };
    let parts: Vec<&str> = text.split('\0').collect();
    let [authzid, name, password] = parts[..] else { return Turn::Failure(Failure::MalformedRequest) };
    if name.is_empty() || password.is_empty() || password.len() > PASSWORD_MAX {
        return Turn::Failure(Failure::MalformedRequest);
    }
    let Some(account) = terms.account(name) else { return Turn::Failure(Failure::NotAuthorized) };
    if !terms.is_oneself(authzid, &account) {
        return Turn::Failure(Failure::InvalidAuthzid);
    }
    let Ok(prepared) = stringprep::saslprep(password) else { return Turn::Failure(Failure::NotAuthorized) };
    *asked = Some(account.clone());
    Turn::Ask(Question::Password { account, password: Password(prepared.into_owned()) })
}
