//! A server with its workgroup service, and clients that are a list of what they were sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use desk::command::{Command, Party, Seen, Show};
use desk::ids::{AgentId, RequestId};
use desk::time::Span;
use futures_util::future::BoxFuture;
use server::xmpp::workgroup::{Keeping, Outside};
use store::StoreError;
use store::archive::Author;
use xmpp::jid::{BareJid, FullJid, Jid};
use xmpp::minidom::Element;
use xmpp::xmpp_parsers::stanza::Stanza;

use crate::harness::House;

pub const NS: &str = "http://jabber.org/protocol/workgroup";
pub const JIVE: &str = "http://jivesoftware.com/protocol/workgroup";
pub const VISITOR: &str = "user@visitors.localhost/home";
pub const ANNA: &str = "anna@localhost/work";
pub const BERT: &str = "bert@localhost/work";
pub const SUPPORT: &str = "support@workgroup.localhost";
pub const SERVICE: &str = "workgroup.localhost";

/// What the service sent, and what it told the rooms.
#[derive(Default)]
pub struct Wire {
    sent: Mutex<Vec<Element>>,
    pub rooms: Mutex<BTreeMap<RequestId, Jid>>,
    pub connected: Mutex<Vec<FullJid>>,
}

impl Outside for Wire {
    fn send(&self, stanza: Stanza) {
        self.sent.lock().unwrap().push(stanza.into());
    }

    fn is_connected(&self, session: &FullJid) -> bool {
        self.connected.lock().unwrap().contains(session)
    }

    fn visitor_comes_as(&self, chat: RequestId, address: Jid) {
        self.rooms.lock().unwrap().insert(chat, address);
    }

    fn room_of(&self, chat: RequestId) -> Option<BareJid> {
        Some(room(chat))
    }
}

pub fn room(chat: RequestId) -> BareJid {
    format!("room-{}@conference.localhost", chat.0).parse().unwrap()
}

type Paper = (RequestId, String);

/// Who waits, kept in a list.
#[derive(Default, Clone)]
pub struct Drawer(pub Arc<Mutex<Vec<Paper>>>);

impl Keeping for Drawer {
    fn keep(&self, request: RequestId, text: String) -> BoxFuture<'static, Result<(), StoreError>> {
        self.0.lock().unwrap().push((request, text));
        Box::pin(async { Ok(()) })
    }

    fn forget(&self, request: RequestId) -> BoxFuture<'static, Result<(), StoreError>> {
        self.0.lock().unwrap().retain(|paper| paper.0 != request);
        Box::pin(async { Ok(()) })
    }

    fn all(&self) -> BoxFuture<'static, Result<Vec<Paper>, StoreError>> {
        let all = self.0.lock().unwrap().clone();
        Box::pin(async { Ok(all) })
    }
}

/// The whole house.
pub struct Office {
    pub house: House,
    pub wire: Arc<Wire>,
    pub drawer: Drawer,
}

impl Office {
    pub async fn open() -> Self {
        // The service is opened by hand, without the router.
        let house = House::with(|config| config.xmpp.enabled = false).await;
        let (wire, drawer) = (Arc::new(Wire::default()), Drawer::default());
        let app = &house.running.app;
        assert_eq!(app.config.domain, "localhost", "the addresses of these tests");
        app.workgroups.serve(app, wire.clone(), Arc::new(drawer.clone())).await.unwrap();
        Self { house, wire, drawer }
    }

    /// Somebody sends a stanza.
    pub fn sends(&self, from: &str, xml: &str) {
        let xml = xml.replace("'NS'", &format!("'{NS}'")).replace("'JIVE'", &format!("'{JIVE}'"));
        let name = xml.split([' ', '>', '/']).next().unwrap().trim_start_matches('<').to_owned();
        let head = format!("<{name} xmlns='jabber:client' from='{from}'");
        let element: Element = xml.replacen(&format!("<{name}"), &head, 1).parse().unwrap();
        let stanza = Stanza::try_from(element).unwrap();
        self.house.running.app.workgroups.stanza(&from.parse().unwrap(), stanza);
    }

