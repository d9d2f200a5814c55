//! SCRAM with the vectors of the RFCs, and everything that must not pass.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use xmpp::jid::DomainPart;
use xmpp::sasl::{Exchange, Failure, Mechanism, Terms, Turn};
use xmpp::stream::{Answer, Bindings, Hash, Keys, Question};

const SALT: &[u8] = b"salt of sixteen.";

fn mac(hash: Hash, key: &[u8], text: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha1 => Hmac::<Sha1>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec(),
        Hash::Sha256 => {
            Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
        }
    }
}

fn digest(hash: Hash, bytes: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha1 => Sha1::digest(bytes).to_vec(),
        Hash::Sha256 => Sha256::digest(bytes).to_vec(),
    }
}

fn xor(one: &[u8], other: &[u8]) -> Vec<u8> {
    one.iter().zip(other).map(|(one, other)| one ^ other).collect()
}

/// `Hi` of RFC 5802.
fn salted(password: &str, hash: Hash, salt: &[u8], iterations: u32) -> Vec<u8> {
    let mut block = mac(hash, password.as_bytes(), &[salt, &[0, 0, 0, 1]].concat());
    let mut sum = block.clone();
    for _ in 1..iterations {
        block = mac(hash, password.as_bytes(), &block);
        sum = xor(&sum, &block);
    }
    sum
}

fn derive(password: &str, hash: Hash, salt: &[u8], iterations: u32) -> Keys {
    let salted = salted(password, hash, salt, iterations);
    let stored = digest(hash, &mac(hash, &salted, b"Client Key"));
    Keys { salt: salt.to_vec(), iterations, stored, server: mac(hash, &salted, b"Server Key") }
}

pub fn keys(password: &str, hash: Hash) -> Keys {
    derive(password, hash, SALT, 64)
}

/// The client's final message after the server's first.
pub fn last(password: &str, hash: Hash, bare: &str, server_first: &str, bound: &[u8]) -> String {
    let part = |letter: &str| server_first.split(',').find_map(|part| part.strip_prefix(letter)).unwrap();
    let salt = BASE64_STANDARD.decode(part("s=")).unwrap();
    let salted = salted(password, hash, &salt, part("i=").parse().unwrap());
    let without = format!("c={},r={}", BASE64_STANDARD.encode(bound), part("r="));
    let client = mac(hash, &salted, b"Client Key");
    let message = format!("{bare},{server_first},{without}");
    let proof = xor(&client, &mac(hash, &digest(hash, &client), message.as_bytes()));
    format!("{without},p={}", BASE64_STANDARD.encode(proof))
}

fn terms(nonce: &str) -> Terms {
    Terms {
        host: DomainPart::new("example.org").unwrap().into_owned(),
        bindings: Bindings::default(),
        nonce: nonce.to_owned(),
        decoy_key: [3; 32],
        iterations: 4_096,
    }
}

fn bindings() -> Bindings {
    Bindings { exporter: Some(b"exported".to_vec()), server_end_point: Some(b"certificate".to_vec()) }
}

fn challenge(turn: Turn) -> String {
    let Turn::Challenge(data) = turn else { panic!("a challenge expected, got {turn:?}") };
    String::from_utf8(data).unwrap()
}

/// The exchange as far as the server's last word.
fn attempt(mechanism: Mechanism, terms: Terms, header: &str, name: &str, password: &str, bound: &[u8]) -> Turn {
    let hash = match mechanism {
        Mechanism::ScramSha1 | Mechanism::ScramSha1Plus => Hash::Sha1,
        _ => Hash::Sha256,
    };
    let mut exchange = Exchange::new(mechanism, terms);
    let bare = format!("n={name},r=abc");
    let turn = exchange.respond(format!("{header}{bare}").as_bytes());
    let Turn::Ask(Question::Keys { account, .. }) = turn else { return turn };
    let known = account.as_str() == "anna@example.org";
    let server_first = challenge(exchange.answer(Answer::Keys(known.then(|| keys("pencil", hash)))));
    exchange.respond(last(password, hash, &bare, &server_first, &[header.as_bytes(), bound].concat()).as_bytes())
}

