//! Forgetting, in SQLite: a person's words on demand, everybody's when their time is over. Rows of the history and their
//! counts stay. What is removed is overwritten (`secure_delete`, also inside the full-text index).

use desk::time::{Span, Time};
use rusqlite::{Connection, params};

use super::values::{all, count, execute, get, get_id, id, limit as at_most};
use crate::StoreError;
use crate::archive::{Erased, Retained, RetentionRule, Whom};

/// Removes the words of a visitor or a chat, or a message left while closed.
pub(super) fn erase(connection: &Connection, whom: Whom, at: Time) -> Result<Erased, StoreError> {
    let (sql, of) = match whom {
        Whom::Visitor(visitor) => ("SELECT id FROM chat WHERE visitor = ?1", id(visitor.0)),
        Whom::Chat(chat) => ("SELECT id FROM chat WHERE id = ?1", id(chat.0)),
        Whom::Left(left) => {
            let left = count(connection, "DELETE FROM left_message WHERE id = ?1", [id(left)])?;
            return Ok(Erased { left, ..Erased::default() });
        }
    };
    let chats = all(connection, sql, [of], |row| get::<i64>(row, "id"))?;
    let mut erased = Erased::default();
    for chat in chats {
        forget_words(connection, chat, at, &mut erased)?;
    }
    if matches!(whom, Whom::Visitor(_)) {
        erased.left = count(connection, "DELETE FROM left_message WHERE visitor = ?1", [of])?;
        execute(connection, "DELETE FROM visitor WHERE id = ?1", [of])?;
    }
    Ok(erased)
}

/// Forgets what is older than the rules say.
pub(super) fn retain(
    connection: &Connection,
    now: Time,
    rules: &[RetentionRule],
    limit: usize,
) -> Result<Retained, StoreError> {
    let mut retained = Retained::default();
    for rule in rules {
        let workgroup = id(rule.workgroup.0);
        if let Some(span) = rule.transcripts {
            transcripts(connection, workgroup, now, span, limit, &mut retained)?;
        }
        if let Some(span) = rule.files {
            files(connection, workgroup, now - span, limit, &mut retained)?;
        }
        if let Some(span) = rule.addresses {
            let before = (now - span).0;
            let sql = "UPDATE visit SET address_hash = NULL WHERE request IN (SELECT request FROM visit
                       WHERE workgroup = ?1 AND opened_at <= ?2 AND address_hash IS NOT NULL LIMIT ?3)";
            let forgotten = count(connection, sql, params![workgroup, before, at_most(limit)])?;
            let sql = "UPDATE left_message SET address_hash = NULL
                       WHERE workgroup = ?1 AND at <= ?2 AND address_hash IS NOT NULL";
            retained.addresses += forgotten + count(connection, sql, params![workgroup, before])?;
            retained.more |= forgotten >= limit as u64;
        }
    }
    Ok(retained)
}

fn transcripts(
    connection: &Connection,
    workgroup: i64,
    now: Time,
    span: Span,
    limit: usize,
    retained: &mut Retained,
) -> Result<(), StoreError> {
    let before = (now - span).0;
    let sql = "SELECT id FROM chat WHERE workgroup = ?1 AND erased_at IS NULL AND ended_at IS NOT NULL
               AND ended_at <= ?2 ORDER BY ended_at LIMIT ?3";
    let chats = all(connection, sql, params![workgroup, before, at_most(limit)], |row| get::<i64>(row, "id"))?;
    retained.more |= chats.len() >= limit;
    for chat in chats {
        forget_words(connection, chat, now, &mut retained.erased)?;
    }
    execute(connection, "DELETE FROM left_message WHERE workgroup = ?1 AND at <= ?2", [workgroup, before])
}

fn files(
    connection: &Connection,
    workgroup: i64,
    before: Time,
    limit: usize,
    retained: &mut Retained,
) -> Result<(), StoreError> {
    let sql = "SELECT f.id, f.path FROM file f JOIN chat c ON c.id = f.chat
               WHERE f.at <= ?2 AND c.workgroup = ?1 ORDER BY f.at LIMIT ?3";
    let old = all(connection, sql, params![workgroup, before.0, at_most(limit)], |row| {
        Ok((get::<String>(row, "id")?, get::<String>(row, "path")?))
    })?;
    retained.more |= old.len() >= limit;
    for (file, path) in old {
        execute(connection, "DELETE FROM file WHERE id = ?1", [file])?;
        retained.erased.files += 1;
        retained.erased.paths.push(path);
    }
    Ok(())
}

/// Removes every word of a chat; its row of the history stays, with the number of its messages.
fn forget_words(connection: &Connection, chat: i64, at: Time, erased: &mut Erased) -> Result<(), StoreError> {
    let sql = "DELETE FROM file WHERE chat = ?1 RETURNING path";
    let paths = all(connection, sql, [chat], |row| get::<String>(row, "path"))?;
    erased.files += paths.len() as u64;
    erased.paths.extend(paths);
    let sql = "SELECT count(*) AS messages FROM message WHERE chat = ?1 AND kind <> 'Event'";
    let messages = all(connection, sql, [chat], |row| get_id(row, "messages"))?.into_iter().sum::<u64>();
    erased.messages += messages;
    for sql in [
        "DELETE FROM message WHERE chat = ?1",
        "DELETE FROM read_mark WHERE chat = ?1",
        "DELETE FROM note WHERE chat = ?1",
        "DELETE FROM rating_comment WHERE chat = ?1",
        "DELETE FROM visit_token WHERE request = ?1",
        "DELETE FROM visit WHERE request = ?1",
        "DELETE FROM delivery WHERE chat = ?1",
        "UPDATE block_note SET reason = '' WHERE request = ?1",
        "DELETE FROM visitor WHERE id = (SELECT visitor FROM chat WHERE id = ?1)
           AND NOT EXISTS (SELECT 1 FROM visit WHERE visit.visitor = visitor.id)",
    ] {
        execute(connection, sql, [chat])?;
    }
    let sql =
        "UPDATE chat SET messages_erased = messages_erased + ?2, erased_at = ?3 WHERE id = ?1 AND erased_at IS NULL";
    erased.chats += count(connection, sql, params![chat, id(messages), at.0])?;
    Ok(())
}
