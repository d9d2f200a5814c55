//! Logging in, element by element.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use xmpp::stream::{Answer, Bindings, Hash, StartTls, Transport};

use crate::dialogue::{Dialogue, short};
use crate::opening::HEADER;
use crate::scram;

fn auth(mechanism: &str, data: &[u8]) -> String {
    let data = BASE64_STANDARD.encode(data);
    format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{data}</auth>")
}

fn failure(condition: &str) -> String {
    format!("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{condition}/></failure>")
}

fn opened(transport: Transport) -> Dialogue {
    let mut dialogue = Dialogue::over(transport);
    dialogue.run(&format!("C: {HEADER}\nS: *</stream:features>"));
    dialogue
}

fn secure() -> Transport {
    Transport::DirectTls(Bindings { exporter: Some(b"exported".to_vec()), server_end_point: None })
}

#[test]
fn with_every_scram_then_bind() {
    for (mechanism, header, bound) in [
        ("SCRAM-SHA-1", "n,,", &b""[..]),
        ("SCRAM-SHA-256", "n,,", b""),
        ("SCRAM-SHA-1-PLUS", "p=tls-exporter,,", b"exported"),
        ("SCRAM-SHA-256-PLUS", "p=tls-exporter,,", b"exported"),
    ] {
        let mut dialogue = opened(secure());
        let hash = if mechanism.contains("256") { Hash::Sha256 } else { Hash::Sha1 };
        scram_exchange(&mut dialogue, mechanism, hash, header, bound, "pencil");
        dialogue.run(&format!(
            "S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>*</success>
             C: {HEADER}
             S: *</stream:features>
             C: <iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>
             H: ask bind anna@example.org *
             A: bind
             S: *<jid>anna@example.org/*</jid></bind></iq>
             H: bound anna@example.org/*"
        ));
    }
}

/// An exchange, up to the server's last word.
fn scram_exchange(dialogue: &mut Dialogue, mechanism: &str, hash: Hash, header: &str, bound: &[u8], password: &str) {
    let bare = "n=anna,r=abc";
    dialogue.stream.received(auth(mechanism, format!("{header}{bare}").as_bytes()).as_bytes(), dialogue.now_us);
    let asked: Vec<String> = dialogue.steps().iter().map(short).collect();
    assert_eq!(asked, [format!("ask keys anna@example.org {hash:?}")]);
    dialogue.answers_with(Answer::Keys(Some(scram::keys("pencil", hash))));
    let heard = dialogue.heard();
    let encoded = heard.split('>').nth(1).unwrap().split('<').next().unwrap();
    let server_first = String::from_utf8(BASE64_STANDARD.decode(encoded).unwrap()).unwrap();
    let last = scram::last(password, hash, bare, &server_first, &[header.as_bytes(), bound].concat());
    let last = BASE64_STANDARD.encode(last);
    let response = format!("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{last}</response>");
    dialogue.stream.received(response.as_bytes(), dialogue.now_us);
}

#[test]
fn wrong_passwords_until_it_is_enough() {
    let mut dialogue = opened(Transport::Tcp(StartTls::Absent));
    for _ in 0..4 {
        scram_exchange(&mut dialogue, "SCRAM-SHA-1", Hash::Sha1, "n,,", b"", "pencill");
        dialogue.run(&format!("S: {}", failure("not-authorized")));
    }
    scram_exchange(&mut dialogue, "SCRAM-SHA-1", Hash::Sha1, "n,,", b"", "pencill");
    dialogue.run(&format!(
        "S: {}<stream:error><policy-violation *</stream:error></stream:stream>
         H: close",
        failure("not-authorized")
    ));
}

#[test]
fn plain_under_tls() {
    let good = auth("PLAIN", b"\0anna\0pencil");
    for (answer, condition) in [("no", "not-authorized"), ("later", "temporary-auth-failure")] {
        opened(secure()).run(&format!(
            "C: {good}
             H: ask password anna@example.org pencil
             A: {answer}
             S: {}",
            failure(condition)
        ));
    }
    opened(secure()).run(&format!(
        "C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>
         S: <challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
         C: <response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{}</response>
         H: ask password anna@example.org pencil
         A: yes
         S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
         C: {HEADER}
         S: *<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>*</stream:features>",
        BASE64_STANDARD.encode("anna@example.org\0anna\0pencil")
    ));
    for (data, condition) in [
        (&b"anna\0pencil"[..], "malformed-request"),
        (b"\0\0pencil", "malformed-request"),
        (b"\0anna\0", "malformed-request"),
        (b"\0anna\0pen\0cil", "malformed-request"),
        (b"\0an\xffna\0pencil", "malformed-request"),
        (b"bert@example.org\0anna\0pencil", "invalid-authzid"),
        (b"\0an na\0pencil", "not-authorized"),
        (b"\0anna\0pen\x07cil", "not-authorized"),
    ] {
        opened(secure()).run(&format!("C: {}\nS: {}", auth("PLAIN", data), failure(condition)));
    }
}

#[test]
fn giving_up_and_nonsense() {
    opened(Transport::Tcp(StartTls::Absent)).run(&format!(
        "C: {}
         H: ask keys bert@example.org Sha256
         A: nothing
         S: <challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>*</challenge>
         C: <abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
         S: {}
         C: <response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
         S: {}
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>no base64!</auth>
         S: {}",
        auth("SCRAM-SHA-256", b"n,,n=bert,r=abc"),
        failure("aborted"),
        failure("malformed-request"),
        failure("incorrect-encoding"),
    ));
    let unknown = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='X-OAUTH'/>";
    let mut dialogue = opened(Transport::Tcp(StartTls::Absent));
    dialogue.run(&format!("C: {unknown}\nS: {}", failure("invalid-mechanism")));
}

#[test]
fn nothing_else_before_log_in() {
    for (element, condition) in [
        ("<message to='a@b'><body>x</body></message>", "not-authorized"),
        ("<presence/>", "not-authorized"),
        ("<iq type='get' id='1'/>", "not-authorized"),
        ("<message xmlns='jabber:server'/>", "invalid-namespace"),
        ("<enable xmlns='urn:xmpp:sm:3'/>", "unsupported-stanza-type"),
        ("<foo xmlns='bar'/>", "unsupported-stanza-type"),
    ] {
        let mut dialogue = opened(Transport::Tcp(StartTls::Absent));
        dialogue.run(&format!(
            "C: {element}
             S: <stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>*</stream:stream>
             C: <presence/></stream:stream>
             H: close"
        ));
    }
}

/// What comes while the host looks for an answer is not lost, and not without bounds.
#[test]
fn impatient_clients_are_read_later() {
    let mut dialogue = opened(secure());
    dialogue.run(&format!(
        "C: {}{HEADER}<iq type='set' id='1'>
         C: <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>
         H: ask password anna@example.org pencil
         A: yes
         S: <success *</stream:features>
         H: ask bind anna@example.org *
         A: bind
         S: *</jid></bind></iq>
         H: bound anna@example.org/*",
        auth("PLAIN", b"\0anna\0pencil")
    ));
    let mut flooding = opened(secure());
    flooding.run(&format!("C: {}\nH: ask password *", auth("PLAIN", b"\0anna\0pencil")));
    assert!(!flooding.stream.wants_bytes());
    for _ in 0..300 {
        flooding.stream.received(&[b' '; 1_000], flooding.now_us);
    }
    flooding.run("S: <stream:error><policy-violation *</stream:error></stream:stream>\nH: close");
}
