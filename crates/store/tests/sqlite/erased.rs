//! Nothing is left of what was erased: not in a column of any table, not in the bytes of the file or its log.

use std::path::Path;
use std::sync::Arc;

use desk::ids::VisitorId;
use desk::time::Span;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use store::archive::{Author, NewLeft, RetentionRule, Whom};
use store::edges::{NewDelivery, Target};
use store::im::{ImArchived, ImChange, ImContact, ImOffline, ImRoom};
use store::sqlite::{Options, open};
use store::{Archive, Edges, Im, Personal, Store};

use crate::house::{House, hash, markers};

/// A message left while closed, with a marker in every word.
fn leave(house: &House, visitor: Option<u64>) -> u64 {
    let left = NewLeft {
        workgroup: house.workgroup(),
        visitor: visitor.map(VisitorId),
        name: "Marker-Name".to_owned(),
        email: "marker-mail@example.org".to_owned(),
        text: "Marker-Left ".repeat(300),
        locale: "de".to_owned(),
        page: None,
        address_hash: Some(hash("address")),
        at: house.now,
    };
    house.store.leave_message(left).wait().unwrap()
}

/// A chat with everything that a person can leave behind, each with a marker in it.
fn full_chat(house: &mut House, visitor: u64) {
    let request = house.join(visitor, None);
    let (agent, _) = house.answer(request);
    for number in 0..20 {
        house.say(request, Author::Visitor, &format!("Marker-Text-{visitor}-{number} {}", "long ".repeat(50)));
    }
    house.say(request, Author::Agent(agent), "Marker-Reply");
    house.store.correct(request, 1, Author::Visitor, "Marker-Corrected", house.now).wait().unwrap();
    house.send_file(request, &format!("f{visitor}"));
    house.store.add_note(request, agent, "Marker-Note", house.now).wait().unwrap();
    house.store.rate(request, 5, Some("Marker-Comment".to_owned()), house.now).wait().unwrap();
    let mail = NewDelivery {
        target: Target::Mail("marker-mail@example.org".to_owned()),
        subject: "Marker-Subject".to_owned(),
        body: "Marker-Body".repeat(1000),
        chat: Some(request),
        due_at: house.now,
    };
    house.ask_with(desk::command::Command::Tick, vec![Personal::Delivery(mail)]);
    house.close(request);
    house.wait(10);
}

/// Where a marker still stands: tables, and files.
fn left_in(dir: &Path, path: &Path) -> Vec<String> {
    let mut found = tables_with_markers(&Connection::open(path).unwrap());
    for entry in std::fs::read_dir(dir).unwrap() {
        let file = entry.unwrap().path();
        if has_marker(&std::fs::read(&file).unwrap()) {
            found.push(file.display().to_string());
        }
    }
    found
}

fn tables_with_markers(connection: &Connection) -> Vec<String> {
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let mut tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    tables.retain(|table| {
        let mut select = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = select.column_count();
        let mut rows = select.query([]).unwrap();
        let mut found = false;
        while let Some(row) = rows.next().unwrap() {
            found |= (0..columns).any(|column| match row.get_ref(column).unwrap() {
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => has_marker(bytes),
                _ => false,
            });
        }
        found
    });
    tables
}

fn has_marker(bytes: &[u8]) -> bool {
    // The full-text index holds words in lower case and without the hyphen.
    let words: Vec<&[u8]> = markers().iter().map(|marker| marker.as_bytes()).collect();
    words.iter().any(|word| bytes.windows(word.len()).any(|window| window == *word))
        || bytes.windows(6).any(|window| window == b"marker")
}

#[test]
fn erasing_leaves_nothing_in_tables_or_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    let store = Arc::new(open(&path, &Options::default()).unwrap());
    let mut house = House::open(Arc::clone(&store) as _);
    for visitor in 1..=3 {
        full_chat(&mut house, visitor);
        leave(&house, Some(visitor));
    }
    let strangers = leave(&house, None);
    assert!(!left_in(dir.path(), &path).is_empty(), "the search finds what is there");
    for visitor in 1..=3 {
        store.erase(Whom::Visitor(VisitorId(visitor)), house.now).wait().unwrap();
    }
    assert!(left_in(dir.path(), &path).contains(&"left_message".to_owned()), "the stranger's is there");
    store.erase(Whom::Left(strangers), house.now).wait().unwrap();
    assert_eq!(left_in(dir.path(), &path), Vec::<String>::new(), "while the store is open");
    store.close();
    assert_eq!(left_in(dir.path(), &path), Vec::<String>::new(), "and after it was closed");
}

