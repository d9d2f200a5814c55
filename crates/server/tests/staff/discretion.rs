//! What the server does not do with what people entrust to it: write it to the log.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::harness::{Client, Events, House, PASSWORD};

async fn accept(anna: &Client, seen: &mut Events) {
    let offer = seen.until("offer").await;
    anna.act(&format!("/agent/offers/{}/accept", offer["offer"].as_str().unwrap())).await.ok();
}

/// What was written to the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_of_a_chat_names_nobody_and_tells_requests_by_their_ids() {
    // While there is one subscriber only, whether a line is written at all is decided by the thread that comes by first, which may
    // be another test's; of two, both are asked.
    let _another = tracing::Dispatch::new(tracing_subscriber::registry());
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(move || writer.clone())
        .json()
        .flatten_event(true)
        .finish();
    let _during = tracing::subscriber::set_default(subscriber);

    let house = House::new().await;
    let (anna, mut seen) = house.agent("anna").await;
    let (visitor, mut heard, chat) = house.visitor("support", "Wilhelmine").await;
    accept(&anna, &mut seen).await;
    heard.find("state", |it| it["state"] == "chatting").await;
    let said = json!({ "id": "v-1", "text": "my pregnancy test" });
    let answer = visitor.post("/visits/me/messages", said).await.ok();
    seen.find("message", |it| it["kind"] == "text").await;
    anna.post(&format!("/agent/chats/{chat}/messages"), json!({ "id": "a-1", "text": "Congratulations" })).await.ok();
    anna.post(&format!("/agent/chats/{chat}/notes"), json!({ "text": "is worried" })).await.ok();
    house.nobody().post("/session", json!({ "username": "wilhelmine", "password": "my cat's name" })).await;
    house.nobody().post("/session", json!({ "username": "wilhelmine", "pasword": "my cat's name" })).await;
    anna.get("/agent/archive?text=pregnancy").await;
    visitor.act("/visits/me/leave").await.ok();
    heard.find("state", |it| it["state"] == "ended").await;

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let tokens = [visitor.header("authorization"), anna.header("cookie"), anna.header("x-csrf-token")];
    let tokens = tokens.map(|token| token.split([' ', '=']).next_back().unwrap());
    let words = ["ilhelmine", "Where is my book", "pregnancy", "Congratulations", "worried", "my cat", "192.0.2.1"];
    for private in words.into_iter().chain(tokens).chain([PASSWORD, "key-of-visitor"]) {
        let line = text.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "{private:?} stands in the log");
    }
    let id = answer.headers["x-request-id"].to_str().unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let own: Vec<_> = lines.filter(|line| line["span"]["request_id"] == id).collect();
    assert!(own.iter().any(|line| line["message"] == "request" && line["status"] == 201), "{id} in {text}");
}
