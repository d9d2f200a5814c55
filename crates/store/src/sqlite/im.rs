//! What the XMPP server's accounts and rooms keep, in SQLite: changes and small look-ups. Pages of archives are in
//! `im_archive.rs`.

use std::collections::BTreeMap;

use desk::time::Time;
use rusqlite::{Connection, Row, params};

use super::Sqlite;
use super::fault::said_of;
use super::im_archive::{ends, page};
use super::values::{
    all, count, execute, get, get_id, get_json, get_time, get_time_or_none, id, limit as at_most, one, texts,
};
use crate::im::{
    Im, ImArchived, ImArchiving, ImBook, ImChange, ImContact, ImOffline, ImPage, ImPreferences, ImQuery, ImRoom,
};
use crate::{Pending, StoreError};

impl Im for Sqlite {
    fn im_books(&self) -> Pending<Vec<ImBook>> {
        self.read(books)
    }

    fn im_change(&self, changes: Vec<ImChange>) -> Pending<()> {
        self.write(move |connection| changes.iter().try_for_each(|one| change(connection, one)))
    }

    fn im_private(&self, account: &str, key: &str) -> Pending<Option<String>> {
        let of = [account.to_owned(), key.to_owned()];
        let sql = "SELECT body FROM xmpp_private WHERE account = ?1 AND key = ?2";
        self.read(move |connection| one(connection, sql, of, |row| get(row, "body")))
    }

    fn im_vcard(&self, account: &str) -> Pending<Option<String>> {
        let of = [account.to_owned()];
        let sql = "SELECT body FROM xmpp_vcard WHERE account = ?1";
        self.read(move |connection| one(connection, sql, of, |row| get(row, "body")))
    }

    fn im_archive(&self, query: ImQuery) -> Pending<Option<ImPage>> {
        self.read(move |connection| page(connection, &query))
    }

    fn im_archive_ends(&self, owner: &str) -> Pending<Option<[(String, Time); 2]>> {
        let owner = owner.to_owned();
        self.read(move |connection| ends(connection, &owner))
    }

    fn im_retain(&self, before: Time, limit: usize) -> Pending<u64> {
        let removed = self.write(move |connection| {
            let sql = "DELETE FROM xmpp_archive WHERE seq IN
                         (SELECT seq FROM xmpp_archive WHERE at < ?1 ORDER BY at, seq LIMIT ?2)";
            let archived = count(connection, sql, params![before.0, at_most(limit)])?;
            let sql = "DELETE FROM xmpp_offline WHERE rowid IN
                         (SELECT rowid FROM xmpp_offline WHERE at < ?1 ORDER BY at, account, number LIMIT ?2)";
            Ok(archived + count(connection, sql, params![before.0, at_most(limit)])?)
        });
        self.scrubbed(removed)
    }

    fn im_erase(&self, address: &str) -> Pending<u64> {
        let address = address.to_owned();
        let removed = self.write(move |connection| {
            let with = count(connection, "DELETE FROM xmpp_archive WHERE with_bare = ?1", [&address])?;
            Ok(with + forget(connection, &address)?)
        });
        self.scrubbed(removed)
    }

    fn im_rooms(&self) -> Pending<Vec<ImRoom>> {
        let sql = "SELECT room, body, at FROM xmpp_room ORDER BY room";
        let room =
            |row: &Row<'_>| Ok(ImRoom { room: get(row, "room")?, body: get(row, "body")?, at: get_time(row, "at")? });
        self.read(move |connection| all(connection, sql, [], room))
    }

    fn im_keep_room(&self, room: ImRoom) -> Pending<()> {
        self.write(move |connection| {
            let sql = "INSERT INTO xmpp_room (room, body, at) VALUES (?1, ?2, ?3)
                       ON CONFLICT (room) DO UPDATE SET body = excluded.body, at = excluded.at";
            execute(connection, sql, params![room.room, room.body, room.at.0])
        })
    }

    fn im_drop_room(&self, room: &str) -> Pending<()> {
        let room = room.to_owned();
        let removed = self.write(move |connection| {
            execute(connection, "DELETE FROM xmpp_room WHERE room = ?1", [&room])?;
            execute(connection, "DELETE FROM xmpp_archive WHERE owner = ?1", [&room])
        });
        self.scrubbed(removed)
    }
}

