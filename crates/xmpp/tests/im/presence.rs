//! Presence by subscription: RFC 6121 §4.2 to §4.5.

use crate::home::{BERT, CARL, DESK, Home, PHONE, WORKGROUP, holds};

#[test]
fn who_comes_is_seen_and_sees() {
    let mut home = Home::new();
    home.befriend("anna@example.org", "bert@example.org").arrives(BERT).arrives(CARL).skip_all();
    home.arrives(DESK);
    home.receives(DESK, &format!("<presence from='{DESK}' to='{DESK}'/>"));
    home.receives(DESK, &format!("<presence from='{BERT}' to='{DESK}'/>"));
    home.receives(BERT, &format!("<presence from='{DESK}' to='{BERT}'/>"));
    home.receives_nothing(DESK).receives_nothing(BERT).receives_nothing(CARL);
}

#[test]
fn changes_are_told_to_contacts_and_own_sessions() {
    let mut home = Home::friends();
    home.arrives(PHONE).skip_all();
    home.sends(
        DESK,
        "<presence><show>away</show><status>Lunch</status><priority>3</priority>
         <c xmlns='http://jabber.org/protocol/caps' node='n' hash='sha-1' ver='dg=='/>
         <x xmlns='vcard-temp:x:update'><photo>abc</photo></x></presence>",
    );
    for who in [DESK, PHONE, BERT] {
        home.receives(
            who,
            &format!(
                "<presence from='{DESK}' to='{who}'><show>away</show><status>Lunch</status><priority>3</priority>
                 <c xmlns='http://jabber.org/protocol/caps' ver='dg=='/><x xmlns='vcard-temp:x:update'/></presence>"
            ),
        );
    }
    home.receives_nothing(BERT);
}

#[test]
fn who_goes_is_told_once_with_their_words() {
    let mut home = Home::friends();
    home.arrives(PHONE).skip_all();
    home.sends(DESK, "<presence type='unavailable'><status>Bye</status></presence>");
    for who in [PHONE, BERT] {
        home.receives(who, &format!("<presence type='unavailable' from='{DESK}'><status>Bye</status></presence>"));
    }
    home.ends(DESK);
    home.receives_nothing(PHONE).receives_nothing(BERT).receives_nothing(DESK);
}

#[test]
fn a_connection_that_ends_says_goodbye() {
    let mut home = Home::friends();
    home.ends(DESK);
    home.receives(BERT, &format!("<presence type='unavailable' from='{DESK}'/>")).receives_nothing(BERT);
}

#[test]
fn a_session_without_presence_is_not_seen() {
    let mut home = Home::friends();
    home.connects(PHONE).receives_nothing(BERT).receives_nothing(PHONE);
    home.sends(BERT, "<presence/>").skip(BERT).receives_nothing(PHONE);
    home.ends(PHONE).receives_nothing(BERT);
}

#[test]
fn presence_that_is_too_large_is_refused() {
    let mut home = Home::friends();
    let large = "x".repeat(9_000);
    home.sends(DESK, &format!("<presence><status>{large}</status></presence>"));
    home.is_refused(DESK, "presence", "policy-violation").receives_nothing(BERT);
}

#[test]
fn the_sender_cannot_pretend() {
    let mut home = Home::friends();
    home.sends(DESK, "<presence from='carl@example.org/x'><show>dnd</show></presence>");
    home.receives(BERT, &format!("<presence from='{DESK}'><show>dnd</show></presence>"));
}

#[test]
fn a_probe_tells_only_who_may_know() {
    let mut home = Home::friends();
    home.arrives(CARL).skip_all();
    home.sends(BERT, "<presence type='probe' to='anna@example.org'/>");
    home.receives(BERT, &format!("<presence from='{DESK}'/>"));
    home.sends(CARL, "<presence type='probe' to='anna@example.org'/>").receives_nothing(CARL);
}

#[test]
fn a_service_that_subscribed_is_told_and_may_ask() {
    let mut home = Home::new();
    home.arrives(DESK).skip_all();
    home.service_sends(&format!("<presence type='subscribe' from='{WORKGROUP}' to='anna@example.org'/>"));
    home.receives(DESK, &format!("<presence type='subscribe' from='{WORKGROUP}' to='anna@example.org'/>"));
    home.sends(DESK, &format!("<presence type='subscribed' to='{WORKGROUP}'/>"));
    home.receives("workgroup.example.org", "<presence type='subscribed' from='anna@example.org'/>");
    home.receives("workgroup.example.org", &format!("<presence from='{DESK}' to='{WORKGROUP}'/>"));
    home.sends(DESK, "<presence><show>dnd</show></presence>");
    home.receives("workgroup.example.org", &format!("<presence from='{DESK}'><show>dnd</show></presence>"));
    home.service_sends(&format!("<presence type='probe' from='{WORKGROUP}' to='anna@example.org'/>"));
    home.receives("workgroup.example.org", &format!("<presence from='{DESK}'><show>dnd</show></presence>"));
    home.ends(DESK).receives("workgroup.example.org", &format!("<presence type='unavailable' from='{DESK}'/>"));
    home.service_sends(&format!("<presence type='probe' from='{WORKGROUP}' to='anna@example.org'/>"));
    home.receives("workgroup.example.org", "<presence type='unavailable' from='anna@example.org'/>");
    home.service_sends(&format!("<presence type='probe' from='{WORKGROUP}' to='bert@example.org'/>"));
    home.receives("workgroup.example.org", "<presence type='unsubscribed' from='bert@example.org'/>");
}

#[test]
fn a_service_is_asked_for_its_presence_by_who_subscribed_to_it() {
    let mut home = Home::new();
    home.arrives(DESK).skip_all();
    home.sends(DESK, &format!("<presence type='subscribe' to='{WORKGROUP}'/>"));
    home.receives(
        "workgroup.example.org",
        &format!("<presence type='subscribe' from='anna@example.org' to='{WORKGROUP}'/>"),
    );
    home.service_sends(&format!("<presence type='subscribed' from='{WORKGROUP}' to='anna@example.org'/>")).skip_all();
    home.arrives(PHONE);
    home.receives("workgroup.example.org", &format!("<presence type='probe' from='{PHONE}' to='{WORKGROUP}'/>"));
    home.skip_all()
        .service_sends(&format!("<presence from='{WORKGROUP}' to='anna@example.org'><show>chat</show></presence>"));
    for who in [DESK, PHONE] {
        home.receives(who, &format!("<presence from='{WORKGROUP}' to='{who}'><show>chat</show></presence>"));
    }
}

#[test]
fn an_initial_presence_brings_the_requests_that_wait() {
    let mut home = Home::new();
    home.arrives(BERT).skip_all();
    home.sends(BERT, "<presence type='subscribe' to='anna@example.org'><status>It is me</status></presence>");
    home.restarts().arrives(DESK);
    home.receives(DESK, &format!("<presence from='{DESK}'/>"));
    home.receives(
        DESK,
        "<presence type='subscribe' from='bert@example.org' to='anna@example.org'><status>It is me</status></presence>",
    );
    home.sends(DESK, "<presence><show>away</show></presence>").skip_all();
    let again = home.arrives(PHONE).next(PHONE);
    assert!(!holds(&again, "status"));
}
