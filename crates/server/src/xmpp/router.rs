//! Who is connected, and which way a stanza goes: to a session's mailbox, through the house of the accounts and visitors, to the
//! rooms, or to a service such as the workgroups. What stanzas mean is decided where they arrive.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use xmpp::jid::{BareJid, FullJid, Jid, ResourcePart};
use xmpp::muc::Outbound;
use xmpp::stream::{BindRefusal, Suspended};
use xmpp::wire::{Delivery, Shared, StreamError, StreamErrorCondition};
use xmpp::xmpp_parsers::message::MessageType;
use xmpp::xmpp_parsers::stanza::Stanza;

use super::bounce;
use super::domains::Domains;
use super::mailbox::{HandOver, Mailbox};
use super::people::People;
use crate::app::App;
use crate::rooms::network::Network;
use crate::rooms::occupant::CONSOLE;

/// Answers for a domain of its own. Never waits: longer work goes to a task of its own.
pub trait Service: Send + Sync {
    /// A stanza for this domain. `from` is true; one sender's stanzas come in order.
    fn stanza(&self, from: &Jid, stanza: Stanza);

    /// A session of a client is over, on purpose or because its connection broke.
    fn session_ended(&self, session: &FullJid, lost: bool) {
        let _ = (session, lost);
    }
}

/// The way of every stanza. Clones share it.
#[derive(Clone)]
pub struct Router(Arc<Inner>);

struct Inner {
    app: App,
    domains: Domains,
    sessions: RwLock<HashMap<FullJid, Arc<Mailbox>>>,
    people: People,
    workgroup: OnceLock<Arc<dyn Service>>,
}

/// A session that came to be or was resumed.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its address.
    pub jid: FullJid,
    /// What is on its way to it.
    pub mailbox: Arc<Mailbox>,
}

impl Router {
    /// Nobody is connected. The rooms speak to the network through it from now on.
    ///
    /// # Errors
    /// When the domain cannot be part of an address, or what is remembered cannot be read.
    pub async fn new(app: &App) -> Result<Self, String> {
        let domains = Domains::new(&app.config.domain)?;
        let people = People::load(app, &domains).await?;
        let router = Self(Arc::new(Inner {
            app: app.clone(),
            domains,
            sessions: RwLock::default(),
            people,
            workgroup: OnceLock::new(),
        }));
        router.0.people.serve(router.clone());
        app.rooms.attach(Arc::new(router.clone()));
        Ok(router)
    }

    /// The service that answers for `workgroup.<domain>`. A second one would be a fault of the start-up and changes nothing.
    pub fn serve_workgroups(&self, service: Arc<dyn Service>) {
        let _ = self.0.workgroup.set(service);
    }

    /// The domains that are served.
    pub fn domains(&self) -> &Domains {
        &self.0.domains
    }

    pub(super) fn app(&self) -> &App {
        &self.0.app
    }

    pub(super) fn people(&self) -> &People {
        &self.0.people
    }

    /// A stanza of a client; `from` is stamped on it already. Never waits.
    pub fn route(&self, from: &FullJid, stanza: Stanza) {
        self.0.app.metrics.xmpp_stanzas.inc();
        if let Stanza::Message(message) = &stanza
            && message.type_ == MessageType::Groupchat
            && message.to.as_ref().is_some_and(|to| self.0.domains.is_conference(to))
        {
            // The most frequent kind by far; the house has nothing to say about it.
            return self.0.app.rooms.stanza(&Jid::from(from.clone()), stanza);
        }
        self.0.people.handle(self, from, stanza);
    }

    /// A stanza of a service of this host (`from` and `to` are set) to whoever it is for.
    pub fn send_from_service(&self, stanza: Stanza) {
        let Some(to) = to_of(&stanza).cloned() else { return };
        if self.0.domains.is_conference(&to) {
            if let Some(from) = from_of(&stanza).cloned() {
                self.0.app.rooms.stanza(&from, stanza);
            }
        } else if self.0.domains.is_people(&to) {
            self.0.people.deliver(self, stanza);
        } else if let Some(from) = from_of(&stanza).cloned() {
            self.to_service(&from, &to, stanza);
        }
    }

