//! Ends of a stream, from either side, and silence.

use xmpp::stream::{StartTls, Transport};
use xmpp::wire::{StreamError, StreamErrorCondition};

use crate::dialogue::{Dialogue, delivery};

#[test]
fn the_client_says_goodbye() {
    let mut dialogue = Dialogue::bound();
    dialogue.run("C: <presence type='unavailable'/></stream:stream>\nH: stanza *\nS: </stream:stream>\nH: close");
    let jid = dialogue.jid();
    let ended = dialogue.ends();
    assert_eq!(ended.jid, Some(jid));
    assert!(ended.suspended.is_none() && ended.undelivered.is_empty());
}

#[test]
fn goodbye_before_hello() {
    Dialogue::over(Transport::Tcp(StartTls::Absent)).run("C: <presence\nC: /></stream:stream>\nS: *</stream:stream>");
}

#[test]
fn the_host_closes_and_the_client_answers_or_not() {
    for answers in [true, false] {
        let mut dialogue = Dialogue::bound();
        let error = StreamError::new(StreamErrorCondition::SystemShutdown, "");
        dialogue.stream.close(Some(error), dialogue.now_us);
        let last = if answers { "C: </stream:stream>" } else { "T: 5" };
        dialogue.run(&format!(
            "S: <stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>
             {last}
             H: close"
        ));
    }
}

#[test]
fn what_comes_too_late_is_given_back() {
    let mut dialogue = Dialogue::bound();
    let to = dialogue.jid();
    dialogue.stream.close(None, dialogue.now_us);
    dialogue.run("S: </stream:stream>\nD: <message from='a@b'><body>late</body></message>");
    let undelivered = dialogue.ends().undelivered;
    assert_eq!(undelivered, [delivery("<message from='a@b'><body>late</body></message>", to.into())]);
}

#[test]
fn the_clients_error_is_its_end() {
    Dialogue::bound().run(
        "C: <stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
         S: </stream:stream>
         H: close",
    );
}

#[test]
fn silent_clients_are_asked() {
    Dialogue::bound().run(
        "T: 299
         T: 1
         S: <iq to='*' type='get' id='anteroom-are-you-there'><ping xmlns='urn:xmpp:ping'/></iq>
         C: <iq type='result' id='anteroom-are-you-there'/>
         T: 299
         C:
         T: 299
         T: 1
         S: <iq to='*' type='get' id='anteroom-are-you-there'><ping xmlns='urn:xmpp:ping'/></iq>
         T: 59
         T: 1
         S: <stream:error><connection-timeout *</stream:error></stream:stream>
         H: close",
    );
}

#[test]
fn a_keepalive_is_a_sign_of_life_and_nothing_else() {
    let mut dialogue = Dialogue::bound();
    for _ in 0..50_000 {
        dialogue.now_us += 200_000_000;
        dialogue.stream.received(b" ", dialogue.now_us);
        dialogue.stream.tick(dialogue.now_us);
    }
    dialogue.run("C: <presence/>\nH: stanza *");
}

/// RFC 6120 §4.9.3: each violation has its name.
#[test]
fn violations() {
    for (said, condition) in [
        ("<message><body></message>", "not-well-formed"),
        ("<message", ""),
        ("<message a='1' a='2'/>", "not-well-formed"),
        ("<message a=1/>", "not-well-formed"),
        ("<message>\u{1}</message>", "not-well-formed"),
        ("<message>&#1;</message>", "not-well-formed"),
        ("<message>&nbsp;</message>", "restricted-xml"),
        ("<!-- hello -->", "restricted-xml"),
        ("<?php ?>", "restricted-xml"),
        ("<!DOCTYPE x>", "restricted-xml"),
        ("<!ENTITY lol 'lol'>", "restricted-xml"),
        ("<foo:message xmlns='jabber:client'/>", "bad-namespace-prefix"),
        ("<message foo:bar='1'/>", "bad-namespace-prefix"),
        ("hello <presence/>", "bad-format"),
        ("</message>", "not-well-formed"),
    ] {
        let mut dialogue = Dialogue::bound();
        dialogue.stream.received(said.as_bytes(), dialogue.now_us);
        let heard = dialogue.heard();
        if condition.is_empty() {
            assert_eq!(heard, "", "{said}");
        } else {
            assert!(heard.starts_with(&format!("<stream:error><{condition} xmlns=")), "{said}: {heard}");
            assert!(heard.ends_with("</stream:error></stream:stream>"), "{heard}");
            assert!(dialogue.stream.is_closed());
        }
    }
    for bytes in [&b"<message>\xff</message>"[..], b"<message>\xc0\x80</message>", b"\xfe\xff<"] {
        let mut dialogue = Dialogue::bound();
        dialogue.stream.received(bytes, dialogue.now_us);
        let heard = dialogue.heard();
        assert!(heard.starts_with("<stream:error><unsupported-encoding "), "{bytes:?}: {heard}");
    }
    let mut dialogue = Dialogue::over(Transport::Tcp(StartTls::Absent));
    dialogue.run("C: <?xml version='1.0' encoding='latin1'?>\nS: *<stream:error><unsupported-encoding *</stream:stream>\nH: close");
}
