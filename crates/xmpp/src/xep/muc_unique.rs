//! The name of a room that nobody has, as older clients ask a service for it (`muc#unique`). No decisions here.

use xmpp_parsers::iq::{IqGetPayload, IqResultPayload};
use xso::{AsXml, FromXml};

use super::ns;

/// The question, without a name, and the answer, with one.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::MUC_UNIQUE, name = "unique")]
pub struct Unique {
    /// The part before the `@`.
    #[xml(text)]
    pub name: String,
}

impl IqGetPayload for Unique {}
impl IqResultPayload for Unique {}
