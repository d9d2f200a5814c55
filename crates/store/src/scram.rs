//! What an account keeps instead of a password: SCRAM keys (RFC 5802 §3, RFC 7677), for SHA-256 and SHA-1, so that both
//! XMPP and the web can verify it. Salts are drawn by the caller; nothing here is random.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Digest;
use subtle::ConstantTimeEq;

/// Bytes of a salt.
pub const SALT_LEN: usize = 16;
/// Rounds of PBKDF2 that a new password gets unless configured otherwise.
pub const ITERATIONS: u32 = 10_000;
/// Fewest rounds that are accepted (RFC 7677 §4).
pub const ITERATIONS_MIN: u32 = 4_096;
/// Most rounds that are accepted: a verification stays below seconds.
pub const ITERATIONS_MAX: u32 = 10_000_000;
/// Longest password in bytes.
pub const PASSWORD_MAX: usize = 1_024;

/// StoredKey and ServerKey of one hash function, of `N` bytes each.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyPair<const N: usize> {
    /// `H(ClientKey)`.
    pub stored: [u8; N],
    /// `HMAC(SaltedPassword, "Server Key")`.
    pub server: [u8; N],
}

/// What verifies a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The salt of both hash functions.
    pub salt: [u8; SALT_LEN],
    /// Rounds of PBKDF2.
    pub iterations: u32,
    /// For SCRAM-SHA-256.
    pub sha256: KeyPair<32>,
    /// For SCRAM-SHA-1.
    pub sha1: KeyPair<20>,
}

/// Why a password cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BadPassword {
    /// It is empty.
    Empty,
    /// It has more than `PASSWORD_MAX` bytes.
    TooLong,
    /// It has characters that SASLprep (RFC 4013) forbids.
    Forbidden,
    /// The rounds are outside `ITERATIONS_MIN..=ITERATIONS_MAX`.
    Iterations,
}

impl fmt::Display for BadPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the password is empty"),
            Self::TooLong => write!(f, "the password is longer than {PASSWORD_MAX} bytes"),
            Self::Forbidden => {
                write!(f, "the password has characters that cannot be typed everywhere, such as control characters")
            }
            Self::Iterations => write!(f, "the iterations must be {ITERATIONS_MIN} to {ITERATIONS_MAX}"),
        }
    }
}

impl std::error::Error for BadPassword {}

impl Keys {
    /// Derives the keys of a password. Takes milliseconds on purpose: call it where blocking is allowed.
    pub fn derive(password: &str, salt: [u8; SALT_LEN], iterations: u32) -> Result<Self, BadPassword> {
        if !(ITERATIONS_MIN..=ITERATIONS_MAX).contains(&iterations) {
            return Err(BadPassword::Iterations);
        }
        let prepared = prepare(password)?;
        Ok(Self {
            salt,
            iterations,
            sha256: sha256_pair(&salted_sha256(prepared.as_bytes(), &salt, iterations)),
            sha1: sha1_pair(&salted_sha1(prepared.as_bytes(), &salt, iterations)),
        })
    }

    /// Whether this is the password; in constant time. As slow as `derive`.
    pub fn verify(&self, password: &str) -> bool {
        let Ok(prepared) = prepare(password) else { return false };
        let pair = sha256_pair(&salted_sha256(prepared.as_bytes(), &self.salt, self.iterations));
        bool::from(pair.stored.ct_eq(&self.sha256.stored) & pair.server.ct_eq(&self.sha256.server))
    }

