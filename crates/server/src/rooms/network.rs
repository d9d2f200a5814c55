//! What the rooms and whoever routes stanzas know of one another. Who is connected, is the router's; who may enter a room, the
//! room's.

use std::sync::{Arc, PoisonError};

use desk::ids::RequestId;
use store::archive::Author;
use xmpp::jid::{BareJid, FullJid, Jid};
use xmpp::muc::Outbound;
use xmpp::xmpp_parsers::stanza::Stanza;

use super::Rooms;
use super::chat::Mail;

/// Takes what rooms say to the addresses of XMPP clients.
pub trait Network: Send + Sync {
    /// Sends to the sessions of clients, in this order to each of them. Never waits; who is not connected gets nothing. Gives
    /// back what is for others, such as invitations to whole accounts.
    fn send_to_sessions(&self, outbound: &[Outbound]) -> Vec<Outbound>;

    /// Sends what was given back. Not to be called while anything is locked.
    fn send_rest(&self, rest: Vec<Outbound>);
}

/// A conversation's room that somebody may enter now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Door {
    /// The conversation.
    pub chat: RequestId,
    /// Who may enter.
    pub who: Author,
    /// The room.
    pub room: BareJid,
    /// The workgroup's title.
    pub title: String,
}

/// Hears which conversations' rooms stand open, and for whom: invites those who come with XMPP clients.
pub trait Doors: Send + Sync {
    /// The room stands open for somebody. Called again when the conversation moves into another room. Never waits.
    fn open(&self, door: Door);
}

impl Rooms {
    /// From now on what rooms say to XMPP clients goes there. A second network would be a fault of the start-up and changes
    /// nothing.
    pub fn attach(&self, network: Arc<dyn Network>) {
        self.0.conference.attach(network);
    }

    /// From now on this hears which rooms stand open.
    pub fn on_doors(&self, doors: Arc<dyn Doors>) {
        self.0.doors.write().unwrap_or_else(PoisonError::into_inner).push(doors);
    }

    /// A stanza from the network to the conference service, a room or an occupant. For one sender's stanzas to one room the
    /// order is kept.
    pub fn stanza(&self, from: &Jid, stanza: Stanza) {
        let to = match &stanza {
            Stanza::Message(message) => message.to.as_ref(),
            Stanza::Presence(presence) => presence.to.as_ref(),
            Stanza::Iq(iq) => iq.to(),
        };
        let desk_chat = to.and_then(|to| self.0.conference.chat_of(&to.to_bare()));
        match desk_chat.and_then(|chat| self.0.handle(chat)) {
            Some(handle) => match handle.room_for_one() {
                Some(permit) => {
                    handle.post(Mail::Stanza { from: from.clone(), stanza: Box::new(stanza), permit });
                }
                None => self.0.conference.refuse_busy(from, stanza),
            },
            None => self.0.conference.handle(self.0.clock.now(), from, stanza),
        }
    }

    /// The session of an XMPP client is over: it is in no room any longer.
    pub fn session_ended(&self, session: &FullJid) {
        for room in self.0.conference.rooms_of(session) {
            match self.0.conference.chat_of(&room).and_then(|chat| self.0.handle(chat)) {
                Some(handle) => handle.post(Mail::SessionEnded(session.clone())),
                None => self.0.conference.lost(self.0.clock.now(), &room, session),
            }
        }
    }

    /// The visitor of a conversation comes with an XMPP client that has this address: a full one for who logged in
    /// anonymously, a bare one for who has an account.
    pub fn visitor_comes_as(&self, chat: RequestId, address: Jid) {
        self.0.remember_visitor(chat, address.clone());
        self.tell(chat, Mail::VisitorIs(address));
    }

    /// The room of a conversation, while it has one.
    pub fn room_of(&self, chat: RequestId) -> Option<BareJid> {
        self.0.conference.room_of(chat)
    }
}
