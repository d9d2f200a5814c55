//! Bad luck with the disk, as a process: a database that another program holds, a disk that takes no more. The server ends
//! with its code and its words; what it acknowledged is there at the next start, and nothing half.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a test of the whole process runs in real time")]

mod load;

use std::time::{Duration, Instant};

use load::http::Connection;
use load::process::Server;
use serde_json::json;

const DESK: &str = "[[agent]]\nname = \"anna\"\n[[workgroup]]\nname = \"support\"\n\
    [[workgroup.queue]]\nname = \"general\"\nmembers = [\"anna\"]\n";
const LIMITS: &str =
    "[limits]\nvisits_per_minute = 100000\nvisits_per_address = 100000\nrequests_per_minute = 1000000\n";
/// As the store says it: the supervisor of the process starts it again.
const EXIT_STORAGE: i32 = 70;
/// Locks are waited for up to five seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens a visit; its token when it was acknowledged.
async fn open(server: &Server, number: usize, page: &str) -> Option<String> {
    let wish = json!({
        "workgroup": "support", "locale": "en", "answers": {}, "key": format!("a-key-of-the-visitor-{number:06}"),
        "page": { "url": format!("https://www.example.org/{page}"), "title": "", "referrer": "" },
    });
    let opened = Connection::new(&server.address).post("/api/v1/visits", &wish).await.ok()?;
    (opened.status == 201).then(|| opened.json()["token"].as_str().unwrap().to_owned())
}

async fn knows(server: &Server, token: &str) -> bool {
    let mut visitor = Connection::new(&server.address);
    visitor.set_header("authorization", &format!("Bearer {token}"));
    visitor.get("/api/v1/visits/me").await.unwrap().status == 200
}

#[tokio::test]
async fn a_database_that_somebody_else_holds_is_waited_for_and_then_ends_the_server() {
    let mut server = Server::prepare("locked", LIMITS, DESK);
    server.start();
    server.ready().await;
    let before = open(&server, 1, "").await.unwrap();
    let other = rusqlite::Connection::open(server.data.join("anteroom.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let held = Instant::now();
    let briefly = tokio::spawn({
        let address = server.address.clone();
        async move {
            let wish =
                json!({ "workgroup": "support", "locale": "en", "answers": {}, "key": "a-key-of-the-visitor-000002" });
            Connection::new(&address).post("/api/v1/visits", &wish).await.unwrap().status
        }
    });
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(briefly.await.unwrap(), 201, "a lock of a moment only costs that moment");
    assert!(held.elapsed() >= Duration::from_millis(1_500));

    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(open(&server, 3, "").await, None, "what cannot be stored is not acknowledged");
    assert_eq!(server.ended(PATIENCE).await, Some(EXIT_STORAGE));
    assert!(server.log().contains("storage failed") && server.log().contains("lock"), "{}", server.log());
    other.execute_batch("ROLLBACK").unwrap();
    server.start();
    server.ready().await;
    assert!(knows(&server, &before).await, "what was acknowledged is there");
}

#[tokio::test]
async fn a_disk_that_takes_no_more_ends_the_server_and_loses_nothing() {
    let mut server = Server::prepare("full", LIMITS, DESK);
    // No file may grow beyond two mebibytes (4,096 blocks of 512 bytes): the log of the database is the first to meet it.
    server.start_through(&["sh", "-c", "trap '' XFSZ; ulimit -f 4096; exec \"$@\"", "sh"]);
    server.ready().await;
    let page = "a".repeat(1_500);
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for number in 0..3_000 {
        match open(&server, number, &page).await {
            Some(token) => acknowledged.push(token),
            None => refused += 1,
        }
        if refused == 3 {
            break;
        }
    }
    assert!(refused == 3 && acknowledged.len() > 20, "{} acknowledged, {refused} refused", acknowledged.len());
    assert_eq!(server.ended(PATIENCE).await, Some(EXIT_STORAGE));
    assert!(server.log().contains("storage failed"), "{}", server.log());

    // With room again everybody stands where they stood.
    server.start();
    server.ready().await;
    for token in acknowledged.iter().step_by(10).chain(acknowledged.last()) {
        assert!(knows(&server, token).await, "an acknowledged visit is lost");
    }
    let (code, said) = server.run(&["doctor"]);
    assert_eq!((code, said.contains("ok       database: sound")), (0, true), "{said}");
}
