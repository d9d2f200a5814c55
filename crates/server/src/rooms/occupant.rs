//! Who people on the web are in a room: the address and the name that the server's occupants have there. The room's own rules
//! are in `xmpp::muc`.

use desk::ids::{AgentId, RequestId};
use store::archive::Author;
use xmpp::jid::FullJid;

/// The address of a chat's visitor: good for this chat only.
pub fn visitor_address(chat: RequestId, domain: &str) -> Option<FullJid> {
    FullJid::new(&format!("visit-{}@{domain}/web", chat.0)).ok()
}

/// The address of an agent at the console.
pub fn agent_address(name: &str, domain: &str) -> Option<FullJid> {
    FullJid::new(&format!("{name}@{domain}/console")).ok()
}

/// Somebody inside a room, as the recorder tells them apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seat {
    /// Who.
    pub author: Author,
    /// Their real address.
    pub address: FullJid,
}

/// The people inside a room.
#[derive(Default, Debug)]
pub struct Seats(Vec<Seat>);

impl Seats {
    /// Somebody sits down.
    pub fn take(&mut self, author: Author, address: FullJid) {
        self.leave(author);
        self.0.push(Seat { author, address });
    }

    /// Somebody stands up; the address they had.
    pub fn leave(&mut self, author: Author) -> Option<FullJid> {
        let at = self.0.iter().position(|seat| seat.author == author)?;
        Some(self.0.swap_remove(at).address)
    }

    /// The address of somebody inside.
    pub fn address_of(&self, author: Author) -> Option<&FullJid> {
        self.0.iter().find(|seat| seat.author == author).map(|seat| &seat.address)
    }

    /// Everybody goes.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// An agent who takes part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Colleague {
    /// Who.
    pub agent: AgentId,
    /// The account's name.
    pub name: String,
    /// What visitors read.
    pub title: String,
}
