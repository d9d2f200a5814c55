//! Full-text search over messages (FTS5), and the list of chats when nothing is searched for.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::rows;
use super::values::{all, get, get_id, id};
use crate::StoreError;
use crate::archive::{Hit, Hits, SearchQuery};
use crate::words::{HITS_MAX, words};
use desk::ids::RequestId;

/// One page of hits.
pub(super) fn search(connection: &Connection, query: &SearchQuery) -> Result<Hits, StoreError> {
    let words = words(&query.text);
    if words.is_empty() && !query.text.trim().is_empty() {
        return Ok(Hits::default());
    }
    let limit = query.limit.clamp(1, HITS_MAX);
    let mut conditions = Conditions::of(query);
    let sql = if words.is_empty() {
        let cursor = conditions.value(cursor(query));
        let rest = conditions.text();
        format!(
            "SELECT c.id AS place, c.id AS chat, NULL AS number, '' AS snippet FROM chat c
             WHERE c.id < {cursor} {rest} ORDER BY c.id DESC LIMIT {}",
            limit + 1
        )
    } else {
        let matched = conditions.value(Value::Text(expression(&words)));
        let cursor = conditions.value(cursor(query));
        let rest = conditions.text();
        format!(
            "SELECT m.id AS place, m.chat, m.number, snippet(message_text, 0, char(2), char(3), '…', 24) AS snippet
             FROM message_text t JOIN message m ON m.id = t.rowid JOIN chat c ON c.id = m.chat
             WHERE message_text MATCH {matched} AND t.rowid < {cursor} {rest} ORDER BY t.rowid DESC LIMIT {}",
            limit + 1
        )
    };
    let mut places = all(connection, &sql, rusqlite::params_from_iter(conditions.values), |row| {
        let number = get::<Option<i64>>(row, "number")?.map(i64::cast_unsigned);
        Ok((get_id(row, "place")?, get_id(row, "chat")?, number, get::<String>(row, "snippet")?))
    })?;
    let more = places.len() > limit;
    places.truncate(limit);
    let next = places.last().map(|(place, ..)| *place).filter(|_| more);
    let mut hits = Vec::with_capacity(places.len());
    for (_, chat, number, snippet) in places {
        if let Some(chat) = rows::chat(connection, RequestId(chat))? {
            hits.push(Hit { chat, number, snippet });
        }
    }
    Ok(Hits { hits, next })
}

fn cursor(query: &SearchQuery) -> Value {
    Value::Integer(query.cursor.map_or(i64::MAX, id))
}

/// What FTS5 is asked: every word as a text in quotation marks, so that nothing typed is an operator.
fn expression(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("{}*", quoted.join(" "))
}

/// Conditions that are set, with their values numbered in order.
struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn of(query: &SearchQuery) -> Self {
        let mut conditions = Self { sql: Vec::new(), values: Vec::new() };
        if let Some(workgroups) = &query.workgroups {
            let list: Vec<i64> = workgroups.iter().map(|workgroup| id(workgroup.0)).collect();
            let list = serde_json::Value::from(list).to_string();
            conditions.add("c.workgroup IN (SELECT value FROM json_each(?))", Value::Text(list));
        }
        if let Some(agent) = query.agent {
            let sql = "EXISTS (SELECT 1 FROM chat_agent p WHERE p.agent = ? AND p.chat = c.id)";
            conditions.add(sql, Value::Integer(id(agent.0)));
        }
        if let Some(visitor) = query.visitor {
            conditions.add("c.visitor = ?", Value::Integer(id(visitor.0)));
        }
        if let Some(name) = &query.name {
            let sql = "EXISTS (SELECT 1 FROM visit n WHERE n.request = c.id AND instr(lower(n.name), ?) > 0)";
            conditions.add(sql, Value::Text(name.to_ascii_lowercase()));
        }
        if let Some(from) = query.from {
            conditions.add("c.arrived_at >= ?", Value::Integer(from.0));
        }
        if let Some(to) = query.to {
            conditions.add("c.arrived_at < ?", Value::Integer(to.0));
        }
        conditions
    }

    fn add(&mut self, sql: &str, value: Value) {
        let place = self.value(value);
        self.sql.push(sql.replace('?', &place));
    }

    /// Adds a value; how the statement names it.
    fn value(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    fn text(&self) -> String {
        self.sql.iter().map(|sql| format!("AND {sql} ")).collect()
    }
}
