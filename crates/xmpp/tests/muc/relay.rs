//! Queries between occupants (XEP-0045 §17.4): to the session, to the account, and back.

use xmpp::muc::{RoomConfig, RoomRefusal};

use crate::hall::{ANNA, BERT, Hall, ROOM, STRANGER, SUPPORT, VISITOR};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const VERSION: &str = "<query xmlns='jabber:iq:version'/>";

fn two() -> Hall {
    let mut hall = Hall::open();
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall
}

fn to_bert(payload: &str) -> String {
    format!("<iq to='{ROOM}/Bert' type='get' id='v1'>{payload}</iq>")
}

/// Anna asks Bert; the id under which Bert hears of it.
fn asked(hall: &mut Hall, payload: &str, whom: &str) -> String {
    hall.sends(ANNA, &to_bert(payload));
    let query = hall.next(whom);
    assert_eq!(query.attr("from"), Some(format!("{ROOM}/Anna").as_str()));
    query.attr("id").unwrap_or_default().to_owned()
}

#[test]
fn a_query_goes_to_the_session_and_its_answer_to_who_asked() {
    let mut hall = two();
    let id = asked(&mut hall, VERSION, BERT);
    hall.sends(
        BERT,
        &format!(
            "<iq to='{ROOM}/Anna' type='result' id='{id}'><query xmlns='jabber:iq:version'><name>X</name></query></iq>"
        ),
    );
    hall.receives(
        ANNA,
        &format!(
            "<iq from='{ROOM}/Bert' type='result' id='v1'><query xmlns='jabber:iq:version'><name>X</name></query></iq>"
        ),
    );
    let id = asked(&mut hall, VERSION, BERT);
    let error = format!("<error type='cancel'><service-unavailable {ERROR}/></error>");
    hall.sends(BERT, &format!("<iq to='{ROOM}/Anna' type='error' id='{id}'>{error}</iq>"));
    hall.receives(ANNA, &format!("<iq from='{ROOM}/Bert' type='error' id='v1'>{error}</iq>"));
    assert_eq!(hall.nicks(), ["Anna", "Bert"], "an error that answers a query ends no visit");
}

#[test]
fn a_set_is_relayed_as_a_set() {
    let mut hall = two();
    hall.sends(ANNA, &format!("<iq to='{ROOM}/Bert' type='set' id='s'><open xmlns='urn:example:x'/></iq>"));
    hall.receives(BERT, &format!("<iq from='{ROOM}/Anna' type='set'><open xmlns='urn:example:x'/></iq>"));
}

#[test]
fn cards_and_pictures_are_asked_of_the_account() {
    for payload in ["<vCard xmlns='vcard-temp'/>", "<pubsub xmlns='http://jabber.org/protocol/pubsub'/>"] {
        let mut hall = two();
        let id = asked(&mut hall, payload, "bert@example.org");
        hall.receives_nothing(BERT);
        hall.sends("bert@example.org", &format!("<iq to='{ROOM}/Anna' type='result' id='{id}'>{payload}</iq>"));
        hall.receives(ANNA, &format!("<iq from='{ROOM}/Bert' type='result' id='v1'>{payload}</iq>"));
    }
}

#[test]
fn what_was_not_asked_is_not_answered() {
    let mut hall = two();
    hall.enters(VISITOR, "Guest").skip_all();
    let id = asked(&mut hall, VERSION, BERT);
    let result = |id: &str| format!("<iq to='{ROOM}/Anna' type='result' id='{id}'/>");
    hall.sends(VISITOR, &result(&id)).sends(STRANGER, &result(&id)).sends(BERT, &result("v1"));
    hall.sends(BERT, &result("0123456789abcdefv1")).sends(BERT, &result("é"));
    hall.receives_nothing(ANNA);
    hall.sends(BERT, &result(&id)).receives(ANNA, "<iq type='result' id='v1'/>");
}

#[test]
fn each_session_has_its_own_answer() {
    let mut hall = two();
    let phone = "anna@example.org/phone";
    hall.enters(phone, "Anna").skip_all();
    hall.sends(phone, &to_bert(VERSION));
    let id = hall.next(BERT).attr("id").unwrap_or_default().to_owned();
    hall.sends(BERT, &format!("<iq to='{ROOM}/Anna' type='result' id='{id}'/>"));
    hall.receives(phone, "<iq type='result' id='v1'/>").receives_nothing(ANNA);
}

#[test]
fn who_may_not_ask_is_told() {
    let mut hall = two();
    hall.sends(STRANGER, &to_bert(VERSION)).is_refused(RoomRefusal::NotAnOccupant);
    hall.sends(ANNA, &format!("<iq to='{ROOM}/Nobody' type='get' id='v'>{VERSION}</iq>"));
    hall.is_refused(RoomRefusal::NoSuchOccupant);
    hall.receives(ANNA, &format!("<iq type='error' id='v'><error><item-not-found {ERROR}/></error></iq>"));
    let mut hall = Hall::with(RoomConfig { queries: false, ..RoomConfig::default() });
    hall.enters(ANNA, "Anna").enters(BERT, "Bert").enters(SUPPORT, "Support").skip_all();
    hall.sends(ANNA, &to_bert(VERSION)).is_refused(RoomRefusal::NotRelayed).receives_nothing(BERT);
}

#[test]
fn an_answer_that_is_too_big_is_an_error() {
    let mut hall = two();
    let id = asked(&mut hall, VERSION, BERT);
    let big = format!("<query xmlns='jabber:iq:version'>{}</query>", "x".repeat(300 * 1024));
    hall.sends(BERT, &format!("<iq to='{ROOM}/Anna' type='result' id='{id}'>{big}</iq>"));
    hall.receives(ANNA, &format!("<iq type='error' id='v1'><error><policy-violation {ERROR}/></error></iq>"));
}
