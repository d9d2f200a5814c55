//! What the tests over real sockets share: a server in this process with a clock that is moved by hand, a client that speaks
//! plain HTTP/1.1, and a reader of event streams. Tests stand in the files beside this folder.
#![expect(clippy::unwrap_used, reason = "the stage of tests may unwrap")]
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use desk::Reply;
use desk::command::{Command, Show};
use desk::ids::{AgentId, OfferId, RequestId};
use desk::time::{Span, Time};
use serde_json::{Value, json};
use server::boot::Running;
use server::clock::Clock;
use server::config::Config;
use server::declaration;
use server::directory::{Attached, Owner};
use server::stream::Step;
use store::Backend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Nothing in a test takes longer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The desk of the tests.
pub const DESK: &str = r#"
[skills]
english = "English"
[[agent]]
name = "anna"
title = "Anna"
chats_max = 2
[[agent]]
name = "bert"
title = "Bert"
[[workgroup]]
name = "support"
title = "Support"
visitor_grace_s = 60
agent_grace_s = 60
idle_close_s = 600
[[workgroup.form.field]]
name = "topic"
label = "Topic"
kind = "text"
required = true
length_max = 100
[workgroup.look]
greeting = "Welcome."
greetings = { nl = "Welkom." }
[workgroup.widget]
origins = ["https://www.example.org"]
[workgroup.callback]
enabled = true
confirm_timeout_s = 60
attempts_max = 2
retry_after_s = 300
open_max = 5
[[workgroup.queue]]
name = "first"
title = "First"
dispatch = "offer"
members = ["anna", "bert"]
"#;

/// A server of the tests.
pub struct Server {
    pub running: Running,
    pub clock: Clock,
    pub address: SocketAddr,
    /// Where files go, if this server has a folder of its own.
    folder: Option<tempfile::TempDir>,
}

/// Quick limits: tests open many visits from one address.
pub fn config(data: &std::path::Path) -> Config {
    let mut config = Config { data: data.to_owned(), ..Config::default() };
    config.limits.visits_per_minute = 100_000;
    config.limits.requests_per_minute = 1_000_000;
    config.limits.messages_per_minute = 10_000;
    config
}

impl Server {
    /// Starts on this store, with the desk declared.
    pub async fn start(config: Config, store: Arc<dyn Backend>, clock: Clock) -> Self {
        let running = Running::start(config, store, clock.clone()).await.unwrap();
        let declared = declaration::to_spec(&declaration::parse_toml(DESK, "desk.toml").unwrap()).unwrap();
        running.app.desk.ask(Command::Declare(Box::new(declared))).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = server::http::router(running.app.clone()).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { running, clock, address, folder: None }
    }

