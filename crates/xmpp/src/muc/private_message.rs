//! Private messages between occupants (XEP-0045 §7.5), as far as the configuration permits them.

use std::sync::Arc;

use jid::FullJid;
use xmpp_parsers::message::{Message, MessageType};
use xmpp_parsers::stanza::Stanza;

use super::message::check_message;
use super::outcome::Turn;
use super::{Nick, Occupant, PrivateMessages, Privilege, Role, Room, RoomHappening, RoomRefusal};
use crate::xep::chat::ChatContent;
use crate::xep::muc_user::MucUser;

impl Room {
    /// A message to an occupant's address.
    pub(super) fn handle_private_message(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        to: &Nick,
        message: Message,
    ) -> Result<(), RoomRefusal> {
        let sender = self.occupant_of(from).ok_or(RoomRefusal::NotAnOccupant)?;
        if message.type_ == MessageType::Groupchat {
            return Err(RoomRefusal::BadRequest("A message to all is sent to the room, not to an occupant."));
        }
        check_message(&message, turn.limits)?;
        let receiver = self.occupants.get(to).ok_or(RoomRefusal::NoSuchOccupant)?;
        if !self.may_whisper(sender) {
            return Err(RoomRefusal::PrivateMessagesOff);
        }
        let mut said = self.said(turn, sender, from, String::new(), ChatContent::read(&message));
        said.id = message.id.as_ref().map(|id| id.0.clone()).unwrap_or_default();
        said.stanza_id = String::new();
        let message = self.in_name_of(sender, message).with_payload(MucUser::default());
        let stanza = Arc::new(Stanza::from(message));
        for session in receiver.sessions.keys() {
            turn.send_shared(session.clone(), &stanza);
        }
        turn.tell(RoomHappening::Whispered { said, to: to.to_string() });
        Ok(())
    }

    fn may_whisper(&self, sender: &Occupant) -> bool {
        let least = match self.config.private_messages {
            PrivateMessages::Anyone => Role::Visitor,
            PrivateMessages::Participants => Role::Participant,
            PrivateMessages::Moderators => Role::Moderator,
            PrivateMessages::None => return false,
        };
        sender.role >= least && sender.role.allows(Privilege::PrivateMessage)
    }
}
