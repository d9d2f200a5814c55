//! SCRAM (RFC 5802, RFC 7677): the exchange, the check of the proof, the binding to the TLS connection (RFC 5929, RFC 9266) and
//! the protection against being talked down to a weaker log-in. Unknown accounts look like any other until the proof.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jid::BareJid;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::stream::{Hash, Keys, Question};

use super::scram_text::{Binding, Final, First};
use super::{Failure, Terms, Turn};

/// One exchange.
#[derive(Debug)]
pub struct Scram {
    hash: Hash,
    plus: bool,
    terms: Terms,
    state: State,
}

#[derive(Debug)]
enum State {
    First,
    Asked { first: First, account: BareJid },
    Final { first: First, account: BareJid, keys: Keys, known: bool, server_first: String },
    Over,
}

impl Scram {
    pub(super) fn new(hash: Hash, plus: bool, terms: Terms) -> Self {
        Self { hash, plus, terms, state: State::First }
    }

    pub(super) fn respond(&mut self, response: &[u8]) -> Turn {
        let text = str::from_utf8(response).ok();
        let turn = match (std::mem::replace(&mut self.state, State::Over), text) {
            (State::First, Some(text)) => self.first(text),
            (State::Final { first, account, keys, known, server_first }, Some(text)) => {
                self.last(text, &first, account, &keys, known, &server_first)
            }
            _ => Err(Failure::MalformedRequest),
        };
        turn.unwrap_or_else(Turn::Failure)
    }

    fn first(&mut self, text: &str) -> Result<Turn, Failure> {
        let first = First::read(text).ok_or(Failure::MalformedRequest)?;
        match (&first.binding, self.plus) {
            (Binding::To(name), true) if self.bound_to(name).is_some() => {}
            (Binding::To(_), true) => return Err(Failure::NotAuthorized),
            (Binding::Cannot, false) => {}
            // RFC 5802 §6: it was offered, and somebody in between has hidden it.
            (Binding::ServerCannot, false) if self.terms.bindings.any() => return Err(Failure::NotAuthorized),
            (Binding::ServerCannot, false) => {}
            _ => return Err(Failure::MalformedRequest),
        }
        let account = self.terms.account(&first.name).ok_or(Failure::NotAuthorized)?;
        if !self.terms.is_oneself(&first.authzid, &account) {
            return Err(Failure::InvalidAuthzid);
        }
        let question = Question::Keys { account: account.clone(), hash: self.hash };
        self.state = State::Asked { first, account };
        Ok(Turn::Ask(question))
    }

    /// The account's keys are known, or that there is no such account.
    pub(super) fn keys(&mut self, keys: Option<Keys>) -> Turn {
        let State::Asked { first, account } = std::mem::replace(&mut self.state, State::Over) else {
            return Turn::Failure(Failure::TemporaryAuthFailure);
        };
        let known = keys.is_some();
        let keys = keys.unwrap_or_else(|| decoy(&self.terms, &account));
        let salt = BASE64_STANDARD.encode(&keys.salt);
        let server_first = format!("r={}{},s={salt},i={}", first.nonce, self.terms.nonce, keys.iterations);
        let challenge = server_first.clone().into_bytes();
        self.state = State::Final { first, account, keys, known, server_first };
        Turn::Challenge(challenge)
    }

    fn last(
        &self,
        text: &str,
        first: &First,
        account: BareJid,
        keys: &Keys,
        known: bool,
        server_first: &str,
    ) -> Result<Turn, Failure> {
        let last = Final::read(text).ok_or(Failure::MalformedRequest)?;
        let decode = |text: &str| BASE64_STANDARD.decode(text).map_err(|_| Failure::MalformedRequest);
        let mut bound = first.header.clone().into_bytes();
        if let Binding::To(name) = &first.binding {
            bound.extend_from_slice(self.bound_to(name).ok_or(Failure::NotAuthorized)?);
        }
        let same_binding: bool = decode(last.binding)?.ct_eq(&bound).into();
        let same_nonce = last.nonce.strip_prefix(&first.nonce).is_some_and(|rest| rest == self.terms.nonce);
        let proof = decode(last.proof)?;
        let message = format!("{},{server_first},{}", first.bare, last.without_proof);
        let proven = proves(self.hash, &keys.stored, message.as_bytes(), &proof);
        if same_binding && same_nonce && proven && known {
            let signature = mac(self.hash, &keys.server, message.as_bytes());
            return Ok(Turn::Success(account, format!("v={}", BASE64_STANDARD.encode(signature)).into_bytes()));
        }
        Err(Failure::NotAuthorized)
    }

    /// The data of a kind of binding, if this connection has it.
    fn bound_to(&self, name: &str) -> Option<&[u8]> {
        match name {
            "tls-exporter" => self.terms.bindings.exporter.as_deref(),
            "tls-server-end-point" => self.terms.bindings.server_end_point.as_deref(),
            _ => None,
        }
    }
}

/// Keys for an account that does not exist: always the same ones, which nobody has.
fn decoy(terms: &Terms, account: &BareJid) -> Keys {
    let drawn = |what: &str| mac(Hash::Sha256, &terms.decoy_key, format!("{what} {account}").as_bytes());
    let mut salt = drawn("salt");
    salt.truncate(16);
    Keys { salt, iterations: terms.iterations, stored: drawn("stored"), server: drawn("server") }
}

fn proves(hash: Hash, stored: &[u8], message: &[u8], proof: &[u8]) -> bool {
    let signature = mac(hash, stored, message);
    if signature.len() != proof.len() {
        return false;
    }
    let key: Vec<u8> = signature.iter().zip(proof).map(|(one, other)| one ^ other).collect();
    let digest = match hash {
        Hash::Sha1 => Sha1::digest(key).to_vec(),
        Hash::Sha256 => Sha256::digest(key).to_vec(),
    };
    digest.ct_eq(stored).into()
}

fn mac(hash: Hash, key: &[u8], message: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha1 => {
            let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
        Hash::Sha256 => {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
    }
}
