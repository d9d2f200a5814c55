//! The addresses of the service: which of its parts an address means, and the addresses of workgroups, queues and people.

use desk::ids::RequestId;
use xmpp::jid::{BareJid, DomainPart, FullJid, Jid};

/// What an address of the service means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Target {
    /// The service itself.
    Service,
    /// A workgroup by name, and, if the address has a resource, a queue of it.
    Workgroup(String, Option<String>),
}

/// The domains that matter here.
#[derive(Clone, Debug)]
pub struct Addresses {
    domain: DomainPart,
    service: DomainPart,
}

impl Addresses {
    /// The service of this domain.
    ///
    /// # Errors
    /// When the domain cannot be part of an address.
    pub fn new(domain: &str) -> Result<Self, String> {
        let part = |name: &str| {
            let part = DomainPart::new(name).map_err(|error| format!("domain {name:?}: {error}"))?;
            Ok::<_, String>(part.into_owned())
        };
        // The clients of workgroups look for this name and no other.
        Ok(Self { domain: part(domain)?, service: part(&format!("workgroup.{domain}"))? })
    }

    /// What an address means; none if it is not of this service.
    pub fn target(&self, to: &Jid) -> Option<Target> {
        if to.domain().as_str() != self.service.as_str() {
            return None;
        }
        Some(match to.node() {
            None => Target::Service,
            Some(node) => {
                Target::Workgroup(node.as_str().to_owned(), to.resource().map(|queue| queue.as_str().to_owned()))
            }
        })
    }

    /// Whether somebody is a room or inside one: what rooms say to everybody inside is nothing for a workgroup.
    pub fn is_room(&self, jid: &Jid) -> bool {
        jid.domain().as_str().strip_prefix("conference.").is_some_and(|rest| rest == self.domain.as_str())
    }

    /// The service.
    pub fn service(&self) -> BareJid {
        BareJid::from_parts(None, &self.service)
    }

    /// A workgroup.
    pub fn workgroup(&self, name: &str) -> Option<BareJid> {
        BareJid::new(&format!("{name}@{}", self.service)).ok()
    }

    /// A queue.
    pub fn queue(&self, workgroup: &str, queue: &str) -> Option<FullJid> {
        self.workgroup(workgroup)?.with_resource_str(queue).ok()
    }

    /// An agent by account name.
    pub fn agent(&self, name: &str) -> Option<BareJid> {
        BareJid::new(&format!("{name}@{}", self.domain)).ok()
    }

    /// The account name behind an address, if it can be one.
    pub fn account<'a>(&self, jid: &'a Jid) -> Option<&'a str> {
        if jid.domain().as_str() != self.domain.as_str() {
            return None;
        }
        jid.as_str().split_once('@').map(|(node, _)| node)
    }

    /// The address under which a visitor on the web is known to agents with XMPP clients: the one in the room.
    pub fn web_visitor(&self, request: RequestId) -> Option<FullJid> {
        FullJid::new(&format!("visit-{}@{}/web", request.0, self.domain)).ok()
    }
}