fn succeeds(turn: &Turn) -> bool {
    matches!(turn, Turn::Success(account, data) if account.as_str() == "anna@example.org" && data.starts_with(b"v="))
}

/// RFC 5802 §5.
#[test]
fn the_exchange_of_rfc_5802() {
    let mut exchange = Exchange::new(Mechanism::ScramSha1, terms("3rfcNHYJY1ZVvWVs7j"));
    let turn = exchange.respond(b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    let Turn::Ask(Question::Keys { account, hash: Hash::Sha1 }) = turn else { panic!("{turn:?}") };
    assert_eq!(account.as_str(), "user@example.org");
    let salt = BASE64_STANDARD.decode("QSXCR+Q6sek8bf92").unwrap();
    let turn = exchange.answer(Answer::Keys(Some(derive("pencil", Hash::Sha1, &salt, 4_096))));
    assert_eq!(challenge(turn), "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
    let turn = exchange.respond(b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
    let Turn::Success(_, data) = turn else { panic!("{turn:?}") };
    assert_eq!(data, b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

/// RFC 7677 §3.
#[test]
fn the_exchange_of_rfc_7677() {
    let mut exchange = Exchange::new(Mechanism::ScramSha256, terms("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"));
    exchange.respond(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    let salt = BASE64_STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
    exchange.answer(Answer::Keys(Some(derive("pencil", Hash::Sha256, &salt, 4_096))));
    let turn = exchange.respond(
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    );
    let Turn::Success(_, data) = turn else { panic!("{turn:?}") };
    assert_eq!(data, b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

#[test]
fn right_and_wrong_passwords() {
    for mechanism in [Mechanism::ScramSha1, Mechanism::ScramSha256] {
        assert!(succeeds(&attempt(mechanism, terms("xyz"), "n,,", "anna", "pencil", b"")));
        for (name, password) in [("anna", "pencill"), ("bert", "pencil"), ("bert", "")] {
            let turn = attempt(mechanism, terms("xyz"), "n,,", name, password, b"");
            assert_eq!(turn, Turn::Failure(Failure::NotAuthorized));
        }
    }
}

#[test]
fn names_are_prepared_and_may_be_addresses() {
    for name in ["ANNA", "anna@example.org", "an\u{ad}na"] {
        assert!(succeeds(&attempt(Mechanism::ScramSha256, terms("x"), "n,,", name, "pencil", b"")), "{name}");
    }
    for name in ["an=3Dna", "an=2Cna", "anna@example.com"] {
        assert!(!succeeds(&attempt(Mechanism::ScramSha256, terms("x"), "n,,", name, "pencil", b"")), "{name}");
    }
    let of_oneself = attempt(Mechanism::ScramSha256, terms("x"), "n,a=anna@example.org,", "anna", "pencil", b"");
    assert!(succeeds(&of_oneself));
    let of_another = attempt(Mechanism::ScramSha256, terms("x"), "n,a=bert@example.org,", "anna", "pencil", b"");
    assert_eq!(of_another, Turn::Failure(Failure::InvalidAuthzid));
}

#[test]
fn bound_to_the_connection() {
    let bound = || Terms { bindings: bindings(), ..terms("xyz") };
    for mechanism in [Mechanism::ScramSha1Plus, Mechanism::ScramSha256Plus] {
        for (kind, data) in [("tls-exporter", &b"exported"[..]), ("tls-server-end-point", b"certificate")] {
            let header = format!("p={kind},,");
            assert!(succeeds(&attempt(mechanism, bound(), &header, "anna", "pencil", data)));
            let elsewhere = attempt(mechanism, bound(), &header, "anna", "pencil", b"another connection");
            assert_eq!(elsewhere, Turn::Failure(Failure::NotAuthorized));
        }
        let unknown = attempt(mechanism, bound(), "p=tls-unique,,", "anna", "pencil", b"exported");
        assert_eq!(unknown, Turn::Failure(Failure::NotAuthorized));
        let unbound = attempt(mechanism, bound(), "n,,", "anna", "pencil", b"");
        assert_eq!(unbound, Turn::Failure(Failure::MalformedRequest));
    }
}

/// RFC 5802 §6: who can bind and was told that the server cannot has been lied to.
#[test]
fn talking_down_is_noticed() {
    let bound = || Terms { bindings: bindings(), ..terms("xyz") };
    let lied_to = attempt(Mechanism::ScramSha256, bound(), "y,,", "anna", "pencil", b"");
    assert_eq!(lied_to, Turn::Failure(Failure::NotAuthorized));
    assert!(succeeds(&attempt(Mechanism::ScramSha256, terms("xyz"), "y,,", "anna", "pencil", b"")));
    assert!(succeeds(&attempt(Mechanism::ScramSha256, bound(), "n,,", "anna", "pencil", b"")));
    let mixed = attempt(Mechanism::ScramSha256, bound(), "p=tls-exporter,,", "anna", "pencil", b"exported");
    assert_eq!(mixed, Turn::Failure(Failure::MalformedRequest));
}

#[test]
fn unknown_accounts_look_like_others() {
    let ask = |name: &str, decoy_key| {
        let mut exchange = Exchange::new(Mechanism::ScramSha256, Terms { decoy_key, ..terms("xyz") });
        exchange.respond(format!("n,,n={name},r=abc").as_bytes());
        challenge(exchange.answer(Answer::Keys(None)))
    };
    let told = ask("nobody", [3; 32]);
    assert_eq!(told, ask("nobody", [3; 32]), "the salt stays");
    assert_ne!(told, ask("nobodi", [3; 32]));
    assert_ne!(told, ask("nobody", [4; 32]));
    let salt = told.split(",s=").nth(1).unwrap().split(',').next().unwrap();
    assert_eq!(BASE64_STANDARD.decode(salt).unwrap().len(), 16);
    assert!(told.ends_with(",i=4096"));
}

#[test]
fn malformed_messages_are_refused() {
    let broken = [
        "",
        "n",
        "n,",
        "n,,",
        "n,,n=",
        "n,,n=anna",
        "n,,n=anna,r=",
        "x,,n=anna,r=abc",
        "n,,m=1,n=anna,r=abc",
        "n,b=x,n=anna,r=abc",
        "n,,n=an=20na,r=abc",
        "p=,,n=anna,r=abc",
        "n,,n=anna,r=a\u{e4}",
        "n,,r=abc,n=anna",
    ];
    for text in broken {
        let turn = Exchange::new(Mechanism::ScramSha256, terms("x")).respond(text.as_bytes());
        assert_eq!(turn, Turn::Failure(Failure::MalformedRequest), "{text}");
    }
    for text in ["", "c=biws", "c=biws,r=abcx", "c=!,r=abcx,p=AAAA", "r=abcx,c=biws,p=AAAA"] {
        let mut exchange = Exchange::new(Mechanism::ScramSha256, terms("x"));
        exchange.respond(b"n,,n=anna,r=abc");
        exchange.answer(Answer::Keys(Some(keys("pencil", Hash::Sha256))));
        assert_eq!(exchange.respond(text.as_bytes()), Turn::Failure(Failure::MalformedRequest), "{text}");
        assert_eq!(exchange.respond(text.as_bytes()), Turn::Failure(Failure::MalformedRequest), "over");
    }
}

#[test]
fn another_nonce_or_proof_is_refused() {
    for last in ["c=biws,r=abcy,p=AAAA", "c=biws,r=abcx,p=AAAA", "c=eSws,r=abcx,p=AAAA"] {
        let mut exchange = Exchange::new(Mechanism::ScramSha1, terms("x"));
        exchange.respond(b"n,,n=anna,r=abc");
        exchange.answer(Answer::Keys(Some(keys("pencil", Hash::Sha1))));
        assert_eq!(exchange.respond(last.as_bytes()), Turn::Failure(Failure::NotAuthorized));
    }
}
