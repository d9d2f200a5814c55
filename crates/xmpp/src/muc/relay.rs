//! Queries that one occupant sends another through the room (XEP-0045 §17.4): where they go, and how the answer finds its
//! way back without the room keeping anything. What the room answers itself is in `queries.rs`.

use jid::{FullJid, Jid};
use minidom::Element;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ns as known;

use super::outcome::Turn;
use super::{Nick, Occupant, Room, RoomRefusal};

/// Hexadecimal digits of the mark by which an answer is known.
const MARK: usize = 16;

impl Room {
    /// A query to an occupant. It goes to the session whose presence is shown; what the account answers, cards and
    /// pictures, goes to the bare address. The id carries a mark that only this room can make, so that nobody answers
    /// what was not asked.
    pub(super) fn relay_query(&self, turn: &mut Turn<'_>, from: &Jid, to: &Nick, query: Iq) -> Result<(), RoomRefusal> {
        let session = from.try_as_full().map_err(|_| RoomRefusal::NotAnOccupant)?;
        let asking = self.occupant_of(session).ok_or(RoomRefusal::NotAnOccupant)?;
        let asked = self.occupants.get(to).ok_or(RoomRefusal::NoSuchOccupant)?;
        if !self.config.queries {
            return Err(RoomRefusal::NotRelayed);
        }
        let (id, payload, is_get) = match query {
            Iq::Get { id, payload, .. } => (id, payload, true),
            Iq::Set { id, payload, .. } => (id, payload, false),
            Iq::Result { .. } | Iq::Error { .. } => return Ok(()),
        };
        turn.limits.check_texts("the id", [&id], turn.limits.id_bytes)?;
        turn.limits.check_query(&payload)?;
        let target: Jid =
            if is_get && is_of_the_account(&payload) { asked.bare.clone().into() } else { asked.shown.clone().into() };
        let id = format!("{}{id}", self.mark(turn, session, asked, &id));
        let from = Some(self.address_of(&asking.nick).into());
        let relayed =
            if is_get { Iq::Get { from, to: None, id, payload } } else { Iq::Set { from, to: None, id, payload } };
        turn.send(target, relayed);
        Ok(())
    }

    /// The answer to a query that was relayed. What answers nothing falls on deaf ears.
    pub(super) fn relay_answer(&self, turn: &mut Turn<'_>, from: &Jid, to: &Nick, answer: Iq) {
        let id = answer.id();
        if id.len() > turn.limits.id_bytes + MARK || !id.is_char_boundary(MARK.min(id.len())) || id.len() < MARK {
            return;
        }
        let (mark, id) = id.split_at(MARK);
        let Some(asking) = self.occupants.get(to) else { return };
        let person = from.to_bare();
        let answering = self.occupants.values().filter(|occupant| occupant.bare == person);
        let found = answering.flat_map(|asked| asking.sessions.keys().map(move |session| (asked, session)));
        let Some((asked, session)) =
            found.into_iter().find(|(asked, session)| self.mark(turn, session, asked, id) == mark)
        else {
            return;
        };
        let from = Some(self.address_of(&asked.nick).into());
        let id = id.to_owned();
        let fits = |payload: &Element| turn.limits.check_query(payload).is_ok();
        let relayed = match answer {
            Iq::Result { payload, .. } if payload.as_ref().is_none_or(fits) => {
                Iq::Result { from, to: None, id, payload }
            }
            Iq::Error { error, .. } => Iq::Error { from, to: None, id, error, payload: None },
            _ => {
                let error = RoomRefusal::TooLong { what: "the answer", max_bytes: turn.limits.query_bytes };
                Iq::Error { from, to: None, id, error: error.to_stanza_error(Some(&self.jid)), payload: None }
            }
        };
        turn.send(session.clone(), relayed);
    }

    fn mark(&self, turn: &Turn<'_>, session: &FullJid, asked: &Occupant, id: &str) -> String {
        turn.key.mark(&["query", self.jid.as_str(), session.as_str(), asked.bare.as_str(), asked.nick.as_str(), id])
    }
}

/// Whether it is the account that answers, so that a picture is had while nobody looks at the screen.
fn is_of_the_account(payload: &Element) -> bool {
    payload.is("vCard", known::VCARD) || payload.is("pubsub", known::PUBSUB)
}
