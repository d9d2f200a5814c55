//! A client that sends anything, over TCP or WebSocket, in pieces of any size, while the host answers and time passes. No bytes
//! break a stream; who is not logged in says no stanza; every stanza is from the client itself; what is written can be read;
//! after the end nothing comes; a deadline is met by a tick.
//!
//! The first byte chooses the transport and how the host answers; a line each follows: its first character says what happens.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use xmpp::jid::Jid;
use xmpp::stream::{
    Answer, BindRefusal, Bindings, Hash, Host, Keys, Logins, Question, Settings, StartTls, Step, Stream, Suspended,
    Transport,
};
use xmpp::wire::{Delivery, Limits, Reader, Shared, read_frame};
use xmpp::xmpp_parsers::message::{Lang, Message};
use xmpp::xmpp_parsers::stanza::Stanza;

const LINES_MAX: usize = 80;
const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                      to='visitors.example.org' version='1.0'>";

struct World {
    stream: Stream,
    question: Option<Question>,
    answers: u8,
    frames: bool,
    /// Reads what the client hears.
    reader: Reader,
    bound: bool,
    over: bool,
    session: Option<Suspended>,
    now_us: i64,
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&house, rest)) = bytes.split_first() else { return };
    let mut world = World::new(house, 0, None);
    for line in rest.split(|byte| *byte == b'\n').take(LINES_MAX) {
        let Some((&act, said)) = line.split_first() else { continue };
        if !world.act(act, said) {
            let ended = world.stream.end(world.now_us);
            assert!(ended.suspended.as_ref().is_none_or(|session| Some(session.jid()) == ended.jid.as_ref()));
            world = World::new(house, world.now_us, ended.suspended.or(world.session));
        }
    }
    drop(world.stream.end(world.now_us));
});

impl World {
    fn new(house: u8, now_us: i64, session: Option<Suspended>) -> Self {
        let host = |name: &str, logins| Host { name: name.to_owned(), logins };
        let hosts = vec![host("example.org", Logins::Accounts), host("visitors.example.org", Logins::Anonymous)];
        let bindings = Bindings { exporter: Some(vec![1; 32]), server_end_point: None };
        let transport = match house & 3 {
            0 => Transport::Tcp(StartTls::Required),
            1 => Transport::Tcp(StartTls::Absent),
            2 => Transport::DirectTls(bindings),
            _ => Transport::WebSocket { secure: true },
        };
        let limits = Limits { bytes: 2_000, bytes_before_login: 1_000, depth: 8, ..Limits::default() };
        let settings = Settings { limits, unacked: 6, held_presences: 2, ..Settings::new(hosts, [9; 32]) };
        let stream = Stream::new(Arc::new(settings), transport, [house; 32], now_us);
        let reader = Reader::new(Limits::default(), true);
        let (frames, answers) = (house & 3 == 3, house >> 2);
        Self { stream, question: None, answers, frames, reader, bound: false, over: false, session, now_us }
    }

    /// Whether the stream goes on.
    fn act(&mut self, act: u8, said: &[u8]) -> bool {
        match act {
            // In one piece, in pieces, a header, a break.
            b'-' => self.stream.received(said, self.now_us),
            b'.' => said.chunks(3).for_each(|piece| self.stream.received(piece, self.now_us)),
            b'>' if self.frames => {
                let open =
                    b"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='visitors.example.org' version='1.0'/>";
                self.stream.received(open, self.now_us);
            }
            b'>' => self.stream.received(HEADER.as_bytes(), self.now_us),
            b'R' => {
                let id = self.session.as_ref().map(|session| session.id().to_owned()).unwrap_or_default();
                let resume = format!("<resume xmlns='urn:xmpp:sm:3' h='{}' previd='{id}'/>", said.len());
                self.stream.received(resume.as_bytes(), self.now_us);
            }
            b'D' => self.deliver(said),
            b'T' => self.pass(said.len() as i64 * 10_000_000),
            b'L' => self.stream.tls_done(Bindings::default(), self.now_us),
            b'X' => return false,
            b'Y' => {
                let session = self.stream.detach(self.now_us);
                self.session = session.or(self.session.take());
            }
            b'C' => self.stream.close(None, self.now_us),
            _ => self.answer(),
        }
        self.judge();
        true
    }

