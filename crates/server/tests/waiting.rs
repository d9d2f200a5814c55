//! While a visitor waits, over real sockets: what they write before anybody is there, callbacks from asking to the chat, and
//! programs that open visits for people.
#![expect(clippy::unwrap_used, reason = "the stage of tests may unwrap")]

mod visiting;

use std::sync::Arc;
use std::time::Duration;

use desk::command::{Command, Show};
use desk::ids::{AgentId, RequestId};
use serde_json::{Value, json};
use server::directory::Attached;
use server::stream::Step;
use visiting::{Answer, Client, Events, PATIENCE, Server, clock, config, heard, request_of};

/// An agent who listens but is not there for anybody.
async fn away(server: &Server, name: &'static str) -> (AgentId, Attached) {
    let (agent, console) = server.sign_in(name).await;
    show(server, agent, Show::Xa).await;
    (agent, console)
}

async fn show(server: &Server, agent: AgentId, show: Show) {
    let command = Command::SetAvailability { agent, show, reason: None, chats_max_hint: None };
    server.running.app.desk.ask(command).await.unwrap();
}

/// What is told of this request in its line, once it fits.
async fn in_line(server: &Server, console: &mut Attached, request: RequestId, fits: impl Fn(&Value) -> bool) -> Value {
    let id = request.0.to_string();
    loop {
        server.pass(1).await;
        let line = heard(console, "line").await;
        let entries = line["upsert"].as_array().unwrap().iter();
        if let Some(found) = entries.filter(|it| it["request"] == id.as_str()).find(|it| fits(it)) {
            return found.clone();
        }
    }
}

async fn until_callback(events: &mut Events, word: &str) -> Value {
    loop {
        let state = events.until("state").await;
        if state["callback"]["state"] == word {
            return state;
        }
    }
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["code"].as_str().unwrap_or_default())
}

async fn ask(visitor: &Client, body: Value) -> Answer {
    visitor.post("/api/v1/visits/me/callback", &body).await
}

