//! What newcomers hear of the past (XEP-0045 §7.2.13–14).

use xmpp::minidom::Element;
use xmpp::muc::{Creation, Entry, HistoryWish, Limits, RoomConfig, RoomHappening, RoomRefusal, Said};

use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, bare, full};

const SECOND_US: i64 = 1_000_000;

/// Anna says `one`, `two` and `three`, a minute apart.
fn three_minutes(config: RoomConfig) -> Hall {
    let mut hall = Hall::with(config);
    hall.enters(ANNA, "Anna");
    for word in ["one", "two", "three"] {
        hall.now_us += 60 * SECOND_US;
        hall.says(ANNA, word);
    }
    hall.skip_all();
    hall
}

/// What Bert hears of the past when he asks so.
fn hears(hall: &mut Hall, history: &str) -> Vec<Element> {
    let muc = format!("<x xmlns='http://jabber.org/protocol/muc'>{history}</x>");
    hall.sends(BERT, &format!("<presence to='{ROOM}/Bert'>{muc}</presence>"));
    let mut heard = Vec::new();
    loop {
        let next = hall.next(BERT);
        if next.children().any(|child| child.name() == "subject") {
            return heard;
        }
        if next.name() == "message" {
            heard.push(next);
        }
    }
}

fn words(heard: &[Element]) -> Vec<String> {
    let body = |e: &Element| e.children().find(|child| child.name() == "body").map(Element::text);
    heard.iter().filter_map(body).collect()
}

#[test]
fn the_past_comes_oldest_first_with_its_times_and_ids() {
    let mut hall = three_minutes(RoomConfig::default());
    let heard = hears(&mut hall, "");
    assert_eq!(words(&heard), ["one", "two", "three"]);
    let pattern = format!(
        "<message from='{ROOM}/Anna' to='{BERT}' type='groupchat' id='m'><body>one</body>
         <delay xmlns='urn:xmpp:delay' from='{ROOM}' stamp='2001-09-09T01:47:40.000Z'/>
         <stanza-id xmlns='urn:xmpp:sid:0' by='{ROOM}'/><occupant-id xmlns='urn:xmpp:occupant-id:0'/></message>"
    );
    assert!(crate::hall::matches(&crate::hall::parse(&pattern), &heard[0]), "{}", String::from(&heard[0]));
}

#[test]
fn a_newcomer_says_how_much() {
    for (wish, expected) in [
        ("<history maxstanzas='0'/>", &[][..]),
        ("<history maxstanzas='2'/>", &["two", "three"]),
        ("<history maxchars='0'/>", &[]),
        ("<history maxchars='100000'/>", &["one", "two", "three"]),
        ("<history seconds='61'/>", &["two", "three"]),
        ("<history seconds='0'/>", &["three"]),
        ("<history since='2001-09-09T01:48:40Z'/>", &["two", "three"]),
        ("<history since='2001-09-09T01:48:40Z' maxstanzas='1'/>", &["three"]),
        ("<history seconds='600' since='1970-01-01T00:00:00Z'/>", &["one", "two", "three"]),
    ] {
        let mut hall = three_minutes(RoomConfig::default());
        assert_eq!(words(&hears(&mut hall, wish)), expected, "{wish}");
    }
}

#[test]
fn characters_count_whole_stanzas_and_the_newest_first() {
    let mut hall = three_minutes(RoomConfig::default());
    let whole = hears(&mut hall, "");
    let last_two: usize = whole[1..].iter().map(|e| String::from(e).chars().count()).sum();
    let mut hall = three_minutes(RoomConfig::default());
    assert_eq!(words(&hears(&mut hall, &format!("<history maxchars='{last_two}'/>"))), ["two", "three"]);
}

#[test]
fn a_room_keeps_no_more_than_it_is_configured_to() {
    let mut hall = three_minutes(RoomConfig { history: 2, ..RoomConfig::default() });
    assert_eq!(words(&hears(&mut hall, "")), ["two", "three"]);
    let mut hall = three_minutes(RoomConfig { history: 0, ..RoomConfig::default() });
    assert!(hears(&mut hall, "").is_empty());
}

#[test]
fn a_service_keeps_no_more_than_its_limits() {
    for limits in [Limits { history: 1, ..Limits::default() }, Limits { history_bytes: 10, ..Limits::default() }] {
        let mut hall = Hall::empty(Creation::HostOnly, limits);
        hall.service.create_room("r7f3", RoomConfig::default(), &bare(SUPPORT)).unwrap();
        hall.enters(ANNA, "Anna").says(ANNA, "one two").says(ANNA, "three four").skip_all();
        assert_eq!(words(&hears(&mut hall, "")), ["three four"]);
    }
}

#[test]
fn what_asks_not_to_be_kept_and_what_has_no_words_is_not_kept() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna");
    let hint = "<no-store xmlns='urn:xmpp:hints'/>";
    hall.sends(ANNA, &format!("<message to='{ROOM}' type='groupchat'><body>forget me</body>{hint}</message>"));
    let typing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    hall.sends(ANNA, &format!("<message to='{ROOM}' type='groupchat'>{typing}</message>")).skip_all();
    assert!(hears(&mut hall, "").is_empty());
}

#[test]
fn a_malformed_wish_is_refused() {
    let mut hall = Hall::open();
    let muc = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='many'/></x>";
    hall.sends(BERT, &format!("<presence to='{ROOM}/Bert'>{muc}</presence>"));
    hall.is_refused(RoomRefusal::BadRequest("The muc element is malformed."));
}

#[test]
fn the_host_puts_the_past_back_after_a_restart() {
    let mut hall = Hall::conversation();
    hall.says(SUPPORT, "welcome");
    let past: Vec<Said> = hall
        .news()
        .into_iter()
        .filter_map(|h| if let RoomHappening::Said(said) = h { Some(said) } else { None })
        .collect();
    let stamp = past[0].stanza_id.clone();

    let mut restarted = Hall::open();
    restarted.service.restore_history(&bare(ROOM), &past).unwrap();
    let heard = hears(&mut restarted, "");
    assert_eq!(words(&heard), ["welcome"]);
    assert!(String::from(&heard[0]).contains(&stamp));
    let bad = Said { nick: "\u{202E}".into(), ..past[0].clone() };
    assert!(restarted.service.restore_history(&bare(ROOM), &[bad]).is_err());
}

#[test]
fn a_session_of_the_host_needs_no_history() {
    let mut hall = three_minutes(RoomConfig::default());
    let entry = Entry { history: HistoryWish::NONE, ..Entry::default() };
    hall.host(|s, at| s.enter(at, &bare(ROOM), &full(BERT), "Bert", &entry));
    hall.receives(BERT, "<presence/>").receives(BERT, "<presence/>").receives(BERT, "<message><subject/></message>");
    hall.receives_nothing(BERT);
}
