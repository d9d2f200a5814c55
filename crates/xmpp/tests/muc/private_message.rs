//! Private messages (XEP-0045 §7.5), permitted and not.

use xmpp::muc::{Affiliation, PrivateMessages, RoomConfig, RoomHappening, RoomRefusal};

use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, VISITOR, holds};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";

fn whisper(nick: &str) -> String {
    format!("<message to='{ROOM}/{nick}' type='chat' id='w'><body>I'll give thee a wind.</body></message>")
}

#[test]
fn a_whisper_reaches_one_occupant_from_the_others_nick() {
    let mut hall = Hall::open();
    let phone = "anna@example.org/phone";
    hall.enters(ANNA, "Anna").enters(phone, "Anna").enters(BERT, "Bert").enters(VISITOR, "Guest").skip_all();
    hall.sends(BERT, &whisper("Anna"));
    for device in [ANNA, phone] {
        hall.receives(
            device,
            &format!(
                "<message from='{ROOM}/Bert' type='chat' id='w'><body>I'll give thee a wind.</body>
                 <x xmlns='http://jabber.org/protocol/muc#user'/></message>"
            ),
        );
    }
    hall.receives_nothing(VISITOR).receives_nothing(BERT);
    let news = hall.news();
    let [RoomHappening::Whispered { said, to }] = &news[..] else { panic!("{news:?}") };
    assert_eq!((said.nick.as_str(), to.as_str(), said.stanza_id.as_str()), ("Bert", "Anna", ""));
}

#[test]
fn a_conversation_has_no_whispers() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest").skip_all();
    hall.sends(VISITOR, &whisper("Support")).is_refused(RoomRefusal::PrivateMessagesOff);
    hall.receives(
        VISITOR,
        &format!("<message from='{ROOM}/Support' type='error' id='w'><error><forbidden {ERROR}/></error></message>"),
    );
    hall.receives_nothing(SUPPORT);
}

#[test]
fn who_may_whisper_is_configured() {
    let may = |setting: PrivateMessages, who: &str| {
        let config = RoomConfig { moderated: true, private_messages: setting, ..RoomConfig::default() };
        let mut hall = Hall::with(config);
        hall.is(ANNA, Affiliation::Member).enters(SUPPORT, "Support").enters(ANNA, "Anna").enters(BERT, "Bert");
        hall.sends(who, &whisper("Bert"));
        hall.refused.is_none()
    };
    // Bert has no voice, Anna has, Support moderates.
    use PrivateMessages as P;
    for (setting, bert, anna, support) in [
        (P::Anyone, true, true, true),
        (P::Participants, false, true, true),
        (P::Moderators, false, false, true),
        (P::None, false, false, false),
    ] {
        assert_eq!(
            (may(setting, BERT), may(setting, ANNA), may(setting, SUPPORT)),
            (bert, anna, support),
            "{setting:?}"
        );
    }
}

#[test]
fn a_whisper_needs_both_inside_and_is_never_for_all() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").skip_all();
    hall.sends(STRANGER, &whisper("Anna")).is_refused(RoomRefusal::NotAnOccupant);
    hall.receives(STRANGER, &format!("<message type='error'><error><not-acceptable {ERROR}/></error></message>"));
    hall.sends(ANNA, &whisper("Nobody")).is_refused(RoomRefusal::NoSuchOccupant);
    hall.receives(ANNA, &format!("<message type='error'><error><item-not-found {ERROR}/></error></message>"));
    hall.sends(ANNA, &format!("<message to='{ROOM}/Anna' type='groupchat'><body>x</body></message>"));
    hall.receives(
        ANNA,
        &format!("<message type='error'><error type='modify'><bad-request {ERROR}/></error></message>"),
    );
    hall.receives_nothing(ANNA);
}

#[test]
fn a_whisper_cannot_pretend_to_be_an_invitation() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    let forged = "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='boss@example.org'/></x>";
    hall.sends(BERT, &format!("<message to='{ROOM}/Anna' type='chat'>{forged}</message>"));
    assert!(!holds(&hall.next(ANNA), "invite"));
}
