//! Counts: today in quarters of an hour, and any range by queue, agent or day, as JSON or CSV.

#![expect(unused_qualifications, reason = "the macro that documents queries names their types in full")]

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use desk::ids::{AgentId, QueueId, WorkgroupId};
use desk::time::{Span, Time};
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use store::archive::{By, Counts, CountsQuery};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::clock::rfc3339;
use crate::http::agent::time;
use crate::http::error::{Answer, Problem, ProblemBody};
use crate::http::extract::{Json, Query as Asked};
use crate::http::identity::Reporter;
use crate::http::staff;
use crate::staff::{facts, today};
use crate::wire;

/// A bucket of today's report.
const STEP: Span = Span::secs(900);
/// Longest range of a report.
const RANGE_MAX: Span = Span::secs(731 * 86_400);
const DAY: Span = Span::secs(86_400);

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(of_today)).routes(routes!(of_range))
}

/// Which workgroup.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Where {
    /// Its address; all if left out.
    workgroup: Option<String>,
}

/// Today so far.
#[derive(Serialize, ToSchema)]
struct Today {
    /// Midnight in the (first) workgroup's zone.
    from: String,
    /// Now.
    to: String,
    /// Length of a bucket.
    step_s: i64,
    /// By `workgroup/queue`.
    queues: BTreeMap<String, Buckets>,
}

/// Counts per bucket.
#[derive(Serialize, ToSchema)]
struct Buckets {
    arrived: Vec<u64>,
    answered: Vec<u64>,
    abandoned: Vec<u64>,
    /// None where nobody was answered.
    mean_wait_s: Vec<Option<f64>>,
}

fn mean(sum: Span, count: u64) -> Option<f64> {
    (count > 0).then(|| wire::seconds(Span(sum.0 / i64::try_from(count).unwrap_or(i64::MAX))))
}

async fn workgroup(app: &App, name: Option<String>) -> Answer<Option<WorkgroupId>> {
    match name.filter(|it| !it.is_empty()) {
        None => Ok(None),
        Some(name) => match app.roster.entrance(&name) {
            Some(entrance) => Ok(Some(entrance.id)),
            None => Err(Problem::not_found("workgroup")),
        },
    }
}

/// Today, in quarters of an hour
#[utoipa::path(get, path = "/supervisor/reports/today", tag = "supervisor", params(Where), responses(
    (status = 200, body = Today), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
async fn of_today(State(app): State<App>, _: Reporter, Asked(wanted): Asked<Where>) -> Answer<Json<Today>> {
    let workgroup = workgroup(&app, wanted.workgroup).await?;
    let seen = app.desk.view(move |state, now| {
        let first = workgroup.and_then(|it| state.workgroup(it)).or_else(|| state.workgroups().next());
        let from = today::day_start(&first.map(|it| it.spec.zone.clone()).unwrap_or_default(), now);
        let queues = state.queues().filter(|it| workgroup.is_none_or(|wanted| it.workgroup == wanted));
        (from, queues.map(|it| (it.id, facts::queue_name(state, it.id))).collect::<Vec<_>>())
    });
    let (from, names) = seen.await?;
    let to = app.clock.now();
    let buckets = usize::try_from(to.since(from).0 / STEP.0 + 1).unwrap_or(1).min(110);
    let empty = || Buckets {
        arrived: vec![0; buckets],
        answered: vec![0; buckets],
        abandoned: vec![0; buckets],
        mean_wait_s: vec![None; buckets],
    };
    let mut queues: BTreeMap<_, _> = names.iter().map(|(_, name)| (name.clone(), empty())).collect();
    let query = CountsQuery { from, to: to + Span(1), step: STEP, by: By::Queue, workgroup };
    for row in app.store.counts(query).await? {
        let name = names.iter().find(|(id, _)| id.0 == row.id).map(|(_, name)| name);
        let at = usize::try_from(row.bucket).unwrap_or(usize::MAX);
        let Some(queue) = name.and_then(|it| queues.get_mut(it)).filter(|_| at < buckets) else { continue };
        queue.arrived[at] = row.arrived;
        queue.answered[at] = row.answered;
        queue.abandoned[at] = row.abandoned;
        queue.mean_wait_s[at] = mean(row.wait_sum, row.answered);
    }
    Ok(Json(Today { from: rfc3339(from), to: rfc3339(to), step_s: STEP.as_secs(), queues }))
}

/// What is reported.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Range {
    /// Came at or after; a time, or a date in UTC.
    from: String,
    /// Came before.
    to: String,
    /// `queue` (default), `agent`, `workgroup` or `day`.
    #[serde(default)]
    by: Grouping,
    /// `json` (default) or `csv`.
    #[serde(default)]
    format: Form,
    /// A workgroup's address; all if left out.
    workgroup: Option<String>,
}

/// Rows of a report.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Grouping {
    #[default]
    Queue,
    Agent,
    Workgroup,
    Day,
}

/// Form of a report.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Form {
    #[default]
    Json,
    Csv,
}

/// A report.
#[derive(Serialize, ToSchema)]
struct Report {
    from: String,
    to: String,
    rows: Vec<Row>,
}

