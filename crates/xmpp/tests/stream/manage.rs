//! Stream management (XEP-0198): counting on both sides, requests, resumption, what is handed back.

use xmpp::jid::Jid;
use xmpp::stream::{Answer, Settings, Step, Suspended};

use crate::dialogue::{Dialogue, delivery, settings};

const ENABLE: &str = "C: <enable xmlns='urn:xmpp:sm:3' resume='true'/>
                      S: <enabled xmlns='urn:xmpp:sm:3' id='*' resume='true' max='300'/>";

fn managed() -> Dialogue {
    let mut dialogue = Dialogue::bound();
    dialogue.run(ENABLE);
    dialogue
}

/// The text of a message with this body, as it is heard.
fn heard(body: &str) -> String {
    format!("<message to='*' from='a@b'><body>{body}</body></message>")
}

fn said(body: &str) -> String {
    format!("<message from='a@b'><body>{body}</body></message>")
}

/// A client that comes back for a session.
fn comes_back(settings: Settings, session: Suspended, h: u32) -> Dialogue {
    let mut dialogue = Dialogue::binding(settings);
    let id = session.id().to_owned();
    dialogue.run(&format!(
        "C: <resume xmlns='urn:xmpp:sm:3' h='{h}' previd='{id}'/>
         H: ask resume *@visitors.example.org {id}"
    ));
    dialogue.answers_with(Answer::Resume(Some(Box::new(session))));
    dialogue
}

#[test]
fn both_sides_count() {
    managed().run(&format!(
        "C: <r xmlns='urn:xmpp:sm:3'/>
         S: <a xmlns='urn:xmpp:sm:3' h='0'/>
         C: <presence/><message to='a@b'/><iq type='get'/><r xmlns='urn:xmpp:sm:3'/>
         H: stanza *
         H: stanza *
         S: *</iq><a xmlns='urn:xmpp:sm:3' h='3'/>
         S: <r xmlns='urn:xmpp:sm:3'/>
         C: <a xmlns='urn:xmpp:sm:3' h='1'/>
         D: {}
         D: {}
         S: {}{}<r xmlns='urn:xmpp:sm:3'/>
         D: {}
         S: {}
         C: <a xmlns='urn:xmpp:sm:3' h='3'/>
         S: <r xmlns='urn:xmpp:sm:3'/>
         C: <a xmlns='urn:xmpp:sm:3' h='4'/>",
        said("1"),
        said("2"),
        heard("1"),
        heard("2"),
        said("3"),
        heard("3"),
    ));
}

#[test]
fn enabling() {
    let failed =
        "<failed xmlns='urn:xmpp:sm:3'><unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";
    Dialogue::bound().run(&format!(
        "C: <r xmlns='urn:xmpp:sm:3'/>
         S: {failed}
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <enabled xmlns='urn:xmpp:sm:3'/>
         C: <enable xmlns='urn:xmpp:sm:3'/>
         S: {failed}
         C: <resume xmlns='urn:xmpp:sm:3' h='0' previd='x'/>
         S: {failed}"
    ));
    let elsewhere = Settings { resume_location: Some("xmpp.example.org:5223".to_owned()), ..settings() };
    Dialogue::bound_with(elsewhere).run(
        "C: <enable xmlns='urn:xmpp:sm:3' resume='1' max='60'/>
         S: <enabled xmlns='urn:xmpp:sm:3' id='*' resume='true' max='60' location='xmpp.example.org:5223'/>",
    );
    let mut never = settings();
    never.timings.resume_s = 0;
    Dialogue::bound_with(never)
        .run("C: <enable xmlns='urn:xmpp:sm:3' resume='true'/>\nS: <enabled xmlns='urn:xmpp:sm:3'/>");
}

#[test]
fn more_than_was_sent_cannot_be_acknowledged() {
    managed().run(&format!(
        "D: {}
         S: {}<r xmlns='urn:xmpp:sm:3'/>
         C: <a xmlns='urn:xmpp:sm:3' h='2'/>
         S: <stream:error><undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>*
         <handled-count-too-high xmlns='urn:xmpp:sm:3' h='2' send-count='1'/></stream:error></stream:stream>",
        said("1"),
        heard("1")
    ));
}

#[test]
fn who_does_not_acknowledge_is_cut_and_may_come_back() {
    let mut dialogue = managed();
    dialogue.run(&format!(
        "D: {}
         S: {}<r xmlns='urn:xmpp:sm:3'/>
         T: 59
         T: 1
         S: <stream:error><connection-timeout *</stream:stream>
         H: close",
        said("1"),
        heard("1")
    ));
    let now_us = dialogue.now_us;
    let session = dialogue.loses_connection();
    assert_eq!(session.deadline_us(), now_us + 300_000_000);
    assert_eq!(session.expire().len(), 1);
}

