//! Visitors and agents as programs: they do what people do, come back after every break, and write down what the server
//! acknowledged, so that it can be held to it afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::http::{Connection, EventStream, Response};

/// What the server acknowledged, to anybody.
#[derive(Default)]
pub struct Ledger {
    pub visits: Mutex<Vec<VisitRecord>>,
    /// `(chat, number)` → text, as acknowledged to its sender.
    pub said: Mutex<BTreeMap<(String, u64), String>>,
    /// Contradictions seen while it ran.
    pub faults: Mutex<Vec<String>>,
    pub chats_finished: AtomicU64,
    pub reconnects: AtomicU64,
    pub stop: AtomicBool,
}

/// A visit that was answered 201.
#[derive(Clone)]
pub struct VisitRecord {
    pub visit: String,
    pub token: String,
    pub finished: bool,
    /// The locale that it was opened with, by which a rule of the workgroup may choose the class.
    pub locale: &'static str,
}

impl Ledger {
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn fault(&self, text: String) {
        self.faults.lock().expect("no one panics holding it").push(text);
    }

    fn note_said(&self, chat: &str, number: u64, text: &str) {
        let mut said = self.said.lock().expect("no one panics holding it");
        if let Some(before) = said.insert((chat.to_owned(), number), text.to_owned())
            && before != text
        {
            drop(said);
            self.fault(format!("chat {chat}: number {number} was given to two messages"));
        }
    }
}

/// Small deterministic numbers for jitter; no two people share a seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    async fn pause(&mut self, from_ms: u64, to_ms: u64) {
        sleep(Duration::from_millis(from_ms + self.below(to_ms - from_ms))).await;
    }
}

/// Sends until the server answers; a broken connection is tried again with the same words.
async fn insist(
    connection: &mut Connection,
    ledger: &Ledger,
    dice: &mut Dice,
    method: &str,
    path: &str,
    body: &Value,
) -> Option<Response> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(90) {
        match connection.send(method, path, Some(body)).await {
            Ok(answer) if answer.status == 503 && answer.json()["code"] == "stopping" => {}
            Ok(answer) if answer.status != 429 && answer.status < 500 => return Some(answer),
            Ok(answer) if answer.json()["code"] == "queue_full" => return Some(answer),
            Ok(answer) if answer.status == 500 => {
                ledger.fault(format!("{method} {path}: {}", String::from_utf8_lossy(&answer.body)));
                return None;
            }
            Ok(_) | Err(_) => {}
        }
        dice.pause(30, 150).await;
    }
    ledger.fault(format!("{method} {path}: no answer for 90 s"));
    None
}

/// How a visitor behaves.
#[derive(Clone, Copy)]
pub struct VisitorPlan {
    pub messages: u64,
    /// One in so many gives up while waiting; 0: nobody.
    pub gives_up_one_in: u64,
    /// What the visitor's browser says.
    pub locale: &'static str,
}

