//! The outbox in SQLite: notices wait here until they arrived, or were given up. At least once: a claim runs out.

use desk::ids::RequestId;
use desk::time::{Span, Time};
use rusqlite::{Connection, Row, params};

use super::values::{all, execute, get, get_id, get_time, get_time_or_none, get_word, id, limit as at_most, must, one};
use crate::StoreError;
use crate::codec::word;
use crate::edges::{Channel, Delivery, NewDelivery, Target};

const DELIVERY: &str = "SELECT id, channel, webhook, address, subject, body, chat, attempts, state, note, due_at,
    created_at, settled_at FROM delivery";

const NOT_PAUSED: &str = "(webhook IS NULL OR webhook IN (SELECT id FROM webhook WHERE NOT paused))";

/// Puts a notice into the outbox; its number.
pub(super) fn enqueue(connection: &Connection, new: &NewDelivery) -> Result<u64, StoreError> {
    let (channel, webhook, address) = match &new.target {
        Target::Webhook(webhook) => (Channel::Webhook, Some(id(*webhook)), ""),
        Target::Mail(address) => (Channel::Mail, None, address.as_str()),
    };
    let sql = "INSERT INTO delivery (channel, webhook, address, subject, body, chat, due_at, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)";
    let chat = new.chat.map(|chat| id(chat.0));
    let values = params![word(&channel), webhook, address, new.subject, new.body, chat, new.due_at.0];
    execute(connection, sql, values)?;
    Ok(connection.last_insert_rowid().cast_unsigned())
}

/// Takes what is due.
pub(super) fn claim(
    connection: &Connection,
    channel: Channel,
    now: Time,
    lease: Span,
    limit: usize,
) -> Result<Vec<Delivery>, StoreError> {
    let sql = format!(
        "{DELIVERY} WHERE channel = ?1 AND state = 'Due' AND due_at <= ?2 AND {NOT_PAUSED} ORDER BY due_at, id LIMIT ?3"
    );
    let mut due = all(connection, &sql, params![word(&channel), now.0, at_most(limit)], delivery)?;
    for delivery in &mut due {
        delivery.attempts += 1;
        delivery.due_at = now + lease;
        let sql = "UPDATE delivery SET attempts = ?2, due_at = ?3 WHERE id = ?1";
        execute(connection, sql, params![id(delivery.id), delivery.attempts, delivery.due_at.0])?;
    }
    Ok(due)
}

/// When the next notice is due.
pub(super) fn next_due(connection: &Connection, channel: Channel) -> Result<Option<Time>, StoreError> {
    let sql = format!(
        "SELECT due_at FROM delivery WHERE channel = ?1 AND state = 'Due' AND {NOT_PAUSED} ORDER BY due_at LIMIT 1"
    );
    one(connection, &sql, [word(&channel)], |row| get_time(row, "due_at"))
}

/// A notice arrived; what it said and to whom is forgotten.
pub(super) fn delivered(connection: &Connection, delivery: u64, note: &str, at: Time) -> Result<(), StoreError> {
    let sql = "UPDATE delivery SET state = 'Delivered', body = '', address = '', note = ?2, settled_at = ?3
               WHERE id = ?1";
    must(connection, sql, params![id(delivery), note, at.0])
}

/// A notice did not arrive. When it is given up, what it said and to whom is forgotten too.
pub(super) fn failed(
    connection: &Connection,
    delivery: u64,
    problem: &str,
    next_at: Option<Time>,
    at: Time,
) -> Result<(), StoreError> {
    match next_at {
        Some(next_at) => {
            let sql = "UPDATE delivery SET note = ?2, due_at = ?3 WHERE id = ?1 AND state = 'Due'";
            must(connection, sql, params![id(delivery), problem, next_at.0])
        }
        None => {
            let sql = "UPDATE delivery SET state = 'Dead', body = '', address = '', note = ?2, settled_at = ?3
                       WHERE id = ?1 AND state = 'Due'";
            must(connection, sql, params![id(delivery), problem, at.0])
        }
    }
}

/// What was sent lately.
pub(super) fn page(
    connection: &Connection,
    channel: Channel,
    webhook: Option<u64>,
    limit: usize,
) -> Result<Vec<Delivery>, StoreError> {
    let of = if webhook.is_some() { "AND webhook = ?2" } else { "AND ?2 IS NULL" };
    let sql = format!("{DELIVERY} WHERE channel = ?1 {of} ORDER BY id DESC LIMIT ?3");
    all(connection, &sql, params![word(&channel), webhook.map(id), at_most(limit)], delivery)
}

fn delivery(row: &Row<'_>) -> Result<Delivery, StoreError> {
    let target = match get::<Option<i64>>(row, "webhook")? {
        Some(webhook) => Target::Webhook(webhook.cast_unsigned()),
        None => Target::Mail(get(row, "address")?),
    };
    Ok(Delivery {
        id: get_id(row, "id")?,
        target,
        subject: get(row, "subject")?,
        body: get(row, "body")?,
        chat: get::<Option<i64>>(row, "chat")?.map(|chat| RequestId(chat.cast_unsigned())),
        attempts: get(row, "attempts")?,
        state: get_word(row, "state")?,
        note: get(row, "note")?,
        due_at: get_time(row, "due_at")?,
        created_at: get_time(row, "created_at")?,
        settled_at: get_time_or_none(row, "settled_at")?,
    })
}
