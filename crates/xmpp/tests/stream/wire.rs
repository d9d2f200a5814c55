//! The reader and the writer by themselves: what is read, at whatever pace it comes, and what is written.

use std::sync::Arc;

use proptest::prelude::*;
use xmpp::jid::Jid;
use xmpp::minidom::Element;
use xmpp::wire::{Delivery, Kind, Limits, Reader, Shared, StreamErrorCondition, Unit, read_frame};
use xmpp::xmpp_parsers::message::{Id, Lang, Message};
use xmpp::xmpp_parsers::stanza::Stanza;

use crate::dialogue::stanza_of;
use crate::opening::HEADER;

/// A unit in few words.
fn words(unit: &Unit) -> String {
    match unit {
        Unit::Header(header) => format!("header {}", header.to.as_deref().unwrap_or("-")),
        Unit::Stanza(stanza) => {
            let mut bytes = Vec::new();
            Shared::new(stanza).unwrap().write_to(&Jid::new("to").unwrap(), &mut bytes);
            String::from_utf8(bytes).unwrap()
        }
        Unit::Broken(head) => format!("broken {} {}", head.name, head.id.as_deref().unwrap_or("-")),
        Unit::Element(element) => String::from(element),
        Unit::End => "end".to_owned(),
    }
}

/// Everything that a stream says, and how it went wrong, if it did.
fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>, limits: Limits) -> (Vec<String>, Option<StreamErrorCondition>) {
    let mut reader = Reader::new(limits, true);
    let mut units = Vec::new();
    for mut piece in pieces {
        loop {
            match reader.next(&mut piece) {
                Ok(Some(unit)) => units.push(words(&unit)),
                Ok(None) => break,
                Err(error) => return (units, Some(error.condition)),
            }
        }
        assert!(piece.is_empty(), "all is taken");
    }
    (units, None)
}

fn body() -> String {
    format!(
        "{HEADER} <presence/>\r\n<message to='anna@example.org' id='\u{1f600}'><body>\u{e4}\u{20ac}\u{1f600} &lt;&#x1F600;&amp;\
         <![CDATA[<raw> & ]]></body><x xmlns='y' z:a='b' xmlns:z='zz'><y/>text<y/></x></message> \
         <iq type='get' id='1'/><foo xmlns='bar'><baz/>t</foo><a:r xmlns:a='urn:xmpp:sm:3'/></stream:stream>"
    )
}

#[test]
fn a_stream_is_read() {
    let (units, error) = read([body().as_bytes()].into_iter(), Limits::default());
    assert_eq!(error, None);
    assert_eq!(units.len(), 7, "{units:?}");
    assert_eq!(units[0], "header example.org");
    assert_eq!(
        units[2],
        "<message to='to' id='\u{1f600}'><body>\u{e4}\u{20ac}\u{1f600} &lt;\u{1f600}&amp;&lt;raw&gt; &amp; </body>\
         <x xmlns='y' xmlns:n1='zz' n1:a='b'><y/>text<y/></x></message>"
    );
    assert_eq!(units[3], "broken iq 1");
    assert_eq!(units[4], "<foo xmlns='bar'><baz/>t</foo>");
    assert_eq!(units[6], "end");
}

#[test]
fn split_at_every_byte() {
    let whole = body();
    let expected = read([whole.as_bytes()].into_iter(), Limits::default());
    for at in 0..=whole.len() {
        let (before, after) = whole.as_bytes().split_at(at);
        assert_eq!(read([before, after].into_iter(), Limits::default()), expected, "split at {at}");
    }
    assert_eq!(read(whole.as_bytes().chunks(1), Limits::default()), expected, "byte by byte");
}

fn ends_with(said: &str, limits: Limits, condition: StreamErrorCondition) {
    let text = format!("{HEADER}{said}");
    for size in [1, 7, 4_096, usize::MAX] {
        let (units, error) = read(text.as_bytes().chunks(size.min(text.len())), limits);
        assert_eq!(error, Some(condition), "{units:?} by {size}");
    }
}

#[test]
fn limits_are_kept_whatever_the_pace() {
    use StreamErrorCondition::PolicyViolation as Policy;
    let limits = Limits {
        bytes: 20_000,
        depth: 5,
        attributes: 3,
        children: 4,
        elements: 10,
        name_bytes: 8,
        attribute_bytes: 100,
        ..Limits::default()
    };
    ends_with(&format!("<a xmlns='b'>{}", "x".repeat(30_000)), limits, Policy);
    ends_with(&format!("<a xmlns='b'{}", " ".repeat(30_000)), limits, Policy);
    ends_with(&"<a xmlns='b'>".repeat(6), limits, Policy);
    ends_with("<a xmlns='b' c='1' d='2' e='3' f='4'/>", limits, Policy);
    ends_with("<a xmlns='b'><c/><c/><c/><c/><c/></a>", limits, Policy);
    ends_with(&format!("<a xmlns='b'>{}</a>", "<c><d/><d/></c>".repeat(4)), limits, Policy);
    ends_with("<a23456789 xmlns='b'/>", limits, Policy);
    ends_with("<a xmlns='b' c23456789='d'/>", limits, Policy);
    ends_with(&format!("<a xmlns='b' c='{}'/>", "d".repeat(200)), limits, Policy);
    let fits = format!("{HEADER}<a xmlns='b' c='1' d='2' e='3'><b><c><d><e/></d></c></b><b/><b/><b/></a>");
    assert_eq!(read([fits.as_bytes()].into_iter(), limits).1, None);
}

