//! Affiliations: what an address is to a room beyond one visit, and what that permits (XEP-0045 §5.2).
//!
//! Only the order, the names and the table; who changes whose affiliation is decided in `admin.rs`.

use std::borrow::Cow;

use xso::error::Error;
use xso::{AsXmlText, FromXmlText};

use super::Role;

/// A long-lived standing. The order is that of power: a later one may do all that an earlier one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Affiliation {
    /// Banned.
    Outcast,
    /// No standing.
    #[default]
    None,
    /// May enter a members-only room.
    Member,
    /// May ban and make members.
    Admin,
    /// May do everything, configuration and destruction included.
    Owner,
}

/// What an affiliation can permit (XEP-0045 table 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LastingPrivilege {
    /// Enter a room that is open to all.
    EnterOpenRoom,
    /// Enter a members-only room.
    EnterMembersOnlyRoom,
    /// Read the list of members.
    ReadMemberList,
    /// Ban, and edit the list of the banned.
    Ban,
    /// Edit the list of members.
    EditMemberList,
    /// Give and take the moderator role.
    AssignModeratorRole,
    /// Edit the list of admins.
    EditAdminList,
    /// Edit the list of owners.
    EditOwnerList,
    /// Change the configuration.
    ChangeConfiguration,
    /// End the room.
    DestroyRoom,
}

impl Affiliation {
    /// Every affiliation, in ascending order.
    pub const ALL: [Affiliation; 5] =
        [Affiliation::Outcast, Affiliation::None, Affiliation::Member, Affiliation::Admin, Affiliation::Owner];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Affiliation::Outcast => "outcast",
            Affiliation::None => "none",
            Affiliation::Member => "member",
            Affiliation::Admin => "admin",
            Affiliation::Owner => "owner",
        }
    }

    /// Whether this affiliation permits something in every room (XEP-0045 table 5).
    pub fn allows(self, privilege: LastingPrivilege) -> bool {
        use LastingPrivilege as P;
        let least = match privilege {
            P::EnterOpenRoom => Affiliation::None,
            P::EnterMembersOnlyRoom => Affiliation::Member,
            P::ReadMemberList | P::Ban | P::EditMemberList | P::AssignModeratorRole => Affiliation::Admin,
            P::EditAdminList | P::EditOwnerList | P::ChangeConfiguration | P::DestroyRoom => Affiliation::Owner,
        };
        self >= least
    }

    /// The role on entering (XEP-0045 table 4): nobody without standing has a voice in a moderated room.
    pub fn role_on_entering(self, moderated: bool) -> Role {
        match self {
            Affiliation::Outcast => Role::None,
            Affiliation::None if moderated => Role::Visitor,
            Affiliation::None | Affiliation::Member => Role::Participant,
            Affiliation::Admin | Affiliation::Owner => Role::Moderator,
        }
    }

    /// Reads the name on the wire.
    pub fn parse(name: &str) -> Option<Affiliation> {
        Affiliation::ALL.into_iter().find(|affiliation| affiliation.as_str() == name)
    }
}

impl FromXmlText for Affiliation {
    fn from_xml_text(text: String) -> Result<Affiliation, Error> {
        Affiliation::parse(&text).ok_or(Error::Other("unknown affiliation"))
    }
}

impl AsXmlText for Affiliation {
    fn as_xml_text(&self) -> Result<Cow<'_, str>, Error> {
        Ok(Cow::Borrowed(self.as_str()))
    }
}
