//! The service itself: paging its list of rooms (XEP-0059), names that nobody has, what rooms tell of themselves to whom,
//! archives, entering by the old protocol.

#![expect(clippy::unwrap_used, reason = "a dialogue that cannot be staged fails its test")]

use xmpp::jid::Jid;
use xmpp::muc::{Affiliation, ArchiveView, Creation, Limits, RoomConfig, RoomHappening, RoomRefusal};

use crate::config::submit;
use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, VISITOR, bare, codes};

const SERVICE: &str = "conference.example.org";
const ITEMS: &str = "xmlns='http://jabber.org/protocol/disco#items'";
const RSM: &str = "xmlns='http://jabber.org/protocol/rsm'";

fn get(to: &str, payload: &str) -> String {
    format!("<iq to='{to}' type='get' id='g'>{payload}</iq>")
}

/// The names of the rooms on a page, and how many there are in all.
fn page(hall: &mut Hall, set: &str) -> (Vec<String>, Option<String>) {
    hall.sends(STRANGER, &get(SERVICE, &format!("<query {ITEMS}>{set}</query>")));
    let answer = hall.next(STRANGER);
    let query = answer.children().next().unwrap();
    let items = query.children().filter(|child| child.name() == "item");
    let names = items.map(|item| item.attr("jid").unwrap().split('@').next().unwrap().to_owned()).collect();
    let set = query.children().find(|child| child.name() == "set");
    let count = set.and_then(|set| set.children().find(|child| child.name() == "count")).map(|count| count.text());
    (names, count)
}

#[test]
fn many_rooms_are_read_page_by_page() {
    let mut hall = Hall::empty(Creation::HostOnly, Limits { listed: 3, ..Limits::default() });
    for name in ["a", "b", "c", "d", "e"] {
        let config = RoomConfig { public: true, ..RoomConfig::default() };
        hall.service.create_room(name, config, &bare(SUPPORT)).unwrap();
    }
    hall.service.create_room("hidden", RoomConfig::default(), &bare(SUPPORT)).unwrap();
    let five = Some("5".to_owned());
    let after = |name: &str| format!("<set {RSM}><max>2</max><after>{name}@{SERVICE}</after></set>");
    let before = |name: &str| format!("<set {RSM}><max>2</max><before>{name}</before></set>");
    assert_eq!(page(&mut hall, "").0, ["a", "b", "c"], "never more than the limit");
    assert_eq!(
        page(&mut hall, &format!("<set {RSM}><max>2</max></set>")),
        (vec!["a".into(), "b".into()], five.clone())
    );
    assert_eq!(page(&mut hall, &after("b")).0, ["c", "d"]);
    assert_eq!(page(&mut hall, &after("d")).0, ["e"]);
    assert_eq!(page(&mut hall, &after("e")), (vec![], five.clone()));
    assert_eq!(page(&mut hall, &before("")).0, ["d", "e"]);
    assert_eq!(page(&mut hall, &before(&format!("d@{SERVICE}"))).0, ["b", "c"]);
    assert_eq!(page(&mut hall, &format!("<set {RSM}><max>0</max></set>")), (vec![], five));
    hall.host(|s, at| s.destroy(at, &bare(&format!("a@{SERVICE}")), None, None));
    hall.host(|s, at| s.configure(at, &bare(&format!("b@{SERVICE}")), RoomConfig::default()));
    assert_eq!(page(&mut hall, "").0, ["c", "d", "e"], "what is gone or hidden is listed no longer");
}

#[test]
fn a_service_finds_a_name_that_nobody_has() {
    let mut hall = Hall::open();
    let unique = get(SERVICE, "<unique xmlns='http://jabber.org/protocol/muc#unique'/>");
    let mut name = || {
        hall.sends(ANNA, &unique);
        hall.next(ANNA).children().next().unwrap().text()
    };
    let (first, second) = (name(), name());
    assert!(first.len() == 16 && second.len() == 16 && first != second, "{first} {second}");
}

#[test]
fn a_room_tells_who_is_inside_to_those_inside_and_to_others_where_it_is_so_configured() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").skip_all();
    let ask = get(ROOM, &format!("<query {ITEMS}/>"));
    let told = format!("<iq type='result'><query {ITEMS}><item jid='{ROOM}/Anna'/></query></iq>");
    hall.sends(ANNA, &ask).receives(ANNA, &told);
    hall.sends(SUPPORT, &submit(&[("publiclist", "1")])).skip_all();
    hall.sends(STRANGER, &ask).receives(STRANGER, &told);
}

#[test]
fn a_locked_room_is_none_to_others() {
    let mut hall = Hall::empty(Creation::Anyone, Limits::default());
    hall.enters(ANNA, "Anna").skip_all();
    let ask = get(ROOM, "<query xmlns='http://jabber.org/protocol/disco#info'/>");
    hall.sends(BERT, &ask).is_refused(RoomRefusal::NoSuchRoom);
    hall.sends(ANNA, &ask).receives(ANNA, "<iq type='result'/>");
}

