//! Something that was said in a room, as hosts read and restore it. No decisions.

use jid::{BareJid, FullJid};

use crate::xep::chat::ChatContent;

/// Something that was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The room.
    pub room: BareJid,
    /// The nick of who said it.
    pub nick: String,
    /// Their real address.
    pub real_jid: FullJid,
    /// Their stable id in this room (XEP-0421).
    pub occupant_id: String,
    /// The `id` that the sender gave, or the stanza id when there was none. Corrections name it.
    pub id: String,
    /// The id that the room stamped (XEP-0359). Markers name it.
    pub stanza_id: String,
    /// When, in microseconds since the epoch.
    pub at_us: i64,
    /// The words, the link, and the `id` of a message that this one replaces. The room does not check that the
    /// replaced message was the same person's: whoever applies a correction compares `occupant_id`s.
    pub content: ChatContent,
}
