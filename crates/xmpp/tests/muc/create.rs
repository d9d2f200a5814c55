//! Rooms that somebody on the network creates by entering them (XEP-0045 §10.1), and rooms that the host creates.

use xmpp::muc::{Affiliation, Creation, Limits, RoomConfig, RoomHappening, RoomRefusal, Why};

use crate::config::{ask, submit};
use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, bare, codes};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const OWNER: &str = "xmlns='http://jabber.org/protocol/muc#owner'";

fn anyone() -> Hall {
    Hall::empty(Creation::Anyone, Limits::default())
}

fn answer_form(kind: &str) -> String {
    format!("<iq to='{ROOM}' type='set' id='c'><query {OWNER}><x xmlns='jabber:x:data' type='{kind}'/></query></iq>")
}

#[test]
fn who_creates_a_room_owns_it_and_it_stays_locked_until_configured() {
    let mut hall = anyone();
    hall.enters(ANNA, "Anna");
    assert_eq!(codes(&hall.next(ANNA)), ["110", "201"]);
    let news = hall.news();
    let [RoomHappening::Created { owner, .. }, RoomHappening::Entered { affiliation, .. }] = &news[..] else {
        panic!("{news:?}");
    };
    assert_eq!((owner, *affiliation), (&bare(ANNA), Affiliation::Owner));

    hall.enters(BERT, "Bert").is_refused(RoomRefusal::NoSuchRoom);
    hall.receives(
        BERT,
        &format!("<presence type='error'><error type='cancel'><item-not-found {ERROR}/></error></presence>"),
    );

    hall.skip_all();
    hall.sends(ANNA, &ask())
        .receives(ANNA, "<iq type='result'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");
    hall.sends(ANNA, &submit(&[("roomname", "Cave")]));
    hall.enters(BERT, "Bert");
    assert_eq!(hall.nicks(), ["Anna", "Bert"]);
}

#[test]
fn an_instant_room_takes_the_defaults() {
    let mut hall = anyone();
    hall.enters(ANNA, "Anna").skip_all();
    hall.sends(ANNA, &answer_form("submit")).receives(ANNA, "<iq type='result'/>");
    assert!(matches!(&hall.news()[..], [RoomHappening::Configured { .. }]));
    hall.enters(BERT, "Bert");
    assert_eq!(hall.nicks(), ["Anna", "Bert"]);
}

#[test]
fn who_cancels_the_first_configuration_has_no_room() {
    let mut hall = anyone();
    hall.enters(ANNA, "Anna").skip_all();
    hall.sends(ANNA, &answer_form("cancel"));
    assert!(hall.service.rooms().len() == 0);
    assert!(matches!(
        &hall.news()[..],
        [RoomHappening::Left { .. }, RoomHappening::Destroyed { why: Why::Cancelled, .. }]
    ));
    hall.enters(ANNA, "Anna").sends(ANNA, &answer_form("submit")).sends(ANNA, &answer_form("cancel"));
    assert_eq!(hall.nicks(), ["Anna"]);
}

#[test]
fn a_refused_entry_creates_nothing() {
    let mut hall = anyone();
    hall.sends(ANNA, &format!("<presence to='{ROOM}/Anna'/>")).is_refused(RoomRefusal::NotAnOccupant);
    assert_eq!(hall.service.rooms().len(), 0);
    assert!(hall.news().is_empty());
}

#[test]
fn a_service_has_only_so_many_rooms() {
    let mut hall = Hall::empty(Creation::Anyone, Limits { rooms: 1, ..Limits::default() });
    hall.enters(ANNA, "Anna");
    hall.sends(
        ANNA,
        "<presence to='second@conference.example.org/A'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
    );
    hall.is_refused(RoomRefusal::TooManyRooms);
    let create = hall.service.create_room("third", RoomConfig::default(), &bare(SUPPORT));
    assert_eq!(create, Err(RoomRefusal::TooManyRooms));
}

#[test]
fn the_host_creates_rooms_with_names_that_rooms_can_have() {
    let mut hall = anyone();
    let mut create = |name: &str, config| hall.service.create_room(name, config, &bare(SUPPORT));
    assert_eq!(create("R7F3", RoomConfig::default()), Ok(bare(ROOM)));
    assert_eq!(create("r7f3", RoomConfig::default()), Err(RoomRefusal::RoomExists));
    for name in ["", "a b", "a@b", "a/b", "x@evil.example/"] {
        assert_eq!(create(name, RoomConfig::default()), Err(RoomRefusal::BadRoomName), "{name:?}");
    }
    let bad = RoomConfig { max_occupants: Some(0), ..RoomConfig::default() };
    assert!(matches!(create("other", bad), Err(RoomRefusal::BadConfiguration(_))));
}
