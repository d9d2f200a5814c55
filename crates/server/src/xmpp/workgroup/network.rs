//! How the service hangs together with the router, the rooms and the store inside this server. What is said over these lines
//! is not decided here.

use std::sync::Arc;

use desk::ids::RequestId;
use futures_util::future::BoxFuture;
use store::im::ImChange;
use store::{Backend, StoreError};
use xmpp::jid::{BareJid, FullJid, Jid};
use xmpp::xmpp_parsers::stanza::Stanza;

use super::{Keeping, Outside, Workgroups};
use crate::app::App;
use crate::rooms::Rooms;
use crate::rooms::network::{Door, Doors};
use crate::wire;
use crate::xmpp::router::{Router, Service};

/// Under which key it is kept who waits.
const WAITING: &str = "anteroom:waiting";

/// Opens the service behind this router.
///
/// # Errors
/// In a sentence: what was kept cannot be read.
pub async fn open(app: &App, router: &Router) -> Result<(), String> {
    let lines = Lines { router: router.clone(), rooms: app.rooms.clone() };
    let drawer = Drawer { store: Arc::clone(&app.store), service: app.workgroups.service() };
    app.workgroups.serve(app, Arc::new(lines), Arc::new(drawer)).await?;
    router.serve_workgroups(Arc::new(app.workgroups.clone()));
    app.rooms.on_doors(Arc::new(app.workgroups.clone()));
    Ok(())
}

impl Service for Workgroups {
    fn stanza(&self, from: &Jid, stanza: Stanza) {
        Self::stanza(self, from, stanza);
    }

    fn session_ended(&self, session: &FullJid, _: bool) {
        Self::session_ended(self, session);
    }
}

impl Doors for Workgroups {
    fn open(&self, door: Door) {
        self.door_open(door.chat, door.who, door.room);
    }
}

struct Lines {
    router: Router,
    rooms: Rooms,
}

impl Outside for Lines {
    fn send(&self, stanza: Stanza) {
        self.router.send_from_service(stanza);
    }

    fn is_connected(&self, session: &FullJid) -> bool {
        self.router.sessions_of(&session.to_bare()).iter().any(|(there, _)| there == session)
    }

    fn visitor_comes_as(&self, chat: RequestId, address: Jid) {
        self.rooms.visitor_comes_as(chat, address);
    }

    fn room_of(&self, chat: RequestId) -> Option<BareJid> {
        self.rooms.room_of(chat)
    }
}

/// Each request has an account of its own in the store of XMPP addresses; nobody can log in there.
struct Drawer {
    store: Arc<dyn Backend>,
    service: BareJid,
}

impl Drawer {
    fn account(&self, request: RequestId) -> String {
        format!("{}@{}", wire::id(request.0), self.service)
    }

    fn request(account: &str, service: &BareJid) -> Option<RequestId> {
        let (number, domain) = account.split_once('@')?;
        wire::parse(number).filter(|_| domain == service.as_str()).map(RequestId)
    }
}

impl Keeping for Drawer {
    fn keep(&self, request: RequestId, text: String) -> BoxFuture<'static, Result<(), StoreError>> {
        let kept = ImChange::Private(self.account(request), WAITING.to_owned(), text);
        Box::pin(self.store.im_change(vec![kept]))
    }

    fn forget(&self, request: RequestId) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(self.store.im_change(vec![ImChange::Forgotten(self.account(request))]))
    }

    fn all(&self) -> BoxFuture<'static, Result<Vec<(RequestId, String)>, StoreError>> {
        let (store, service) = (Arc::clone(&self.store), self.service.clone());
        Box::pin(async move {
            let mut all = Vec::new();
            for book in store.im_books().await? {
                if let Some(request) = Self::request(&book.account, &service)
                    && let Some(text) = store.im_private(&book.account, WAITING).await?
                {
                    all.push((request, text));
                }
            }
            Ok(all)
        })
    }
}
