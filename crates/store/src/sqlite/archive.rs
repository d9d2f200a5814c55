//! Conversations in SQLite: messages, read marks, files, notes, tags, ratings, messages left. History rows are read in
//! `rows.rs`; search, counts and forgetting have files of their own.

use desk::ids::{AgentId, RequestId, VisitorId, WorkgroupId};
use desk::time::Time;
use rusqlite::{Connection, Row, params};

use super::fault::said_of;
use super::values::{
    all, author, author_of, execute, get, get_author, get_id, get_page, get_time, get_time_or_none, get_word, id,
    limit as at_most, must, one, page, texts,
};
use super::{Sqlite, counts, erase, rows, search};
use crate::archive::{
    Appended, Archive, Author, ChatRow, Counts, CountsQuery, Erased, File, Hits, Left, Message, NewLeft, NewMessage,
    Note, Range, Retained, RetentionRule, RoomEvent, SearchQuery, Spoken, Whom,
};
use crate::codec::word;
use crate::{Pending, StoreError};

const FILE: &str = "SELECT id, chat, author, name, media_type, size, sha256, path, at FROM file";

const MESSAGE: &str = "SELECT m.number, m.author, m.client_id, m.kind, m.text, m.corrected_at, m.event, m.who,
      m.stanza_id, m.at, m.file, f.id, f.chat, f.name, f.media_type, f.size, f.sha256, f.path
    FROM message m LEFT JOIN file f ON f.id = m.file WHERE m.chat = ?1";

impl Archive for Sqlite {
    fn append(&self, message: NewMessage) -> Pending<Appended> {
        self.write(move |connection| append(connection, &message))
    }

    fn correct(&self, chat: RequestId, number: u64, from: Author, text: &str, at: Time) -> Pending<()> {
        let text = text.to_owned();
        self.write(move |connection| {
            let sql = "UPDATE message SET text = ?4, corrected_at = ?5
                       WHERE chat = ?1 AND number = ?2 AND author = ?3 AND kind = 'Text'";
            must(connection, sql, params![id(chat.0), id(number), author(from), text, at.0])
        })
    }

    fn messages(&self, chat: RequestId, range: Range) -> Pending<Vec<Message>> {
        self.read(move |connection| messages(connection, chat, range))
    }

    fn spoken(&self, chats: Vec<RequestId>) -> Pending<Vec<Spoken>> {
        self.read(move |connection| {
            let said = |chat: RequestId, order: &str| {
                let sql = format!(
                    "SELECT text FROM message WHERE chat = ?1 AND author = ?2 AND kind <> 'Event'
                     ORDER BY number {order} LIMIT 1"
                );
                one(connection, &sql, params![id(chat.0), author(Author::Visitor)], |row| get(row, "text"))
            };
            let mut spoken = Vec::new();
            for chat in chats {
                if let (Some(first), Some(last)) = (said(chat, "ASC")?, said(chat, "DESC")?) {
                    spoken.push(Spoken { chat, first, last });
                }
            }
            Ok(spoken)
        })
    }

    fn mark_read(&self, chat: RequestId, who: Author, number: u64) -> Pending<u64> {
        self.write(move |connection| {
            let sql = "INSERT INTO read_mark (chat, author, number) VALUES (?1, ?2, ?3)
                       ON CONFLICT (chat, author) DO UPDATE SET number = max(number, excluded.number)
                       RETURNING number";
            let marked = one(connection, sql, [id(chat.0), author(who), id(number)], |row| get_id(row, "number"))?;
            Ok(marked.unwrap_or(number))
        })
    }

    fn read_marks(&self, chat: RequestId) -> Pending<Vec<(Author, u64)>> {
        self.read(move |connection| {
            let sql = "SELECT author, number FROM read_mark WHERE chat = ?1";
            all(connection, sql, [id(chat.0)], |row| Ok((get_author(row, "author")?, get_id(row, "number")?))).map(
                |mut marks| {
                    marks.sort_unstable();
                    marks
                },
            )
        })
    }

    fn file(&self, file: &str) -> Pending<Option<File>> {
        let file = file.to_owned();
        self.read(move |connection| one(connection, &format!("{FILE} WHERE id = ?1"), [file], read_file))
    }

    fn files(&self, chat: RequestId) -> Pending<Vec<File>> {
        self.read(move |connection| {
            all(connection, &format!("{FILE} WHERE chat = ?1 ORDER BY at, rowid"), [id(chat.0)], read_file)
        })
    }

    fn all_files(&self, after: &str, limit: usize) -> Pending<Vec<File>> {
        let (sql, after) = (format!("{FILE} WHERE id > ?1 ORDER BY id LIMIT ?2"), after.to_owned());
        self.read(move |connection| all(connection, &sql, params![after, at_most(limit)], read_file))
    }

    fn forget_file(&self, file: &str) -> Pending<()> {
        let file = file.to_owned();
        self.write(move |connection| must(connection, "DELETE FROM file WHERE id = ?1", [file]))
    }

