//! Members-only rooms: who counts as a member, who stays outside, who must leave (XEP-0045 §7.2.7, §9.4).

use super::leave::Removal;
use super::outcome::Turn;
use super::{Leaving, Room, RoomRefusal};
use jid::BareJid;

impl Room {
    /// Whether somebody may be in the room as far as membership goes.
    pub(super) fn is_welcome(&self, person: &BareJid) -> bool {
        let affiliation = self.affiliation_of(person);
        affiliation.allows(if self.config.members_only {
            super::LastingPrivilege::EnterMembersOnlyRoom
        } else {
            super::LastingPrivilege::EnterOpenRoom
        })
    }

    /// Refuses strangers at the door.
    pub(super) fn check_membership(&self, person: &BareJid) -> Result<(), RoomRefusal> {
        if self.is_welcome(person) { Ok(()) } else { Err(RoomRefusal::MembersOnly) }
    }

    /// Sends out who is not a member, when the room has become members-only.
    pub(super) fn remove_non_members(&mut self, turn: &mut Turn<'_>) {
        let strangers: Vec<_> =
            self.occupants.values().filter(|o| !self.is_welcome(&o.bare)).map(|o| o.nick.clone()).collect();
        for nick in strangers {
            self.remove_occupant(turn, &nick, Removal::new(Leaving::MembersOnly));
        }
    }
}