#[test]
fn a_session_goes_on() {
    let mut dialogue = managed();
    dialogue.run(&format!(
        "C: <presence/>
         H: stanza *
         D: {}
         D: {}
         D: {}
         S: {}{}{}<r xmlns='urn:xmpp:sm:3'/>",
        said("1"),
        said("2"),
        said("3"),
        heard("1"),
        heard("2"),
        heard("3")
    ));
    let jid = dialogue.jid();
    let mut session = dialogue.loses_connection();
    assert_eq!(session.jid(), &jid);
    assert!(session.hold(delivery(&said("4"), Jid::from(jid.clone()))).is_ok());
    let mut again = comes_back(settings(), session, 1);
    again.run(&format!(
        "S: <resumed xmlns='urn:xmpp:sm:3' h='1' previd='*'/>{}{}{}
         H: resumed {jid}
         S: <r xmlns='urn:xmpp:sm:3'/>
         C: <a xmlns='urn:xmpp:sm:3' h='4'/><presence/><r xmlns='urn:xmpp:sm:3'/>
         H: stanza <presence from='{jid}'>*</presence>
         S: <a xmlns='urn:xmpp:sm:3' h='2'/>",
        heard("2"),
        heard("3"),
        heard("4")
    ));
    assert!(again.loses_connection().expire().is_empty());
}

#[test]
fn nothing_to_resume() {
    let mut dialogue = Dialogue::binding(settings());
    dialogue.run(
        "C: <resume xmlns='urn:xmpp:sm:3' h='0' previd='gone'/>
         H: ask resume * gone
         A: nothing
         S: <failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>
         C: <resume xmlns='urn:xmpp:sm:3' previd='gone'/>
         S: <failed xmlns='urn:xmpp:sm:3'><bad-request *</failed>
         C: <iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>
         H: ask bind *
         A: bind
         S: *</iq>
         H: bound *",
    );
}

#[test]
fn a_resumed_session_with_an_impossible_count_ends() {
    let mut dialogue = managed();
    dialogue.run(&format!("D: {}\nS: *<r xmlns='urn:xmpp:sm:3'/>", said("1")));
    let mut again = comes_back(settings(), dialogue.loses_connection(), 7);
    again.run("S: <stream:error><undefined-condition *<handled-count-too-high *</stream:stream>");
    let ended = again.ends();
    assert!(ended.jid.is_some() && ended.suspended.is_none());
    assert_eq!(ended.undelivered.len(), 1);
}

#[test]
fn the_old_connection_gives_way() {
    let mut old = managed();
    old.run(&format!("D: {}\nS: *<r xmlns='urn:xmpp:sm:3'/>", said("1")));
    let session = old.stream.detach(old.now_us).unwrap();
    old.run("S: <stream:error><conflict *</stream:stream>");
    let mut again = comes_back(settings(), session, 0);
    again.run(&format!("S: <resumed *>{}\nH: resumed *\nS: <r xmlns='urn:xmpp:sm:3'/>", heard("1")));
    let ended = old.ends();
    assert!(ended.jid.is_none() && ended.suspended.is_none() && ended.undelivered.is_empty());
    assert!(Dialogue::bound().stream.detach(0).is_none());
}

#[test]
fn goodbye_means_goodbye() {
    let mut dialogue = managed();
    dialogue.run(&format!(
        "D: {}
         S: *<r xmlns='urn:xmpp:sm:3'/>
         C: </stream:stream>
         S: </stream:stream>
         H: close",
        said("1")
    ));
    let ended = dialogue.ends();
    assert!(ended.suspended.is_none());
    assert_eq!(ended.undelivered.len(), 1);
    assert!(ended.undelivered[0].to_stanza().is_some());
}

#[test]
fn a_client_that_never_acknowledges_costs_no_more_than_this() {
    let mut dialogue = Dialogue::bound_with(Settings { unacked: 3, ..settings() });
    dialogue.run(ENABLE);
    for body in ["1", "2", "3", "4", "5"] {
        dialogue.delivers(&said(body));
    }
    let heard = dialogue.heard();
    assert!(heard.contains("<resource-constraint ") && !heard.contains("<body>5"), "{heard}");
    let ended = dialogue.ends();
    assert!(ended.suspended.is_none());
    assert_eq!(ended.undelivered.len(), 5);
    let mut session = {
        let mut dialogue = Dialogue::bound_with(Settings { unacked_bytes: 100, ..settings() });
        dialogue.run(ENABLE);
        dialogue.loses_connection()
    };
    let one = delivery(&said(&"x".repeat(40)), Jid::new("a@b/c").unwrap());
    assert!(session.hold(one.clone()).is_ok());
    assert_eq!(session.hold(one.clone()), Err(one));
}

#[test]
fn presences_kept_back_are_not_lost_with_the_connection() {
    let mut dialogue = managed();
    dialogue.run(
        "C: <inactive xmlns='urn:xmpp:csi:0'/>
         H: active false
         D: <presence from='room@c/a'/>",
    );
    assert_eq!(dialogue.loses_connection().expire().len(), 1);
}

#[test]
fn an_answer_that_comes_after_the_end_loses_nothing() {
    let mut old = managed();
    old.run(&format!("D: {}\nS: *<r xmlns='urn:xmpp:sm:3'/>", said("1")));
    let session = old.loses_connection();
    let id = session.id().to_owned();
    let mut dialogue = Dialogue::binding(settings());
    dialogue.run(&format!(
        "C: <resume xmlns='urn:xmpp:sm:3' h='0' previd='{id}'/>\nH: ask resume *\nT: 60\nS: *\nH: close"
    ));
    dialogue.answers_with(Answer::Resume(Some(Box::new(session))));
    assert!(!dialogue.steps().iter().any(|step| matches!(step, Step::Resumed(_))));
    let again = dialogue.loses_connection();
    assert_eq!(again.id(), id);
    assert_eq!(again.expire().len(), 1);
}