    /// A stanza for a domain that a service answers for.
    pub(super) fn to_service(&self, from: &Jid, to: &Jid, stanza: Stanza) {
        if self.0.domains.is_conference(to) {
            return self.0.app.rooms.stanza(from, stanza);
        }
        let error = match self.0.workgroup.get().filter(|_| self.0.domains.is_workgroup(to)) {
            Some(service) => return service.stanza(from, stanza),
            None if self.0.domains.is_workgroup(to) => bounce::service_unavailable(),
            None => bounce::remote_server_not_found(),
        };
        if let Some(answer) = bounce::bounce(stanza, error)
            && let Ok(shared) = Shared::new(&answer)
            && let Ok(session) = from.try_as_full()
        {
            self.to_session(session, Delivery { to: from.clone(), stanza: Arc::new(shared) });
        }
    }

    /// Puts a stanza into a session's mailbox; false if there is no such session.
    pub fn to_session(&self, session: &FullJid, delivery: Delivery) -> bool {
        match self.mailbox(session) {
            Some(mailbox) => {
                mailbox.post(delivery);
                true
            }
            None => false,
        }
    }

    /// Gives a client its address and a mailbox. Who had it before is thrown out.
    pub(super) fn bind(&self, account: &BareJid, wish: ResourcePart) -> Result<Place, BindRefusal> {
        // That name is the console's.
        let resource = if wish.as_str() == CONSOLE { drawn()? } else { wish };
        let jid = account.with_resource(&resource);
        let mailbox = Arc::new(Mailbox::new(self.0.app.config.xmpp.mailbox_max));
        if let Some(before) = self.mailbox(&jid) {
            self.end_session(&jid, &before, true);
            let text = "Another client took this resource.";
            before.end(StreamError::new(StreamErrorCondition::Conflict, text));
        }
        // The session stands before the house sends anything to it.
        self.sessions().insert(jid.clone(), Arc::clone(&mailbox));
        if let Err(refusal) = self.0.people.open(self, &jid) {
            self.sessions().remove(&jid);
            return Err(refusal);
        }
        self.0.app.metrics.xmpp_sessions.inc();
        Ok(Place { jid, mailbox })
    }

    /// A session is over: nobody can reach it any longer, and whoever should know is told. What never reached its client is
    /// handed back to the house. A session that another has replaced is over already.
    pub fn end_session(&self, jid: &FullJid, mailbox: &Arc<Mailbox>, lost: bool) {
        {
            let mut sessions = self.sessions();
            if !sessions.get(jid).is_some_and(|now| Arc::ptr_eq(now, mailbox)) {
                return;
            }
            sessions.remove(jid);
        }
        self.0.app.metrics.xmpp_sessions.dec();
        if lost {
            self.0.app.rooms.session_ended(jid);
        }
        self.0.people.close(self, jid);
        if !lost {
            // Whatever the farewell did not reach.
            self.0.app.rooms.session_ended(jid);
        }
        if let Some(service) = self.0.workgroup.get() {
            service.session_ended(jid, lost);
        }
    }

    /// Stanzas that never reached the client of a session that is over.
    pub fn undelivered(&self, jid: &FullJid, deliveries: Vec<Delivery>) {
        if !deliveries.is_empty() {
            let stanzas = deliveries.iter().filter_map(Delivery::to_stanza).collect();
            self.0.people.undelivered(self, jid, stanzas);
        }
    }

    /// Asks the sessions of an account for the one with this id, to resume it.
    pub(super) async fn resume(&self, account: &BareJid, id: &str) -> Option<(Box<Suspended>, Place)> {
        for (jid, mailbox) in self.sessions_of(account) {
            let (to, answer) = tokio::sync::oneshot::channel();
            mailbox.ask_for(HandOver { id: id.to_owned(), to });
            if let Ok(Some(suspended)) = answer.await {
                return Some((suspended, Place { jid, mailbox }));
            }
        }
        None
    }

    /// The sessions of an account or visitor.
    pub fn sessions_of(&self, account: &BareJid) -> Vec<(FullJid, Arc<Mailbox>)> {
        self.0
            .people
            .resources(account)
            .into_iter()
            .filter_map(|jid| Some((jid.clone(), self.mailbox(&jid)?)))
            .collect()
    }

