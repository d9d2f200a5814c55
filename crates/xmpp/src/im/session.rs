//! The sessions of one account or visitor: what each said of itself and asked to hear.

use std::collections::BTreeMap;
use std::sync::Arc;

use jid::Jid;
use xmpp_parsers::presence::Presence;
use xmpp_parsers::stanza::Stanza;

/// A connected resource.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// The presence last broadcast, without `to`; none: not available.
    pub(super) presence: Option<Arc<Stanza>>,
    /// Its priority.
    pub(super) priority: i8,
    /// Wants copies of the account's chats (XEP-0280).
    pub(super) carbons: bool,
    /// Has asked for the roster.
    pub(super) roster: bool,
    /// Has asked for the block list.
    pub(super) blocklist: bool,
    /// It was available at some time.
    pub(super) was_seen: bool,
    /// What it said when it became unavailable.
    pub(super) last_words: String,
    /// Who got presence directly: by bare address of a service's, by full address of others.
    pub(super) directed: BTreeMap<Jid, Jid>,
}

impl Session {
    /// Whether it has sent its initial presence.
    pub fn is_available(&self) -> bool {
        self.presence.is_some()
    }

    /// Its priority, if it is available.
    pub fn priority(&self) -> Option<i8> {
        self.presence.is_some().then_some(self.priority)
    }

    /// Whether it wants copies of the account's chats.
    pub fn has_carbons(&self) -> bool {
        self.carbons
    }

    /// The presence that it broadcast last.
    pub fn presence(&self) -> Option<&Presence> {
        match self.presence.as_deref() {
            Some(Stanza::Presence(presence)) => Some(presence),
            _ => None,
        }
    }

    /// Whether messages to the bare address may go to it (RFC 6121 §8.5.2).
    pub(super) fn takes_messages(&self) -> bool {
        self.presence.is_some() && self.priority >= 0
    }
}
