//! Changing one's nick, and nicks that are reserved (XEP-0045 §7.2.8, §7.6).

use xmpp::muc::{Affiliation, RoomConfig, RoomHappening, RoomRefusal};

use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, VISITOR, bare, codes};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const USER: &str = "xmlns='http://jabber.org/protocol/muc#user'";

fn takes(nick: &str) -> String {
    format!("<presence to='{ROOM}/{nick}'/>")
}

#[test]
fn a_new_nick_is_told_as_going_and_coming() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall.sends(BERT, &takes("Bertus"));
    for who in [ANNA, BERT] {
        hall.receives(
            who,
            &format!(
                "<presence from='{ROOM}/Bert' type='unavailable'><x {USER}>
                 <item affiliation='none' nick='Bertus' role='participant'/><status code='303'/></x></presence>"
            ),
        );
        let now = hall.next(who);
        assert_eq!(now.attr("from"), Some(format!("{ROOM}/Bertus").as_str()));
        assert_eq!(codes(&now).contains(&"110".to_owned()), who == BERT);
        hall.receives_nothing(who);
    }
    assert_eq!(hall.nicks(), ["Anna", "Bertus"]);
    let news = hall.news();
    assert!(matches!(&news[..], [RoomHappening::NickChanged { from, to, .. }] if from == "Bert" && to == "Bertus"));
    hall.says(BERT, "still me");
    hall.receives(ANNA, &format!("<message from='{ROOM}/Bertus'><body>still me</body></message>"));
}

#[test]
fn a_nick_that_another_has_cannot_be_taken() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall.sends(BERT, &takes("anna")).is_refused(RoomRefusal::NickTaken);
    hall.receives(BERT, &format!("<presence type='error'><error type='cancel'><conflict {ERROR}/></error></presence>"));
    hall.receives_nothing(ANNA);
    hall.sends(BERT, &takes("BERT"));
    assert_eq!(hall.nicks(), ["Anna", "BERT"]);
}

#[test]
fn a_new_nick_moves_all_devices_of_a_person() {
    let mut hall = Hall::open();
    let phone = "bert@example.org/watch";
    hall.enters(BERT, "Bert").enters(phone, "Bert").skip_all();
    hall.sends(BERT, &takes("Bertus"));
    hall.receives(
        phone,
        &format!("<presence type='unavailable'><x {USER}><status code='303'/><status code='110'/></x></presence>"),
    );
    hall.receives(phone, &format!("<presence from='{ROOM}/Bertus'><x {USER}><status code='110'/></x></presence>"));
    hall.leaves(BERT, "Bertus");
    assert_eq!(hall.nicks(), ["Bertus"]);
}

#[test]
fn a_reserved_nick_is_for_its_owner() {
    let mut hall = Hall::open();
    hall.is(ANNA, Affiliation::Member);
    hall.service.reserve_nick(&bare(ROOM), &bare(ANNA), "Anna").unwrap();
    hall.enters(BERT, "ANNA").is_refused(RoomRefusal::NickTaken);
    hall.enters(BERT, "Bert").sends(BERT, &takes("Anna")).is_refused(RoomRefusal::NickTaken);
    hall.enters(ANNA, "Somebody else");
    assert_eq!(hall.nicks(), ["Bert", "Somebody else"]);
    let mut reserve = |who, nick| hall.service.reserve_nick(&bare(ROOM), &bare(who), nick);
    assert_eq!(reserve(ANNA, "Bert"), Err(RoomRefusal::NickTaken));
    assert_eq!(reserve(BERT, "B"), Err(RoomRefusal::NotPermitted));
}

#[test]
fn where_nicks_are_locked_the_reserved_one_must_be_used_and_kept() {
    let mut hall = Hall::with(RoomConfig { nicks_locked: true, ..RoomConfig::default() });
    hall.is(ANNA, Affiliation::Member);
    hall.service.reserve_nick(&bare(ROOM), &bare(ANNA), "Anna").unwrap();
    hall.enters(ANNA, "Annie").is_refused(RoomRefusal::NickReserved);
    hall.receives(
        ANNA,
        &format!("<presence type='error'><error type='cancel'><not-acceptable {ERROR}/></error></presence>"),
    );
    hall.enters(ANNA, "Anna").skip_all();
    hall.sends(ANNA, &takes("Annie")).is_refused(RoomRefusal::NickReserved);
    assert_eq!(hall.nicks(), ["Anna"]);
}

#[test]
fn the_host_changes_a_nick_by_entering_with_another() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna");
    hall.host(|s, at| s.enter(at, &bare(ROOM), &ANNA.parse().unwrap(), "Anna H.", &Default::default()));
    assert_eq!(hall.nicks(), ["Anna H."]);
}

#[test]
fn the_host_finds_a_free_nick_near_the_wished_one() {
    let mut hall = Hall::open();
    let free =
        |hall: &Hall, wish: &str| hall.service.free_nick(&bare(ROOM), &bare(BERT), wish).map(|nick| nick.to_string());
    assert_eq!(free(&hall, " Anna ").as_deref(), Some("Anna"));
    hall.enters(ANNA, "Anna").enters(STRANGER, "anna 2");
    assert_eq!(free(&hall, "ANNA").as_deref(), Some("ANNA 3"));
    let long = "x".repeat(80);
    hall.enters(VISITOR, &"x".repeat(64));
    assert_eq!(free(&hall, &long), Some(format!("{} 2", "x".repeat(62))));
    assert_eq!(free(&hall, "\u{202E}"), None);
    hall.is(SUPPORT, Affiliation::Owner);
    hall.service.reserve_nick(&bare(ROOM), &bare(SUPPORT), "Support").unwrap();
    assert_eq!(free(&hall, "support").as_deref(), Some("support 2"));
}
