//! Bad input and bad luck at the visitors' door: somebody else's token, malformed and oversized requests, floods, clients that
//! never read, a server that goes down in the middle.
#![expect(clippy::disallowed_methods, reason = "how long others wait during a flood is measured in real time")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod load;
mod visiting;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use desk::command::Command;
use desk::limits::Limits;
use desk::time::Span;
use futures_util::{SinkExt, StreamExt};
use load::http::Connection;
use serde_json::{Value, json};
use server::config::Config;
use server::directory::{Attached, Owner};
use server::rooms::{SayError, Speaker};
use server::run_loop::{self, AskError, LoopOptions};
use server::stream::{Bye, Step};
use store::Store;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use visiting::{Client, Server, clock, config, heard, request_of};

/// A visitor in a chat with Anna; the visitor's client, the chat.
async fn talking(server: &Server, key: &str) -> (Client, desk::ids::RequestId) {
    let anna = server.agent("anna").await;
    let visitor = server.visit(key).await;
    let mut events = visitor.events(None).await;
    let chat = request_of(&events.until("snapshot").await);
    server.accept(anna, chat).await;
    while events.until("state").await["state"] != "chatting" {}
    (visitor, chat)
}

#[tokio::test]
async fn nobody_reaches_what_is_somebody_elses() {
    let server = Server::in_memory().await;
    let (_, _console) = server.sign_in("anna").await;
    let (one, _) = talking(&server, "visitor-one-key-0001").await;
    let (two, _) = talking(&server, "visitor-two-key-0002").await;
    let sent = one.file("f-1", "note.txt", b"private words").await;
    assert_eq!(sent.status, 201, "{:?}", sent.body);
    let id = sent.body["file"]["id"].as_str().unwrap();
    assert_eq!(one.get(&format!("/api/v1/visits/me/files/{id}")).await.status, 200);
    assert_eq!(two.get(&format!("/api/v1/visits/me/files/{id}")).await.body["code"], "not_found");
    let number = one.say("m-1", "mine").await.body["number"].as_u64().unwrap();
    for other in 1..=number + 3 {
        let changed = two.put(&format!("/api/v1/visits/me/messages/{other}"), &json!({ "text": "not mine" })).await;
        assert_eq!(changed.status, 404);
    }
    let token = one.token.clone();
    let cut = token[..token.len() - 1].to_owned();
    for token in ["", "v_", "k_nonsense", "v_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &cut, &token[2..]] {
        let refused = server.client(token).get("/api/v1/visits/me").await;
        assert_eq!((refused.status, refused.body["code"].as_str()), (401, Some("unauthorized")), "{token}");
    }
    // Of a token only its hash is kept: what stands in the store opens nothing.
    let hash: String = server::auth::hash(&token).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(server.client(&format!("v_{hash}")).get("/api/v1/visits/me").await.status, 401);
}

