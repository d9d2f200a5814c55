//! What the edges remember, in SQLite: visits and visitors, canned replies, web hooks, blocks' reasons, the audit log.
//! The outbox itself is in `outbox.rs`.

use desk::command::BlockKey;
use desk::ids::{AgentId, RequestId, VisitorId, WorkgroupId};
use desk::time::{Span, Time};
use rusqlite::{Connection, Row, params};

use super::fault::said_of;
use super::values::{
    all, count, execute, get, get_answers, get_id, get_json, get_page, get_time, get_time_or_none, id,
    limit as at_most, must, one, page, texts,
};
use super::{Sqlite, outbox};
use crate::commit::{NewBlock, Page};
use crate::edges::{
    AuditEntry, Block, Canned, Channel, Delivery, Edges, NewAudit, NewDelivery, Visit, Visitor, Webhook,
};
use crate::{Hash, Pending, StoreError};

const VISIT: &str =
    "SELECT request, workgroup, visitor, name, locale, page, answers, address_hash, opened_at, ended_at,
    returned FROM visit";

const VISITOR: &str = "SELECT id, first_at, last_at, visits, last_agent FROM visitor";

impl Edges for Sqlite {
    fn visit_by_token(&self, token: Hash) -> Pending<Option<Visit>> {
        self.read(move |connection| {
            let sql = format!("{VISIT} WHERE request = (SELECT request FROM visit_token WHERE hash = ?1)");
            one(connection, &sql, [token], visit)
        })
    }

    fn visit_by_key(&self, key: Hash) -> Pending<Option<Visit>> {
        self.read(move |connection| {
            let sql = format!("{VISIT} WHERE key_hash = ?1 ORDER BY request DESC LIMIT 1");
            one(connection, &sql, [key], visit)
        })
    }

    fn visits(&self, requests: Vec<RequestId>) -> Pending<Vec<Visit>> {
        self.read(move |connection| {
            let sql = format!("{VISIT} WHERE request = ?1");
            let found = requests.into_iter().map(|request| one(connection, &sql, [id(request.0)], visit));
            found.filter_map(Result::transpose).collect()
        })
    }

    fn open_visits(&self) -> Pending<Vec<Visit>> {
        self.read(|connection| all(connection, &format!("{VISIT} WHERE ended_at IS NULL ORDER BY request"), [], visit))
    }

    fn open_visits_of(&self, visitor: VisitorId) -> Pending<Vec<Visit>> {
        self.read(move |connection| {
            let sql = format!("{VISIT} WHERE visitor = ?1 AND ended_at IS NULL ORDER BY request DESC");
            all(connection, &sql, [id(visitor.0)], visit)
        })
    }

    fn add_visit_token(&self, request: RequestId, token: Hash, at: Time) -> Pending<()> {
        self.write(move |connection| {
            let sql = "INSERT OR REPLACE INTO visit_token (hash, request, at)
                       SELECT ?2, request, ?3 FROM visit WHERE request = ?1";
            must(connection, sql, params![id(request.0), token, at.0])
        })
    }

    fn set_page(&self, request: RequestId, new: Page) -> Pending<()> {
        self.write(move |connection| {
            must(connection, "UPDATE visit SET page = ?2 WHERE request = ?1", params![id(request.0), page(Some(&new))])
        })
    }

    fn visitor_by_token(&self, token: Hash) -> Pending<Option<Visitor>> {
        self.read(move |connection| {
            one(connection, &format!("{VISITOR} WHERE token_hash = ?1 ORDER BY last_at DESC LIMIT 1"), [token], visitor)
        })
    }

    fn visitors(&self, visitors: Vec<VisitorId>) -> Pending<Vec<Visitor>> {
        self.read(move |connection| {
            let sql = format!("{VISITOR} WHERE id = ?1");
            let found = visitors.into_iter().map(|of| one(connection, &sql, [id(of.0)], visitor));
            found.filter_map(Result::transpose).collect()
        })
    }

    fn canned(&self) -> Pending<Vec<Canned>> {
        self.read(|connection| {
            let sql = "SELECT id, owner, shortcut, title, text, workgroup, locale FROM canned ORDER BY shortcut, id";
            all(connection, sql, [], canned)
        })
    }

    fn put_canned(&self, canned: Canned) -> Pending<u64> {
        self.write(move |connection| put_canned(connection, &canned))
    }

    fn delete_canned(&self, canned: u64) -> Pending<()> {
        self.write(move |connection| must(connection, "DELETE FROM canned WHERE id = ?1", [id(canned)]))
    }

