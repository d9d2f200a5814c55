//! The roster: RFC 6121 §2.

use crate::home::{BERT, DESK, Home, PHONE, VISITOR, bare, settings};

const ROSTER: &str = "xmlns='jabber:iq:roster'";

fn set(item: &str) -> String {
    format!("<iq type='set' id='r'><query {ROSTER}>{item}</query></iq>")
}

#[test]
fn a_contact_is_added_changed_and_pushed() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(PHONE).skip_all();
    home.sends(DESK, &set("<item jid='bert@example.org' name='Bert'><group>Desk</group></item>"));
    for who in [DESK, PHONE] {
        home.receives(
            who,
            &format!(
                "<iq type='set' to='{who}'><query {ROSTER} ver='1'><item jid='bert@example.org' name='Bert'
                 subscription='none'><group>Desk</group></item></query></iq>"
            ),
        );
    }
    home.receives(DESK, "<iq type='result' id='r'/>").receives_nothing(DESK);
    home.sends(DESK, &set("<item jid='bert@example.org'/>")).skip_all();
    home.sends(PHONE, &format!("<iq type='get' id='g'><query {ROSTER}/></iq>"));
    let answer = home.next(PHONE);
    let items: Vec<_> = answer.children().flat_map(|query| query.children()).collect();
    assert_eq!((items.len(), items[0].attr("name")), (1, None));
}

#[test]
fn the_same_again_is_not_pushed() {
    let mut home = Home::new();
    home.arrives(DESK).skip_all();
    home.sends(DESK, &set("<item jid='bert@example.org' name='Bert'/>")).skip_all();
    home.sends(DESK, &set("<item jid='bert@example.org' name='Bert'/>"));
    home.receives(DESK, "<iq type='result' id='r'/>").receives_nothing(DESK);
    assert!(home.kept.is_empty());
}

#[test]
fn a_client_that_has_this_version_gets_nothing() {
    let mut home = Home::friends();
    home.sends(DESK, &format!("<iq type='get' id='g'><query {ROSTER} ver=''/></iq>"));
    let answer = home.next(DESK);
    let version = answer.children().next().and_then(|query| query.attr("ver")).unwrap_or_default().to_owned();
    assert_ne!(version, "");
    home.restarts().connects(DESK);
    home.sends(DESK, &format!("<iq type='get' id='g'><query {ROSTER} ver='{version}'/></iq>"));
    assert_eq!(home.next(DESK).children().count(), 0);
    home.sends(DESK, &set("<item jid='carl@example.org'/>")).skip_all();
    home.sends(DESK, &format!("<iq type='get' id='g'><query {ROSTER} ver='{version}'/></iq>"));
    assert_eq!(home.next(DESK).children().flat_map(|query| query.children()).count(), 2);
}

#[test]
fn a_contact_is_removed_with_its_subscriptions() {
    let mut home = Home::friends();
    home.sends(DESK, &set("<item jid='bert@example.org' subscription='remove'/>"));
    home.receives(BERT, "<presence type='unsubscribe' from='anna@example.org'/>");
    home.receives(BERT, &format!("<iq type='set'><query {ROSTER}><item subscription='to'/></query></iq>"));
    home.receives(BERT, "<presence type='unsubscribed' from='anna@example.org'/>");
    home.receives(BERT, &format!("<iq type='set'><query {ROSTER}><item subscription='none'/></query></iq>"));
    home.receives(BERT, &format!("<presence type='unavailable' from='{DESK}'/>")).receives_nothing(BERT);
    home.receives(DESK, &format!("<iq type='set'><query {ROSTER}><item subscription='remove'/></query></iq>"));
    home.receives(DESK, &format!("<presence type='unavailable' from='{BERT}'/>"));
    home.receives(DESK, "<iq type='result' id='r'/>");
    assert!(home.books[&bare(DESK)].contacts.is_empty());
    home.sends(DESK, &set("<item jid='bert@example.org' subscription='remove'/>"));
    home.is_refused(DESK, "iq", "item-not-found");
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut settings = settings();
    settings.limits.contacts_per_account = 2;
    settings.limits.name_bytes = 8;
    let mut home = Home::with(settings);
    home.connects(DESK);
    for (items, condition) in [
        ("", "bad-request"),
        ("<item jid='bert@example.org'/><item jid='carl@example.org'/>", "bad-request"),
        ("<item name='nobody'/>", "bad-request"),
        ("<item jid='bert@example.org'><group>A</group><group>A</group></item>", "bad-request"),
        ("<item jid='bert@example.org'><group></group></item>", "not-acceptable"),
        ("<item jid='bert@example.org' name='much too long'/>", "not-acceptable"),
        ("<item jid='x@elsewhere.example'/>", "remote-server-not-found"),
        ("<item jid='anna@example.org'/>", "not-allowed"),
        ("<item jid='v@visitors.example.org'/>", "not-allowed"),
    ] {
        home.sends(DESK, &set(items)).is_refused(DESK, "iq", condition);
    }
    assert!(home.kept.is_empty());
    home.sends(DESK, &set("<item jid='bert@example.org'/>")).sends(DESK, &set("<item jid='carl@example.org'/>"));
    home.skip_all().sends(DESK, &set("<item jid='dora@example.org'/>"));
    home.is_refused(DESK, "iq", "resource-constraint");
}

#[test]
fn a_roster_is_nobody_elses_business() {
    let mut home = Home::friends();
    home.sends(BERT, &format!("<iq type='get' id='g' to='anna@example.org'><query {ROSTER}/></iq>"));
    home.is_refused(BERT, "iq", "forbidden");
    let item = "<item jid='bert@example.org' subscription='both'/>";
    home.sends(BERT, &format!("<iq type='set' id='g' to='anna@example.org'><query {ROSTER}>{item}</query></iq>"));
    home.is_refused(BERT, "iq", "forbidden");
}

#[test]
fn a_client_cannot_set_a_subscription() {
    let mut home = Home::new();
    home.arrives(DESK).skip_all();
    home.sends(DESK, &set("<item jid='bert@example.org' subscription='both' ask='subscribe' approved='true'/>"));
    assert_eq!(home.roster("anna@example.org"), ["bert@example.org None"]);
}

#[test]
fn a_visitor_has_an_empty_roster() {
    let mut home = Home::new();
    home.connects(VISITOR);
    home.sends(VISITOR, &format!("<iq type='get' id='g'><query {ROSTER}/></iq>"));
    let answer = home.next(VISITOR);
    assert_eq!(answer.attr("type"), Some("result"));
    home.sends(VISITOR, &set("<item jid='bert@example.org'/>")).is_refused(VISITOR, "iq", "not-allowed");
    assert!(home.kept.is_empty());
}