#[tokio::test]
async fn malformed_and_oversized_requests_get_a_clear_no() {
    let server = Server::in_memory().await;
    let (_, _console) = server.sign_in("anna").await;
    let (visitor, _) = talking(&server, "visitor-one-key-0001").await;
    let code = |answer: &visiting::Answer| answer.body["code"].as_str().unwrap_or_default().to_owned();

    let json = "content-type: application/json\r\n";
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"id\":1,\"text\":\"x\"}",
        "{\"id\":\"a\",\"text\":\"x\",\"txet\":\"y\"}",
        "{\"id\":\"a\"}",
    ] {
        let refused = visitor.send("POST", "/api/v1/visits/me/messages", json, body.as_bytes()).await;
        assert_eq!((refused.status, code(&refused).as_str()), (400, "bad_request"), "{body}");
        assert!(!refused.body["request_id"].as_str().unwrap().is_empty());
    }
    let refused = visitor.send("POST", "/api/v1/visits/me/messages", "content-type: text/plain\r\n", b"{}").await;
    assert_eq!(refused.status, 415);
    assert_eq!(visitor.say("m-1", &"x".repeat(4_001)).await.status, 413);
    assert_eq!(visitor.say("m-1", &"x".repeat(1_000_000)).await.status, 413);
    assert_eq!(visitor.say("m-1", " \u{0}\u{202e} ").await.status, 400);
    for id in ["", "a b", "ü", &"x".repeat(65)] {
        assert_eq!(visitor.say(id, "hello").await.status, 400, "{id}");
    }
    assert_eq!(visitor.say("m-1", &"é".repeat(4_000)).await.status, 201);

    let opened = |change: fn(&mut Value)| server.open("visitor-two-key-0002", change);
    assert_eq!(code(&opened(|body| body["workgroup"] = "nowhere".into()).await), "not_found");
    let missing = opened(|body| body["answers"] = json!({})).await;
    assert_eq!((code(&missing).as_str(), &missing.body["fields"][0]["field"]), ("form_required", &json!("topic")));
    assert_eq!(code(&opened(|body| body["answers"] = json!({ "topic": "x".repeat(5_000) })).await), "form_required");
    assert_eq!(code(&opened(|body| body["name"] = "n".repeat(65).into()).await), "form_required");
    assert_eq!(code(&opened(|body| body["key"] = "short".into()).await), "bad_request");
    assert_eq!(code(&opened(|body| body["locale"] = "<script>".into()).await), "bad_request");
    assert_eq!(code(&opened(|body| body["colour"] = "red".into()).await), "bad_request");
    assert_eq!(code(&opened(|body| body["queue"] = "nowhere".into()).await), "not_found");
    // A page of another site that no workgroup admits.
    let body = json!({ "workgroup": "support", "answers": { "topic": "x" }, "key": "visitor-two-key-0002" });
    let foreign = format!("{json}origin: https://evil.example\r\n");
    let refused = server.client("").send("POST", "/api/v1/visits", &foreign, body.to_string().as_bytes()).await;
    assert_eq!((refused.status, code(&refused).as_str()), (403, "forbidden"));
    let admitted = format!("{json}origin: https://www.example.org\r\n");
    let taken = server.client("").send("POST", "/api/v1/visits", &admitted, body.to_string().as_bytes()).await;
    assert_eq!(taken.status, 201);
    assert!(taken.head.contains("access-control-allow-origin: https://www.example.org"));
}

#[tokio::test]
async fn a_flood_from_one_address_is_held_back() {
    let mut limits = config(&std::env::temp_dir().join("anteroom-hostile"));
    limits.limits.visits_per_minute = 5;
    let server = Server::start(limits, Arc::new(store::memory::open()), clock()).await;
    let mut refused = 0;
    for number in 0..20 {
        let answer = server.open(&format!("visitor-flood-key-{number:04}"), |_| ()).await;
        if answer.status == 429 {
            refused += 1;
            assert_eq!(answer.body["code"], "rate_limited");
            assert!(answer.head.contains("retry-after:"));
        }
    }
    assert!(refused >= 14, "{refused} of 20 were refused");

    let mut limits = config(&std::env::temp_dir().join("anteroom-hostile"));
    limits.limits.visits_per_address = 3;
    let server = Server::start(limits, Arc::new(store::memory::open()), clock()).await;
    for number in 0..3 {
        server.visit(&format!("visitor-flood-key-{number:04}")).await;
    }
    let answer = server.open("visitor-flood-key-0009", |_| ()).await;
    assert_eq!((answer.status, answer.body["code"].as_str()), (429, Some("limit")));
    // A repeated opening is no new one; and who leaves makes room.
    let visitor = server.visit("visitor-flood-key-0000").await;
    assert_eq!(visitor.post("/api/v1/visits/me/leave", &json!({})).await.status, 204);
    server.visit("visitor-flood-key-0009").await;
}

/// Openings of the flood, from one address.
const FLOOD: usize = 20_000;
/// Connections that they come over.
const FLOODING: usize = 24;
/// Within this time anybody else is in the line.
const BOUND: Duration = Duration::from_secs(3);

