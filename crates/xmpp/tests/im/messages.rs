//! Messages by type, address and priority: RFC 6121 §8.5; and what no client may forge.

use xmpp::xmpp_parsers::stanza::Stanza;

use crate::home::{BERT, DESK, Home, PHONE, ROOM, WORKGROUP, holds, parse};

fn chat(to: &str) -> String {
    format!("<message to='{to}' type='chat' id='m'><body>Hi</body></message>")
}

fn there(home: &mut Home, who: &str, priority: i8) {
    home.connects(who).sends(who, &format!("<presence><priority>{priority}</priority></presence>")).skip_all();
}

#[test]
fn a_message_to_the_account_goes_to_the_highest_priority() {
    let mut home = Home::new();
    there(&mut home, BERT, 0);
    there(&mut home, DESK, 5);
    there(&mut home, PHONE, 1);
    for kind in ["chat", "normal"] {
        home.sends(BERT, &format!("<message to='anna@example.org' type='{kind}'><body>Hi</body></message>"));
        home.receives(DESK, &format!("<message from='{BERT}' to='anna@example.org'><body>Hi</body></message>"));
        home.receives_nothing(PHONE).receives_nothing(DESK);
    }
    home.sends(PHONE, "<presence><priority>5</priority></presence>").skip_all();
    home.sends(BERT, &chat("anna@example.org")).receives(DESK, "<message/>").receives(PHONE, "<message/>");
}

#[test]
fn a_message_to_a_session_goes_there_whatever_its_priority() {
    let mut home = Home::new();
    there(&mut home, BERT, 0);
    there(&mut home, DESK, 5);
    there(&mut home, PHONE, -1);
    for kind in ["chat", "normal", "headline"] {
        home.sends(BERT, &format!("<message to='{PHONE}' type='{kind}'><body>Hi</body></message>"));
        home.receives(PHONE, &format!("<message from='{BERT}' to='{PHONE}'/>")).receives_nothing(DESK);
    }
}

#[test]
fn a_negative_priority_takes_nothing_that_was_sent_to_the_account() {
    let mut home = Home::new();
    there(&mut home, BERT, 0);
    there(&mut home, PHONE, -1);
    home.connects(DESK);
    home.sends(BERT, &chat("anna@example.org")).receives_nothing(PHONE).receives_nothing(DESK).receives_nothing(BERT);
    assert_eq!(home.books[&crate::home::bare(DESK)].offline.len(), 1, "it waits");
}

#[test]
fn headlines_go_to_all_and_are_never_kept() {
    let mut home = Home::new();
    there(&mut home, BERT, 0);
    let headline = "<message to='anna@example.org' type='headline'><body>News</body></message>";
    home.sends(BERT, headline).receives_nothing(BERT);
    there(&mut home, DESK, 5);
    there(&mut home, PHONE, 1);
    home.receives_nothing(DESK).sends(BERT, headline);
    home.receives(DESK, "<message type='headline'/>").receives(PHONE, "<message type='headline'/>");
}

#[test]
fn a_message_to_a_session_that_is_gone() {
    let mut home = Home::new();
    there(&mut home, BERT, 0);
    there(&mut home, DESK, 5);
    let gone = "anna@example.org/gone";
    home.sends(BERT, &chat(gone)).receives(DESK, &format!("<message type='chat' to='{gone}'/>"));
    for kind in ["normal", "groupchat"] {
        home.sends(BERT, &format!("<message to='{gone}' type='{kind}'><body>Hi</body></message>"));
        home.is_refused(BERT, "message", "service-unavailable");
    }
    for kind in ["headline", "error"] {
        home.sends(BERT, &format!("<message to='{gone}' type='{kind}'/>"));
    }
    home.receives_nothing(BERT).receives_nothing(DESK);
}

#[test]
fn a_groupchat_message_is_for_rooms() {
    let mut home = Home::new();
    there(&mut home, BERT, 0);
    there(&mut home, DESK, 0);
    home.sends(BERT, "<message to='anna@example.org' type='groupchat'><body>Hi</body></message>");
    home.is_refused(BERT, "message", "service-unavailable").receives_nothing(DESK);
    home.sends(BERT, &format!("<message to='{ROOM}' type='groupchat'><body>Hi</body></message>"));
    home.receives("conference.example.org", &format!("<message from='{BERT}' to='{ROOM}' type='groupchat'/>"));
    assert!(home.kept.is_empty(), "rooms keep their own");
    home.service_sends(&format!("<message from='{ROOM}/Bert' to='{DESK}' type='groupchat'><body>Hi</body></message>"));
    home.receives(DESK, &format!("<message from='{ROOM}/Bert' to='{DESK}' type='groupchat'><body>Hi</body></message>"));
    assert!(home.kept.is_empty(), "rooms keep their own");
}

#[test]
fn nobody_is_written_to_who_is_not_there() {
    let mut home = Home::new();
    there(&mut home, BERT, 0);
    home.sends(BERT, &chat("nobody@example.org")).is_refused(BERT, "message", "service-unavailable");
    home.sends(BERT, &chat("x@elsewhere.example")).is_refused(BERT, "message", "remote-server-not-found");
    home.sends(BERT, &chat("example.org")).is_refused(BERT, "message", "service-unavailable");
    home.sends(BERT, "<message to='nobody@example.org' type='error'/>").receives_nothing(BERT);
    assert!(home.kept.is_empty());
}

