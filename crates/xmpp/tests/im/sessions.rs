//! Sessions: who may open one, and what an account leaves behind.

use xmpp::im::{Book, LastSeen, OpenRefusal};

use crate::home::{BERT, DESK, Home, PHONE, VISITOR, bare, full, settings};

fn refusal(home: &mut Home, who: &str) -> Option<OpenRefusal> {
    let at = xmpp::im::Moment { now_us: home.now_us, stanza_id: "x" };
    home.house.open(at, &full(who)).err()
}

#[test]
fn a_session_is_of_an_account_or_a_visitor() {
    let mut home = Home::new();
    assert_eq!(refusal(&mut home, "nobody@example.org/x"), Some(OpenRefusal::NoAccount));
    assert_eq!(refusal(&mut home, "anna@elsewhere.example/x"), Some(OpenRefusal::NotHere));
    assert_eq!(refusal(&mut home, "support@workgroup.example.org/x"), Some(OpenRefusal::NotHere));
    assert_eq!(refusal(&mut home, "example.org/x"), Some(OpenRefusal::NotHere));
    assert_eq!(refusal(&mut home, DESK), None);
    assert_eq!(refusal(&mut home, DESK), Some(OpenRefusal::Taken));
    assert_eq!(refusal(&mut home, VISITOR), None);
    assert_eq!(home.house.session_count(), 2);
}

#[test]
fn an_account_has_only_so_many_sessions() {
    let mut settings = settings();
    settings.limits.sessions_per_account = 2;
    let mut home = Home::with(settings);
    home.connects(DESK).connects(PHONE);
    assert_eq!(refusal(&mut home, "anna@example.org/third"), Some(OpenRefusal::TooMany));
    home.ends(PHONE);
    assert_eq!(refusal(&mut home, "anna@example.org/third"), None);
}

#[test]
fn who_is_not_connected_sends_nothing() {
    let mut home = Home::new();
    home.arrives(BERT).skip_all();
    home.sends(DESK, "<message to='bert@example.org' type='chat'><body>x</body></message>");
    home.receives_nothing(BERT).receives_nothing(DESK);
    assert!(home.kept.is_empty());
}

#[test]
fn the_end_of_the_last_session_is_remembered_with_its_words() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(PHONE).ends(PHONE);
    assert_eq!(home.books[&bare(DESK)].last_seen, None);
    home.sends(DESK, "<presence type='unavailable'><status>Home!</status></presence>").waits(5).ends(DESK);
    let seen = LastSeen { at_us: home.now_us, status: "Home!".to_owned() };
    assert_eq!(home.books[&bare(DESK)].last_seen, Some(seen.clone()));
    home.waits(5).connects(PHONE).ends(PHONE);
    assert_eq!(home.books[&bare(DESK)].last_seen, Some(seen), "nobody saw the phone");
}

#[test]
fn long_last_words_are_cut() {
    let mut home = Home::new();
    let long = "é".repeat(10_000);
    home.arrives(DESK)
        .sends(DESK, &format!("<presence type='unavailable'><status>{long}</status></presence>"))
        .ends(DESK);
    let seen = home.books[&bare(DESK)].last_seen.clone();
    assert!(seen.is_some_and(|seen| seen.status.len() == home.house.settings().limits.presence_bytes));
}

#[test]
fn a_removed_account_leaves_everybodys_roster() {
    let mut home = Home::friends();
    home.call(|house, at| house.remove_account(at, &bare(DESK)));
    home.receives(BERT, &format!("<presence type='unavailable' from='{DESK}'/>"));
    home.receives(BERT, "<presence type='unsubscribe' from='anna@example.org'/>");
    home.receives(
        BERT,
        "<iq type='set'><query xmlns='jabber:iq:roster'><item jid='anna@example.org' subscription='to'/></query></iq>",
    );
    home.receives(BERT, "<presence type='unsubscribed' from='anna@example.org'/>");
    assert_eq!(home.roster("bert@example.org"), ["anna@example.org None"]);
    assert!(!home.house.has_account(&bare(DESK)));
    assert!(!home.books.contains_key(&bare(DESK)));
    assert_eq!(home.house.session_count(), 1);
}

#[test]
fn an_account_put_in_twice_stays_as_it_is() {
    let mut home = Home::friends();
    home.house.add_account(Book::new(bare(DESK)));
    assert_eq!(home.house.book(&bare(DESK)), home.books.get(&bare(DESK)));
}
