//! One client's stream and what goes on around it: questions that it asks, stanzas on their way to it, deadlines, and its end. How
//! bytes come and go is `tcp.rs`, `websocket.rs` and `bosh.rs`.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use desk::time::Time;
use xmpp::bosh;
use xmpp::stream::{Answer, Bindings, Settings, Step, Stream, Suspended, Transport};
use xmpp::wire::{StreamError, StreamErrorCondition};

use super::accounts;
use super::line::Line;
use super::pace::{Pace, Rates};
use super::router::{Place, Router};
use crate::auth;

/// What the connection has to do, in this order.
#[derive(Debug)]
pub enum Act {
    /// Send.
    Write(Vec<u8>),
    /// Respond to the BOSH request of this ticket.
    Respond(u64, Vec<u8>),
    /// After everything before is sent: shake hands.
    StartTls,
    /// After everything before is sent: close.
    Close,
}

/// A question that is being answered. A session that was found or made for the client comes with the answer.
type Asking = Pin<Box<dyn Future<Output = (Answer, Option<Place>)> + Send>>;
type Timer = Pin<Box<dyn Future<Output = ()> + Send>>;

/// One client.
pub struct Session {
    router: Router,
    line: Line,
    peer: IpAddr,
    place: Option<Place>,
    asking: Option<Asking>,
    timer: Option<(i64, Timer)>,
    pace: Pace,
    /// The client itself closed its stream in order.
    farewell: bool,
    /// The server ends the stream.
    cut: bool,
}

impl Session {
    /// A client has connected.
    pub fn new(router: Router, settings: Arc<Settings>, transport: Transport, peer: IpAddr) -> Self {
        let now_us = router.app().clock.now().0;
        let pace = Pace::new(Rates::from(&router.app().config.xmpp), now_us);
        let line = Line::Stream(Box::new(Stream::new(settings, transport, auth::random(), now_us)));
        Self { router, line, peer, place: None, asking: None, timer: None, pace, farewell: false, cut: false }
    }

    /// A client over BOSH has sent its first request. Also gives the session's id.
    pub fn over_bosh(
        router: Router,
        settings: Arc<Settings>,
        (bosh, secure): (bosh::Settings, bool),
        first: (u64, bosh::Body),
        peer: IpAddr,
    ) -> (Self, String) {
        let now_us = router.app().clock.now().0;
        let pace = Pace::new(Rates::from(&router.app().config.xmpp), now_us);
        let session = bosh::Session::new(bosh, settings, secure, auth::random(), first, now_us);
        let sid = session.sid().to_owned();
        let line = Line::Bosh(Box::new(session));
        let session =
            Self { router, line, peer, place: None, asking: None, timer: None, pace, farewell: false, cut: false };
        (session, sid)
    }

    fn now_us(&self) -> i64 {
        self.router.app().clock.now().0
    }

    /// Whether more should be read now.
    pub fn wants_bytes(&self) -> bool {
        // Whose stream is being closed is heard out at once.
        self.line.stream().wants_bytes() && (self.cut || self.reads_bodies())
    }

    /// Whether the next request over BOSH should be taken now.
    pub fn reads_bodies(&self) -> bool {
        self.pace.resumes_at(self.now_us()).is_none()
    }

    /// Bytes came, or a text frame.
    pub fn received(&mut self, bytes: &[u8]) {
        let now_us = self.now_us();
        // Stanzas are counted as they come out.
        let _ = self.pace.count(bytes.len(), 0, now_us);
        if let Line::Stream(stream) = &mut self.line {
            stream.received(bytes, now_us);
        }
    }

    /// A request over BOSH came.
    pub fn received_body(&mut self, ticket: u64, body: bosh::Body) {
        let now_us = self.now_us();
        let _ = self.pace.count(body.size(), 0, now_us);
        if let Line::Bosh(session) = &mut self.line {
            session.request(ticket, body, now_us);
        }
    }

