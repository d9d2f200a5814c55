//! XEP-0045 `muc#admin`: lists of roles and affiliations, and changes to them. No decisions here.

use jid::Jid;
use xmpp_parsers::iq::{IqGetPayload, IqResultPayload, IqSetPayload};
use xso::{AsXml, FromXml};

use super::ns;
use crate::muc::{Affiliation, Role};

/// One line of a list, or one change.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MUC_ADMIN, name = "item")]
pub struct AdminItem {
    /// The affiliation asked for, to set or as it is.
    #[xml(attribute(default))]
    pub affiliation: Option<Affiliation>,
    /// Whom an affiliation belongs to.
    #[xml(attribute(default))]
    pub jid: Option<Jid>,
    /// Whom a role belongs to; beside an affiliation, the nick to reserve.
    #[xml(attribute(default))]
    pub nick: Option<String>,
    /// The role asked for, to set or as it is.
    #[xml(attribute(default))]
    pub role: Option<Role>,
    /// Why.
    #[xml(extract(default, name = "reason", fields(text(type_ = String))))]
    pub reason: Option<String>,
}

/// The `<query/>` element in the `muc#admin` namespace.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MUC_ADMIN, name = "query")]
pub struct MucAdmin {
    /// What is asked for, or the answer.
    #[xml(child(n = ..))]
    pub items: Vec<AdminItem>,
}

impl IqGetPayload for MucAdmin {}
impl IqSetPayload for MucAdmin {}
impl IqResultPayload for MucAdmin {}