    /// Keys that no password fits, to verify against when there is no such account: it takes as long, and gives nothing
    /// away.
    pub fn decoy(iterations: u32) -> Self {
        Self {
            salt: [0; SALT_LEN],
            iterations: iterations.clamp(ITERATIONS_MIN, ITERATIONS_MAX),
            sha256: KeyPair { stored: [0; 32], server: [0; 32] },
            sha1: KeyPair { stored: [0; 20], server: [0; 20] },
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

impl KeyPair<32> {
    /// Whether a client of SCRAM-SHA-256 proved to know the password (RFC 5802 §3, ClientProof); in constant time.
    pub fn proves(&self, auth_message: &[u8], proof: &[u8]) -> bool {
        let key = xor(hmac_sha256(&self.stored, auth_message), proof);
        key.is_some_and(|key| <[u8; 32]>::from(sha2::Sha256::digest(key)).ct_eq(&self.stored).into())
    }

    /// What proves to the client that the server knows the keys (ServerSignature).
    pub fn signature(&self, auth_message: &[u8]) -> [u8; 32] {
        hmac_sha256(&self.server, auth_message)
    }
}

impl KeyPair<20> {
    /// Whether a client of SCRAM-SHA-1 proved to know the password (RFC 5802 §3, ClientProof); in constant time.
    pub fn proves(&self, auth_message: &[u8], proof: &[u8]) -> bool {
        let key = xor(hmac_sha1(&self.stored, auth_message), proof);
        key.is_some_and(|key| <[u8; 20]>::from(sha1::Sha1::digest(key)).ct_eq(&self.stored).into())
    }

    /// What proves to the client that the server knows the keys (ServerSignature).
    pub fn signature(&self, auth_message: &[u8]) -> [u8; 20] {
        hmac_sha1(&self.server, auth_message)
    }
}

fn prepare(password: &str) -> Result<std::borrow::Cow<'_, str>, BadPassword> {
    if password.len() > PASSWORD_MAX {
        return Err(BadPassword::TooLong);
    }
    let prepared = stringprep::saslprep(password).map_err(|_| BadPassword::Forbidden)?;
    if prepared.is_empty() { Err(BadPassword::Empty) } else { Ok(prepared) }
}

fn salted_sha256(password: &[u8], salt: &[u8], iterations: u32) -> [u8; 32] {
    let mut salted = [0; 32];
    pbkdf2::pbkdf2::<Hmac<sha2::Sha256>>(password, salt, iterations, &mut salted)
        .expect("HMAC takes keys of any length");
    salted
}

fn salted_sha1(password: &[u8], salt: &[u8], iterations: u32) -> [u8; 20] {
    let mut salted = [0; 20];
    pbkdf2::pbkdf2::<Hmac<sha1::Sha1>>(password, salt, iterations, &mut salted).expect("HMAC takes keys of any length");
    salted
}

fn sha256_pair(salted: &[u8; 32]) -> KeyPair<32> {
    let client = hmac_sha256(salted, b"Client Key");
    KeyPair { stored: sha2::Sha256::digest(client).into(), server: hmac_sha256(salted, b"Server Key") }
}

fn sha1_pair(salted: &[u8; 20]) -> KeyPair<20> {
    let client = hmac_sha1(salted, b"Client Key");
    KeyPair { stored: sha1::Sha1::digest(client).into(), server: hmac_sha1(salted, b"Server Key") }
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn xor<const N: usize>(mut bytes: [u8; N], other: &[u8]) -> Option<[u8; N]> {
    if other.len() != N {
        return None;
    }
    bytes.iter_mut().zip(other).for_each(|(byte, other)| *byte ^= other);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        BASE64_STANDARD.decode(text).unwrap()
    }

    /// RFC 5802 §5: the whole exchange of user `user` with password `pencil`.
    #[test]
    fn the_exchange_of_rfc_5802() {
        let salted = salted_sha1(b"pencil", &bytes("QSXCR+Q6sek8bf92"), 4096);
        let pair = sha1_pair(&salted);
        let auth = "n=user,r=fyko+d2lbbFgONRv9qkxdawL,\
                    r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,\
                    c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";
        let proof = bytes("v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
        assert!(pair.proves(auth.as_bytes(), &proof));
        assert!(!pair.proves(b"another exchange", &proof));
        assert!(!pair.proves(auth.as_bytes(), &proof[1..]));
        assert_eq!(pair.signature(auth.as_bytes()).to_vec(), bytes("rmF9pqV8S7suAoZWja4dJRkFsKQ="));
    }

    /// RFC 7677 §3: the same with SHA-256.
    #[test]
    fn the_exchange_of_rfc_7677() {
        let salt: [u8; 16] = bytes("W22ZaJ0SNY7soEsUEjb6gQ==").try_into().unwrap();
        let keys = Keys::derive("pencil", salt, 4096).unwrap();
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let auth =
            format!("n=user,r=rOprNGfwEbeRWgbNEkqO,r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r={nonce}");
        assert!(keys.sha256.proves(auth.as_bytes(), &bytes("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")));
        let signature = keys.sha256.signature(auth.as_bytes());
        assert_eq!(signature.to_vec(), bytes("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    #[test]
    fn a_password_is_verified_and_another_is_not() {
        let keys = Keys::derive("correct horse", [7; 16], ITERATIONS_MIN).unwrap();
        assert!(keys.verify("correct horse"));
        assert!(!keys.verify("correct horsf"));
        assert!(!keys.verify(""));
        assert!(!Keys::decoy(ITERATIONS_MIN).verify("correct horse"));
        assert_ne!(keys.sha256.stored, Keys::derive("correct horse", [8; 16], ITERATIONS_MIN).unwrap().sha256.stored);
    }

    /// RFC 4013 §3: what SASLprep maps, and what it forbids.
    #[test]
    fn passwords_are_prepared() {
        let derive = |password: &str| Keys::derive(password, [1; 16], ITERATIONS_MIN);
        assert_eq!(derive("I\u{ad}X").unwrap(), derive("IX").unwrap());
        assert_eq!(derive("\u{2168}").unwrap(), derive("IX").unwrap());
        assert_eq!(derive("\u{7}"), Err(BadPassword::Forbidden));
        assert_eq!(derive("\u{627}\u{31}"), Err(BadPassword::Forbidden));
        assert_eq!(derive(""), Err(BadPassword::Empty));
        assert_eq!(derive(&"x".repeat(PASSWORD_MAX + 1)), Err(BadPassword::TooLong));
        assert_eq!(Keys::derive("x", [1; 16], 1), Err(BadPassword::Iterations));
    }

    #[test]
    fn keys_are_not_printed() {
        let keys = Keys::derive("secret", [9; 16], ITERATIONS_MIN).unwrap();
        assert_eq!(format!("{keys:?}"), "Keys { iterations: 4096, .. }");
    }
}
