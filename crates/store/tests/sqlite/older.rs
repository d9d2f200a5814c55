//! Databases of every earlier form, with rows in every table that it had: after they are opened, everything is there and
//! the form is the one that a new database has.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use desk::time::Span;
use rusqlite::Connection;
use rusqlite::types::Value;
use store::archive::{Author, By, CountsQuery, NewLeft, Range, SearchQuery};
use store::edges::{Channel, DeliveryState, NewAudit, NewDelivery, Target};
use store::sqlite::{Options, open};
use store::{Archive, Edges, Store};

use crate::house::{House, MORNING, hash};

/// What was released, oldest first.
const FORMS: [&str; 3] = [
    include_str!("../../src/sqlite/0001.sql"),
    include_str!("../../src/sqlite/0002.sql"),
    include_str!("../../src/sqlite/0003.sql"),
];

type Rows = Vec<Vec<Value>>;

/// A database of today with something in the tables of the desk, its history and its people.
fn today(path: &Path) {
    let store = Arc::new(open(path, &Options::default()).unwrap());
    let mut house = House::open(Arc::clone(&store) as _);
    let chat = house.join(1, None);
    let (agent, _) = house.answer(chat);
    house.say(chat, Author::Visitor, "Hello zanzibar");
    house.send_file(chat, "f1");
    house.store.add_note(chat, agent, "a note", house.now).wait().unwrap();
    house.wait(90);
    house.store.rate(chat, 4, Some("fine".to_owned()), house.now).wait().unwrap();
    house.close(chat);
    house.join(2, Some("loans"));
    let left = NewLeft {
        workgroup: house.workgroup(),
        visitor: None,
        name: "Vera".to_owned(),
        email: "vera@example.org".to_owned(),
        text: "call me".to_owned(),
        locale: "nl".to_owned(),
        page: None,
        address_hash: Some(hash("address")),
        at: house.now,
    };
    store.leave_message(left).wait().unwrap();
    let mail = |body: &str| NewDelivery {
        target: Target::Mail("vera@example.org".to_owned()),
        subject: "Your chat".to_owned(),
        body: body.to_owned(),
        chat: Some(chat),
        due_at: house.now,
    };
    let first = store.enqueue(vec![mail("given up"), mail("waits")]).wait().unwrap();
    store.failed(first, "no such mailbox", None, house.now).wait().unwrap();
    let (who, what, on) = ("ada".to_owned(), "desk.declared".to_owned(), "desk".to_owned());
    store.audit(NewAudit { at: house.now, who, what, on, detail: String::new() }).wait().unwrap();
    store.set_document("settings", "[1]".to_owned(), None, house.now).wait().unwrap();
    store.close();
}

/// A database of an earlier form with the same rows, as far as that form could hold them.
fn older(form: usize, path: &Path, today: &Path) -> BTreeMap<String, (String, Rows)> {
    let connection = Connection::open(path).unwrap();
    for sql in &FORMS[..form] {
        connection.execute_batch(sql).unwrap();
    }
    connection.execute_batch(&format!("PRAGMA application_id = 1098740837; PRAGMA user_version = {form}")).unwrap();
    connection.execute("ATTACH ?1 AS today", [today.to_str().unwrap()]).unwrap();
    let mut copied = BTreeMap::new();
    for table in tables(&connection) {
        let columns = columns(&connection, &table);
        connection
            .execute_batch(&format!("INSERT INTO main.\"{table}\" ({columns}) SELECT {columns} FROM today.\"{table}\""))
            .unwrap();
        let rows = rows(&connection, &table, &columns);
        copied.insert(table, (columns, rows));
    }
    // Before form 4 the words of a mail that was given up stayed.
    let kept = "UPDATE main.delivery SET body = 'given up', address = 'vera@example.org' WHERE state = 'Dead'";
    assert_eq!(connection.execute(kept, []).unwrap(), 1);
    copied
}

/// Tables of rows; those inside the full-text index follow from `message`.
fn tables(connection: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'message_text%'
               AND name NOT LIKE 'sqlite_%' ORDER BY name";
    connection.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn columns(connection: &Connection, table: &str) -> String {
    let sql = "SELECT group_concat('\"' || name || '\"', ', ') FROM pragma_table_info(?1, 'main')";
    connection.query_row(sql, [table], |row| row.get(0)).unwrap()
}

fn rows(connection: &Connection, table: &str, columns: &str) -> Rows {
    let mut select = connection.prepare(&format!("SELECT {columns} FROM main.\"{table}\" ORDER BY 1, 2")).unwrap();
    let width = select.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..width).map(|at| row.get(at)).collect();
    select.query_map([], row).unwrap().map(Result::unwrap).collect()
}

