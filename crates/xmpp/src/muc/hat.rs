//! Hats (XEP-0317): the host says what somebody is beyond affiliation and role, and the others see it. The elements are in
//! `xep/hats.rs`.

use jid::BareJid;

use super::{Moment, Nick, Outcome, RoomRefusal, Service};
use crate::xep::hats::Hat;

impl Service {
    /// Gives somebody their hats, whether they are inside or not; none takes them all.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], too many hats, a text that is too long.
    pub fn set_hats(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        person: &BareJid,
        hats: Vec<Hat>,
    ) -> Result<Outcome, RoomRefusal> {
        self.with_room(at, room, |room, turn| {
            let max = turn.limits.hats_per_person;
            if hats.len() > max {
                return Err(RoomRefusal::TooMany { what: "hats", max });
            }
            turn.limits.check_texts(
                "the hats",
                hats.iter().flat_map(|h| [&h.title, &h.uri]),
                turn.limits.reason_bytes,
            )?;
            if room.hats.get(person).map_or(&[][..], Vec::as_slice) == hats.as_slice() {
                return Ok(());
            }
            if hats.is_empty() {
                room.hats.remove(person);
            } else {
                room.check_hats(turn.limits, person)?;
                room.hats.insert(person.clone(), hats);
            }
            room.lasting_changed = true;
            let nicks: Vec<Nick> =
                room.occupants.values().filter(|o| o.bare == *person).map(|o| o.nick.clone()).collect();
            for nick in nicks {
                if let Some(occupant) = room.occupants.get_mut(&nick) {
                    occupant.touch();
                    let occupant = &room.occupants[&nick];
                    room.broadcast_state(turn, occupant, None);
                }
            }
            Ok(())
        })
    }
}

impl super::Room {
    fn check_hats(&self, limits: &super::Limits, person: &BareJid) -> Result<(), RoomRefusal> {
        let max = limits.affiliations_per_room;
        let is_full = self.hats.len() >= max && !self.hats.contains_key(person);
        if is_full { Err(RoomRefusal::TooMany { what: "people with hats", max }) } else { Ok(()) }
    }
}
