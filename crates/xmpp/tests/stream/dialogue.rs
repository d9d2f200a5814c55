//! Runs a dialogue written as text. Each line begins with who acts:
//!
//! - `C:` the client sends this;
//! - `S:` the client hears this, `*` standing for anything; on a WebSocket, one frame;
//! - `H:` the host is told this: `starttls`, `close`, `ask …`, `bound …`, `resumed …`, `stanza …`, `active …`;
//! - `A:` the host answers: `keys` (of the password `pencil`), `nothing`, `yes`, `no`, `bind`, `bind conflict`, `later`;
//! - `D:` the host delivers a stanza to the client;
//! - `T:` so many seconds pass;
//! - `TLS:` the handshake is done.
//!
//! A line that begins with none of these goes on with the one before. In the end nothing may be left unsaid.

use std::collections::VecDeque;
use std::sync::Arc;

use xmpp::jid::{FullJid, Jid};
use xmpp::minidom::Element;
use xmpp::stream::{
    Answer, BindRefusal, Bindings, Ended, Host, Logins, Question, Settings, StartTls, Step, Stream, Suspended,
    Transport,
};
use xmpp::wire::{Delivery, Shared};
use xmpp::xmpp_parsers::stanza::Stanza;

pub const START_US: i64 = 1_790_000_000_000_000;

/// A client, its stream and the host.
pub struct Dialogue {
    pub stream: Stream,
    pub now_us: i64,
    told: VecDeque<Step>,
    question: Option<Question>,
    frames: bool,
}

pub fn settings() -> Settings {
    let host = |name: &str, logins| Host { name: name.to_owned(), logins };
    let hosts = vec![host("example.org", Logins::Accounts), host("visitors.example.org", Logins::Anonymous)];
    Settings { iterations: 4_096, ..Settings::new(hosts, [9; 32]) }
}

impl Dialogue {
    pub fn over(transport: Transport) -> Self {
        Self::with(settings(), transport)
    }

    pub fn with(settings: Settings, transport: Transport) -> Self {
        let frames = matches!(transport, Transport::WebSocket { .. });
        let stream = Stream::new(Arc::new(settings), transport, [7; 32], START_US);
        Self { stream, now_us: START_US, told: VecDeque::new(), question: None, frames }
    }

    /// Logged in on the visitors' domain and bound as `resource`.
    pub fn bound() -> Self {
        Self::bound_with(settings())
    }

    pub fn bound_with(settings: Settings) -> Self {
        let mut dialogue = Self::binding(settings);
        dialogue.run(
            "C: <iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>
             H: ask bind * r asked
             A: bind
             S: <iq type='result' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>*@visitors.example.org/r</jid></bind></iq>
             H: bound *@visitors.example.org/r",
        );
        dialogue
    }

    /// Logged in on the visitors' domain, the features read.
    pub fn binding(settings: Settings) -> Self {
        let mut dialogue = Self::with(settings, Transport::Tcp(StartTls::Absent));
        let header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
                      to='visitors.example.org' version='1.0'>";
        dialogue.run(&format!(
            "C: {header}
             S: *</stream:features>
             C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>
             S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
             C: {header}
             S: *</stream:features>"
        ));
        dialogue
    }

    pub fn run(&mut self, script: &str) {
        for (who, what) in lines(script) {
            self.act(&who, &what);
        }
        self.collect();
        assert!(self.told.is_empty(), "left unsaid: {:?}", self.told.iter().map(short).collect::<Vec<_>>());
    }

    fn act(&mut self, who: &str, what: &str) {
        match who {
            "C" => self.stream.received(what.as_bytes(), self.now_us),
            "S" => self.hears(what),
            "H" => self.is_told(what),
            "A" => self.answers(what),
            "D" => self.delivers(what),
            "T" => {
                self.now_us += what.parse::<i64>().unwrap() * 1_000_000;
                self.stream.tick(self.now_us);
            }
            "TLS" => {
                let bindings = Bindings { exporter: Some(vec![1; 32]), server_end_point: Some(vec![2; 32]) };
                self.stream.tls_done(bindings, self.now_us);
            }
            _ => panic!("who is {who}?"),
        }
    }

    fn collect(&mut self) {
        for step in self.stream.take_steps() {
            match (step, self.told.back_mut()) {
                (Step::Write(more), Some(Step::Write(bytes))) if !self.frames => bytes.extend_from_slice(&more),
                (step, _) => self.told.push_back(step),
            }
        }
    }

    fn hears(&mut self, pattern: &str) {
        self.collect();
        let Some(Step::Write(bytes)) = self.told.front_mut() else {
            panic!("nothing to hear, expected {pattern}, but {:?}", self.told.front().map(short));
        };
        let text = String::from_utf8(bytes.clone()).unwrap();
        let Some(length) = matches(pattern, &text) else { panic!("heard {text}\nexpected {pattern}") };
        bytes.drain(..length);
        let rest = bytes.is_empty();
        assert!(rest || !self.frames, "a frame with more than {pattern}");
        if rest {
            self.told.pop_front();
        }
    }

    fn is_told(&mut self, pattern: &str) {
        self.collect();
        let step = self.told.pop_front().unwrap_or_else(|| panic!("told nothing, expected {pattern}"));
        let text = short(&step);
        assert_eq!(matches(pattern, &text), Some(text.len()), "told {text}\nexpected {pattern}");
        if let Step::Ask(question) = step {
            self.question = Some(question);
        }
    }

