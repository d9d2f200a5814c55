//! What outlives the occupants of a persistent room, as a document that a host stores: JSON of one version, read strictly.
//! How a room becomes one and comes from one is in `lasting.rs`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::RoomRefusal;

/// The version that is written, and the only one that is read.
pub(super) const VERSION: u32 = 1;

/// The lasting part of a room: configuration, affiliations, reserved nicks, hats, subject. Neither occupants nor history.
#[derive(Debug, Clone, PartialEq)]
pub struct LastingRoom(pub(super) Document);

/// Why a text is no lasting part of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LastingFault {
    /// It is no JSON, or something in it is missing, unknown or of the wrong kind.
    Malformed(String),
    /// It is of a version that is not read.
    Version(u32),
    /// Something in it has no meaning.
    Senseless(&'static str),
    /// The service cannot have such a room.
    Refused(RoomRefusal),
}

impl fmt::Display for LastingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LastingFault::Malformed(why) => write!(f, "The stored room cannot be read: {why}"),
            LastingFault::Version(version) => write!(f, "The stored room is of version {version}; {VERSION} is read."),
            LastingFault::Senseless(what) => write!(f, "The stored room makes no sense: {what}"),
            LastingFault::Refused(refusal) => write!(f, "The stored room is refused: {refusal}"),
        }
    }
}

impl std::error::Error for LastingFault {}

impl From<RoomRefusal> for LastingFault {
    fn from(refusal: RoomRefusal) -> LastingFault {
        LastingFault::Refused(refusal)
    }
}

impl LastingRoom {
    /// The address of the room, as stored.
    pub fn room(&self) -> &str {
        &self.0.room
    }

    /// The document as one line of JSON.
    pub fn to_text(&self) -> String {
        serde_json::to_string(&self.0).expect("strings, numbers and lists can be written as JSON")
    }

    /// Reads a document. Whether its room makes sense is known once it is restored.
    ///
    /// # Errors
    /// [`LastingFault::Malformed`], [`LastingFault::Version`].
    pub fn from_text(text: &str) -> Result<LastingRoom, LastingFault> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let malformed = |error: serde_json::Error| LastingFault::Malformed(error.to_string());
        let Versioned { version } = serde_json::from_str(text).map_err(malformed)?;
        if version != VERSION {
            return Err(LastingFault::Version(version));
        }
        serde_json::from_str(text).map(LastingRoom).map_err(malformed)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub version: u32,
    pub room: String,
    pub creator: Option<String>,
    pub config: ConfigDocument,
    pub affiliations: Vec<StandingDocument>,
    pub hats: BTreeMap<String, Vec<HatDocument>>,
    pub subject: SubjectDocument,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigDocument {
    pub title: String,
    pub description: String,
    pub lang: String,
    pub public: bool,
    pub members_only: bool,
    pub moderated: bool,
    pub password: Option<String>,
    pub whois: String,
    pub open_invitations: bool,
    pub open_subject: bool,
    pub private_messages: String,
    pub max_occupants: Option<usize>,
    pub history: usize,
    pub public_log: bool,
    pub nicks_locked: bool,
    pub presence_broadcast: Vec<String>,
    pub member_list: Vec<String>,
    pub registration: String,
    pub queries: bool,
    pub occupants_listed: bool,
    pub archived: bool,
    pub pubsub: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StandingDocument {
    pub jid: String,
    pub affiliation: String,
    pub nick: Option<String>,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HatDocument {
    pub title: String,
    pub uri: String,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubjectDocument {
    pub texts: BTreeMap<String, String>,
    pub by: Option<String>,
    pub set_at_us: Option<i64>,
}
