//! Limits against floods: each is refused with its condition and costs only who floods.

use xmpp::muc::{Creation, Limits, Pace, RoomConfig, RoomRefusal};

use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, bare};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const MUC: &str = "<x xmlns='http://jabber.org/protocol/muc'/>";

fn limited(limits: Limits) -> Hall {
    let mut hall = Hall::empty(Creation::Anyone, limits);
    let created = hall.service.create_room("r7f3", RoomConfig::default(), &bare(SUPPORT));
    assert!(created.is_ok());
    hall
}

fn away() -> String {
    format!("<presence to='{ROOM}/Anna'><show>away</show></presence>")
}

#[test]
fn presence_comes_only_so_fast() {
    let mut hall = limited(Limits { presence_pace: Pace { burst: 3, interval_us: 1_000_000 }, ..Limits::default() });
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall.sends(ANNA, &away()).sends(ANNA, &away()).sends(ANNA, &away()).skip_all();
    hall.sends(ANNA, &away()).is_refused(RoomRefusal::TooFast);
    hall.receives(
        ANNA,
        &format!("<presence type='error'><error type='wait'><policy-violation {ERROR}/></error></presence>"),
    );
    hall.enters(ANNA, "Anna").is_refused(RoomRefusal::TooFast).receives_nothing(BERT);
    hall.now_us += 1_000_000;
    hall.sends(ANNA, &away());
    assert_eq!(hall.refused, None);
    hall.leaves(ANNA, "Anna");
    assert_eq!(hall.nicks(), ["Bert"], "nobody is kept from leaving");
}

#[test]
fn messages_come_only_so_fast_where_the_service_says_so() {
    let mut hall = limited(Limits { message_pace: Pace { burst: 2, interval_us: 1_000_000 }, ..Limits::default() });
    hall.enters(ANNA, "Anna").enters(BERT, "Bert");
    hall.says(ANNA, "1").sends(ANNA, &format!("<message to='{ROOM}/Bert' type='chat'><body>2</body></message>"));
    assert_eq!(hall.refused, None);
    hall.skip_all().says(ANNA, "3").is_refused(RoomRefusal::TooFast).receives_nothing(BERT);
    hall.says(BERT, "4");
    assert_eq!(hall.refused, None, "others are not slowed down");
}

#[test]
fn a_session_is_in_so_many_rooms_and_a_person_creates_so_many() {
    let mut hall = limited(Limits { rooms_per_session: 2, rooms_per_creator: 1, ..Limits::default() });
    let enter = |room: &str| format!("<presence to='{room}@conference.example.org/A'>{MUC}</presence>");
    hall.sends(ANNA, &enter("one"));
    assert_eq!(hall.refused, None);
    hall.sends("anna@example.org/other", &enter("two")).is_refused(RoomRefusal::TooManyRoomsOfOne);
    hall.enters(ANNA, "A").skip_all();
    hall.sends(ANNA, &enter("three")).is_refused(RoomRefusal::TooManyRoomsOfOne);
    hall.receives(
        ANNA,
        &format!("<presence type='error'><error type='wait'><resource-constraint {ERROR}/></error></presence>"),
    );
    hall.leaves(ANNA, "A");
    hall.sends(ANNA, "<presence to='one@conference.example.org/A' type='unavailable'/>");
    hall.sends(ANNA, &enter("two"));
    assert_eq!(hall.refused, None, "a room that has ended counts no longer");
}

#[test]
fn a_person_has_so_many_nicks_in_a_room() {
    let mut hall = limited(Limits { nicks_per_person: 2, ..Limits::default() });
    hall.enters("anna@example.org/1", "A1").enters("anna@example.org/2", "A2");
    hall.enters("anna@example.org/3", "A3").is_refused(RoomRefusal::TooManySessions);
    hall.enters("anna@example.org/3", "A2");
    assert_eq!(hall.refused, None);
    assert_eq!(hall.nicks(), ["A1", "A2"]);
}