#[test]
fn the_limit_of_bytes_is_for_each_stanza() {
    let stanza = format!("<message><body>{}</body></message>", "x".repeat(9_000));
    let text = format!("{HEADER}{}", stanza.repeat(20));
    let limits = Limits { bytes: 10_000, ..Limits::default() };
    let (units, error) = read(text.as_bytes().chunks(1_000), limits);
    assert_eq!((units.len(), error), (21, None));
}

#[test]
fn namespaces_of_the_header_hold_inside() {
    let header = HEADER.replace("to=", "xmlns:sm='urn:xmpp:sm:3' to=");
    let (units, _) = read([format!("{header}<sm:r/>").as_bytes()].into_iter(), Limits::default());
    assert_eq!(units[1].parse::<Element>().unwrap(), "<r xmlns='urn:xmpp:sm:3'/>".parse().unwrap());
}

#[test]
fn the_language_of_a_stanza_is_that_of_its_texts() {
    let said = "<message xml:lang='de'><body>hallo</body><body xml:lang='en'>hello</body></message>";
    let (units, _) = read([format!("{HEADER}{said}").as_bytes()].into_iter(), Limits::default());
    assert_eq!(units[1], "<message to='to'><body xml:lang='de'>hallo</body><body xml:lang='en'>hello</body></message>");
}

#[test]
fn shared_stanzas_differ_in_to_alone() {
    let stanza =
        stanza_of("<message to='x@y' from='room@c/nick' type='groupchat' id='&apos;1'><body>a &lt; b</body></message>");
    let shared = Shared::new(&stanza).unwrap();
    let to = Jid::new("anna@example.org/o'a\"<>&b").unwrap();
    let (mut plain, mut framed) = (Vec::new(), Vec::new());
    shared.write_to(&to, &mut plain);
    shared.write_framed(&to, &mut framed);
    let plain = String::from_utf8(plain).unwrap();
    assert_eq!(
        plain,
        "<message to='anna@example.org/o&apos;a&quot;&lt;&gt;&amp;b' from='room@c/nick' id='&apos;1' type='groupchat'>\
         <body>a &lt; b</body></message>"
    );
    assert_eq!(plain.replacen("<message", "<message xmlns='jabber:client'", 1), String::from_utf8(framed).unwrap());
    assert_eq!(shared.kind(), &Kind::Message);
    let delivery = Delivery { to: to.clone(), stanza: Arc::new(shared) };
    let Some(Stanza::Message(again)) = delivery.to_stanza() else { panic!("a message") };
    assert_eq!(again.to, Some(to));
    assert_eq!(again.from, Some(Jid::new("room@c/nick").unwrap()));
}

#[test]
fn what_xml_forbids_is_replaced() {
    let words = "a\0b\u{b}c\u{fffe}d\u{ffff}e\rf\u{7f}\u{fffd}\t\n";
    let message = Message::chat(None).with_body(Lang::new(), words.to_owned());
    let mut bytes = Vec::new();
    Shared::new(&Stanza::Message(message)).unwrap().write_to(&Jid::new("a").unwrap(), &mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let at = text.find("<body>").unwrap() + 6;
    assert_eq!(
        &text[at..text.find("</body>").unwrap()],
        "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e&#xD;f\u{7f}\u{fffd}\t\n"
    );
}

#[test]
fn what_cannot_be_written_says_so() {
    let mut message = Message::chat(None);
    message.payloads.push(Element::bare("no name", "x"));
    assert!(Shared::new(&Stanza::Message(message)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Any words survive being written and read.
    #[test]
    fn words_survive(words in "\\PC{0,80}", nick in "[a-z'\"&<>]{1,10}") {
        let mut message = Message::groupchat(None).with_body(Lang::new(), words.clone());
        message.id = Some(Id(nick.clone()));
        let mut bytes = Vec::new();
        Shared::new(&Stanza::Message(message)).unwrap().write_framed(&Jid::new("a@b/c").unwrap(), &mut bytes);
        let Unit::Stanza(stanza) = read_frame(&bytes, Limits::default(), true).unwrap() else { panic!("a stanza") };
        let Stanza::Message(again) = *stanza else { panic!("a message") };
        prop_assert_eq!(again.bodies.values().next().unwrap(), &words);
        prop_assert_eq!(again.id.unwrap().0, nick);
    }

    /// Any bytes at all: an end, never a panic, whatever the pace.
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..50) {
        let text = [HEADER.as_bytes(), &bytes].concat();
        let whole = read([text.as_slice()].into_iter(), Limits::default());
        let pieces = read(text.chunks(size), Limits::default());
        prop_assert_eq!(whole, pieces);
    }
}
