//! What a turn of the engine gives back: an answer or a refusal, the events, the records to write, the requests that ended.

use crate::entity::{Record, Request};
use crate::event::{Ending, Event};
use crate::ids::{RequestId, RoomId};
use crate::refusal::{Finding, Refusal};
use crate::time::Time;

/// What came of a command at a time.
#[derive(Clone, PartialEq, Debug)]
pub struct Turn {
    /// The time that counted: never before that of the turn before.
    pub at: Time,
    /// The answer to the command. A refusal changed nothing; what had fallen due happened all the same.
    pub outcome: Result<Reply, Refusal>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Everything touched, as it is now.
    pub records: Vec<Record>,
    /// The last view of each request that ended in this turn.
    pub ended: Vec<Ended>,
}

/// The answer to a command that was carried out.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    /// It is done.
    Done,
    /// The request was accepted into a line.
    Queued(RequestId),
    /// The offer is the agent's.
    Accepted {
        /// The request.
        request: RequestId,
        /// Where the conversation is held.
        room: RoomId,
    },
    /// The request was taken from the line.
    Taken {
        /// The request.
        request: RequestId,
        /// Where the conversation is held.
        room: RoomId,
    },
    /// The agent waits in this room.
    Staffed(RoomId),
    /// The declaration is in force.
    Declared {
        /// What is different from before, a line each.
        changes: Vec<String>,
        /// What works but is probably not meant.
        warnings: Vec<Finding>,
    },
}

/// The last view of a request that ended, for the archive.
#[derive(Clone, PartialEq, Debug)]
pub struct Ended {
    /// As it was.
    pub request: Box<Request>,
    /// How it ended.
    pub ending: Ending,
    /// When.
    pub at: Time,
}