    fn add_note(&self, chat: RequestId, by: AgentId, text: &str, at: Time) -> Pending<()> {
        let text = text.to_owned();
        self.write(move |connection| {
            let sql = "INSERT INTO note (chat, \"by\", text, at) SELECT id, ?2, ?3, ?4 FROM chat
                       WHERE id = ?1 AND erased_at IS NULL";
            must(connection, sql, params![id(chat.0), id(by.0), text, at.0])
        })
    }

    fn notes(&self, chat: RequestId) -> Pending<Vec<Note>> {
        self.read(move |connection| {
            let sql = "SELECT \"by\", text, at FROM note WHERE chat = ?1 ORDER BY id";
            all(connection, sql, [id(chat.0)], |row| {
                Ok(Note { by: AgentId(get_id(row, "by")?), text: get(row, "text")?, at: get_time(row, "at")? })
            })
        })
    }

    fn set_tags(&self, chat: RequestId, tags: Vec<String>) -> Pending<()> {
        self.write(move |connection| {
            must(connection, "UPDATE chat SET tags = ?2 WHERE id = ?1", params![id(chat.0), texts(&tags)])
        })
    }

    fn rate(&self, chat: RequestId, stars: u8, comment: Option<String>, at: Time) -> Pending<()> {
        self.write(move |connection| rate(connection, chat, stars, comment, at))
    }

    fn chat(&self, chat: RequestId) -> Pending<Option<ChatRow>> {
        self.read(move |connection| rows::chat(connection, chat))
    }

    fn history(&self, visitor: VisitorId, limit: usize) -> Pending<Vec<ChatRow>> {
        self.read(move |connection| rows::history(connection, visitor, limit))
    }

    fn search(&self, query: SearchQuery) -> Pending<Hits> {
        self.read(move |connection| search::search(connection, &query))
    }

    fn counts(&self, query: CountsQuery) -> Pending<Vec<Counts>> {
        self.read(move |connection| counts::counts(connection, &query))
    }

    fn erase(&self, whom: Whom, at: Time) -> Pending<Erased> {
        self.scrubbed(self.write(move |connection| erase::erase(connection, whom, at)))
    }

    fn retain(&self, now: Time, rules: Vec<RetentionRule>, limit: usize) -> Pending<Retained> {
        self.scrubbed(self.write(move |connection| erase::retain(connection, now, &rules, limit)))
    }

    fn leave_message(&self, left: NewLeft) -> Pending<u64> {
        self.write(move |connection| {
            let sql = "INSERT INTO left_message (workgroup, name, email, text, locale, page, address_hash, at, visitor)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            let page = page(left.page.as_ref());
            let values = params![
                id(left.workgroup.0),
                left.name,
                left.email,
                left.text,
                left.locale,
                page,
                left.address_hash,
                left.at.0,
                left.visitor.map(|visitor| id(visitor.0))
            ];
            execute(connection, sql, values)?;
            Ok(connection.last_insert_rowid().cast_unsigned())
        })
    }

    fn left_messages(&self, open: bool, before: Option<u64>, limit: usize) -> Pending<Vec<Left>> {
        self.read(move |connection| {
            let open = if open { "AND done_at IS NULL" } else { "" };
            let sql = format!(
                "SELECT id, workgroup, visitor, name, email, text, locale, page, address_hash, at, done_by, done_at
                 FROM left_message WHERE id < ?1 {open} ORDER BY id DESC LIMIT ?2"
            );
            all(connection, &sql, [before.map_or(i64::MAX, id), at_most(limit)], left)
        })
    }

    fn left_message_done(&self, left: u64, by: &str, at: Time) -> Pending<()> {
        let by = by.to_owned();
        self.write(move |connection| {
            let sql =
                "UPDATE left_message SET done_by = ifnull(done_by, ?2), done_at = ifnull(done_at, ?3) WHERE id = ?1";
            must(connection, sql, params![id(left), by, at.0])
        })
    }
}

fn append(connection: &Connection, message: &NewMessage) -> Result<Appended, StoreError> {
    let sql = "SELECT number, at FROM message WHERE chat = ?1 AND author = ?2 AND client_id = ?3";
    let key = params![id(message.chat.0), author(message.from), message.client_id];
    let there = one(connection, sql, key, |row| Ok((get_id(row, "number")?, get_time(row, "at")?)))?;
    if let Some((number, at)) = there {
        return Ok(Appended { number, at, duplicate: true });
    }
    let sql = "SELECT erased_at, (SELECT ifnull(max(number), 0) + 1 FROM message WHERE chat = ?1) AS number
               FROM chat WHERE id = ?1";
    let chat = one(connection, sql, [id(message.chat.0)], |row| {
        Ok((get_time_or_none(row, "erased_at")?, get_id(row, "number")?))
    })?;
    let number = match chat {
        Some((None, number)) => number,
        _ => return Err(StoreError::NotFound),
    };
    let sql = "INSERT INTO message (chat, number, author, client_id, kind, text, file, event, who, stanza_id, at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let values = params![
        id(message.chat.0),
        id(number),
        author(message.from),
        message.client_id,
        word(&message.kind),
        message.text,
        message.file.as_ref().map(|file| &file.id),
        message.event.as_ref().map(|event| &event.what),
        message.event.as_ref().and_then(|event| event.who).map(author),
        message.stanza_id,
        message.at.0
    ];
    execute(connection, sql, values)?;
    if let Some(file) = &message.file {
        let sql = "INSERT INTO file (id, chat, author, name, media_type, size, sha256, path, at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let (chat, from, size, at) = (id(message.chat.0), author(message.from), id(file.size), message.at.0);
        let values = params![file.id, chat, from, file.name, file.media_type, size, file.sha256, file.path, at];
        connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).map_err(said_of("file"))?;
    }
    Ok(Appended { number, at: message.at, duplicate: false })
}

