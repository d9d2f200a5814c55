//! Stanzas as a network edge sees them: what is shared, what is answered, what is left alone.

#![expect(clippy::unwrap_used, reason = "a dialogue that cannot be staged fails its test")]

use std::sync::Arc;

use xmpp::jid::Jid;
use xmpp::muc::{Moment, Outbound, RoomRefusal};
use xmpp::xmpp_parsers::message::{Lang, Message};
use xmpp::xmpp_parsers::stanza::Stanza;

use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, VISITOR, bare, full};

const AT: Moment<'static> = Moment { now_us: 0, stanza_id: "stamp" };

fn words_from(hall: &mut Hall, who: &str) -> Vec<Outbound> {
    let to: Jid = ROOM.parse().unwrap();
    let message = Message::groupchat(to).with_body(Lang::new(), "hello".to_owned());
    hall.service.handle(AT, &full(who), Stanza::Message(message)).outbound
}

#[test]
fn everybody_receives_the_same_stanza_so_that_it_is_written_once() {
    let mut hall = Hall::conversation();
    hall.enters(ANNA, "Anna").enters(VISITOR, "Guest");
    let outbound = words_from(&mut hall, VISITOR);
    assert_eq!(outbound.len(), 3);
    assert!(outbound.iter().all(|o| Arc::ptr_eq(&o.stanza, &outbound[0].stanza)));
    let mut receivers: Vec<&str> = outbound.iter().map(|o| o.to.as_str()).collect();
    receivers.sort_unstable();
    assert_eq!(receivers, [ANNA, SUPPORT, VISITOR]);
    for one in &outbound {
        assert_eq!(one.to_element().attr("to"), Some(one.to.as_str()));
        let Stanza::Message(message) = one.to_stanza() else { panic!("a message expected") };
        assert_eq!(
            (message.to.as_ref(), message.from),
            (Some(&one.to), Some(format!("{ROOM}/Guest").parse().unwrap()))
        );
    }
}

#[test]
fn presence_is_written_once_for_each_kind_of_viewer() {
    let mut hall = Hall::open();
    for (who, nick) in [(SUPPORT, "Support"), (ANNA, "Anna"), (BERT, "Bert"), (VISITOR, "Guest")] {
        hall.enters(who, nick);
    }
    let outcome = hall.service.set_availability(AT, &bare(ROOM), &full(ANNA), None, Some("here")).unwrap();
    let mut stanzas: Vec<_> = outcome.outbound.iter().map(|o| Arc::as_ptr(&o.stanza)).collect();
    assert_eq!(stanzas.len(), 4);
    stanzas.sort_unstable();
    stanzas.dedup();
    assert_eq!(stanzas.len(), 3, "for moderators, for others, for oneself");
    assert_eq!(outcome.outbound_to(&full(BERT)).count(), 1);
}

#[test]
fn errors_and_results_are_never_answered() {
    let mut hall = Hall::conversation();
    let error = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    for stanza in [
        format!("<message to='{ROOM}' type='error'>{error}</message>"),
        format!("<message to='nowhere@conference.example.org' type='error'>{error}</message>"),
        format!("<presence to='{ROOM}/X' type='error'>{error}</presence>"),
        "<presence to='nowhere@conference.example.org/X' type='unavailable'/>".to_owned(),
        format!("<iq to='{ROOM}' type='error' id='e'>{error}</iq>"),
        format!("<iq to='{ROOM}' type='result' id='e'/>"),
        format!("<presence to='{ROOM}/X' type='subscribe'/>"),
        "<presence to='conference.example.org'/>".to_owned(),
    ] {
        hall.sends(BERT, &stanza).receives_nothing(BERT);
    }
    assert!(hall.news().is_empty());
}

#[test]
fn a_stanza_for_somebody_else_is_not_handled() {
    let mut hall = Hall::conversation();
    for to in ["", "to='anna@example.org'"] {
        hall.sends(ANNA, &format!("<message {to} type='groupchat'><body>x</body></message>"));
        hall.is_refused(RoomRefusal::BadRequest("The stanza is not for this service.")).receives_nothing(ANNA);
    }
}

#[test]
fn a_bare_address_is_nobodys_session() {
    let mut hall = Hall::open();
    let bare = "anna@example.org";
    hall.enters(bare, "Anna").says(bare, "hello");
    hall.receives(bare, "<presence type='error'><error type='modify'/></presence>");
    hall.receives(bare, "<message type='error' id='m'><error type='modify'/></message>");
    assert!(hall.nicks().is_empty());
}
