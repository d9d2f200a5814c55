//! The recorder: numbers and stores what is said in a conversation, and only then shows it to everybody inside. What it hears
//! comes from the MUC room; who is inside is `chat.rs`.

use std::collections::VecDeque;
use std::sync::Arc;

use desk::time::Time;
use serde::Serialize;
use store::StoreError;
use store::archive::{Author, Message, MessageKind, NewFile, NewMessage, Range, RoomEvent};
use xmpp::muc::{RoomHappening, Said as Heard};
use xmpp::xep::chat::ChatContent;
use xmpp::xmpp_parsers::chatstates::ChatState;

use super::chat::{Chat, Saying};
use super::message::{MessageBody, Rendering, Viewer};
use super::{CORRECTION_LIFE, Said, SayError};
use crate::clock::rfc3339;
use crate::declaration::EdgeSettings;
use crate::wire;

/// What was said lately, to recognise a repeated message without asking the store, and to name messages in read markers.
#[derive(Default)]
pub(super) struct Recent(VecDeque<Heading>);

struct Heading {
    from: Author,
    client_id: String,
    stanza_id: String,
    number: u64,
    at: Time,
}

impl Recent {
    const KEPT: usize = 128;

    fn note(&mut self, heading: Heading) {
        if self.0.len() >= Self::KEPT {
            self.0.pop_front();
        }
        self.0.push_back(heading);
    }

    fn same(&self, from: Author, client_id: &str) -> Option<Said> {
        let heading = self.0.iter().rev().find(|h| h.from == from && h.client_id == client_id)?;
        Some(Said { number: heading.number, at: heading.at, duplicate: true })
    }

    fn stanza_of(&self, number: u64) -> Option<&str> {
        self.0.iter().rev().find(|h| h.number == number).map(|h| h.stanza_id.as_str())
    }

    fn number_of(&self, stanza_id: &str) -> Option<u64> {
        self.0.iter().rev().find(|h| h.stanza_id == stanza_id).map(|h| h.number)
    }
}

/// What staff sessions are shown: as the visitor's, with the chat it is about.
#[derive(Serialize)]
struct Of<'a, T> {
    chat: &'a str,
    #[serde(flatten)]
    shown: T,
}

#[derive(Serialize)]
struct Correction<'a> {
    number: u64,
    text: &'a str,
    at: String,
}

#[derive(Serialize)]
struct ReadMark {
    by: String,
    number: u64,
}

impl Chat {
    /// Says something: through the room if there is one, into the store, and then to everybody inside.
    pub(super) async fn say(&mut self, saying: Saying) -> Result<Said, SayError> {
        if let Some(said) = self.recent.same(saying.from, &saying.client_id) {
            return Ok(said);
        }
        if self.is_ahead(saying.from) {
            return self.say_ahead(saying).await;
        }
        let content = ChatContent {
            oob_url: saying.file.as_ref().map(|file| format!("/files/{}", file.id)),
            ..ChatContent::words(saying.text)
        };
        let happened = self.speak(saying.from, Some(&saying.client_id), content)?;
        let heard = happened.into_iter().find_map(|happening| match happening {
            RoomHappening::Said(heard) => Some(heard),
            _ => None,
        });
        let heard = heard.ok_or_else(|| SayError::Refused("the room passed nothing on".to_owned()))?;
        self.keep(saying.from, heard, saying.file).await
    }

    /// What a visitor writes before anybody takes part: numbered and stored as everything in the conversation.
    async fn say_ahead(&mut self, saying: Saying) -> Result<Said, SayError> {
        let message = NewMessage {
            chat: self.id,
            from: saying.from,
            client_id: saying.client_id,
            kind: if saying.file.is_some() { MessageKind::File } else { MessageKind::Text },
            text: saying.text,
            file: saying.file,
            event: None,
            stanza_id: None,
            at: self.house.clock.now(),
        };
        self.last_word = message.at;
        let said = self.store(message).await.map_err(SayError::Store)?;
        if !said.duplicate {
            self.house.tell_written(self.id);
        }
        Ok(said)
    }

    async fn keep(&mut self, from: Author, heard: Heard, file: Option<NewFile>) -> Result<Said, SayError> {
        let text = heard.content.body.unwrap_or_default();
        let message = NewMessage {
            chat: self.id,
            from,
            client_id: heard.id,
            kind: if file.is_some() { MessageKind::File } else { MessageKind::Text },
            text,
            file,
            event: None,
            stanza_id: Some(heard.stanza_id),
            at: Time(heard.at_us),
        };
        self.last_word = message.at;
        self.store(message).await.map_err(SayError::Store)
    }

