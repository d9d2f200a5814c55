//! XEP-0045 `muc#owner`: the configuration form and the end of a room. No decisions here.

use jid::Jid;
use xmpp_parsers::data_forms::DataForm;
use xmpp_parsers::iq::{IqGetPayload, IqResultPayload, IqSetPayload};
use xso::{AsXml, FromXml};

use super::ns;

/// A wish to end the room.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MUC_OWNER, name = "destroy")]
pub struct Destroy {
    /// Where the conversation goes on, if anywhere.
    #[xml(attribute(default))]
    pub jid: Option<Jid>,
    /// The password of the room where it goes on.
    #[xml(extract(default, name = "password", fields(text(type_ = String))))]
    pub password: Option<String>,
    /// Why.
    #[xml(extract(default, name = "reason", fields(text(type_ = String))))]
    pub reason: Option<String>,
}

/// The `<query/>` element in the `muc#owner` namespace.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MUC_OWNER, name = "query")]
pub struct MucOwner {
    /// The configuration form, empty or filled in.
    #[xml(child(default))]
    pub form: Option<DataForm>,
    /// A wish to end the room.
    #[xml(child(default))]
    pub destroy: Option<Destroy>,
}

impl IqGetPayload for MucOwner {}
impl IqSetPayload for MucOwner {}
impl IqResultPayload for MucOwner {}
