//! Reports from the history, in SQL.

use desk::time::{Span, Time};
use rusqlite::{Connection, params};

use super::values::{all, get, get_id, id};
use crate::StoreError;
use crate::archive::{By, Counts, CountsQuery};

/// Counts per bucket and number.
pub(super) fn counts(connection: &Connection, query: &CountsQuery) -> Result<Vec<Counts>, StoreError> {
    let (number, only) = match query.by {
        By::Queue => ("counted", ""),
        By::Agent => ("answered_agent", "AND answered_agent IS NOT NULL"),
        By::Workgroup => ("workgroup", ""),
        By::All => ("0", ""),
    };
    let sql = format!(
        "SELECT CASE WHEN ?3 > 0 THEN (arrived_at - ?1) / ?3 ELSE 0 END AS bucket, {number} AS number,
           count(*) AS arrived,
           count(answered_at) AS answered,
           total(answered_at IS NULL AND ending IN ('Departed', 'Abandoned', 'NotEntered', 'Unreachable')) AS abandoned,
           total(answered_at IS NOT NULL AND within_target) AS within_target,
           ifnull(sum(max(0, answered_at - joined_at)), 0) AS wait_sum,
           ifnull(max(max(0, answered_at - joined_at)), 0) AS wait_max,
           total(answered_at IS NOT NULL AND ended_at IS NOT NULL) AS handled,
           ifnull(sum(handled), 0) AS handled_sum,
           count(stars) AS rated, ifnull(sum(stars), 0) AS stars_sum
         FROM chat WHERE arrived_at >= ?1 AND arrived_at < ?2 AND (?4 IS NULL OR workgroup = ?4) {only}
         GROUP BY 1, 2 ORDER BY 1, 2"
    );
    let workgroup = query.workgroup.map(|workgroup| id(workgroup.0));
    // Far enough below zero for any use, and near enough that nothing overflows.
    let from = query.from.max(Time(i64::MIN / 2));
    all(connection, &sql, params![from.0, query.to.0, query.step.0, workgroup], |row| {
        let whole = |column: &str| get::<f64>(row, column).map(|number| number as u64);
        Ok(Counts {
            bucket: get_id(row, "bucket")?,
            id: get_id(row, "number")?,
            arrived: get_id(row, "arrived")?,
            answered: get_id(row, "answered")?,
            abandoned: whole("abandoned")?,
            within_target: whole("within_target")?,
            wait_sum: Span(get(row, "wait_sum")?),
            wait_max: Span(get(row, "wait_max")?),
            handled: whole("handled")?,
            handled_sum: Span(get(row, "handled_sum")?),
            rated: get_id(row, "rated")?,
            stars_sum: get_id(row, "stars_sum")?,
        })
    })
}
