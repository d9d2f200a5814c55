//! The roster as a server writes it (RFC 6121 §2.1). Reading is left to `xmpp-parsers`, whose type leaves
//! `subscription='none'` out when it writes, which clients take for a missing state. No decisions here.

use jid::BareJid;
use xmpp_parsers::ns;
use xso::AsXml;

/// A group of a contact.
#[derive(AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = ns::ROSTER, name = "group")]
pub struct Group {
    /// Its name.
    #[xml(text)]
    pub name: String,
}

/// A contact.
#[derive(AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = ns::ROSTER, name = "item")]
pub struct Item {
    /// Its address.
    #[xml(attribute)]
    pub jid: BareJid,
    /// The name that the owner gave.
    #[xml(attribute)]
    pub name: Option<String>,
    /// `none`, `to`, `from`, `both` or `remove`.
    #[xml(attribute)]
    pub subscription: &'static str,
    /// `subscribe` while the owner waits for an answer.
    #[xml(attribute)]
    pub ask: Option<&'static str>,
    /// Whether the contact may have the owner's presence as soon as it asks.
    #[xml(attribute)]
    pub approved: Option<bool>,
    /// The groups that the owner put it in.
    #[xml(child(n = ..))]
    pub groups: Vec<Group>,
}

/// A roster, or the part of it that changed.
#[derive(AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = ns::ROSTER, name = "query")]
pub struct Roster {
    /// Its version.
    #[xml(attribute)]
    pub ver: Option<String>,
    /// Its contacts.
    #[xml(child(n = ..))]
    pub items: Vec<Item>,
}
