//! The recorder: numbers and stores what is said in a conversation, and only then shows it to everybody inside. What it hears
//! comes from the MUC room; who is inside is `chat.rs`.

use std::collections::VecDeque;
use std::sync::Arc;

use desk::time::Time;
use serde::Serialize;
use store::StoreError;
use store::archive::{Author, Message, MessageKind, NewFile, NewMessage, Range, RoomEvent};
use xmpp::muc::{Outcome, RoomHappening, Said as Heard};
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
    /// The `id` that the message has in the room; corrections of XMPP clients name it.
    said_as: String,
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

    /// The message that a read marker names: by the room's id, or from older clients by the sender's.
    pub(super) fn number_of(&self, id: &str) -> Option<u64> {
        let named = |h: &&Heading| h.stanza_id == id || (!id.is_empty() && h.said_as == id);
        self.0.iter().rev().find(named).map(|h| h.number)
    }

    /// The message that somebody said with that `id` in the room.
    pub(super) fn number_said(&self, from: Author, id: &str) -> Option<u64> {
        self.0.iter().rev().find(|h| h.from == from && h.said_as == id).map(|h| h.number)
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
        let content = match &saying.file {
            None => ChatContent::words(saying.text.clone()),
            Some(file) => {
                // Clients show a file where words and link are the same.
                let url = self.house.link(&file.id);
                ChatContent { oob_url: Some(url.clone()), ..ChatContent::words(url) }
            }
        };
        let Outcome { outbound, happened, .. } = self.speak(saying.from, Some(&saying.client_id), content)?;
        let heard = happened.into_iter().find_map(|happening| match happening {
            RoomHappening::Said(heard) => Some(heard),
            _ => None,
        });
        let mut heard = heard.ok_or_else(|| SayError::Refused("the room passed nothing on".to_owned()))?;
        if saying.file.is_some() {
            heard.content.body = Some(saying.text);
        }
        let said = self.keep(saying.from, heard, saying.file).await?;
        if !said.duplicate {
            self.house.conference.send(&outbound);
        }
        Ok(said)
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
        let said_as = message.client_id.clone();
        let said = self.store(message, said_as).await.map_err(SayError::Store)?;
        if !said.duplicate {
            self.house.tell_written(self.id);
        }
        Ok(said)
    }

    /// Stores what was said in the room and shows it on the web.
    pub(super) async fn keep(&mut self, from: Author, heard: Heard, file: Option<NewFile>) -> Result<Said, SayError> {
        let text = heard.content.body.or(heard.content.oob_url).unwrap_or_default();
        // Some XMPP clients begin to count anew, or give no id that the web could take: the room's own is always good.
        let is_fit = super::check_client_id(&heard.id).is_ok() && self.recent.same(from, &heard.id).is_none();
        let client_id = if is_fit { heard.id.clone() } else { heard.stanza_id.clone() };
        let message = NewMessage {
            chat: self.id,
            from,
            client_id,
            kind: if file.is_some() { MessageKind::File } else { MessageKind::Text },
            text,
            file,
            event: None,
            stanza_id: Some(heard.stanza_id),
            at: Time(heard.at_us),
        };
        self.last_word = message.at;
        self.store(message, heard.id).await.map_err(SayError::Store)
    }

    /// Stores a message and shows it; a repeated one is not shown again.
    async fn store(&mut self, new: NewMessage, said_as: String) -> Result<Said, StoreError> {
        let appended = self.house.store.append(new.clone()).await?;
        let said = Said { number: appended.number, at: appended.at, duplicate: appended.duplicate };
        self.recent.note(Heading {
            from: new.from,
            client_id: new.client_id.clone(),
            said_as,
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
        if let Err(error) = self.store(line, String::new()).await {
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
            text: text.clone(),
            file: None,
            event: Some(RoomEvent { what: "greeting".to_owned(), who: None }),
            stanza_id: None,
            at,
        };
        if let Err(error) = self.store(greeting, String::new()).await {
            return tracing::warn!(chat = self.id.0, %error, "a greeting could not be stored");
        }
        // People on the web read it as a line; XMPP clients hear the desk say it.
        if let Some((_, room)) = self.room.as_ref().filter(|_| self.seats.has_clients())
            && let Ok(outcome) = room.announce(at, &text)
        {
            self.house.conference.send(&outcome.outbound);
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
        if self.is_ahead(from) {
            self.keep_correction(from, number, text).await?;
            self.house.tell_written(self.id);
            return Ok(now);
        }
        let correction = ChatContent { correction_of: Some(message.client_id), ..ChatContent::words(text.clone()) };
        let outcome = self.speak(from, None, correction)?;
        self.keep_correction(from, number, text).await?;
        self.house.conference.send(&outcome.outbound);
        Ok(now)
    }

    /// Stores a correction and shows it on the web.
    pub(super) async fn keep_correction(&mut self, from: Author, number: u64, text: String) -> Result<(), SayError> {
        let now = self.house.clock.now();
        self.house.store.correct(self.id, number, from, &text, now).await.map_err(SayError::Store)?;
        self.last_word = now;
        self.show("correction", None, |_| Correction { number, text: &text, at: rfc3339(now) });
        Ok(())
    }

    /// Notes how far somebody has read.
    pub(super) async fn read(&mut self, from: Author, number: u64) -> Result<u64, SayError> {
        let known = self.recent.stanza_of(number).map(str::to_owned);
        let number = match known.filter(|id| !id.is_empty() && !self.is_ahead(from)) {
            // Known by its stanza id: said in the room, where parties on the network see it too.
            Some(stanza_id) => {
                let outcome = self.speak(from, None, ChatContent::read_up_to(stanza_id))?;
                self.house.conference.send(&outcome.outbound);
                let named = outcome.happened.iter().find_map(|happening| match happening {
                    RoomHappening::Marker { displayed, .. } => self.recent.number_of(displayed),
                    _ => None,
                });
                named.unwrap_or(number)
            }
            None => number,
        };
        self.note_read(from, number).await
    }

    /// Stores how far somebody has read and shows it on the web.
    pub(super) async fn note_read(&mut self, from: Author, number: u64) -> Result<u64, SayError> {
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