/// One visitor: joins, waits, talks, leaves.
pub async fn visitor(address: String, workgroup: String, number: u64, plan: VisitorPlan, ledger: Arc<Ledger>) {
    let mut dice = Dice::new(number + 1);
    let mut connection = Connection::new(&address);
    let key = format!("00000000-0000-4000-8000-{number:012x}");
    let opening = json!({"workgroup": workgroup, "locale": plan.locale, "answers": {}, "name": format!("Visitor {number}"), "key": key});
    let Some(answer) = insist(&mut connection, &ledger, &mut dice, "POST", "/api/v1/visits", &opening).await else {
        return;
    };
    if answer.status != 201 && answer.status != 200 {
        ledger.fault(format!("joining answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body)));
        return;
    }
    let opened = answer.json();
    let (visit, token) = (text(&opened["visit"]), text(&opened["token"]));
    let record = VisitRecord { visit, token, finished: false, locale: plan.locale };
    let index = {
        let mut visits = ledger.visits.lock().expect("no one panics holding it");
        visits.push(record.clone());
        visits.len() - 1
    };
    connection.set_header("Authorization", &format!("Bearer {}", record.token));
    let gives_up = plan.gives_up_one_in > 0 && dice.below(plan.gives_up_one_in) == 0;
    let mut me = VisitorSelf { seen: BTreeMap::new(), state: String::new(), said: 0, record, plan, gives_up };
    if me.live(&address, &mut connection, &ledger, &mut dice).await {
        ledger.visits.lock().expect("no one panics holding it")[index].finished = true;
        ledger.chats_finished.fetch_add(1, Ordering::Relaxed);
    }
}

struct VisitorSelf {
    record: VisitRecord,
    plan: VisitorPlan,
    gives_up: bool,
    seen: BTreeMap<u64, String>,
    state: String,
    said: u64,
}

impl VisitorSelf {
    /// Lives until the visit has ended (true) or everything stops (false).
    async fn live(&mut self, address: &str, connection: &mut Connection, ledger: &Ledger, dice: &mut Dice) -> bool {
        let headers = vec![("Authorization".to_owned(), format!("Bearer {}", self.record.token))];
        let mut last: Option<String> = None;
        loop {
            if let Ok(mut stream) =
                EventStream::open(address, "/api/v1/visits/me/events", &headers, last.as_deref()).await
            {
                while let Ok(Ok(Some(event))) = timeout(Duration::from_secs(45), stream.next()).await {
                    last = Some(event.id.clone());
                    self.hear(&event.event, &event.data, ledger);
                    if event.event == "bye" && self.state != "ended" {
                        break;
                    }
                    if self.state == "ended" {
                        return true;
                    }
                    self.act(connection, ledger, dice).await;
                    if ledger.stopped() {
                        return false;
                    }
                }
            }
            if ledger.stopped() {
                return false;
            }
            ledger.reconnects.fetch_add(1, Ordering::Relaxed);
            dice.pause(20, 120).await;
        }
    }

    fn hear(&mut self, event: &str, data: &Value, ledger: &Ledger) {
        match event {
            "snapshot" => {
                self.state = text(&data["state"]);
                for message in data["messages"].as_array().into_iter().flatten() {
                    self.hear_message(message, false, ledger);
                }
            }
            "state" => self.state = text(&data["state"]),
            "message" => self.hear_message(data, true, ledger),
            _ => {}
        }
    }

    fn hear_message(&mut self, message: &Value, live: bool, ledger: &Ledger) {
        let number = message["number"].as_u64().unwrap_or(0);
        let words = message["text"].as_str().unwrap_or_default().to_owned();
        match self.seen.get(&number) {
            Some(before) if *before != words => {
                ledger.fault(format!("visit {}: number {number} changed its words", self.record.visit));
            }
            Some(_) if live => ledger.fault(format!("visit {}: number {number} came twice", self.record.visit)),
            Some(_) => {}
            None => {
                let expected = self.seen.keys().next_back().map_or(number, |highest| highest + 1);
                if live && number != expected {
                    ledger.fault(format!("visit {}: number {number} came where {expected} was due", self.record.visit));
                }
                self.seen.insert(number, words);
            }
        }
    }

    async fn act(&mut self, connection: &mut Connection, ledger: &Ledger, dice: &mut Dice) {
        if self.state == "waiting" && self.gives_up {
            dice.pause(50, 400).await;
            let _ = insist(connection, ledger, dice, "POST", "/api/v1/visits/me/leave", &json!({})).await;
            return;
        }
        // The first question is asked while waiting.
        let asks = self.state == "waiting" && self.said == 0;
        if self.state != "chatting" && !asks {
            return;
        }
        let replies = self.seen.values().filter(|words| words.starts_with("re: ")).count() as u64;
        if self.said < self.plan.messages && self.said <= replies {
            self.said += 1;
            let words = format!("question {} of {}", self.said, self.record.visit);
            let id = format!("q-{}-{}", self.record.visit, self.said);
            let body = json!({"id": id, "text": words});
            if let Some(answer) = insist(connection, ledger, dice, "POST", "/api/v1/visits/me/messages", &body).await
                && answer.status < 300
            {
                ledger.note_said(&self.record.visit, answer.json()["number"].as_u64().unwrap_or(0), &words);
            }
        } else if self.said >= self.plan.messages && replies >= self.plan.messages {
            let _ = insist(connection, ledger, dice, "POST", "/api/v1/visits/me/leave", &json!({})).await;
        }
    }
}

/// One agent: signs in, is available, accepts every offer and answers every question.
pub async fn agent(address: String, name: String, password: String, ledger: Arc<Ledger>) {
    let mut dice = Dice::new(name.bytes().map(u64::from).sum::<u64>() + 77);
    let mut me =
        AgentSelf { cookie: String::new(), csrf: String::new(), answered: BTreeSet::new(), pending: Vec::new() };
    let mut last: Option<String> = None;
    while !ledger.stopped() {
        if me.cookie.is_empty() && me.sign_in(&address, &name, &password).await.is_err() {
            dice.pause(50, 200).await;
            continue;
        }
        let headers = vec![("Cookie".to_owned(), me.cookie.clone())];
        if let Ok(mut stream) = EventStream::open(&address, "/api/v1/agent/events", &headers, last.as_deref()).await {
            let mut connection = Connection::new(&address);
            connection.set_header("Cookie", &me.cookie);
            connection.set_header("X-CSRF-Token", &me.csrf);
            while let Ok(Ok(Some(event))) = timeout(Duration::from_secs(45), stream.next()).await {
                last = Some(event.id.clone());
                if event.event == "bye" || ledger.stopped() {
                    break;
                }
                me.hear(&event.event, &event.data);
                me.act(&mut connection, &ledger, &mut dice).await;
            }
        }
        ledger.reconnects.fetch_add(1, Ordering::Relaxed);
        dice.pause(20, 120).await;
    }
}

enum Todo {
    Available,
    Accept(String),
    Reply { chat: String, number: u64 },
}

struct AgentSelf {
    cookie: String,
    csrf: String,
    answered: BTreeSet<(String, u64)>,
    pending: Vec<Todo>,
}

impl AgentSelf {
    async fn sign_in(&mut self, address: &str, name: &str, password: &str) -> io::Result<()> {
        let body = json!({"username": name, "password": password});
        let answer = Connection::new(address).post("/api/v1/session", &body).await?;
        if answer.status != 200 {
            return Err(io::Error::other(format!("log-in answered {}", answer.status)));
        }
        let cookie = answer.headers.get("set-cookie").cloned().unwrap_or_default();
        cookie.split(';').next().unwrap_or_default().clone_into(&mut self.cookie);
        self.csrf = text(&answer.json()["csrf"]);
        Ok(())
    }

    fn hear(&mut self, event: &str, data: &Value) {
        match event {
            "snapshot" => {
                if data["me"]["show"] != "available" {
                    self.pending.push(Todo::Available);
                }
                for offer in data["offers"].as_array().into_iter().flatten() {
                    self.pending.push(Todo::Accept(text(&offer["offer"])));
                }
                for chat in data["chats"].as_array().into_iter().flatten() {
                    self.hear_chat(chat);
                }
            }
            "offer" => self.pending.push(Todo::Accept(text(&data["offer"]))),
            "chat" => self.hear_chat(data),
            "message" => {
                let chat = text(&data["chat"]);
                self.hear_message(&chat, data);
            }
            _ => {}
        }
    }

    fn hear_chat(&mut self, chat: &Value) {
        let id = text(&chat["chat"]);
        for message in chat["messages"].as_array().into_iter().flatten() {
            self.hear_message(&id, message);
        }
    }

    fn hear_message(&mut self, chat: &str, message: &Value) {
        let number = message["number"].as_u64().unwrap_or(0);
        let key = (chat.to_owned(), number);
        if message["from"]["kind"] == "visitor" && message["kind"] == "text" && self.answered.insert(key) {
            self.pending.push(Todo::Reply { chat: chat.to_owned(), number });
        }
    }

    async fn act(&mut self, connection: &mut Connection, ledger: &Ledger, dice: &mut Dice) {
        for todo in std::mem::take(&mut self.pending) {
            match todo {
                Todo::Available => {
                    let body = json!({"show": "available"});
                    let _ = insist(connection, ledger, dice, "PUT", "/api/v1/agent/availability", &body).await;
                }
                Todo::Accept(offer) => {
                    let path = format!("/api/v1/agent/offers/{offer}/accept");
                    let _ = insist(connection, ledger, dice, "POST", &path, &json!({})).await;
                }
                Todo::Reply { chat, number } => {
                    let words = format!("re: {number} in {chat}");
                    let body = json!({"id": format!("a-{chat}-{number}"), "text": words});
                    let path = format!("/api/v1/agent/chats/{chat}/messages");
                    if let Some(answer) = insist(connection, ledger, dice, "POST", &path, &body).await
                        && answer.status < 300
                    {
                        ledger.note_said(&chat, answer.json()["number"].as_u64().unwrap_or(0), &words);
                    }
                }
            }
        }
    }
}

/// A string, or what stands for one.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}