#[test]
fn retention_leaves_nothing_in_tables_or_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    let store = Arc::new(open(&path, &Options::default()).unwrap());
    let mut house = House::open(Arc::clone(&store) as _);
    full_chat(&mut house, 1);
    let rule = RetentionRule {
        workgroup: house.workgroup(),
        transcripts: Some(Span::ZERO),
        addresses: Some(Span::ZERO),
        files: Some(Span::ZERO),
    };
    store.retain(house.now, vec![rule], 100).wait().unwrap();
    assert_eq!(left_in(dir.path(), &path), Vec::<String>::new());
}

#[test]
fn a_mail_given_up_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    let store = open(&path, &Options::default()).unwrap();
    let at = desk::time::Time::from_secs(1);
    let mail = NewDelivery {
        target: Target::Mail("marker-mail@example.org".to_owned()),
        subject: "Your chat".to_owned(),
        body: "Marker-Body ".repeat(1000),
        chat: None,
        due_at: at,
    };
    let id = store.enqueue(vec![mail]).wait().unwrap();
    assert!(!tables_with_markers(&Connection::open(&path).unwrap()).is_empty(), "the search finds what is there");
    store.failed(id, "no such mailbox", None, at).wait().unwrap();
    assert_eq!(tables_with_markers(&Connection::open(&path).unwrap()), Vec::<String>::new());
}

#[test]
fn personal_words_stand_only_in_their_own_tables() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    let store = Arc::new(open(&path, &Options::default()).unwrap());
    let mut house = House::open(Arc::clone(&store) as _);
    full_chat(&mut house, 1);
    let open_one = house.join(2, None);
    house.say(open_one, Author::Visitor, "Marker-Open");
    let found = left_in(dir.path(), &path);
    for table in
        ["event", "desk", "workgroup", "queue", "agent", "request", "offer", "room", "chat", "chat_agent", "audit"]
    {
        assert!(!found.iter().any(|name| name == table), "{table} in {found:?}");
    }
    assert!(found.iter().any(|name| name == "message") && found.iter().any(|name| name == "visit"));
}

#[test]
fn erasing_what_an_xmpp_account_keeps_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.db");
    let store = open(&path, &Options::default()).unwrap();
    let address = "marker-anna@example.org";
    let account = || address.to_owned();
    let long = |what: &str| format!("<{what}>Marker-{what} {}</{what}>", "long ".repeat(500));
    let at = desk::time::Time::from_secs(1);
    let archived = |owner: &str, with: &str| {
        let (owner, with_bare, with_full) = (owner.to_owned(), with.to_owned(), with.to_owned());
        ImChange::Archived(ImArchived { owner, id: "a".to_owned(), with_bare, with_full, at, stanza: long("message") })
    };
    let contact =
        ImContact { jid: "marker-bert@example.org".to_owned(), name: Some(long("name")), ..Default::default() };
    let changes = vec![
        ImChange::Contact(account(), contact, 1),
        ImChange::Blocked(account(), "marker.example".to_owned()),
        ImChange::Private(account(), "k".to_owned(), long("storage")),
        ImChange::Vcard(account(), long("vCard")),
        ImChange::LastSeen(account(), at, long("status")),
        ImChange::Offline(account(), ImOffline { number: 1, at, stanza: long("message") }),
        archived(address, "bert@example.org"),
        archived("bert@example.org", address),
    ];
    store.im_change(changes).wait().unwrap();
    let room = || "marker-room@conference.example.org".to_owned();
    store.im_keep_room(ImRoom { room: room(), body: long("room"), at }).wait().unwrap();
    store.im_change(vec![archived(&room(), "bert@example.org")]).wait().unwrap();
    assert!(left_in(dir.path(), &path).len() > 7, "the search finds what is there");
    store.im_erase(address).wait().unwrap();
    store.im_drop_room(&room()).wait().unwrap();
    assert_eq!(left_in(dir.path(), &path), Vec::<String>::new());
}