#[tokio::test]
async fn what_is_written_while_waiting_is_numbered_shown_and_read_first() {
    let server = Server::in_memory().await;
    let (anna, mut console) = away(&server, "anna").await;
    let visitor = server.visit("visitor-one-key-0001").await;
    let mut events = visitor.events(None).await;
    let request = request_of(&events.until("snapshot").await);
    let said = visitor.say("m-1", "My card is gone").await;
    assert_eq!((said.status, said.body["number"].as_u64()), (201, Some(1)));
    let again = visitor.say("m-1", "My card is gone").await;
    assert_eq!((again.status, &again.body), (200, &said.body));
    assert_eq!(events.words().await["text"], "My card is gone");
    let shown = in_line(&server, &mut console, request, |it| it["first_words"] != Value::Null).await;
    assert_eq!((&shown["first_words"], &shown["last_words"]), (&json!("My card is gone"), &Value::Null));
    visitor.say("m-2", "Are you ther").await;
    let corrected = visitor.put("/api/v1/visits/me/messages/2", &json!({ "text": "Are you there?" })).await;
    assert_eq!(corrected.status, 200);
    assert_eq!(events.until("correction").await["text"], "Are you there?");
    let shown = in_line(&server, &mut console, request, |it| it["last_words"] == "Are you there?").await;
    assert_eq!(shown["first_words"], "My card is gone");
    let file = visitor.file("f-1", "card.png", b"\x89PNG\r\n\x1a\n0000").await;
    assert_eq!(file.status, 201, "{:?}", file.body);
    let typed = visitor.post("/api/v1/visits/me/typing", &json!({ "state": "composing" })).await;
    assert_eq!(typed.status, 204, "nobody hears it");
    let rooms = &server.running.app.rooms;
    let early = rooms.say(request, server::rooms::Speaker::Agent(anna), "a".into(), "too early").await;
    assert!(early.is_err(), "an agent has to take the request first");

    show(&server, anna, Show::Available).await;
    let offer = heard(&mut console, "offer").await;
    assert_eq!(offer["waiting"]["last_words"], "card.png");
    visitor.say("m-3", "One more thing").await;
    let offer = heard(&mut console, "offer").await;
    assert_eq!(offer["waiting"]["last_words"], "One more thing", "an offer that is out is told anew");
    server.accept(anna, request).await;
    let chat = heard(&mut console, "chat").await;
    let texts: Vec<&Value> = chat["messages"].as_array().unwrap().iter().map(|it| &it["text"]).collect();
    assert_eq!((texts[0], texts[1]), (&json!("My card is gone"), &json!("Are you there?")));
    assert!(texts.contains(&&json!("One more thing")));
    while events.until("state").await["state"] != "chatting" {}
    visitor.say("m-4", "Hello").await;
    let snapshot = visitor.get("/api/v1/visits/me").await.body;
    let numbers: Vec<u64> =
        snapshot["messages"].as_array().unwrap().iter().map(|m| m["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "no holes, none twice");
    let page = visitor.get("/api/v1/visits/me/transcript?format=text").await;
    assert!(String::from_utf8_lossy(&page.raw).contains("My card is gone"));
}

#[tokio::test]
async fn words_written_while_waiting_survive_a_restart_and_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        || Arc::new(store::sqlite::open(&folder.path().join("desk.db"), &store::sqlite::Options::default()).unwrap());
    let time = clock();
    let server = Server::start(config(folder.path()), open(), time.clone()).await;
    let opened = server.open("visitor-one-key-0001", |_| ()).await;
    let token = opened.body["token"].as_str().unwrap().to_owned();
    server.client(&token).say("m-1", "before the fall").await;
    let Server { running, .. } = server;
    running.stop().await;

    let server = Server::start(config(folder.path()), open(), time).await;
    let visitor = server.client(&token);
    let again = visitor.say("m-1", "before the fall").await;
    assert_eq!((again.status, again.body["number"].as_u64()), (200, Some(1)), "stored before it was answered");
    assert_eq!(visitor.say("m-2", "after it").await.body["number"], 2);
    let messages = visitor.get("/api/v1/visits/me").await.body["messages"].clone();
    assert_eq!((&messages[0]["text"], &messages[1]["text"]), (&json!("before the fall"), &json!("after it")));
    visitor.post("/api/v1/visits/me/leave", &json!({})).await;
    assert_eq!(code(&visitor.say("m-3", "too late").await), (409, "wrong_state"));
    let messages = visitor.get("/api/v1/visits/me").await.body["messages"].clone();
    assert_eq!(messages[1]["text"], "after it", "what was said stays said");
    server.running.stop().await;
}

#[tokio::test]
async fn a_conversation_comes_to_an_agent_whole_and_no_message_twice() {
    let server = Server::in_memory().await;
    let (anna, mut console) = server.sign_in("anna").await;
    for round in 0..8 {
        let visitor = server.visit(&format!("visitor-round-key-{round:04}")).await;
        let mut events = visitor.events(None).await;
        let request = request_of(&events.until("snapshot").await);
        let id = request.0.to_string();
        visitor.say("first", "one").await;
        // Said in the moment in which the agent comes in.
        let (talker, rounds) = (visitor.clone(), 12);
        let talking = tokio::spawn(async move {
            for number in 0..rounds {
                assert_eq!(talker.say(&format!("m-{number}"), "word").await.status, 201);
            }
        });
        server.accept(anna, request).await;
        talking.await.unwrap();
        visitor.say("last", "the end").await;
        let mut seen: Vec<u64> = Vec::new();
        let number = |message: &Value| message["number"].as_u64().unwrap();
        let listening = tokio::time::timeout(PATIENCE, async {
            loop {
                let Step::Event(entry) = console.next().await else { panic!("bye") };
                let data: Value = serde_json::from_str(&entry.data).unwrap();
                if data["chat"] != id.as_str() {
                    continue;
                }
                let messages = data["messages"].as_array().cloned().unwrap_or_default();
                let messages = if entry.event == "message" { vec![data] } else { messages };
                let ended = messages.iter().any(|message| message["id"] == "last");
                seen.extend(messages.iter().map(number));
                if ended {
                    return;
                }
            }
        });
        listening.await.expect("the last word in time");
        assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>(), "each once, in order");
        let chat = Command::CloseChat { request, ending: desk::event::Ending::ClosedByAgent };
        server.running.app.desk.ask(chat).await.unwrap();
    }
}

