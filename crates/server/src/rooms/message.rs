//! A message as people on the web see it, rendered for who looks: the one shape that streams, snapshots and transcripts share.

use desk::ids::AgentId;
use desk::time::Time;
use serde::Serialize;
use store::archive::{Author, Message, MessageKind};
use utoipa::ToSchema;

use crate::auth::Auth;
use crate::clock::rfc3339;
use crate::wire;

/// Who looks at a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Viewer {
    /// The chat's visitor.
    Visitor,
    /// An agent.
    Agent(AgentId),
    /// A transcript or an archive: nobody's own.
    Nobody,
}

/// What rendering needs beside the message.
#[derive(Clone, Copy)]
pub struct Rendering<'a> {
    /// Who looks.
    pub viewer: Viewer,
    /// What visitors read as an agent's name, if known.
    pub title_of: &'a (dyn Fn(AgentId) -> Option<String> + Sync),
    /// Makes the links to files.
    pub auth: &'a Auth,
    /// Now; links to files hold for ten minutes from here.
    pub now: Time,
}

/// A message of a chat.
#[derive(Clone, PartialEq, Serialize, ToSchema, Debug)]
#[schema(as = Message)]
pub struct MessageBody {
    /// Its number in the chat: 1, 2, 3 and so on without holes.
    pub number: u64,
    /// The id that its sender gave it.
    pub id: String,
    /// When.
    pub at: String,
    /// Who.
    pub from: From,
    /// `text`, `file` or `event`.
    pub kind: &'static str,
    /// What is said; a greeting's words for an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// That it was corrected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Corrected>,
    /// The file, while it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<FileBody>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventBody>,
}

/// Who said it, or whom it is about.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct From {
    /// `visitor`, `agent` or `desk`.
    pub kind: &'static str,
    /// An agent's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What people read as an agent's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// It is who looks.
    #[serde(rename = "self", skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

/// That a message was corrected.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct Corrected {
    /// When last.
    pub at: String,
}

/// A file.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct FileBody {
    /// Its id.
    pub id: String,
    /// Its name as the sender gave it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Media type, as found by looking at it.
    #[serde(rename = "type")]
    pub media_type: String,
    /// SHA-256 of its bytes, in hexadecimal; missing for files that came before sums were kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// A link that holds for ten minutes.
    pub url: String,
}

/// Something that happened in the room.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema, Debug)]
pub struct EventBody {
    /// `entered`, `left`, `lost`, `returned`, `transferred`, `ended` or `greeting`.
    pub what: String,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<From>,
}

impl Rendering<'_> {
    /// Somebody.
    pub fn from(&self, author: Author) -> From {
        let (kind, id, title) = match author {
            Author::Visitor => ("visitor", None, None),
            Author::Agent(agent) => ("agent", Some(wire::id(agent.0)), (self.title_of)(agent)),
            Author::Desk => ("desk", None, None),
        };
        let own = match self.viewer {
            Viewer::Visitor => author == Author::Visitor,
            Viewer::Agent(agent) => author == Author::Agent(agent),
            Viewer::Nobody => false,
        };
        From { kind, id, title, own }
    }

    /// A message.
    pub fn message(&self, message: &Message) -> MessageBody {
        let kind = match message.kind {
            MessageKind::Text => "text",
            MessageKind::File => "file",
            MessageKind::Event => "event",
        };
        let file = message.file.as_ref().map(|file| FileBody {
            id: file.id.clone(),
            name: file.name.clone(),
            size: file.size,
            media_type: file.media_type.clone(),
            sha256: file.sha256.clone(),
            url: file_url(self.auth, &file.id, self.now),
        });
        let event = message
            .event
            .as_ref()
            .map(|event| EventBody { what: event.what.clone(), who: event.who.map(|who| self.from(who)) });
        MessageBody {
            number: message.number,
            id: message.client_id.clone(),
            at: rfc3339(message.at),
            from: self.from(message.from),
            kind,
            text: Some(message.text.clone()).filter(|text| !text.is_empty()),
            corrected: message.corrected_at.map(|at| Corrected { at: rfc3339(at) }),
            file,
            event,
        }
    }

    /// Messages.
    pub fn messages(&self, messages: &[Message]) -> Vec<MessageBody> {
        messages.iter().map(|message| self.message(message)).collect()
    }
}

/// A link to a file that holds for ten minutes, relative to the server's own address.
pub fn file_url(auth: &Auth, file: &str, now: Time) -> String {
    format!("/files/{file}?ticket={}", auth.ticket(file, now))
}
