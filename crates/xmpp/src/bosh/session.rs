//! A session: requests in, responses out, the stream in between; how long requests are held and how long nobody has to ask.

use std::collections::VecDeque;
use std::sync::Arc;

use jid::FullJid;

use crate::stream::{Answer, Ended, Settings as StreamSettings, Step as StreamStep, Stream, Suspended, Transport};
use crate::wire::{Delivery, Header, StreamError, StreamErrorCondition as Condition};

use super::body::{Body, Terminate, write};
use super::window::{Arrival, Window};

const MICROS: i64 = 1_000_000;

/// What holds for every session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Longest time that a request is held.
    pub wait_s: u32,
    /// Most requests held at once.
    pub hold: u32,
    /// How long a session lasts without a request.
    pub inactivity_s: u32,
    /// How long without a request if the client has asked for a pause.
    pub maxpause_s: u32,
    /// Shortest time between empty requests of a client that does not let them be held.
    pub polling_s: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { wait_s: 60, hold: 1, inactivity_s: 60, maxpause_s: 120, polling_s: 2 }
    }
}

/// What the host does next.
#[derive(Debug)]
pub enum Step {
    /// Respond to the request of this ticket.
    Respond(u64, Vec<u8>),
    /// What the stream says: `Ask`, `Bound`, `Resumed`, `Stanza` or `Active`.
    Stream(StreamStep),
    /// Forget the session and call `end`. Comes once.
    Ended,
}

/// A request that waits for something to be said.
#[derive(Debug)]
struct Open {
    rid: u64,
    ticket: u64,
    since_us: i64,
}

/// One client's session.
#[derive(Debug)]
pub struct Session {
    stream: Stream,
    sid: String,
    settings: Settings,
    wait_s: u32,
    hold: usize,
    acks: bool,
    window: Window,
    open: VecDeque<Open>,
    /// What waits for a request to carry it, written out.
    out: Vec<u8>,
    steps: Vec<Step>,
    /// Attributes of the first response, until it is sent.
    greeting: Option<Vec<(&'static str, String)>>,
    /// How long the next absence may be.
    absence_s: u32,
    /// No request is open since.
    absent_us: i64,
    /// The last empty request came then.
    polled_us: Option<i64>,
    over: bool,
}

impl Session {
    /// Begins a session with its first request. `secure` whether it came over TLS; `seed` is random and never used again.
    pub fn new(
        settings: Settings,
        stream_settings: Arc<StreamSettings>,
        secure: bool,
        seed: [u8; 32],
        (ticket, body): (u64, Body),
        now_us: i64,
    ) -> Self {
        let mut stream = Stream::new(stream_settings, Transport::Bosh { secure }, seed, now_us);
        let hold = body.hold.unwrap_or(1).min(settings.hold);
        let wait_s = if hold == 0 { 0 } else { body.wait_s.unwrap_or(settings.wait_s).min(settings.wait_s) };
        let mut session = Self {
            sid: stream.draw_name(),
            window: Window::new(&body, u64::from(hold) + 1),
            stream,
            settings,
            wait_s,
            hold: hold as usize,
            acks: body.acks,
            open: VecDeque::from([Open { rid: body.rid, ticket, since_us: now_us }]),
            out: Vec::new(),
            steps: Vec::new(),
            greeting: None,
            absence_s: settings.inactivity_s,
            absent_us: now_us,
            polled_us: None,
            over: false,
        };
        session.greeting = Some(session.greeting(&body));
        if body.to.is_none() {
            session.terminate(Terminate::ImproperAddressing);
            return session;
        }
        session.stream.received_header(&header(&body), now_us);
        session.take(body, now_us);
        session
    }

    /// What the session is found by. Unguessable.
    pub fn sid(&self) -> &str {
        &self.sid
    }

    /// The stream inside, to look at.
    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The client's address, once it has one.
    pub fn jid(&self) -> Option<&FullJid> {
        self.stream.jid()
    }

