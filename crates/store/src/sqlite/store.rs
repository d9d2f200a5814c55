//! The desk's half of the SQLite store: commit, load, log, documents, secrets, sizes, backup, check.

use std::path::{Path, PathBuf};
use std::time::Duration;

use desk::Turn;
use desk::entity::Record;
use desk::time::Time;
use rusqlite::{Connection, params};

use super::fault::said;
use super::values::{collect, first, get, get_id, get_time, id, limit as at_most};
use super::writer::Urgency;
use super::{Sqlite, make_private, open_to_read, records, turns};
use crate::commit::{Commit, Document, LoggedEvent, Status, Store};
use crate::{Pending, StoreError, Stored};

impl Store for Sqlite {
    fn load(&self) -> Pending<Vec<Record>> {
        self.read(records::load)
    }

    fn commit(&self, commit: Commit) -> Pending<Stored<Vec<Turn>>> {
        let job = move |connection: &Connection| {
            turns::write(connection, &commit)?;
            Ok(Stored::new(commit.turns))
        };
        self.writer.write(job, Urgency::Always)
    }

    fn events(&self, after: u64, limit: usize) -> Pending<Vec<LoggedEvent>> {
        self.read(move |connection| {
            let sql = "SELECT seq, turn, at, kind, body FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";
            let mut select = connection.prepare_cached(sql).map_err(said)?;
            let rows = select.query(params![id(after), at_most(limit)]).map_err(said)?;
            collect(rows, |row| {
                Ok(LoggedEvent {
                    seq: get_id(row, "seq")?,
                    turn: get_id(row, "turn")?,
                    at: get_time(row, "at")?,
                    kind: get(row, "kind")?,
                    body: get(row, "body")?,
                })
            })
        })
    }

    fn prune_events(&self, before: Time, limit: usize) -> Pending<u64> {
        // The newest event stays, so that numbers go on from it.
        self.write(move |connection| {
            let sql = "DELETE FROM event WHERE seq IN (SELECT seq FROM event ORDER BY seq LIMIT ?2)
                       AND at < ?1 AND seq < (SELECT max(seq) FROM event)";
            let mut delete = connection.prepare_cached(sql).map_err(said)?;
            delete.execute(params![before.0, at_most(limit)]).map(|gone| gone as u64).map_err(said)
        })
    }

    fn document(&self, name: &str) -> Pending<Option<Document>> {
        let name = name.to_owned();
        self.read(move |connection| {
            let sql = "SELECT body, version, at FROM document WHERE name = ?1";
            let mut select = connection.prepare_cached(sql).map_err(said)?;
            first(select.query([name]).map_err(said)?, |row| {
                Ok(Document { body: get(row, "body")?, version: get_id(row, "version")?, at: get_time(row, "at")? })
            })
        })
    }

    fn set_document(&self, name: &str, body: String, expected: Option<u64>, at: Time) -> Pending<u64> {
        let name = name.to_owned();
        self.write(move |connection| {
            let sql = "SELECT version FROM document WHERE name = ?1";
            let mut select = connection.prepare_cached(sql).map_err(said)?;
            let present = first(select.query([&name]).map_err(said)?, |row| get_id(row, "version"))?.unwrap_or(0);
            if expected.is_some_and(|expected| expected != present) {
                return Err(StoreError::Conflict("version"));
            }
            let sql = "INSERT OR REPLACE INTO document (name, body, version, at) VALUES (?1, ?2, ?3, ?4)";
            let mut insert = connection.prepare_cached(sql).map_err(said)?;
            insert.execute(params![name, body, id(present + 1), at.0]).map_err(said)?;
            Ok(present + 1)
        })
    }

    fn secret(&self, name: &str, fresh: [u8; 32]) -> Pending<[u8; 32]> {
        let name = name.to_owned();
        self.write(move |connection| {
            let sql = "INSERT INTO secret (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING";
            connection.execute(sql, params![name, fresh]).map_err(said)?;
            connection.query_row("SELECT value FROM secret WHERE name = ?1", [name], |row| row.get(0)).map_err(said)
        })
    }

