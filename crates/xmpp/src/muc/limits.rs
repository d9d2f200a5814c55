//! Limits of a conference service: every number that a stranger could otherwise drive up, and how size is measured.

use minidom::{Element, Node};

use super::RoomRefusal;
use super::text::is_legal;

/// What a service permits at most. `Default` suits conversations of a chat desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Rooms of the service.
    pub rooms: usize,
    /// Rooms in one answer to who asks for the list.
    pub listed: usize,
    /// Occupants of a room, whatever its configuration says.
    pub occupants_per_room: usize,
    /// Sessions (full addresses) that share one nick.
    pub sessions_per_occupant: usize,
    /// Addresses with a standing in a room.
    pub affiliations_per_room: usize,
    /// Invitations that a room remembers, so that they can be declined. The oldest gives way.
    pub invitations_per_room: usize,
    /// Bytes of a nick.
    pub nick_bytes: usize,
    /// Bytes of a message's words, all languages together.
    pub body_bytes: usize,
    /// Bytes of a subject, all languages together.
    pub subject_bytes: usize,
    /// Bytes of a reason or a status text.
    pub reason_bytes: usize,
    /// Bytes of a password.
    pub password_bytes: usize,
    /// Bytes of a room's title.
    pub title_bytes: usize,
    /// Bytes of a room's description.
    pub description_bytes: usize,
    /// Bytes of a stanza's `id`.
    pub id_bytes: usize,
    /// Messages that a room keeps for those who enter later.
    pub history: usize,
    /// Bytes of words and payloads that this history takes at most.
    pub history_bytes: usize,
    /// Elements directly in a message or presence, bodies and subjects included.
    pub children: usize,
    /// Bytes of names, attributes and text in the payloads of a stanza, estimated without serialising.
    pub payload_bytes: usize,
    /// How deep payloads may be nested.
    pub depth: usize,
    /// Items in one `muc#admin` request, and invitations in one message.
    pub items: usize,
    /// Bytes of a query, or of its answer, that one occupant sends another: cards with pictures are among them.
    pub query_bytes: usize,
    /// Rooms that one session on the network is in at once. The host's own sessions are not counted.
    pub rooms_per_session: usize,
    /// Rooms that exist at once because one person created them by entering.
    pub rooms_per_creator: usize,
    /// Nicks that one person has in one room at once.
    pub nicks_per_person: usize,
    /// Registrations of a room that wait for an admin.
    pub registrations_per_room: usize,
    /// Hats of one person in one room.
    pub hats_per_person: usize,
    /// How fast an occupant on the network may send presence.
    pub presence_pace: Pace,
    /// How fast an occupant on the network may send messages, to all and in private.
    pub message_pace: Pace,
}

/// How fast something may come: so many at once, then one each interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pace {
    /// So many may come at once.
    pub burst: u32,
    /// After them one each so many microseconds. 0 means that there is no limit.
    pub interval_us: u32,
}

impl Pace {
    /// As fast as anybody likes.
    pub const UNLIMITED: Pace = Pace { burst: 0, interval_us: 0 };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            rooms: 100_000,
            listed: 200,
            occupants_per_room: 1_000,
            sessions_per_occupant: 8,
            affiliations_per_room: 1_000,
            invitations_per_room: 100,
            nick_bytes: 64,
            body_bytes: 16 * 1024,
            subject_bytes: 1024,
            reason_bytes: 1024,
            password_bytes: 256,
            title_bytes: 256,
            description_bytes: 4 * 1024,
            id_bytes: 512,
            history: 100,
            history_bytes: 512 * 1024,
            children: 32,
            payload_bytes: 32 * 1024,
            depth: 16,
            items: 50,
            query_bytes: 256 * 1024,
            rooms_per_session: 500,
            rooms_per_creator: 50,
            nicks_per_person: 5,
            registrations_per_room: 50,
            hats_per_person: 8,
            presence_pace: Pace { burst: 30, interval_us: 500_000 },
            message_pace: Pace::UNLIMITED,
        }
    }
}

impl Limits {
    /// Texts of one kind: together not longer than the limit, and nothing in them that XML cannot carry.
    pub(super) fn check_texts<'a>(
        &self,
        what: &'static str,
        texts: impl IntoIterator<Item = &'a String>,
        max_bytes: usize,
    ) -> Result<(), RoomRefusal> {
        let mut bytes = 0;
        for text in texts {
            bytes += text.len();
            if bytes > max_bytes {
                return Err(RoomRefusal::TooLong { what, max_bytes });
            }
            if !text.chars().all(is_legal) {
                return Err(RoomRefusal::IllegalCharacters { what });
            }
        }
        Ok(())
    }

    /// A reason, if there is one.
    pub(super) fn check_reason(&self, reason: Option<&String>) -> Result<(), RoomRefusal> {
        self.check_texts("reason", reason, self.reason_bytes)
    }

    /// Payloads that are relayed unread: bytes and depth. Their number is checked by the caller, with its own children.
    /// Gives back how many bytes they take.
    pub(super) fn check_payloads(&self, payloads: &[Element]) -> Result<usize, RoomRefusal> {
        let mut left = self.payload_bytes;
        payloads.iter().try_for_each(|payload| self.measure(payload, self.depth, &mut left))?;
        Ok(self.payload_bytes - left)
    }

    /// The payload of a query or of its answer, which is relayed unread.
    pub(super) fn check_query(&self, payload: &Element) -> Result<(), RoomRefusal> {
        let mut left = self.query_bytes;
        let checked = self.measure(payload, self.depth, &mut left);
        checked.map_err(|refusal| match refusal {
            RoomRefusal::TooLong { .. } => RoomRefusal::TooLong { what: "a query", max_bytes: self.query_bytes },
            other => other,
        })
    }

    fn measure(&self, element: &Element, depth: usize, left: &mut usize) -> Result<(), RoomRefusal> {
        let Some(depth) = depth.checked_sub(1) else { return Err(RoomRefusal::TooDeep) };
        self.take(left, element.name().len() * 2 + element.ns().len() + 8)?;
        for ((_, name), value) in element.attrs() {
            self.take(left, name.len() + value.len() + 4)?;
            if !value.chars().all(is_legal) {
                return Err(RoomRefusal::IllegalCharacters { what: "an attribute" });
            }
        }
        for node in element.nodes() {
            match node {
                Node::Element(child) => self.measure(child, depth, left)?,
                Node::Text(text) => {
                    self.take(left, text.len())?;
                    if !text.chars().all(is_legal) {
                        return Err(RoomRefusal::IllegalCharacters { what: "a payload" });
                    }
                }
            }
        }
        Ok(())
    }

    fn take(&self, left: &mut usize, bytes: usize) -> Result<(), RoomRefusal> {
        *left =
            left.checked_sub(bytes).ok_or(RoomRefusal::TooLong { what: "payloads", max_bytes: self.payload_bytes })?;
        Ok(())
    }
}
