//! The chats that are going on, as supervisors see them: from the desk's state to what is told, and what was told last, so
//! that only changes are. Words are joined in `render.rs`; who takes part in a chat is told of it by `edge.rs`.

use std::collections::{BTreeMap, BTreeSet};

use desk::State;
use desk::entity::{Phase, Request};
use desk::ids::{RequestId, WorkgroupId};
use serde::Serialize;
use utoipa::ToSchema;

use super::facts;
use super::twins;
use crate::clock::rfc3339;
use crate::wire;

/// Most running chats that are given at once.
pub const RUNNING_MAX: usize = 1_000;

/// A chat that is going on.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
#[schema(as = RunningChat)]
pub struct Running {
    /// Its id; also the request's.
    pub chat: String,
    /// `chatting`, or `invited` while the visitor is on the way in.
    pub state: &'static str,
    /// The line that was asked for, `workgroup/queue`.
    pub queue: String,
    /// Who is helped.
    pub visitor: RunningVisitor,
    /// When the visitor joined the line.
    pub joined_at: String,
    /// When the room was opened.
    pub opened_at: String,
    /// Agents inside.
    pub agents: Vec<twins::Inside>,
    /// Another agent is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<twins::Transfer>,
}

/// Who is helped in a running chat.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct RunningVisitor {
    /// Opaque; the same at every visit.
    pub id: String,
    /// Name given, or a number.
    pub title: String,
    /// The connection is there.
    pub connected: bool,
}

/// A running chat without its words.
#[derive(Clone, PartialEq, Debug)]
pub struct RunningFacts {
    /// Which.
    pub chat: RequestId,
    /// The twin, with the words left empty.
    pub twin: Running,
}

/// A request as a running chat; none if nobody helps it now.
pub fn of(state: &State, request: &Request) -> Option<RunningFacts> {
    if request.agents.is_empty() {
        return None;
    }
    let chat = facts::chat(state, request, desk::event::Part::Supervisor).twin;
    let twin = Running {
        chat: chat.chat,
        state: if request.phase == Phase::Chatting { "chatting" } else { "invited" },
        queue: chat.queue,
        visitor: RunningVisitor {
            id: wire::id(request.visitor.0),
            title: String::new(),
            connected: chat.visitor.connected,
        },
        joined_at: rfc3339(request.joined_at),
        opened_at: chat.opened_at,
        agents: chat.agents,
        transfer: chat.transfer,
    };
    Some(RunningFacts { chat: request.id, twin })
}

/// The running chats of a workgroup or of all, the oldest requests first, and how many there are. Proportional to the agents
/// and their chats, not to who waits.
pub fn all(state: &State, workgroup: Option<WorkgroupId>) -> (Vec<RunningFacts>, usize) {
    let chats: BTreeSet<RequestId> = state.agents().flat_map(|agent| agent.chats.keys().copied()).collect();
    let meant = |it: &&Request| workgroup.is_none_or(|workgroup| it.workgroup == workgroup);
    let requests: Vec<&Request> = chats.iter().filter_map(|chat| state.request(*chat)).filter(meant).collect();
    let shown = requests.iter().take(RUNNING_MAX).filter_map(|it| of(state, it)).collect();
    (shown, requests.len())
}

/// What was told.
#[derive(Default)]
pub struct Told(BTreeMap<RequestId, Running>);

/// What is to be told of one chat.
pub enum Change {
    /// It is new or changed.
    Is(Box<RunningFacts>),
    /// It is over, or back in a line.
    Gone(RequestId),
}

impl Told {
    /// What is there when the server starts counts as told.
    pub fn begin(&mut self, state: &State) {
        let running = state.requests().filter_map(|it| of(state, it));
        self.0 = running.map(|it| (it.chat, it.twin)).collect();
    }

    /// What changed about a request that was touched.
    pub fn change(&mut self, state: &State, chat: RequestId) -> Option<Change> {
        match state.request(chat).and_then(|it| of(state, it)) {
            Some(now) if self.0.get(&chat) == Some(&now.twin) => None,
            Some(now) => {
                self.0.insert(chat, now.twin.clone());
                Some(Change::Is(Box::new(now)))
            }
            None => self.0.remove(&chat).map(|_| Change::Gone(chat)),
        }
    }
}
