//! The store's values in columns and back: ids, times, authors, lists, pages, answers.

use desk::ids::AgentId;
use desk::time::Time;
use rusqlite::{Connection, Params, Row};
use serde_json::Value;

use crate::archive::Author;
use crate::codec::{self, Codec};
use crate::commit::{Answer, Page};
use crate::{Hash, StoreError};

use super::fault::{said, unreadable};

/// A number of the desk in a column; all 64 bits survive.
pub(super) fn id(number: u64) -> i64 {
    number.cast_signed()
}

/// A column of a row.
pub(super) fn get<T: rusqlite::types::FromSql>(row: &Row<'_>, column: &str) -> Result<T, StoreError> {
    row.get(column).map_err(said)
}

/// A number of the desk from a column.
pub(super) fn get_id(row: &Row<'_>, column: &str) -> Result<u64, StoreError> {
    get::<i64>(row, column).map(i64::cast_unsigned)
}

/// A time from a column.
pub(super) fn get_time(row: &Row<'_>, column: &str) -> Result<Time, StoreError> {
    get(row, column).map(Time)
}

/// A time from a column that may be empty.
pub(super) fn get_time_or_none(row: &Row<'_>, column: &str) -> Result<Option<Time>, StoreError> {
    Ok(get::<Option<i64>>(row, column)?.map(Time))
}

/// A value from a column that holds JSON.
pub(super) fn get_json<T: Codec>(row: &Row<'_>, column: &str) -> Result<T, StoreError> {
    let text: String = get(row, column)?;
    codec::read(&text).map_err(unreadable(column))
}

/// A plain variant from a column that holds its name.
pub(super) fn get_word<T: Codec>(row: &Row<'_>, column: &str) -> Result<T, StoreError> {
    let word: String = get(row, column)?;
    codec::from_word(&word).map_err(unreadable(column))
}

/// A hash from a column.
pub(super) fn get_hash(row: &Row<'_>, column: &str) -> Result<Hash, StoreError> {
    get(row, column)
}

/// Who said it, as a number: see the schema.
pub(super) fn author(author: Author) -> i64 {
    match author {
        Author::Visitor => -1,
        Author::Desk => -2,
        Author::Agent(agent) => id(agent.0),
    }
}

/// Who said it, from a column.
pub(super) fn get_author(row: &Row<'_>, column: &str) -> Result<Author, StoreError> {
    get(row, column).map(author_of)
}

/// Who said it, from a number.
pub(super) fn author_of(number: i64) -> Author {
    match number {
        -1 => Author::Visitor,
        -2 => Author::Desk,
        agent => Author::Agent(AgentId(agent.cast_unsigned())),
    }
}

/// A page as JSON.
pub(super) fn page(page: Option<&Page>) -> Option<String> {
    page.map(|page| Value::from(vec![page.url.as_str(), &page.title, &page.referrer]).to_string())
}

/// A page from a column.
pub(super) fn get_page(row: &Row<'_>, column: &str) -> Result<Option<Page>, StoreError> {
    let Some(text) = get::<Option<String>>(row, column)? else { return Ok(None) };
    let (url, title, referrer) = codec::read(&text).map_err(unreadable(column))?;
    Ok(Some(Page { url, title, referrer }))
}

/// Answers as JSON.
pub(super) fn answers(answers: &[Answer]) -> String {
    let list: Vec<Value> =
        answers.iter().map(|answer| vec![answer.field.as_str(), &answer.label, &answer.value].into()).collect();
    Value::Array(list).to_string()
}

/// Answers from a column that may be empty.
pub(super) fn get_answers(row: &Row<'_>, column: &str) -> Result<Vec<Answer>, StoreError> {
    let Some(text) = get::<Option<String>>(row, column)? else { return Ok(Vec::new()) };
    let list: Vec<(String, String, String)> = codec::read(&text).map_err(unreadable(column))?;
    Ok(list.into_iter().map(|(field, label, value)| Answer { field, label, value }).collect())
}

/// A list of texts as JSON.
pub(super) fn texts(list: &[String]) -> String {
    Value::from(list).to_string()
}

/// All rows of a statement, each read by `read`.
pub(super) fn collect<T>(
    mut rows: rusqlite::Rows<'_>,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut list = Vec::new();
    while let Some(row) = rows.next().map_err(said)? {
        list.push(read(row)?);
    }
    Ok(list)
}

/// The first row of a statement, if any.
pub(super) fn first<T>(
    mut rows: rusqlite::Rows<'_>,
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    rows.next().map_err(said)?.map(read).transpose()
}

/// A limit as SQL takes it.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Runs a statement that is kept prepared.
pub(super) fn execute(connection: &Connection, sql: &str, values: impl Params) -> Result<(), StoreError> {
    count(connection, sql, values).map(|_| ())
}

/// Runs a statement that is kept prepared; how many rows it changed.
pub(super) fn count(connection: &Connection, sql: &str, values: impl Params) -> Result<u64, StoreError> {
    connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).map(|rows| rows as u64).map_err(said)
}

/// Runs a statement that must change a row; `NotFound` otherwise.
pub(super) fn must(connection: &Connection, sql: &str, values: impl Params) -> Result<(), StoreError> {
    if count(connection, sql, values)? == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// All rows of a statement that is kept prepared.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut select = connection.prepare_cached(sql).map_err(said)?;
    collect(select.query(values).map_err(said)?, read)
}

/// The first row of a statement that is kept prepared, if any.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut select = connection.prepare_cached(sql).map_err(said)?;
    first(select.query(values).map_err(said)?, read)
}