    /// Starts in memory.
    pub async fn in_memory() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Self::start(config(folder.path()), Arc::new(store::memory::open()), clock()).await;
        Self { folder: Some(folder), ..server }
    }

    pub fn client(&self, token: &str) -> Client {
        Client { address: self.address, token: token.to_owned() }
    }

    /// Opens a visit; the answer's body.
    pub async fn open(&self, key: &str, change: impl FnOnce(&mut Value)) -> Answer {
        let mut body = json!({ "workgroup": "support", "locale": "nl", "answers": { "topic": "a loan" }, "key": key });
        change(&mut body);
        self.client("").post("/api/v1/visits", &body).await
    }

    /// Opens a visit that must succeed.
    pub async fn visit(&self, key: &str) -> Client {
        let opened = self.open(key, |_| ()).await;
        assert_eq!(opened.status, 201, "{:?}", opened.body);
        self.client(opened.body["token"].as_str().unwrap())
    }

    pub async fn agent(&self, name: &'static str) -> AgentId {
        let found = self.running.app.desk.view(move |state, _| state.agent_by_name(name).map(|agent| agent.id)).await;
        found.unwrap().unwrap()
    }

    /// An agent signs in and listens.
    pub async fn sign_in(&self, name: &'static str) -> (AgentId, Attached) {
        let agent = self.agent(name).await;
        self.running.app.desk.ask(Command::SignIn { agent, show: Show::Available }).await.unwrap();
        let directory = &self.running.app.directory;
        let session = directory.open_staff(agent, "test", true).unwrap();
        let attached = directory.attach(Owner::Staff(agent), &session, None).unwrap();
        (agent, attached)
    }

    /// Waits for the offer of a request to an agent, and accepts it.
    pub async fn accept(&self, agent: AgentId, request: RequestId) {
        let offer = self
            .until(move |state| {
                let offer = state.offers_of(agent).find(|offer| offer.request == request)?;
                Some(offer.id)
            })
            .await;
        let accepted = self.running.app.desk.ask(Command::AcceptOffer { agent, offer }).await.unwrap();
        assert!(matches!(accepted, Reply::Accepted { .. }));
        let _: OfferId = offer;
    }

    /// Waits until the state has something to say.
    pub async fn until<T: Send + 'static>(
        &self,
        look: impl Fn(&desk::State) -> Option<T> + Clone + Send + 'static,
    ) -> T {
        let desk = &self.running.app.desk;
        let found = timeout(PATIENCE, async {
            loop {
                let look = look.clone();
                if let Some(found) = desk.view(move |state, _| look(state)).await.unwrap() {
                    return found;
                }
                tokio::task::yield_now().await;
            }
        });
        found.await.expect("the state came to it")
    }

    /// Moves the clock and has the desk carry out what has fallen due.
    pub async fn pass(&self, seconds: i64) {
        self.clock.advance(Span::secs(seconds));
        let _ = self.running.app.desk.ask(Command::Tick).await;
    }
}

/// Noon of an ordinary day.
pub fn clock() -> Clock {
    Clock::manual(Time::from_secs(1_795_176_000))
}

/// The request of an id on the wire.
pub fn request_of(answer: &Value) -> RequestId {
    RequestId(answer["visit"].as_str().unwrap().parse().unwrap())
}

/// A client with one token.
#[derive(Clone)]
pub struct Client {
    pub address: SocketAddr,
    pub token: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
    pub raw: Vec<u8>,
}

impl Client {
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", b"").await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "content-type: application/json\r\n", body.to_string().as_bytes()).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, "content-type: application/json\r\n", body.to_string().as_bytes()).await
    }

    /// Says something.
    pub async fn say(&self, id: &str, text: &str) -> Answer {
        self.post("/api/v1/visits/me/messages", &json!({ "id": id, "text": text })).await
    }

    /// One request on a connection of its own.
    pub async fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = self.begin(method, path, &format!("connection: close\r\n{headers}"), body).await;
        let mut raw = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut raw)).await.expect("an answer in time").unwrap();
        let split = find(&raw, b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&raw[..split]).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        let mut body = raw[split + 4..].to_vec();
        if head.contains("transfer-encoding: chunked") {
            body = Chunks::default().feed(&body);
        }
        Answer { status, head, body: serde_json::from_slice(&body).unwrap_or(Value::Null), raw: body }
    }

    async fn begin(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let bearer =
            if self.token.is_empty() { String::new() } else { format!("authorization: Bearer {}\r\n", self.token) };
        let length = if body.is_empty() && method == "GET" {
            String::new()
        } else {
            format!("content-length: {}\r\n", body.len())
        };
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n{bearer}{length}{headers}\r\n", self.address);
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses early may have stopped reading.
        let _ = stream.write_all(body).await;
        stream
    }

    /// Opens the event stream, going on after `last`.
    pub async fn events(&self, last: Option<&str>) -> Events {
        let query = last.map(|last| format!("?last={last}")).unwrap_or_default();
        let stream = self.begin("GET", &format!("/api/v1/visits/me/events{query}"), "", b"").await;
        Events {
            stream,
            raw: Vec::new(),
            head: None,
            chunks: Chunks::default(),
            text: Vec::new(),
            ended: false,
            last: None,
        }
    }

    /// Hands over a file.
    pub async fn file(&self, id: &str, name: &str, content: &[u8]) -> Answer {
        let mut body = format!(
            "--XX\r\ncontent-disposition: form-data; name=\"id\"\r\n\r\n{id}\r\n--XX\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             content-type: text/html\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--XX--\r\n");
        let kind = "content-type: multipart/form-data; boundary=XX\r\n";
        self.send("POST", "/api/v1/visits/me/files", kind, &body).await
    }
}

