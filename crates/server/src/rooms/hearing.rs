//! What XMPP clients say in a conversation's room: let the room decide, keep it, and only then pass on what the room says. Who
//! sits there is `seating.rs`, how words are kept `recorder.rs`.

use std::sync::Arc;

use store::archive::{Author, Message, MessageKind, Range};
use xmpp::jid::{FullJid, Jid};
use xmpp::muc::{Nick, Outbound, Outcome, RoomHappening, Said as Heard};
use xmpp::xep::chat::ChatContent;
use xmpp::xmpp_parsers::message::{Id, Message as MessageStanza};
use xmpp::xmpp_parsers::stanza::Stanza;
use xmpp::xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use super::chat::Chat;
use super::occupant::visitor_address;
use super::{CORRECTION_LIFE, SayError};

/// Messages from before the room that who enters it reads.
const RECALLED: usize = 50;

impl Chat {
    /// What was said before there was this room, so that XMPP clients that enter read it as the console does.
    pub(super) async fn recall(&self) {
        let Some((_, room)) = &self.room else { return };
        let Ok(messages) = self.house.store.messages(self.id, Range::Last(RECALLED)).await else { return };
        let domain = self.house.conference.domain();
        let said = |message: &Message| {
            let name = match message.from {
                Author::Visitor => self.visitor_name.as_str(),
                Author::Agent(agent) => self.titles.get(&agent).map_or("Agent", String::as_str),
                Author::Desk => return None,
            };
            let number = message.number;
            Some(Heard {
                room: room.jid().clone(),
                nick: Nick::tidy(name, 64).map_or_else(|| "Guest".to_owned(), |nick| nick.to_string()),
                // Nobody reads it from a room's memory.
                real_jid: visitor_address(self.id, domain)?,
                occupant_id: format!("before-{number}"),
                id: message.client_id.clone(),
                stanza_id: message.stanza_id.clone().unwrap_or_else(|| format!("before-{number}")),
                at_us: message.at.0,
                content: ChatContent::words(message.text.clone()),
            })
        };
        let past: Vec<Heard> = messages.iter().filter(|m| m.kind == MessageKind::Text).filter_map(said).collect();
        if !past.is_empty()
            && let Err(refused) = room.recall(&past)
        {
            tracing::warn!(chat = self.id.0, %refused, "what was said before the room could not be put into it");
        }
    }

    /// A stanza of an XMPP client to the room or an occupant.
    pub(super) async fn hear(&mut self, from: Jid, stanza: Stanza) {
        let Some((_, room)) = &self.room else {
            let text = "This conversation has no room now.";
            let error = StanzaError::new(ErrorType::Cancel, DefinedCondition::ItemNotFound, "en", text);
            return self.house.conference.refuse(&from, stanza, error);
        };
        let Outcome { outbound, happened, .. } = room.handle(self.house.clock.now(), &from, stanza);
        if !happened.iter().any(|happening| matches!(happening, RoomHappening::Said(_))) {
            // Nothing to keep; but the others see at once who came and went.
            self.house.conference.send(&outbound);
            self.note_presence(&happened).await;
        }
        for happening in happened {
            match happening {
                RoomHappening::Said(heard) => {
                    let id = heard.id.clone();
                    match self.keep_heard(heard).await {
                        Ok(()) => self.house.conference.send(&outbound),
                        Err(error) => {
                            tracing::warn!(chat = self.id.0, ?error, "what somebody said could not be kept");
                            self.tell_not_kept(&from, id);
                        }
                    }
                }
                RoomHappening::ChatState { ref real_jid, .. } => {
                    if let Some(author) = self.author_of(real_jid) {
                        self.show_typing(author, std::slice::from_ref(&happening));
                    }
                }
                RoomHappening::Marker { real_jid, displayed, .. } => self.hear_marker(&real_jid, &displayed).await,
                _ => {}
            }
        }
    }

    async fn keep_heard(&mut self, heard: Heard) -> Result<(), SayError> {
        // The recorder speaks through the desk's own lines.
        let Some(author) = self.author_of(&heard.real_jid) else { return Ok(()) };
        if let Some(corrected) = &heard.content.correction_of
            && let Some(number) = self.recent.number_said(author, corrected)
            && let Some(text) = heard.content.body.clone()
            && self.can_correct(author, number).await?
        {
            return self.keep_correction(author, number, text).await;
        }
        self.keep(author, heard, None).await.map(drop)
    }

    async fn can_correct(&self, author: Author, number: u64) -> Result<bool, SayError> {
        let before = number.saturating_sub(1);
        let found = self.house.store.messages(self.id, Range::After(before, 1)).await.map_err(SayError::Store)?;
        let now = self.house.clock.now();
        Ok(found.iter().any(|m| m.number == number && m.from == author && now.since(m.at) <= CORRECTION_LIFE))
    }

    async fn hear_marker(&mut self, by: &FullJid, displayed: &str) {
        let Some(author) = self.author_of(by) else { return };
        let Some(number) = self.recent.number_of(displayed) else { return };
        if let Err(error) = self.note_read(author, number).await {
            tracing::warn!(chat = self.id.0, ?error, "a read position could not be kept");
        }
    }

    fn tell_not_kept(&self, to: &Jid, id: String) {
        let Some((_, room)) = &self.room else { return };
        let text = "The message could not be stored and was not shown to anybody.";
        let error = StanzaError::new(ErrorType::Wait, DefinedCondition::InternalServerError, "en", text);
        let mut message = MessageStanza::error(None).with_payload(error);
        message.from = Some(room.jid().clone().into());
        message.id = Some(Id(id));
        let stanza = Arc::new(Stanza::Message(message));
        self.house.conference.send(&[Outbound { to: to.clone(), stanza }]);
    }
}
