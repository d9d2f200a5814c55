//! Sessions over HTTP (XEP-0124, XEP-0206), as dialogues like the others: `Q1:` is the request of ticket 1, `R1:` the response to it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use sha1::{Digest, Sha1};
use xmpp::bosh::{Body, Session, Settings, Step, Terminate, refusal};
use xmpp::jid::Jid;
use xmpp::stream::{Question, Step as StreamStep};
use xmpp::wire::{Limits, StreamError, StreamErrorCondition};

use crate::dialogue::{self, START_US, delivery, lines, matches, short};

const BODY: &str = "<body xmlns='http://jabber.org/protocol/httpbind'";

struct Browser {
    session: Option<Session>,
    settings: Settings,
    now_us: i64,
    responses: BTreeMap<u64, String>,
    told: VecDeque<String>,
    question: Option<Question>,
}

impl Browser {
    fn new(settings: Settings) -> Self {
        let (responses, told) = (BTreeMap::new(), VecDeque::new());
        Self { session: None, settings, now_us: START_US, responses, told, question: None }
    }

    /// In a session of hold 1 with the visitors' domain, bound; the next rid is 4.
    fn bound() -> Self {
        let mut browser = Self::new(Settings::default());
        browser.run(
            "Q1: rid='1' to='visitors.example.org' wait='30' hold='1' ver='1.6' ack='1' xmpp:version='1.0'
             R1: <body *<mechanisms *</body>
             Q2: rid='2' sid='?'><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>
             R2: <body xmlns='http://jabber.org/protocol/httpbind'><success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></body>
             Q3: rid='3' sid='?' to='visitors.example.org' xmpp:restart='true'
             R3: <body xmlns='http://jabber.org/protocol/httpbind'><stream:features xmlns:stream='*'><bind *</stream:features></body>
             Q4: rid='4' sid='?'><iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>
             H: ask bind *
             A: bind
             R4: <body xmlns='http://jabber.org/protocol/httpbind'><iq xmlns='jabber:client' type='result' id='b'>*</iq></body>
             H: bound *",
        );
        browser
    }

    fn run(&mut self, script: &str) {
        for (who, what) in lines(script) {
            match who.as_str() {
                "H" => {
                    let told = self.told.pop_front().unwrap_or_else(|| panic!("told nothing, expected {what}"));
                    assert_eq!(matches(&what, &told), Some(told.len()), "told {told}, expected {what}");
                }
                "A" => {
                    let answer = dialogue::answer(&what, self.question.take().unwrap());
                    self.session().answer(answer, START_US);
                }
                "D" => {
                    let to = Jid::from(self.session().jid().unwrap().clone());
                    let now_us = self.now_us;
                    self.session().send(delivery(&what, to), now_us);
                }
                "T" => {
                    self.now_us += what.parse::<i64>().unwrap() * 1_000_000;
                    let now_us = self.now_us;
                    self.session().tick(now_us);
                }
                who if who.starts_with('Q') => self.asks(who[1..].parse().unwrap(), &what),
                who => {
                    let ticket = who[1..].parse().unwrap();
                    let heard = self.responses.remove(&ticket).unwrap_or_else(|| panic!("no {who}, expected {what}"));
                    assert_eq!(matches(&what, &heard), Some(heard.len()), "{who}: heard {heard}\nexpected {what}");
                }
            }
            self.collect();
        }
        assert!(self.responses.is_empty(), "unexpected: {:?}", self.responses);
        assert!(self.told.is_empty(), "unexpected: {:?}", self.told);
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("a session")
    }

    fn asks(&mut self, ticket: u64, what: &str) {
        let sid = self.session.as_ref().map(|session| session.sid().to_owned()).unwrap_or_default();
        let (attributes, elements) = what.split_once('>').unwrap_or((what, ""));
        let attributes = attributes.replace('?', &sid);
        let text = format!("{BODY} xmlns:xmpp='urn:xmpp:xbosh' {attributes}>{elements}</body>");
        let body = Body::read(text.as_bytes(), Limits::default()).unwrap();
        match &mut self.session {
            Some(session) => session.request(ticket, body, self.now_us),
            None => {
                let settings = Arc::new(dialogue::settings());
                let session = Session::new(self.settings, settings, true, [5; 32], (ticket, body), self.now_us);
                self.session = Some(session);
            }
        }
    }

    fn collect(&mut self) {
        let now_us = self.now_us;
        for step in self.session().take_steps(now_us) {
            match step {
                Step::Respond(ticket, bytes) => {
                    let before = self.responses.insert(ticket, String::from_utf8(bytes).unwrap());
                    assert_eq!(before, None, "two responses to {ticket}");
                }
                Step::Ended => self.told.push_back("ended".to_owned()),
                Step::Stream(step) => {
                    self.told.push_back(short(&step));
                    if let StreamStep::Ask(question) = step {
                        self.question = Some(question);
                    }
                }
            }
        }
    }
}