/// Opens visits as fast as it can until the flood is over; how many were let in.
async fn flood(address: String, next: Arc<AtomicUsize>) -> usize {
    let mut connection = Connection::new(&address);
    connection.set_header("X-Forwarded-For", "203.0.113.7");
    let mut admitted = 0;
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= FLOOD {
            return admitted;
        }
        let key = format!("visitor-flood-key-{number:06}");
        let wish = json!({ "workgroup": "support", "locale": "en", "answers": { "topic": "x" }, "key": key });
        let answer = connection.post("/api/v1/visits", &wish).await.expect("every opening is answered");
        match answer.status {
            201 => admitted += 1,
            429 => {
                assert_eq!(answer.json()["code"], "rate_limited");
                assert!(answer.headers.contains_key("retry-after"));
            }
            other => panic!("{other}: {}", String::from_utf8_lossy(&answer.body)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tens_of_thousands_of_openings_from_one_address_cost_only_that_address() {
    let folder = tempfile::tempdir().unwrap();
    // The limits are those that everybody gets.
    let mut limits = Config { data: folder.path().to_owned(), ..Config::default() };
    limits.http.trusted_proxies = vec!["127.0.0.1".to_owned().try_into().unwrap()];
    let most = limits.limits.visits_per_minute as usize;
    let server = Server::start(limits, Arc::new(store::memory::open()), clock()).await;
    let address = server.address.to_string();
    let (next, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let flooding: Vec<_> = (0..FLOODING).map(|_| tokio::spawn(flood(address.clone(), next.clone()))).collect();

    // Others come while it rages, each from an address of their own.
    let (mut others, mut slowest) = (Vec::new(), Duration::ZERO);
    while next.load(Ordering::Relaxed) < FLOOD - FLOODING {
        let number = others.len();
        let mut other = Connection::new(&address);
        other.set_header("X-Forwarded-For", &format!("198.51.100.{}", 1 + number));
        let key = format!("visitor-other-key-{number:06}");
        let wish = json!({ "workgroup": "support", "locale": "en", "answers": { "topic": "x" }, "key": key });
        let asked = Instant::now();
        let opened = other.post("/api/v1/visits", &wish).await.unwrap();
        slowest = slowest.max(asked.elapsed());
        assert_eq!(opened.status, 201, "{}", String::from_utf8_lossy(&opened.body));
        assert!(slowest < BOUND, "somebody else waited {slowest:?} for a place");
        others.push(opened.json()["token"].as_str().unwrap().to_owned());
        tokio::time::sleep(Duration::from_millis(if number < 100 { 20 } else { 500 })).await;
    }
    let mut admitted = 0;
    for one in flooding {
        admitted += one.await.unwrap();
    }
    let took = began.elapsed();
    println!("{FLOOD} openings in {took:?}, {admitted} let in; {} others, the slowest {slowest:?}", others.len());
    assert!(others.len() >= 10, "only {} others: the flood was over before it could show anything", others.len());
    let refilled = usize::try_from(took.as_secs()).unwrap() * most / 60 + 1;
    assert!((1..=most + refilled).contains(&admitted), "{admitted} of the flood were let in");

    // The line is whole, and everybody stands in the order in which they came.
    let mut before = None;
    for token in &others {
        let mine = server.client(token);
        let headers = "x-forwarded-for: 192.0.2.1\r\n";
        let place = mine.send("GET", "/api/v1/visits/me", headers, b"").await.body["position"]["ahead"].as_u64();
        assert!(place > before, "{place:?} after {before:?}");
        before = place;
    }
    let waiting = server.running.app.desk.view(|state, _| state.requests().count()).await.unwrap();
    assert_eq!(waiting, admitted + others.len(), "who was let in waits, and nobody else");
}

#[tokio::test]
async fn a_reader_that_never_reads_is_cut_and_others_hear_everything() {
    let mut limits = config(&std::env::temp_dir().join("anteroom-hostile"));
    limits.limits.stream_ring = 32;
    limits.limits.streams_per_session = 3;
    let server = Server::start(limits, Arc::new(store::memory::open()), clock()).await;
    let (anna, _console) = server.sign_in("anna").await;
    let (visitor, chat) = talking(&server, "visitor-one-key-0001").await;
    let mut slow = visitor.events(None).await;
    slow.until("snapshot").await;
    let mut quick = visitor.events(None).await;
    quick.until("snapshot").await;
    // More than the buffers of the connection hold.
    let words = "é".repeat(4_000);
    for number in 0..1_500 {
        let said = server.running.app.rooms.say(chat, Speaker::Agent(anna), format!("a-{number}"), &words).await;
        assert_eq!(quick.words().await["number"], said.unwrap().number);
    }
    let mut heard = 0;
    let reason = loop {
        match slow.next().await {
            Some(event) if event.name == "bye" => break event.data["reason"].clone(),
            Some(_) => heard += 1,
            None => panic!("cut without a word"),
        }
    };
    assert_eq!(reason, "slow");
    assert!(heard < 1_500);
    assert!(slow.next().await.is_none());
    let mut again = visitor.events(slow.last.as_deref()).await;
    let snapshot = again.until("snapshot").await;
    assert_eq!(snapshot["messages"].as_array().unwrap().len(), 200);
    // Only so many streams of one visit.
    let _third = visitor.events(None).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(visitor.get("/api/v1/visits/me/events").await.body["code"], "limit");
}

#[tokio::test]
async fn the_same_events_come_over_a_websocket() {
    let server = Server::in_memory().await;
    let (anna, mut console) = server.sign_in("anna").await;
    let (visitor, chat) = talking(&server, "visitor-one-key-0001").await;
    let url = format!("ws://{}/api/v1/visits/me/socket", server.address);
    let open = |url: String, protocols: String| async move {
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
        tokio_tungstenite::connect_async(request).await
    };
    let refused = open(url.clone(), "anteroom.v1, bearer.v_nonsense".into()).await;
    assert!(matches!(refused, Err(tungstenite::Error::Http(answer)) if answer.status() == 401));
    let protocols = format!("anteroom.v1, bearer.{}", visitor.token);
    let (mut socket, answer) = open(url.clone(), protocols.clone()).await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], "anteroom.v1");
    let read = |message: Option<Result<Message, tungstenite::Error>>| -> Value {
        serde_json::from_str(message.unwrap().unwrap().to_text().unwrap()).unwrap()
    };
    let snapshot = loop {
        let message = socket.next().await;
        if !message.as_ref().unwrap().as_ref().unwrap().is_ping() {
            break read(message);
        }
    };
    assert_eq!((&snapshot["event"], &snapshot["data"]["state"]), (&json!("snapshot"), &json!("chatting")));
    socket.send(Message::text(r#"{"typing":{"chat":"","state":"composing"}}"#)).await.unwrap();
    assert_eq!(heard(&mut console, "typing").await["who"], "visitor");
    server.running.app.rooms.say(chat, Speaker::Agent(anna), "a-1".into(), "one").await.unwrap();
    let one = loop {
        let event = read(socket.next().await);
        if event["data"]["text"] == "one" {
            break event;
        }
    };
    drop(socket);
    server.running.app.rooms.say(chat, Speaker::Agent(anna), "a-2".into(), "two").await.unwrap();
    let last = one["id"].as_str().unwrap();
    let (mut socket, _) = open(format!("{url}?last={last}"), protocols).await.unwrap();
    let two = loop {
        let message = socket.next().await;
        if !message.as_ref().unwrap().as_ref().unwrap().is_ping() {
            break read(message);
        }
    };
    assert_eq!((&two["event"], &two["data"]["text"]), (&json!("message"), &json!("two")));
    // What is no frame of ours ends the connection, and only it.
    socket.send(Message::text("{\"say\":1}")).await.unwrap();
    let closed = loop {
        match socket.next().await {
            Some(Ok(Message::Close(frame))) => break frame.map(|frame| u16::from(frame.code)),
            Some(Ok(_)) => {}
            _ => break None,
        }
    };
    assert_eq!(closed, Some(1007));
}

#[tokio::test]
async fn files_are_taken_by_their_content_and_given_only_by_ticket() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path()), Arc::new(store::memory::open()), clock()).await;
    let (_, mut console) = server.sign_in("anna").await;
    let (visitor, _) = talking(&server, "visitor-one-key-0001").await;
    let page = b"<script>alert(1)</script>".to_vec();
    let sent = visitor.file("f-1", "..\\evil.html", &page).await;
    assert_eq!(sent.status, 201, "{:?}", sent.body);
    assert_eq!(sent.body["file"]["type"], "text/plain", "what the sender says is not believed");
    assert!(heard(&mut console, "message").await["kind"].is_string());
    let repeated = visitor.file("f-1", "again.html", &page).await;
    assert_eq!((repeated.status, &repeated.body["number"]), (200, &sent.body["number"]));
    let fresh = visitor.get(&format!("/api/v1/visits/me/files/{}", sent.body["file"]["id"].as_str().unwrap())).await;
    let url = fresh.body["url"].as_str().unwrap();
    let given = server.client("").get(url).await;
    assert_eq!((given.status, given.raw.as_slice()), (200, page.as_slice()));
    for header in ["content-disposition: attachment", "x-content-type-options: nosniff", "sandbox"] {
        assert!(given.head.contains(header), "{header} in {}", given.head);
    }
    let bare = url.split('?').next().unwrap();
    assert_eq!(server.client("").get(bare).await.status, 403);
    assert_eq!(server.client("").get(&format!("{bare}?ticket=9999999999.AAAA")).await.status, 403);
    server.clock.advance(Span::secs(601));
    assert_eq!(server.client("").get(url).await.status, 403);

    assert_eq!(visitor.file("f-2", "tool.exe", b"MZ\x90\0\x03\0").await.status, 415);
    assert_eq!(visitor.file("f-3", "empty.txt", b"").await.status, 400);
    let kind = "content-type: multipart/form-data; boundary=XX\r\n";
    let broken = visitor.send("POST", "/api/v1/visits/me/files", kind, b"--XX\r\nnonsense").await;
    assert_eq!(broken.status, 400);
    let huge = vec![b'a'; 11 * 1024 * 1024];
    assert_eq!(visitor.file("f-4", "huge.txt", &huge).await.status, 413);
    let kept = std::fs::read_dir(folder.path().join("files")).unwrap().flatten();
    let files: usize = kept.map(|entry| std::fs::read_dir(entry.path()).unwrap().count()).sum();
    assert_eq!(files, 1, "only the one that was taken is kept");
}

/// Sends the beginning of a form in chunks, and no end; the head of the answer.
async fn begin_form(visitor: &Client, content: &[u8]) -> String {
    let mut stream = TcpStream::connect(visitor.address).await.unwrap();
    let head = format!(
        "POST /api/v1/visits/me/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: multipart/form-data; boundary=XX\r\ntransfer-encoding: chunked\r\n\r\n",
        visitor.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    if !content.is_empty() {
        stream.write_all(format!("{:x}\r\n", content.len()).as_bytes()).await.unwrap();
        // A server that refuses early may have stopped reading.
        let _ = stream.write_all(content).await;
    }
    let mut answer = Vec::new();
    let answered = tokio::time::timeout(visiting::PATIENCE, async {
        while !answer.windows(4).any(|window| window == b"\r\n\r\n") {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "cut without an answer");
        }
    });
    answered.await.expect("an answer before the form has ended");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_form_without_end_is_given_up_before_it_fills_the_memory() {
    let server = Server::in_memory().await;
    let (_, _console) = server.sign_in("anna").await;
    let (visitor, _) = talking(&server, "visitor-one-key-0001").await;
    let id = "--XX\r\ncontent-disposition: form-data; name=\"id\"\r\n\r\nf-1\r\n";
    let noise = "a".repeat(200_000);
    for endless in [noise.clone(), format!("--XX\r\nx: {noise}"), format!("{id}--XX\r\nx: {noise}")] {
        let head = begin_form(&visitor, endless.as_bytes()).await;
        assert!(head.starts_with("HTTP/1.1 413"), "{head}");
    }
    let twice = begin_form(&visitor, format!("{id}{id}").as_bytes()).await;
    assert!(twice.starts_with("HTTP/1.1 400"), "{twice}");

    // Where no files are taken, nothing is read at all.
    let closed =
        visiting::DESK.replace("[workgroup.widget]", "[workgroup.widget.files]\nenabled = false\n[workgroup.widget]");
    let spec = server::declaration::to_spec(&server::declaration::parse_toml(&closed, "desk.toml").unwrap()).unwrap();
    server.running.app.desk.ask(Command::Declare(Box::new(spec))).await.unwrap();
    let head = begin_form(&visitor, b"").await;
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
}

#[tokio::test]
async fn what_the_scanner_does_not_pass_is_not_sent_and_not_kept() {
    let cases: [(&[&str], u16); 4] = [
        (&["false"], 415),
        (&["sh", "-c", "exit 2"], 500),
        (&["/nonexistent/scanner"], 500),
        (&["sh", "-c", "sleep 60"], 500),
    ];
    for (command, status) in cases {
        let folder = tempfile::tempdir().unwrap();
        let mut scanned = config(folder.path());
        scanned.files.scan_command = Some(command.iter().map(|&word| word.to_owned()).collect());
        scanned.files.scan_timeout_s = Some(1);
        let server = Server::start(scanned, Arc::new(store::memory::open()), clock()).await;
        let (_, mut console) = server.sign_in("anna").await;
        let (visitor, chat) = talking(&server, "visitor-one-key-0001").await;
        let refused = visitor.file("f-1", "note.txt", b"words").await;
        assert_eq!(refused.status, status, "{command:?}: {:?}", refused.body);
        assert!(server.running.app.store.files(chat).await.unwrap().is_empty());
        assert_eq!(files_in(folder.path()), Vec::<PathBuf>::new(), "{command:?}");
        visitor.say("m-1", "what was heard first").await;
        assert_eq!(said(&mut console).await, "what was heard first", "{command:?}");
    }
}

/// The next that is said where an agent listens: its text, which is a file's name for a file.
async fn said(console: &mut Attached) -> String {
    loop {
        let message = heard(console, "message").await;
        if message["kind"] != "event" {
            return message["text"].as_str().unwrap_or("a file").to_owned();
        }
    }
}

/// The files that lie in the data directory's folder for them.
fn files_in(data: &Path) -> Vec<PathBuf> {
    let shelves = std::fs::read_dir(data.join("files")).into_iter().flatten().flatten();
    shelves.flat_map(|shelf| std::fs::read_dir(shelf.path()).unwrap().flatten()).map(|file| file.path()).collect()
}

#[tokio::test]
async fn files_that_no_conversation_has_are_deleted_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        || Arc::new(store::sqlite::open(&folder.path().join("a.db"), &store::sqlite::Options::default()).unwrap());
    let clock = clock();
    let server = Server::start(config(folder.path()), open(), clock.clone()).await;
    let (_, _console) = server.sign_in("anna").await;
    let (one, erased) = talking(&server, "visitor-one-key-0001").await;
    assert_eq!(one.file("f-1", "note.txt", b"to be erased").await.status, 201);
    let left_over = files_in(folder.path());
    let (two, _) = talking(&server, "visitor-two-key-0002").await;
    assert_eq!(two.file("f-1", "note.txt", b"to be kept").await.status, 201);
    let kept = files_in(folder.path()).into_iter().find(|file| !left_over.contains(file)).unwrap();
    // As when the server is killed after the store has forgotten the file, or before it has learnt of one.
    server.running.app.store.erase(store::archive::Whom::Chat(erased), clock.now()).await.unwrap();
    let shelf = folder.path().join("files/ab");
    std::fs::create_dir_all(&shelf).unwrap();
    let name = "ab00000000000000000000000000000";
    let stray = |ending: &str| shelf.join(format!("{name}{ending}"));
    let gone = [left_over[0].clone(), stray("1"), stray("2.part")];
    let (young, foreign) = ([stray("3"), stray("4.part")], shelf.join("notes.txt"));
    gone[1..].iter().chain(&young).chain([&foreign]).for_each(|file| std::fs::write(file, "words").unwrap());
    let written =
        |ago: u64| UNIX_EPOCH + Duration::from_micros(clock.now().0.unsigned_abs()) - Duration::from_secs(ago);
    let date = |file: &PathBuf, ago: u64| {
        std::fs::File::options().write(true).open(file).unwrap().set_modified(written(ago)).unwrap();
    };
    gone.iter().chain([&kept, &foreign]).for_each(|file| date(file, 3_700));
    young.iter().for_each(|file| date(file, 3_500));
    server.running.stop().await;

    let server = Server::start(config(folder.path()), open(), clock).await;
    let swept = tokio::time::timeout(visiting::PATIENCE, async {
        while gone.iter().any(|file| file.exists()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    swept.await.expect("what nobody has is deleted");
    assert!(young.iter().chain([&kept, &foreign]).all(|file| file.exists()));
    server.running.stop().await;
}

#[tokio::test]
async fn after_a_restart_everybody_finds_their_place_and_words() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        || Arc::new(store::sqlite::open(&folder.path().join("a.db"), &store::sqlite::Options::default()).unwrap());
    let clock = clock();
    let server = Server::start(config(folder.path()), open(), clock.clone()).await;
    let (anna, console) = server.sign_in("anna").await;
    let (one, chat) = talking(&server, "visitor-one-key-0001").await;
    let two = server.visit("visitor-two-key-0002").await;
    let (waiting_token, chatting_token) = (two.token.clone(), one.token.clone());
    let said = one.say("m-1", "before").await.body;
    let mut events = one.events(None).await;
    events.until("snapshot").await;
    let last = events.last.clone();
    drop(console);
    server.running.app.directory.stop();
    assert_eq!(events.until("bye").await["reason"], "stopping");
    server.running.stop().await;

    // Down for longer than anybody's grace: the time does not count against them.
    clock.advance(Span::secs(3_600));
    let server = Server::start(config(folder.path()), open(), clock.clone()).await;
    let one = server.client(&chatting_token);
    assert_eq!(one.get("/api/v1/visits/me").await.body["state"], "chatting");
    let two = server.client(&waiting_token);
    assert_eq!(two.get("/api/v1/visits/me").await.body["position"]["ahead"], 0);
    let mut events = one.events(last.as_deref()).await;
    let first = events.next().await.unwrap();
    assert_eq!(first.name, "snapshot", "ids of another run are not believed");
    let words: Vec<_> = first.data["messages"].as_array().unwrap().iter().filter(|m| m["kind"] == "text").collect();
    assert_eq!((words.len(), &words[0]["text"]), (1, &json!("before")));
    let repeated = one.say("m-1", "before").await;
    assert_eq!((repeated.status, &repeated.body), (200, &said), "the same message, the same number");
    let session = server.running.app.directory.open_staff(anna, "test", true).unwrap();
    let mut console = server.running.app.directory.attach(Owner::Staff(anna), &session, None).unwrap();
    one.say("m-2", "after").await;
    assert_eq!(heard(&mut console, "message").await["number"], said["number"].as_u64().unwrap() + 1);
    server.running.app.rooms.say(chat, Speaker::Agent(anna), "a-1".into(), "still here").await.unwrap();
    while events.words().await["text"] != "still here" {}
    server.running.stop().await;
}

#[tokio::test]
async fn what_could_not_be_stored_is_never_shown() {
    static FAILED: AtomicBool = AtomicBool::new(false);
    let memory = Arc::new(store::memory::open());
    let options = LoopOptions { on_failure: |_| FAILED.store(true, Ordering::SeqCst), ..LoopOptions::default() };
    let (desk, task) = run_loop::start(memory.clone(), clock(), Limits::default(), Vec::new(), options).await.unwrap();
    let declaration = server::declaration::parse_toml(visiting::DESK, "desk.toml").unwrap();
    let spec = server::declaration::to_spec(&declaration).unwrap();
    desk.ask(Command::Declare(Box::new(spec.clone()))).await.unwrap();
    memory.close();
    let mut changed = spec;
    changed.workgroups[0].title = "Another".to_owned();
    assert_eq!(desk.ask(Command::Declare(Box::new(changed))).await, Err(AskError::Stopping));
    task.await.unwrap();
    assert!(FAILED.load(Ordering::SeqCst), "the process would have ended");
    assert_eq!(desk.view(|_, _| ()).await, Err(AskError::Stopping));
}

#[tokio::test]
async fn words_that_could_not_be_stored_are_heard_by_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let store = Arc::new(store::sqlite::open(&file, &store::sqlite::Options::default()).unwrap());
    let server = Server::start(config(folder.path()), store, clock()).await;
    let (anna, mut console) = server.sign_in("anna").await;
    let (visitor, chat) = talking(&server, "visitor-one-key-0001").await;
    let waiting = server.visit("visitor-two-key-0002").await;
    let (mut events, mut ahead) = (visitor.events(None).await, waiting.events(None).await);
    events.until("snapshot").await;
    ahead.until("snapshot").await;

    let disk = rusqlite::Connection::open(&file).unwrap();
    disk.busy_timeout(visiting::PATIENCE).unwrap();
    let broken = "CREATE TRIGGER broken BEFORE INSERT ON message BEGIN INSERT INTO nowhere VALUES (1); END";
    disk.execute_batch(broken).unwrap();
    for who in [&visitor, &waiting] {
        let refused = who.say("m-1", "lost").await;
        assert!(refused.status >= 500, "{}: {:?}", refused.status, refused.body);
    }
    let refused = visitor.file("f-1", "lost.txt", b"lost").await;
    assert!(refused.status >= 500, "{}: {:?}", refused.status, refused.body);
    assert_eq!(files_in(folder.path()), Vec::<PathBuf>::new());
    let refused = server.running.app.rooms.say(chat, Speaker::Agent(anna), "a-1".into(), "lost").await;
    assert!(matches!(refused, Err(SayError::Store(_))), "{refused:?}");

    disk.execute_batch("DROP TRIGGER broken").unwrap();
    // What was refused was not heard, and is taken when it is said again.
    for (who, stream) in [(&visitor, &mut events), (&waiting, &mut ahead)] {
        assert_eq!(who.say("m-2", "first").await.status, 201);
        assert_eq!(who.say("m-1", "again").await.status, 201);
        assert_eq!(
            (stream.words().await["text"].clone(), stream.words().await["text"].clone()),
            (json!("first"), json!("again"))
        );
    }
    server.running.app.rooms.say(chat, Speaker::Agent(anna), "a-1".into(), "answer").await.unwrap();
    assert_eq!(events.words().await["text"], "answer");
    let mut texts = Vec::new();
    while texts.last().is_none_or(|text| text != "answer") {
        texts.push(said(&mut console).await);
    }
    assert!(texts.iter().all(|text| text != "lost" && text != "a file"), "{texts:?}");
    server.running.stop().await;
}

#[tokio::test]
async fn a_newer_session_of_an_agent_replaces_the_older() {
    let server = Server::in_memory().await;
    let (anna, mut console) = server.sign_in("anna").await;
    let directory = &server.running.app.directory;
    let same = directory.open_staff(anna, "test", true).unwrap();
    assert!(Arc::ptr_eq(console.session(), &same), "tabs of one browser share the session");
    directory.open_staff(anna, "another", true).unwrap();
    loop {
        match console.next().await {
            Step::Bye(reason) => break assert_eq!(reason, Bye::Replaced),
            Step::Event(_) => {}
        }
    }
}