/// Every column of every table with its type and default, and every index and trigger.
fn shape(connection: &Connection) -> Vec<String> {
    let sql =
        "SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || ifnull(c.dflt_value, '-')
               FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_stat%'
               UNION ALL SELECT type || ' ' || name FROM sqlite_schema WHERE type <> 'table' ORDER BY 1";
    connection.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn every_earlier_form_is_opened_with_all_its_rows() {
    let dir = tempfile::tempdir().unwrap();
    let fresh = dir.path().join("today.db");
    today(&fresh);
    let new = open(&fresh, &Options::default()).unwrap();
    for form in 1..=FORMS.len() {
        let path = dir.path().join(format!("form{form}.db"));
        let copied = older(form, &path, &fresh);
        let filled = copied.values().filter(|(_, rows)| !rows.is_empty()).count();
        assert!(filled >= 18, "form {form} has rows in {filled} tables only");
        let store = open(&path, &Options::default()).unwrap();
        let connection = Connection::open(&path).unwrap();
        for (table, (columns, before)) in &copied {
            assert_eq!(&rows(&connection, table, columns), before, "{table} of form {form}");
        }
        assert_eq!(shape(&connection), shape(&Connection::open(&fresh).unwrap()), "form {form}");
        assert_eq!(store.check().wait().unwrap(), Vec::<String>::new(), "form {form}");
        same(&store, &new, form);
        store.close();
    }
}

/// What is read from both is the same, but for what the old form did not keep.
fn same(old: &(impl Store + Archive + Edges), new: &(impl Store + Archive + Edges), form: usize) {
    let mut both = [old.load().wait().unwrap(), new.load().wait().unwrap()];
    assert_eq!(both[0], both[1], "form {form}");
    let chats = both[0].drain(..).filter_map(|record| match record {
        desk::entity::Record::Request(id, _) => Some(id),
        _ => None,
    });
    assert_eq!(chats.count(), 1, "one waits");
    let query = || CountsQuery {
        from: MORNING,
        to: MORNING + Span::secs(3600),
        step: Span::ZERO,
        by: By::All,
        workgroup: None,
    };
    let counts = old.counts(query()).wait().unwrap();
    assert_eq!(counts, new.counts(query()).wait().unwrap(), "form {form}");
    assert_eq!((counts[0].handled, counts[0].handled_sum), (1, Span::secs(90)), "form {form}");
    let find = || SearchQuery { text: "zanzibar".to_owned(), limit: 9, ..SearchQuery::default() };
    let hits = old.search(find()).wait().unwrap().hits;
    assert_eq!((hits.len(), &hits), (1, &new.search(find()).wait().unwrap().hits), "form {form}");
    let chat = hits[0].chat.chat;
    assert_eq!(old.chat(chat).wait().unwrap(), new.chat(chat).wait().unwrap());
    assert_eq!(old.notes(chat).wait().unwrap(), new.notes(chat).wait().unwrap());
    assert_eq!(old.left_messages(true, None, 9).wait().unwrap(), new.left_messages(true, None, 9).wait().unwrap());
    let (mut messages, theirs) =
        (old.messages(chat, Range::Last(9)).wait().unwrap(), new.messages(chat, Range::Last(9)));
    for file in messages.iter_mut().filter_map(|message| message.file.as_mut()).filter(|_| form < 2) {
        assert_eq!(file.sha256.take(), None, "sums were not kept");
        file.sha256 = Some("5e".repeat(32));
    }
    assert_eq!(messages, theirs.wait().unwrap(), "form {form}");
    let mails = old.deliveries(Channel::Mail, None, 9).wait().unwrap();
    assert_eq!(mails, new.deliveries(Channel::Mail, None, 9).wait().unwrap());
    assert_eq!(
        (mails[1].state, mails[1].body.as_str(), &mails[1].target),
        (DeliveryState::Dead, "", &Target::Mail(String::new()))
    );
    assert_eq!(mails[0].body, "waits");
}