    /// Ends every session of an account: its password was changed, it was disabled, or it is gone.
    pub fn end_sessions(&self, account: &str, text: &'static str) {
        let Ok(account) = BareJid::new(&format!("{account}@{}", self.0.domains.accounts())) else { return };
        for (_, mailbox) in self.sessions_of(&account) {
            mailbox.end(StreamError::new(StreamErrorCondition::NotAuthorized, text));
        }
    }

    /// An account is new: others may ask for its presence before it has ever logged in.
    pub(super) fn account_added(&self, account: &str) {
        if let Ok(account) = BareJid::new(&format!("{account}@{}", self.0.domains.accounts())) {
            self.0.people.add(account);
        }
    }

    /// An account is gone: its sessions end, and what it remembered is forgotten.
    pub(super) fn account_removed(&self, account: &str) {
        self.end_sessions(account, "This account is gone.");
        if let Ok(account) = BareJid::new(&format!("{account}@{}", self.0.domains.accounts())) {
            self.0.people.remove(self, &account);
        }
    }

    /// Tells every client that the server stops.
    pub fn stop(&self) {
        let sessions: Vec<_> = self.read_sessions().values().cloned().collect();
        for mailbox in sessions {
            mailbox.end(StreamError::new(StreamErrorCondition::SystemShutdown, "The server stops."));
        }
    }

    /// Sessions at this moment.
    pub fn count(&self) -> usize {
        self.read_sessions().len()
    }

    fn mailbox(&self, session: &FullJid) -> Option<Arc<Mailbox>> {
        self.read_sessions().get(session).cloned()
    }

    fn read_sessions(&self) -> std::sync::RwLockReadGuard<'_, HashMap<FullJid, Arc<Mailbox>>> {
        self.0.sessions.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn sessions(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<FullJid, Arc<Mailbox>>> {
        self.0.sessions.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Network for Router {
    fn send_to_sessions(&self, outbound: &[Outbound]) -> Vec<Outbound> {
        let mut writer = Writer::default();
        let mut rest = Vec::new();
        for Outbound { to, stanza } in outbound {
            match to.try_as_full() {
                // Occupants that the server holds have no session; nor has who has just gone.
                Ok(session) if self.0.domains.is_people(to) => {
                    if let Some(mailbox) = self.mailbox(session)
                        && let Some(stanza) = writer.write(stanza)
                    {
                        mailbox.post(Delivery { to: to.clone(), stanza });
                    }
                }
                _ => rest.push(Outbound { to: to.clone(), stanza: Arc::clone(stanza) }),
            }
        }
        rest
    }

    fn send_rest(&self, rest: Vec<Outbound>) {
        rest.into_iter().for_each(|outbound| self.send_from_service(outbound.to_stanza()));
    }
}

/// Writes a stanza once for all who get it in a row.
#[derive(Default)]
pub(super) struct Writer {
    last: Option<(Arc<Stanza>, Arc<Shared>)>,
}

impl Writer {
    /// The stanza written; none if it cannot be.
    pub(super) fn write(&mut self, stanza: &Arc<Stanza>) -> Option<Arc<Shared>> {
        if let Some((last, written)) = &self.last
            && Arc::ptr_eq(last, stanza)
        {
            return Some(Arc::clone(written));
        }
        match Shared::new(stanza) {
            Ok(written) => {
                let written = Arc::new(written);
                self.last = Some((Arc::clone(stanza), Arc::clone(&written)));
                Some(written)
            }
            Err(error) => {
                tracing::warn!(%error, "a stanza was dropped");
                None
            }
        }
    }
}

/// A resource that the server chose.
fn drawn() -> Result<ResourcePart, BindRefusal> {
    let name: String = crate::auth::random::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    ResourcePart::new(&name).map(std::borrow::Cow::into_owned).map_err(|_| BindRefusal::NotAllowed)
}

/// Whom a stanza is for.
pub fn to_of(stanza: &Stanza) -> Option<&Jid> {
    match stanza {
        Stanza::Message(message) => message.to.as_ref(),
        Stanza::Presence(presence) => presence.to.as_ref(),
        Stanza::Iq(iq) => iq.to(),
    }
}

/// Whom a stanza is from.
pub fn from_of(stanza: &Stanza) -> Option<&Jid> {
    match stanza {
        Stanza::Message(message) => message.from.as_ref(),
        Stanza::Presence(presence) => presence.from.as_ref(),
        Stanza::Iq(iq) => iq.from(),
    }
}