/// An event stream.
pub struct Events {
    stream: TcpStream,
    raw: Vec<u8>,
    head: Option<String>,
    chunks: Chunks,
    text: Vec<u8>,
    ended: bool,
    /// The id of the last event.
    pub last: Option<String>,
}

/// An event.
#[derive(Debug)]
pub struct Event {
    pub id: String,
    pub name: String,
    pub data: Value,
}

impl Events {
    /// The next event; none at the end of the stream.
    pub async fn next(&mut self) -> Option<Event> {
        timeout(PATIENCE, self.read()).await.expect("an event in time")
    }

    /// The next event of this name; others before it are passed over.
    pub async fn until(&mut self, name: &str) -> Value {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("the stream ended before `{name}`"));
            if event.name == name {
                return event.data;
            }
        }
    }

    /// The next message that people said.
    pub async fn words(&mut self) -> Value {
        loop {
            let message = self.until("message").await;
            if message["kind"] == "text" {
                return message;
            }
        }
    }

    /// Nothing comes within this time.
    pub async fn is_quiet_for(&mut self, time: Duration) -> bool {
        timeout(time, self.read()).await.is_err()
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = find(&self.text, b"\n\n") {
                let block: Vec<u8> = self.text.drain(..end + 2).collect();
                let block = String::from_utf8(block).unwrap();
                let line = |key: &str| block.lines().find_map(|l| l.strip_prefix(key)).map(str::to_owned);
                let Some(name) = line("event: ") else { continue };
                let id = line("id: ").unwrap();
                self.last = Some(id.clone());
                return Some(Event { id, name, data: serde_json::from_str(&line("data: ").unwrap()).unwrap() });
            }
            if self.ended {
                return None;
            }
            let mut buffer = vec![0; 64 * 1024];
            let count = self.stream.read(&mut buffer).await.unwrap_or(0);
            self.ended = count == 0;
            self.raw.extend_from_slice(&buffer[..count]);
            if self.head.is_none() {
                let Some(split) = find(&self.raw, b"\r\n\r\n") else { continue };
                let head = String::from_utf8_lossy(&self.raw[..split]).into_owned();
                assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                self.raw.drain(..split + 4);
                self.head = Some(head);
            }
            let text = self.chunks.feed(&std::mem::take(&mut self.raw));
            self.text.extend_from_slice(&text);
            self.ended |= self.chunks.ended;
        }
    }
}

/// Takes apart `transfer-encoding: chunked`.
#[derive(Default)]
struct Chunks {
    rest: Vec<u8>,
    ended: bool,
}

impl Chunks {
    fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.rest.extend_from_slice(bytes);
        let mut out = Vec::new();
        while let Some(line) = find(&self.rest, b"\r\n") {
            let size = usize::from_str_radix(std::str::from_utf8(&self.rest[..line]).unwrap().trim(), 16).unwrap();
            if size == 0 {
                self.ended = true;
                break;
            }
            if self.rest.len() < line + 2 + size + 2 {
                break;
            }
            out.extend_from_slice(&self.rest[line + 2..line + 2 + size]);
            self.rest.drain(..line + 2 + size + 2);
        }
        out
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// The next event of this name at an agent's session.
pub async fn heard(attached: &mut Attached, name: &str) -> Value {
    let found = timeout(PATIENCE, async {
        loop {
            match attached.next().await {
                Step::Event(entry) if entry.event == name => return serde_json::from_str(&entry.data).unwrap(),
                Step::Event(_) => {}
                Step::Bye(reason) => panic!("bye {reason:?} before `{name}`"),
            }
        }
    });
    found.await.unwrap_or_else(|_| panic!("no `{name}` in time"))
}
