//! A conversation as the host stages it, from the first call to the last, with nothing read but what happened.

use xmpp::muc::{Affiliation, Entry, Limits, RoomHappening, RoomRefusal, Why};
use xmpp::xep::chat::ChatContent;
use xmpp::xmpp_parsers::chatstates::ChatState;

use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, VISITOR, bare, full};

/// What happened, in short.
fn in_short(happening: &RoomHappening) -> String {
    use RoomHappening as H;
    match happening {
        H::Entered { nick, .. } => format!("{nick} entered"),
        H::Left { nick, how, .. } => format!("{nick} left: {how:?}"),
        H::Said(said) => format!("{}: {}", said.nick, said.content.body.as_deref().unwrap_or("")),
        H::ChatState { nick, state, .. } => format!("{nick} is {state:?}"),
        H::Marker { nick, displayed, .. } => format!("{nick} has read {displayed}"),
        H::AffiliationChanged { jid, to, .. } => format!("{jid} is {to:?}"),
        H::Invited { to, .. } => format!("{to} is invited"),
        H::Destroyed { why, .. } => format!("the end: {why:?}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_conversation_from_beginning_to_end() {
    let mut hall = Hall::conversation();
    let (room, visitor, agent) = (bare(ROOM), full(VISITOR), full(ANNA));
    let workgroup = bare("support@workgroup.example.org");
    hall.host(|s, at| s.invite(at, &room, &workgroup, &bare(BERT).into(), None));
    hall.host(|s, at| s.enter(at, &room, &visitor, "Guest", &Entry::default()));
    hall.host(|s, at| s.enter(at, &room, &agent, "Anna", &Entry::default()));
    hall.host(|s, at| s.say(at, &room, &visitor, None, ChatContent::typing(ChatState::Composing)));
    hall.host(|s, at| s.say(at, &room, &visitor, Some("c1"), ChatContent::words("Where is my book?")));
    hall.host(|s, at| s.say(at, &room, &agent, None, ChatContent::read_up_to("c1")));
    hall.host(|s, at| s.say(at, &room, &agent, None, ChatContent::words("On its way.")));
    hall.host(|s, at| Ok(s.connection_lost(at, &visitor)));
    hall.host(|s, at| s.enter(at, &room, &visitor, "Guest", &Entry::default()));
    hall.host(|s, at| s.leave(at, &room, &visitor, false, Some("thanks")));
    hall.host(|s, at| s.destroy(at, &room, Some("The visitor left."), None));
    let told: Vec<String> = hall.news().iter().map(in_short).collect();
    assert_eq!(
        told,
        [
            "bert@example.org is Member",
            "bert@example.org is invited",
            "Guest entered",
            "Anna entered",
            "Guest is Composing",
            "Guest: Where is my book?",
            "Anna has read c1",
            "Anna: On its way.",
            "Guest left: Lost",
            "Guest entered",
            "Guest left: Clean",
            "Anna left: RoomDestroyed",
            "Support left: RoomDestroyed",
            "the end: Owner",
        ]
    );
}

#[test]
fn the_same_calls_at_the_same_times_give_the_same_outcome() {
    let run = || {
        let mut hall = Hall::conversation();
        hall.enters(ANNA, "Anna").enters(VISITOR, "Guest").says(VISITOR, "hello").leaves(ANNA, "Anna");
        let happened = format!("{:?}", hall.news());
        let received: Vec<String> = (0..4).map(|_| String::from(&hall.next(VISITOR))).collect();
        (happened, received)
    };
    assert_eq!(run(), run());
}

#[test]
fn the_hosts_calls_are_refused_with_a_type_and_change_nothing() {
    let mut hall = Hall::conversation();
    let room = bare(ROOM);
    let before = format!("{:?}", hall.service.room(&room).unwrap());
    let nowhere = bare("nowhere@conference.example.org");
    let long = "x".repeat(100_000);
    hall.host(|s, at| s.enter(at, &nowhere, &full(ANNA), "Anna", &Entry::default()))
        .is_refused(RoomRefusal::NoSuchRoom);
    hall.host(|s, at| s.enter(at, &room, &full(STRANGER), "X", &Entry::default())).is_refused(RoomRefusal::MembersOnly);
    hall.host(|s, at| s.enter(at, &room, &full(ANNA), "support", &Entry::default())).is_refused(RoomRefusal::NickTaken);
    hall.host(|s, at| s.say(at, &room, &full(ANNA), None, ChatContent::words("hm")))
        .is_refused(RoomRefusal::NotAnOccupant);
    let max_bytes = Limits::default().body_bytes;
    let too_long = RoomRefusal::TooLong { what: "the words", max_bytes };
    hall.host(|s, at| s.say(at, &room, &full(SUPPORT), None, ChatContent::words(long.as_str()))).is_refused(too_long);
    hall.host(|s, at| s.set_affiliation(at, &room, &bare(SUPPORT), Affiliation::None, None));
    hall.is_refused(RoomRefusal::LastOwner);
    hall.host(|s, at| s.set_role(at, &room, "Nobody", Default::default(), None))
        .is_refused(RoomRefusal::NoSuchOccupant);
    hall.host(|s, at| s.destroy(at, &room, Some(&long), None));
    hall.host(|s, at| s.set_affiliation(at, &room, &bare(ANNA), Affiliation::None, Some(&long)));
    assert!(matches!(hall.refused, Some(RoomRefusal::TooLong { .. })));
    assert_eq!(format!("{:?}", hall.service.room(&room).unwrap()), before);
    assert!(hall.news().is_empty());
}

#[test]
fn only_so_many_people_have_a_standing_but_it_can_always_be_taken() {
    let mut hall = Hall::empty(xmpp::muc::Creation::HostOnly, Limits { affiliations_per_room: 2, ..Limits::default() });
    hall.service.create_room("r7f3", xmpp::muc::RoomConfig::conversation("S"), &bare(SUPPORT)).unwrap();
    hall.is(ANNA, Affiliation::Member).is(BERT, Affiliation::Member);
    hall.is_refused(RoomRefusal::TooMany { what: "affiliations", max: 2 });
    hall.is(ANNA, Affiliation::Admin).is(ANNA, Affiliation::None).is(BERT, Affiliation::Member);
    assert_eq!(hall.refused, None);
}

#[test]
fn a_session_is_found_in_its_rooms() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest");
    let room = hall.service.room(&bare(ROOM)).unwrap();
    assert_eq!(room.occupant_of(&full(VISITOR)).map(|o| o.nick().to_string()).as_deref(), Some("Guest"));
    assert!(room.has_person(&bare(VISITOR)) && !room.has_person(&bare(ANNA)));
    assert_eq!(room.occupants().count(), 2);
    assert_eq!(hall.service.rooms_of(&full(VISITOR)).collect::<Vec<_>>(), [&bare(ROOM)]);
    hall.host(|s, at| Ok(s.connection_lost(at, &full(SUPPORT))));
    hall.host(|s, at| Ok(s.connection_lost(at, &full(VISITOR))));
    let last = hall.news().pop();
    assert!(matches!(last, Some(RoomHappening::Destroyed { why: Why::Empty, .. })), "{last:?}");
}
