//! A client over HTTP that sends anything: bodies in any order, twice, too early, with pauses and keys, while time passes. No
//! request breaks a session, each gets one response that can be read, none waits longer than agreed, and a session that is over
//! answers nothing but that.
//!
//! The first byte chooses the settings; a line each follows: its first character says what happens.

#![no_main]

use std::collections::BTreeSet;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use xmpp::bosh::{Body, Session, Settings, Step};
use xmpp::jid::Jid;
use xmpp::stream::{Answer, Host, Logins, Question, Settings as StreamSettings, Step as StreamStep};
use xmpp::wire::{Delivery, Limits, Shared, read_frame};
use xmpp::xmpp_parsers::message::Message;
use xmpp::xmpp_parsers::stanza::Stanza;

const LINES_MAX: usize = 80;
const WAIT_S: u32 = 30;

struct World {
    session: Option<Session>,
    settings: Settings,
    stream: Arc<StreamSettings>,
    question: Option<Question>,
    tickets: u64,
    /// Requests without a response, and since when.
    waiting: BTreeSet<u64>,
    rid: u64,
    ended: bool,
    now_us: i64,
}

fuzz_target!(|text: &str| {
    let Some(house) = text.bytes().next() else { return };
    let hosts = vec![Host { name: "visitors.example.org".to_owned(), logins: Logins::Anonymous }];
    let mut world = World {
        session: None,
        settings: Settings { wait_s: WAIT_S, hold: u32::from(house & 3), ..Settings::default() },
        stream: Arc::new(StreamSettings::new(hosts, [1; 32])),
        question: None,
        tickets: 0,
        waiting: BTreeSet::new(),
        rid: 1,
        ended: false,
        now_us: 0,
    };
    for line in text.get(1..).unwrap_or_default().lines().take(LINES_MAX) {
        let mut chars = line.chars();
        let Some(act) = chars.next() else { continue };
        world.act(act, chars.as_str());
        world.judge();
    }
});

impl World {
    fn act(&mut self, act: char, said: &str) {
        match act {
            // The next request, the same once more, one that is too early, any body at all.
            '-' => {
                self.asks(self.rid, said);
                self.rid += 1;
            }
            '=' => self.asks(self.rid.saturating_sub(1), said),
            '+' => self.asks(self.rid + 1, said),
            '*' => self.brings(said.to_owned()),
            'T' => {
                self.now_us += said.len() as i64 * 1_000_000;
                if let Some(session) = &mut self.session {
                    session.tick(self.now_us);
                }
            }
            'D' => self.deliver(),
            'C' => {
                if let Some(session) = &mut self.session {
                    session.close(None, self.now_us);
                }
            }
            _ => self.answer(),
        }
    }

    fn asks(&mut self, rid: u64, said: &str) {
        let (attributes, elements) = said.split_once('>').unwrap_or((said, ""));
        let own = "xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh' xmpp:version='1.0'";
        self.brings(format!("<body {own} rid='{rid}' {attributes}>{elements}</body>"));
    }

    fn brings(&mut self, body: String) {
        let Ok(body) = Body::read(body.as_bytes(), Limits::default()) else { return };
        self.tickets += 1;
        self.waiting.insert(self.tickets);
        match &mut self.session {
            Some(session) => session.request(self.tickets, body, self.now_us),
            None => {
                let first = (self.tickets, body);
                let stream = Arc::clone(&self.stream);
                self.session = Some(Session::new(self.settings, stream, true, [2; 32], first, self.now_us));
            }
        }
    }

    fn deliver(&mut self) {
        let Some(session) = &mut self.session else { return };
        let Some(to) = session.jid().cloned().map(Jid::from) else { return };
        let Ok(stanza) = Shared::new(&Stanza::Message(Message::chat(None))) else { return };
        session.send(Delivery { to, stanza: Arc::new(stanza) }, self.now_us);
    }

    fn answer(&mut self) {
        let (Some(question), Some(session)) = (self.question.take(), &mut self.session) else { return };
        let answer = match question {
            Question::Bind { account, resource, .. } => Answer::Bind(Ok(account.with_resource(&resource))),
            _ => Answer::Unavailable,
        };
        session.answer(answer, self.now_us);
    }

    fn judge(&mut self) {
        let Some(session) = &mut self.session else { return };
        for step in session.take_steps(self.now_us) {
            match step {
                Step::Respond(ticket, bytes) => {
                    assert!(self.waiting.remove(&ticket), "no such request");
                    assert!(
                        read_frame(&bytes, Limits { bytes_before_login: 1 << 20, ..Limits::default() }, false).is_ok()
                    );
                }
                Step::Stream(StreamStep::Ask(question)) => self.question = Some(question),
                Step::Stream(StreamStep::Write(_) | StreamStep::StartTls | StreamStep::Close) => {
                    panic!("not over HTTP")
                }
                Step::Stream(step) => assert!(!self.ended, "after the end: {step:?}"),
                Step::Ended => assert!(!std::mem::replace(&mut self.ended, true), "two ends"),
            }
        }
        if self.ended {
            assert!(self.waiting.is_empty(), "forgotten requests");
            assert_eq!(session.deadline(), None);
        } else {
            assert!(self.waiting.len() <= 2 * (self.settings.hold as usize + 1), "too many held");
            assert!(session.deadline().is_some_and(|deadline| deadline <= self.now_us + 200_000_000));
        }
    }
}
