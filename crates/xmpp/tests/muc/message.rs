//! Messages to all (XEP-0045 §7.4), and what a chat desk reads in them.

use xmpp::muc::{Leaving, Limits, RoomConfig, RoomHappening, RoomRefusal};
use xmpp::xep::chat::ChatContent;
use xmpp::xmpp_parsers::chatstates::ChatState;

use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, VISITOR, bare, full, holds};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";

#[test]
fn what_is_said_reaches_everybody_the_speaker_included_with_the_rooms_stamp() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest").enters(ANNA, "Anna").skip_all();
    let id = hall.next_id();
    hall.says(VISITOR, "Harpier cries: 'tis time, 'tis time.");
    for who in [VISITOR, ANNA, SUPPORT] {
        hall.receives(
            who,
            &format!(
                "<message from='{ROOM}/Guest' type='groupchat' id='m'><body>Harpier cries: 'tis time, 'tis time.</body>
                 <stanza-id xmlns='urn:xmpp:sid:0' id='{id}' by='{ROOM}'/></message>"
            ),
        );
        hall.receives_nothing(who);
    }
    let news = hall.news();
    let [RoomHappening::Said(said)] = &news[..] else { panic!("one happening expected: {news:?}") };
    assert_eq!((said.nick.as_str(), &said.real_jid), ("Guest", &full(VISITOR)));
    assert_eq!((said.id.as_str(), said.stanza_id.as_str()), ("m", id.as_str()));
    assert_eq!(said.content.body.as_deref(), Some("Harpier cries: 'tis time, 'tis time."));
}

#[test]
fn only_occupants_speak() {
    let mut hall = Hall::conversation();
    hall.says(ANNA, "hello").is_refused(RoomRefusal::NotAnOccupant);
    hall.receives(
        ANNA,
        &format!("<message from='{ROOM}' type='error' id='m'><error type='modify'><not-acceptable {ERROR}/></error></message>"),
    );
    hall.receives_nothing(SUPPORT);
}

#[test]
fn who_has_no_voice_does_not_speak() {
    let mut hall = Hall::with(RoomConfig { moderated: true, ..RoomConfig::default() });
    hall.enters(SUPPORT, "Support").enters(BERT, "Bert").skip_all();
    hall.says(BERT, "hello").is_refused(RoomRefusal::NoVoice);
    hall.receives(BERT, &format!("<message type='error'><error type='auth'><forbidden {ERROR}/></error></message>"));
    hall.receives_nothing(SUPPORT);
}

#[test]
fn a_message_to_a_room_that_is_not_there_comes_back() {
    let mut hall = Hall::conversation();
    hall.sends(STRANGER, "<message to='nowhere@conference.example.org' type='groupchat'><body>hm</body></message>");
    hall.receives(STRANGER, &format!("<message type='error'><error><item-not-found {ERROR}/></error></message>"));
}

#[test]
fn typing_and_reading_are_told_apart_from_words() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest").skip_all();
    hall.host(|s, at| s.say(at, &bare(ROOM), &full(VISITOR), None, ChatContent::typing(ChatState::Composing)));
    hall.receives(SUPPORT, "<message><composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
    assert!(matches!(&hall.news()[..], [RoomHappening::ChatState { state: ChatState::Composing, .. }]));
    hall.host(|s, at| s.say(at, &bare(ROOM), &full(VISITOR), None, ChatContent::read_up_to("id-9")));
    assert!(matches!(&hall.news()[..], [RoomHappening::Marker { displayed, .. }] if displayed == "id-9"));
}

#[test]
fn corrections_and_links_are_read() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest").skip_all();
    hall.sends(
        VISITOR,
        &format!(
            "<message to='{ROOM}' type='groupchat' id='m2'><body>https://example.org/f</body>
             <active xmlns='http://jabber.org/protocol/chatstates'/>
             <replace xmlns='urn:xmpp:message-correct:0' id='m1'/>
             <x xmlns='jabber:x:oob'><url>https://example.org/f</url><desc>a file</desc></x></message>"
        ),
    );
    let news = hall.news();
    let [RoomHappening::Said(said), RoomHappening::ChatState { state: ChatState::Active, .. }] = &news[..] else {
        panic!("{news:?}");
    };
    assert_eq!(said.content.correction_of.as_deref(), Some("m1"));
    assert_eq!(said.content.oob_url.as_deref(), Some("https://example.org/f"));
    assert_eq!(said.content.oob_desc.as_deref(), Some("a file"));
}

