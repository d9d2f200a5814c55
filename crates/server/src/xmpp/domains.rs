//! The domains that the server answers for, and which of them an address belongs to.

use xmpp::jid::{DomainPart, Jid};

/// The domains, normalised.
#[derive(Clone, Debug)]
pub struct Domains {
    accounts: DomainPart,
    visitors: DomainPart,
    conference: DomainPart,
    workgroup: DomainPart,
}

impl Domains {
    /// The domain of the accounts and those under it.
    ///
    /// # Errors
    /// When it cannot be part of an address.
    pub fn new(domain: &str) -> Result<Self, String> {
        let part = |name: &str| {
            let part = DomainPart::new(name).map_err(|error| format!("domain {name:?}: {error}"))?;
            Ok::<_, String>(part.into_owned())
        };
        Ok(Self {
            accounts: part(domain)?,
            visitors: part(&format!("visitors.{domain}"))?,
            conference: part(&format!("conference.{domain}"))?,
            workgroup: part(&format!("workgroup.{domain}"))?,
        })
    }

    /// Where people with accounts log in.
    pub fn accounts(&self) -> &DomainPart {
        &self.accounts
    }

    /// Where visitors log in anonymously.
    pub fn visitors(&self) -> &DomainPart {
        &self.visitors
    }

    /// Where the workgroups are.
    pub fn workgroup(&self) -> &DomainPart {
        &self.workgroup
    }

    /// Where the rooms are.
    pub fn conference(&self) -> &DomainPart {
        &self.conference
    }

    /// Whether it is the conference service or a room.
    pub fn is_conference(&self, address: &Jid) -> bool {
        address.domain().as_str() == self.conference.as_str()
    }

    /// Whether it is the workgroup service or a workgroup.
    pub fn is_workgroup(&self, address: &Jid) -> bool {
        address.domain().as_str() == self.workgroup.as_str()
    }

    /// Whether it is a visitor, or the visitors' domain.
    pub fn is_visitor(&self, address: &Jid) -> bool {
        address.domain().as_str() == self.visitors.as_str()
    }

    /// Whether it is an account, a visitor, or their domain.
    pub fn is_people(&self, address: &Jid) -> bool {
        address.domain().as_str() == self.accounts.as_str() || self.is_visitor(address)
    }
}