    fn deliver(&mut self, said: &[u8]) {
        let Some(to) = self.stream.jid().cloned().map(Jid::from) else { return };
        let words = String::from_utf8_lossy(said).into_owned();
        let stanza = Stanza::Message(Message::chat(None).with_body(Lang::new(), words));
        let Ok(stanza) = Shared::new(&stanza) else { return };
        self.stream.send(Delivery { to, stanza: Arc::new(stanza) }, self.now_us);
    }

    fn pass(&mut self, time_us: i64) {
        self.now_us += time_us;
        let before = self.stream.deadline();
        self.stream.tick(self.now_us);
        if before.is_some_and(|deadline| deadline <= self.now_us) {
            assert_ne!(self.stream.deadline(), before, "a deadline that stays");
        }
    }

    fn answer(&mut self) {
        let Some(question) = self.question.take() else { return };
        let good = self.answers & 1 == 0;
        let answer = match question {
            Question::Keys { hash, .. } => {
                let length = if hash == Hash::Sha1 { 20 } else { 32 };
                let (stored, server) = (vec![1; length], vec![2; length]);
                Answer::Keys(good.then(|| Keys { salt: vec![3; 16], iterations: 4_096, stored, server }))
            }
            Question::Password { .. } => Answer::Password(good),
            Question::Bind { account, resource, .. } if good => Answer::Bind(Ok(account.with_resource(&resource))),
            Question::Bind { .. } => Answer::Bind(Err(BindRefusal::Conflict)),
            Question::Resume { account, id } => {
                let fits = self.session.take_if(|session| session.id() == id);
                // The accounts of visitors differ each time: only the id is looked at here.
                let _ = account;
                Answer::Resume(fits.map(Box::new))
            }
        };
        self.answers = self.answers.rotate_right(1);
        self.stream.answer(answer, self.now_us);
    }

    fn judge(&mut self) {
        for step in self.stream.take_steps() {
            assert!(!self.over, "after the end: {step:?}");
            match step {
                Step::Write(bytes) => self.hear(&bytes),
                Step::StartTls => self.reader = Reader::new(Limits::default(), true),
                Step::Ask(question) => {
                    assert!(self.question.replace(question).is_none(), "two questions");
                }
                Step::Bound(_) | Step::Resumed(_) => self.bound = true,
                Step::Stanza(stanza) => {
                    assert!(self.bound);
                    let from = match &*stanza {
                        Stanza::Message(message) => message.from.as_ref(),
                        Stanza::Presence(presence) => presence.from.as_ref(),
                        Stanza::Iq(iq) => iq.from(),
                    };
                    assert_eq!(from.map(Jid::as_str), self.stream.jid().map(|jid| jid.as_str()));
                    assert!(Shared::new(&stanza).is_ok());
                }
                Step::Active(_) => assert!(self.bound),
                Step::Close => self.over = true,
            }
        }
        if self.stream.is_closed() || !self.stream.wants_bytes() && self.question.is_some() {
            self.question = self.question.take().filter(|_| !self.stream.is_closed());
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        if self.frames {
            assert!(read_frame(bytes, Limits::default(), true).is_ok(), "{}", String::from_utf8_lossy(bytes));
            return;
        }
        let mut rest = bytes;
        loop {
            // A header begins a new document.
            if let Some(at) = rest.windows(5).position(|five| five == b"<?xml") {
                let mut before = &rest[..at];
                while self.reader.next(&mut before).is_ok_and(|unit| unit.is_some()) {}
                self.reader = Reader::new(Limits::default(), true);
                rest = &rest[at + 5..];
                let mut declaration = &b"<?xml"[..];
                assert!(matches!(self.reader.next(&mut declaration), Ok(None)));
                continue;
            }
            match self.reader.next(&mut rest) {
                Ok(Some(_)) => {}
                Ok(None) => return,
                Err(error) => panic!("{error} in {}", String::from_utf8_lossy(bytes)),
            }
        }
    }
}
