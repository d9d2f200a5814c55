//! Who is in a conversation (the dialect's `occupants-info`).

use jid::Jid;
use minidom::Element;

use super::limits::{ENTRIES, ID_BYTES, NAME_BYTES};
use super::{LegacyDate, ns};
use crate::markup::{Build, Fault, Read};

/// One who is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OccupantThere {
    /// Their address.
    pub jid: Jid,
    /// Their name in the room.
    pub nick: String,
    /// Since when.
    pub joined: LegacyDate,
}

/// `<occupants-info/>`: empty where it asks, and for a room that there is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OccupantsInfo {
    /// The node of the room.
    pub room: String,
    /// Who is there.
    pub occupants: Vec<OccupantThere>,
}

impl OccupantsInfo {
    /// Reads `<occupants-info/>`.
    ///
    /// # Errors
    /// When it is another element, names no room, or an occupant lacks a part.
    pub fn read(element: &Element) -> Result<OccupantsInfo, Fault> {
        let it = Read::of(element, "occupants-info", ns::FAMILY)?;
        let occupant = |one: Read<'_>| {
            Ok(OccupantThere {
                jid: one.parsed_leaf("jid")?.ok_or(Fault::Missing("jid"))?,
                nick: one.leaf("nickname", NAME_BYTES)?.unwrap_or_default(),
                joined: one.parsed_leaf("joined")?.ok_or(Fault::Missing("joined"))?,
            })
        };
        let occupants = it.children("occupant", ENTRIES)?.into_iter().map(occupant).collect::<Result<_, _>>()?;
        Ok(OccupantsInfo { room: it.need_attr("roomID", ID_BYTES)?, occupants })
    }

    /// The `<occupants-info/>` element.
    pub fn write(&self) -> Element {
        let occupant = |one: &OccupantThere| {
            let build = Build::new("occupant", ns::JIVE).leaf("jid", &one.jid);
            build.leaf("nickname", &one.nick).leaf("joined", one.joined)
        };
        Build::new("occupants-info", ns::JIVE)
            .attr("roomID", &self.room)
            .children(self.occupants.iter().map(occupant))
            .done()
    }
}