    /// A frame without a stanza came, such as a ping of the transport: it counts as a stanza would.
    pub fn received_nothing(&mut self) {
        let now_us = self.now_us();
        if self.pace.count(0, 1, now_us).is_err() {
            self.end(StreamError::new(StreamErrorCondition::PolicyViolation, "Too many frames came at once."));
        }
    }

    /// The TLS handshake is done.
    pub fn tls_done(&mut self, bindings: Bindings) {
        let now_us = self.now_us();
        if let Line::Stream(stream) = &mut self.line {
            stream.tls_done(bindings, now_us);
        }
    }

    /// Ends the stream from this side.
    pub fn end(&mut self, reason: StreamError) {
        if !std::mem::replace(&mut self.cut, true) {
            let now_us = self.now_us();
            self.line.close(reason, now_us);
        }
    }

    /// Goes on: answers, mail if there is `space` for what it leads to, deadlines. `until_us` is when the connection wants to be
    /// woken itself. True if something came of it.
    pub fn poll(&mut self, cx: &mut Context<'_>, space: bool, until_us: Option<i64>, acts: &mut VecDeque<Act>) -> bool {
        let mut moved = self.poll_answer(cx);
        moved |= self.poll_mail(cx, space);
        moved |= self.poll_timer(cx, until_us);
        moved | self.take_steps(acts)
    }

    fn poll_answer(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(asking) = &mut self.asking else { return false };
        let Poll::Ready((answer, place)) = asking.as_mut().poll(cx) else { return false };
        self.asking = None;
        self.place = place.or(self.place.take());
        let now_us = self.now_us();
        self.line.answer(answer, now_us);
        true
    }

    fn poll_mail(&mut self, cx: &mut Context<'_>, space: bool) -> bool {
        let Some(place) = &self.place else { return false };
        let Poll::Ready(mail) = place.mailbox.poll_take(cx, space) else { return false };
        let mut moved = !mail.deliveries.is_empty();
        let now_us = self.router.app().clock.now().0;
        mail.deliveries.into_iter().for_each(|delivery| self.line.send(delivery, now_us));
        if let Some(asked) = mail.hand_over {
            moved = true;
            self.hand_over(asked);
        }
        match mail.ending {
            Some(reason) if !self.cut => {
                self.end(reason);
                true
            }
            _ => moved,
        }
    }

    /// The client resumes this session elsewhere, before this connection was known to be lost.
    fn hand_over(&mut self, asked: super::mailbox::HandOver) {
        if self.cut || self.line.stream().resumption_id() != Some(asked.id.as_str()) {
            return drop(asked.to.send(None));
        }
        let now_us = self.now_us();
        let detached = self.line.detach(now_us);
        let place = self.place.take();
        if let Err(Some(suspended)) = asked.to.send(detached.map(Box::new))
            && let Some(place) = place
        {
            // Whoever asked has gone meanwhile.
            tokio::spawn(away(self.router.clone(), place, *suspended));
        }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>, until_us: Option<i64>) -> bool {
        let mut fired = false;
        loop {
            let now_us = self.now_us();
            let paced = self.pace.resumes_at(now_us);
            let Some(due_us) = [self.line.deadline(), paced, until_us].into_iter().flatten().min() else {
                self.timer = None;
                return fired;
            };
            // A timer that is too early costs less than one for each change.
            if self.timer.as_ref().is_none_or(|(armed_us, _)| *armed_us > due_us) {
                let clock = self.router.app().clock.clone();
                self.timer = Some((due_us, Box::pin(async move { clock.sleep_until(Time(due_us)).await })));
            }
            let Some((_, timer)) = &mut self.timer else { return fired };
            if timer.as_mut().poll(cx).is_pending() {
                return fired;
            }
            self.timer = None;
            let now_us = self.now_us();
            if self.line.deadline().is_some_and(|deadline_us| deadline_us <= now_us) {
                self.line.tick(now_us);
            }
            fired = true;
            if until_us.is_some_and(|until_us| until_us <= now_us) {
                return true;
            }
        }
    }

