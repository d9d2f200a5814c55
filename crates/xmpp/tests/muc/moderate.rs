//! Taking words back: one's own (XEP-0424) and, as a moderator, another's (XEP-0425).

use xmpp::muc::{RoomConfig, RoomHappening, RoomRefusal};
use xmpp::xmpp_parsers::stanza::Stanza;

use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, VISITOR, bare, holds};

const RETRACT: &str = "xmlns='urn:xmpp:message-retract:1'";
const MODERATE: &str = "xmlns='urn:xmpp:message-moderate:1'";

fn moderate(id: &str) -> String {
    format!(
        "<iq to='{ROOM}' type='set' id='q'><moderate {MODERATE} id='{id}'><retract {RETRACT}/><reason>spam</reason></moderate></iq>"
    )
}

fn retract(id: &str) -> String {
    format!("<message to='{ROOM}' type='groupchat' id='x'><retract {RETRACT} id='{id}'/></message>")
}

/// Support moderates; Bert has said "spam" under the id that is returned.
fn spammed() -> (Hall, String) {
    let mut hall = Hall::open();
    hall.enters(SUPPORT, "Support").enters(ANNA, "Anna").enters(BERT, "Bert");
    let id = hall.next_id();
    hall.says(BERT, "spam").skip_all();
    (hall, id)
}

fn newcomer_reads(hall: &mut Hall) -> bool {
    hall.enters(VISITOR, "Guest");
    let mut read = false;
    loop {
        let stanza = hall.next(VISITOR);
        read |= holds(&stanza, "body");
        if holds(&stanza, "subject") {
            return read;
        }
    }
}

#[test]
fn a_moderator_takes_back_what_somebody_said() {
    let (mut hall, id) = spammed();
    hall.sends(SUPPORT, &moderate(&id));
    for who in [ANNA, BERT, SUPPORT] {
        hall.receives(
            who,
            &format!(
                "<message from='{ROOM}' type='groupchat'><retract {RETRACT} id='{id}'><moderated {MODERATE} by='{ROOM}/Support'>
                 <occupant-id xmlns='urn:xmpp:occupant-id:0'/></moderated><reason>spam</reason></retract></message>"
            ),
        );
    }
    hall.receives(SUPPORT, "<iq type='result' id='q'/>");
    let news = hall.news();
    let [RoomHappening::Moderated { by, retracted, reason, .. }] = &news[..] else { panic!("{news:?}") };
    assert_eq!((by.as_deref(), retracted, reason.as_deref()), (Some("Support"), &id, Some("spam")));
    assert!(!newcomer_reads(&mut hall));
}

#[test]
fn nobody_else_does() {
    let (mut hall, id) = spammed();
    hall.sends(ANNA, &moderate(&id)).is_refused(RoomRefusal::NotPermitted);
    hall.sends(VISITOR, &moderate(&id)).is_refused(RoomRefusal::NotAnOccupant);
    hall.skip_all();
    let forged = format!(
        "<message to='{ROOM}' type='groupchat'><retract {RETRACT} id='{id}'><moderated {MODERATE}/></retract><body>x</body></message>"
    );
    hall.sends(ANNA, &forged);
    assert!(!holds(&hall.next(BERT), "retract"));
    assert!(newcomer_reads(&mut hall));
}

#[test]
fn the_host_does() {
    let (mut hall, id) = spammed();
    hall.host(|s, at| s.moderate(at, &bare(ROOM), &id, None));
    hall.receives(
        ANNA,
        &format!("<message from='{ROOM}'><retract id='{id}' {RETRACT}><moderated {MODERATE}/></retract></message>"),
    );
    assert!(!newcomer_reads(&mut hall));
}

#[test]
fn one_takes_back_ones_own_words_and_no_others() {
    let (mut hall, id) = spammed();
    hall.sends(ANNA, &retract(&id));
    hall.receives(BERT, &format!("<message from='{ROOM}/Anna'><retract {RETRACT} id='{id}'/></message>"));
    assert!(
        matches!(&hall.news()[..], [RoomHappening::Retracted { nick, retracted, .. }] if nick == "Anna" && *retracted == id)
    );
    assert!(newcomer_reads(&mut hall), "what another said stays");
    hall.leaves(VISITOR, "Guest").skip_all();
    hall.sends(BERT, &retract(&id));
    assert!(!newcomer_reads(&mut hall));
}

#[test]
fn a_room_with_an_archive_tells_what_belongs_into_it() {
    let mut hall = Hall::with(RoomConfig { archived: true, ..RoomConfig::default() });
    hall.enters(SUPPORT, "Support").enters(BERT, "Bert").skip_all();
    let id = hall.next_id();
    let archivable = |hall: &mut Hall, payload: &str| {
        hall.sends(BERT, &format!("<message to='{ROOM}' type='groupchat'>{payload}</message>"));
        hall.news().iter().filter(|h| matches!(h, RoomHappening::Archivable { .. })).count()
    };
    assert_eq!(archivable(&mut hall, "<body>words</body>"), 1);
    assert_eq!(archivable(&mut hall, &format!("<retract {RETRACT} id='{id}'/>")), 1);
    assert_eq!(archivable(&mut hall, "<x xmlns='urn:example:x'/><store xmlns='urn:xmpp:hints'/>"), 1);
    assert_eq!(archivable(&mut hall, "<composing xmlns='http://jabber.org/protocol/chatstates'/>"), 0);
    assert_eq!(archivable(&mut hall, "<body>secret</body><no-store xmlns='urn:xmpp:hints'/>"), 0);
    hall.says(BERT, "hello");
    let news = hall.news();
    let [RoomHappening::Said(said), RoomHappening::Archivable { stanza_id, stanza, nick, .. }] = &news[..] else {
        panic!("{news:?}");
    };
    assert_eq!((stanza_id, nick.as_str()), (&said.stanza_id, "Bert"));
    let Stanza::Message(message) = &**stanza else { panic!("a message") };
    assert_eq!(message.from.as_ref().map(ToString::to_string), Some(format!("{ROOM}/Bert")));
}