#[test]
fn a_session_begins() {
    let mut browser = Browser::new(Settings::default());
    browser.run(
        "Q1: rid='100' to='visitors.example.org' wait='3600' hold='5' ver='1.6' ack='1' xml:lang='en' xmpp:version='1.0'
         R1: <body xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'
          xmlns:stream='http://etherx.jabber.org/streams' sid='*' ver='1.6' wait='60' hold='1' requests='2' inactivity='60' polling='2'
          maxpause='120' xmpp:version='1.0' xmpp:restartlogic='true' from='visitors.example.org' ack='100'>
         <stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms *</stream:features></body>"
            .replace("\n          ", " ")
            .as_str(),
    );
    assert_eq!(browser.session().sid().len(), 24);
}

#[test]
fn words_both_ways() {
    Browser::bound().run(
        "Q5: rid='5' sid='?'
         D: <message from='a@b'><body>1</body></message>
         R5: <body xmlns='http://jabber.org/protocol/httpbind'><message xmlns='jabber:client' to='*' from='a@b'><body>1</body></message></body>
         D: <message from='a@b'><body>2</body></message>
         D: <message from='a@b'><body>3</body></message>
         Q6: rid='6' sid='?'><message xmlns='jabber:client' to='a@b'><body>x</body></message><presence xmlns='jabber:client'/>
         H: stanza <message *><body>x</body></message>
         H: stanza <presence *
         R6: <body *<body>2</body></message><message *<body>3</body></message></body>",
    );
}

#[test]
fn requests_are_held_no_longer_than_agreed() {
    let mut browser = Browser::bound();
    browser.run(
        "Q5: rid='5' sid='?'
         T: 29
         T: 1
         R5: <body xmlns='http://jabber.org/protocol/httpbind'/>
         Q6: rid='6' sid='?'
         Q7: rid='7' sid='?'
         R6: <body xmlns='http://jabber.org/protocol/httpbind' ack='7'/>",
    );
    let now_us = browser.now_us;
    assert_eq!(browser.session().deadline(), Some(now_us + 30_000_000));
}

#[test]
fn requests_may_arrive_in_any_order_within_the_window() {
    Browser::bound().run(
        "Q6: rid='6' sid='?'><message xmlns='jabber:client' to='a@b'><body>second</body></message>
         Q5: rid='5' sid='?'><message xmlns='jabber:client' to='a@b'><body>first</body></message>
         H: stanza *first*
         H: stanza *second*
         R5: <body * ack='6'/>",
    );
    Browser::bound().run(
        "Q7: rid='7' sid='?'
         R7: <body xmlns='http://jabber.org/protocol/httpbind' type='terminate' condition='item-not-found'/>
         H: ended",
    );
}

#[test]
fn a_lost_response_is_said_again() {
    Browser::bound().run(
        "Q5: rid='5' sid='?'><message xmlns='jabber:client' to='a@b'><body>x</body></message>
         H: stanza *
         D: <message from='a@b'><body>1</body></message>
         R5: <body *<body>1</body></message></body>
         Q50: rid='5' sid='?'><message xmlns='jabber:client' to='a@b'><body>x</body></message>
         R50: <body *<body>1</body></message></body>
         Q6: rid='6' sid='?'
         Q60: rid='6' sid='?'
         R6: <body xmlns='http://jabber.org/protocol/httpbind'/>
         D: <message from='a@b'><body>2</body></message>
         R60: <body *<body>2</body></message></body>
         Q2: rid='2' sid='?'
         R2: <body * condition='item-not-found'/>
         H: ended",
    );
}

#[test]
fn who_does_not_come_back_is_gone() {
    let mut browser = Browser::bound();
    browser.run("T: 59\nT: 1\nH: ended");
    browser.run("Q5: rid='5' sid='?'\nR5: <body * condition='item-not-found'/>");
    assert_eq!(browser.session().deadline(), None);
    assert!(browser.session.unwrap().end(START_US).jid.is_some());
}

#[test]
fn a_pause_is_granted_once() {
    Browser::bound().run(
        "Q5: rid='5' sid='?'
         Q6: rid='6' sid='?' pause='100'
         R5: <body * ack='6'/>
         R6: <body xmlns='http://jabber.org/protocol/httpbind'/>
         T: 99
         Q7: rid='7' sid='?'
         T: 30
         R7: <body xmlns='http://jabber.org/protocol/httpbind'/>
         T: 60
         H: ended",
    );
    Browser::bound().run("Q5: rid='5' sid='?' pause='121'\nR5: <body * condition='policy-violation'/>\nH: ended");
}