    /// Stores a message and shows it; a repeated one is not shown again.
    async fn store(&mut self, new: NewMessage) -> Result<Said, StoreError> {
        let appended = self.house.store.append(new.clone()).await?;
        let said = Said { number: appended.number, at: appended.at, duplicate: appended.duplicate };
        self.recent.note(Heading {
            from: new.from,
            client_id: new.client_id.clone(),
            stanza_id: new.stanza_id.clone().unwrap_or_default(),
            number: said.number,
            at: said.at,
        });
        if !said.duplicate {
            self.show_message(&stored(new, said));
        }
        Ok(said)
    }

    /// Tells in the conversation that something happened. A line that cannot be stored is not shown.
    pub(super) async fn line(&mut self, what: &str, who: Option<Author>, at: Time) {
        self.line_with(what, who, String::new(), at).await;
    }

    async fn line_with(&mut self, what: &str, who: Option<Author>, text: String, at: Time) {
        let whose = match who {
            Some(Author::Agent(agent)) => format!("a{}", agent.0),
            Some(Author::Visitor) => "v".to_owned(),
            Some(Author::Desk) | None => "d".to_owned(),
        };
        let line = NewMessage {
            chat: self.id,
            from: Author::Desk,
            client_id: format!("{what}:{whose}:{}", at.0),
            kind: MessageKind::Event,
            text,
            file: None,
            event: Some(RoomEvent { what: what.to_owned(), who }),
            stanza_id: None,
            at,
        };
        if let Err(error) = self.store(line).await {
            tracing::warn!(chat = self.id.0, what, %error, "a line of a conversation could not be stored");
        }
    }

    /// Says the house's greeting, once in a chat, in the visitor's language if there is one.
    pub(super) async fn greet(&mut self, at: Time) {
        let look = EdgeSettings::of(&self.edge).look;
        let language = self.locale.split('-').next().unwrap_or_default();
        let greeting =
            look.greetings.get(&self.locale).or_else(|| look.greetings.get(language)).or(look.greeting.as_ref());
        let Some(text) = greeting.filter(|text| !text.is_empty()).cloned() else { return };
        let greeting = NewMessage {
            chat: self.id,
            from: Author::Desk,
            client_id: "greeting".to_owned(),
            kind: MessageKind::Event,
            text,
            file: None,
            event: Some(RoomEvent { what: "greeting".to_owned(), who: None }),
            stanza_id: None,
            at,
        };
        if let Err(error) = self.store(greeting).await {
            tracing::warn!(chat = self.id.0, %error, "a greeting could not be stored");
        }
    }

    /// Corrects what the same author said less than ten minutes ago.
    pub(super) async fn correct(&mut self, from: Author, number: u64, text: String) -> Result<Time, SayError> {
        let before = number.checked_sub(1).ok_or(SayError::NoSuchMessage)?;
        let found = self.house.store.messages(self.id, Range::After(before, 1)).await.map_err(SayError::Store)?;
        let own = |m: &Message| m.number == number && m.from == from && m.kind == MessageKind::Text;
        let message = found.into_iter().find(own).ok_or(SayError::NoSuchMessage)?;
        let now = self.house.clock.now();
        if now.since(message.at) > CORRECTION_LIFE {
            return Err(SayError::TooLate);
        }
        let ahead = self.is_ahead(from);
        if !ahead {
            let correction = ChatContent { correction_of: Some(message.client_id), ..ChatContent::words(text.clone()) };
            self.speak(from, None, correction)?;
        }
        self.house.store.correct(self.id, number, from, &text, now).await.map_err(SayError::Store)?;
        self.last_word = now;
        if ahead {
            self.house.tell_written(self.id);
        }
        self.show("correction", None, |_| Correction { number, text: &text, at: rfc3339(now) });
        Ok(now)
    }

