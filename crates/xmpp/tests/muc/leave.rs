//! Leaving a room and changing one's availability (XEP-0045 §7.7, §7.14): who hears what, and when a room ends.

use xmpp::muc::{Leaving, RoomConfig, RoomHappening, RoomRefusal, Why};
use xmpp::xmpp_parsers::presence::Show;

use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, VISITOR, bare, codes, full};

const USER: &str = "xmlns='http://jabber.org/protocol/muc#user'";

#[test]
fn who_leaves_is_told_and_so_are_the_others() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall.sends(
        BERT,
        &format!("<presence to='{ROOM}/Bert' type='unavailable'><status>gone where the goblins go</status></presence>"),
    );
    hall.receives(
        BERT,
        &format!(
            "<presence from='{ROOM}/Bert' type='unavailable'><status>gone where the goblins go</status>
             <x {USER}><item affiliation='none' role='none'/><status code='110'/></x></presence>"
        ),
    );
    let seen = hall.next(ANNA);
    assert!(codes(&seen).is_empty());
    assert_eq!(seen.attr("type"), Some("unavailable"));
    let news = hall.news();
    let [RoomHappening::Left { nick, how, status, last_session, by, .. }] = &news[..] else { panic!("{news:?}") };
    assert_eq!((nick.as_str(), *how, *last_session), ("Bert", Leaving::Clean, true));
    assert_eq!((status.as_deref(), by.as_deref()), (Some("gone where the goblins go"), None));
}

#[test]
fn nobody_is_held_back_by_words_that_do_not_fit() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    let long = "x".repeat(2_000);
    hall.sends(BERT, &format!("<presence to='{ROOM}/Bert' type='unavailable'><status>{long}</status></presence>"));
    assert_eq!(hall.nicks(), ["Anna"]);
    assert!(!String::from(&hall.next(ANNA)).contains("xxx"));
}

#[test]
fn leaving_a_room_one_is_not_in_does_nothing() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").skip_all();
    hall.leaves(BERT, "Anna").receives_nothing(BERT).receives_nothing(ANNA);
    assert_eq!(hall.nicks(), ["Anna"]);
}

#[test]
fn a_temporary_room_ends_with_its_last_occupant() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").leaves(ANNA, "Anna");
    assert!(hall.service.room(&bare(ROOM)).is_some());
    hall.skip_all();
    hall.leaves(BERT, "Bert");
    assert!(hall.service.room(&bare(ROOM)).is_none());
    let news = hall.news();
    assert!(
        matches!(&news[..], [RoomHappening::Left { .. }, RoomHappening::Destroyed { why: Why::Empty, .. }]),
        "{news:?}"
    );
}

#[test]
fn a_persistent_room_and_one_that_nobody_has_entered_yet_stay() {
    let mut hall = Hall::with(RoomConfig { persistent: true, ..RoomConfig::default() });
    hall.enters(ANNA, "Anna").leaves(ANNA, "Anna");
    assert!(hall.service.room(&bare(ROOM)).is_some());
    let mut hall = Hall::open();
    hall.host(|s, at| s.set_subject(at, &bare(ROOM), "waiting"));
    assert!(hall.service.room(&bare(ROOM)).is_some());
}

#[test]
fn a_lost_connection_leaves_every_room_it_was_in() {
    let mut hall = Hall::conversation();
    let other = hall.service.create_room("other", RoomConfig::default(), &bare(SUPPORT)).unwrap();
    hall.enters(ANNA, "Anna");
    hall.host(|s, at| s.enter(at, &other, &full(ANNA), "Anna", &Default::default()));
    assert_eq!(hall.service.rooms_of(&full(ANNA)).count(), 2);
    hall.skip_all();
    hall.host(|s, at| Ok(s.connection_lost(at, &full(ANNA))));
    assert_eq!(hall.service.rooms_of(&full(ANNA)).count(), 0);
    hall.receives(
        SUPPORT,
        &format!("<presence from='{ROOM}/Anna' type='unavailable'><x {USER}><status code='333'/></x></presence>"),
    );
    let lost = hall.news().into_iter().filter(|h| matches!(h, RoomHappening::Left { how: Leaving::Lost, .. }));
    assert_eq!(lost.count(), 2);
}

#[test]
fn availability_is_passed_on() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall.sends(
        BERT,
        &format!("<presence to='{ROOM}/Bert'><show>xa</show><status>gone where the goblins go</status></presence>"),
    );
    hall.receives(
        ANNA,
        &format!(
            "<presence from='{ROOM}/Bert'><show>xa</show><status>gone where the goblins go</status>
             <x {USER}><item affiliation='none' role='participant'/></x></presence>"
        ),
    );
    assert_eq!(codes(&hall.next(BERT)), ["110"]);
    let news = hall.news();
    let [RoomHappening::PresenceChanged { show, status, .. }] = &news[..] else { panic!("{news:?}") };
    assert_eq!((show, status.as_deref()), (&Some(Show::Xa), Some("gone where the goblins go")));
    hall.enters(VISITOR, "Guest").receives(VISITOR, &format!("<presence from='{ROOM}/Anna'/>"));
    hall.receives(VISITOR, &format!("<presence from='{ROOM}/Bert'><show>xa</show></presence>"));
}

#[test]
fn a_session_of_the_host_says_how_available_it_is_and_leaves() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest").skip_all();
    hall.host(|s, at| s.set_availability(at, &bare(ROOM), &full(VISITOR), Some(Show::Away), Some("another\u{0} tab")));
    hall.receives(SUPPORT, "<presence><show>away</show><status>another tab</status></presence>");
    hall.host(|s, at| s.leave(at, &bare(ROOM), &full(VISITOR), false, Some("bye")));
    hall.receives(SUPPORT, "<presence type='unavailable'><status>bye</status></presence>");
    hall.host(|s, at| s.leave(at, &bare(ROOM), &full(VISITOR), false, None)).is_refused(RoomRefusal::NotAnOccupant);
}
