//! What a house is told when it is built: its domains, what it says of itself, and every number that a stranger could
//! otherwise drive up. No decisions here.

use std::collections::BTreeMap;

use jid::{BareJid, DomainPart, Jid};

/// What a domain beside the accounts' is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServiceKind {
    /// Rooms (XEP-0045).
    Conference,
    /// Workgroups (XEP-0142).
    Workgroup,
    /// Anything else that the host answers for.
    Other,
}

/// A service of the same host, on a domain of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalService {
    /// What it is.
    pub kind: ServiceKind,
    /// What people read in a list of services.
    pub title: String,
}

/// What a house is built with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The domain of the accounts.
    pub domain: DomainPart,
    /// The domain of anonymous log-ins, if there is one.
    pub visitors: Option<DomainPart>,
    /// The host's other domains.
    pub services: BTreeMap<DomainPart, LocalService>,
    /// Name of the software (XEP-0092).
    pub software: String,
    /// Version of the software (XEP-0092).
    pub version: String,
    /// Operating system (XEP-0092), if it may be told.
    pub os: Option<String>,
    /// The URI that names the software in entity capabilities (XEP-0115).
    pub caps_node: String,
    /// When the server started, in microseconds since the epoch (XEP-0012).
    pub started_us: i64,
    /// Whether visitors and accounts may write to one another directly, without workgroup and room.
    pub visitors_reach_accounts: bool,
    /// Whether people may change their passwords (XEP-0077).
    pub password_change: bool,
    /// The largest file that may be uploaded, in bytes (XEP-0363); none: there is no upload.
    pub upload_bytes: Option<u64>,
    /// Where to write about abuse and the like, as URIs by kind: `abuse`, `admin`, `support`, … (XEP-0157).
    pub contact_addresses: BTreeMap<String, Vec<String>>,
    /// Limits.
    pub limits: Limits,
}

impl Settings {
    /// Settings of a domain with its conference, workgroup and visitors' domains under it, and defaults otherwise.
    pub fn of(domain: DomainPart) -> Settings {
        let under = |name: &str| DomainPart::new(&format!("{name}.{domain}")).ok().map(std::borrow::Cow::into_owned);
        let service = |kind, title: &str| LocalService { kind, title: title.to_owned() };
        let services = [
            (under("conference"), service(ServiceKind::Conference, "Rooms")),
            (under("workgroup"), service(ServiceKind::Workgroup, "Workgroups")),
        ];
        Settings {
            visitors: under("visitors"),
            services: services.into_iter().filter_map(|(name, service)| Some((name?, service))).collect(),
            domain,
            software: "Anteroom".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            os: None,
            caps_node: "https://anteroom.example/caps".to_owned(),
            started_us: 0,
            visitors_reach_accounts: false,
            password_change: false,
            upload_bytes: None,
            contact_addresses: BTreeMap::new(),
            limits: Limits::default(),
        }
    }

    /// Where an address leads.
    pub(super) fn place_of(&self, jid: &Jid) -> Place {
        let domain = jid.domain();
        let is_visitors = self.visitors.as_deref() == Some(domain);
        match (jid.node().is_some(), is_visitors) {
            (true, true) => Place::Visitor(jid.to_bare()),
            (true, false) if *domain == *self.domain => Place::Account(jid.to_bare()),
            (false, true) => Place::Server,
            (false, false) if *domain == *self.domain => Place::Server,
            _ => self.services.get(domain).map_or(Place::Elsewhere, |service| Place::Service(service.kind)),
        }
    }
}

/// Where an address leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The server itself, by one of the domains of the house.
    Server,
    /// An account, whether it exists or not.
    Account(BareJid),
    /// A visitor, whether connected or not.
    Visitor(BareJid),
    /// A service of the host.
    Service(ServiceKind),
    /// Another server; there is no federation.
    Elsewhere,
}

/// What a house permits at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Sessions of one account.
    pub sessions_per_account: usize,
    /// Contacts of one account, requests that wait for an answer included.
    pub contacts_per_account: usize,
    /// Requests of others that may wait for one account's answer.
    pub requests_per_account: usize,
    /// Groups of one contact.
    pub groups_per_contact: usize,
    /// Bytes of a contact's name, and of a group's.
    pub name_bytes: usize,
    /// Addresses that one account blocks.
    pub blocked_per_account: usize,
    /// Bytes of one account's private documents together (XEP-0049).
    pub private_bytes: usize,
    /// Private documents of one account.
    pub private_documents: usize,
    /// Bytes of a vCard.
    pub vcard_bytes: usize,
    /// Messages kept for an account that is away.
    pub offline_messages: usize,
    /// Bytes of the messages kept for an account that is away.
    pub offline_bytes: usize,
    /// Addresses that one session has sent directed presence to.
    pub directed_per_session: usize,
    /// Bytes of those addresses together.
    pub directed_bytes: usize,
    /// Bytes of one presence that is kept for those who ask later, and of a request for a subscription; longer last words
    /// are cut.
    pub presence_bytes: usize,
    /// Messages in one page of an archive.
    pub page: usize,
    /// Addresses in one account's archiving preferences.
    pub preferences: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            sessions_per_account: 16,
            contacts_per_account: 1_000,
            requests_per_account: 100,
            groups_per_contact: 16,
            name_bytes: 512,
            blocked_per_account: 500,
            private_bytes: 128 * 1024,
            private_documents: 32,
            vcard_bytes: 96 * 1024,
            offline_messages: 50,
            offline_bytes: 64 * 1024,
            directed_per_session: 200,
            directed_bytes: 32 * 1024,
            presence_bytes: 8 * 1024,
            page: 100,
            preferences: 200,
        }
    }
}
