//! The memory of an account's own chats: XEP-0313.

use xmpp::minidom::Element;

use crate::home::{BERT, CARL, DESK, Home, PHONE, VISITOR, holds};

const MAM: &str = "xmlns='urn:xmpp:mam:2'";

fn query(inside: &str) -> String {
    format!("<iq type='set' id='q'><query {MAM} queryid='f'>{inside}</query></iq>")
}

fn form(fields: &[(&str, &str)]) -> String {
    let field = |(var, value): &(&str, &str)| format!("<field var='{var}'><value>{value}</value></field>");
    let fields: String = fields.iter().map(field).collect();
    format!(
        "<x xmlns='jabber:x:data' type='submit'>
         <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>{fields}</x>"
    )
}

fn set(inside: &str) -> String {
    format!("<set xmlns='http://jabber.org/protocol/rsm'>{inside}</set>")
}

/// Bert and Carl write in turn, a minute apart: one to four.
fn home() -> Home {
    let mut home = Home::new();
    home.arrives(DESK).arrives(BERT).arrives(CARL).skip_all();
    for (from, word) in [(BERT, "one"), (CARL, "two"), (BERT, "three"), (CARL, "four")] {
        home.sends(from, &format!("<message to='anna@example.org' type='chat'><body>{word}</body></message>"))
            .waits(60);
    }
    home.skip_all();
    home
}

/// The words of the results, in their order, and the `<fin/>`.
fn answer(home: &mut Home, request: &str) -> (Vec<String>, Element) {
    home.sends(DESK, request);
    let mut words = Vec::new();
    loop {
        let got = home.next(DESK);
        if got.name() == "iq" {
            return (
                words,
                got.children().next().unwrap_or_else(|| panic!("no result: {}", String::from(&got))).clone(),
            );
        }
        let mut inner = got.children().next().unwrap().clone();
        assert_eq!((inner.name(), inner.attr("queryid")), ("result", Some("f")));
        for name in ["forwarded", "message", "body"] {
            inner = inner.children().find(|child| child.name() == name).unwrap().clone();
        }
        words.push(inner.text());
    }
}

fn id_of(home: &Home, place: usize) -> String {
    home.archive.iter().filter(|a| a.owner.as_str() == "anna@example.org").nth(place).unwrap().id.clone()
}

#[test]
fn the_whole_archive_comes_oldest_first() {
    let mut home = home();
    let (words, fin) = answer(&mut home, &query(""));
    assert_eq!(words, ["one", "two", "three", "four"]);
    assert_eq!((fin.name(), fin.attr("complete")), ("fin", Some("true")));
    let set = fin.children().next().unwrap();
    let part = |name: &str| set.children().find(|child| child.name() == name).unwrap();
    assert_eq!((part("count").text(), part("first").attr("index")), ("4".to_owned(), Some("0")));
    assert_eq!((part("first").text(), part("last").text()), (id_of(&home, 0), id_of(&home, 3)));
}

#[test]
fn a_result_is_the_message_with_its_time_and_id() {
    let mut home = home();
    home.sends(DESK, &query(&set("<max>1</max>")));
    home.receives(
        DESK,
        &format!(
            "<message to='{DESK}' from='anna@example.org'><result {MAM} queryid='f' id='{}'>
             <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2001-09-09T01:46:40.000Z'/>
             <message xmlns='jabber:client' from='{BERT}' to='anna@example.org' type='chat'><body>one</body></message>
             </forwarded></result></message>",
            id_of(&home, 0)
        ),
    );
}

#[test]
fn pages_go_forwards_and_backwards() {
    let mut home = home();
    let (second, fourth) = (id_of(&home, 1), id_of(&home, 3));
    for (part, wanted, complete) in [
        ("<max>2</max>".to_owned(), vec!["one", "two"], false),
        (format!("<max>2</max><after>{second}</after>"), vec!["three", "four"], true),
        ("<max>2</max><before/>".to_owned(), vec!["three", "four"], false),
        (format!("<max>2</max><before>{fourth}</before>"), vec!["two", "three"], false),
        ("<max>0</max>".to_owned(), vec![], false),
    ] {
        let (words, fin) = answer(&mut home, &query(&set(&part)));
        assert_eq!(
            (words, fin.attr("complete")),
            (wanted.iter().map(|w| (*w).to_owned()).collect(), Some(if complete { "true" } else { "false" })),
            "{part}"
        );
    }
    let (words, _) = answer(&mut home, &query(&format!("{}<flip-page/>", set("<max>3</max>"))));
    assert_eq!(words, ["three", "two", "one"]);
}