#[tokio::test]
async fn who_waits_may_ask_to_be_told_and_come_when_somebody_is_free() {
    let server = Server::in_memory().await;
    let (anna, mut console) = away(&server, "anna").await;
    assert_eq!(server.client("").get("/api/v1/workgroups/support").await.body["callback"], true);
    let visitor = server.visit("visitor-one-key-0001").await;
    let mut events = visitor.events(None).await;
    let request = request_of(&events.until("snapshot").await);
    let other = server.visit("visitor-two-key-0002").await;
    assert_eq!(code(&visitor.post("/api/v1/visits/me/confirm", &json!({})).await), (409, "wrong_state"));
    assert_eq!(ask(&visitor, json!({})).await.status, 204);
    assert_eq!(ask(&visitor, json!({})).await.status, 204, "the same again changes nothing");
    let state = until_callback(&mut events, "waiting").await;
    assert_eq!((&state["position"]["ahead"], &state["callback"]["attempts_max"]), (&json!(0), &json!(2)));
    let shown = in_line(&server, &mut console, request, |it| it["medium"] == "callback").await;
    assert_eq!((&shown["may_take"], &shown["state"]), (&json!(false), &json!("waiting")));
    assert_eq!(visitor.say("m-1", "I am still here").await.status, 201);

    // The visitor may go; the place stays. The other one, who does not ask for that, is gone.
    drop(events);
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.pass(3).await;
    server.pass(70).await;
    server.until(move |state| (state.requests().count() == 1).then_some(())).await;
    assert_eq!(other.get("/api/v1/visits/me").await.body["state"], "ended");
    let mut events = visitor.events(None).await;
    events.until("snapshot").await;

    show(&server, anna, Show::Available).await;
    let state = until_callback(&mut events, "confirming").await;
    assert_eq!((&state["callback"]["attempt"], &state["state"]), (&json!(1), &json!("waiting")));
    assert_eq!(state["callback"]["confirm_until"], state["confirm_until"]);
    let shown = in_line(&server, &mut console, request, |it| it["state"] == "confirming").await;
    assert_eq!(shown["may_take"], false);
    assert_eq!(visitor.post("/api/v1/visits/me/confirm", &json!({})).await.status, 204);
    assert_eq!(code(&visitor.post("/api/v1/visits/me/confirm", &json!({})).await), (409, "wrong_state"));
    let offer = heard(&mut console, "offer").await;
    assert_eq!(
        (&offer["waiting"]["medium"], &offer["waiting"]["first_words"]),
        (&json!("callback"), &json!("I am still here"))
    );
    server.accept(anna, request).await;
    while events.until("state").await["state"] != "chatting" {}
    assert_eq!(code(&ask(&visitor, json!({})).await), (409, "wrong_state"));
}

#[tokio::test]
async fn an_unanswered_callback_is_tried_again_and_then_no_more() {
    let server = Server::in_memory().await;
    let (anna, _console) = away(&server, "anna").await;
    let visitor = server.visit("visitor-one-key-0001").await;
    let mut events = visitor.events(None).await;
    events.until("snapshot").await;
    ask(&visitor, json!({})).await;
    show(&server, anna, Show::Available).await;
    until_callback(&mut events, "confirming").await;
    server.pass(60).await;
    let state = until_callback(&mut events, "scheduled").await;
    assert_eq!((&state["callback"]["attempt"], &state["held"]), (&json!(1), &json!(true)));
    assert!(state["callback"]["due"].is_string());
    server.pass(300).await;
    assert_eq!(until_callback(&mut events, "confirming").await["callback"]["attempt"], 2);
    server.pass(60).await;
    let mut state = events.until("state").await;
    while state["state"] != "ended" {
        state = events.until("state").await;
    }
    assert_eq!(state["ended"]["how"], "unreachable");
    assert_eq!(code(&visitor.post("/api/v1/visits/me/confirm", &json!({})).await), (404, "not_found"));
}

