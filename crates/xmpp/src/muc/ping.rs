//! XEP-0410: a session asks whether it is still inside, by pinging its own nick. The room answers itself.

use jid::Jid;

use super::{Nick, Room, RoomRefusal};

impl Room {
    /// Whether a ping to an occupant's address is one's own, which the room answers; pings to others go on to them as
    /// other queries do. Whoever is not inside is told so, as is who calls themself by a nick that nobody has.
    pub(super) fn is_self_ping(&self, from: &Jid, to: &Nick) -> Result<bool, RoomRefusal> {
        let inside = from.try_as_full().ok().and_then(|full| self.occupant_of(full));
        let inside = inside.ok_or(RoomRefusal::NotAnOccupant)?;
        if self.occupants.contains_key(to) { Ok(inside.nick == *to) } else { Err(RoomRefusal::NoSuchOccupant) }
    }
}
