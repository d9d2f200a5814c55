//! Group commit: many jobs share a transaction, and each stands or falls alone.

use std::sync::Arc;

use rusqlite::Connection;
use store::sqlite::{Options, open};
use store::{Accounts, Archive, Store, StoreError};

use crate::house::{House, MORNING, hash};

#[test]
fn jobs_that_wait_together_are_committed_together() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    let store = open(&path, &Options::default()).unwrap();
    // While another connection holds the database, the writer waits and jobs pile up behind it.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let jobs: Vec<_> =
        (0..200).map(|number| store.set_document(&format!("d{number}"), "{}".to_owned(), None, MORNING)).collect();
    other.execute_batch("COMMIT").unwrap();
    for job in jobs {
        assert_eq!(job.wait(), Ok(1));
    }
    let status = store.status().wait().unwrap();
    assert_eq!(status.jobs, 200);
    assert!(status.transactions <= 2, "{} transactions for 200 jobs", status.transactions);
}

#[test]
fn a_job_that_fails_takes_no_other_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    let store = Arc::new(open(&path, &Options::default()).unwrap());
    let mut house = House::open(Arc::clone(&store) as _);
    let chat = house.join(1, None);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let before = store.append(house.text(chat, store::archive::Author::Visitor, "a", "before"));
    let stale = store.set_document("d", "{}".to_owned(), Some(9), MORNING);
    let lost = store.append(house.text(desk::ids::RequestId(4711), store::archive::Author::Visitor, "b", "lost"));
    let missing = store.delete_account("nobody");
    let after = store.append(house.text(chat, store::archive::Author::Visitor, "c", "after"));
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(before.wait().unwrap().number, 1);
    assert_eq!(stale.wait(), Err(StoreError::Conflict("version")));
    assert_eq!(lost.wait(), Err(StoreError::NotFound));
    assert_eq!(missing.wait(), Err(StoreError::NotFound));
    assert_eq!(after.wait().unwrap().number, 2);
}

#[test]
fn a_failed_job_undoes_its_own_writes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("desk.db"), &Options::default()).unwrap();
    let session = |account| store::accounts::NewSession {
        token: hash("token"),
        csrf: hash("csrf"),
        account,
        at: MORNING,
        expires_at: MORNING,
    };
    let account = store::accounts::NewAccount {
        name: "anna".to_owned(),
        title: String::new(),
        role: store::accounts::Role::Agent,
        keys: store::scram::Keys::decoy(4096),
        at: MORNING,
    };
    let anna = store.create_account(account).wait().unwrap();
    store.open_session(session(anna)).wait().unwrap();
    assert!(store.open_session(session(anna)).wait().is_err(), "a token is given once");
    // Removing an account begins with its sessions; here there is no account of that name in the end.
    let other = Connection::open(dir.path().join("desk.db")).unwrap();
    other.execute_batch("CREATE TRIGGER keep BEFORE DELETE ON account BEGIN SELECT RAISE(ABORT, 'kept'); END").unwrap();
    assert!(store.delete_account("anna").wait().is_err());
    assert!(store.session(hash("token")).wait().unwrap().is_some(), "the session that was closed first is back");
}

#[test]
fn too_many_waiting_jobs_are_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    let store = open(&path, &Options { jobs_max: 10, ..Options::default() }).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let jobs: Vec<_> =
        (0..40).map(|number| store.set_document(&format!("d{number}"), "{}".to_owned(), None, MORNING)).collect();
    other.execute_batch("COMMIT").unwrap();
    let results: Vec<_> = jobs.into_iter().map(store::Pending::wait).collect();
    let refused = results.iter().filter(|result| **result == Err(StoreError::Busy)).count();
    assert!((29..=30).contains(&refused), "{refused} of 40 refused");
    assert_eq!(store.set_document("later", "{}".to_owned(), None, MORNING).wait(), Ok(1));
}

#[test]
fn what_was_given_before_closing_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    let store = open(&path, &Options::default()).unwrap();
    let jobs: Vec<_> =
        (0..100).map(|number| store.set_document(&format!("d{number}"), "{}".to_owned(), None, MORNING)).collect();
    store.close();
    assert!(jobs.into_iter().all(|job| job.wait() == Ok(1)));
    let again = open(&path, &Options::default()).unwrap();
    assert!(again.document("d99").wait().unwrap().is_some());
}

#[test]
fn dropping_a_pending_result_does_not_cancel_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("desk.db"), &Options::default()).unwrap();
    drop(store.set_document("d", "{}".to_owned(), None, MORNING));
    assert_eq!(store.set_document("e", "{}".to_owned(), None, MORNING).wait(), Ok(1));
    assert!(store.document("d").wait().unwrap().is_some());
}

#[tokio::test]
async fn a_pending_result_can_be_awaited() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("desk.db"), &Options::default()).unwrap();
    assert_eq!(store.set_document("d", "{}".to_owned(), None, MORNING).await, Ok(1));
    assert!(store.search(Default::default()).await.unwrap().hits.is_empty());
}
