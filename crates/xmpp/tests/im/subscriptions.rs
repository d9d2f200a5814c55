//! Who may know whose presence: RFC 6121 §3, in dialogues. Any sequence of them is in `any_subscription.rs`.

use crate::home::{BERT, CARL, DESK, Home, PHONE, ROOM, VISITOR, WORKGROUP};

const ANNA: &str = "anna@example.org";
const BERTS: &str = "bert@example.org";

fn push(jid: &str, state: &str) -> String {
    format!("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='{jid}' {state}/></query></iq>")
}

#[test]
fn a_request_is_made_and_granted() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(BERT).skip_all();
    home.sends(DESK, &format!("<presence type='subscribe' to='{BERTS}' id='s'><status>Hi</status></presence>"));
    home.receives(DESK, &push(BERTS, "subscription='none' ask='subscribe'"));
    home.receives(
        BERT,
        &format!("<presence type='subscribe' from='{ANNA}' to='{BERTS}' id='s'><status>Hi</status></presence>"),
    );
    home.receives_nothing(BERT);
    home.sends(BERT, &format!("<presence type='subscribed' to='{ANNA}'/>"));
    home.receives(BERT, &push(ANNA, "subscription='from'")).receives_nothing(BERT);
    home.receives(DESK, &format!("<presence type='subscribed' from='{BERTS}' to='{ANNA}'/>"));
    home.receives(DESK, &push(BERTS, "subscription='to'"));
    home.receives(DESK, &format!("<presence from='{BERT}' to='{DESK}'/>")).receives_nothing(DESK);
}

#[test]
fn a_request_is_refused() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(BERT).skip_all();
    home.sends(DESK, &format!("<presence type='subscribe' to='{BERTS}'/>")).skip_all();
    home.sends(BERT, &format!("<presence type='unsubscribed' to='{ANNA}'/>")).receives_nothing(BERT);
    home.receives(DESK, &format!("<presence type='unsubscribed' from='{BERTS}'/>"));
    home.receives(DESK, &push(BERTS, "subscription='none'")).receives_nothing(DESK);
    assert!(home.books[&crate::home::bare(BERTS)].contacts.is_empty(), "nothing is left of it");
}

#[test]
fn a_request_twice_asks_once() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(BERT).skip_all();
    for _ in 0..2 {
        home.sends(DESK, &format!("<presence type='subscribe' to='{BERTS}'/>"));
    }
    home.receives(BERT, "<presence type='subscribe'/>").receives_nothing(BERT);
    home.receives(DESK, &push(BERTS, "ask='subscribe'")).receives_nothing(DESK);
}

#[test]
fn who_asks_again_for_what_they_have_is_told_so() {
    let mut home = Home::friends();
    home.sends(DESK, &format!("<presence type='subscribe' to='{BERTS}'/>")).receives_nothing(BERT);
    home.receives_nothing(DESK);
    assert_eq!(home.roster(ANNA), ["bert@example.org Both"]);
}

#[test]
fn a_subscription_granted_before_it_is_asked_for() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(BERT).skip_all();
    home.sends(BERT, &format!("<presence type='subscribed' to='{ANNA}'/>"));
    home.receives(BERT, &push(ANNA, "subscription='none' approved='true'")).receives_nothing(DESK);
    home.restarts().arrives(DESK).arrives(BERT).skip_all();
    home.sends(DESK, &format!("<presence type='subscribe' to='{BERTS}'/>"));
    home.receives(DESK, &push(BERTS, "ask='subscribe'"));
    home.receives(DESK, &format!("<presence type='subscribed' from='{BERTS}'/>"));
    home.receives(DESK, &push(BERTS, "subscription='to'")).receives(DESK, &format!("<presence from='{BERT}'/>"));
    home.receives(BERT, &push(ANNA, "subscription='from'")).receives_nothing(BERT);
}

#[test]
fn a_subscription_is_cancelled_by_either_side() {
    let mut home = Home::friends();
    home.sends(DESK, &format!("<presence type='unsubscribe' to='{BERTS}'/>"));
    home.receives(DESK, &push(BERTS, "subscription='from'"));
    home.receives(BERT, &format!("<presence type='unsubscribe' from='{ANNA}'/>"));
    home.receives(BERT, &push(ANNA, "subscription='to'"));
    home.receives(DESK, &format!("<presence type='unavailable' from='{BERT}'/>"));
    home.sends(DESK, &format!("<presence type='unsubscribed' to='{BERTS}'/>"));
    home.receives(DESK, &push(BERTS, "subscription='none'"));
    home.receives(BERT, &format!("<presence type='unsubscribed' from='{ANNA}'/>"));
    home.receives(BERT, &push(ANNA, "subscription='none'"));
    home.receives(BERT, &format!("<presence type='unavailable' from='{DESK}'/>"));
    home.receives_nothing(BERT).receives_nothing(DESK);
    home.sends(DESK, "<presence><show>away</show></presence>").receives_nothing(BERT);
}