fn change(connection: &Connection, change: &ImChange) -> Result<(), StoreError> {
    match change {
        ImChange::Contact(account, contact, version) => {
            set_version(connection, account, *version)?;
            set_contact(connection, account, contact)
        }
        ImChange::ContactGone(account, jid, version) => {
            set_version(connection, account, *version)?;
            execute(connection, "DELETE FROM xmpp_contact WHERE account = ?1 AND jid = ?2", [account, jid])
        }
        ImChange::Blocked(account, jid) => {
            touch(connection, account)?;
            execute(connection, "INSERT OR IGNORE INTO xmpp_blocked (account, jid) VALUES (?1, ?2)", [account, jid])
        }
        ImChange::Unblocked(account, jid) => {
            execute(connection, "DELETE FROM xmpp_blocked WHERE account = ?1 AND jid = ?2", [account, jid])
        }
        ImChange::Private(account, key, body) => {
            touch(connection, account)?;
            let sql = "INSERT INTO xmpp_private (account, key, body) VALUES (?1, ?2, ?3)
                       ON CONFLICT (account, key) DO UPDATE SET body = excluded.body";
            execute(connection, sql, [account, key, body])
        }
        ImChange::Vcard(account, body) => {
            touch(connection, account)?;
            let sql = "INSERT INTO xmpp_vcard (account, body) VALUES (?1, ?2)
                       ON CONFLICT (account) DO UPDATE SET body = excluded.body";
            execute(connection, sql, [account, body])
        }
        ImChange::Preferences(account, preferences) => {
            let sql = "INSERT INTO xmpp_account (account, otherwise, always, never) VALUES (?1, ?2, ?3, ?4)
                       ON CONFLICT (account) DO UPDATE SET
                         otherwise = excluded.otherwise, always = excluded.always, never = excluded.never";
            let (always, never) = (texts(&preferences.always), texts(&preferences.never));
            execute(connection, sql, params![account, word(preferences.otherwise), always, never])
        }
        ImChange::LastSeen(account, at, words) => {
            let sql = "INSERT INTO xmpp_account (account, seen_at, seen_text) VALUES (?1, ?2, ?3)
                       ON CONFLICT (account) DO UPDATE SET seen_at = excluded.seen_at, seen_text = excluded.seen_text";
            execute(connection, sql, params![account, at.0, words])
        }
        ImChange::Offline(account, message) => {
            touch(connection, account)?;
            let sql = "INSERT OR REPLACE INTO xmpp_offline (account, number, at, stanza) VALUES (?1, ?2, ?3, ?4)";
            execute(connection, sql, params![account, id(message.number), message.at.0, message.stanza])
        }
        ImChange::OfflineTaken(account, up_to) => {
            let sql = "DELETE FROM xmpp_offline WHERE account = ?1 AND number <= ?2";
            execute(connection, sql, params![account, id(*up_to)])
        }
        ImChange::Archived(archived) => archive(connection, archived),
        ImChange::Forgotten(account) => forget(connection, account).map(|_| ()),
    }
}

fn archive(connection: &Connection, archived: &ImArchived) -> Result<(), StoreError> {
    let ImArchived { owner, id, with_bare, with_full, at, stanza } = archived;
    let sql = "INSERT INTO xmpp_archive (owner, id, with_bare, with_full, at, stanza) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = connection.prepare_cached(sql).map_err(said_of("archive id"))?;
    insert.execute(params![owner, id, with_bare, with_full, at.0, stanza]).map_err(said_of("archive id"))?;
    Ok(())
}

fn set_contact(connection: &Connection, account: &str, contact: &ImContact) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO xmpp_contact
                 (account, jid, name, groups, knows, is_known, asked, approved, request, listed)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let ImContact { jid, name, groups, to, from, asked, approved, request, listed } = contact;
    execute(connection, sql, params![account, jid, name, texts(groups), to, from, asked, approved, request, listed])
}

fn set_version(connection: &Connection, account: &str, version: u64) -> Result<(), StoreError> {
    let sql = "INSERT INTO xmpp_account (account, version) VALUES (?1, ?2)
               ON CONFLICT (account) DO UPDATE SET version = excluded.version";
    execute(connection, sql, params![account, id(version)])
}

