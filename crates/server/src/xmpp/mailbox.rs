//! What is on its way to one session: a bounded queue between whoever speaks and the task of the connection. Nothing here knows
//! what stanzas mean.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use tokio::sync::oneshot;
use xmpp::stream::Suspended;
use xmpp::wire::{Delivery, StreamError, StreamErrorCondition};

/// A session's mailbox. Whoever has stanzas for it posts; one task takes.
#[derive(Debug)]
pub struct Mailbox {
    inside: Mutex<Inside>,
    waker: AtomicWaker,
    max: usize,
}

#[derive(Debug, Default)]
struct Inside {
    deliveries: Vec<Delivery>,
    /// The session is to end for this reason.
    ending: Option<StreamError>,
    /// Somebody resumes this session elsewhere.
    hand_over: Option<HandOver>,
}

/// Somebody resumes a session elsewhere.
#[derive(Debug)]
pub struct HandOver {
    /// The session's id, as `Suspended::id` has it.
    pub id: String,
    /// Gets the session; nothing if it has another id.
    pub to: oneshot::Sender<Option<Box<Suspended>>>,
}

/// What was taken out of a mailbox.
#[derive(Debug)]
pub struct Mail {
    /// What goes to the client, in order.
    pub deliveries: Vec<Delivery>,
    /// The session is to end for this reason.
    pub ending: Option<StreamError>,
    /// Somebody resumes the session elsewhere.
    pub hand_over: Option<HandOver>,
}

impl Mailbox {
    /// An empty mailbox for so many stanzas.
    pub fn new(max: usize) -> Self {
        Self { inside: Mutex::default(), waker: AtomicWaker::new(), max }
    }

    /// Posts a stanza. A session whose mailbox is full ends: it must not slow anybody else down.
    pub fn post(&self, delivery: Delivery) {
        let mut inside = self.lock();
        if inside.ending.is_some() {
            return;
        }
        if inside.deliveries.len() < self.max {
            inside.deliveries.push(delivery);
        } else {
            let text = "Too much is waiting for this client.";
            inside.ending = Some(StreamError::new(StreamErrorCondition::ResourceConstraint, text));
        }
        drop(inside);
        self.waker.wake();
    }

    /// Ends the session; the first reason counts.
    pub fn end(&self, reason: StreamError) {
        self.lock().ending.get_or_insert(reason);
        self.waker.wake();
    }

    /// Asks for the session, to be resumed elsewhere.
    pub fn ask_for(&self, hand_over: HandOver) {
        // Who asked before is told no by the drop.
        self.lock().hand_over = Some(hand_over);
        self.waker.wake();
    }

    /// Takes what is there; stanzas only if there is `space` for them. Wakes this task when there is more.
    pub fn poll_take(&self, cx: &Context<'_>, space: bool) -> Poll<Mail> {
        self.waker.register(cx.waker());
        let mut inside = self.lock();
        let has_deliveries = space && !inside.deliveries.is_empty();
        if !has_deliveries && inside.ending.is_none() && inside.hand_over.is_none() {
            return Poll::Pending;
        }
        let takes_all = space || inside.hand_over.is_some();
        // The reason stays, so that nothing more is posted.
        Poll::Ready(Mail {
            deliveries: if takes_all { std::mem::take(&mut inside.deliveries) } else { Vec::new() },
            ending: inside.ending.clone(),
            hand_over: inside.hand_over.take(),
        })
    }

    /// Empties the mailbox of a session that is over, for good.
    pub fn close(&self) -> Vec<Delivery> {
        let mut inside = self.lock();
        inside.ending.get_or_insert_with(|| StreamError::new(StreamErrorCondition::Conflict, ""));
        inside.hand_over = None;
        std::mem::take(&mut inside.deliveries)
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use xmpp::jid::Jid;
    use xmpp::wire::Shared;
    use xmpp::xmpp_parsers::message::Message;
    use xmpp::xmpp_parsers::stanza::Stanza;

    use super::*;

    fn delivery() -> Delivery {
        let stanza = Stanza::Message(Message::chat(None));
        let to = Jid::new("anna@desk.example/x").expect("an address");
        Delivery { to, stanza: Arc::new(Shared::new(&stanza).expect("writable")) }
    }

    #[test]
    fn a_full_mailbox_ends_its_session_and_takes_no_more() {
        let mailbox = Mailbox::new(2);
        (0..5).for_each(|_| mailbox.post(delivery()));
        let cx = Context::from_waker(std::task::Waker::noop());
        let Poll::Ready(mail) = mailbox.poll_take(&cx, true) else { panic!("there is mail") };
        assert_eq!(mail.deliveries.len(), 2);
        assert_eq!(mail.ending.map(|e| e.condition), Some(StreamErrorCondition::ResourceConstraint));
        mailbox.post(delivery());
        assert!(mailbox.close().is_empty());
    }

    #[test]
    fn an_empty_mailbox_waits() {
        let mailbox = Mailbox::new(2);
        let cx = Context::from_waker(std::task::Waker::noop());
        assert!(mailbox.poll_take(&cx, true).is_pending());
        mailbox.post(delivery());
        assert!(mailbox.poll_take(&cx, true).is_ready());
        assert!(mailbox.poll_take(&cx, true).is_pending());
    }
}
