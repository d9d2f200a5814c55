//! Asking for a voice in a moderated room (XEP-0045 §7.13, §8.6).

use xmpp::muc::{Role, RoomConfig, RoomHappening, RoomRefusal};

use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, bare};

const FORM: &str = "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#request</value></field>";

fn request() -> String {
    let role = "<field var='muc#role' type='list-single'><value>participant</value></field>";
    format!("<message to='{ROOM}'><x xmlns='jabber:x:data' type='submit'>{FORM}{role}</x></message>")
}

fn answer(nick: &str, allowed: &str) -> String {
    let nick = format!("<field var='muc#roomnick'><value>{nick}</value></field>");
    let allow = format!("<field var='muc#request_allow' type='boolean'><value>{allowed}</value></field>");
    format!("<message to='{ROOM}'><x xmlns='jabber:x:data' type='submit'>{FORM}{nick}{allow}</x></message>")
}

/// Support moderates; Anna and Bert have no voice.
fn moderated() -> Hall {
    let mut hall = Hall::with(RoomConfig { moderated: true, ..RoomConfig::default() });
    hall.enters(SUPPORT, "Support").enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall
}

fn role(hall: &Hall, nick: &str) -> Option<Role> {
    hall.service.room(&bare(ROOM)).and_then(|room| room.occupant(nick)).map(|occupant| occupant.role())
}

#[test]
fn a_request_is_put_to_moderators_and_granted() {
    let mut hall = moderated();
    hall.sends(BERT, &request());
    hall.receives(
        SUPPORT,
        &format!(
            "<message from='{ROOM}'><x xmlns='jabber:x:data' type='form'>{FORM}
             <field var='muc#roomnick'><value>Bert</value></field><field var='muc#jid'><value>{BERT}</value></field>
             <field var='muc#request_allow'><value>false</value></field></x></message>"
        ),
    );
    hall.receives_nothing(ANNA);
    assert!(matches!(&hall.news()[..], [RoomHappening::VoiceRequested { nick, .. }] if nick == "Bert"));
    hall.sends(SUPPORT, &answer("Bert", "true"));
    assert_eq!(role(&hall, "Bert"), Some(Role::Participant));
    hall.receives(ANNA, &format!("<presence from='{ROOM}/Bert'/>"));
}

#[test]
fn a_request_that_is_not_granted_changes_nothing() {
    let mut hall = moderated();
    hall.sends(BERT, &request()).sends(SUPPORT, &answer("Bert", "0"));
    assert_eq!(role(&hall, "Bert"), Some(Role::Visitor));
}

#[test]
fn only_moderators_answer_and_only_the_voiceless_ask() {
    let mut hall = moderated();
    hall.sends(ANNA, &answer("Bert", "1")).is_refused(RoomRefusal::NotPermitted);
    hall.sends(BERT, &answer("Bert", "1")).is_refused(RoomRefusal::NotPermitted);
    hall.sends(STRANGER, &request()).is_refused(RoomRefusal::NotAnOccupant);
    hall.sends(SUPPORT, &answer("Nobody", "1")).is_refused(RoomRefusal::NoSuchOccupant);
    hall.sends(SUPPORT, &request()).is_refused(RoomRefusal::BadRequest("Who has a voice need not ask for one."));
    assert_eq!(role(&hall, "Bert"), Some(Role::Visitor));
}

#[test]
fn a_late_answer_takes_nothing_away() {
    let mut hall = moderated();
    hall.sends(BERT, &request());
    hall.host(|s, at| s.set_role(at, &bare(ROOM), "Bert", Role::Moderator, None));
    hall.sends(SUPPORT, &answer("Bert", "1"));
    assert_eq!(role(&hall, "Bert"), Some(Role::Moderator));
}
