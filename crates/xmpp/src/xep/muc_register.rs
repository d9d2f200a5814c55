//! Registration with a room (XEP-0045 §7.10 on XEP-0077). No decisions here.

use xmpp_parsers::data_forms::DataForm;
use xmpp_parsers::iq::{IqGetPayload, IqResultPayload, IqSetPayload};
use xmpp_parsers::ns;
use xso::{AsXml, FromXml};

/// The `<query/>` element in the `jabber:iq:register` namespace, as rooms use it.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::REGISTER, name = "query")]
pub struct MucRegister {
    /// Who asks is registered already.
    #[xml(flag)]
    pub registered: bool,
    /// Who asks wants to be registered no longer.
    #[xml(flag)]
    pub remove: bool,
    /// What to do, for clients without forms.
    #[xml(extract(default, name = "instructions", fields(text(type_ = String))))]
    pub instructions: Option<String>,
    /// The registered nick.
    #[xml(extract(default, name = "username", fields(text(type_ = String))))]
    pub username: Option<String>,
    /// The form, empty or filled in.
    #[xml(child(default))]
    pub form: Option<DataForm>,
}

impl IqGetPayload for MucRegister {}
impl IqSetPayload for MucRegister {}
impl IqResultPayload for MucRegister {}