#[test]
fn nobody_grants_what_nobody_asked_and_nobody_is_surprised() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(BERT).skip_all();
    for kind in ["unsubscribe", "unsubscribed"] {
        home.sends(DESK, &format!("<presence type='{kind}' to='{BERTS}'/>"));
        home.receives_nothing(BERT).receives_nothing(DESK);
    }
    home.service_sends(&format!("<presence type='subscribed' from='{WORKGROUP}' to='{ANNA}'/>"));
    home.receives_nothing(DESK);
    assert!(home.kept.is_empty());
}

#[test]
fn there_are_no_subscriptions_elsewhere() {
    let mut home = Home::new();
    home.arrives(DESK).connects(VISITOR).skip_all();
    home.sends(DESK, "<presence type='subscribe' to='romeo@elsewhere.example'/>");
    home.is_refused(DESK, "presence", "remote-server-not-found");
    for nobody in [VISITOR, "example.org", ANNA] {
        home.sends(DESK, &format!("<presence type='subscribe' to='{nobody}'/>"));
        home.is_refused(DESK, "presence", "not-allowed");
    }
    home.sends(VISITOR, &format!("<presence type='subscribe' to='{ANNA}'/>"));
    home.is_refused(VISITOR, "presence", "not-allowed").receives_nothing(DESK);
    home.sends(DESK, "<presence type='subscribe'/>").is_refused(DESK, "presence", "bad-request");
    assert!(home.kept.is_empty());
}

#[test]
fn an_account_that_does_not_exist_answers_no() {
    let mut home = Home::new();
    home.arrives(DESK).skip_all();
    home.sends(DESK, "<presence type='subscribe' to='nobody@example.org'/>");
    home.receives(DESK, &push("nobody@example.org", "ask='subscribe'"));
    home.receives(DESK, "<presence type='unsubscribed' from='nobody@example.org'/>");
    home.receives(DESK, &push("nobody@example.org", "subscription='none'"));
}

#[test]
fn requests_do_not_pile_up() {
    let mut settings = crate::home::settings();
    settings.limits.requests_per_account = 1;
    let mut home = Home::with(settings);
    home.arrives(DESK).arrives(BERT).arrives(CARL).skip_all();
    home.sends(BERT, &format!("<presence type='subscribe' to='{ANNA}'/>")).skip(BERT);
    home.sends(CARL, &format!("<presence type='subscribe' to='{ANNA}'/>"));
    home.receives(CARL, &push(ANNA, "ask='subscribe'"));
    home.receives(CARL, &format!("<presence type='unsubscribed' from='{ANNA}'/>"));
    home.receives(DESK, &format!("<presence type='subscribe' from='{BERTS}'/>")).receives_nothing(DESK);
}

#[test]
fn a_long_request_is_kept_short() {
    let mut home = Home::new();
    home.arrives(BERT).skip_all();
    let long = "x".repeat(10_000);
    home.sends(BERT, &format!("<presence type='subscribe' to='{ANNA}'><status>{long}</status></presence>"));
    home.arrives(DESK).receives(DESK, "<presence/>");
    home.receives(DESK, &format!("<presence type='subscribe' from='{BERTS}' to='{ANNA}'/>"));
    let kept = home.books[&crate::home::bare(ANNA)].contacts[&crate::home::bare(BERTS)].request.clone();
    assert!(kept.is_some_and(|request| request.len() < 200));
}

#[test]
fn answers_reach_every_session_that_asked_for_the_roster() {
    let mut home = Home::new();
    home.arrives(DESK).connects(PHONE).arrives(BERT).skip_all();
    home.sends(DESK, &format!("<presence type='subscribe' to='{BERTS}'/>")).skip_all();
    home.sends(BERT, &format!("<presence type='subscribed' to='{ANNA}'/>"));
    home.receives(DESK, "<presence type='subscribed'/>").receives_nothing(PHONE);
}

#[test]
fn a_service_keeps_its_own_half() {
    let mut home = Home::new();
    home.arrives(DESK).skip_all();
    home.sends(DESK, &format!("<presence type='subscribe' to='{ROOM}'/>"));
    home.receives("conference.example.org", &format!("<presence type='subscribe' from='{ANNA}' to='{ROOM}'/>"));
    home.service_sends(&format!("<presence type='unsubscribed' from='{ROOM}' to='{ANNA}'/>"));
    assert_eq!(home.roster(ANNA), [format!("{ROOM} None")]);
}