#[tokio::test]
async fn a_callback_is_put_off_cancelled_and_kept_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        || Arc::new(store::sqlite::open(&folder.path().join("desk.db"), &store::sqlite::Options::default()).unwrap());
    let time = clock();
    let server = Server::start(config(folder.path()), open(), time.clone()).await;
    let (anna, _console) = away(&server, "anna").await;
    let opened = server.open("visitor-one-key-0001", |body| body["callback"] = json!({})).await;
    let token = opened.body["token"].as_str().unwrap().to_owned();
    assert_eq!(opened.body["snapshot"]["callback"]["state"], "waiting");
    let visitor = server.client(&token);
    let mut events = visitor.events(None).await;
    events.until("snapshot").await;
    show(&server, anna, Show::Available).await;
    until_callback(&mut events, "confirming").await;
    assert_eq!(ask(&visitor, json!({})).await.status, 204, "not now");
    let state = until_callback(&mut events, "scheduled").await;
    assert_eq!(state["callback"]["attempt"], 0, "who answers has not let it lapse");
    let at = |seconds: i64| server::clock::rfc3339(time.now() + desk::time::Span::secs(seconds));
    assert_eq!(ask(&visitor, json!({ "not_before": at(3_600) })).await.status, 204);
    assert_eq!(code(&ask(&visitor, json!({ "not_before": at(-60) })).await), (409, "wrong_state"));
    assert_eq!(code(&ask(&visitor, json!({ "not_before": at(400 * 86_400) })).await), (429, "limit"));
    assert_eq!(ask(&visitor, json!({ "not_before": "soon" })).await.status, 400);
    server.running.stop().await;

    let server = Server::start(config(folder.path()), open(), time).await;
    let visitor = server.client(&token);
    assert_eq!(visitor.get("/api/v1/visits/me").await.body["callback"]["state"], "scheduled");
    let (_anna, _console) = server.sign_in("anna").await;
    server.pass(3_600).await;
    let snapshot = visitor.get("/api/v1/visits/me").await.body;
    assert_eq!((&snapshot["callback"]["state"], &snapshot["callback"]["attempt"]), (&json!("confirming"), &json!(1)));
    assert_eq!(visitor.post("/api/v1/visits/me/leave", &json!({})).await.status, 204);
    assert_eq!(visitor.get("/api/v1/visits/me").await.body["ended"]["how"], "departed");
    server.running.stop().await;
}

