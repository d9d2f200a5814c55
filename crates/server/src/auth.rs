//! Secrets and what is derived from them: tokens, their hashes, tickets for files, keyed hashes of addresses. Who may do
//! what is decided in `http/identity.rs`; what a token belongs to stands in the store.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::time::{Span, Time};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How long a link to a file can be used.
pub const TICKET_LIFE: Span = Span::secs(600);

/// Tokens made from one server secret. Clones share the keys.
#[derive(Clone)]
pub struct Auth(Arc<Keys>);

struct Keys {
    tickets: [u8; 32],
    addresses: [u8; 32],
    visits: [u8; 32],
}

/// What is kept of a token: enough to recognise it, not to use it.
pub type TokenHash = [u8; 32];

impl Auth {
    /// Keys for every purpose, derived from the secret that the store keeps.
    pub fn new(secret: &[u8; 32]) -> Self {
        let key = |purpose: &str| mac(secret, &[purpose.as_bytes()]);
        Self(Arc::new(Keys { tickets: key("tickets"), addresses: key("addresses"), visits: key("visits") }))
    }

    /// The token of the visit (`v_`) or visitor (`r_`) that was opened with this key of the client's: 256 bits that only
    /// this server can compute, so that a repeated opening can be answered with the same token although only its hash is
    /// stored.
    pub fn opened_token(&self, prefix: &str, key: &str) -> String {
        format!("{prefix}{}", URL_SAFE_NO_PAD.encode(mac(&self.0.visits, &[prefix.as_bytes(), key.as_bytes()])))
    }

    /// A link's proof that its bearer may fetch this file until ten minutes from now.
    pub fn ticket(&self, file: &str, now: Time) -> String {
        let until = (now + TICKET_LIFE).as_secs();
        format!("{until}.{}", URL_SAFE_NO_PAD.encode(self.ticket_mac(file, until)))
    }

    /// Whether the ticket was made here for this file and still holds.
    pub fn admits(&self, ticket: &str, file: &str, now: Time) -> bool {
        let Some((until, proof)) = ticket.split_once('.') else { return false };
        let (Ok(until), Ok(proof)) = (until.parse::<i64>(), URL_SAFE_NO_PAD.decode(proof)) else { return false };
        bool::from(self.ticket_mac(file, until).as_slice().ct_eq(&proof)) && now.as_secs() <= until
    }

    fn ticket_mac(&self, file: &str, until: i64) -> [u8; 32] {
        mac(&self.0.tickets, &[file.as_bytes(), &until.to_be_bytes()])
    }

    /// A keyed hash of an address, stored instead of it. IPv6 counts by its /64, which is what one household has.
    pub fn address_hash(&self, address: IpAddr) -> [u8; 32] {
        mac(&self.0.addresses, &[b"address", &network(address)])
    }

    /// The number of the desk's block key of an address.
    pub fn address_key(&self, address: IpAddr) -> u64 {
        block_number(&self.address_hash(address))
    }

    /// The number of the desk's block key of a visitor.
    pub fn visitor_key(&self, visitor: u64) -> u64 {
        block_number(&mac(&self.0.addresses, &[b"visitor", &visitor.to_be_bytes()]))
    }
}

/// A new random token: `prefix` and 256 bits in base64url.
///
/// # Panics
/// If the operating system gives no random numbers; nothing secure can be done then.
pub fn token(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>()))
}

/// Random bytes of the operating system.
///
/// # Panics
/// If the operating system gives none.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "a server without randomness must not go on")]
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
}

/// What is stored of a token.
pub fn hash(token: &str) -> TokenHash {
    Sha256::digest(token.as_bytes()).into()
}

/// Compares in constant time.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

fn network(address: IpAddr) -> [u8; 16] {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => {
            let mut octets = v6.octets();
            octets[8..].fill(0);
            octets
        }
    }
}

/// The number of the desk's block key of a keyed hash, such as the store keeps of an address.
pub fn block_number(hash: &[u8; 32]) -> u64 {
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    // The store keeps keys as signed integers: 63 bits are plenty.
    u64::from_be_bytes(first) >> 1
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is taken");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_hold_for_their_file_and_time_only() {
        let auth = Auth::new(&[7; 32]);
        let now = Time::from_secs(1_000);
        let ticket = auth.ticket("f1", now);
        assert!(auth.admits(&ticket, "f1", now + Span::secs(600)));
        assert!(!auth.admits(&ticket, "f1", now + Span::secs(602)));
        assert!(!auth.admits(&ticket, "f2", now));
        assert!(!Auth::new(&[8; 32]).admits(&ticket, "f1", now));
        let (_, proof) = ticket.split_once('.').expect("two parts");
        assert!(!auth.admits(&format!("9999999999.{proof}"), "f1", now), "a longer life is not believed");
        for nonsense in ["", ".", "1.", "x.y", "1600.AAAA"] {
            assert!(!auth.admits(nonsense, "f1", now), "{nonsense}");
        }
    }

    #[test]
    fn tokens_are_long_and_differ_by_key_and_purpose() {
        let auth = Auth::new(&[7; 32]);
        assert_eq!(auth.opened_token("v_", "k"), auth.opened_token("v_", "k"));
        assert_ne!(auth.opened_token("v_", "k"), auth.opened_token("v_", "l"));
        assert_ne!(auth.opened_token("v_", "k")[2..], auth.opened_token("r_", "k")[2..]);
        assert_eq!(token("k_").len(), 45);
        assert_ne!(token("k_"), token("k_"));
    }

    #[test]
    fn addresses_of_one_network_count_as_one() {
        let auth = Auth::new(&[7; 32]);
        let key = |a: &str| auth.address_key(a.parse().expect("an address"));
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff"));
        assert_ne!(key("2001:db8:0:1::1"), key("2001:db8::1"));
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }
}