    /// A request with this session's `sid` has come.
    pub fn request(&mut self, ticket: u64, body: Body, now_us: i64) {
        if self.over {
            return self.steps.push(Step::Respond(ticket, super::refusal(Terminate::ItemNotFound)));
        }
        let rid = body.rid;
        match self.window.arrive(ticket, Box::new(body)) {
            Arrival::Next(body) => self.next(ticket, body, now_us),
            Arrival::Early(replaced) => {
                if let Some(replaced) = replaced {
                    self.steps.push(Step::Respond(replaced, write(&[], None, &[])));
                }
            }
            Arrival::Again(response) => self.steps.push(Step::Respond(ticket, response)),
            Arrival::Held => match self.open.iter_mut().find(|open| open.rid == rid) {
                Some(open) => {
                    let before = std::mem::replace(&mut open.ticket, ticket);
                    self.steps.push(Step::Respond(before, write(&[], None, &[])));
                }
                None => self.refuse(ticket, Terminate::ItemNotFound),
            },
            Arrival::Outside => self.refuse(ticket, Terminate::ItemNotFound),
        }
    }

    fn next(&mut self, ticket: u64, body: Box<Body>, now_us: i64) {
        let mut request = Some((ticket, body));
        while let Some((ticket, body)) = request {
            if self.over {
                return self.steps.push(Step::Respond(ticket, super::refusal(Terminate::ItemNotFound)));
            }
            if let Err(condition) = self.admit(&body, now_us) {
                return self.refuse(ticket, condition);
            }
            self.absence_s = self.settings.inactivity_s;
            self.open.push_back(Open { rid: body.rid, ticket, since_us: now_us });
            self.take(*body, now_us);
            request = self.window.follow();
        }
    }

    /// Whether a request may be carried out at all.
    fn admit(&mut self, body: &Body, now_us: i64) -> Result<(), Terminate> {
        if !self.window.unlocks(body) {
            return Err(Terminate::ItemNotFound);
        }
        if body.size > self.stream.bytes_max() {
            return Err(Terminate::PolicyViolation);
        }
        if body.pause_s.is_some_and(|pause_s| pause_s > self.settings.maxpause_s) {
            return Err(Terminate::PolicyViolation);
        }
        if self.hold == 0 && body.is_empty() {
            let before = self.polled_us.replace(now_us);
            if before.is_some_and(|before| now_us - before < i64::from(self.settings.polling_s) * MICROS) {
                return Err(Terminate::PolicyViolation);
            }
        } else {
            self.polled_us = None;
        }
        Ok(())
    }

    /// Carries out what a request says.
    fn take(&mut self, body: Body, now_us: i64) {
        if body.restarts {
            let mut header = header(&body);
            header.to.get_or_insert_with(|| self.stream.host_name().to_owned());
            self.stream.received_header(&header, now_us);
        }
        let Body { elements, terminates, pause_s, .. } = body;
        for element in elements {
            self.stream.received_element(element, now_us);
        }
        if terminates {
            self.stream.received_end(now_us);
        }
        self.pump(now_us);
        if let Some(pause_s) = pause_s {
            while !self.open.is_empty() && !self.over {
                self.respond(now_us);
            }
            self.absence_s = pause_s;
        }
    }

    /// The answer to the one open question.
    pub fn answer(&mut self, answer: Answer, now_us: i64) {
        self.stream.answer(answer, now_us);
        self.pump(now_us);
    }

    /// A stanza is to go to the client. It is on its way after the next `take_steps`.
    pub fn send(&mut self, delivery: Delivery, now_us: i64) {
        self.stream.send(delivery, now_us);
    }

    /// Ends the session from this side.
    pub fn close(&mut self, error: Option<StreamError>, now_us: i64) {
        self.stream.close(error, now_us);
        self.pump(now_us);
    }

    /// The client resumes its stream elsewhere (XEP-0198).
    pub fn detach(&mut self, now_us: i64) -> Option<Suspended> {
        let session = self.stream.detach(now_us);
        self.pump(now_us);
        session
    }

    /// What the host has to do now, in this order.
    pub fn take_steps(&mut self, now_us: i64) -> Vec<Step> {
        self.pump(now_us);
        std::mem::take(&mut self.steps)
    }

    /// The session is over: what remains of its stream.
    pub fn end(self, now_us: i64) -> Ended {
        self.stream.end(now_us)
    }

    /// When `tick` is to be called, in microseconds since the epoch.
    pub fn deadline(&self) -> Option<i64> {
        if self.over {
            return None;
        }
        let own = match self.open.front() {
            Some(open) => open.since_us + i64::from(self.wait_s) * MICROS,
            None => self.absent_us + i64::from(self.absence_s) * MICROS,
        };
        Some(self.stream.deadline().map_or(own, |deadline| deadline.min(own)))
    }