/// An account that keeps anything has a row.
fn touch(connection: &Connection, account: &str) -> Result<(), StoreError> {
    execute(connection, "INSERT OR IGNORE INTO xmpp_account (account) VALUES (?1)", [account])
}

/// Removes everything that an address keeps; how many archived messages.
fn forget(connection: &Connection, account: &str) -> Result<u64, StoreError> {
    for table in ["account", "contact", "blocked", "private", "vcard", "offline"] {
        execute(connection, &format!("DELETE FROM xmpp_{table} WHERE account = ?1"), [account])?;
    }
    count(connection, "DELETE FROM xmpp_archive WHERE owner = ?1", [account])
}

fn word(archiving: ImArchiving) -> &'static str {
    match archiving {
        ImArchiving::Always => "Always",
        ImArchiving::Never => "Never",
        ImArchiving::Roster => "Roster",
    }
}

fn books(connection: &Connection) -> Result<Vec<ImBook>, StoreError> {
    let sql = "SELECT account, version, otherwise, always, never, seen_at, seen_text FROM xmpp_account";
    let found = all(connection, sql, [], book)?;
    let mut books: BTreeMap<String, ImBook> = found.into_iter().map(|book| (book.account.clone(), book)).collect();
    let mut put = |account: String, put: &mut dyn FnMut(&mut ImBook)| {
        put(books.entry(account.clone()).or_insert_with(|| ImBook { account, ..ImBook::default() }));
    };
    let sql = "SELECT * FROM xmpp_contact ORDER BY account, jid";
    for (account, contact) in all(connection, sql, [], |row| Ok((get(row, "account")?, contact(row)?)))? {
        let mut contact = Some(contact);
        put(account, &mut |book| book.contacts.extend(contact.take()));
    }
    let sql = "SELECT account, jid FROM xmpp_blocked ORDER BY account, jid";
    for (account, jid) in all(connection, sql, [], |row| Ok((get(row, "account")?, get::<String>(row, "jid")?)))? {
        put(account, &mut |book| book.blocked.push(jid.clone()));
    }
    let sql = "SELECT account, key, length(CAST(body AS BLOB)) AS bytes FROM xmpp_private ORDER BY account, key";
    let private = |row: &Row<'_>| Ok((get(row, "account")?, get::<String>(row, "key")?, get_id(row, "bytes")?));
    for (account, key, bytes) in all(connection, sql, [], private)? {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        put(account, &mut |book| book.private_bytes.push((key.clone(), bytes)));
    }
    let sql = "SELECT account, number, at, stanza FROM xmpp_offline ORDER BY account, number";
    let offline = |row: &Row<'_>| {
        let message =
            ImOffline { number: get_id(row, "number")?, at: get_time(row, "at")?, stanza: get(row, "stanza")? };
        Ok((get(row, "account")?, message))
    };
    for (account, message) in all(connection, sql, [], offline)? {
        let mut message = Some(message);
        put(account, &mut |book| book.offline.extend(message.take()));
    }
    Ok(books.into_values().collect())
}

fn book(row: &Row<'_>) -> Result<ImBook, StoreError> {
    let otherwise = match get::<String>(row, "otherwise")?.as_str() {
        "Always" => ImArchiving::Always,
        "Never" => ImArchiving::Never,
        "Roster" => ImArchiving::Roster,
        other => return Err(StoreError::Corrupt(format!("xmpp_account.otherwise is {other}"))),
    };
    let words: String = get(row, "seen_text")?;
    Ok(ImBook {
        account: get(row, "account")?,
        version: get_id(row, "version")?,
        preferences: ImPreferences { otherwise, always: get_json(row, "always")?, never: get_json(row, "never")? },
        last_seen: get_time_or_none(row, "seen_at")?.map(|at| (at, words)),
        ..ImBook::default()
    })
}

fn contact(row: &Row<'_>) -> Result<ImContact, StoreError> {
    Ok(ImContact {
        jid: get(row, "jid")?,
        name: get(row, "name")?,
        groups: get_json(row, "groups")?,
        to: get(row, "knows")?,
        from: get(row, "is_known")?,
        asked: get(row, "asked")?,
        approved: get(row, "approved")?,
        request: get(row, "request")?,
        listed: get(row, "listed")?,
    })
}