#[test]
fn the_archive_is_for_those_who_could_be_inside() {
    let view = |config: RoomConfig, who: &str| {
        let mut hall = Hall::with(RoomConfig { archived: true, ..config });
        hall.is(ANNA, Affiliation::Member).is(BERT, Affiliation::Outcast);
        let who: Jid = who.parse().unwrap();
        hall.service.may_query_archive(&bare(ROOM), &who).map(|ArchiveView { reveals_addresses }| reveals_addresses)
    };
    let members = || RoomConfig { members_only: true, ..RoomConfig::default() };
    let secret = || RoomConfig { password: Some("x".into()), ..RoomConfig::default() };
    assert_eq!(view(RoomConfig::default(), STRANGER), Ok(false));
    assert_eq!(view(RoomConfig::default(), SUPPORT), Ok(true));
    assert_eq!(view(RoomConfig { whois: xmpp::muc::Whois::Anyone, ..RoomConfig::default() }, STRANGER), Ok(true));
    assert_eq!(view(RoomConfig::default(), BERT), Err(RoomRefusal::Banned));
    assert_eq!(view(members(), STRANGER), Err(RoomRefusal::NotPermitted));
    assert_eq!(view(members(), ANNA), Ok(false));
    assert_eq!(view(secret(), STRANGER), Err(RoomRefusal::NotPermitted));
    assert_eq!(view(secret(), ANNA), Ok(false));
    let hall = Hall::open();
    let who: Jid = ANNA.parse().unwrap();
    assert_eq!(hall.service.may_query_archive(&bare(ROOM), &who), Err(RoomRefusal::NotImplemented));
    let mut hall = Hall::with(RoomConfig { archived: true, ..RoomConfig::default() });
    hall.sends(ANNA, &get(ROOM, "<query xmlns='http://jabber.org/protocol/disco#info'/>"));
    hall.receives(
        ANNA,
        "<iq><query xmlns='http://jabber.org/protocol/disco#info'><feature var='urn:xmpp:mam:2'/></query></iq>",
    );
}

#[test]
fn the_old_protocol_enters_without_the_element_where_the_service_permits_it() {
    let mut hall = Hall::empty(Creation::Anyone, Limits::default());
    hall.service.set_old_entrance(true);
    let old = |nick: &str| format!("<presence to='{ROOM}/{nick}'/>");
    hall.sends(ANNA, &old("Anna"));
    assert_eq!(codes(&hall.next(ANNA)), ["110"], "not 201: the room is open at once");
    hall.sends(BERT, &old("Bert"));
    assert_eq!(hall.nicks(), ["Anna", "Bert"]);
    assert!(matches!(hall.news().last(), Some(RoomHappening::Entered { .. })));
    hall.sends(BERT, &old("Bertus"));
    assert_eq!(hall.nicks(), ["Anna", "Bertus"]);
}

#[test]
fn owners_and_admins_are_set_by_the_form_too() {
    let mut hall = Hall::open();
    hall.is(ANNA, Affiliation::Admin).enters(SUPPORT, "Support").enters(BERT, "Bert").skip_all();
    let standing = |hall: &Hall, who: &str| hall.service.room(&bare(ROOM)).unwrap().affiliation_of(&bare(who));
    hall.sends(SUPPORT, &submit(&[("roomadmins", "bert@example.org")]));
    assert_eq!((standing(&hall, ANNA), standing(&hall, BERT)), (Affiliation::Member, Affiliation::Admin));
    hall.sends(SUPPORT, &submit(&[("roomowners", "bert@example.org")]));
    assert_eq!((standing(&hall, SUPPORT), standing(&hall, BERT)), (Affiliation::Admin, Affiliation::Owner));
    hall.sends(BERT, &submit(&[("roomowners", "")])).is_refused(RoomRefusal::LastOwner);
    hall.sends(BERT, &submit(&[("roomadmins", "@")]));
    assert!(matches!(hall.refused, Some(RoomRefusal::BadConfiguration(_))));
    hall.sends(BERT, &submit(&[("roomadmins", "bert@example.org")]));
    assert_eq!(standing(&hall, BERT), Affiliation::Owner, "an owner is not made less by being named an admin");
}

#[test]
fn a_room_ends_with_another_and_its_password() {
    let mut hall = Hall::open();
    hall.enters(VISITOR, "Guest").skip_all();
    hall.sends(
        SUPPORT,
        &format!(
            "<iq to='{ROOM}' type='set' id='d'><query xmlns='http://jabber.org/protocol/muc#owner'>
             <destroy jid='coven@chat.example'><password>cauldronburn</password><reason>Macbeth</reason></destroy></query></iq>"
        ),
    );
    hall.receives(
        VISITOR,
        "<presence type='unavailable'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'/>
         <destroy jid='coven@chat.example'><password>cauldronburn</password><reason>Macbeth</reason></destroy></x></presence>",
    );
}
