//! Who people are in a room: the addresses of the occupants that the server holds for people on the web, and who sits where.
//! The room's own rules are in `xmpp::muc`.

use desk::ids::{AgentId, RequestId};
use store::archive::Author;
use xmpp::jid::FullJid;

/// The resource of an agent's occupant at the console. No XMPP client may bind it.
pub const CONSOLE: &str = "console";

/// The address of a chat's visitor on the web: good for this chat only. Anonymous log-ins never get such a name.
pub fn visitor_address(chat: RequestId, domain: &str) -> Option<FullJid> {
    FullJid::new(&format!("visit-{}@visitors.{domain}/web", chat.0)).ok()
}

/// The address of an agent at the console.
pub fn agent_address(name: &str, domain: &str) -> Option<FullJid> {
    FullJid::new(&format!("{name}@{domain}/{CONSOLE}")).ok()
}

/// Somebody inside a room, as the recorder tells them apart.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Seat {
    author: Author,
    address: FullJid,
    /// The server holds this occupant for somebody on the web; otherwise an XMPP client does.
    held: bool,
}

/// The people inside a room. Somebody may sit there with several addresses: at the console, and with an XMPP client or two.
#[derive(Default, Debug)]
pub struct Seats(Vec<Seat>);

impl Seats {
    /// Somebody on the web sits down.
    pub fn hold(&mut self, author: Author, address: FullJid) {
        self.take(Seat { author, address, held: true });
    }

    /// Somebody with an XMPP client sits down.
    pub fn seat(&mut self, author: Author, address: FullJid) {
        self.take(Seat { author, address, held: false });
    }

    fn take(&mut self, seat: Seat) {
        self.rise(&seat.address);
        self.0.push(seat);
    }

    /// An address is no longer inside. Gives whose it was.
    pub fn rise(&mut self, address: &FullJid) -> Option<Author> {
        let at = self.0.iter().position(|seat| seat.address == *address)?;
        Some(self.0.swap_remove(at).author)
    }

    /// The address that the server holds for somebody on the web.
    pub fn held(&self, author: Author) -> Option<&FullJid> {
        self.0.iter().find(|seat| seat.held && seat.author == author).map(|seat| &seat.address)
    }

    /// Whether an address is inside.
    pub fn has(&self, address: &FullJid) -> bool {
        self.0.iter().any(|seat| seat.address == *address)
    }

    /// Whether somebody is inside, with whatever address.
    pub fn is_inside(&self, author: Author) -> bool {
        self.0.iter().any(|seat| seat.author == author)
    }

    /// Whether anybody is inside with an XMPP client.
    pub fn has_clients(&self) -> bool {
        self.0.iter().any(|seat| !seat.held)
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
