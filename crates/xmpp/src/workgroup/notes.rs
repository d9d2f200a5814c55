//! The note of a conversation (the dialect's `chat-notes`): called `notes` when it is sent, `text` when it is answered.

use minidom::Element;

use super::limits::{ID_BYTES, TEXT_BYTES};
use super::ns;
use crate::markup::{Build, Fault, Read};

/// `<chat-notes/>` as a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatNotes {
    /// The conversation.
    pub session: String,
    /// The new note, where one is set.
    pub notes: Option<String>,
}

impl ChatNotes {
    /// Reads the request.
    ///
    /// # Errors
    /// When it is another element, names no conversation, or the note is too long.
    pub fn read(element: &Element) -> Result<ChatNotes, Fault> {
        let it = Read::of(element, "chat-notes", ns::FAMILY)?;
        Ok(ChatNotes { session: it.need_leaf("sessionID", ID_BYTES)?, notes: it.leaf("notes", TEXT_BYTES)? })
    }

    /// Writes the request.
    pub fn write(&self) -> Element {
        let build = Build::new("chat-notes", ns::JIVE).leaf("sessionID", &self.session);
        build.maybe_leaf("notes", self.notes.as_ref()).done()
    }

    /// The answer to who asks for the note.
    pub fn answer(session: &str, text: &str) -> Element {
        Build::new("chat-notes", ns::JIVE).leaf("sessionID", session).leaf("text", text).done()
    }
}
