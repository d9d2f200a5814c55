//! Pages of the XMPP archives in SQLite: what fits a query, counted, and the part of it that was asked for.

use desk::time::Time;
use rusqlite::{Connection, Row, named_params};

use super::values::{all, get, get_id, get_time, limit as at_most, one, texts};
use crate::StoreError;
use crate::im::{ImArchived, ImPage, ImPart, ImQuery};

/// A page, or none if the query names a message that is not there.
pub(super) fn page(connection: &Connection, query: &ImQuery) -> Result<Option<ImPage>, StoreError> {
    let mut bounds = Bounds::default();
    if let Some(id) = &query.after_id {
        let Some(seq) = seq_of(connection, &query.owner, id)? else { return Ok(None) };
        bounds.after = seq;
    }
    if let Some(id) = &query.before_id {
        let Some(seq) = seq_of(connection, &query.owner, id)? else { return Ok(None) };
        bounds.before = seq;
    }
    for id in &query.ids {
        if seq_of(connection, &query.owner, id)?.is_none() {
            return Ok(None);
        }
    }
    let mut part = bounds;
    match &query.part {
        ImPart::First | ImPart::Last => {}
        ImPart::After(id) => {
            let Some(seq) = seq_of(connection, &query.owner, id)? else { return Ok(None) };
            part.after = part.after.max(seq);
        }
        ImPart::Before(id) => {
            let Some(seq) = seq_of(connection, &query.owner, id)? else { return Ok(None) };
            part.before = part.before.min(seq);
        }
    }
    let is_backwards = matches!(query.part, ImPart::Last | ImPart::Before(_));
    let fitting = count(connection, query, bounds)?;
    let in_part = count(connection, query, part)?;
    let skipped =
        count(connection, query, Bounds { before: bounds.before.min(part.after.saturating_add(1)), ..bounds })?;
    let messages = read(connection, query, part, is_backwards)?;
    let index = if is_backwards { skipped + in_part - messages.len() } else { skipped };
    Ok(Some(ImPage { complete: messages.len() == in_part, messages, count: fitting, index }))
}

/// The oldest and the newest message.
pub(super) fn ends(connection: &Connection, owner: &str) -> Result<Option<[(String, Time); 2]>, StoreError> {
    let end = |order: &str| {
        let sql = format!("SELECT id, at FROM xmpp_archive WHERE owner = ?1 ORDER BY seq {order} LIMIT 1");
        one(connection, &sql, [owner], |row| Ok((get::<String>(row, "id")?, get_time(row, "at")?)))
    };
    Ok(end("ASC")?.zip(end("DESC")?).map(|(oldest, newest)| [oldest, newest]))
}

/// Between which messages, both excluded.
#[derive(Clone, Copy)]
struct Bounds {
    after: i64,
    before: i64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { after: 0, before: i64::MAX }
    }
}

fn seq_of(connection: &Connection, owner: &str, id: &str) -> Result<Option<i64>, StoreError> {
    one(connection, "SELECT seq FROM xmpp_archive WHERE owner = ?1 AND id = ?2", [owner, id], |row| get(row, "seq"))
}

/// The conditions; only those on the other side choose the index, so only they differ.
fn conditions(query: &ImQuery) -> String {
    let with = if query.with_bare.is_some() { "= :bare" } else { "IS NOT :bare" };
    format!(
        "FROM xmpp_archive WHERE owner = :owner AND with_bare {with} AND (:full IS NULL OR with_full = :full)
         AND at >= :start AND at <= :end AND seq > :after AND seq < :before
         AND (:ids IS NULL OR id IN (SELECT value FROM json_each(:ids)))"
    )
}

fn count(connection: &Connection, query: &ImQuery, bounds: Bounds) -> Result<usize, StoreError> {
    let sql = format!("SELECT count(*) AS many {}", conditions(query));
    let ids = (!query.ids.is_empty()).then(|| texts(&query.ids));
    let values = named_params! {
        ":owner": query.owner, ":bare": query.with_bare, ":full": query.with_full,
        ":start": query.start.map_or(i64::MIN, |at| at.0), ":end": query.end.map_or(i64::MAX, |at| at.0),
        ":after": bounds.after, ":before": bounds.before, ":ids": ids,
    };
    let many = one(connection, &sql, values, |row| get_id(row, "many"))?.unwrap_or_default();
    Ok(usize::try_from(many).unwrap_or(usize::MAX))
}

fn read(
    connection: &Connection,
    query: &ImQuery,
    bounds: Bounds,
    is_backwards: bool,
) -> Result<Vec<ImArchived>, StoreError> {
    let order = if is_backwards { "DESC" } else { "ASC" };
    let sql = format!("SELECT * {} ORDER BY seq {order} LIMIT :max", conditions(query));
    let ids = (!query.ids.is_empty()).then(|| texts(&query.ids));
    let values = named_params! {
        ":owner": query.owner, ":bare": query.with_bare, ":full": query.with_full,
        ":start": query.start.map_or(i64::MIN, |at| at.0), ":end": query.end.map_or(i64::MAX, |at| at.0),
        ":after": bounds.after, ":before": bounds.before, ":ids": ids, ":max": at_most(query.max),
    };
    let mut messages = all(connection, &sql, values, archived)?;
    if is_backwards {
        messages.reverse();
    }
    Ok(messages)
}

fn archived(row: &Row<'_>) -> Result<ImArchived, StoreError> {
    Ok(ImArchived {
        owner: get(row, "owner")?,
        id: get(row, "id")?,
        with_bare: get(row, "with_bare")?,
        with_full: get(row, "with_full")?,
        at: get_time(row, "at")?,
        stanza: get(row, "stanza")?,
    })
}
