//! Messages to all (XEP-0045 §7.4): who may speak, what is passed on, and what a message without words means.

use std::sync::Arc;

use jid::FullJid;
use minidom::Element;
use xmpp_parsers::message::{Id, Message};
use xmpp_parsers::ns;
use xmpp_parsers::occupant_id::OccupantId;
use xmpp_parsers::stanza::Stanza;

use super::outcome::Turn;
use super::stanza_id::{is_forged, stamp};
use super::{Limits, Occupant, Privilege, Room, RoomHappening, RoomRefusal, Said};
use crate::xep::chat::ChatContent;
use crate::xep::ns as own;

impl Room {
    /// A message of type `groupchat` to the room.
    pub(super) fn handle_groupchat(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        message: Message,
    ) -> Result<(), RoomRefusal> {
        let occupant = self.occupant_of(from).ok_or(RoomRefusal::NotAnOccupant)?;
        let bytes = check_message(&message, turn.limits)?;
        if !message.subjects.is_empty() && message.bodies.is_empty() {
            return self.handle_subject(turn, from, message);
        }
        if !occupant.role.allows(Privilege::Speak) {
            return Err(RoomRefusal::NoVoice);
        }
        let content = ChatContent::read(&message);
        let mut message = self.in_name_of(occupant, message);
        let id = message.id.get_or_insert_with(|| Id(turn.at.stanza_id.to_owned())).0.clone();
        message.payloads.push(stamp(&self.jid, turn.at.stanza_id));
        let said = self.said(turn, occupant, from, id, content);
        let retracted = retracted_by(&message);
        let (is_kept, is_archived) = is_lasting(&message);
        let stanza = Arc::new(Stanza::from(message));
        if let Some(retracted) = &retracted {
            self.history.retract_own(&self.jid, retracted, &said.occupant_id);
        }
        if is_kept {
            self.history.push(turn.at.now_us, &stanza, bytes);
        }
        self.share_with_all(turn, &stanza);
        let nick = said.nick.clone();
        tell_said(turn, said, retracted);
        if is_archived && self.config.archived {
            let (stanza_id, at_us) = (turn.at.stanza_id.to_owned(), turn.at.now_us);
            let (room, real_jid) = (self.jid.clone(), from.clone());
            turn.tell(RoomHappening::Archivable { room, nick, real_jid, stanza_id, at_us, stanza });
        }
        Ok(())
    }

    /// A message as an occupant's, to be sent by the room: without what only the room may say.
    pub(super) fn in_name_of(&self, occupant: &Occupant, mut message: Message) -> Message {
        message.from = Some(self.address_of(&occupant.nick).into());
        message.to = None;
        message.payloads.retain(|payload| !is_of_the_room(payload) && !is_forged(&self.jid, payload));
        message.payloads.push(OccupantId { id: occupant.occupant_id.clone() }.into());
        message
    }

    /// What was said, typed.
    pub(super) fn said(
        &self,
        turn: &Turn<'_>,
        occupant: &Occupant,
        from: &FullJid,
        id: String,
        content: ChatContent,
    ) -> Said {
        Said {
            room: self.jid.clone(),
            nick: occupant.nick.to_string(),
            real_jid: from.clone(),
            occupant_id: occupant.occupant_id.clone(),
            id,
            stanza_id: turn.at.stanza_id.to_owned(),
            at_us: turn.at.now_us,
            content,
        }
    }
}

/// The message that one takes back, if it does (XEP-0424).
fn retracted_by(message: &Message) -> Option<String> {
    let retract = message.payloads.iter().find(|payload| payload.is("retract", own::RETRACT))?;
    retract.attr("id").map(str::to_owned)
}

/// Whether a message is kept for newcomers, and whether an archive should have it: hints of the sender come first
/// (XEP-0334), else words, and for the archive also what changes earlier words.
fn is_lasting(message: &Message) -> (bool, bool) {
    let has = |name: &str, space: &str| message.payloads.iter().any(|payload| payload.is(name, space));
    if has("no-store", own::HINTS) || has("no-permanent-store", own::HINTS) {
        return (
            has("no-permanent-store", own::HINTS) && !has("no-store", own::HINTS) && !message.bodies.is_empty(),
            false,
        );
    }
    let words = !message.bodies.is_empty();
    let lasting = words
        || has("store", own::HINTS)
        || has("retract", own::RETRACT)
        || has("reactions", ns::REACTIONS)
        || has("displayed", ns::DISPLAYED_MARKERS);
    (words, lasting)
}

/// States words and links, then the chat state, then the marker, then what is taken back: whatever of these there is.
fn tell_said(turn: &mut Turn<'_>, said: Said, retracted: Option<String>) {
    let is_heard = said.content.body.is_some() || said.content.oob_url.is_some();
    if is_heard && said.content.chat_state.is_none() && said.content.displayed.is_none() && retracted.is_none() {
        return turn.tell(RoomHappening::Said(said));
    }
    let (room, nick, real_jid) = (said.room.clone(), said.nick.clone(), said.real_jid.clone());
    let (chat_state, displayed) = (said.content.chat_state.clone(), said.content.displayed.clone());
    let occupant_id = said.occupant_id.clone();
    if said.content.body.is_some() || said.content.oob_url.is_some() {
        turn.tell(RoomHappening::Said(said));
    }
    if let Some(state) = chat_state {
        turn.tell(RoomHappening::ChatState {
            room: room.clone(),
            nick: nick.clone(),
            real_jid: real_jid.clone(),
            state,
        });
    }
    if let Some(displayed) = displayed {
        turn.tell(RoomHappening::Marker { room: room.clone(), nick: nick.clone(), real_jid, displayed });
    }
    if let Some(retracted) = retracted {
        turn.tell(RoomHappening::Retracted { room, nick, occupant_id, retracted });
    }
}

/// Whether a message is within the limits. Gives back the bytes of its words and payloads.
pub(super) fn check_message(message: &Message, limits: &Limits) -> Result<usize, RoomRefusal> {
    let thread = message.thread.as_ref().map(|thread| &thread.id);
    let children = message.bodies.len() + message.subjects.len() + message.payloads.len() + thread.iter().len();
    if children > limits.children {
        return Err(RoomRefusal::TooMany { what: "elements in a message", max: limits.children });
    }
    limits.check_texts("the words", message.bodies.values(), limits.body_bytes)?;
    limits.check_texts("the subject", message.subjects.values(), limits.subject_bytes)?;
    let parent = message.thread.as_ref().and_then(|thread| thread.parent.as_ref());
    limits.check_texts("the thread", thread.into_iter().chain(parent), limits.id_bytes)?;
    let languages = message.bodies.keys().chain(message.subjects.keys()).map(|lang| &lang.0);
    limits.check_texts("the languages", languages, limits.id_bytes)?;
    limits.check_texts("the id", message.id.as_ref().map(|id| &id.0), limits.id_bytes)?;
    let payloads = limits.check_payloads(&message.payloads)?;
    Ok(payloads + message.bodies.values().map(String::len).sum::<usize>())
}

/// What nobody but the room may say to its occupants.
fn is_of_the_room(payload: &Element) -> bool {
    payload.children().any(|child| child.has_ns(own::MODERATE))
        || payload.has_ns(own::MODERATE)
        || payload.has_ns(ns::MUC)
        || payload.has_ns(ns::MUC_USER)
        || payload.has_ns(ns::OID)
        || payload.has_ns(ns::DELAY)
}
