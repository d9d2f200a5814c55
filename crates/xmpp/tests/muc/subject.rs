//! The subject (XEP-0045 §7.2.15, §8.1).

use xmpp::muc::{Limits, RoomConfig, RoomHappening, RoomRefusal};

use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, bare};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";

fn subject(text: &str) -> String {
    format!("<message to='{ROOM}' type='groupchat' id='s'><subject>{text}</subject></message>")
}

#[test]
fn a_moderator_sets_the_subject_and_later_ones_hear_of_it() {
    let mut hall = Hall::open();
    hall.enters(SUPPORT, "Support").enters(ANNA, "Anna").skip_all();
    hall.sends(SUPPORT, &subject("Fire Burn and Cauldron Bubble!"));
    hall.receives(ANNA, &format!("<message from='{ROOM}/Support' type='groupchat' id='s'><subject>Fire Burn and Cauldron Bubble!</subject></message>"));
    let news = hall.news();
    assert!(matches!(&news[..], [RoomHappening::SubjectChanged { nick: Some(nick), .. }] if nick == "Support"));
    hall.enters(BERT, "Bert");
    for _ in 0..3 {
        hall.receives(BERT, "<presence/>");
    }
    hall.receives(
        BERT,
        &format!(
            "<message from='{ROOM}/Support'><subject>Fire Burn and Cauldron Bubble!</subject>
             <delay xmlns='urn:xmpp:delay' from='{ROOM}' stamp='2001-09-09T01:46:40.000Z'/></message>"
        ),
    );
}

#[test]
fn a_participant_may_not_unless_configured() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").skip_all();
    hall.sends(ANNA, &subject("mine")).is_refused(RoomRefusal::NotPermitted);
    hall.receives(ANNA, &format!("<message type='error'><error type='auth'><forbidden {ERROR}/></error></message>"));
    let mut hall = Hall::with(RoomConfig { open_subject: true, ..RoomConfig::default() });
    hall.enters(ANNA, "Anna").sends(ANNA, &subject("mine"));
    assert_eq!(hall.service.room(&bare(ROOM)).unwrap().subject(), "mine");
    hall.sends(ANNA, &subject(""));
    assert_eq!(hall.service.room(&bare(ROOM)).unwrap().subject(), "");
}

#[test]
fn a_subject_beside_words_is_no_change_of_subject() {
    let mut hall = Hall::open();
    hall.enters(SUPPORT, "Support").skip_all();
    hall.sends(
        SUPPORT,
        &format!("<message to='{ROOM}' type='groupchat'><subject>aside</subject><body>words</body></message>"),
    );
    assert_eq!(hall.service.room(&bare(ROOM)).unwrap().subject(), "");
    assert!(matches!(hall.news()[..], [RoomHappening::Said(_)]));
}

#[test]
fn a_subject_has_a_limit() {
    let mut hall = Hall::open();
    hall.enters(SUPPORT, "Support").skip_all();
    let limits = Limits::default();
    hall.sends(SUPPORT, &subject(&"x".repeat(limits.subject_bytes + 1)));
    hall.is_refused(RoomRefusal::TooLong { what: "the subject", max_bytes: limits.subject_bytes });
    hall.host(|s, at| s.set_subject(at, &bare(ROOM), &"x".repeat(2_000)));
    assert!(hall.refused.is_some());
}

#[test]
fn the_host_speaks_as_the_room() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").skip_all();
    hall.host(|s, at| s.set_subject(at, &bare(ROOM), "Order 12\u{0}34"));
    hall.receives(ANNA, &format!("<message from='{ROOM}' type='groupchat'><subject>Order 1234</subject></message>"));
    assert!(matches!(&hall.news()[..], [RoomHappening::SubjectChanged { nick: None, .. }]));
}