    fn take_steps(&mut self, acts: &mut VecDeque<Act>) -> bool {
        let now_us = self.now_us();
        let before = acts.len();
        let steps = self.line.take_steps(now_us, acts);
        let moved = !steps.is_empty() || acts.len() > before;
        let mut stanzas = 0;
        for step in steps {
            match step {
                Step::Write(bytes) => acts.push_back(Act::Write(bytes)),
                Step::StartTls => acts.push_back(Act::StartTls),
                Step::Ask(question) => {
                    self.asking = Some(Box::pin(accounts::answer(self.router.clone(), self.peer, question)))
                }
                Step::Bound(_) | Step::Resumed(_) | Step::Active(_) => {}
                Step::Stanza(stanza) => {
                    stanzas += 1;
                    if let Some(place) = &self.place {
                        self.router.route(&place.jid, *stanza);
                    }
                }
                Step::Close => {
                    self.farewell |= !self.cut && self.line.stream().error().is_none();
                    acts.push_back(Act::Close);
                }
            }
        }
        if stanzas > 0 {
            let now_us = self.now_us();
            if self.pace.count(0, stanzas, now_us).is_err() {
                let text = "Too many stanzas came at once.";
                self.end(StreamError::new(StreamErrorCondition::PolicyViolation, text));
            }
        }
        moved
    }

    /// The connection is gone, for whatever reason.
    pub fn finish(mut self) {
        let now_us = self.now_us();
        let mut acts = VecDeque::new();
        self.take_steps(&mut acts);
        let ended = self.line.end(now_us);
        if let Some(asking) = self.asking.take() {
            tokio::spawn(orphan(self.router.clone(), asking));
        }
        let Some(place) = self.place.take() else { return };
        match ended.suspended {
            Some(suspended) => drop(tokio::spawn(away(self.router, place, suspended))),
            None => {
                self.router.end_session(&place.jid, &place.mailbox, !self.farewell);
                let mut undelivered = ended.undelivered;
                undelivered.extend(place.mailbox.close());
                self.router.undelivered(&place.jid, undelivered);
            }
        }
    }
}

/// A question whose asker has gone: a session that was found or made for it must not be left behind.
async fn orphan(router: Router, asking: Asking) {
    match asking.await {
        (Answer::Resume(Some(suspended)), Some(place)) => away(router, place, *suspended).await,
        (_, Some(place)) => {
            router.end_session(&place.jid, &place.mailbox, true);
            router.undelivered(&place.jid, place.mailbox.close());
        }
        (_, None) => {}
    }
}

/// A session without a connection: keeps what comes for it until its client resumes it or the time is up (XEP-0198).
async fn away(router: Router, place: Place, mut suspended: Suspended) {
    let clock = router.app().clock.clone();
    let deadline = Time(suspended.deadline_us());
    let mut overflow = Vec::new();
    loop {
        let mail = tokio::select! {
            mail = poll_fn(|cx| place.mailbox.poll_take(cx, true)) => mail,
            () = clock.sleep_until(deadline) => break,
        };
        let mut deliveries = mail.deliveries.into_iter();
        for delivery in deliveries.by_ref() {
            if let Err(back) = suspended.hold(delivery) {
                overflow.push(back);
                break;
            }
        }
        overflow.extend(deliveries);
        if !overflow.is_empty() || mail.ending.is_some() {
            break;
        }
        if let Some(asked) = mail.hand_over {
            if asked.id != suspended.id() {
                let _ = asked.to.send(None);
                continue;
            }
            match asked.to.send(Some(Box::new(suspended))) {
                Err(Some(back)) => suspended = *back,
                _ => return,
            }
        }
    }
    router.end_session(&place.jid, &place.mailbox, true);
    let mut undelivered = suspended.expire();
    undelivered.append(&mut overflow);
    undelivered.extend(place.mailbox.close());
    router.undelivered(&place.jid, undelivered);
}
