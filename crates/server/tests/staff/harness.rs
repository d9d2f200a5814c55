//! A whole server without sockets: memory store, a clock moved by hand, requests straight into the router, streams read
//! from their bodies.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use desk::time::{Span, Time};
use futures_util::StreamExt;
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use server::boot::Running;
use server::clock::Clock;
use server::config::Config;
use server::control::{Order, Outcome};
use server::declaration;
use server::listen::Peer;
use tower::ServiceExt;

/// 2026-11-20, 09:30 UTC, a Friday.
pub const START: Time = Time::from_secs(1_795_167_000);
pub const PASSWORD: &str = "a long password";
/// How long a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(10);

pub const DESK: &str = r#"
[[agent]]
name = "anna"
title = "Anna"
chats_max = 2
[[agent]]
name = "bert"
title = "Bert"
[[agent]]
name = "carla"
title = "Carla"
[[agent]]
name = "sven"
title = "Sven"
[[workgroup]]
name = "support"
title = "Support"
away_reasons = ["lunch"]
tags = ["loan"]
[[workgroup.form.field]]
name = "question"
label = "Your question"
kind = "multiline"
[workgroup.widget]
transcript = { download = true, mail = true }
[[workgroup.queue]]
name = "general"
title = "General"
dispatch = "offer"
offer_timeout_s = 30
members = ["anna", "bert"]
[[workgroup]]
name = "loans"
title = "Loans"
[[workgroup.queue]]
name = "all"
title = "All"
dispatch = "ring-all"
members = ["anna", "bert", "carla"]
[[workgroup]]
name = "desk"
title = "Desk"
[[workgroup.queue]]
name = "pull"
title = "Pull"
dispatch = "pull"
members = ["carla"]
[[canned]]
shortcut = "hi"
title = "Greeting"
text = "Hello, how can I help?"
"#;

pub struct House {
    pub running: Running,
    pub clock: Clock,
    pub router: Router,
    #[expect(dead_code, reason = "held, not read")]
    data: tempfile::TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, String::from_utf8_lossy(&self.bytes)))
    }

    /// Status and code of a problem.
    pub fn problem(&self) -> (u16, String) {
        let body = self.json();
        (self.status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.status.is_success(), "{} {}", self.status, String::from_utf8_lossy(&self.bytes));
        self
    }
}

/// Somebody who asks: an agent with a cookie, a visitor or program with a token, or nobody.
#[derive(Clone)]
pub struct Client {
    router: Router,
    headers: Vec<(String, String)>,
}

impl House {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let clock = Clock::manual(START);
        let data = tempfile::tempdir().expect("a directory");
        let mut config = Config { data: data.path().to_owned(), ..Config::default() };
        config.sessions.password_iterations = 4_096;
        config.limits.requests_per_minute = 1_000_000;
        config.limits.visits_per_minute = 1_000_000;
        change(&mut config);
        let started = Running::start(config, Arc::new(store::memory::open()), clock.clone()).await;
        let running = started.unwrap_or_else(|error| panic!("{error:?}"));
        let declaration = Box::new(declaration::parse_toml(DESK, "desk.toml").expect("a declaration"));
        let declared = running.house().perform(Order::Declare { declaration, dry_run: false }).await;
        assert!(matches!(declared, Outcome::Declared { .. }), "{declared:?}");
        let router = server::http::router(running.app.clone());
        let house = Self { running, clock, router, data };
        for (name, role) in
            [("anna", "agent"), ("bert", "agent"), ("carla", "agent"), ("sven", "supervisor"), ("ada", "administrator")]
        {
            house.account(name, role).await;
        }
        house
    }

    pub async fn account(&self, name: &str, role: &str) {
        let (name, title, role, password) = (name.into(), name.to_uppercase(), role.into(), PASSWORD.into());
        let made = self.running.house().perform(Order::AddAccount { name, title, role, password }).await;
        assert!(matches!(made, Outcome::Done), "{made:?}");
    }

    pub fn nobody(&self) -> Client {
        Client { router: self.router.clone(), headers: Vec::new() }
    }

    pub fn bearer(&self, token: &str) -> Client {
        let mut client = self.nobody();
        client.headers.push(("authorization".into(), format!("Bearer {token}")));
        client
    }

    pub fn with_header(&self, name: &str, value: &str) -> Client {
        let mut client = self.nobody();
        client.headers.push((name.into(), value.into()));
        client
    }

    /// Signs in at the web.
    pub async fn sign_in(&self, name: &str) -> Client {
        let mut client = self.nobody();
        let answer = client.post("/session", json!({ "username": name, "password": PASSWORD })).await.ok();
        let cookie = answer.headers["set-cookie"].to_str().expect("text").split(';').next().expect("a pair").to_owned();
        client.headers.push(("cookie".into(), cookie));
        client.headers.push(("x-csrf-token".into(), answer.json()["csrf"].as_str().expect("text").into()));
        client
    }

    /// Signs in, opens the stream, and shows `available`.
    pub async fn agent(&self, name: &str) -> (Client, Events) {
        let client = self.sign_in(name).await;
        let mut events = client.events("/agent/events").await;
        events.until("snapshot").await;
        client.put("/agent/availability", json!({ "show": "available" })).await.ok();
        (client, events)
    }

    /// Opens a visit and its stream; gives the chat's id too.
    pub async fn visitor(&self, workgroup: &str, name: &str) -> (Client, Events, String) {
        let key = format!("key-of-visitor-{name}-{workgroup}").replace(' ', "-");
        let body = json!({ "workgroup": workgroup, "locale": "en", "name": name, "key": key,
            "answers": if workgroup == "support" { json!({ "question": "Where is my book?" }) } else { json!({}) } });
        let opened = self.nobody().post("/visits", body).await.ok().json();
        let client = self.bearer(opened["token"].as_str().expect("a token"));
        let mut events = client.events("/visits/me/events").await;
        events.until("snapshot").await;
        (client, events, opened["visit"].as_str().expect("an id").to_owned())
    }

    /// Time passes, and everybody notices.
    pub async fn pass(&self, span: Span) {
        self.clock.advance(span);
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
    }
}

