//! XEP-0410: a session asks whether it is still inside, by pinging its own nick. The room answers itself.

use jid::Jid;

use super::{Nick, Room, RoomRefusal};

impl Room {
    /// A ping to an occupant's address: pong to one of their own sessions, a no to whoever is not inside. Others are
    /// not pinged through the room.
    pub(super) fn handle_ping(&self, from: &Jid, to: &Nick) -> Result<(), RoomRefusal> {
        let inside = from.try_as_full().ok().and_then(|full| self.occupant_of(full));
        match inside {
            None => Err(RoomRefusal::NotAnOccupant),
            Some(occupant) if occupant.nick == *to => Ok(()),
            Some(_) => Err(RoomRefusal::NotRelayed),
        }
    }
}