    /// It is so late now.
    pub fn tick(&mut self, now_us: i64) {
        self.stream.tick(now_us);
        self.pump(now_us);
        while self.open.front().is_some_and(|open| now_us >= open.since_us + i64::from(self.wait_s) * MICROS) {
            self.respond(now_us);
        }
        if !self.over && self.open.is_empty() && now_us >= self.absent_us + i64::from(self.absence_s) * MICROS {
            self.close(Some(StreamError::new(Condition::ConnectionTimeout, "no request")), now_us);
        }
    }

    /// Carries what the stream has said to where it goes.
    fn pump(&mut self, now_us: i64) {
        let mut closes = false;
        for step in self.stream.take_steps() {
            match step {
                StreamStep::Write(mut bytes) => self.out.append(&mut bytes),
                StreamStep::Close => closes = true,
                StreamStep::StartTls => {}
                step => self.steps.push(Step::Stream(step)),
            }
        }
        if closes {
            return self.terminate(Terminate::of(self.stream.error()));
        }
        while !self.open.is_empty() && (!self.out.is_empty() || self.open.len() > self.hold) {
            self.respond(now_us);
        }
    }

    /// Responds to the oldest request with all there is.
    fn respond(&mut self, now_us: i64) {
        let Some(open) = self.open.pop_front() else { return };
        let mut attributes = self.greeting.take().unwrap_or_default();
        if self.acks && self.window.received() > open.rid {
            attributes.push(("ack", self.window.received().to_string()));
        }
        let response = write(&attributes, None, &std::mem::take(&mut self.out));
        self.window.answer(open.rid, response.clone());
        self.steps.push(Step::Respond(open.ticket, response));
        self.absent_us = now_us;
    }

    /// Ends the session because of this request.
    fn refuse(&mut self, ticket: u64, condition: Terminate) {
        self.steps.push(Step::Respond(ticket, super::refusal(condition)));
        self.stream.close(Some(StreamError::new(Condition::PolicyViolation, "")), self.absent_us);
        drop(self.stream.take_steps());
        self.out.clear();
        self.terminate(condition);
    }

    fn terminate(&mut self, condition: Terminate) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        let payload = std::mem::take(&mut self.out);
        for (index, open) in std::mem::take(&mut self.open).into_iter().enumerate() {
            let payload = if index == 0 { payload.as_slice() } else { &[] };
            self.steps.push(Step::Respond(open.ticket, write(&[], Some(condition), payload)));
        }
        for ticket in self.window.let_go() {
            self.steps.push(Step::Respond(ticket, super::refusal(Terminate::ItemNotFound)));
        }
        self.steps.push(Step::Ended);
    }

    /// What the first response says about the session (XEP-0124 §7.2, XEP-0206 §3).
    fn greeting(&self, body: &Body) -> Vec<(&'static str, String)> {
        let mut greeting = vec![
            ("xmlns:xmpp", super::NS_XBOSH.to_owned()),
            ("xmlns:stream", crate::wire::NS_STREAMS.to_owned()),
            ("sid", self.sid.clone()),
            ("ver", "1.6".to_owned()),
            ("wait", self.wait_s.to_string()),
            ("hold", self.hold.to_string()),
            ("requests", (self.hold + 1).to_string()),
            ("inactivity", self.settings.inactivity_s.to_string()),
            ("polling", self.settings.polling_s.to_string()),
            ("maxpause", self.settings.maxpause_s.to_string()),
            ("xmpp:version", "1.0".to_owned()),
            ("xmpp:restartlogic", "true".to_owned()),
        ];
        greeting.extend(body.to.clone().map(|to| ("from", to)));
        if self.acks {
            greeting.push(("ack", body.rid.to_string()));
        }
        greeting
    }
}

/// What stands for the stream's header.
fn header(body: &Body) -> Header {
    Header {
        to: body.to.clone(),
        from: body.from.clone(),
        // Clients from before XEP-0206 do not say it.
        version: Some(body.version.clone().unwrap_or_else(|| "1.0".to_owned())),
        lang: body.lang.clone(),
    }
}
