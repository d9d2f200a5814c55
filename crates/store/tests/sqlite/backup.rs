//! A backup while running is a whole database of its own.

use std::sync::Arc;

use store::archive::Author;
use store::sqlite::{Options, open};
use store::{Archive, Store, StoreError};

use crate::house::{House, MORNING};

#[test]
fn a_backup_while_running_is_a_whole_database() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(open(&dir.path().join("desk.db"), &Options::default()).unwrap());
    let mut house = House::open(Arc::clone(&store) as _);
    let chat = house.join(1, None);
    house.say(chat, Author::Visitor, "before the backup");
    let to = dir.path().join("backup.db");
    let pending = store.backup(to.clone());
    let writes: Vec<_> =
        (0..50).map(|number| store.set_document(&format!("d{number}"), "{}".to_owned(), None, MORNING)).collect();
    let bytes = pending.wait().unwrap();
    assert_eq!(bytes, std::fs::metadata(&to).unwrap().len());
    assert!(writes.into_iter().all(|write| write.wait() == Ok(1)), "writing goes on");
    let copy = open(&to, &Options::default()).unwrap();
    assert_eq!(copy.check().wait().unwrap(), Vec::<String>::new());
    assert_eq!(copy.load().wait().unwrap(), store.load().wait().unwrap());
    assert_eq!(copy.messages(chat, store::archive::Range::Last(5)).wait().unwrap().len(), 1);
}

#[test]
fn a_backup_overwrites_nothing_and_leaves_nothing_when_it_fails() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("desk.db"), &Options::default()).unwrap();
    let to = dir.path().join("backup.db");
    std::fs::write(&to, b"precious").unwrap();
    assert!(matches!(store.backup(to.clone()).wait(), Err(StoreError::Conflict(_))));
    assert_eq!(std::fs::read(&to).unwrap(), b"precious");
    assert!(store.backup(dir.path().join("missing/backup.db")).wait().is_err());
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("partial")), "{left:?}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("desk.db"), &Options::default()).unwrap();
    store.set_document("d", "{}".to_owned(), None, MORNING).wait().unwrap();
    store.backup(dir.path().join("backup.db")).wait().unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
    }
}