    /// Notes how far somebody has read.
    pub(super) async fn read(&mut self, from: Author, number: u64) -> Result<u64, SayError> {
        let known = self.recent.stanza_of(number).map(str::to_owned);
        let number = match known.filter(|id| !id.is_empty() && !self.is_ahead(from)) {
            // Known by its stanza id: said in the room, where parties on the network see it too.
            Some(stanza_id) => {
                let happened = self.speak(from, None, ChatContent::read_up_to(stanza_id))?;
                let named = happened.iter().find_map(|happening| match happening {
                    RoomHappening::Marker { displayed, .. } => self.recent.number_of(displayed),
                    _ => None,
                });
                named.unwrap_or(number)
            }
            None => number,
        };
        let newest = self.house.store.messages(self.id, Range::Last(1)).await.map_err(SayError::Store)?;
        let number = number.min(newest.last().map_or(0, |message| message.number));
        let held = self.house.store.mark_read(self.id, from, number).await.map_err(SayError::Store)?;
        let key = author_key(from);
        self.show("read", Some(key), |viewer| ReadMark { by: word_of(from, viewer), number: held });
        Ok(held)
    }

    /// Shows everybody else inside that somebody types.
    pub(super) fn show_typing(&self, from: Author, happened: &[RoomHappening]) {
        for happening in happened {
            let RoomHappening::ChatState { state, .. } = happening else { continue };
            let state = if *state == ChatState::Composing { "composing" } else { "paused" };
            self.show("typing", Some(author_key(from)), |viewer| match (from, viewer) {
                (Author::Visitor, Viewer::Visitor) => None,
                (Author::Agent(agent), Viewer::Agent(other)) if agent == other => None,
                (Author::Agent(agent), Viewer::Visitor) => {
                    Some(serde_json::json!({ "agent": wire::id(agent.0), "state": state }))
                }
                _ => Some(serde_json::json!({ "who": word_of(from, viewer), "state": state })),
            });
        }
    }

    /// Shows a message to everybody inside.
    fn show_message(&self, message: &Message) {
        self.show("message", None, |viewer| self.render(message, viewer));
    }

    fn render(&self, message: &Message, viewer: Viewer) -> MessageBody {
        let title_of = |agent| self.titles.get(&agent).cloned();
        let now = self.house.clock.now();
        Rendering { viewer, title_of: &title_of, auth: &self.house.auth, now }.message(message)
    }

    /// Pushes to the sessions of the visitor and of the agents who take part, as each of them sees it. With a key it
    /// replaces the last of its kind; what serialises to `null` is not pushed.
    fn show<T: Serialize>(&self, event: &'static str, key: Option<u64>, shown: impl Fn(Viewer) -> T) {
        if let Some(session) = self.house.directory.visit(self.id)
            && let Some(text) = as_text(&shown(Viewer::Visitor))
        {
            session.add_text(event, key, text.into());
        }
        let chat = wire::id(self.id.0);
        for agent in self.colleagues.keys() {
            let Some(session) = self.house.directory.staff(*agent) else { continue };
            if self.unshown.get(agent).is_some_and(|unshown| unshown.as_ptr() == Arc::as_ptr(&session)) {
                continue;
            }
            let shown = shown(Viewer::Agent(*agent));
            if as_text(&shown).is_none() {
                continue;
            }
            // Of one agent's several chats, each has a last of its kind.
            let key = key.map(|key| key ^ self.id.0.rotate_left(20));
            if let Some(text) = as_text(&Of { chat: &chat, shown }) {
                session.add_text(event, key, text.into());
            }
        }
    }
}

fn as_text(shown: &impl Serialize) -> Option<String> {
    serde_json::to_string(shown).ok().filter(|text| text != "null")
}

fn author_key(author: Author) -> u64 {
    match author {
        Author::Visitor => 1,
        Author::Desk => 2,
        Author::Agent(agent) => 3 + agent.0,
    }
}

/// Who, as somebody sees it: the visitor sees all agents as `agent`, an agent sees another's id.
fn word_of(author: Author, viewer: Viewer) -> String {
    match (author, viewer) {
        (Author::Visitor, _) => "visitor".to_owned(),
        (Author::Desk, _) => "desk".to_owned(),
        (Author::Agent(_), Viewer::Visitor | Viewer::Nobody) => "agent".to_owned(),
        (Author::Agent(agent), Viewer::Agent(_)) => wire::id(agent.0),
    }
}

/// The message as the store keeps it.
fn stored(new: NewMessage, said: Said) -> Message {
    let (chat, from, at) = (new.chat, new.from, said.at);
    Message {
        number: said.number,
        from,
        client_id: new.client_id,
        kind: new.kind,
        text: new.text,
        corrected_at: None,
        file: new.file.map(|file| store::archive::File {
            id: file.id,
            chat,
            from,
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            sha256: Some(file.sha256),
            path: file.path,
            at,
        }),
        event: new.event,
        stanza_id: new.stanza_id,
        at,
    }
}
