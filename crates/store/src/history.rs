//! What a turn means for the history: when a chat arrived, was answered and ended, and who took part. Read from the
//! events and the records once, for both backends.

use desk::command::Medium;
use desk::entity::{Record, Request};
use desk::event::{Event, Part};
use desk::ids::{AgentId, QueueId, RequestId, VisitorId, WorkgroupId};
use desk::time::Time;
use desk::{Ended, Turn};

/// A change of the history.
pub(crate) enum Change<'a> {
    /// A row begins.
    Queued {
        request: RequestId,
        workgroup: WorkgroupId,
        asked: QueueId,
        visitor: VisitorId,
        medium: Medium,
        priority: u8,
    },
    /// The visitor of a chat would rather be called back.
    Medium { request: RequestId, medium: Medium },
    /// The visitor was put through for the first time.
    Answered { request: &'a Request, queue: QueueId, agent: AgentId, at: Time },
    /// An agent takes part.
    Entered { request: RequestId, agent: AgentId, part: Part },
    /// An agent takes part no longer.
    Left { request: RequestId, agent: AgentId },
    /// The row is complete.
    Ended(&'a Ended),
}

/// The changes of a turn, in the order of its events.
pub(crate) fn changes(turn: &Turn) -> Vec<Change<'_>> {
    turn.events.iter().filter_map(|event| change(turn, event)).collect()
}

/// The request that a turn queued, which words with `Of::Queued` belong to.
pub(crate) fn queued(turn: &Turn) -> Option<RequestId> {
    turn.events.iter().find_map(|event| match event {
        Event::RequestQueued { request, .. } => Some(*request),
        _ => None,
    })
}

fn change<'a>(turn: &'a Turn, event: &'a Event) -> Option<Change<'a>> {
    Some(match event {
        Event::RequestQueued { request, workgroup, asked, visitor, medium, priority, .. } => Change::Queued {
            request: *request,
            workgroup: *workgroup,
            asked: *asked,
            visitor: *visitor,
            medium: *medium,
            priority: priority.0,
        },
        Event::CallbackAsked { request } => Change::Medium { request: *request, medium: Medium::Callback },
        Event::VisitorEntered { request, .. } => {
            let request = view(turn, *request)?;
            let (queue, agent, at) = request.answered?;
            Change::Answered { request, queue, agent, at }
        }
        Event::AgentEntered { request, agent, part, .. } => {
            Change::Entered { request: *request, agent: *agent, part: *part }
        }
        Event::AgentLeft { request, agent, .. } => Change::Left { request: *request, agent: *agent },
        Event::RequestEnded { request, .. } => {
            Change::Ended(turn.ended.iter().find(|ended| ended.request.id == *request)?)
        }
        _ => return None,
    })
}

/// A touched request as the turn left it, or as it ended.
fn view(turn: &Turn, id: RequestId) -> Option<&Request> {
    let ended = turn.ended.iter().find(|ended| ended.request.id == id).map(|ended| ended.request.as_ref());
    ended.or_else(|| {
        turn.records.iter().find_map(|record| match record {
            Record::Request(of, Some(request)) if *of == id => Some(request.as_ref()),
            _ => None,
        })
    })
}

/// Which key a record stands under; of several records of one key in a commit, only the last need be written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key(u8, u64);

/// The key of a record.
pub(crate) fn key(record: &Record) -> Key {
    match record {
        Record::Desk(_) => Key(0, 0),
        Record::Workgroup(id, _) => Key(1, id.0),
        Record::Queue(id, _) => Key(2, id.0),
        Record::Agent(id, _) => Key(3, id.0),
        Record::Request(id, _) => Key(4, id.0),
        Record::Offer(id, _) => Key(5, id.0),
        Record::Room(id, _) => Key(6, id.0),
        Record::Block(key, _) => Key(7, key.0),
    }
}

/// The records of several turns without those that a later one replaces.
pub(crate) fn last_records(turns: &[Turn]) -> Vec<&Record> {
    let mut seen = std::collections::HashSet::new();
    let mut records: Vec<&Record> = turns
        .iter()
        .rev()
        .flat_map(|turn| turn.records.iter().rev())
        .filter(|record| seen.insert(key(record)))
        .collect();
    records.reverse();
    records
}
