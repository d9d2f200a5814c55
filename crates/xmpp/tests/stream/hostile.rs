//! What nobody sends by accident: the stream ends with the right error, soon, and nothing grows.

use xmpp::stream::{Host, Logins, Settings, StartTls, Transport};

use crate::dialogue::{Dialogue, settings};
use crate::opening::HEADER;

/// Sends in pieces of 4 KiB until the stream is over; the error, and how many bytes it took.
fn sends(mut dialogue: Dialogue, mut bytes: impl Iterator<Item = u8>) -> (String, usize) {
    let mut sent = 0;
    while !dialogue.stream.is_closed() && sent < 10_000_000 {
        let piece: Vec<u8> = bytes.by_ref().take(4_096).collect();
        if piece.is_empty() {
            break;
        }
        sent += piece.len();
        dialogue.stream.received(&piece, dialogue.now_us);
    }
    let heard = dialogue.heard();
    let error = heard.split("<stream:error><").nth(1).unwrap_or_default();
    (error.split(' ').next().unwrap_or_default().to_owned(), sent)
}

fn stranger() -> Dialogue {
    let mut dialogue = Dialogue::over(Transport::Tcp(StartTls::Absent));
    dialogue.run(&format!("C: {HEADER}\nS: *</stream:features>"));
    dialogue
}

#[test]
fn strangers_get_little() {
    let endless = |text: &'static str| text.bytes().cycle();
    for (what, most) in [
        ("<a xmlns='b'>", 4_096),
        ("<a xmlns='b'", 12_288),
        ("<aaaa", 12_288),
        ("aaaaaaaa", 20_480),
        ("<a><b/>", 4_096),
    ] {
        let (error, sent) = sends(stranger(), endless(what));
        assert!(sent <= most, "{what}: {sent} bytes until {error:?}");
        assert!(["policy-violation", "not-well-formed", "bad-format"].contains(&error.as_str()), "{what}: {error}");
    }
    let (error, sent) = sends(stranger(), "<auth xmlns='x' a='".bytes().chain(endless("giant ")));
    assert_eq!((error.as_str(), sent <= 12_288), ("policy-violation", true));
    let before_the_header = Dialogue::over(Transport::Tcp(StartTls::Absent));
    let (error, sent) = sends(before_the_header, "<stream:stream to='".bytes().chain(endless("giant ")));
    assert_eq!((error.as_str(), sent <= 12_288), ("policy-violation", true));
}

#[test]
fn a_billion_laughs() {
    let dtd = "<?xml version='1.0'?><!DOCTYPE lolz [<!ENTITY lol 'lol'><!ENTITY lol2 '&lol;&lol;&lol;&lol;'>]>\
               <stream:stream>&lol2;</stream:stream>";
    let (error, _) = sends(Dialogue::over(Transport::Tcp(StartTls::Absent)), dtd.bytes());
    assert_eq!(error, "restricted-xml");
    let (error, _) = sends(Dialogue::bound(), "<!DOCTYPE a><message><body>&lol;</body></message>".bytes());
    assert_eq!(error, "restricted-xml");
}

#[test]
fn a_hundred_thousand_levels() {
    for opening in ["<a xmlns='b'>", "<message>", "<iq type='set' id='1'>", "<message><body>"] {
        let (error, sent) = sends(Dialogue::bound(), opening.repeat(100_000).bytes());
        assert_eq!((error.as_str(), sent <= 4_096), ("policy-violation", true), "{opening}");
    }
}

#[test]
fn giants() {
    let cases: [(String, usize); 5] = [
        (format!("<message><body>{}", "x".repeat(400_000)), 270_336),
        (format!("<message id='{}'/>", "x".repeat(400_000)), 16_384),
        (format!("<message {}/>", (0..40_000).map(|n| format!("a{n}='' ")).collect::<String>()), 270_336),
        (format!("<message>{}</message>", "<a xmlns='b'/>".repeat(5_000)), 20_480),
        (format!("<message {}/>", (0..40_000).map(|n| format!("xmlns:a{n}='b' ")).collect::<String>()), 270_336),
    ];
    for (text, most) in cases {
        let (error, sent) = sends(Dialogue::bound(), text.bytes());
        assert_eq!((error.as_str(), sent <= most), ("policy-violation", true), "{} after {sent}", &text[..40]);
    }
}

#[test]
fn half_an_element_for_ever() {
    let mut dialogue = stranger();
    for _ in 0..59 {
        dialogue.now_us += 1_000_000;
        dialogue.stream.received(b"<", dialogue.now_us);
        dialogue.stream.tick(dialogue.now_us);
        if dialogue.stream.is_closed() {
            return;
        }
    }
    dialogue.now_us += 1_000_000;
    dialogue.stream.tick(dialogue.now_us);
    assert!(dialogue.stream.is_closed());
}

/// Bytes of every kind, with and without a log-in before, cut anywhere: always an end or silence, never a panic.
#[test]
fn every_prefix_of_a_session() {
    let hosts = vec![Host { name: "visitors.example.org".to_owned(), logins: Logins::Anonymous }];
    let header = HEADER.replace("example.org", "visitors.example.org");
    let whole = format!(
        "{header}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>{header}\
         <iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
    );
    for at in 0..whole.len() {
        for junk in [&b"\xff"[..], b"<", b">", b"&", b"\0", b"</stream:stream>", b"]]>", b"'"] {
            let settings = Settings { hosts: hosts.clone(), ..settings() };
            let mut dialogue = Dialogue::with(settings, Transport::Tcp(StartTls::Absent));
            dialogue.stream.received(&whole.as_bytes()[..at], dialogue.now_us);
            dialogue.stream.received(junk, dialogue.now_us);
            dialogue.stream.received(b"<a/>", dialogue.now_us);
            drop(dialogue.steps());
        }
    }
}
