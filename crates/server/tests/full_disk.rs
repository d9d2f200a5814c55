//! Messages and files when the storage takes no more: refused with `storage_full`, nothing half of them left, and taken as soon
//! as there is room. What a full disk does to a join stands in `bad_luck.rs`.

mod visiting;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use server::directory::Attached;
use server::stream::Step;
use store::archive::Range;
use store::{Archive, Store};
use visiting::{Client, Server, clock, config, request_of};

/// Room for the tables, the desk and some conversation.
const BYTES_MAX: u64 = 1_300 * 1024;

/// Says long words until there is no room for them, then short ones until there is none for those; how many were taken.
async fn talk_until_full(visitor: &Client) -> usize {
    let mut taken = 0;
    for words in ["é".repeat(4_000), "é".repeat(200), "one word".to_owned()] {
        loop {
            let said = visitor.say(&format!("fill-{}-{taken}", words.len()), &words).await;
            match said.status {
                201 => taken += 1,
                507 => break assert_eq!(said.body["code"], "storage_full", "{:?}", said.body),
                other => panic!("{other}: {:?}", said.body),
            }
            assert!(taken < 5_000, "the limit holds");
        }
    }
    taken
}

fn files_in(folder: &Path) -> usize {
    let Ok(kept) = std::fs::read_dir(folder) else { return 0 };
    kept.flatten().map(|entry| std::fs::read_dir(entry.path()).map_or(0, Iterator::count)).sum()
}

/// How many messages with this text come before the console has been quiet for a moment.
async fn shown(console: &mut Attached, text: &str) -> usize {
    let mut count = 0;
    while let Ok(step) = tokio::time::timeout(Duration::from_millis(300), console.next()).await {
        match step {
            Step::Event(event) => count += usize::from(event.event == "message" && event.data.contains(text)),
            Step::Bye(reason) => panic!("bye {reason:?}"),
        }
    }
    count
}

#[tokio::test]
async fn what_there_is_no_room_for_is_refused_whole_and_taken_when_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let options = store::sqlite::Options { bytes_max: Some(BYTES_MAX), ..store::sqlite::Options::default() };
    let store = Arc::new(store::sqlite::open(&path, &options).unwrap());
    let server = Server::start(config(folder.path()), store.clone(), clock()).await;
    let (anna, mut console) = server.sign_in("anna").await;
    let visitor = server.visit("visitor-one-key-0001").await;
    let mut events = visitor.events(None).await;
    let chat = request_of(&events.until("snapshot").await);
    server.accept(anna, chat).await;
    while events.until("state").await["state"] != "chatting" {}
    drop(events);
    // What will give way later.
    let time = server.clock.now();
    store.set_document("ballast", "x".repeat(200_000), None, time).await.unwrap();
    assert!(talk_until_full(&visitor).await > 0);
    // Reading them empties the console's line; it may have been cut for being slow.
    drop(console);
    let session = server.running.app.directory.open_staff(anna, "test", true).unwrap();
    let owner = server::directory::Owner::Staff(anna);
    console = server.running.app.directory.attach(owner, &session, None).unwrap();
    shown(&mut console, "").await;

    let rows = |server: &Server| server.running.app.store.messages(chat, Range::After(0, 10_000));
    let before = rows(&server).await.unwrap();
    let words = "words that found no room ".repeat(100);
    let refused = visitor.say("late-1", &words).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (507, Some("storage_full")), "{:?}", refused.body);
    let content = b"a file that found no room".repeat(200);
    let refused = visitor.file("late-2", "late.txt", &content).await;
    assert_eq!((refused.status, refused.body["code"].as_str()), (507, Some("storage_full")), "{:?}", refused.body);

    assert_eq!(rows(&server).await.unwrap(), before, "no message is left");
    assert!(store.files(chat).await.unwrap().is_empty(), "no file is told of");
    assert_eq!(files_in(&folder.path().join("files")), 0, "and none lies in the folder");
    assert_eq!(shown(&mut console, "found no room").await + shown(&mut console, "late.txt").await, 0, "nobody saw it");
    assert_eq!(visitor.get("/api/v1/visits/me").await.body["state"], "chatting", "the conversation goes on");

    let other = rusqlite::Connection::open(&path).unwrap();
    assert_eq!(other.execute("DELETE FROM document WHERE name = 'ballast'", []).unwrap(), 1);
    drop(other);
    let last = before.last().unwrap().number;
    let said = visitor.say("late-1", &words).await;
    assert_eq!(
        (said.status, said.body["number"].as_u64()),
        (201, Some(last + 1)),
        "no number was lost: {:?}",
        said.body
    );
    let sent = visitor.file("late-2", "late.txt", &content).await;
    assert_eq!(sent.status, 201, "{:?}", sent.body);
    assert_eq!((store.files(chat).await.unwrap().len(), files_in(&folder.path().join("files"))), (1, 1));
    assert_eq!(shown(&mut console, "found no room").await, 1, "and it is shown once");
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
    server.running.stop().await;
}
