//! A commit of the loop: event log, current tables, history and personal words, in the caller's transaction.

use desk::Turn;
use desk::ids::RequestId;
use desk::time::Time;
use rusqlite::{Connection, params};

use super::fault::said;
use super::values::{answers, execute, id, page};
use super::{edges, outbox, records};
use crate::StoreError;
use crate::codec::{self, word};
use crate::commit::{Commit, NewVisit, Of, Personal};
use crate::history::{self, Change};

/// Writes a commit.
pub(super) fn write(connection: &Connection, commit: &Commit) -> Result<(), StoreError> {
    log(connection, &commit.turns)?;
    for record in history::last_records(&commit.turns) {
        records::write(connection, record)?;
    }
    for (index, turn) in commit.turns.iter().enumerate() {
        for change in history::changes(turn) {
            record(connection, turn.at, &change)?;
        }
        let holds = |words: &Personal| turn.outcome.is_ok() || matches!(words, Personal::Delivery(_));
        for (_, words) in commit.personal.iter().filter(|(of, words)| *of == index && holds(words)) {
            personal(connection, turn, words)?;
        }
    }
    // A visit that was opened and ended in one commit: its words came after its end.
    for ended in commit.turns.iter().flat_map(|turn| &turn.ended) {
        end_visit(connection, ended.request.id, ended.at)?;
    }
    Ok(())
}

fn log(connection: &Connection, turns: &[Turn]) -> Result<(), StoreError> {
    if turns.iter().all(|turn| turn.events.is_empty()) {
        return Ok(());
    }
    let last = "SELECT ifnull(max(turn), 0) FROM (SELECT turn FROM event ORDER BY seq DESC LIMIT 1)";
    let mut number: i64 =
        connection.prepare_cached(last).and_then(|mut last| last.query_row([], |row| row.get(0))).map_err(said)?;
    let mut insert =
        connection.prepare_cached("INSERT INTO event (turn, at, kind, body) VALUES (?1, ?2, ?3, ?4)").map_err(said)?;
    for turn in turns.iter().filter(|turn| !turn.events.is_empty()) {
        number += 1;
        for event in &turn.events {
            let (kind, body) = codec::fact(event);
            insert.execute(params![number, turn.at.0, kind, body]).map_err(said)?;
        }
    }
    Ok(())
}

fn record(connection: &Connection, at: Time, change: &Change<'_>) -> Result<(), StoreError> {
    match change {
        Change::Queued { request, workgroup, asked, visitor, medium, priority } => execute(
            connection,
            "INSERT INTO chat (id, workgroup, asked, counted, visitor, medium, priority, arrived_at, joined_at)
             VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?7)",
            params![id(request.0), id(workgroup.0), id(asked.0), id(visitor.0), word(medium), priority, at.0],
        ),
        Change::Medium { request, medium } => {
            execute(connection, "UPDATE chat SET medium = ?2 WHERE id = ?1", params![id(request.0), word(medium)])
        }
        Change::Answered { request, queue, agent, at } => {
            execute(
                connection,
                "UPDATE chat SET answered_at = ?2, answered_queue = ?3, answered_agent = ?4, joined_at = ?5,
                   counted = CASE (SELECT counted FROM queue WHERE id = chat.asked) WHEN 'Answered' THEN ?3 ELSE asked END,
                   within_target = ?2 - ?5 <= (SELECT ifnull(max(target), 0) FROM queue WHERE id = chat.asked)
                 WHERE id = ?1 AND answered_at IS NULL",
                params![id(request.id.0), at.0, id(queue.0), id(agent.0), request.joined_at.0],
            )?;
            execute(
                connection,
                "UPDATE visitor SET last_agent = ?2 WHERE id = ?1",
                params![id(request.visitor.0), id(agent.0)],
            )
        }
        Change::Entered { request, agent, part } => execute(
            connection,
            "INSERT INTO chat_agent (chat, agent, part, entered_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (chat, agent) DO UPDATE SET part = excluded.part, left_at = NULL",
            params![id(request.0), id(agent.0), word(part), at.0],
        ),
        Change::Left { request, agent } => execute(
            connection,
            "UPDATE chat_agent SET left_at = ?3 WHERE chat = ?1 AND agent = ?2",
            params![id(request.0), id(agent.0), at.0],
        ),
        Change::Ended(ended) => {
            let request = ended.request.as_ref();
            execute(
                connection,
                "UPDATE chat SET ended_at = ?2, ending = ?3, joined_at = ?4, priority = ?5, handled = ?6 WHERE id = ?1",
                params![
                    id(request.id.0),
                    ended.at.0,
                    word(&ended.ending),
                    request.joined_at.0,
                    request.priority.0,
                    request.handled(ended.at).0
                ],
            )?;
            execute(
                connection,
                "UPDATE chat_agent SET left_at = ?2 WHERE chat = ?1 AND left_at IS NULL",
                params![id(request.id.0), ended.at.0],
            )
        }
    }
}

fn end_visit(connection: &Connection, request: RequestId, at: Time) -> Result<(), StoreError> {
    execute(connection, "UPDATE visit SET ended_at = ?2 WHERE request = ?1", params![id(request.0), at.0])
}

fn personal(connection: &Connection, turn: &Turn, words: &Personal) -> Result<(), StoreError> {
    match words {
        Personal::Visit(new) => {
            let request = match new.of {
                Of::Request(request) => Some(request),
                Of::Queued => history::queued(turn),
            };
            request.map_or(Ok(()), |request| visit(connection, request, new))
        }
        Personal::TransferNote { request, from, text, at } => execute(
            connection,
            "INSERT INTO note (chat, \"by\", text, at) VALUES (?1, ?2, ?3, ?4)",
            params![id(request.0), id(from.0), text, at.0],
        ),
        Personal::Block(block) => edges::note_block(connection, block),
        Personal::Delivery(delivery) => outbox::enqueue(connection, delivery).map(|_| ()),
        Personal::Audit(entry) => edges::audit(connection, entry),
    }
}

fn visit(connection: &Connection, request: RequestId, new: &NewVisit) -> Result<(), StoreError> {
    let returned = connection
        .prepare_cached("SELECT 1 FROM visitor WHERE id = ?1")
        .and_then(|mut known| known.exists([id(new.visitor.0)]))
        .map_err(said)?;
    execute(
        connection,
        "INSERT INTO visitor (id, token_hash, first_at, last_at) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT (id) DO UPDATE SET visits = visits + 1, last_at = excluded.last_at,
           token_hash = ifnull(token_hash, excluded.token_hash)",
        params![id(new.visitor.0), new.returning_hash, new.at.0],
    )?;
    execute(
        connection,
        "INSERT OR REPLACE INTO visit
           (request, workgroup, visitor, key_hash, name, locale, page, answers, address_hash, opened_at, returned)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            id(request.0),
            id(new.workgroup.0),
            id(new.visitor.0),
            new.key_hash,
            new.name,
            new.locale,
            page(new.page.as_ref()),
            answers(&new.answers),
            new.address_hash,
            new.at.0,
            returned
        ],
    )?;
    execute(
        connection,
        "INSERT OR REPLACE INTO visit_token (hash, request, at) VALUES (?1, ?2, ?3)",
        params![new.token_hash, id(request.0), new.at.0],
    )
}