#[tokio::test]
async fn callbacks_are_refused_to_strangers_and_beyond_their_number() {
    let server = Server::in_memory().await;
    for token in ["", "v_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "k_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
    {
        for path in ["/api/v1/visits/me/callback", "/api/v1/visits/me/confirm"] {
            assert_eq!(
                code(&server.client(token).post(path, &json!({})).await),
                (401, "unauthorized"),
                "{token} {path}"
            );
        }
    }
    let mut visitors = Vec::new();
    for number in 0..6 {
        visitors.push(server.visit(&format!("visitor-crowd-key-{number:04}")).await);
    }
    for visitor in &visitors[..5] {
        assert_eq!(ask(visitor, json!({})).await.status, 204);
    }
    assert_eq!(code(&ask(&visitors[5], json!({})).await), (429, "limit"));
    assert_eq!(visitors[5].get("/api/v1/visits/me").await.body["state"], "waiting", "a refusal changed nothing");
    let early = visitors[0].post("/api/v1/visits/me/confirm", &json!({})).await;
    assert_eq!(early.status, 204, "who rather waits after all stands at the old place");
    let snapshot = visitors[0].get("/api/v1/visits/me").await.body;
    assert_eq!((&snapshot["position"]["ahead"], &snapshot["callback"]), (&json!(0), &Value::Null));
}

async fn program(server: &Server, title: &str, scope: &str) -> Client {
    let token = server::auth::token("k_");
    let key = store::accounts::NewKey {
        token: server::auth::hash(&token),
        title: title.to_owned(),
        scopes: vec![scope.to_owned()],
        agent: None,
        by: "ada".to_owned(),
        at: server.clock.now(),
        expires_at: None,
    };
    server.running.app.store.create_key(key).await.unwrap();
    server.client(&token)
}

fn opening(key: &str) -> Value {
    json!({
        "workgroup": "support", "locale": "nl", "answers": { "topic": "a loan" }, "key": key, "name": "Mira",
        "reference": "card 4711", "priority": 8, "skills": "english>=3"
    })
}

#[tokio::test]
async fn a_program_opens_visits_for_people() {
    let server = Server::in_memory().await;
    let (app, other) = (program(&server, "Bank app", "visits").await, program(&server, "Other", "visits").await);
    let opened = app.post("/api/v1/visits", &opening("program-key-0000001")).await;
    assert_eq!(opened.status, 201, "{:?}", opened.body);
    let request = request_of(&opened.body);
    let (priority, required) = server
        .until(move |state| {
            let request = state.request(request)?;
            Some((request.priority.0, request.requirement.steps[0].1.to_string()))
        })
        .await;
    assert_eq!((priority, required.contains("english>=3")), (8, true), "{required}");
    let again = app.post("/api/v1/visits", &opening("program-key-0000001")).await;
    assert_eq!((&again.body["visit"], &again.body["token"]), (&opened.body["visit"], &opened.body["token"]));
    // The key of the opening is the program's own.
    let found = app.get("/api/v1/visits/opened/program-key-0000001").await;
    assert_eq!((found.status, &found.body["token"]), (200, &opened.body["token"]));
    assert_eq!((&found.body["snapshot"]["state"], &found.body["visitor"]), (&json!("waiting"), &Value::Null));
    assert_eq!(code(&other.get("/api/v1/visits/opened/program-key-0000001").await), (404, "not_found"));
    let acting = server.client(opened.body["token"].as_str().unwrap());
    assert_eq!(acting.say("m-1", "I write for Mira").await.status, 201);
    let kept = server.running.app.store.visits(vec![request]).await.unwrap().remove(0);
    assert_eq!((kept.name.as_deref(), kept.address_hash), (Some("Mira"), None));
    let shown: Vec<_> = kept.answers.iter().map(|it| (it.label.as_str(), it.value.as_str())).collect();
    assert_eq!(shown[1..], [("Opened by", "Bank app"), ("Reference", "card 4711")]);
    // The same person, recognised by the reference, and only by the same program.
    let twice = app.post("/api/v1/visits", &opening("program-key-0000002")).await;
    assert_eq!(code(&twice), (409, "already_queued"));
    assert_eq!(other.post("/api/v1/visits", &opening("program-key-0000001")).await.status, 201);
    acting.post("/api/v1/visits/me/leave", &json!({})).await;
    let later = app.post("/api/v1/visits", &opening("program-key-0000003")).await;
    assert_eq!((later.status, &later.body["visitor"]), (201, &opened.body["visitor"]));
    assert_eq!(later.body["snapshot"]["returned"], true);
}

#[tokio::test]
async fn what_programs_may_state_visitors_may_not_and_it_must_mean_something() {
    let server = Server::in_memory().await;
    for field in ["reference", "priority", "skills"] {
        let (whole, key) = (opening("program-key-0000001"), "visitor-one-key-0001");
        let refused = server.open(key, |body| body[field] = whole[field].clone()).await;
        assert_eq!(code(&refused), (403, "forbidden"), "{field}");
    }
    let reports = program(&server, "Reports", "reports").await;
    assert_eq!(code(&reports.post("/api/v1/visits", &opening("program-key-0000001")).await), (403, "forbidden"));
    assert_eq!(code(&reports.get("/api/v1/visits/opened/program-key-0000001").await), (403, "forbidden"));
    let app = program(&server, "Bank app", "visits").await;
    for (field, value) in [
        ("priority", json!(10)),
        ("skills", json!("english>=")),
        ("skills", json!("klingon>=1")),
        ("reference", json!("")),
        ("reference", json!("x".repeat(101))),
    ] {
        let mut body = opening("program-key-0000001");
        body[field] = value;
        assert_eq!(code(&app.post("/api/v1/visits", &body).await), (400, "bad_request"), "{field}");
    }
}

#[tokio::test]
async fn no_limit_of_an_address_holds_for_programs() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.limits.visits_per_minute = 2;
    config.limits.visits_per_address = 2;
    let server = Server::start(config, Arc::new(store::memory::open()), clock()).await;
    let app = program(&server, "Bank app", "visits").await;
    for number in 0..6 {
        let mut body = opening(&format!("program-key-{number:07}"));
        body["reference"] = json!(number.to_string());
        assert_eq!(app.post("/api/v1/visits", &body).await.status, 201);
    }
    assert_eq!(server.open("visitor-one-key-0001", |_| ()).await.status, 201);
    assert_eq!(server.open("visitor-two-key-0002", |_| ()).await.status, 201);
    assert_eq!(code(&server.open("visitor-two-key-0003", |_| ()).await), (429, "rate_limited"));
}
