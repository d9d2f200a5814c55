//! Asking for a voice in a moderated room, and a moderator's answer (XEP-0045 §7.13, §8.6): data forms that go through
//! the room. What a role is allowed is in `role.rs`, changing it in `admin.rs`.

use jid::{FullJid, Jid};
use minidom::Element;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::message::{Message, MessageType};

use super::outcome::Turn;
use super::{Occupant, Role, Room, RoomHappening, RoomRefusal};
use crate::xep::ns;

/// A voice form that somebody sent to the room.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum VoiceForm {
    /// "May I speak?"
    Request,
    /// "They may", or not, by nick.
    Answer { nick: String, allowed: bool },
}

impl VoiceForm {
    /// Reads the form among a message's payloads; `None` when there is none of this kind.
    pub fn read(payloads: &[Element]) -> Option<VoiceForm> {
        let form = payloads.iter().filter(|payload| payload.is("x", xmpp_parsers::ns::DATA_FORMS));
        let form = form.filter_map(|form| DataForm::try_from(form.clone()).ok());
        let form = form.into_iter().find(|form| form.form_type() == Some(ns::MUC_REQUEST))?;
        let value = |name: &str| {
            let field = form.fields.iter().find(|field| field.var.as_deref() == Some(name))?;
            field.values.first().cloned()
        };
        match (value("muc#request_allow"), value("muc#roomnick")) {
            (Some(allowed), Some(nick)) => {
                Some(VoiceForm::Answer { nick, allowed: matches!(allowed.as_str(), "1" | "true") })
            }
            _ => Some(VoiceForm::Request),
        }
    }
}

impl Room {
    /// Somebody asks for a voice, or a moderator answers.
    pub(super) fn handle_voice(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        form: VoiceForm,
    ) -> Result<(), RoomRefusal> {
        let occupant = self.occupant_of(from).ok_or(RoomRefusal::NotAnOccupant)?;
        match form {
            VoiceForm::Request if occupant.role != Role::Visitor => {
                Err(RoomRefusal::BadRequest("Who has a voice need not ask for one."))
            }
            VoiceForm::Request => {
                self.put_to_moderators(turn, occupant);
                turn.tell(RoomHappening::VoiceRequested {
                    room: self.jid.clone(),
                    nick: occupant.nick.to_string(),
                    real_jid: from.clone(),
                });
                Ok(())
            }
            VoiceForm::Answer { nick, allowed } => {
                let by = self.authority_of(&Jid::from(from.clone()));
                let asking = self.occupant(&nick).ok_or(RoomRefusal::NoSuchOccupant)?;
                self.check_role_change(&by, asking, Role::Participant)?;
                // A late answer takes nothing from whoever has been made more meanwhile.
                if allowed && asking.role == Role::Visitor {
                    let nick = asking.nick.clone();
                    self.apply_role(turn, &by, &nick, Role::Participant, None);
                }
                Ok(())
            }
        }
    }

    fn put_to_moderators(&self, turn: &mut Turn<'_>, asking: &Occupant) {
        let field = |name: &str, kind: FieldType, value: &str| Field::new(name, kind).with_value(value);
        let fields = vec![
            field("muc#role", FieldType::ListSingle, Role::Participant.as_str()),
            field("muc#jid", FieldType::JidSingle, asking.shown.as_str()),
            field("muc#roomnick", FieldType::TextSingle, asking.nick.as_str()),
            field("muc#request_allow", FieldType::Boolean, "false"),
        ];
        let mut form = DataForm::new(DataFormType::Form, ns::MUC_REQUEST, fields);
        form.title = Some("Somebody asks for a voice".to_owned());
        let mut message = Message::new_with_type(MessageType::Normal, None);
        message.from = Some(self.jid.clone().into());
        message.payloads.push(form.into());
        self.send_to_those(turn, message, |occupant| occupant.role == Role::Moderator);
    }
}
