//! Refusals: every no of a room, and the one place where each gets its stanza error (conditions after XEP-0045 and
//! RFC 6120 §8.3).

use std::fmt;

use jid::BareJid;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use super::NickFault;

/// A no that changed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomRefusal {
    /// There is no such room (404), or it is not open yet.
    NoSuchRoom,
    /// Who asks may not create rooms (405).
    CreationRestricted,
    /// A room of this name exists already.
    RoomExists,
    /// The service has as many rooms as it may have.
    TooManyRooms,
    /// The name is none that a room can have.
    BadRoomName,
    /// The password is missing or wrong (401).
    PasswordRequired,
    /// Who asks is banned (403).
    Banned,
    /// Only members may enter (407).
    MembersOnly,
    /// Another has this nick, or has it reserved (409).
    NickTaken,
    /// Who asks must use the nick that is reserved for them (406), or nicks cannot be changed here.
    NickReserved,
    /// The nick is missing or none that can be had.
    BadNick(NickFault),
    /// The room is full (503).
    RoomFull,
    /// Too many sessions share the nick.
    TooManySessions,
    /// Only occupants may do this (406).
    NotAnOccupant,
    /// Nobody in the room has this nick (404).
    NoSuchOccupant,
    /// The room is moderated and who asks has no voice (403).
    NoVoice,
    /// Private messages are not permitted here (403).
    PrivateMessagesOff,
    /// Role or affiliation do not permit this (403).
    NotPermitted,
    /// Nobody can do this to one of higher standing (405).
    TooPowerful,
    /// The last owner cannot be taken away (409).
    LastOwner,
    /// Nobody can take their own standing (409).
    OneSelf,
    /// Nobody invited who declines.
    NotInvited,
    /// Presence or messages come faster than they may.
    TooFast,
    /// One session is in, or one person created, as many rooms as the service permits.
    TooManyRoomsOfOne,
    /// Nobody but members may register here.
    RegistrationOff,
    /// Nobody who asked to be registered waits under this nick.
    NoSuchRegistration,
    /// Who takes a registration back has none.
    NotRegistered,
    /// A form lacks what it cannot do without, which is named.
    FieldMissing(&'static str),
    /// A text is too long.
    TooLong {
        /// Which text.
        what: &'static str,
        /// The limit.
        max_bytes: usize,
    },
    /// There are too many of something.
    TooMany {
        /// Of what.
        what: &'static str,
        /// The limit.
        max: usize,
    },
    /// Payloads are nested too deep.
    TooDeep,
    /// A text holds characters that XML cannot carry.
    IllegalCharacters {
        /// Which text.
        what: &'static str,
    },
    /// The request makes no sense.
    BadRequest(&'static str),
    /// The configuration asked for is not possible.
    BadConfiguration(&'static str),
    /// The service does not do this.
    NotImplemented,
    /// Occupants are not reached this way.
    NotRelayed,
}

impl RoomRefusal {
    /// The type and condition that XEP-0045 gives for the case.
    pub fn condition(&self) -> (ErrorType, DefinedCondition) {
        use DefinedCondition as C;
        use ErrorType::{Auth, Cancel, Modify, Wait};
        match self {
            RoomRefusal::NoSuchRoom
            | RoomRefusal::NoSuchOccupant
            | RoomRefusal::NotInvited
            | RoomRefusal::NoSuchRegistration => (Cancel, C::ItemNotFound),
            RoomRefusal::CreationRestricted | RoomRefusal::TooPowerful | RoomRefusal::RegistrationOff => {
                (Cancel, C::NotAllowed)
            }
            RoomRefusal::TooFast => (Wait, C::PolicyViolation),
            RoomRefusal::NotRegistered => (Auth, C::RegistrationRequired),
            RoomRefusal::FieldMissing(_) => (Modify, C::NotAcceptable),
            RoomRefusal::RoomExists | RoomRefusal::NickTaken | RoomRefusal::LastOwner | RoomRefusal::OneSelf => {
                (Cancel, C::Conflict)
            }
            RoomRefusal::TooManyRooms | RoomRefusal::TooManyRoomsOfOne => (Wait, C::ResourceConstraint),
            RoomRefusal::BadRoomName | RoomRefusal::BadNick(_) => (Modify, C::JidMalformed),
            RoomRefusal::PasswordRequired => (Auth, C::NotAuthorized),
            RoomRefusal::Banned | RoomRefusal::NoVoice | RoomRefusal::NotPermitted => (Auth, C::Forbidden),
            RoomRefusal::PrivateMessagesOff => (Cancel, C::Forbidden),
            RoomRefusal::MembersOnly => (Auth, C::RegistrationRequired),
            RoomRefusal::NickReserved => (Cancel, C::NotAcceptable),
            RoomRefusal::RoomFull => (Wait, C::ServiceUnavailable),
            RoomRefusal::TooManySessions => (Wait, C::ResourceConstraint),
            RoomRefusal::NotAnOccupant => (Modify, C::NotAcceptable),
            RoomRefusal::TooLong { .. } | RoomRefusal::TooMany { .. } | RoomRefusal::TooDeep => {
                (Modify, C::PolicyViolation)
            }
            RoomRefusal::IllegalCharacters { .. } | RoomRefusal::BadRequest(_) => (Modify, C::BadRequest),
            RoomRefusal::BadConfiguration(_) => (Modify, C::NotAcceptable),
            RoomRefusal::NotImplemented => (Cancel, C::FeatureNotImplemented),
            RoomRefusal::NotRelayed => (Cancel, C::ServiceUnavailable),
        }
    }

    /// The error element, spoken by the room or the service.
    pub fn to_stanza_error(&self, by: Option<&BareJid>) -> StanzaError {
        let (kind, condition) = self.condition();
        let mut error = StanzaError::new(kind, condition, "en", self.to_string());
        error.by = by.cloned().map(Into::into);
        error
    }
}

impl fmt::Display for RoomRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            RoomRefusal::NoSuchRoom => "There is no such room.",
            RoomRefusal::CreationRestricted => "Rooms are not created this way here.",
            RoomRefusal::RoomExists => "A room of this name exists already.",
            RoomRefusal::TooManyRooms => "The service has as many rooms as it may have.",
            RoomRefusal::BadRoomName => "A room cannot have this name.",
            RoomRefusal::PasswordRequired => "The password is missing or wrong.",
            RoomRefusal::Banned => "You are banned from this room.",
            RoomRefusal::MembersOnly => "Only members may enter this room.",
            RoomRefusal::NickTaken => "Another has this nick.",
            RoomRefusal::NickReserved => "Nicks are reserved here; use your own.",
            RoomRefusal::BadNick(NickFault::Empty) => "A nick is needed.",
            RoomRefusal::BadNick(NickFault::TooLong) => "The nick is too long.",
            RoomRefusal::BadNick(NickFault::OuterSpace) => "A nick neither starts nor ends with a space.",
            RoomRefusal::BadNick(NickFault::Deceptive) => "The nick holds characters that do not show.",
            RoomRefusal::BadNick(NickFault::NotAResource) => "The nick is no valid resource.",
            RoomRefusal::RoomFull => "The room is full.",
            RoomRefusal::TooManySessions => "Too many sessions share this nick.",
            RoomRefusal::NotAnOccupant => "Only occupants of the room may do this.",
            RoomRefusal::NoSuchOccupant => "Nobody in the room has this nick.",
            RoomRefusal::NoVoice => "You have no voice in this room.",
            RoomRefusal::PrivateMessagesOff => "Private messages are not permitted in this room.",
            RoomRefusal::NotPermitted => "You may not do this in this room.",
            RoomRefusal::TooPowerful => "Their standing in the room does not permit this.",
            RoomRefusal::LastOwner => "A room keeps at least one owner.",
            RoomRefusal::OneSelf => "You cannot take this from yourself.",
            RoomRefusal::NotInvited => "There is no such invitation.",
            RoomRefusal::TooFast => "That was too much at once; wait a moment.",
            RoomRefusal::TooManyRoomsOfOne => "You have as many rooms as you may have.",
            RoomRefusal::RegistrationOff => "Only members may register with this room.",
            RoomRefusal::NoSuchRegistration => "Nobody of this nick waits to be registered.",
            RoomRefusal::NotRegistered => "You are not registered with this room.",
            RoomRefusal::FieldMissing(field) => return write!(f, "The form lacks {field}."),
            RoomRefusal::TooLong { what, max_bytes } => {
                return write!(f, "Too long: {what} may take at most {max_bytes} bytes.");
            }
            RoomRefusal::TooMany { what, max } => return write!(f, "Too many: at most {max} {what}."),
            RoomRefusal::TooDeep => "The elements are nested too deep.",
            RoomRefusal::IllegalCharacters { what } => {
                return write!(f, "There are characters in {what} that cannot be sent.");
            }
            RoomRefusal::BadRequest(why) | RoomRefusal::BadConfiguration(why) => why,
            RoomRefusal::NotImplemented => "The service does not do this.",
            RoomRefusal::NotRelayed => "Occupants are not reached this way.",
        };
        f.write_str(text)
    }
}

impl std::error::Error for RoomRefusal {}
