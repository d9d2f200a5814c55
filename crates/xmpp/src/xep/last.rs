//! XEP-0012 last activity: how long ago somebody left, or how long a server runs. No decisions here.

use xmpp_parsers::iq::{IqGetPayload, IqResultPayload};
use xso::text::EmptyAsNone;
use xso::{AsXml, FromXml};

use super::ns;

/// The `<query/>` element, empty in a question.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Default)]
#[xml(namespace = ns::LAST, name = "query")]
pub struct Last {
    /// Seconds since then.
    #[xml(attribute(name = "seconds", default))]
    pub seconds: Option<u64>,
    /// The last words.
    #[xml(text = EmptyAsNone)]
    pub status: Option<String>,
}

impl IqGetPayload for Last {}
impl IqResultPayload for Last {}
