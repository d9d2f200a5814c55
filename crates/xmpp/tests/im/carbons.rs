//! Copies of chats for an account's other sessions: XEP-0280.

use crate::home::{BERT, DESK, Home, PHONE, ROOM};

const TABLET: &str = "anna@example.org/tablet";

/// Anna at desk, phone and tablet; the desk alone wants no copies.
fn home() -> Home {
    let mut home = Home::new();
    for who in [DESK, PHONE, TABLET, BERT] {
        home.arrives(who);
    }
    for who in [PHONE, TABLET] {
        home.sends(who, "<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
    }
    home.skip_all();
    home
}

fn copy(way: &str, inner: &str) -> String {
    format!(
        "<message from='anna@example.org'><{way} xmlns='urn:xmpp:carbons:2'>
         <forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></{way}></message>"
    )
}

#[test]
fn what_one_session_gets_the_others_get_as_copies() {
    let mut home = home();
    home.sends(BERT, &format!("<message to='{PHONE}' type='chat' id='m'><body>Hi</body></message>"));
    home.receives(PHONE, &format!("<message to='{PHONE}' from='{BERT}'><body>Hi</body></message>"));
    let inner =
        format!("<message xmlns='jabber:client' to='{PHONE}' from='{BERT}' type='chat'><body>Hi</body></message>");
    home.receives(TABLET, &copy("received", &inner));
    for who in [DESK, PHONE, TABLET, BERT] {
        home.receives_nothing(who);
    }
}

#[test]
fn what_one_session_sends_the_others_see() {
    let mut home = home();
    home.sends(PHONE, &format!("<message to='{BERT}' type='chat' id='m'><body>Hi</body></message>"));
    let inner = format!("<message xmlns='jabber:client' from='{PHONE}' to='{BERT}'><body>Hi</body></message>");
    home.receives(TABLET, &copy("sent", &inner)).receives_nothing(PHONE).receives_nothing(DESK);
}

#[test]
fn a_message_to_the_account_reaches_all_who_want_copies_itself() {
    let mut home = home();
    home.sends(DESK, "<presence><priority>9</priority></presence>").skip_all();
    home.sends(BERT, "<message to='anna@example.org' type='chat'><body>Hi</body></message>");
    for who in [DESK, PHONE, TABLET] {
        home.receives(who, "<message to='anna@example.org' type='chat'><body>Hi</body></message>")
            .receives_nothing(who);
    }
}

#[test]
fn private_messages_and_rooms_are_not_copied() {
    let mut home = home();
    for hint in ["<private xmlns='urn:xmpp:carbons:2'/>", "<no-copy xmlns='urn:xmpp:hints'/>"] {
        home.sends(BERT, &format!("<message to='{PHONE}' type='chat'><body>Hi</body>{hint}</message>"));
        let got = home.next(PHONE);
        assert!(!got.children().any(|child| child.name() == "private"), "it was for the server");
        home.sends(PHONE, &format!("<message to='{BERT}' type='chat'><body>Hi</body>{hint}</message>"));
        home.receives_nothing(TABLET).receives_nothing(DESK);
    }
    home.sends(PHONE, &format!("<message to='{ROOM}' type='groupchat'><body>Hi</body></message>"));
    home.sends(PHONE, &format!("<message to='{ROOM}/Bert' type='chat'><body>Hi</body></message>"));
    let whisper = "<x xmlns='http://jabber.org/protocol/muc#user'/>";
    home.service_sends(&format!(
        "<message from='{ROOM}/Bert' to='{PHONE}' type='chat'><body>Hi</body>{whisper}</message>"
    ));
    home.service_sends(&format!("<message from='{ROOM}/Bert' to='{PHONE}' type='groupchat'><body>Hi</body></message>"));
    home.sends(BERT, &format!("<message to='{PHONE}' type='headline'><body>Hi</body></message>"));
    home.sends(BERT, &format!("<message to='{PHONE}'><x xmlns='urn:example'/></message>"));
    home.receives_nothing(TABLET).receives_nothing(DESK);
}

#[test]
fn a_private_message_to_the_account_goes_to_the_highest_priority_only() {
    let mut home = home();
    home.sends(DESK, "<presence><priority>9</priority></presence>").skip_all();
    let private = "<private xmlns='urn:xmpp:carbons:2'/>";
    home.sends(BERT, &format!("<message to='anna@example.org' type='chat'><body>Hi</body>{private}</message>"));
    home.receives(DESK, "<message/>").receives_nothing(PHONE).receives_nothing(TABLET);
}

#[test]
fn copies_end_when_they_are_not_wanted_any_more() {
    let mut home = home();
    home.sends(TABLET, "<iq type='set' id='c'><disable xmlns='urn:xmpp:carbons:2'/></iq>");
    home.receives(TABLET, "<iq type='result' id='c'/>");
    home.sends(PHONE, &format!("<message to='{BERT}' type='chat'><body>Hi</body></message>")).receives_nothing(TABLET);
}

#[test]
fn typing_notices_are_copied_and_forged_copies_are_not_copied_again() {
    let mut home = home();
    let typing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    home.sends(PHONE, &format!("<message to='{BERT}' type='chat'>{typing}</message>"));
    home.receives(TABLET, "<message><sent xmlns='urn:xmpp:carbons:2'/></message>");
    let forged = "<sent xmlns='urn:xmpp:carbons:2'/>";
    home.sends(PHONE, &format!("<message to='{BERT}' type='chat'><body>x</body>{forged}</message>"));
    home.receives_nothing(TABLET);
}