impl Client {
    /// The same, with one more header.
    pub fn and_header(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.into(), value.into()));
        client
    }

    /// A header that goes with every request.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub async fn send(&self, method: &str, path: &str, body: impl Into<Body>, json: bool) -> http::Response<Body> {
        let peer: SocketAddr = "192.0.2.1:4000".parse().expect("an address");
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}")).extension(Peer(peer));
        if json {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        self.router.clone().oneshot(request.body(body.into()).expect("a request")).await.expect("an answer")
    }

    pub async fn raw(&self, method: &str, path: &str, body: impl Into<Body>, json: bool) -> Answer {
        let (parts, body) = self.send(method, path, body, json).await.into_parts();
        let bytes = axum::body::to_bytes(body, 16 << 20).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.raw("GET", path, Body::empty(), false).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.raw("DELETE", path, Body::empty(), false).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.raw("POST", path, body.to_string(), true).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.raw("PUT", path, body.to_string(), true).await
    }

    /// Without a body, as the console does it.
    pub async fn act(&self, path: &str) -> Answer {
        self.raw("POST", path, Body::empty(), false).await
    }

    pub async fn events(&self, path: &str) -> Events {
        let response = self.send("GET", path, Body::empty(), false).await;
        assert_eq!(response.status(), 200, "{path}");
        Events {
            body: Box::pin(response.into_body().into_data_stream()),
            text: String::new(),
            seen: VecDeque::new(),
            last: None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Event {
    pub name: String,
    pub data: Value,
}

/// An event stream.
pub struct Events {
    body: std::pin::Pin<Box<axum::body::BodyDataStream>>,
    text: String,
    seen: VecDeque<Event>,
    pub last: Option<String>,
}

impl Events {
    /// The next event; none: the stream ended.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.seen.pop_front() {
                return Some(event);
            }
            let bytes =
                tokio::time::timeout(PATIENCE, self.body.next()).await.expect("an event in time")?.expect("bytes");
            self.text.push_str(std::str::from_utf8(&bytes).expect("UTF-8"));
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let (Some(name), Some(data)) = (field("event: "), field("data: ")) else { continue };
                self.last = field("id: ").or(self.last.take());
                self.seen.push_back(Event { name, data: serde_json::from_str(&data).expect("JSON") });
            }
        }
    }

    /// The next event of that name.
    pub async fn until(&mut self, name: &str) -> Value {
        self.find(name, |_| true).await
    }

    /// The next event of that name that is meant.
    pub async fn find(&mut self, name: &str, meant: impl Fn(&Value) -> bool) -> Value {
        let mut passed = Vec::new();
        while let Some(event) = self.next().await {
            if event.name == name && meant(&event.data) {
                return event.data;
            }
            passed.push(event.name);
        }
        panic!("the stream ended before `{name}`; it had {passed:?}");
    }

    /// Nothing of that name comes for a moment; what else comes is read.
    pub async fn none(&mut self, name: &str) {
        let wait = tokio::time::timeout(Duration::from_millis(300), self.until(name)).await;
        assert!(wait.is_err(), "unexpected `{name}`: {wait:?}");
    }
}
