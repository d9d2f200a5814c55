//! Persistent rooms over restarts: what the host stores, when it is told to, and what it gets back.

#![expect(clippy::unwrap_used, reason = "a dialogue that cannot be staged fails its test")]

use xmpp::muc::{Affiliation, Creation, LastingFault, LastingRoom, Limits, RoomConfig, RoomHappening, Whois};
use xmpp::xep::hats::Hat;

use crate::config::submit;
use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, bare};

fn stored(hall: &mut Hall) -> bool {
    hall.news().iter().any(|happening| matches!(happening, RoomHappening::LastingChanged { .. }))
}

/// A persistent room with something of everything.
fn furnished() -> Hall {
    let config = RoomConfig {
        title: "Cave \"1\"\n".into(),
        persistent: true,
        public: true,
        archived: true,
        password: Some("cauldronburn".into()),
        whois: Whois::Anyone,
        max_occupants: Some(7),
        ..RoomConfig::default()
    };
    let mut hall = Hall::with(config);
    hall.is(ANNA, Affiliation::Admin).is(BERT, Affiliation::Member).is("evil.example", Affiliation::Outcast);
    hall.service.reserve_nick(&bare(ROOM), &bare(ANNA), "Anna").unwrap();
    let hat = Hat { title: "Librarian".into(), uri: "urn:example:librarian".into() };
    hall.host(|s, at| s.set_hats(at, &bare(ROOM), &bare(ANNA), vec![hat]));
    hall.host(|s, at| s.set_subject(at, &bare(ROOM), "Fire burn"));
    hall
}

#[test]
fn a_room_comes_back_as_it_was_stored() {
    let hall = furnished();
    let text = hall.service.lasting(&bare(ROOM)).unwrap().to_text();
    let mut again = Hall::empty(Creation::HostOnly, Limits::default());
    let read = LastingRoom::from_text(&text).unwrap();
    assert_eq!(read.room(), ROOM);
    assert_eq!(again.service.restore(&read), Ok(bare(ROOM)));
    let (before, after) = (hall.service.room(&bare(ROOM)).unwrap(), again.service.room(&bare(ROOM)).unwrap());
    assert_eq!(before.config(), after.config());
    assert_eq!(before.subject(), after.subject());
    assert!(before.affiliations().eq(after.affiliations()));
    assert_eq!(again.service.lasting(&bare(ROOM)).unwrap().to_text(), text);
    assert!(again.service.restore(&read).is_err(), "a room is not put back over one that is there");

    let muc = "<x xmlns='http://jabber.org/protocol/muc'><password>cauldronburn</password></x>";
    again.sends(ANNA, &format!("<presence to='{ROOM}/Anna'>{muc}</presence>"));
    again.receives(
        ANNA,
        "<presence><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='admin' role='moderator'/></x>
         <hats xmlns='urn:xmpp:hats:0'><hat title='Librarian' uri='urn:example:librarian'/></hats></presence>",
    );
    again.receives(ANNA, "<message><subject>Fire burn</subject></message>");
    again.leaves(ANNA, "Anna");
    assert!(again.service.room(&bare(ROOM)).is_some());
}

#[test]
fn the_host_is_told_whenever_there_is_something_new_to_store() {
    let mut hall = furnished();
    assert!(stored(&mut hall));
    hall.is(STRANGER, Affiliation::Member);
    assert!(stored(&mut hall));
    hall.sends(SUPPORT, &submit(&[("roomname", "Other")]));
    assert!(stored(&mut hall));
    hall.sends(SUPPORT, &submit(&[("roomname", "Other")])).enters(SUPPORT, "Support").says(SUPPORT, "hello");
    assert!(!stored(&mut hall), "nothing that lasts has changed");
    hall.sends(SUPPORT, &submit(&[("persistentroom", "0")]));
    assert!(stored(&mut hall));
    assert_eq!(hall.service.lasting(&bare(ROOM)), None);
    hall.is(STRANGER, Affiliation::None);
    assert!(!stored(&mut hall));
}

#[test]
fn what_does_not_last_is_not_stored() {
    let mut hall = Hall::conversation();
    assert!(!stored(&mut hall));
    assert_eq!(hall.service.lasting(&bare(ROOM)), None);
    assert_eq!(hall.service.lasting(&bare("none@conference.example.org")), None);
}

#[test]
fn only_what_was_written_is_read() {
    let text = furnished().service.lasting(&bare(ROOM)).unwrap().to_text();
    let malformed =
        |text: &str| assert!(matches!(LastingRoom::from_text(text), Err(LastingFault::Malformed(_))), "{text}");
    malformed("");
    malformed("{}");
    malformed(&text[..text.len() - 1]);
    malformed(&text.replacen("\"lang\"", "\"language\"", 1));
    malformed(&text.replacen('{', "{\"more\":1,", 1));
    malformed(&format!("{text}{text}"));
    assert_eq!(
        LastingRoom::from_text(&text.replacen("\"version\":1", "\"version\":2", 1)),
        Err(LastingFault::Version(2))
    );

    let mut service = Hall::empty(Creation::HostOnly, Limits::default()).service;
    for (was, is) in [
        ("conference.example.org", "elsewhere.example"),
        ("\"owner\"", "\"king\""),
        ("\"owner\"", "\"member\""),
        ("\"affiliation\":\"admin\"", "\"affiliation\":\"none\""),
        ("bert@example.org", "anna@example.org"),
        ("\"whois\":\"anyone\"", "\"whois\":\"somebody\""),
        ("\"cauldronburn\"", "\"\""),
        ("\"nick\":\"Anna\"", "\"nick\":\" \""),
        ("evil.example", "@"),
    ] {
        assert!(text.contains(was), "{was}");
        let read = LastingRoom::from_text(&text.replacen(was, is, 1)).unwrap();
        assert!(service.restore(&read).is_err(), "{was} → {is}");
        assert_eq!(service.rooms().len(), 0);
    }
}
