//! Rows of the history with everything that belongs to them: names, the visit's words while they are kept, who took part.

use desk::ids::{AgentId, RequestId, VisitorId};
use desk::time::Span;
use rusqlite::{Connection, Row, params};

use super::values::{
    all, get, get_answers, get_id, get_json, get_page, get_time, get_time_or_none, get_word, id, limit as at_most, one,
};
use crate::StoreError;
use crate::archive::{ChatRow, Named, Participant};

const CHAT: &str = "SELECT c.*, v.name AS visitor_name, v.locale, v.page, v.answers, r.text AS comment,
    w.name AS workgroup_name, w.title AS workgroup_title, q.name AS asked_name, q.title AS asked_title,
    a.name AS answered_name, a.title AS answered_title, aw.name AS answered_workgroup,
    (SELECT count(*) FROM message m WHERE m.chat = c.id AND m.kind <> 'Event') AS messages
  FROM chat c
    LEFT JOIN visit v ON v.request = c.id
    LEFT JOIN rating_comment r ON r.chat = c.id
    LEFT JOIN label w ON w.kind = 'workgroup' AND w.id = c.workgroup
    LEFT JOIN label q ON q.kind = 'queue' AND q.id = c.asked
    LEFT JOIN label a ON a.kind = 'queue' AND a.id = c.answered_queue
    LEFT JOIN label aw ON aw.kind = 'workgroup' AND aw.id = a.within";

/// A chat's row.
pub(super) fn chat(connection: &Connection, chat: RequestId) -> Result<Option<ChatRow>, StoreError> {
    one(connection, &format!("{CHAT} WHERE c.id = ?1"), [id(chat.0)], |row| read(connection, row))
}

/// A visitor's chats.
pub(super) fn history(connection: &Connection, visitor: VisitorId, limit: usize) -> Result<Vec<ChatRow>, StoreError> {
    let sql = format!("{CHAT} WHERE c.visitor = ?1 ORDER BY c.id DESC LIMIT ?2");
    all(connection, &sql, params![id(visitor.0), at_most(limit)], |row| read(connection, row))
}

fn read(connection: &Connection, row: &Row<'_>) -> Result<ChatRow, StoreError> {
    let chat = RequestId(get_id(row, "id")?);
    let text = |column: &str| get::<Option<String>>(row, column).map(Option::unwrap_or_default);
    let workgroup =
        Named { id: get_id(row, "workgroup")?, name: text("workgroup_name")?, title: text("workgroup_title")? };
    let asked = Named {
        id: get_id(row, "asked")?,
        name: format!("{}/{}", workgroup.name, text("asked_name")?),
        title: text("asked_title")?,
    };
    let answered_by = match get::<Option<i64>>(row, "answered_queue")? {
        None => None,
        Some(queue) => Some(Named {
            id: queue.cast_unsigned(),
            name: format!("{}/{}", text("answered_workgroup")?, text("answered_name")?),
            title: text("answered_title")?,
        }),
    };
    let ending = match get::<Option<String>>(row, "ending")? {
        None => None,
        Some(_) => Some(get_word(row, "ending")?),
    };
    Ok(ChatRow {
        chat,
        workgroup,
        asked,
        answered_by,
        visitor: VisitorId(get_id(row, "visitor")?),
        visitor_name: get(row, "visitor_name")?,
        locale: get(row, "locale")?,
        page: get_page(row, "page")?,
        answers: get_answers(row, "answers")?,
        medium: get_word(row, "medium")?,
        priority: get(row, "priority")?,
        arrived_at: get_time(row, "arrived_at")?,
        joined_at: get_time(row, "joined_at")?,
        answered_at: get_time_or_none(row, "answered_at")?,
        answered_agent: get::<Option<i64>>(row, "answered_agent")?.map(|agent| AgentId(agent.cast_unsigned())),
        ended_at: get_time_or_none(row, "ended_at")?,
        ending,
        handled: Span(get(row, "handled")?),
        agents: participants(connection, chat)?,
        tags: get_json(row, "tags")?,
        stars: get(row, "stars")?,
        comment: get(row, "comment")?,
        messages: get_id(row, "messages")? + get_id(row, "messages_erased")?,
        erased_at: get_time_or_none(row, "erased_at")?,
    })
}

fn participants(connection: &Connection, chat: RequestId) -> Result<Vec<Participant>, StoreError> {
    let sql =
        "SELECT p.agent, p.part, p.entered_at, p.left_at, ifnull(l.name, '') AS name, ifnull(l.title, '') AS title
               FROM chat_agent p LEFT JOIN label l ON l.kind = 'agent' AND l.id = p.agent
               WHERE p.chat = ?1 ORDER BY p.entered_at, p.agent";
    all(connection, sql, [id(chat.0)], |row| {
        Ok(Participant {
            agent: AgentId(get_id(row, "agent")?),
            name: get(row, "name")?,
            title: get(row, "title")?,
            part: get_word(row, "part")?,
            entered_at: get_time(row, "entered_at")?,
            left_at: get_time_or_none(row, "left_at")?,
        })
    })
}
