//! Service discovery and pings (XEP-0030, XEP-0045 §6, XEP-0410): what is told to whom.

use xmpp::muc::{RoomConfig, RoomRefusal};

use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, bare};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const INFO: &str = "xmlns='http://jabber.org/protocol/disco#info'";
const ITEMS: &str = "xmlns='http://jabber.org/protocol/disco#items'";

fn get(to: &str, payload: &str) -> String {
    format!("<iq to='{to}' type='get' id='g'>{payload}</iq>")
}

#[test]
fn a_conversation_says_what_kind_of_room_it_is() {
    let mut hall = Hall::conversation();
    hall.sends(ANNA, &get(ROOM, &format!("<query {INFO}/>")));
    let features: String = [
        "http://jabber.org/protocol/muc",
        "muc_membersonly",
        "muc_hidden",
        "muc_temporary",
        "muc_semianonymous",
        "muc_unmoderated",
        "muc_unsecured",
        "urn:xmpp:sid:0",
        "urn:xmpp:occupant-id:0",
    ]
    .iter()
    .map(|feature| format!("<feature var='{feature}'/>"))
    .collect();
    hall.receives(
        ANNA,
        &format!(
            "<iq from='{ROOM}' id='g' type='result'><query {INFO}>
             <identity category='conference' type='text' name='Support'/>{features}
             <x xmlns='jabber:x:data' type='result'>
             <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roominfo</value></field>
             <field var='muc#roominfo_occupants'><value>1</value></field></x></query></iq>"
        ),
    );
}

#[test]
fn the_other_kinds_are_told_apart() {
    let config = RoomConfig {
        public: true,
        persistent: true,
        moderated: true,
        password: Some("x".into()),
        whois: xmpp::muc::Whois::Anyone,
        ..RoomConfig::default()
    };
    let mut hall = Hall::with(config);
    hall.sends(ANNA, &get(ROOM, &format!("<query {INFO}/>")));
    let answer = String::from(&hall.next(ANNA));
    for feature in
        ["muc_public", "muc_persistent", "muc_moderated", "muc_passwordprotected", "muc_nonanonymous", "muc_open"]
    {
        assert!(answer.contains(feature), "{feature}");
    }
}

#[test]
fn the_service_lists_public_rooms_only() {
    let mut hall = Hall::conversation();
    let public = RoomConfig { public: true, title: "Lounge".into(), ..RoomConfig::default() };
    hall.service.create_room("lounge", public, &bare(SUPPORT)).unwrap();
    hall.sends(STRANGER, &get("conference.example.org", &format!("<query {INFO}/>")));
    hall.receives(STRANGER, &format!("<iq type='result'><query {INFO}><identity category='conference' type='text'/><feature var='http://jabber.org/protocol/muc'/></query></iq>"));
    hall.sends(STRANGER, &get("conference.example.org", &format!("<query {ITEMS}/>")));
    let answer = hall.next(STRANGER);
    let items: Vec<_> =
        answer.children().next().unwrap().children().map(|item| (item.attr("jid"), item.attr("name"))).collect();
    assert_eq!(items, [(Some("lounge@conference.example.org"), Some("Lounge"))]);
}

#[test]
fn a_room_does_not_say_who_is_inside() {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").skip_all();
    hall.sends(STRANGER, &get(ROOM, &format!("<query {ITEMS}/>")));
    assert!(hall.next(STRANGER).children().next().unwrap().children().next().is_none());
    hall.sends(STRANGER, &get(&format!("{ROOM}/Anna"), &format!("<query {INFO}/>")))
        .is_refused(RoomRefusal::NotAnOccupant);
    hall.receives(STRANGER, &format!("<iq type='error'><error><not-acceptable {ERROR}/></error></iq>"))
        .receives_nothing(ANNA);
}

#[test]
fn a_self_ping_tells_whether_one_is_still_inside() {
    let mut hall = Hall::open();
    let ping = get(&format!("{ROOM}/Anna"), "<ping xmlns='urn:xmpp:ping'/>");
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall.sends(ANNA, &ping).receives(ANNA, &format!("<iq from='{ROOM}/Anna' id='g' type='result'/>"));
    hall.sends(BERT, &ping).receives(ANNA, &format!("<iq from='{ROOM}/Bert' type='get'/>"));
    let nobody = get(&format!("{ROOM}/Nobody"), "<ping xmlns='urn:xmpp:ping'/>");
    hall.sends(ANNA, &nobody).is_refused(RoomRefusal::NoSuchOccupant);
    hall.receives(ANNA, &format!("<iq type='error'><error><item-not-found {ERROR}/></error></iq>"));
    hall.leaves(ANNA, "Anna").skip(ANNA);
    hall.sends(ANNA, &ping).is_refused(RoomRefusal::NotAnOccupant);
    hall.receives(ANNA, &format!("<iq type='error'><error><not-acceptable {ERROR}/></error></iq>"));
}

#[test]
fn what_nobody_implements_is_said_to_be_so() {
    let mut hall = Hall::open();
    for to in [ROOM, "conference.example.org"] {
        for kind in ["get", "set"] {
            hall.sends(ANNA, &format!("<iq to='{to}' type='{kind}' id='g'><query xmlns='jabber:iq:unknown'/></iq>"));
            hall.receives(ANNA, &format!("<iq from='{to}' id='g' type='error'><error type='cancel'><feature-not-implemented {ERROR}/></error></iq>"));
        }
    }
    hall.sends(ANNA, &get("none@conference.example.org", &format!("<query {INFO}/>")))
        .is_refused(RoomRefusal::NoSuchRoom);
}
