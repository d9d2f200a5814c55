//! Notices to the world outside: web hooks and mail. They leave in the same transaction as what they are about, stand in the
//! store's outbox, and are sent from there at least once. Payloads carry ids, never words.

mod guard;
pub mod mail;
mod outbox;
pub mod webhooks;

use std::sync::{Arc, PoisonError, RwLock};

use desk::time::{Span, Time};
use store::edges::{Channel, Delivery, NewDelivery, Target, Webhook};
use store::{Backend, StoreError};
use tokio::sync::Notify as Bell;
use tokio::task::JoinSet;

use crate::auth;
use crate::clock::Clock;
use crate::config::Config;
use crate::metrics::{Metrics, reason};
use crate::run_loop::Outbox;

/// Notices sent at the same time per channel.
const AT_ONCE: usize = 16;
/// A notice that was taken is due again after this, in case the server goes down meanwhile.
const LEASE: Span = Span::secs(60);
/// A notice is given up so long after it was made.
const GIVE_UP: Span = Span::secs(24 * 3600);
/// The wait before the second attempt; doubled each time.
const FIRST_WAIT: Span = Span::secs(10);
/// The longest wait between attempts.
const LONGEST_WAIT: Span = Span::secs(3600);

/// How an attempt went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sent {
    /// It arrived.
    Arrived(String),
    /// It may arrive later.
    Later(String),
    /// It will never arrive.
    Never(String),
}

/// The way to the world outside. Clones share it.
#[derive(Clone)]
pub struct Notify(Arc<Inner>);

struct Inner {
    store: Arc<dyn Backend>,
    clock: Clock,
    metrics: Metrics,
    hooks: RwLock<Arc<Vec<Webhook>>>,
    web: webhooks::Sender,
    post: Option<mail::Postman>,
    left_to: Option<String>,
    bells: [Bell; 2],
}

impl Notify {
    /// Reads the web hooks; nothing is sent before [`Notify::start`].
    ///
    /// # Errors
    /// When the store cannot read, or the mail address in the configuration is none.
    pub async fn new(store: Arc<dyn Backend>, clock: Clock, metrics: Metrics, config: &Config) -> Result<Self, String> {
        let hooks = store.webhooks().await.map_err(|error| error.to_string())?;
        let post = config.mail.as_ref().map(|mail| mail::Postman::new(mail, &config.domain)).transpose()?;
        Ok(Self(Arc::new(Inner {
            store,
            clock,
            metrics,
            hooks: RwLock::new(Arc::new(hooks)),
            web: webhooks::Sender::new(config.webhooks.allow_private),
            post,
            left_to: config.mail.as_ref().and_then(|mail| mail.left_messages_to.clone()),
            bells: [Bell::new(), Bell::new()],
        })))
    }

    /// What the loop asks for each turn: the notices that leave with it.
    pub fn outbox(&self) -> Outbox {
        let notify = self.clone();
        Outbox::new(move |state, turn| {
            let hooks = notify.hooks();
            if hooks.is_empty() {
                return Vec::new();
            }
            let words = outbox::deliveries(&hooks, state, turn);
            if !words.is_empty() {
                // A moment early at worst: then the notice is found when it is due next.
                notify.bell(Channel::Webhook).notify_one();
            }
            words
        })
    }

    /// Begins to send.
    pub fn start(&self) {
        for channel in [Channel::Webhook, Channel::Mail] {
            tokio::spawn(self.clone().send_all(channel));
        }
    }

    fn bell(&self, channel: Channel) -> &Bell {
        match channel {
            Channel::Webhook => &self.0.bells[0],
            Channel::Mail => &self.0.bells[1],
        }
    }