fn messages(connection: &Connection, chat: RequestId, range: Range) -> Result<Vec<Message>, StoreError> {
    let (condition, number, limit) = match range {
        Range::Last(limit) => ("m.number < ?2 ORDER BY m.number DESC", i64::MAX, limit),
        Range::Before(number, limit) => ("m.number < ?2 ORDER BY m.number DESC", id(number), limit),
        Range::After(number, limit) => ("m.number > ?2 ORDER BY m.number", id(number), limit),
    };
    let sql = format!("{MESSAGE} AND {condition} LIMIT ?3");
    let mut list = all(connection, &sql, [id(chat.0), number, at_most(limit)], message)?;
    if !matches!(range, Range::After(..)) {
        list.reverse();
    }
    Ok(list)
}

fn rate(
    connection: &Connection,
    chat: RequestId,
    stars: u8,
    comment: Option<String>,
    at: Time,
) -> Result<(), StoreError> {
    let there =
        one(connection, "SELECT stars FROM chat WHERE id = ?1", [id(chat.0)], |row| get::<Option<u8>>(row, "stars"))?;
    match there {
        None => return Err(StoreError::NotFound),
        Some(Some(_)) => return Err(StoreError::Conflict("rated")),
        Some(None) => {}
    }
    execute(connection, "UPDATE chat SET stars = ?2 WHERE id = ?1", params![id(chat.0), stars])?;
    let Some(comment) = comment else { return Ok(()) };
    let sql = "INSERT INTO rating_comment (chat, text, at) SELECT id, ?2, ?3 FROM chat
               WHERE id = ?1 AND erased_at IS NULL";
    execute(connection, sql, params![id(chat.0), comment, at.0])
}

fn message(row: &Row<'_>) -> Result<Message, StoreError> {
    let from = get_author(row, "author")?;
    let at = get_time(row, "at")?;
    let file = match get::<Option<String>>(row, "id")? {
        None => None,
        Some(id) => Some(File {
            id,
            chat: RequestId(get_id(row, "chat")?),
            from,
            name: get(row, "name")?,
            media_type: get(row, "media_type")?,
            size: get_id(row, "size")?,
            sha256: sum_of(row)?,
            path: get(row, "path")?,
            at,
        }),
    };
    let who = get::<Option<i64>>(row, "who")?.map(author_of);
    Ok(Message {
        number: get_id(row, "number")?,
        from,
        client_id: get(row, "client_id")?,
        kind: get_word(row, "kind")?,
        text: get(row, "text")?,
        corrected_at: get_time_or_none(row, "corrected_at")?,
        file,
        event: get::<Option<String>>(row, "event")?.map(|what| RoomEvent { what, who }),
        stanza_id: get(row, "stanza_id")?,
        at,
    })
}

fn read_file(row: &Row<'_>) -> Result<File, StoreError> {
    Ok(File {
        id: get(row, "id")?,
        chat: RequestId(get_id(row, "chat")?),
        from: get_author(row, "author")?,
        name: get(row, "name")?,
        media_type: get(row, "media_type")?,
        size: get_id(row, "size")?,
        sha256: sum_of(row)?,
        path: get(row, "path")?,
        at: get_time(row, "at")?,
    })
}

fn sum_of(row: &Row<'_>) -> Result<Option<String>, StoreError> {
    Ok(Some(get::<String>(row, "sha256")?).filter(|sum| !sum.is_empty()))
}

fn left(row: &Row<'_>) -> Result<Left, StoreError> {
    let by: Option<String> = get(row, "done_by")?;
    let left = NewLeft {
        workgroup: WorkgroupId(get_id(row, "workgroup")?),
        visitor: get::<Option<i64>>(row, "visitor")?.map(|visitor| VisitorId(visitor.cast_unsigned())),
        name: get(row, "name")?,
        email: get(row, "email")?,
        text: get(row, "text")?,
        locale: get(row, "locale")?,
        page: get_page(row, "page")?,
        address_hash: get(row, "address_hash")?,
        at: get_time(row, "at")?,
    };
    Ok(Left { id: get_id(row, "id")?, left, done: by.zip(get_time_or_none(row, "done_at")?) })
}
