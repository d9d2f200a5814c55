//! Messages that wait for who is away: XEP-0160.

use crate::home::{BERT, CARL, DESK, Home, PHONE, VISITOR, bare, settings};

fn chat(body: &str) -> String {
    format!("<message to='anna@example.org' type='chat'><body>{body}</body></message>")
}

fn waiting(home: &Home) -> usize {
    home.books[&bare(DESK)].offline.len()
}

#[test]
fn words_wait_with_their_time_and_come_in_order() {
    let mut home = Home::new();
    home.arrives(BERT).skip_all();
    home.sends(BERT, &chat("one")).waits(60).sends(BERT, &chat("two")).receives_nothing(BERT);
    home.restarts().waits(60).arrives(DESK).receives(DESK, "<presence/>");
    home.receives(
        DESK,
        &format!(
            "<message from='{BERT}' to='anna@example.org' type='chat'><body>one</body>
             <delay xmlns='urn:xmpp:delay' from='example.org' stamp='2001-09-09T01:46:40.000Z'/></message>"
        ),
    );
    home.receives(
        DESK,
        "<message><body>two</body><delay xmlns='urn:xmpp:delay' stamp='2001-09-09T01:47:40.000Z'/></message>",
    );
    assert_eq!(waiting(&home), 0);
    home.arrives(PHONE).skip(DESK);
    home.receives(PHONE, "<presence/>").receives(PHONE, "<presence/>").receives_nothing(PHONE);
}

#[test]
fn what_is_worth_nothing_later_does_not_wait() {
    let mut home = Home::new();
    home.arrives(BERT).skip_all();
    let typing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    home.sends(BERT, &format!("<message to='anna@example.org' type='chat'>{typing}</message>")).receives_nothing(BERT);
    home.sends(BERT, "<message to='anna@example.org' type='headline'><body>x</body></message>").receives_nothing(BERT);
    let hint = "<no-store xmlns='urn:xmpp:hints'/>";
    home.sends(BERT, &format!("<message to='anna@example.org' type='chat'><body>x</body>{hint}</message>"));
    home.is_refused(BERT, "message", "service-unavailable");
    assert!(home.kept.is_empty());
    let receipt = "<received xmlns='urn:xmpp:receipts' id='m'/>";
    home.sends(BERT, &format!("<message to='anna@example.org' type='chat'>{receipt}</message>"));
    let store = "<composing xmlns='http://jabber.org/protocol/chatstates'/><store xmlns='urn:xmpp:hints'/>";
    home.sends(BERT, &format!("<message to='anna@example.org' type='chat'>{store}</message>")).receives_nothing(BERT);
    assert_eq!(waiting(&home), 2);
}

#[test]
fn few_wait_and_who_writes_more_is_told() {
    let mut settings = settings();
    settings.limits.offline_messages = 2;
    settings.limits.offline_bytes = 500;
    let mut home = Home::with(settings);
    home.arrives(BERT).skip_all();
    home.sends(BERT, &chat(&"x".repeat(500))).is_refused(BERT, "message", "service-unavailable");
    home.sends(BERT, &chat("one")).sends(BERT, &chat("two")).receives_nothing(BERT);
    let archived = home.archive.len();
    home.sends(BERT, &chat("three")).is_refused(BERT, "message", "service-unavailable");
    assert_eq!((waiting(&home), home.archive.len()), (2, archived));
}

#[test]
fn they_come_when_a_session_begins_to_take_messages() {
    let mut home = Home::new();
    home.arrives(CARL).skip_all();
    home.sends(CARL, &chat("Hi")).connects(DESK).sends(DESK, "<presence><priority>-5</priority></presence>");
    home.receives(DESK, "<presence/>").receives_nothing(DESK);
    home.sends(DESK, "<presence><priority>0</priority></presence>");
    home.receives(DESK, "<presence/>").receives(DESK, "<message><body>Hi</body></message>");
    home.sends(CARL, &chat("Hi")).receives(DESK, "<message/>");
    home.ends(DESK).sends(CARL, &chat("again"));
    assert_eq!(home.books[&bare(DESK)].offline[0].number, 1, "numbers begin anew when nothing waits");
}

#[test]
fn nothing_waits_for_a_visitor() {
    let mut settings = settings();
    settings.visitors_reach_accounts = true;
    let mut home = Home::with(settings);
    home.arrives(BERT).connects(VISITOR).sends(VISITOR, "<presence><priority>-1</priority></presence>").skip_all();
    home.sends(BERT, "<message to='v4711@visitors.example.org' type='chat'><body>x</body></message>");
    home.is_refused(BERT, "message", "service-unavailable");
}
