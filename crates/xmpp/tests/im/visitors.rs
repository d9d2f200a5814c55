//! Visitors: anonymous, without memory, and only for workgroups, rooms and the server.

use crate::home::{BERT, DESK, Home, ROOM, VISITOR, WORKGROUP, settings};

const OTHER: &str = "v0815@visitors.example.org/web";

#[test]
fn a_visitor_talks_to_workgroups_rooms_and_the_server() {
    let mut home = Home::new();
    home.connects(VISITOR).sends(VISITOR, "<presence/>").receives(VISITOR, "<presence/>");
    for to in [WORKGROUP, ROOM] {
        let service = to.split('@').nth(1).unwrap();
        home.sends(VISITOR, &format!("<message to='{to}' type='groupchat'><body>Hi</body></message>"));
        home.receives(service, &format!("<message from='{VISITOR}'/>"));
        home.sends(VISITOR, &format!("<iq type='get' id='i' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>"));
        home.receives(service, &format!("<iq from='{VISITOR}' to='{to}' type='get' id='i'/>"));
        home.service_sends(&format!("<iq type='result' id='i' from='{to}' to='{VISITOR}'/>"));
        home.receives(VISITOR, &format!("<iq type='result' id='i' from='{to}'/>"));
    }
    for server in ["example.org", "visitors.example.org"] {
        home.sends(VISITOR, &format!("<iq type='get' id='p' to='{server}'><ping xmlns='urn:xmpp:ping'/></iq>"));
        home.receives(VISITOR, &format!("<iq type='result' id='p' from='{server}'/>"));
    }
}

#[test]
fn a_visitor_without_presence_is_written_to_by_services() {
    let mut home = Home::new();
    home.connects(VISITOR);
    let visitor = "v4711@visitors.example.org";
    for kind in ["chat", "headline"] {
        home.service_sends(&format!(
            "<message from='{WORKGROUP}' to='{visitor}' type='{kind}'><body>Hi</body></message>"
        ));
        home.receives(VISITOR, &format!("<message from='{WORKGROUP}' to='{visitor}' type='{kind}'/>"));
    }
    home.ends(VISITOR);
    home.service_sends(&format!("<message from='{WORKGROUP}' to='{visitor}' type='chat'><body>Hi</body></message>"));
    home.is_refused("workgroup.example.org", "message", "service-unavailable");
    assert!(home.kept.is_empty());
}

#[test]
fn visitors_accounts_and_other_visitors_do_not_meet_outside() {
    let mut home = Home::new();
    home.arrives(BERT).connects(VISITOR).connects(OTHER).skip_all();
    for (from, to) in [(VISITOR, BERT), (VISITOR, "bert@example.org"), (BERT, VISITOR), (VISITOR, OTHER)] {
        home.sends(from, &format!("<message to='{to}' type='chat'><body>x</body></message>"));
        home.is_refused(from, "message", "service-unavailable");
        home.sends(from, &format!("<iq type='get' id='q' to='{to}'><query xmlns='jabber:iq:version'/></iq>"));
        home.is_refused(from, "iq", "service-unavailable");
        home.sends(from, &format!("<presence to='{to}'/>")).is_refused(from, "presence", "service-unavailable");
        home.receives_nothing(to);
    }
    home.sends(VISITOR, "<iq type='get' id='v' to='bert@example.org'><vCard xmlns='vcard-temp'/></iq>");
    home.is_refused(VISITOR, "iq", "service-unavailable");
    assert!(home.kept.is_empty());
}

#[test]
fn the_operator_may_let_them_meet() {
    let mut settings = settings();
    settings.visitors_reach_accounts = true;
    let mut home = Home::with(settings);
    home.arrives(BERT).connects(VISITOR).skip_all();
    home.sends(VISITOR, "<message to='bert@example.org' type='chat'><body>Hi</body></message>");
    home.receives(BERT, &format!("<message from='{VISITOR}'><body>Hi</body></message>"));
    home.sends(BERT, &format!("<message to='{VISITOR}' type='chat'><body>Hi</body></message>"));
    home.receives(VISITOR, &format!("<message from='{BERT}'/>"));
    assert!(home.archive.iter().all(|archived| archived.owner == crate::home::bare(BERT)), "a visitor has no archive");
}

#[test]
fn nothing_is_kept_for_a_visitor() {
    let mut home = Home::new();
    home.connects(VISITOR);
    for (payload, condition) in [
        ("<query xmlns='jabber:iq:private'><a xmlns='urn:a'/></query>", "not-allowed"),
        ("<vCard xmlns='vcard-temp'/>", "not-allowed"),
        ("<query xmlns='jabber:iq:register'><remove/></query>", "not-allowed"),
        ("<block xmlns='urn:xmpp:blocking'><item jid='x'/></block>", "service-unavailable"),
        ("<query xmlns='urn:xmpp:mam:2'/>", "service-unavailable"),
    ] {
        home.sends(VISITOR, &format!("<iq type='set' id='q'>{payload}</iq>")).is_refused(VISITOR, "iq", condition);
    }
    home.sends(VISITOR, "<iq type='set' id='q'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
    home.receives(VISITOR, "<iq type='result' id='q'/>");
    home.sends(VISITOR, "<message type='chat'><body>note</body></message>").ends(VISITOR);
    assert!(home.kept.is_empty());
}

#[test]
fn a_visitors_presence_is_seen_by_nobody_else() {
    let mut home = Home::new();
    home.arrives(DESK).connects(OTHER).sends(OTHER, "<presence/>").connects(VISITOR).skip_all();
    home.sends(VISITOR, "<presence/>").receives(VISITOR, &format!("<presence from='{VISITOR}'/>"));
    home.receives_nothing(DESK).receives_nothing(OTHER).receives_nothing(VISITOR);
}