#[test]
fn the_client_ends_it() {
    Browser::bound().run(
        "Q5: rid='5' sid='?'
         Q6: rid='6' sid='?' type='terminate'><presence xmlns='jabber:client' type='unavailable'/>
         H: stanza <presence *type='unavailable'*
         H: ended
         R5: <body xmlns='http://jabber.org/protocol/httpbind' type='terminate'/>
         R6: <body xmlns='http://jabber.org/protocol/httpbind' type='terminate'/>",
    );
}

#[test]
fn the_server_ends_it() {
    let mut browser = Browser::bound();
    browser.run("Q5: rid='5' sid='?'");
    let error = StreamError::new(StreamErrorCondition::SystemShutdown, "");
    browser.session().close(Some(error), START_US);
    browser.collect();
    browser.run(
        "R5: <body * type='terminate' condition='system-shutdown'><stream:error *</stream:error></body>\nH: ended",
    );
    Browser::bound().run(
        "Q5: rid='5' sid='?'><message xmlns='jabber:client' from='eve@example.org'/>
         R5: <body * type='terminate' condition='remote-stream-error'><stream:error *<invalid-from *</stream:error></body>
         H: ended",
    );
}

#[test]
fn polling_has_its_pace() {
    let mut browser = Browser::new(Settings::default());
    browser.run(
        "Q1: rid='1' to='visitors.example.org' wait='60' hold='0'
         R1: <body * wait='0' hold='0' requests='1'*</body>
         Q2: rid='2' sid='?'
         R2: <body xmlns='http://jabber.org/protocol/httpbind'/>
         T: 2
         Q3: rid='3' sid='?'
         R3: <body xmlns='http://jabber.org/protocol/httpbind'/>
         T: 1
         Q4: rid='4' sid='?'
         R4: <body * condition='policy-violation'/>
         H: ended",
    );
}

fn hashed(key: &str) -> String {
    Sha1::digest(key.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn keys_follow_one_another() {
    let begun = || {
        let mut browser = Browser::new(Settings::default());
        let key = hashed(&hashed("secret"));
        browser.run(&format!("Q1: rid='1' to='visitors.example.org' hold='1' newkey='{key}'\nR1: <body *</body>"));
        browser
    };
    begun().run(&format!(
        "Q2: rid='2' sid='?' key='{}'
         Q3: rid='3' sid='?' key='secret' newkey='{}'
         R2: <body */>
         Q4: rid='4' sid='?' key='another'
         R3: <body */>",
        hashed("secret"),
        hashed("another"),
    ));
    for key in ["key='wrong'", ""] {
        begun().run(&format!("Q2: rid='2' sid='?' {key}\nR2: <body * condition='item-not-found'/>\nH: ended"));
    }
}

#[test]
fn sessions_that_do_not_begin() {
    for (attributes, condition) in [
        ("rid='1' hold='1'", "improper-addressing"),
        ("rid='1' to='example.com'", "host-unknown"),
        ("rid='1' to='example.org' xmpp:version='0.9'", "remote-stream-error"),
    ] {
        let mut browser = Browser::new(Settings::default());
        browser.run(&format!("Q1: {attributes}\nR1: <body * type='terminate' condition='{condition}'*\nH: ended"));
    }
}

#[test]
fn bodies_that_are_none() {
    let read = |text: &str| Body::read(text.as_bytes(), Limits::default()).unwrap_err();
    for text in [
        "",
        "hello",
        "<body rid='1'/>",
        "<body xmlns='http://jabber.org/protocol/httpbind'/>",
        "<body xmlns='http://jabber.org/protocol/httpbind' rid='x'/>",
        "<body xmlns='http://jabber.org/protocol/httpbind' rid='9007199254740992'/>",
        "<body xmlns='http://jabber.org/protocol/httpbind' rid='1' wait='-1'/>",
        "<body xmlns='http://jabber.org/protocol/httpbind' rid='1'>",
        "<!DOCTYPE a><body xmlns='http://jabber.org/protocol/httpbind' rid='1'/>",
    ] {
        assert_eq!(read(text), Terminate::BadRequest, "{text}");
    }
    let deep = format!("{BODY} rid='1'>{}{}</body>", "<a>".repeat(50_000), "</a>".repeat(50_000));
    assert_eq!(read(&deep), Terminate::PolicyViolation);
    assert!(String::from_utf8(refusal(Terminate::BadRequest)).unwrap().ends_with("condition='bad-request'/>"));
}

#[test]
fn large_bodies_are_for_those_who_are_logged_in() {
    let large = format!("<message xmlns='jabber:client' to='a@b'><body>{}</body></message>", "x".repeat(20_000));
    Browser::bound().run(&format!("Q5: rid='5' sid='?'>{large}\nH: stanza *"));
    let mut browser = Browser::new(Settings::default());
    browser.run(&format!(
        "Q1: rid='1' to='visitors.example.org'
         R1: <body *</body>
         Q2: rid='2' sid='?'>{large}
         R2: <body * condition='policy-violation'/>
         H: ended"
    ));
}
