//! The sessions of one occupant: a sorted list, because nearly everybody has one, and a tree would take two kilobytes for it.

use jid::FullJid;
use xmpp_parsers::presence::Presence;

/// Sessions by real address, with what each last said of itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Sessions(Vec<(FullJid, Presence)>);

impl Sessions {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The addresses, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &FullJid> {
        self.0.iter().map(|(session, _)| session)
    }

    /// What a session last said of itself.
    pub fn get(&self, session: &FullJid) -> Option<&Presence> {
        self.find(session).ok().map(|at| &self.0[at].1)
    }

    /// Whether a session is among them.
    pub fn contains_key(&self, session: &FullJid) -> bool {
        self.find(session).is_ok()
    }

    /// A session is new, or says something else of itself.
    pub fn insert(&mut self, session: FullJid, presence: Presence) {
        match self.find(&session) {
            Ok(at) => self.0[at].1 = presence,
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, (session, presence));
            }
        }
    }

    /// A session goes.
    pub fn remove(&mut self, session: &FullJid) {
        if let Ok(at) = self.find(session) {
            self.0.remove(at);
        }
    }

    fn find(&self, session: &FullJid) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(session))
    }
}