    fn answers(&mut self, what: &str) {
        let answer = answer(what, self.question.take().expect("a question is open"));
        self.stream.answer(answer, self.now_us);
    }

    pub fn answers_with(&mut self, answer: Answer) {
        self.stream.answer(answer, self.now_us);
    }

    pub fn delivers(&mut self, stanza: &str) {
        let to = Jid::from(self.jid());
        self.stream.send(delivery(stanza, to), self.now_us);
    }

    pub fn jid(&self) -> FullJid {
        self.stream.jid().expect("bound").clone()
    }

    /// Everything that the client has heard and that no line has expected.
    pub fn heard(&mut self) -> String {
        self.collect();
        let mut heard = String::new();
        self.told.retain(|step| match step {
            Step::Write(bytes) => {
                heard.push_str(str::from_utf8(bytes).unwrap());
                false
            }
            _ => true,
        });
        heard
    }

    /// What the host was told and no line has expected.
    pub fn steps(&mut self) -> Vec<Step> {
        self.collect();
        self.told.drain(..).collect()
    }

    pub fn ends(self) -> Ended {
        self.stream.end(self.now_us)
    }

    pub fn loses_connection(self) -> Suspended {
        self.ends().suspended.expect("a session that can be resumed")
    }
}

pub fn delivery(stanza: &str, to: Jid) -> Delivery {
    let stanza: Stanza = stanza_of(stanza);
    Delivery { to, stanza: Arc::new(Shared::new(&stanza).unwrap()) }
}

/// A stanza written without its namespace.
pub fn stanza_of(xml: &str) -> Stanza {
    let at = xml.find([' ', '>', '/']).unwrap();
    let element: Element = format!("{} xmlns='jabber:client'{}", &xml[..at], &xml[at..]).parse().unwrap();
    Stanza::try_from(element).unwrap()
}

pub fn lines(script: &str) -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.split_once(": ").or_else(|| line.strip_suffix(':').map(|who| (who, ""))) {
            Some((who, what)) if is_somebody(who) => {
                lines.push((who.to_owned(), what.to_owned()));
            }
            _ => lines.last_mut().expect("a first line").1.push_str(line),
        }
    }
    lines
}

fn is_somebody(who: &str) -> bool {
    matches!(who, "C" | "S" | "H" | "A" | "D" | "T" | "TLS")
        || who.strip_prefix(['Q', 'R']).is_some_and(|ticket| ticket.parse::<u64>().is_ok())
}

/// A step in few words.
pub fn short(step: &Step) -> String {
    match step {
        Step::Write(bytes) => format!("write {}", String::from_utf8_lossy(bytes)),
        Step::StartTls => "starttls".to_owned(),
        Step::Ask(Question::Keys { account, hash }) => format!("ask keys {account} {hash:?}"),
        Step::Ask(Question::Password { account, password }) => format!("ask password {account} {}", password.0),
        Step::Ask(Question::Bind { account, resource, asked }) => {
            format!("ask bind {account} {resource}{}", if *asked { " asked" } else { "" })
        }
        Step::Ask(Question::Resume { account, id }) => format!("ask resume {account} {id}"),
        Step::Bound(jid) => format!("bound {jid}"),
        Step::Resumed(jid) => format!("resumed {jid}"),
        Step::Stanza(stanza) => {
            let mut bytes = Vec::new();
            let to = Jid::new("to.example").unwrap();
            Shared::new(stanza).unwrap().write_to(&to, &mut bytes);
            format!("stanza {}", String::from_utf8(bytes).unwrap().replacen(" to='to.example'", "", 1))
        }
        Step::Active(active) => format!("active {active}"),
        Step::Close => "close".to_owned(),
    }
}

/// How much of the text the pattern covers, each `*` as little as possible.
pub fn matches(pattern: &str, text: &str) -> Option<usize> {
    let mut pieces = pattern.split('*');
    let mut at = pieces.next()?.len();
    if !text.starts_with(&pattern[..at]) {
        return None;
    }
    let pieces: Vec<&str> = pieces.collect();
    for (index, piece) in pieces.iter().enumerate() {
        if piece.is_empty() && index + 1 == pieces.len() {
            return Some(text.len());
        }
        at += text[at..].find(piece)? + piece.len();
    }
    Some(at)
}

/// What the host says in few words, as an answer.
pub fn answer(what: &str, question: Question) -> Answer {
    match (what, question) {
        ("keys", Question::Keys { hash, .. }) => Answer::Keys(Some(crate::scram::keys("pencil", hash))),
        ("nothing", Question::Keys { .. }) => Answer::Keys(None),
        ("nothing", _) => Answer::Resume(None),
        ("yes", _) => Answer::Password(true),
        ("no", _) => Answer::Password(false),
        ("later", _) => Answer::Unavailable,
        ("bind", Question::Bind { account, resource, .. }) => Answer::Bind(Ok(account.with_resource(&resource))),
        ("bind conflict", _) => Answer::Bind(Err(BindRefusal::Conflict)),
        (what, question) => panic!("{what} is no answer to {question:?}"),
    }
}
