//! A moderator takes back what somebody said (XEP-0425): everybody is told, and newcomers do not see it. Taking back one's
//! own words (XEP-0424) is a message like others, in `message.rs`.

use jid::Jid;
use minidom::Element;
use xmpp_parsers::message::{Id, Message};
use xmpp_parsers::occupant_id::OccupantId;

use super::admin::Authority;
use super::outcome::Turn;
use super::stanza_id::stamp;
use super::{Moment, Outcome, Role, Room, RoomHappening, RoomRefusal, Service};
use crate::xep::moderate::{Moderate, Moderated, Retract};
use jid::BareJid;

impl Room {
    /// A request to take a message back. Which messages there are the room knows only as far as its history goes, so
    /// that any id is passed on.
    pub(super) fn handle_moderate(
        &mut self,
        turn: &mut Turn<'_>,
        from: &Jid,
        by: &Authority,
        request: Element,
    ) -> Result<(), RoomRefusal> {
        let request = Moderate::try_from(request)
            .map_err(|_| RoomRefusal::BadRequest("A moderator names the message that is taken back."))?;
        if request.retract.is_none() {
            return Err(RoomRefusal::NotImplemented);
        }
        if by.role != Role::Moderator {
            let inside = from.try_as_full().is_ok_and(|session| self.sessions.contains_key(session));
            return Err(if inside { RoomRefusal::NotPermitted } else { RoomRefusal::NotAnOccupant });
        }
        self.moderate(turn, by, request.id, request.reason)
    }

    fn moderate(
        &mut self,
        turn: &mut Turn<'_>,
        by: &Authority,
        retracted: String,
        reason: Option<String>,
    ) -> Result<(), RoomRefusal> {
        turn.limits.check_texts("the id", [&retracted], turn.limits.id_bytes)?;
        turn.limits.check_reason(reason.as_ref())?;
        let moderator = by.nick.as_ref().and_then(|nick| self.occupants.get(nick));
        let occupant_id = moderator.map(|occupant| OccupantId { id: occupant.occupant_id.clone() });
        let named = by.nick.as_ref().map(|nick| Jid::from(self.address_of(nick)));
        let moderated = Moderated { by: named, occupant_id };
        let told = Retract { id: retracted.clone(), moderated: Some(moderated), reason: reason.clone() };
        let mut message = Message::groupchat(None);
        message.from = Some(self.jid.clone().into());
        message.id = Some(Id(turn.at.stanza_id.to_owned()));
        message.payloads.push(told.into());
        message.payloads.push(stamp(&self.jid, turn.at.stanza_id));
        self.history.retract(&self.jid, &retracted);
        self.send_to_all(turn, message);
        turn.tell(RoomHappening::Moderated { room: self.jid.clone(), by: by.name(), retracted, reason });
        Ok(())
    }
}

impl Service {
    /// The host takes back what somebody said.
    ///
    /// # Errors
    /// [`RoomRefusal::NoSuchRoom`], an id or a reason that is too long.
    pub fn moderate(
        &mut self,
        at: Moment<'_>,
        room: &BareJid,
        stanza_id: &str,
        reason: Option<&str>,
    ) -> Result<Outcome, RoomRefusal> {
        let by = Authority::host(self.address.clone().into());
        self.with_room(at, room, |room, turn| room.moderate(turn, &by, stanza_id.to_owned(), reason.map(str::to_owned)))
    }
}