    fn webhooks(&self) -> Pending<Vec<Webhook>> {
        self.read(|connection| {
            all(connection, "SELECT id, url, events, secret, paused, at FROM webhook ORDER BY id", [], webhook)
        })
    }

    fn put_webhook(&self, webhook: Webhook) -> Pending<u64> {
        self.write(move |connection| put_webhook(connection, &webhook))
    }

    fn delete_webhook(&self, webhook: u64) -> Pending<()> {
        self.write(move |connection| {
            execute(connection, "DELETE FROM delivery WHERE channel = 'Webhook' AND webhook = ?1", [id(webhook)])?;
            must(connection, "DELETE FROM webhook WHERE id = ?1", [id(webhook)])
        })
    }

    fn enqueue(&self, deliveries: Vec<NewDelivery>) -> Pending<u64> {
        self.write(move |connection| {
            let mut first = 0;
            for delivery in &deliveries {
                let number = outbox::enqueue(connection, delivery)?;
                first = if first == 0 { number } else { first };
            }
            Ok(first)
        })
    }

    fn claim(&self, channel: Channel, now: Time, lease: Span, limit: usize) -> Pending<Vec<Delivery>> {
        self.write(move |connection| outbox::claim(connection, channel, now, lease, limit))
    }

    fn next_due(&self, channel: Channel) -> Pending<Option<Time>> {
        self.read(move |connection| outbox::next_due(connection, channel))
    }

    fn delivered(&self, delivery: u64, note: &str, at: Time) -> Pending<()> {
        let note = note.to_owned();
        self.write(move |connection| outbox::delivered(connection, delivery, &note, at))
    }

    fn failed(&self, delivery: u64, problem: &str, next_at: Option<Time>, at: Time) -> Pending<()> {
        let problem = problem.to_owned();
        self.write(move |connection| outbox::failed(connection, delivery, &problem, next_at, at))
    }

    fn deliveries(&self, channel: Channel, webhook: Option<u64>, limit: usize) -> Pending<Vec<Delivery>> {
        self.read(move |connection| outbox::page(connection, channel, webhook, limit))
    }

    fn prune_deliveries(&self, before: Time) -> Pending<u64> {
        self.write(move |connection| count(connection, "DELETE FROM delivery WHERE settled_at < ?1", [before.0]))
    }

    fn prune_audit(&self, before: Time) -> Pending<u64> {
        self.write(move |connection| count(connection, "DELETE FROM audit WHERE at < ?1", [before.0]))
    }

    fn blocks(&self) -> Pending<Vec<Block>> {
        self.read(|connection| {
            let sql = "SELECT id, key, request, \"by\", reason, \"until\", at FROM block_note ORDER BY id DESC";
            all(connection, sql, [], block)
        })
    }

    fn delete_block(&self, block: u64) -> Pending<()> {
        self.write(move |connection| must(connection, "DELETE FROM block_note WHERE id = ?1", [id(block)]))
    }

    fn audit(&self, entry: NewAudit) -> Pending<()> {
        self.write(move |connection| audit(connection, &entry))
    }

    fn audit_page(&self, before: Option<u64>, limit: usize) -> Pending<Vec<AuditEntry>> {
        self.read(move |connection| {
            let sql = "SELECT seq, at, who, what, \"on\", detail FROM audit WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2";
            all(connection, sql, [before.map_or(i64::MAX, id), at_most(limit)], entry)
        })
    }
}

/// Keeps why somebody was blocked.
pub(super) fn note_block(connection: &Connection, block: &NewBlock) -> Result<(), StoreError> {
    let sql = "INSERT INTO block_note (key, request, \"by\", reason, \"until\", at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let request = block.request.map(|request| id(request.0));
    let until = block.until.map(|until| until.0);
    execute(connection, sql, params![id(block.key.0), request, block.by, block.reason, until, block.at.0])
}

/// Adds a line to the audit log.
pub(super) fn audit(connection: &Connection, entry: &NewAudit) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit (at, who, what, \"on\", detail) VALUES (?1, ?2, ?3, ?4, ?5)";
    execute(connection, sql, params![entry.at.0, entry.who, entry.what, entry.on, entry.detail])
}

