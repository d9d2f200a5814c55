//! Faults of the file and the disk: each is a clear error, and nothing half-written is left.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use store::sqlite::{Options, open};
use store::{Edges, Store, StoreError};

use crate::house::{House, MORNING};

fn quick() -> Options {
    Options { busy_timeout: Duration::from_millis(50), ..Options::default() }
}

#[test]
fn a_database_locked_by_another_process_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    let store = Arc::new(open(&path, &quick()).unwrap());
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store.set_document("a", "1".to_owned(), None, MORNING).wait();
    assert_eq!(refused, Err(StoreError::Locked));
    assert!(open(&path, &quick()).is_err_and(|error| error == StoreError::Locked));
    assert_eq!(store.document("a").wait().unwrap(), None, "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(store.set_document("a", "1".to_owned(), None, MORNING).wait(), Ok(1), "and writing, once it is free");
}

#[test]
fn a_full_disk_fails_whole_and_goes_on_when_there_is_space() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    let options = Options { bytes_max: Some(700 * 1024), ..quick() };
    let store = Arc::new(open(&path, &options).unwrap());
    let house = House::open(Arc::clone(&store) as _);
    let mut documents: u64 = 0;
    let refused = loop {
        let name = format!("document {documents}");
        match store.set_document(&name, "x".repeat(20_000), None, MORNING).wait() {
            Ok(_) => documents += 1,
            Err(error) => break error,
        }
        assert!(documents < 1000, "the limit holds");
    };
    assert_eq!(refused, StoreError::Full);
    assert!(refused.hint().contains("free space"));
    assert_eq!(store.document(&format!("document {documents}")).wait().unwrap(), None, "the failed one left nothing");
    assert!(store.document(&format!("document {}", documents - 1)).wait().unwrap().is_some());

    let before = store.load().wait().unwrap();
    let mut engine = desk::Engine::restore(before.clone(), Default::default()).unwrap();
    let turns: Vec<_> =
        (0..200).map(|visitor| engine.turn(house.now, house.join_command(1000 + visitor, None))).collect();
    let personal = (0..200)
        .map(|visitor| (visitor as usize, store::Personal::Visit(Box::new(house.visit(1000 + visitor)))))
        .collect();
    let refused = store.commit(store::Commit { turns: turns.clone(), personal }).wait();
    assert_eq!(refused.map(|_| ()), Err(StoreError::Full));
    assert_eq!(store.load().wait().unwrap(), before, "nothing of the commit is there");
    assert!(store.open_visits().wait().unwrap().is_empty());

    let other = Connection::open(&path).unwrap();
    other.execute_batch("DELETE FROM document; VACUUM;").unwrap();
    store.commit(store::Commit { turns, personal: Vec::new() }).wait().unwrap();
    assert_eq!(store.check().wait().unwrap(), Vec::<String>::new());
}

#[test]
fn a_damaged_file_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let garbage = dir.path().join("garbage.db");
    std::fs::write(&garbage, b"this is no database at all, and it is longer than a header is".repeat(100)).unwrap();
    assert!(matches!(open(&garbage, &quick()), Err(StoreError::Corrupt(_))));

    let path = dir.path().join("desk.db");
    fill(&path);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[4096..middle].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    let found = match open(&path, &quick()) {
        Err(error) => error,
        Ok(store) => match store.load().wait() {
            Err(error) => error,
            Ok(_) => StoreError::Corrupt(store.check().wait().map_or_else(|e| e.to_string(), |list| list.join("; "))),
        },
    };
    assert!(matches!(&found, StoreError::Corrupt(what) if !what.is_empty()), "{found:?}");
    assert!(found.hint().contains("backup"));
}

#[test]
fn a_record_that_cannot_be_read_names_itself() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    fill(&path);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("UPDATE request SET body = '{\"id\":\"no number\"}'").unwrap();
    let store = open(&path, &quick()).unwrap();
    let error = store.load().wait().unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt(what) if what.starts_with("request ")), "{error:?}");
    assert!(!store.check().wait().unwrap().is_empty());
}

fn fill(path: &Path) {
    let store = Arc::new(open(path, &quick()).unwrap());
    let mut house = House::open(Arc::clone(&store) as _);
    for visitor in 0..100 {
        let chat = house.join(visitor, None);
        house.say(chat, store::archive::Author::Visitor, "some words to fill pages with");
    }
    store.close();
}

#[test]
fn a_newer_database_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    drop(open(&path, &quick()).unwrap());
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 4000").unwrap();
    let error = open(&path, &quick()).map(|_| ()).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 4000, .. }), "{error:?}");
    assert!(error.hint().contains("newer"));
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(open(&path, &quick()), Err(StoreError::Corrupt(_))));
    let tables: i64 =
        Connection::open(&path).unwrap().query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn a_directory_that_is_not_there_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let error = open(&dir.path().join("missing/desk.db"), &quick()).map(|_| ()).unwrap_err();
    assert!(matches!(error, StoreError::Io(_)), "{error:?}");
}

#[test]
fn every_query_has_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    drop(open(&path, &quick()).unwrap());
    let connection = Connection::open(&path).unwrap();
    let plan = |sql: &str| -> String {
        let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps: Vec<String> =
            explain.query_map([], |row| row.get::<_, String>(3)).unwrap().map(Result::unwrap).collect();
        steps.join("; ")
    };
    for sql in [
        "SELECT * FROM visit WHERE request = (SELECT request FROM visit_token WHERE hash = x'00')",
        "SELECT * FROM visit WHERE key_hash = x'00' ORDER BY request DESC LIMIT 1",
        "SELECT * FROM visit WHERE ended_at IS NULL ORDER BY request",
        "SELECT * FROM visit WHERE visitor = 1 AND ended_at IS NULL ORDER BY request DESC",
        "SELECT * FROM visitor WHERE token_hash = x'00'",
        "SELECT number, at FROM message WHERE chat = 1 AND author = 2 AND client_id = 'x'",
        "SELECT max(number) FROM message WHERE chat = 1",
        "SELECT * FROM message WHERE chat = 1 AND number < 5 ORDER BY number DESC LIMIT 3",
        "SELECT * FROM chat WHERE visitor = 1 ORDER BY id DESC LIMIT 3",
        "SELECT count(*) FROM chat WHERE arrived_at >= 1 AND arrived_at < 2",
        "SELECT id FROM chat WHERE workgroup = 1 AND erased_at IS NULL AND ended_at IS NOT NULL AND ended_at <= 5
           ORDER BY ended_at LIMIT 3",
        "SELECT request FROM visit WHERE workgroup = 1 AND opened_at <= 5 AND address_hash IS NOT NULL LIMIT 3",
        "SELECT * FROM delivery WHERE channel = 'Mail' AND state = 'Due' AND due_at <= 5 ORDER BY due_at, id LIMIT 3",
        "SELECT * FROM delivery WHERE channel = 'Webhook' AND webhook = 1 ORDER BY id DESC LIMIT 3",
        "DELETE FROM delivery WHERE settled_at < 5",
        "DELETE FROM web_session WHERE expires_at <= 5",
        "SELECT * FROM file WHERE chat = 1 ORDER BY at",
        "DELETE FROM left_message WHERE visitor = 1",
        "SELECT * FROM left_message WHERE id < 9 AND done_at IS NULL ORDER BY id DESC LIMIT 3",
    ] {
        let plan = plan(sql);
        let scans = plan.split("; ").any(|step| step.starts_with("SCAN") && !step.contains("INDEX"));
        assert!(!scans, "{sql}\n{plan}");
    }
}