#[test]
fn nobody_can_forge_what_only_the_room_says() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest").skip_all();
    hall.sends(
        VISITOR,
        &format!(
            "<message to='{ROOM}' type='groupchat' id='m'><body>hello</body>
             <stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='{ROOM}'/>
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/>
             <delay xmlns='urn:xmpp:delay' from='{ROOM}' stamp='2002-09-10T23:08:25Z'/>
             <x xmlns='http://jabber.org/protocol/muc#user'><status code='104'/></x>
             <whatever xmlns='urn:example:unknown'><deep>thing</deep></whatever></message>"
        ),
    );
    let got = hall.next(SUPPORT);
    let text = String::from(&got);
    assert!(!text.contains("forged") && !holds(&got, "delay") && !holds(&got, "status"), "{text}");
    assert!(holds(&got, "whatever") && holds(&got, "deep"), "{text}");
}

#[test]
fn what_is_too_much_is_refused_and_reaches_nobody() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest").skip_all();
    let limits = Limits::default();
    hall.says(VISITOR, &"x".repeat(limits.body_bytes));
    hall.receives(SUPPORT, "<message type='groupchat'/>").skip_all();
    hall.says(VISITOR, &"x".repeat(limits.body_bytes + 1));
    hall.is_refused(RoomRefusal::TooLong { what: "the words", max_bytes: limits.body_bytes });
    hall.receives(
        VISITOR,
        &format!("<message type='error'><error type='modify'><policy-violation {ERROR}/></error></message>"),
    );
    let long = "x".repeat(limits.id_bytes + 1);
    for (what, xml) in [
        ("the languages", format!("<body xml:lang='{long}'>x</body>")),
        ("the thread", format!("<thread>{long}</thread>")),
        ("the thread", format!("<thread parent='{long}'>x</thread>")),
    ] {
        hall.sends(VISITOR, &format!("<message to='{ROOM}' type='groupchat'>{xml}</message>"));
        hall.is_refused(RoomRefusal::TooLong { what, max_bytes: limits.id_bytes });
    }
    hall.sends(VISITOR, &format!("<message to='{ROOM}' type='groupchat' id='{long}'/>"));
    hall.is_refused(RoomRefusal::TooLong { what: "the id", max_bytes: limits.id_bytes });
    hall.skip(VISITOR);
    let many = "<a xmlns='urn:x'/>".repeat(limits.children);
    hall.sends(VISITOR, &format!("<message to='{ROOM}' type='groupchat'><body>x</body>{many}</message>"));
    hall.is_refused(RoomRefusal::TooMany { what: "elements in a message", max: limits.children });
    let deep = format!("{}{}", "<a xmlns='urn:x'>".repeat(17), "</a>".repeat(17));
    hall.sends(VISITOR, &format!("<message to='{ROOM}' type='groupchat'>{deep}</message>"));
    hall.is_refused(RoomRefusal::TooDeep);
    let wide = format!("<a xmlns='urn:x'>{}</a>", "y".repeat(limits.payload_bytes));
    hall.sends(VISITOR, &format!("<message to='{ROOM}' type='groupchat'>{wide}</message>"));
    hall.is_refused(RoomRefusal::TooLong { what: "payloads", max_bytes: limits.payload_bytes });
    hall.skip(VISITOR).receives_nothing(SUPPORT);
}

#[test]
fn words_of_the_host_are_freed_of_what_xml_cannot_carry() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest").skip_all();
    let words = ChatContent::words("two\nlines\u{0}\u{1b}");
    hall.host(|s, at| s.say(at, &bare(ROOM), &full(VISITOR), Some("own"), words));
    hall.receives(SUPPORT, "<message id='own'><body>two\nlines</body></message>");
}

#[test]
fn a_connection_that_bounces_messages_is_lost() {
    let mut hall = Hall::conversation();
    hall.enters(ANNA, "Anna").enters(VISITOR, "Guest").skip_all();
    let bounce = |condition: &str| {
        format!("<message to='{ROOM}/Guest' type='error'><error type='cancel'><{condition} {ERROR}/></error></message>")
    };
    hall.sends(ANNA, &bounce("not-acceptable"));
    assert!(hall.news().is_empty());
    hall.sends(ANNA, &bounce("recipient-unavailable"));
    hall.receives(
        SUPPORT,
        &format!(
            "<presence from='{ROOM}/Anna' type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'>
             <status code='307'/><status code='333'/></x></presence>"
        ),
    );
    assert!(matches!(hall.news()[..], [RoomHappening::Left { how: Leaving::Lost, .. }]));
}