fn put_canned(connection: &Connection, canned: &Canned) -> Result<u64, StoreError> {
    let (owner, workgroup, locale) = (&canned.owner, &canned.workgroup, &canned.locale);
    let values = params![
        (canned.id != 0).then_some(id(canned.id)),
        owner.as_deref().unwrap_or(""),
        canned.shortcut,
        canned.title,
        canned.text,
        workgroup.as_deref().unwrap_or(""),
        locale.as_deref().unwrap_or("")
    ];
    let sql = if canned.id == 0 {
        "INSERT INTO canned (id, owner, shortcut, title, text, workgroup, locale) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    } else {
        "UPDATE canned SET owner = ?2, shortcut = ?3, title = ?4, text = ?5, workgroup = ?6, locale = ?7 WHERE id = ?1"
    };
    put(connection, sql, values, canned.id, "shortcut")
}

fn put_webhook(connection: &Connection, webhook: &Webhook) -> Result<u64, StoreError> {
    let values = params![
        (webhook.id != 0).then_some(id(webhook.id)),
        webhook.url,
        texts(&webhook.events),
        webhook.secret,
        webhook.paused,
        webhook.at.0
    ];
    let sql = if webhook.id == 0 {
        "INSERT INTO webhook (id, url, events, secret, paused, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    } else {
        "UPDATE webhook SET url = ?2, events = ?3, secret = ?4, paused = ?5, at = ?6 WHERE id = ?1"
    };
    put(connection, sql, values, webhook.id, "webhook")
}

/// Inserts or updates a row; its number.
fn put(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
    number: u64,
    rule: &'static str,
) -> Result<u64, StoreError> {
    let changed = connection.execute(sql, values).map_err(said_of(rule))?;
    match (number, changed) {
        (0, _) => Ok(connection.last_insert_rowid().cast_unsigned()),
        (_, 0) => Err(StoreError::NotFound),
        _ => Ok(number),
    }
}

fn visit(row: &Row<'_>) -> Result<Visit, StoreError> {
    Ok(Visit {
        request: RequestId(get_id(row, "request")?),
        workgroup: WorkgroupId(get_id(row, "workgroup")?),
        visitor: VisitorId(get_id(row, "visitor")?),
        name: get(row, "name")?,
        locale: get(row, "locale")?,
        page: get_page(row, "page")?,
        answers: get_answers(row, "answers")?,
        address_hash: get(row, "address_hash")?,
        opened_at: get_time(row, "opened_at")?,
        ended_at: get_time_or_none(row, "ended_at")?,
        returned: get(row, "returned")?,
    })
}

fn visitor(row: &Row<'_>) -> Result<Visitor, StoreError> {
    Ok(Visitor {
        id: VisitorId(get_id(row, "id")?),
        first_at: get_time(row, "first_at")?,
        last_at: get_time(row, "last_at")?,
        visits: get_id(row, "visits")?,
        last_agent: get::<Option<i64>>(row, "last_agent")?.map(|agent| AgentId(agent.cast_unsigned())),
    })
}

fn some_text(row: &Row<'_>, column: &str) -> Result<Option<String>, StoreError> {
    let text: String = get(row, column)?;
    Ok(if text.is_empty() { None } else { Some(text) })
}

fn canned(row: &Row<'_>) -> Result<Canned, StoreError> {
    Ok(Canned {
        id: get_id(row, "id")?,
        owner: some_text(row, "owner")?,
        shortcut: get(row, "shortcut")?,
        title: get(row, "title")?,
        text: get(row, "text")?,
        workgroup: some_text(row, "workgroup")?,
        locale: some_text(row, "locale")?,
    })
}

fn webhook(row: &Row<'_>) -> Result<Webhook, StoreError> {
    Ok(Webhook {
        id: get_id(row, "id")?,
        url: get(row, "url")?,
        events: get_json(row, "events")?,
        secret: get(row, "secret")?,
        paused: get(row, "paused")?,
        at: get_time(row, "at")?,
    })
}

fn block(row: &Row<'_>) -> Result<Block, StoreError> {
    Ok(Block {
        id: get_id(row, "id")?,
        block: NewBlock {
            key: BlockKey(get_id(row, "key")?),
            request: get::<Option<i64>>(row, "request")?.map(|request| RequestId(request.cast_unsigned())),
            by: get(row, "by")?,
            reason: get(row, "reason")?,
            until: get_time_or_none(row, "until")?,
            at: get_time(row, "at")?,
        },
    })
}

fn entry(row: &Row<'_>) -> Result<AuditEntry, StoreError> {
    let entry = NewAudit {
        at: get_time(row, "at")?,
        who: get(row, "who")?,
        what: get(row, "what")?,
        on: get(row, "on")?,
        detail: get(row, "detail")?,
    };
    Ok(AuditEntry { seq: get_id(row, "seq")?, entry })
}