    /// Sends a request and gives the reply.
    pub async fn asks(&self, from: &str, to: &str, kind: &str, payload: &str) -> Element {
        static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let id = format!("q{}", COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        self.sends(from, &format!("<iq type='{kind}' to='{to}' id='{id}'>{payload}</iq>"));
        self.takes(from, |e| e.name() == "iq" && e.attr("id") == Some(id.as_str())).await
    }

    /// Takes the first stanza to somebody that is meant out of what was sent.
    pub async fn takes(&self, to: &str, meant: impl Fn(&Element) -> bool) -> Element {
        for _ in 0..500 {
            {
                let mut sent = self.wire.sent.lock().unwrap();
                let is_it = |e: &Element| e.attr("to") == Some(to) && meant(e);
                if let Some(at) = sent.iter().position(is_it) {
                    return sent.remove(at);
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let sent: Vec<_> = self.wire.sent.lock().unwrap().iter().map(String::from).collect();
        panic!("{to} was not sent what was expected; there is {sent:#?}");
    }

    /// Takes the first stanza to somebody that has this child.
    pub async fn gets(&self, to: &str, child: &str) -> Element {
        self.takes(to, |e| e.children().any(|c| c.name() == child)).await
    }

    /// Nothing of the kind was sent to somebody, after a moment.
    pub async fn no(&self, to: &str, child: &str) {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let sent = self.wire.sent.lock().unwrap();
        let found = sent.iter().find(|e| e.attr("to") == Some(to) && e.children().any(|c| c.name() == child));
        assert!(found.is_none(), "{}", String::from(found.unwrap()));
    }

    /// What was sent so far is of no more interest.
    pub fn forget(&self) {
        self.wire.sent.lock().unwrap().clear();
    }

    /// A visitor joins the waiting line of `support`; gives the request.
    pub async fn joins(&self, who: &str) -> RequestId {
        let answer = self.asks(who, SUPPORT, "set", JOIN).await;
        assert_eq!(answer.attr("type"), Some("result"), "{}", String::from(&answer));
        let status = self.gets(who, "queue-status").await;
        let session = child(&status, "queue-status").get_child("session", JIVE).unwrap();
        RequestId(session.attr("id").unwrap().parse().unwrap())
    }

    /// An agent is present at `support`.
    pub async fn comes(&self, who: &str) {
        let status = "<agent-status xmlns='NS'><max-chats>3</max-chats></agent-status>";
        self.sends(who, &format!("<presence to='{SUPPORT}'>{status}</presence>"));
        self.gets(who, "notify-queue-details").await;
    }

    /// Everything that somebody sent before was handled.
    pub async fn settle(&self, who: &str) {
        self.asks(who, SUPPORT, "get", "<query xmlns='jabber:iq:version'/>").await;
    }

    /// An agent is offered something; gives the offer.
    pub async fn offer(&self, who: &str) -> Element {
        let iq = self.gets(who, "offer").await;
        assert_eq!(iq.attr("type"), Some("set"));
        child(&iq, "offer").clone()
    }

    /// An agent accepts an offer of this session.
    pub async fn accepts(&self, who: &str, id: &str) -> Element {
        self.asks(who, SUPPORT, "set", &format!("<offer-accept xmlns='NS' id='{id}'/>")).await
    }

    /// A visitor and an agent are together in a room.
    pub async fn chat(&self) -> RequestId {
        self.comes(ANNA).await;
        let request = self.joins(VISITOR).await;
        self.offer(ANNA).await;
        assert_eq!(self.accepts(ANNA, &request.0.to_string()).await.attr("type"), Some("result"));
        let desk = &self.house.running.app.desk;
        let room = desk.view(move |state, _| state.request(request).and_then(|it| it.room)).await.unwrap().unwrap();
        let seen = Command::ObserveOccupant { room, who: Party::Visitor, seen: Seen::Entered };
        desk.ask(seen).await.unwrap();
        request
    }

    pub fn door(&self, chat: RequestId, who: Author) {
        self.house.running.app.workgroups.door_open(chat, who, room(chat));
    }

    pub fn agent(&self, name: &str) -> AgentId {
        self.house.running.app.roster.agent(name).unwrap()
    }

    pub async fn shows(&self, name: &str) -> Option<Show> {
        let agent = self.agent(name);
        let view = self.house.running.app.desk.view(move |state, _| Some(state.agent(agent)?.session.as_ref()?.show));
        view.await.unwrap()
    }

    pub async fn pass(&self, span: Span) {
        self.house.pass(span).await;
    }
}

pub const JOIN: &str = "<join-queue xmlns='NS'><queue-notifications/>\
    <metadata xmlns='JIVE'><value name='username'>John</value></metadata>\
    <crm xmlns='urn:example:crm'><customer>42</customer></crm>\
    <x xmlns='jabber:x:data' type='submit'><field var='question'><value>Where is my book?</value></field></x></join-queue>";

/// The child of that name, whatever its namespace.
pub fn child<'a>(of: &'a Element, name: &str) -> &'a Element {
    of.children().find(|c| c.name() == name).unwrap_or_else(|| panic!("no {name} in {}", String::from(of)))
}

/// Type and condition of an error.
pub fn error(of: &Element) -> (String, String) {
    let error = child(of, "error");
    let condition = error.children().next().unwrap().name().to_owned();
    (error.attr("type").unwrap().to_owned(), condition)
}
