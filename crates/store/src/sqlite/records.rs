//! The current tables: each record written whole, all of them read back at start-up, row by row.

use desk::command::BlockKey;
use desk::entity::{Agent, BlockTerm, DeskRecord, Offer, Phase, Queue, Record, Request, Room, Workgroup};
use desk::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, WorkgroupId};
use desk::time::Time;
use rusqlite::{Connection, params};

use super::fault::{said, unreadable};
use super::values::{execute, id};
use crate::StoreError;
use crate::codec::{self, Codec, word};

/// Writes a record, or forgets what is gone.
pub(super) fn write(connection: &Connection, record: &Record) -> Result<(), StoreError> {
    match record {
        Record::Desk(desk) => write_desk(connection, desk),
        Record::Workgroup(_, Some(workgroup)) => write_workgroup(connection, workgroup),
        Record::Queue(_, Some(queue)) => write_queue(connection, queue),
        Record::Agent(_, Some(agent)) => write_agent(connection, agent),
        Record::Request(_, Some(request)) => write_request(connection, request),
        Record::Offer(_, Some(offer)) => execute(
            connection,
            "INSERT OR REPLACE INTO offer (id, request, agent, deadline, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id(offer.id.0), id(offer.request.0), id(offer.agent.0), offer.deadline.0, codec::write(offer)],
        ),
        Record::Room(_, Some(room)) => execute(
            connection,
            "INSERT OR REPLACE INTO room (id, queue, request, since, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                id(room.id.0),
                id(room.queue.0),
                room.request.map(|request| id(request.0)),
                room.since.0,
                codec::write(room)
            ],
        ),
        Record::Block(key, Some(term)) => execute(
            connection,
            "INSERT OR REPLACE INTO block (key, \"until\") VALUES (?1, ?2)",
            params![id(key.0), term.until.map(|until| until.0)],
        ),
        Record::Block(key, None) => {
            execute(connection, "DELETE FROM block_note WHERE key = ?1", [id(key.0)])?;
            execute(connection, "DELETE FROM block WHERE key = ?1", [id(key.0)])
        }
        Record::Workgroup(gone, None) => execute(connection, "DELETE FROM workgroup WHERE id = ?1", [id(gone.0)]),
        Record::Queue(gone, None) => execute(connection, "DELETE FROM queue WHERE id = ?1", [id(gone.0)]),
        Record::Agent(gone, None) => execute(connection, "DELETE FROM agent WHERE id = ?1", [id(gone.0)]),
        Record::Request(gone, None) => execute(connection, "DELETE FROM request WHERE id = ?1", [id(gone.0)]),
        Record::Offer(gone, None) => execute(connection, "DELETE FROM offer WHERE id = ?1", [id(gone.0)]),
        Record::Room(gone, None) => execute(connection, "DELETE FROM room WHERE id = ?1", [id(gone.0)]),
    }
}

fn label(connection: &Connection, kind: &str, of: u64, within: u64, names: [&str; 2]) -> Result<(), StoreError> {
    execute(
        connection,
        "INSERT INTO label (kind, id, within, name, title) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (kind, id) DO UPDATE SET name = excluded.name, title = excluded.title
         WHERE name <> excluded.name OR title <> excluded.title",
        params![kind, id(of), id(within), names[0], names[1]],
    )
}

fn write_desk(connection: &Connection, desk: &DeskRecord) -> Result<(), StoreError> {
    execute(
        connection,
        "INSERT OR REPLACE INTO desk (id, next_id, now, body) VALUES (1, ?1, ?2, ?3)",
        params![id(desk.next_id), desk.now.0, codec::write(desk)],
    )
}

fn write_workgroup(connection: &Connection, workgroup: &Workgroup) -> Result<(), StoreError> {
    let spec = &workgroup.spec;
    execute(
        connection,
        "INSERT OR REPLACE INTO workgroup (id, name, rank, body) VALUES (?1, ?2, ?3, ?4)",
        params![id(workgroup.id.0), spec.name, workgroup.rank, codec::write(workgroup)],
    )?;
    label(connection, "workgroup", workgroup.id.0, 0, [&spec.name, &spec.title])
}