/// Counts of a queue, an agent or a day.
#[derive(Serialize, ToSchema)]
struct Row {
    /// `workgroup/queue`, the agent's title, the workgroup's address, or the date.
    what: String,
    arrived: u64,
    answered: u64,
    abandoned: u64,
    within_target: u64,
    mean_wait_s: Option<f64>,
    longest_wait_s: f64,
    mean_length_s: Option<f64>,
    rated: u64,
    mean_stars: Option<f64>,
}

fn row(what: String, it: &Counts) -> Row {
    Row {
        what,
        arrived: it.arrived,
        answered: it.answered,
        abandoned: it.abandoned,
        within_target: it.within_target,
        mean_wait_s: mean(it.wait_sum, it.answered),
        longest_wait_s: wire::seconds(it.wait_max),
        mean_length_s: mean(it.handled_sum, it.handled),
        rated: it.rated,
        mean_stars: (it.rated > 0).then(|| (it.stars_sum as f64 / it.rated as f64 * 100.0).round() / 100.0),
    }
}

/// A range of time, by queue, agent, workgroup or day
#[utoipa::path(get, path = "/supervisor/reports/range", tag = "supervisor", params(Range), responses(
    (status = 200, body = Report), (status = 200, content_type = "text/csv", body = String),
    (status = 403, body = ProblemBody), (status = 422, body = ProblemBody, description = "`form_required`: a field")))]
async fn of_range(State(app): State<App>, _: Reporter, Asked(wanted): Asked<Range>) -> Answer<Response> {
    let missing = |field: &str| staff::invalid(field, "a time is needed");
    let from = time(Some(&wanted.from), "from")?.ok_or_else(|| missing("from"))?;
    let to = time(Some(&wanted.to), "to")?.ok_or_else(|| missing("to"))?;
    if from >= to || to.since(from) > RANGE_MAX {
        return Err(staff::invalid("to", "`to` lies after `from`, at most two years"));
    }
    let workgroup = workgroup(&app, wanted.workgroup).await?;
    let (by, step) = match wanted.by {
        Grouping::Queue => (By::Queue, Span::ZERO),
        Grouping::Agent => (By::Agent, Span::ZERO),
        Grouping::Workgroup => (By::Workgroup, Span::ZERO),
        Grouping::Day => (By::All, DAY),
    };
    let counts = app.store.counts(CountsQuery { from, to, step, by, workgroup }).await?;
    let ids: Vec<u64> = counts.iter().map(|it| it.id).collect();
    let names = names_of(&app, by, ids).await?;
    let named = |it: &Counts| match by {
        By::All => day(from, it.bucket),
        _ => names.get(&it.id).cloned().unwrap_or_else(|| wire::id(it.id)),
    };
    let rows: Vec<Row> = counts.iter().map(|it| row(named(it), it)).collect();
    Ok(match wanted.format {
        Form::Json => Json(Report { from: rfc3339(from), to: rfc3339(to), rows }).into_response(),
        Form::Csv => csv(&rows),
    })
}

fn day(from: Time, bucket: u64) -> String {
    let days = i64::try_from(bucket).unwrap_or(0);
    rfc3339(from + Span(DAY.0.saturating_mul(days))).chars().take(10).collect()
}

async fn names_of(app: &App, by: By, ids: Vec<u64>) -> Answer<BTreeMap<u64, String>> {
    let found = app.desk.view(move |state, _| {
        let name = |id: u64| match by {
            By::Queue => facts::queue_name(state, QueueId(id)),
            By::Agent => facts::agent_title(state, AgentId(id)),
            By::Workgroup => state.workgroup(WorkgroupId(id)).map_or_else(String::new, |it| it.spec.name.clone()),
            By::All => String::new(),
        };
        ids.into_iter().map(|id| (id, name(id))).filter(|(_, name)| !name.is_empty()).collect::<BTreeMap<_, _>>()
    });
    Ok(found.await?)
}

fn csv(rows: &[Row]) -> Response {
    let number = |value: Option<f64>| value.map_or_else(String::new, |it| it.to_string());
    let mut text = String::from(
        "what,arrived,answered,abandoned,within_target,mean_wait_s,longest_wait_s,mean_length_s,rated,mean_stars\r\n",
    );
    for row in rows {
        let cells = [
            cell(&row.what),
            row.arrived.to_string(),
            row.answered.to_string(),
            row.abandoned.to_string(),
            row.within_target.to_string(),
            number(row.mean_wait_s),
            row.longest_wait_s.to_string(),
            number(row.mean_length_s),
            row.rated.to_string(),
            number(row.mean_stars),
        ];
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"report.csv\""));
    response
}

/// A text in CSV (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe before it.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guarded = if is_formula { format!("'{text}") } else { text.to_owned() };
    if guarded.contains([',', '"', '\n', '\r', '\'']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(cell("support/general"), "support/general");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("=HYPERLINK(1)"), "\"'=HYPERLINK(1)\"");
        assert_eq!(cell("-1+2"), "\"'-1+2\"");
        assert_eq!(cell("@x"), "\"'@x\"");
    }
}
