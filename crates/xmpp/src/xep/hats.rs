//! XEP-0317: what an occupant is shown to be, beyond affiliation and role. No decisions here.

use xmpp_parsers::presence::PresencePayload;
use xso::{AsXml, FromXml};

use super::ns;

/// One hat.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = ns::HATS, name = "hat")]
pub struct Hat {
    /// What people see.
    #[xml(attribute)]
    pub title: String,
    /// What programs compare.
    #[xml(attribute)]
    pub uri: String,
}

/// All hats of an occupant.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = ns::HATS, name = "hats")]
pub struct Hats {
    /// The hats, the foremost first.
    #[xml(child(n = ..))]
    pub hats: Vec<Hat>,
}

impl PresencePayload for Hats {}
