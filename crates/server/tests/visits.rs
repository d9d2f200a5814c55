//! Visits over real sockets: joining, waiting, talking, breaks, the end. The agent's side acts on the desk directly.

mod visiting;

use std::time::Duration;

use desk::command::Command;
use desk::event::Ending;
use serde_json::json;
use server::rooms::Speaker;
use visiting::{Server, heard, request_of};

#[tokio::test]
async fn two_visitors_and_an_agent_from_joining_to_rating() {
    let server = Server::in_memory().await;
    let (anna, mut console) = server.sign_in("anna").await;
    let first = server.visit("visitor-one-key-0001").await;
    let second = server.visit("visitor-two-key-0002").await;

    let mut one = first.events(None).await;
    let mut two = second.events(None).await;
    let snapshot = one.until("snapshot").await;
    let chat = request_of(&snapshot);
    assert_eq!((snapshot["state"].as_str(), snapshot["position"]["ahead"].as_u64()), (Some("waiting"), Some(0)));
    let snapshot = two.until("snapshot").await;
    assert_eq!(snapshot["position"]["ahead"], 1);

    server.accept(anna, chat).await;
    while one.until("state").await["state"] != "chatting" {}
    // The line moved; told at the latest two seconds later.
    server.pass(2).await;
    assert_eq!(two.until("position").await["ahead"], 0);

    let entered = first.get("/api/v1/visits/me").await.body["messages"][0].clone();
    assert_eq!((entered["number"].as_u64(), entered["event"]["what"].as_str()), (Some(1), Some("entered")));
    assert_eq!(entered["event"]["who"]["title"], "Anna");
    let said = first.say("m-1", "Hello \u{202e}there\u{0}").await;
    assert_eq!(said.status, 201);
    let seen = one.words().await;
    assert_eq!((seen["text"].as_str(), seen["from"]["self"].as_bool()), (Some("Hello there"), Some(true)));
    let mut seen = heard(&mut console, "message").await;
    while seen["kind"] == "event" {
        seen = heard(&mut console, "message").await;
    }
    assert_eq!((&seen["text"], &seen["chat"]), (&json!("Hello there"), &json!(chat.0.to_string())));
    let rooms = &server.running.app.rooms;
    rooms.say(chat, Speaker::Agent(anna), "a-1".into(), "How can I help?").await.unwrap();
    let seen = one.words().await;
    assert_eq!((seen["from"]["kind"].as_str(), seen["from"]["title"].as_str()), (Some("agent"), Some("Anna")));

    // The stream breaks; what is said meanwhile comes when it goes on, and nothing else.
    let last = one.last.clone();
    drop(one);
    for number in 2..5 {
        rooms.say(chat, Speaker::Agent(anna), format!("a-{number}"), &format!("word {number}")).await.unwrap();
    }
    let mut one = first.events(last.as_deref()).await;
    for number in 2..5 {
        let event = one.next().await.unwrap();
        assert_eq!((event.name.as_str(), &event.data["text"]), ("message", &json!(format!("word {number}"))));
    }
    assert!(one.is_quiet_for(Duration::from_millis(100)).await);

    server.running.app.desk.ask(Command::CloseChat { request: chat, ending: Ending::ClosedByAgent }).await.unwrap();
    let ended = one.until("state").await;
    assert_eq!((ended["state"].as_str(), ended["ended"]["by"].as_str()), (Some("ended"), Some("agent")));
    assert_eq!(first.say("m-9", "too late").await.status, 409);

    assert_eq!(first.post("/api/v1/visits/me/rating", &json!({ "stars": 6 })).await.status, 400);
    let rating = json!({ "stars": 5, "comment": "Kind." });
    assert_eq!(first.post("/api/v1/visits/me/rating", &rating).await.status, 204);
    assert_eq!(first.post("/api/v1/visits/me/rating", &rating).await.body["code"], "wrong_state");
    assert_eq!(second.post("/api/v1/visits/me/rating", &rating).await.body["code"], "wrong_state");
    let snapshot = first.get("/api/v1/visits/me").await.body;
    assert_eq!((snapshot["state"].as_str(), snapshot["rated"].as_bool()), (Some("ended"), Some(true)));
    let numbers: Vec<u64> =
        snapshot["messages"].as_array().unwrap().iter().map(|m| m["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "no holes");

    let page = first.get("/api/v1/visits/me/transcript?format=html").await;
    assert!(page.head.contains("attachment") && String::from_utf8_lossy(&page.raw).contains("How can I help?"));
    assert_eq!(first.get("/api/v1/visits/me/transcript?format=json").await.body["title"], "Support");
}

#[tokio::test]
async fn greeting_typing_reading_and_corrections_reach_the_other_side() {
    let server = Server::in_memory().await;
    let (anna, mut console) = server.sign_in("anna").await;
    let visitor = server.visit("visitor-one-key-0001").await;
    let mut events = visitor.events(None).await;
    let chat = request_of(&events.until("snapshot").await);
    server.accept(anna, chat).await;
    let mut greeting = events.until("message").await;
    while greeting["event"]["what"] != "greeting" {
        greeting = events.until("message").await;
    }
    assert_eq!(greeting["text"], "Welkom.", "in the visitor's language");

    let rooms = &server.running.app.rooms;
    rooms.typing(chat, Speaker::Agent(anna), true);
    assert_eq!(events.until("typing").await, json!({ "agent": anna.0.to_string(), "state": "composing" }));
    let typed = visitor.post("/api/v1/visits/me/typing", &json!({ "state": "composing" })).await;
    assert_eq!(typed.status, 204);
    let typing = heard(&mut console, "typing").await;
    assert_eq!((&typing["who"], &typing["chat"]), (&json!("visitor"), &json!(chat.0.to_string())));

    let number = visitor.say("m-1", "helo").await.body["number"].as_u64().unwrap();
    let path = format!("/api/v1/visits/me/messages/{number}");
    assert_eq!(visitor.put(&path, &json!({ "text": "hello" })).await.status, 200);
    assert_eq!(heard(&mut console, "correction").await["text"], "hello");
    assert_eq!(events.until("correction").await["number"], number);
    assert!(rooms.correct(chat, Speaker::Agent(anna), number, "mine now").await.is_err(), "somebody else's words");
    assert_eq!(rooms.read(chat, Speaker::Agent(anna), number).await, Ok(number));
    assert_eq!(events.until("read").await, json!({ "by": "agent", "number": number }));
    let read = visitor.post("/api/v1/visits/me/read", &json!({ "number": 999 })).await;
    let newest = read.body["number"].as_u64().unwrap();
    assert!(newest < 100, "nobody has read what does not exist");
    let read = visitor.post("/api/v1/visits/me/read", &json!({ "number": 1 })).await;
    assert_eq!(read.body["number"].as_u64(), Some(newest), "never backwards");

    server.clock.advance(desk::time::Span::secs(601));
    assert_eq!(visitor.put(&path, &json!({ "text": "late" })).await.body["code"], "wrong_state");
}

#[tokio::test]
async fn repeated_requests_change_nothing_and_give_the_same_answer() {
    let server = Server::in_memory().await;
    let (anna, _console) = server.sign_in("anna").await;
    let key = "visitor-one-key-0001";
    let opened = server.open(key, |_| ()).await;
    let again = server.open(key, |_| ()).await;
    for field in ["visit", "token", "visitor"] {
        assert_eq!(opened.body[field], again.body[field]);
    }
    // Ten at once with another key: one visit.
    let others = futures_util::future::join_all((0..10).map(|_| server.open("visitor-two-key-0002", |_| ()))).await;
    assert!(others.iter().all(|other| other.status == 201 && other.body["visit"] == others[0].body["visit"]));
    let count = server.until(|state| Some(state.requests().count())).await;
    assert_eq!(count, 2);
    // A returning visitor who waits already.
    let returning = opened.body["visitor"].clone();
    let third = server.open("visitor-one-key-0003", |body| body["returning"] = returning).await;
    assert_eq!((third.status, third.body["code"].as_str()), (409, Some("already_queued")));

    let visitor = server.client(opened.body["token"].as_str().unwrap());
    let mut events = visitor.events(None).await;
    let chat = request_of(&events.until("snapshot").await);
    server.accept(anna, chat).await;
    while events.until("state").await["state"] != "chatting" {}
    let first = visitor.say("m-1", "once").await;
    let repeated = visitor.say("m-1", "once").await;
    assert_eq!((first.status, repeated.status), (201, 200));
    assert_eq!(first.body, repeated.body);
    assert_eq!(events.words().await["text"], "once");
    visitor.say("m-2", "twice").await;
    assert_eq!(events.words().await["text"], "twice");
}

#[tokio::test]
async fn a_place_is_kept_for_the_time_of_grace_and_no_longer() {
    let server = Server::in_memory().await;
    let visitor = server.visit("visitor-one-key-0001").await;
    let mut events = visitor.events(None).await;
    let request = request_of(&events.until("snapshot").await);
    server.until(move |state| state.request(request)?.lost_until.is_none().then_some(())).await;
    // The first walk of the line says once more where the visitor stands.
    server.pass(3).await;
    while !events.is_quiet_for(Duration::from_millis(50)).await {}
    let last = events.last.clone();
    drop(events);
    // Back before anybody was told.
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.pass(1).await;
    let mut events = visitor.events(last.as_deref()).await;
    server.pass(5).await;
    assert!(server.until(move |state| Some(state.request(request)?.lost_until.is_none())).await);
    assert!(events.is_quiet_for(Duration::from_millis(50)).await, "nothing was missed, so no snapshot came");
    drop(events);
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.pass(3).await;
    server.until(move |state| state.request(request)?.lost_until.map(|_| ())).await;
    server.pass(70).await;
    server.until(move |state| state.request(request).is_none().then_some(())).await;
    let snapshot = visitor.get("/api/v1/visits/me").await.body;
    assert_eq!((snapshot["state"].as_str(), snapshot["ended"]["how"].as_str()), (Some("ended"), Some("abandoned")));
    // The stream of a visit that has ended says so and closes.
    let mut events = visitor.events(None).await;
    assert_eq!(events.until("snapshot").await["state"], "ended");
    assert_eq!(events.until("bye").await["reason"], "ended");
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn a_visitor_whose_agent_is_lost_goes_to_the_head_and_finds_the_words_again() {
    let server = Server::in_memory().await;
    let (anna, _console) = server.sign_in("anna").await;
    let visitor = server.visit("visitor-one-key-0001").await;
    let other = server.visit("visitor-two-key-0002").await;
    let mut events = visitor.events(None).await;
    let chat = request_of(&events.until("snapshot").await);
    let mut others = other.events(None).await;
    others.until("snapshot").await;
    server.accept(anna, chat).await;
    while events.until("state").await["state"] != "chatting" {}
    visitor.say("m-1", "hello").await;
    server.running.app.desk.ask(Command::SignOut { agent: anna }).await.unwrap();
    let mut state = events.until("state").await;
    while state["state"] != "waiting" {
        state = events.until("state").await;
    }
    assert_eq!(state["position"]["ahead"], 0, "before who came later");
    assert_eq!(visitor.say("m-2", "anybody?").await.status, 201, "who waits again may write");
    server.pass(5).await;
    let (bert, mut console) = server.sign_in("bert").await;
    server.accept(bert, chat).await;
    while events.until("state").await["state"] != "chatting" {}
    let said = visitor.say("m-3", "here again").await;
    let mut seen = heard(&mut console, "message").await;
    while seen["text"] != "here again" {
        seen = heard(&mut console, "message").await;
    }
    assert_eq!(seen["number"], said.body["number"]);
    let snapshot = visitor.get("/api/v1/visits/me").await.body;
    let told: Vec<_> = snapshot["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| {
            let event = m["event"]["what"]
                .as_str()
                .map(|what| format!("{what} {}", m["event"]["who"]["title"].as_str().unwrap_or("")));
            event.unwrap_or_else(|| m["text"].as_str().unwrap().to_owned())
        })
        .filter(|line| !line.starts_with("greeting"))
        .collect();
    assert_eq!(
        told,
        ["entered Anna", "entered ", "hello", "left Anna", "anybody?", "entered Bert", "entered ", "here again"]
    );
}

#[tokio::test]
async fn an_entrance_tells_what_a_stranger_needs_and_takes_messages() {
    let server = Server::in_memory().await;
    let shown = server.client("").get("/api/v1/workgroups/support?locale=nl-BE").await;
    assert_eq!(
        (shown.status, shown.body["open"].as_bool(), shown.body["staffed"].as_bool()),
        (200, Some(true), Some(false))
    );
    assert_eq!(shown.body["look"]["greeting"], "Welkom.");
    assert_eq!(shown.body["form"]["fields"][0]["name"], "topic");
    assert!(shown.head.contains("max-age=5"));
    assert_eq!(server.client("").get("/api/v1/workgroups/nowhere").await.status, 404);
    let path = "/api/v1/workgroups/support/messages";
    let left = json!({ "name": "Visitor", "email": "v@example.org", "text": "Call me.", "locale": "nl" });
    assert_eq!(server.client("").post(path, &left).await.status, 201);
    let mut wrong = left.clone();
    wrong["email"] = "nobody".into();
    let refused = server.client("").post(path, &wrong).await;
    assert_eq!((refused.status, &refused.body["fields"][0]["field"]), (422, &json!("email")));
    let kept = server.running.app.store.left_messages(true, None, 10).await.unwrap();
    assert_eq!((kept.len(), kept[0].left.text.as_str(), kept[0].left.visitor), (1, "Call me.", None));
}

#[tokio::test]
async fn a_message_left_by_a_known_visitor_is_known_as_theirs() {
    let server = Server::in_memory().await;
    let opened = server.open("visitor-one-key-0001", |_| ()).await;
    let request = request_of(&opened.body);
    let visitor = server.until(move |state| Some(state.request(request)?.visitor)).await;
    let path = "/api/v1/workgroups/support/messages";
    let mut left = json!({ "name": "Visitor", "email": "v@example.org", "text": "Call me." });
    left["returning"] = opened.body["visitor"].clone();
    assert_eq!(server.client("").post(path, &left).await.status, 201);
    left["returning"] = "r_nobodys".into();
    assert_eq!(server.client("").post(path, &left).await.status, 201);
    let store = &server.running.app.store;
    let kept = store.left_messages(true, None, 10).await.unwrap();
    assert_eq!([kept[0].left.visitor, kept[1].left.visitor], [None, Some(visitor)]);
    store.erase(store::archive::Whom::Visitor(visitor), server.running.app.clock.now()).await.unwrap();
    let kept = store.left_messages(true, None, 10).await.unwrap();
    assert_eq!(kept.iter().map(|it| it.left.visitor).collect::<Vec<_>>(), [None], "the stranger's stays");
}

#[tokio::test]
async fn who_is_blocked_may_not_join() {
    let server = Server::in_memory().await;
    let opened = server.open("visitor-one-key-0001", |_| ()).await;
    let request = request_of(&opened.body);
    let visitor = server.until(move |state| Some(state.request(request)?.visitor)).await;
    let leaver = server.client(opened.body["token"].as_str().unwrap());
    leaver.post("/api/v1/visits/me/leave", &json!({})).await;
    let key = desk::command::BlockKey(server.running.app.auth.visitor_key(visitor.0));
    server.running.app.desk.ask(Command::Block { key, until: None }).await.unwrap();
    let returning = opened.body["visitor"].clone();
    let again = server.open("visitor-one-key-0002", |body| body["returning"] = returning).await;
    assert_eq!((again.status, again.body["code"].as_str()), (403, Some("blocked")));
    assert_eq!(server.open("visitor-one-key-0003", |_| ()).await.status, 201, "somebody else of the same house may");
    let home = "127.0.0.1".parse().unwrap();
    let key = desk::command::BlockKey(server.running.app.auth.address_key(home));
    server.running.app.desk.ask(Command::Block { key, until: None }).await.unwrap();
    assert_eq!(server.open("visitor-one-key-0004", |_| ()).await.body["code"], "blocked");
}

#[tokio::test]
async fn positions_are_told_together_and_only_to_those_who_moved() {
    let server = Server::in_memory().await;
    let mut crowd = Vec::new();
    for number in 0..6 {
        let visitor = server.visit(&format!("visitor-crowd-key-{number:04}")).await;
        let mut events = visitor.events(None).await;
        events.until("snapshot").await;
        crowd.push((visitor, events));
    }
    server.pass(3).await;
    for (_, events) in &mut crowd {
        while !events.is_quiet_for(Duration::from_millis(20)).await {}
    }
    // The third and the fourth leave: who stood before is told nothing, who stood behind one position, not two.
    crowd[2].0.post("/api/v1/visits/me/leave", &json!({})).await;
    server.pass(1).await;
    crowd[3].0.post("/api/v1/visits/me/leave", &json!({})).await;
    for _ in 0..4 {
        server.pass(1).await;
    }
    for behind in [4, 5] {
        let mut told = Vec::new();
        while !crowd[behind].1.is_quiet_for(Duration::from_millis(50)).await {
            told.push(());
        }
        let ahead = crowd[behind].0.get("/api/v1/visits/me").await.body["position"]["ahead"].as_u64();
        assert_eq!(ahead, Some(behind as u64 - 2));
        assert!(told.len() <= 2, "{} events for two moves", told.len());
    }
    for before in [0, 1] {
        assert!(crowd[before].1.is_quiet_for(Duration::from_millis(50)).await);
    }
}

#[tokio::test]
async fn leaving_ends_the_wait_and_a_silent_chat_is_closed() {
    let server = Server::in_memory().await;
    let (anna, _console) = server.sign_in("anna").await;
    let waiting = server.visit("visitor-one-key-0001").await;
    assert_eq!(waiting.post("/api/v1/visits/me/leave", &json!({})).await.status, 204);
    assert_eq!(waiting.post("/api/v1/visits/me/leave", &json!({})).await.status, 204);
    assert_eq!(waiting.get("/api/v1/visits/me").await.body["ended"]["how"], "departed");

    let talking = server.visit("visitor-two-key-0002").await;
    let mut events = talking.events(None).await;
    let chat = request_of(&events.until("snapshot").await);
    server.accept(anna, chat).await;
    while events.until("state").await["state"] != "chatting" {}
    talking.say("m-1", "hello").await;
    server.pass(500).await;
    assert!(server.until(move |state| Some(state.request(chat).is_some())).await);
    talking.say("m-2", "still here").await;
    server.pass(500).await;
    assert!(server.until(move |state| Some(state.request(chat).is_some())).await);
    server.pass(200).await;
    let mut state = events.until("state").await;
    while state["state"] != "ended" {
        state = events.until("state").await;
    }
    assert_eq!(state["ended"]["how"], "idle");
}