fn write_queue(connection: &Connection, queue: &Queue) -> Result<(), StoreError> {
    let spec = &queue.spec;
    execute(
        connection,
        "INSERT OR REPLACE INTO queue (id, workgroup, name, rank, counted, target, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            id(queue.id.0),
            id(queue.workgroup.0),
            spec.name,
            queue.rank,
            word(&spec.counted),
            spec.target_wait.0,
            codec::write(queue)
        ],
    )?;
    label(connection, "queue", queue.id.0, queue.workgroup.0, [&spec.name, &spec.title])
}

fn write_agent(connection: &Connection, agent: &Agent) -> Result<(), StoreError> {
    let show = agent.session.as_ref().map_or_else(|| "Offline".to_owned(), |session| word(&session.show));
    execute(
        connection,
        "INSERT OR REPLACE INTO agent (id, name, rank, show, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![id(agent.id.0), agent.spec.name, agent.rank, show, codec::write(agent)],
    )?;
    label(connection, "agent", agent.id.0, 0, [&agent.spec.name, &agent.spec.title])
}

fn write_request(connection: &Connection, request: &Request) -> Result<(), StoreError> {
    let phase = match request.phase {
        Phase::Scheduled { .. } => "Scheduled",
        Phase::Waiting => "Waiting",
        Phase::Confirming { .. } => "Confirming",
        Phase::Invited { .. } => "Invited",
        Phase::Chatting => "Chatting",
    };
    execute(
        connection,
        "INSERT OR REPLACE INTO request (id, workgroup, asked, visitor, medium, phase, joined_at, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            id(request.id.0),
            id(request.workgroup.0),
            id(request.asked.0),
            id(request.visitor.0),
            word(&request.medium),
            phase,
            request.joined_at.0,
            codec::write(request)
        ],
    )
}

/// Every record, in an order in which what is referred to comes first.
pub(super) fn load(connection: &Connection) -> Result<Vec<Record>, StoreError> {
    let mut records = Vec::new();
    bodies::<DeskRecord>(connection, "desk", |_, desk| records.push(Record::Desk(Box::new(desk))))?;
    bodies::<Workgroup>(connection, "workgroup", |id, workgroup| {
        records.push(Record::Workgroup(WorkgroupId(id), Some(Box::new(workgroup))));
    })?;
    bodies::<Queue>(connection, "queue", |id, queue| {
        records.push(Record::Queue(QueueId(id), Some(Box::new(queue))));
    })?;
    bodies::<Agent>(connection, "agent", |id, agent| {
        records.push(Record::Agent(AgentId(id), Some(Box::new(agent))));
    })?;
    bodies::<Request>(connection, "request", |id, request| {
        records.push(Record::Request(RequestId(id), Some(Box::new(request))));
    })?;
    bodies::<Offer>(connection, "offer", |id, offer| records.push(Record::Offer(OfferId(id), Some(offer))))?;
    bodies::<Room>(connection, "room", |id, room| records.push(Record::Room(RoomId(id), Some(room))))?;
    let mut blocks = connection.prepare("SELECT key, \"until\" FROM block ORDER BY key").map_err(said)?;
    let mut rows = blocks.query([]).map_err(said)?;
    while let Some(row) = rows.next().map_err(said)? {
        let key: i64 = row.get(0).map_err(said)?;
        let until: Option<i64> = row.get(1).map_err(said)?;
        records.push(Record::Block(BlockKey(key.cast_unsigned()), Some(BlockTerm { until: until.map(Time) })));
    }
    Ok(records)
}

fn bodies<T: Codec>(
    connection: &Connection,
    table: &'static str,
    mut push: impl FnMut(u64, T),
) -> Result<(), StoreError> {
    let mut select = connection.prepare(&format!("SELECT id, body FROM {table} ORDER BY id")).map_err(said)?;
    let mut rows = select.query([]).map_err(said)?;
    while let Some(row) = rows.next().map_err(said)? {
        let id: i64 = row.get(0).map_err(said)?;
        let body = row.get_ref(1).map_err(said)?;
        let body = body.as_str().map_err(|error| StoreError::Corrupt(format!("{table} {id}: {error}")))?;
        push(id.cast_unsigned(), codec::read(body).map_err(unreadable(&format!("{table} {id}")))?);
    }
    Ok(())
}