    fn status(&self) -> Pending<Status> {
        let (transactions, jobs) = self.tally();
        self.read(move |connection| {
            let number = |sql: &str| -> Result<u64, StoreError> {
                let mut select = connection.prepare_cached(sql).map_err(said)?;
                select.query_row([], |row| row.get::<_, i64>(0)).map(i64::cast_unsigned).map_err(said)
            };
            let page = number("PRAGMA page_size")?;
            Ok(Status {
                backend: "sqlite",
                bytes: page * number("PRAGMA page_count")?,
                free_bytes: page * number("PRAGMA freelist_count")?,
                events: number("SELECT ifnull(max(seq) - min(seq) + 1, 0) FROM event")?,
                chats: number("SELECT count(*) FROM chat")?,
                messages: number("SELECT count(*) FROM message")?,
                outbox: number("SELECT count(*) FROM delivery WHERE state = 'Due'")?,
                transactions,
                jobs,
            })
        })
    }

    fn backup(&self, to: PathBuf) -> Pending<u64> {
        let (promise, pending) = Pending::pair();
        let (path, busy_timeout) = (self.path.clone(), self.busy_timeout);
        // A thread of its own: copying may take minutes, and readers and the writer go on meanwhile.
        let thread = std::thread::Builder::new().name("store-backup".to_owned());
        match thread.spawn(move || promise.keep(copy(&path, busy_timeout, &to))) {
            Ok(_detached) => pending,
            Err(error) => Pending::ready(Err(StoreError::Io(error.to_string()))),
        }
    }

    fn check(&self) -> Pending<Vec<String>> {
        self.read(|connection| {
            let mut findings = Vec::new();
            let mut check = connection.prepare("PRAGMA integrity_check(100)").map_err(said)?;
            let lines: Vec<String> = collect(check.query([]).map_err(said)?, |row| row.get(0).map_err(said))?;
            findings.extend(lines.into_iter().filter(|line| line != "ok"));
            if let Err(error) = records::load(connection) {
                findings.push(error.to_string());
            }
            let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(said);
            let lost = number("SELECT count(*) FROM request WHERE id NOT IN (SELECT id FROM chat)")?;
            if lost > 0 {
                findings.push(format!("{lost} request(s) have no row in the history"));
            }
            let open = "SELECT count(*) FROM chat WHERE ended_at IS NULL AND id NOT IN (SELECT id FROM request)";
            let open = number(open)?;
            if open > 0 {
                findings.push(format!("{open} chat(s) of the history have neither an end nor a request"));
            }
            Ok(findings)
        })
    }

    fn close(&self) {
        self.writer.close();
        self.readers.close();
    }
}

/// Copies the database into a new file that appears under its name only when it is whole and on the disk.
fn copy(path: &Path, busy_timeout: Duration, to: &Path) -> Result<u64, StoreError> {
    let io = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full,
        _ => StoreError::Io(error.to_string()),
    };
    if to.try_exists().map_err(io)? {
        return Err(StoreError::Conflict("the backup file exists"));
    }
    let mut partial = to.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    if partial.try_exists().map_err(io)? {
        std::fs::remove_file(&partial).map_err(io)?;
    }
    // An empty file is there first, so that nobody else may read what comes into it.
    make_private(&partial)?;
    let connection = open_to_read(path, busy_timeout)?;
    let name = partial.to_str().ok_or_else(|| StoreError::Io("the backup's path is no UTF-8".to_owned()))?;
    let copied = connection.execute("VACUUM INTO ?1", [name]).map_err(said).and_then(|_| {
        let file = std::fs::File::open(&partial).map_err(io)?;
        file.sync_all().map_err(io)?;
        std::fs::rename(&partial, to).map_err(io)?;
        file.metadata().map(|metadata| metadata.len()).map_err(io)
    });
    if copied.is_err() {
        let _already_gone = std::fs::remove_file(&partial);
    }
    copied
}
