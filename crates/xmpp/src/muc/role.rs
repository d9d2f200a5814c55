//! Roles: what an occupant may do during one visit, and the matrix of privileges (XEP-0045 §5.1).
//!
//! Only the order, the names and the table; who changes whose role is decided in `admin.rs`.

use std::borrow::Cow;

use xso::error::Error;
use xso::{AsXmlText, FromXmlText};

/// What an occupant is during this visit. The order is that of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Role {
    /// Not in the room.
    #[default]
    None,
    /// Present without a voice where the room is moderated.
    Visitor,
    /// May speak.
    Participant,
    /// May kick, and give and take voice.
    Moderator,
}

/// What a role can permit (XEP-0045 table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Privilege {
    /// Be in the room.
    Present,
    /// Receive messages and presence.
    Receive,
    /// Change one's availability.
    ChangeAvailability,
    /// Change one's nick.
    ChangeNick,
    /// Send private messages, where the configuration permits.
    PrivateMessage,
    /// Invite, where the configuration permits.
    Invite,
    /// Speak to all.
    Speak,
    /// Set the subject, where the configuration permits.
    ChangeSubject,
    /// Kick.
    Kick,
    /// Give voice.
    GrantVoice,
    /// Take voice.
    RevokeVoice,
}

impl Role {
    /// Every role, in ascending order.
    pub const ALL: [Role; 4] = [Role::None, Role::Visitor, Role::Participant, Role::Moderator];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::None => "none",
            Role::Visitor => "visitor",
            Role::Participant => "participant",
            Role::Moderator => "moderator",
        }
    }

    /// Whether this role permits something (XEP-0045 table 3).
    pub fn allows(self, privilege: Privilege) -> bool {
        use Privilege as P;
        let least = match privilege {
            P::Present | P::Receive | P::ChangeAvailability | P::ChangeNick | P::PrivateMessage | P::Invite => {
                Role::Visitor
            }
            P::Speak | P::ChangeSubject => Role::Participant,
            P::Kick | P::GrantVoice | P::RevokeVoice => Role::Moderator,
        };
        self >= least
    }

    /// Reads the name on the wire.
    pub fn parse(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

impl FromXmlText for Role {
    fn from_xml_text(text: String) -> Result<Role, Error> {
        Role::parse(&text).ok_or(Error::Other("unknown role"))
    }
}

impl AsXmlText for Role {
    fn as_xml_text(&self) -> Result<Cow<'_, str>, Error> {
        Ok(Cow::Borrowed(self.as_str()))
    }
}
