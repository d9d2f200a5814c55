//! Blocked addresses: XEP-0191 and its effects.

use crate::home::{BERT, CARL, DESK, Home, PHONE, WORKGROUP, settings};

fn block(what: &str) -> String {
    format!("<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='{what}'/></block></iq>")
}

fn unblock(items: &str) -> String {
    format!("<iq type='set' id='u'><unblock xmlns='urn:xmpp:blocking'>{items}</unblock></iq>")
}

const BERTS: &str = "bert@example.org";

#[test]
fn a_list_is_kept_and_pushed() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(PHONE).skip_all();
    home.sends(PHONE, "<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>");
    assert_eq!(home.next(PHONE).children().flat_map(|list| list.children()).count(), 0);
    home.sends(DESK, &block("spam.example"));
    home.receives(PHONE, "<iq type='set'><block xmlns='urn:xmpp:blocking'><item jid='spam.example'/></block></iq>");
    home.receives(DESK, "<iq type='result' id='b'/>").receives_nothing(DESK);
    home.restarts().connects(DESK).sends(DESK, "<iq type='get' id='l'><blocklist xmlns='urn:xmpp:blocking'/></iq>");
    home.receives(
        DESK,
        "<iq type='result'><blocklist xmlns='urn:xmpp:blocking'><item jid='spam.example'/></blocklist></iq>",
    );
    home.sends(DESK, &unblock(""));
    home.receives(DESK, "<iq type='set'><unblock xmlns='urn:xmpp:blocking'/></iq>");
    home.receives(DESK, "<iq type='result' id='u'/>");
}

#[test]
fn both_look_gone_to_one_another_and_come_back() {
    let mut home = Home::friends();
    home.sends(DESK, &block(BERTS));
    home.receives(BERT, &format!("<presence type='unavailable' from='{DESK}'/>")).receives_nothing(BERT);
    home.receives(DESK, &format!("<presence type='unavailable' from='{BERT}'/>"));
    home.receives(DESK, "<iq type='result' id='b'/>").receives_nothing(DESK);
    home.sends(DESK, "<presence><show>away</show></presence>").skip(DESK).receives_nothing(BERT);
    home.sends(BERT, "<presence><show>dnd</show></presence>").skip(BERT).receives_nothing(DESK);
    home.sends(DESK, &unblock("<item jid='bert@example.org'/>"));
    home.receives(BERT, &format!("<presence from='{DESK}'><show>away</show></presence>"));
    home.receives(DESK, &format!("<presence from='{BERT}'><show>dnd</show></presence>"));
}

#[test]
fn nothing_comes_from_who_is_blocked() {
    let mut home = Home::friends();
    home.sends(DESK, &block(BERTS)).skip_all();
    for to in ["anna@example.org", DESK] {
        home.sends(BERT, &format!("<message to='{to}' type='chat'><body>x</body></message>"));
        home.is_refused(BERT, "message", "service-unavailable");
        home.sends(BERT, &format!("<iq type='get' id='q' to='{to}'><query xmlns='jabber:iq:last'/></iq>"));
        home.is_refused(BERT, "iq", "service-unavailable");
        home.sends(BERT, &format!("<presence to='{to}'/>")).sends(BERT, &format!("<presence type='probe' to='{to}'/>"));
    }
    home.sends(BERT, "<presence type='subscribe' to='anna@example.org'/>");
    home.receives_nothing(DESK).receives_nothing(BERT);
    assert!(home.archive.is_empty());
}

#[test]
fn nothing_goes_to_who_is_blocked() {
    let mut home = Home::friends();
    home.sends(DESK, &block(BERTS)).skip_all();
    let blocked = "<error><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
                   <blocked xmlns='urn:xmpp:blocking:errors'/></error>";
    home.sends(DESK, &format!("<message to='{BERT}' type='chat'><body>x</body></message>"));
    home.receives(DESK, &format!("<message type='error'>{blocked}</message>"));
    home.sends(DESK, &format!("<iq type='get' id='q' to='{BERT}'><query xmlns='jabber:iq:version'/></iq>"));
    home.receives(DESK, &format!("<iq type='error'>{blocked}</iq>"));
    home.sends(DESK, &format!("<presence to='{BERT}'/>"))
        .receives(DESK, &format!("<presence type='error'>{blocked}</presence>"));
    home.sends(DESK, &format!("<presence type='unavailable' to='{BERT}'/>")).receives_nothing(DESK);
    home.receives_nothing(BERT);
}

#[test]
fn directed_presence_ends_both_ways() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(CARL).skip_all();
    home.sends(DESK, &format!("<presence to='{CARL}'/>")).sends(CARL, "<presence to='anna@example.org'/>").skip_all();
    home.sends(DESK, &block("carl@example.org"));
    home.receives(CARL, &format!("<presence type='unavailable' from='{DESK}'/>")).receives_nothing(CARL);
    home.receives(DESK, &format!("<presence type='unavailable' from='{CARL}'/>"));
    home.skip_all().ends(DESK).receives_nothing(CARL);
}

#[test]
fn a_domain_a_session_and_a_service_can_be_blocked() {
    let mut home = Home::friends();
    home.sends(DESK, &block("example.org")).receives(BERT, "<presence type='unavailable'/>");
    home.sends(DESK, "<message type='chat'><body>to myself</body></message>");
    assert_eq!(home.archive.len(), 1, "nobody blocks themselves");
    home.sends(DESK, &unblock("")).skip_all();
    home.arrives("bert@example.org/phone").skip_all();
    home.sends(DESK, &block(BERT)).receives(BERT, &format!("<presence type='unavailable' from='{DESK}'/>"));
    home.receives_nothing("bert@example.org/phone");
    home.sends(DESK, &unblock("")).skip_all();
    home.sends(DESK, &format!("<presence to='{WORKGROUP}'/>")).skip_all();
    home.sends(DESK, &block("workgroup.example.org"));
    home.receives("workgroup.example.org", &format!("<presence type='unavailable' from='{DESK}'/>"));
    home.skip_all()
        .service_sends(&format!("<message from='{WORKGROUP}' to='{DESK}' type='chat'><body>x</body></message>"));
    home.is_refused("workgroup.example.org", "message", "service-unavailable").receives_nothing(DESK);
    assert!(!home.house.admits(&WORKGROUP.parse().unwrap(), &crate::home::full(DESK)));
}

#[test]
fn a_list_has_its_limit_and_its_form() {
    let mut settings = settings();
    settings.limits.blocked_per_account = 2;
    let mut home = Home::with(settings);
    home.connects(DESK);
    home.sends(DESK, "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'/></iq>").is_refused(
        DESK,
        "iq",
        "bad-request",
    );
    for name in ["a", "b", "b"] {
        home.sends(DESK, &block(&format!("{name}.example"))).receives(DESK, "<iq type='result'/>");
    }
    home.sends(DESK, &block("c.example")).is_refused(DESK, "iq", "resource-constraint");
}
