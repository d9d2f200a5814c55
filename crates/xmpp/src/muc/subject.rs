//! The subject of a room (XEP-0045 §7.2.15, §8.1): who may set it, and telling it to newcomers.

use std::collections::BTreeMap;

use jid::{FullJid, Jid};
use xmpp_parsers::message::{Id, Lang, Message};

use super::outcome::Turn;
use super::stanza_id::stamp;
use super::{Nick, Privilege, Role, Room, RoomHappening, RoomRefusal};
use crate::xep::delay::{Delay, Stamp};

/// The subject, and who set it when.
#[derive(Debug, Clone, Default)]
pub(super) struct Subject {
    pub texts: BTreeMap<Lang, String>,
    pub by: Option<Nick>,
    pub set_at_us: Option<i64>,
}

impl Subject {
    /// The text without a language, else the first; empty when there is none.
    pub fn text(&self) -> &str {
        self.texts.get("").or_else(|| self.texts.values().next()).map_or("", String::as_str)
    }
}

impl Room {
    /// An occupant asks for another subject.
    pub(super) fn handle_subject(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        message: Message,
    ) -> Result<(), RoomRefusal> {
        let occupant = self.occupant_of(from).ok_or(RoomRefusal::NotAnOccupant)?;
        let permitted = self.config.open_subject || occupant.role == Role::Moderator;
        if !permitted || !occupant.role.allows(Privilege::ChangeSubject) {
            return Err(RoomRefusal::NotPermitted);
        }
        let by = occupant.nick.clone();
        let message = self.in_name_of(occupant, message);
        self.set_subject(turn, Some(by), message);
        Ok(())
    }

    /// Sets the subject, checked, from an occupant or (without a nick) from the room itself, and tells everybody.
    pub(super) fn set_subject(&mut self, turn: &mut Turn<'_>, by: Option<Nick>, mut message: Message) {
        let id = turn.at.stanza_id;
        self.lasting_changed = true;
        self.subject = Subject { texts: message.subjects.clone(), by, set_at_us: Some(turn.at.now_us) };
        message.id.get_or_insert_with(|| Id(id.to_owned()));
        message.payloads.push(stamp(&self.jid, id));
        self.send_to_all(turn, message);
        turn.tell(RoomHappening::SubjectChanged {
            room: self.jid.clone(),
            nick: self.subject.by.as_ref().map(Nick::to_string),
            subject: self.subject.text().to_owned(),
            stanza_id: id.to_owned(),
        });
    }

    /// Tells a newcomer the subject, even when there is none: it ends the history.
    pub(super) fn send_subject(&self, turn: &mut Turn<'_>, to: &FullJid) {
        let mut message = Message::groupchat(None);
        let by = self.subject.by.as_ref().map(|nick| Jid::from(self.address_of(nick)));
        message.from = Some(by.unwrap_or_else(|| self.jid.clone().into()));
        message.subjects.clone_from(&self.subject.texts);
        if message.subjects.is_empty() {
            message.subjects.insert(Lang::new(), String::new());
        }
        if let Some(at_us) = self.subject.set_at_us {
            message.payloads.push(Delay { from: Some(self.jid.clone().into()), stamp: Stamp(at_us) }.into());
        }
        turn.send(to.clone(), message);
    }
}
