//! What the dialect tells about past conversations and the server's own entries: `chat-metadata`, `chat-sessions` and
//! `generic-metadata`.

use jid::BareJid;
use minidom::Element;

use super::limits::{ENTRIES, ID_BYTES, NAME_BYTES, VALUE_BYTES};
use super::{Metadata, ns};
use crate::markup::{Build, Fault, Read};

/// `<chat-metadata/>`: what came with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatMetadataWanted(pub String);

impl ChatMetadataWanted {
    /// Reads the request.
    ///
    /// # Errors
    /// When it is another element or names no conversation.
    pub fn read(element: &Element) -> Result<ChatMetadataWanted, Fault> {
        let it = Read::of(element, "chat-metadata", ns::FAMILY)?;
        it.need_leaf("sessionID", ID_BYTES).map(ChatMetadataWanted)
    }

    /// Writes the request.
    pub fn write(&self) -> Element {
        Build::new("chat-metadata", ns::JIVE).leaf("sessionID", &self.0).done()
    }

    /// The answer.
    pub fn answer(metadata: &Metadata) -> Element {
        Build::new("chat-metadata", ns::JIVE).child(metadata.write()).done()
    }
}

/// A past conversation of an agent. Clients need every part, even if empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PastChat {
    /// The conversation.
    pub session: String,
    /// Its begin, in milliseconds since the epoch.
    pub start_ms: i64,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// The visitor's name.
    pub visitor: String,
    /// Their mail address.
    pub email: String,
    /// What they asked.
    pub question: String,
}

/// `<chat-sessions/>`: the past conversations of an agent, the newest first; none where it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatSessions {
    /// Whose.
    pub agent: BareJid,
    /// How many at most.
    pub max: Option<u32>,
    /// Only those that began from this time on, in milliseconds since the epoch.
    pub since_ms: Option<i64>,
    /// The conversations.
    pub chats: Vec<PastChat>,
}

impl ChatSessions {
    /// Reads `<chat-sessions/>`.
    ///
    /// # Errors
    /// When it is another element, names no agent, or a number is none.
    pub fn read(element: &Element) -> Result<ChatSessions, Fault> {
        let it = Read::of(element, "chat-sessions", ns::FAMILY)?;
        let chat = |one: Read<'_>| {
            Ok(PastChat {
                session: one.need_leaf("sessionID", ID_BYTES)?,
                start_ms: one.parsed_leaf("date")?.unwrap_or_default(),
                duration_ms: one.parsed_leaf("duration")?.unwrap_or_default(),
                visitor: one.leaf("visitorsName", VALUE_BYTES)?.unwrap_or_default(),
                email: one.leaf("visitorsEmail", VALUE_BYTES)?.unwrap_or_default(),
                question: one.leaf("question", VALUE_BYTES)?.unwrap_or_default(),
            })
        };
        Ok(ChatSessions {
            agent: it.need_bare("agentJID")?,
            max: it.parsed_attr("maxSessions")?,
            since_ms: it.parsed_attr("startDate")?,
            chats: it.children("chat-session", ENTRIES)?.into_iter().map(chat).collect::<Result<_, _>>()?,
        })
    }

    /// The `<chat-sessions/>` element.
    pub fn write(&self) -> Element {
        let chat = |one: &PastChat| {
            Build::new("chat-session", ns::JIVE)
                .leaf("sessionID", &one.session)
                .leaf("date", one.start_ms)
                .leaf("duration", one.duration_ms)
                .leaf("visitorsName", &one.visitor)
                .leaf("visitorsEmail", &one.email)
                .leaf("question", &one.question)
        };
        Build::new("chat-sessions", ns::JIVE)
            .attr("agentJID", &self.agent)
            .maybe_attr("maxSessions", self.max)
            .maybe_attr("startDate", self.since_ms)
            .children(self.chats.iter().map(chat))
            .done()
    }
}

/// `<generic-metadata/>`: named entries of the server; none where it asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GenericMetadata {
    /// Which set is asked for.
    pub query: Option<String>,
    /// Names and values.
    pub entries: Vec<(String, String)>,
}

impl GenericMetadata {
    /// Reads `<generic-metadata/>`.
    ///
    /// # Errors
    /// When it is another element or holds too much.
    pub fn read(element: &Element) -> Result<GenericMetadata, Fault> {
        let it = Read::of(element, "generic-metadata", ns::FAMILY)?;
        let entry = |one: Read<'_>| {
            Ok((one.need_leaf("name", NAME_BYTES)?, one.leaf("value", VALUE_BYTES)?.unwrap_or_default()))
        };
        let entries = it.children("entry", ENTRIES)?.into_iter().map(entry).collect::<Result<_, _>>()?;
        Ok(GenericMetadata { query: it.leaf("query", NAME_BYTES)?, entries })
    }

    /// The `<generic-metadata/>` element, without white space, which Smack cannot read here.
    pub fn write(&self) -> Element {
        let entry =
            |(name, value): &(String, String)| Build::new("entry", ns::JIVE).leaf("name", name).leaf("value", value);
        let build = Build::new("generic-metadata", ns::JIVE).maybe_leaf("query", self.query.as_ref());
        build.children(self.entries.iter().map(entry)).done()
    }
}
