//! Registering with a room (XEP-0045 §7.10, §9.9) and asking for the nick that is kept (§7.12).

use xmpp::muc::{Affiliation, Limits, Registration, RoomConfig, RoomHappening, RoomRefusal};

use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, VISITOR, bare, codes};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const REGISTER: &str = "xmlns='jabber:iq:register'";
const FORM_TYPE: &str = "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>";

fn ask() -> String {
    format!("<iq to='{ROOM}' type='get' id='r'><query {REGISTER}/></iq>")
}

fn submit(nick: &str) -> String {
    format!(
        "<iq to='{ROOM}' type='set' id='r'><query {REGISTER}><x xmlns='jabber:x:data' type='submit'>{FORM_TYPE}
         <field var='muc#register_first'><value>Brunhilde</value></field>
         <field var='muc#register_roomnick'><value>{nick}</value></field></x></query></iq>"
    )
}

fn answer(nick: &str, allow: &str) -> String {
    format!(
        "<message to='{ROOM}'><x xmlns='jabber:x:data' type='submit'>{FORM_TYPE}
         <field var='muc#register_roomnick'><value>{nick}</value></field>
         <field var='muc#register_allow'><value>{allow}</value></field></x></message>"
    )
}

fn standing(hall: &Hall, who: &str) -> Affiliation {
    hall.service.room(&bare(ROOM)).map(|room| room.affiliation_of(&bare(who))).unwrap_or_default()
}

#[test]
fn who_asks_gets_a_form_and_an_admin_is_asked() {
    let mut hall = Hall::open();
    hall.enters(SUPPORT, "Support").enters(BERT, "Bert").skip_all();
    hall.sends(STRANGER, &ask());
    hall.receives(
        STRANGER,
        &format!(
            "<iq type='result' id='r'><query {REGISTER}><x xmlns='jabber:x:data' type='form'>{FORM_TYPE}
             <field var='muc#register_roomnick'><required/></field></x></query></iq>"
        ),
    );
    hall.sends(STRANGER, &submit("Third witch")).receives(STRANGER, "<iq type='result' id='r'/>");
    assert!(matches!(&hall.news()[..], [RoomHappening::RegistrationRequested { nick, .. }] if nick == "Third witch"));
    assert_eq!(standing(&hall, STRANGER), Affiliation::None);
    hall.receives_nothing(BERT);
    hall.receives(
        SUPPORT,
        &format!(
            "<message from='{ROOM}'><x xmlns='jabber:x:data' type='form'>{FORM_TYPE}
             <field var='muc#register_first'><value>Brunhilde</value></field>
             <field var='muc#register_roomnick'><value>Third witch</value></field>
             <field var='muc#register_allow'><value>0</value></field></x></message>"
        ),
    );

    hall.sends(BERT, &answer("Third witch", "1")).is_refused(RoomRefusal::NotPermitted).skip_all();
    hall.sends(SUPPORT, &answer("Third witch", "1"));
    assert_eq!(standing(&hall, STRANGER), Affiliation::Member);
    assert_eq!(codes(&hall.next("stranger@elsewhere.example")), ["101"]);
    hall.sends(BERT, &format!("<presence to='{ROOM}/third WITCH'/>")).is_refused(RoomRefusal::NickTaken);

    hall.skip_all().sends(STRANGER, &ask());
    hall.receives(
        STRANGER,
        &format!("<iq type='result'><query {REGISTER}><registered/><username>Third witch</username></query></iq>"),
    );
    let node = "<query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'/>";
    hall.sends(STRANGER, &format!("<iq to='{ROOM}' type='get' id='n'>{node}</iq>"));
    hall.receives(
        STRANGER,
        "<iq type='result' id='n'><query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'>
         <identity category='conference' type='text' name='Third witch'/></query></iq>",
    );
    hall.sends(BERT, &format!("<iq to='{ROOM}' type='get' id='n'>{node}</iq>"));
    assert!(!crate::hall::holds(&hall.next(BERT), "identity"));
}