#[test]
fn a_message_without_an_address_is_to_oneself() {
    let mut home = Home::new();
    there(&mut home, DESK, 0);
    home.sends(DESK, "<message type='chat'><body>Note</body></message>");
    home.receives(DESK, &format!("<message from='{DESK}' to='anna@example.org'><body>Note</body></message>"));
    home.receives_nothing(DESK);
    assert_eq!(home.archive.len(), 1);
}

#[test]
fn what_a_conversation_carries_passes_untouched() {
    let mut home = Home::new();
    there(&mut home, BERT, 0);
    there(&mut home, DESK, 0);
    let payloads = "<request xmlns='urn:xmpp:receipts'/><active xmlns='http://jabber.org/protocol/chatstates'/>
        <markable xmlns='urn:xmpp:chat-markers:0'/><replace xmlns='urn:xmpp:message-correct:0' id='a'/>
        <origin-id xmlns='urn:xmpp:sid:0' id='o'/><x xmlns='jabber:x:oob'><url>https://example.org/f</url></x>";
    home.sends(BERT, &format!("<message to='{DESK}' type='chat' id='m'><thread>t</thread>{payloads}</message>"));
    home.receives(DESK, &format!("<message type='chat' id='m'><thread>t</thread>{payloads}</message>"));
    home.sends(DESK, &format!("<message to='{BERT}' id='r'><received xmlns='urn:xmpp:receipts' id='m'/></message>"));
    home.receives(BERT, "<message id='r'><received xmlns='urn:xmpp:receipts' id='m'/></message>");
}

#[test]
fn ids_and_delays_in_the_servers_name_are_the_servers() {
    let mut home = Home::new();
    there(&mut home, BERT, 0);
    there(&mut home, DESK, 0);
    let forged = "<stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='anna@example.org'/>
        <stanza-id xmlns='urn:xmpp:sid:0' id='forged' by='bert@example.org'/>
        <delay xmlns='urn:xmpp:delay' from='example.org' stamp='2002-09-10T23:08:25Z'/>
        <stanza-id xmlns='urn:xmpp:sid:0' id='theirs' by='room@elsewhere.example'/>";
    home.sends(BERT, &format!("<message to='{DESK}' type='chat'><body>x</body>{forged}</message>"));
    let got = home.next(DESK);
    let ids: Vec<_> = got.children().filter(|c| c.name() == "stanza-id").filter_map(|c| c.attr("id")).collect();
    assert_eq!(ids[0], "theirs");
    assert_eq!(ids[1..], [home.archive[0].id.as_str()], "the archive's own");
    assert!(!holds(&got, "delay"));
}

#[test]
fn a_services_plain_message_is_kept_and_answered() {
    let mut home = Home::new();
    there(&mut home, DESK, 0);
    home.service_sends(&format!(
        "<message from='{WORKGROUP}' to='anna@example.org' type='chat'><body>?</body></message>"
    ));
    home.receives(DESK, &format!("<message from='{WORKGROUP}' to='anna@example.org'><body>?</body></message>"));
    home.sends(DESK, &chat(WORKGROUP)).receives("workgroup.example.org", &format!("<message from='{DESK}'/>"));
    assert_eq!(home.archive.iter().map(|a| a.with.as_str()).collect::<Vec<_>>(), [WORKGROUP, WORKGROUP]);
    home.service_sends(&format!("<message from='{WORKGROUP}' to='nobody@example.org'><body>?</body></message>"));
    home.is_refused("workgroup.example.org", "message", "service-unavailable");
}

#[test]
fn what_a_broken_connection_did_not_get_finds_another_way() {
    let mut home = Home::new();
    there(&mut home, BERT, 0);
    there(&mut home, DESK, 5);
    there(&mut home, PHONE, 1);
    let lost = || {
        let stanza = |xml: &str| Stanza::try_from(parse(xml)).unwrap();
        vec![
            stanza(&format!("<message from='{BERT}' to='anna@example.org' type='chat'><body>Hi</body></message>")),
            stanza(&format!("<iq type='get' from='{BERT}' id='v' to='{DESK}'><query xmlns='jabber:iq:version'/></iq>")),
            stanza(&format!("<presence from='{BERT}'/>")),
            stanza(&format!("<message from='{ROOM}/x' type='groupchat'><body>Hi</body></message>")),
        ]
    };
    home.ends(DESK).skip_all();
    home.call(|house, at| house.undelivered(at, &crate::home::full(DESK), lost()));
    home.receives(PHONE, &format!("<message from='{BERT}' to='anna@example.org'><body>Hi</body></message>"));
    home.is_refused(BERT, "iq", "service-unavailable").receives_nothing(BERT).receives_nothing(PHONE);
    assert!(home.archive.is_empty(), "it was remembered when it was sent");
    home.ends(PHONE);
    home.call(|house, at| house.undelivered(at, &crate::home::full(PHONE), lost()));
    home.connects(PHONE).sends(PHONE, "<presence/>").skip(BERT);
    home.receives(PHONE, "<presence/>");
    home.receives(PHONE, "<message><body>Hi</body><delay xmlns='urn:xmpp:delay' from='example.org'/></message>");
}
