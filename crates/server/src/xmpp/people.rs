//! The house of the accounts and visitors (`xmpp::im`) in this process: its lock, what it asks to be remembered, and what it
//! sends. Its rules are its own.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;
use xmpp::im::{Book, House, Moment, OpenRefusal, Outbound, Outcome, Settings};
use xmpp::jid::{BareJid, FullJid, Jid};
use xmpp::stream::BindRefusal;
use xmpp::wire::Delivery;
use xmpp::xmpp_parsers::stanza::Stanza;

use super::domains::Domains;
use super::keeping;
use super::router::{Router, Writer, from_of};
use crate::app::App;
use crate::auth;
use crate::clock::Clock;

/// Outcomes that are stored together at most.
const STORED_AT_ONCE: usize = 256;

/// The people of the accounts' and the visitors' domain.
pub struct People {
    inside: Mutex<Inside>,
    clock: Clock,
    to_keep: mpsc::UnboundedSender<Outcome>,
    /// Taken by the task that stores.
    to_keep_end: Mutex<Option<mpsc::UnboundedReceiver<Outcome>>>,
}

struct Inside {
    house: House,
    /// Outcomes on their way to the store; what comes later waits behind them.
    waiting: usize,
}

impl People {
    /// The accounts with what they remember.
    pub(super) async fn load(app: &App, domains: &Domains) -> Result<Self, String> {
        let mut settings = Settings::of(domains.accounts().clone());
        settings.limits.sessions_per_account = app.config.xmpp.sessions_per_account;
        settings.started_us = app.clock.now().0;
        settings.caps_node = app.config.public_url.origin().to_owned();
        let mut house = House::new(settings);
        for book in keeping::books(app, domains).await? {
            house.add_account(book);
        }
        let (to_keep, to_keep_end) = mpsc::unbounded_channel();
        Ok(Self {
            inside: Mutex::new(Inside { house, waiting: 0 }),
            clock: app.clock.clone(),
            to_keep,
            to_keep_end: Mutex::new(Some(to_keep_end)),
        })
    }

    /// Begins to store.
    pub(super) fn serve(&self, router: Router) {
        let end = self.to_keep_end.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(end) = end {
            tokio::spawn(keep(router, end));
        }
    }

    /// A stanza of a client, whomever it is for.
    pub(super) fn handle(&self, router: &Router, from: &FullJid, stanza: Stanza) {
        self.act(router, |house, at| house.handle(at, from, stanza));
    }

    /// A stanza of a service to an account, a visitor, or a session of them.
    pub(super) fn deliver(&self, router: &Router, stanza: Stanza) {
        self.act(router, |house, at| house.deliver(at, stanza));
    }

    /// A session begins.
    pub(super) fn open(&self, router: &Router, who: &FullJid) -> Result<(), BindRefusal> {
        let mut refused = None;
        self.act(router, |house, at| {
            let account = who.to_bare();
            // Made since the start; what could be remembered of it would have been loaded.
            if !house.has_account(&account) && account.domain() == &*house.settings().domain {
                house.add_account(Book::new(account));
            }
            house.open(at, who).unwrap_or_else(|refusal| {
                refused = Some(refusal);
                Outcome::default()
            })
        });
        match refused {
            None => Ok(()),
            Some(OpenRefusal::Taken) => Err(BindRefusal::Conflict),
            Some(OpenRefusal::TooMany) => Err(BindRefusal::ResourceConstraint),
            Some(OpenRefusal::NotHere | OpenRefusal::NoAccount) => Err(BindRefusal::NotAllowed),
        }
    }

    /// A session is over.
    pub(super) fn close(&self, router: &Router, who: &FullJid) {
        self.act(router, |house, at| house.close(at, who));
    }

    /// Stanzas that never reached the client of a session that is over.
    pub(super) fn undelivered(&self, router: &Router, who: &FullJid, stanzas: Vec<Stanza>) {
        self.act(router, |house, at| house.undelivered(at, who, stanzas));
    }

    /// An account is new: others may ask for its presence.
    pub(super) fn add(&self, account: BareJid) {
        self.lock().house.add_account(Book::new(account));
    }

    /// An account is gone.
    pub(super) fn remove(&self, router: &Router, account: &BareJid) {
        self.act(router, |house, at| house.remove_account(at, account));
    }

    /// The addresses of somebody's sessions.
    pub fn resources(&self, who: &BareJid) -> Vec<FullJid> {
        self.lock().house.sessions_of(who).map(|(resource, _)| who.with_resource(resource)).collect()
    }

    /// Has the house do something, and sends what comes of it in the order in which it was done. What must be remembered is
    /// stored before.
    pub(super) fn act(&self, router: &Router, act: impl FnOnce(&mut House, Moment<'_>) -> Outcome) {
        let stanza_id: String = auth::random::<16>().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut inside = self.lock();
        let at = Moment { now_us: self.clock.now().0, stanza_id: &stanza_id };
        let outcome = act(&mut inside.house, at);
        self.carry_out(router, inside, outcome);
    }

    fn carry_out(&self, router: &Router, mut inside: MutexGuard<'_, Inside>, mut outcome: Outcome) {
        let asks = std::mem::take(&mut outcome.asks);
        let mut rest = Vec::new();
        if inside.waiting > 0 || !outcome.keep.is_empty() {
            inside.waiting += 1;
            // Without anybody who stores, the server is stopping.
            let _ = self.to_keep.send(outcome);
        } else {
            rest = send_to_sessions(router, outcome.outbound);
        }
        drop(inside);
        send_to_services(router, rest);
        for ask in asks {
            let router = router.clone();
            tokio::spawn(async move {
                let answer = keeping::answer(&router, ask.question).await;
                router.people().act(&router, |house, at| house.answer(at, ask.thread, answer));
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stores what must be remembered, and only then sends what came of the same.
async fn keep(router: Router, mut outcomes: mpsc::UnboundedReceiver<Outcome>) {
    let mut batch = Vec::new();
    while outcomes.recv_many(&mut batch, STORED_AT_ONCE).await > 0 {
        let keep = batch.iter_mut().flat_map(|outcome: &mut Outcome| std::mem::take(&mut outcome.keep)).collect();
        let kept = keeping::store(router.app(), keep).await;
        if let Err(error) = &kept {
            tracing::error!(%error, hint = error.hint(), "what XMPP accounts are to remember could not be stored");
        }
        let mut rest = Vec::new();
        let mut inside = router.people().lock();
        for outcome in batch.drain(..) {
            inside.waiting -= 1;
            // What could not be stored is shown to nobody.
            if kept.is_ok() {
                rest.extend(send_to_sessions(&router, outcome.outbound));
            }
        }
        drop(inside);
        send_to_services(&router, rest);
    }
}

/// Gives back what is for services: they are told when nothing is locked any longer.
fn send_to_sessions(router: &Router, outbound: Vec<Outbound>) -> Vec<Outbound> {
    let mut writer = Writer::default();
    let mut rest = Vec::new();
    for outbound in outbound {
        match &outbound.session {
            None => rest.push(outbound),
            Some(session) => {
                if let Some(stanza) = writer.write(&outbound.stanza) {
                    router.to_session(session, Delivery { to: outbound.to.clone(), stanza });
                }
            }
        }
    }
    rest
}

fn send_to_services(router: &Router, rest: Vec<Outbound>) {
    for outbound in rest {
        let from: Option<Jid> = from_of(&outbound.stanza).cloned();
        if let Some(from) = from {
            router.to_service(&from, &outbound.to, outbound.to_stanza());
        }
    }
}
