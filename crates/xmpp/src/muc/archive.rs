//! Who may ask for what was said in a room (XEP-0313 in rooms). What was said is kept, found and rendered by the host.

use jid::{BareJid, Jid};

use super::view::View;
use super::{Affiliation, Role, RoomRefusal, Service};

/// What somebody may see of a room's archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveView {
    /// Whether the messages may tell real addresses (`muc#user` with an item).
    pub reveals_addresses: bool,
}

impl Service {
    /// Whether somebody may read the archive of a room: where it is kept, whoever could be inside without a password,
    /// and whoever is inside. Others are refused as at the door.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], [`RoomRefusal::NotImplemented`] when the room keeps none,
    /// [`RoomRefusal::Banned`], [`RoomRefusal::NotPermitted`] for a stranger to a members-only room or somebody outside
    /// a room with a password.
    pub fn may_query_archive(&self, room: &BareJid, who: &Jid) -> Result<ArchiveView, RoomRefusal> {
        let room = self.rooms.get(room).ok_or(RoomRefusal::NoSuchRoom)?;
        let person = who.to_bare();
        let affiliation = room.affiliation_of(&person);
        if room.locked && affiliation < Affiliation::Owner {
            return Err(RoomRefusal::NoSuchRoom);
        }
        if !room.config.archived {
            return Err(RoomRefusal::NotImplemented);
        }
        if affiliation == Affiliation::Outcast {
            return Err(RoomRefusal::Banned);
        }
        let inside = who.try_as_full().ok().and_then(|session| room.occupant_of(session));
        let knows_the_password = room.config.password.is_none() || affiliation >= Affiliation::Member;
        if inside.is_none() && !(room.is_welcome(&person) && knows_the_password) {
            return Err(RoomRefusal::NotPermitted);
        }
        let role = inside.map_or_else(|| room.entry_role(&person), |occupant| occupant.role);
        let reveals_addresses = role > Role::None && room.view_of(role) == View::Revealed;
        Ok(ArchiveView { reveals_addresses })
    }
}
