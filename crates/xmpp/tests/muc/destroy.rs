//! The end of a room (XEP-0045 §10.9) and of the service (status 332).

use xmpp::muc::{Affiliation, Leaving, RoomConfig, RoomHappening, RoomRefusal, Why};

use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, VISITOR, bare, codes, holds};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const USER: &str = "xmlns='http://jabber.org/protocol/muc#user'";

fn destroy() -> String {
    format!(
        "<iq to='{ROOM}' type='set' id='d'><query xmlns='http://jabber.org/protocol/muc#owner'>
         <destroy jid='other@conference.example.org'><reason>Macbeth doth come.</reason></destroy></query></iq>"
    )
}

#[test]
fn an_owner_ends_a_room_and_everybody_is_told_of_their_own_going_only() {
    let mut hall = Hall::with(RoomConfig { persistent: true, ..RoomConfig::default() });
    hall.enters(SUPPORT, "Support").enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall.sends(SUPPORT, &destroy());
    for (who, nick) in [(ANNA, "Anna"), (BERT, "Bert"), (SUPPORT, "Support")] {
        hall.receives(
            who,
            &format!(
                "<presence from='{ROOM}/{nick}' type='unavailable'><x {USER}><item role='none'/>
                 <destroy jid='other@conference.example.org'><reason>Macbeth doth come.</reason></destroy></x></presence>"
            ),
        );
        if who == SUPPORT {
            hall.receives(who, "<iq type='result' id='d'/>");
        }
        hall.receives_nothing(who);
    }
    assert!(hall.service.room(&bare(ROOM)).is_none());
    let news = hall.news();
    assert_eq!(news.len(), 4);
    assert!(news[..3].iter().all(|h| matches!(h, RoomHappening::Left { how: Leaving::RoomDestroyed, .. })));
    assert!(matches!(&news[3], RoomHappening::Destroyed { why: Why::Owner, reason: Some(_), .. }));
    hall.says(ANNA, "hello?").is_refused(RoomRefusal::NoSuchRoom);
}

#[test]
fn nobody_else_ends_a_room() {
    let mut hall = Hall::open();
    hall.is(ANNA, Affiliation::Admin).enters(ANNA, "Anna").skip_all();
    hall.sends(ANNA, &destroy()).is_refused(RoomRefusal::NotPermitted);
    hall.receives(ANNA, &format!("<iq type='error'><error type='auth'><forbidden {ERROR}/></error></iq>"));
    assert_eq!(hall.nicks(), ["Anna"]);
}

#[test]
fn the_host_ends_a_conversation() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest").skip_all();
    hall.host(|s, at| s.destroy(at, &bare(ROOM), Some("The chat has ended."), None));
    hall.receives(VISITOR, &format!("<presence type='unavailable'><x {USER}><destroy><reason>The chat has ended.</reason></destroy></x></presence>"));
    assert_eq!(hall.service.rooms().len(), 0);
    assert_eq!(hall.service.rooms_of(&VISITOR.parse().unwrap()).count(), 0);
    hall.host(|s, at| s.destroy(at, &bare(ROOM), None, None)).is_refused(RoomRefusal::NoSuchRoom);
}

#[test]
fn when_the_service_stops_everybody_hears_why() {
    let mut hall = Hall::conversation();
    let other = hall.service.create_room("other", RoomConfig::default(), &bare(SUPPORT)).unwrap();
    hall.enters(VISITOR, "Guest");
    hall.host(|s, at| s.enter(at, &other, &ANNA.parse().unwrap(), "Anna", &Default::default())).skip_all();
    hall.host(|s, at| Ok(s.shut_down(at, Some("back in a minute"))));
    let seen = hall.next(VISITOR);
    assert_eq!(codes(&seen), ["110", "332"]);
    assert!(!holds(&seen, "destroy"));
    hall.receives(ANNA, &format!("<presence type='unavailable'><x {USER}><status code='332'/></x></presence>"));
    assert_eq!(hall.service.rooms().len(), 0);
    let left =
        hall.news().into_iter().filter(|h| matches!(h, RoomHappening::Left { how: Leaving::ServiceShutdown, .. }));
    assert_eq!(left.count(), 3);
}