#[test]
fn conditions_choose() {
    let mut home = home();
    let (first, third, fourth) = (id_of(&home, 0), id_of(&home, 2), id_of(&home, 3));
    for (conditions, wanted) in [
        (vec![("with", "bert@example.org")], vec!["one", "three"]),
        (vec![("with", BERT)], vec!["one", "three"]),
        (vec![("with", "bert@example.org/other")], vec![]),
        (vec![("start", "2001-09-09T01:47:40Z")], vec!["two", "three", "four"]),
        (vec![("start", "2001-09-09T01:47:40Z"), ("end", "2001-09-09T01:48:40Z")], vec!["two", "three"]),
        (vec![("after-id", &first), ("before-id", &fourth)], vec!["two", "three"]),
        (vec![("ids", &third)], vec!["three"]),
    ] {
        let (words, _) = answer(&mut home, &query(&form(&conditions)));
        assert_eq!(words, wanted, "{conditions:?}");
    }
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let mut home = home();
    for (inside, condition) in [
        (form(&[("colour", "red")]), "feature-not-implemented"),
        (form(&[("start", "yesterday")]), "bad-request"),
        (form(&[("with", "@@")]), "bad-request"),
        (form(&[("ids", "lost")]), "item-not-found"),
        (set("<after>lost</after>"), "item-not-found"),
        (set("<index>2</index>"), "feature-not-implemented"),
        (set("<after>a</after><before>b</before>"), "bad-request"),
    ] {
        home.sends(DESK, &query(&inside)).is_refused(DESK, "iq", condition);
    }
    home.sends(BERT, &format!("<iq type='set' id='q' to='anna@example.org'><query {MAM}/></iq>"));
    home.is_refused(BERT, "iq", "forbidden");
    home.connects(VISITOR).sends(VISITOR, &query("")).is_refused(VISITOR, "iq", "service-unavailable");
}

#[test]
fn the_form_and_the_ends_are_told() {
    let mut home = home();
    home.sends(DESK, &format!("<iq type='get' id='q'><query {MAM}/></iq>"));
    home.receives(
        DESK,
        &format!(
            "<iq type='result'><query {MAM}><x xmlns='jabber:x:data' type='form'><field var='with' type='jid-single'/>
             <field var='before-id'/><field var='ids' type='list-multi'/></x></query></iq>"
        ),
    );
    home.sends(DESK, &format!("<iq type='get' id='q'><metadata {MAM}/></iq>"));
    home.receives(
        DESK,
        &format!(
            "<iq type='result'><metadata {MAM}><start id='{}' timestamp='2001-09-09T01:46:40.000Z'/>
             <end id='{}' timestamp='2001-09-09T01:49:40.000Z'/></metadata></iq>",
            id_of(&home, 0),
            id_of(&home, 3)
        ),
    );
    home.connects(PHONE).ends(PHONE);
    home.arrives("carl@example.org/new").skip_all();
    home.archive.clear();
    home.sends(DESK, &format!("<iq type='get' id='q'><metadata {MAM}/></iq>"));
    assert!(!holds(&home.next(DESK), "start"));
}

#[test]
fn both_sides_remember_under_the_id_that_the_receiver_saw() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(BERT).skip_all();
    home.sends(BERT, &format!("<message to='{DESK}' type='chat'><body>Hi</body></message>"));
    let got = home.next(DESK);
    let id = got.children().find(|child| child.name() == "stanza-id").unwrap();
    assert_eq!(id.attr("by"), Some("anna@example.org"));
    assert_eq!(id.attr("id"), Some(home.archive[0].id.as_str()));
    let owners: Vec<_> = home.archive.iter().map(|a| (a.owner.as_str(), a.with.as_str())).collect();
    assert_eq!(owners, [("anna@example.org", BERT), ("bert@example.org", DESK)]);
}

#[test]
fn preferences_decide_what_is_remembered() {
    let mut home = Home::friends();
    home.arrives(CARL).skip_all();
    let prefs = |otherwise: &str, lists: &str| {
        format!("<iq type='set' id='p'><prefs {MAM} default='{otherwise}'>{lists}</prefs></iq>")
    };
    let remembered = |home: &mut Home, from: &str| {
        home.archive.clear();
        home.sends(from, &format!("<message to='{DESK}' type='chat'><body>x</body></message>")).skip_all();
        home.archive.iter().any(|a| a.owner.as_str() == "anna@example.org")
    };
    home.sends(DESK, &prefs("roster", "<always/><never/>"));
    home.receives(DESK, &format!("<iq type='result'><prefs {MAM} default='roster'/></iq>"));
    assert_eq!((remembered(&mut home, BERT), remembered(&mut home, CARL)), (true, false));
    home.sends(DESK, &prefs("never", "<always><jid>carl@example.org</jid></always><never/>"));
    home.restarts().arrives(DESK).arrives(BERT).arrives(CARL).skip_all();
    assert_eq!((remembered(&mut home, BERT), remembered(&mut home, CARL)), (false, true));
    home.sends(DESK, &prefs("always", &format!("<always/><never><jid>{BERT}</jid></never>"))).skip_all();
    assert_eq!((remembered(&mut home, BERT), remembered(&mut home, CARL)), (false, true));
    home.sends(DESK, &format!("<iq type='get' id='p'><prefs {MAM}/></iq>"));
    home.receives(DESK, &format!("<iq><prefs {MAM} default='always'><never><jid>{BERT}</jid></never></prefs></iq>"));
    home.sends(DESK, &format!("<iq type='set' id='p'><prefs {MAM}/></iq>")).is_refused(DESK, "iq", "bad-request");
}

#[test]
fn notices_and_hints_are_not_remembered() {
    let mut home = Home::friends();
    for inside in [
        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
        "<body>x</body><no-store xmlns='urn:xmpp:hints'/>",
        "<body>x</body><no-permanent-store xmlns='urn:xmpp:hints'/>",
    ] {
        home.sends(BERT, &format!("<message to='{DESK}' type='chat'>{inside}</message>"));
    }
    home.sends(BERT, &format!("<message to='{DESK}' type='headline'><body>x</body></message>"));
    assert!(home.archive.is_empty());
    home.sends(BERT, &format!("<message to='{DESK}'><displayed xmlns='urn:xmpp:chat-markers:0' id='m'/></message>"));
    assert_eq!(home.archive.len(), 2);
}
