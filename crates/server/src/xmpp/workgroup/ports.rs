//! What the workgroup service needs of others: a way for its stanzas, the conversations' rooms, and somewhere to keep who waits.

use desk::ids::RequestId;
use futures_util::future::BoxFuture;
use store::StoreError;
use xmpp::jid::{BareJid, FullJid, Jid};
use xmpp::xmpp_parsers::stanza::Stanza;

/// The network and the conversations. Never waits.
pub trait Outside: Send + Sync {
    /// Sends a stanza; `from` and `to` are set.
    fn send(&self, stanza: Stanza);

    /// Whether a session of this address is connected now.
    fn is_connected(&self, session: &FullJid) -> bool;

    /// The visitor of a conversation comes with an XMPP client of this address: full for who has no account, else bare.
    fn visitor_comes_as(&self, chat: RequestId, address: Jid);

    /// The room of a conversation, while it has one.
    fn room_of(&self, chat: RequestId) -> Option<BareJid>;
}

/// Keeps the addresses of visitors who wait, and what came with their requests, until the requests end. Personal.
pub trait Keeping: Send + Sync {
    /// Keeps a text for a request.
    fn keep(&self, request: RequestId, text: String) -> BoxFuture<'static, Result<(), StoreError>>;

    /// Forgets it.
    fn forget(&self, request: RequestId) -> BoxFuture<'static, Result<(), StoreError>>;

    /// Everything that is kept: for which request, and the text.
    fn all(&self) -> BoxFuture<'static, Result<Vec<(RequestId, String)>, StoreError>>;
}