#[test]
fn an_admin_who_comes_later_is_asked_then_and_may_say_no() {
    let mut hall = Hall::open();
    hall.enters(BERT, "Bert").sends(VISITOR, &submit("V")).skip_all();
    hall.enters(SUPPORT, "Support");
    let asked = (0..9).map(|_| hall.next(SUPPORT)).find(|stanza| String::from(stanza).contains("muc#register_allow"));
    assert!(asked.is_some());
    hall.news();
    hall.sends(SUPPORT, &answer("V", "0"));
    assert!(matches!(&hall.news()[..], [RoomHappening::RegistrationRefused { .. }]));
    hall.sends(SUPPORT, &answer("V", "1")).is_refused(RoomRefusal::NoSuchRegistration);
    assert_eq!(standing(&hall, VISITOR), Affiliation::None);
}

#[test]
fn where_registration_is_open_nobody_is_asked() {
    let mut hall = Hall::with(RoomConfig { registration: Registration::Open, ..RoomConfig::default() });
    hall.enters(SUPPORT, "Support").skip_all();
    hall.sends(ANNA, &submit("Anna")).receives(ANNA, "<iq type='result'/>");
    assert_eq!(standing(&hall, ANNA), Affiliation::Member);
    let remove = format!("<iq to='{ROOM}' type='set' id='r'><query {REGISTER}><remove/></query></iq>");
    hall.skip_all().sends(ANNA, &remove).receives(ANNA, "<iq type='result'/>");
    assert_eq!(standing(&hall, ANNA), Affiliation::None);
    hall.sends(ANNA, &remove).is_refused(RoomRefusal::NotRegistered);
    hall.receives(ANNA, &format!("<iq type='error'><error><registration-required {ERROR}/></error></iq>"));
    // An owner who takes the nick back is an owner still.
    hall.sends(SUPPORT, &submit("Boss")).sends(SUPPORT, &remove);
    assert_eq!((hall.refused.clone(), standing(&hall, SUPPORT)), (None, Affiliation::Owner));
}

#[test]
fn a_conversation_takes_members_only() {
    let mut hall = Hall::conversation();
    for request in [ask(), submit("X")] {
        hall.sends(STRANGER, &request).is_refused(RoomRefusal::RegistrationOff);
        hall.receives(STRANGER, &format!("<iq type='error'><error><not-allowed {ERROR}/></error></iq>"));
    }
    hall.sends(VISITOR, &submit("Guest")).receives(VISITOR, "<iq type='result'/>");
    assert_eq!(standing(&hall, VISITOR), Affiliation::Member);
}

#[test]
fn what_cannot_be_registered_is_refused_for_what_is_wrong_with_it() {
    let mut hall = Hall::open();
    hall.is(BERT, Affiliation::Outcast).enters(SUPPORT, "Support").skip_all();
    let condition = |hall: &mut Hall, who: &str, request: &str, condition: &str| {
        hall.skip(who).sends(who, request);
        hall.receives(who, &format!("<iq type='error' id='r'><error><{condition} {ERROR}/></error></iq>"));
    };
    condition(&mut hall, BERT, &submit("Bert"), "forbidden");
    condition(&mut hall, ANNA, &submit("support"), "conflict");
    condition(&mut hall, ANNA, &submit(""), "not-acceptable");
    condition(&mut hall, ANNA, &submit(&"x".repeat(80)), "jid-malformed");
    condition(&mut hall, ANNA, &submit("Anna").replace("muc#register</value>", "other</value>"), "bad-request");
    let empty = format!("<iq to='{ROOM}' type='set' id='r'><query {REGISTER}/></iq>");
    condition(&mut hall, ANNA, &empty, "not-acceptable");
    hall.sends(ANNA, &submit("Anna"));
    condition(&mut hall, VISITOR, &submit("ANNA"), "conflict");
}

#[test]
fn only_so_many_wait_for_an_admin() {
    let limits = Limits { registrations_per_room: 1, ..Limits::default() };
    let mut hall = Hall::empty(xmpp::muc::Creation::HostOnly, limits);
    let created = hall.service.create_room("r7f3", RoomConfig::default(), &bare(SUPPORT));
    assert!(created.is_ok());
    hall.sends(ANNA, &submit("Anna")).sends(ANNA, &submit("Annie"));
    assert_eq!(hall.refused, None);
    hall.sends(BERT, &submit("Bert"));
    hall.is_refused(RoomRefusal::TooMany { what: "registrations that wait for an admin", max: 1 });
}