    /// The web hooks as they are known.
    pub fn hooks(&self) -> Arc<Vec<Webhook>> {
        Arc::clone(&self.0.hooks.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the web hooks again, after they were changed.
    ///
    /// # Errors
    /// When the store cannot read.
    pub async fn reload(&self) -> Result<(), StoreError> {
        let hooks = self.0.store.webhooks().await?;
        *self.0.hooks.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(hooks);
        Ok(())
    }

    /// Whether web hooks may point at addresses of this network.
    pub fn allows_private(&self) -> bool {
        self.0.web.allows_private()
    }

    /// Puts a notice into the outbox and has it sent.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn enqueue(&self, deliveries: Vec<NewDelivery>) -> Result<u64, StoreError> {
        let first = self.0.store.enqueue(deliveries).await?;
        self.bell(Channel::Webhook).notify_one();
        self.bell(Channel::Mail).notify_one();
        Ok(first)
    }

    /// Somebody put a notice into the store directly: look.
    pub fn look(&self) {
        self.bell(Channel::Mail).notify_one();
    }

    /// Tells that a message was left while closed: web hooks its number, and by mail that it waits in the console.
    ///
    /// # Errors
    /// When the notices cannot be stored.
    pub async fn message_left(&self, id: u64, workgroup: &str, title: &str) -> Result<(), StoreError> {
        let now = self.0.clock.now();
        let mut deliveries = outbox::message_left(&self.hooks(), id, workgroup, now);
        if let Some(address) = self.0.left_to.clone().filter(|_| self.0.post.is_some()) {
            deliveries.push(NewDelivery {
                target: Target::Mail(address),
                subject: format!("{title}: a message was left"),
                body: format!("A visitor left a message for {title} while it was closed. It waits in the console.\n"),
                chat: None,
                due_at: now,
            });
        }
        if deliveries.is_empty() {
            return Ok(());
        }
        self.enqueue(deliveries).await.map(|_| ())
    }

    async fn send_all(self, channel: Channel) {
        loop {
            let now = self.0.clock.now();
            let claimed = match self.0.store.claim(channel, now, LEASE, AT_ONCE).await {
                Ok(claimed) => claimed,
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "the outbox could not be read");
                    Vec::new()
                }
            };
            if claimed.is_empty() {
                self.rest(channel).await;
                continue;
            }
            let mut sending = JoinSet::new();
            for delivery in claimed {
                let notify = self.clone();
                sending.spawn(async move { notify.send(channel, delivery).await });
            }
            while sending.join_next().await.is_some() {}
        }
    }

    /// Until something is due, or somebody rings.
    async fn rest(&self, channel: Channel) {
        let due = self.0.store.next_due(channel).await.ok().flatten().unwrap_or(Time::MAX);
        let soonest = self.0.clock.now() + Span::millis(200);
        tokio::select! {
            () = self.bell(channel).notified() => {}
            () = self.0.clock.sleep_until(due.max(soonest)) => {}
        }
    }

    async fn send(&self, channel: Channel, delivery: Delivery) {
        let sent = match (&delivery.target, channel) {
            (Target::Webhook(hook), _) => {
                let hooks = self.hooks();
                match hooks.iter().find(|it| it.id == *hook) {
                    None => Sent::Never("the web hook was removed".to_owned()),
                    Some(hook) if hook.paused => Sent::Later("paused".to_owned()),
                    Some(hook) => self.0.web.send(hook, &delivery, self.0.clock.now()).await,
                }
            }
            (Target::Mail(address), _) => match &self.0.post {
                None => Sent::Never("mail is not configured".to_owned()),
                Some(post) => post.send(address, &delivery).await,
            },
        };
        let now = self.0.clock.now();
        let (word, noted) = match sent {
            Sent::Arrived(note) => ("arrived", self.0.store.delivered(delivery.id, &note, now).await),
            Sent::Later(problem) => {
                let next = next_attempt(&delivery, now);
                let word = if next.is_some() { "later" } else { "dead" };
                (word, self.0.store.failed(delivery.id, &problem, next, now).await)
            }
            Sent::Never(problem) => ("dead", self.0.store.failed(delivery.id, &problem, None, now).await),
        };
        self.0.metrics.deliveries.get_or_create(&reason(word)).inc();
        // A notice that was erased meanwhile needs no note.
        if let Err(error) = noted
            && error != StoreError::NotFound
        {
            tracing::warn!(delivery = delivery.id, %error, "how a notice fared could not be noted");
        }
    }
}

/// When a notice is tried again: after 10 s, 20 s, 40 s … an hour, each somewhat by chance; never a day after it was made.
fn next_attempt(delivery: &Delivery, now: Time) -> Option<Time> {
    let doublings = delivery.attempts.saturating_sub(1).min(20);
    let wait = FIRST_WAIT.0.saturating_mul(1 << doublings).min(LONGEST_WAIT.0);
    let chance = i64::from(auth::random::<1>()[0]);
    let wait = Span(wait * 3 / 4 + wait / 2 * chance / 255);
    let next = now + wait;
    (next < delivery.created_at + GIVE_UP).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::edges::DeliveryState;

    fn delivery(attempts: u32) -> Delivery {
        Delivery {
            id: 1,
            target: Target::Webhook(1),
            subject: "test".into(),
            body: "{}".into(),
            chat: None,
            attempts,
            state: DeliveryState::Due,
            note: String::new(),
            due_at: Time::from_secs(0),
            created_at: Time::from_secs(0),
            settled_at: None,
        }
    }

    #[test]
    fn attempts_come_later_and_later_and_end_after_a_day() {
        let now = Time::from_secs(100);
        for (attempts, seconds) in [(1, 10), (2, 20), (5, 160), (12, 3600), (500, 3600)] {
            let next = next_attempt(&delivery(attempts), now).expect("not given up");
            let wait = next.since(now).as_secs();
            assert!((seconds * 3 / 4..=seconds * 5 / 4).contains(&wait), "{attempts}: {wait}");
        }
        assert_eq!(next_attempt(&delivery(40), Time::from_secs(24 * 3600)), None);
    }
}
