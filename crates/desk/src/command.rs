//! What can be asked of the desk. The edges have said who asks (authentication is theirs); the engine checks what the desk
//! knows: membership, ownership, state, limits.

use std::collections::BTreeMap;

use crate::event::Ending;
use crate::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, VisitorId, WorkgroupId};
use crate::skill::Expr;
use crate::spec::{DeskSpec, Priority};
use crate::time::Time;

/// A wish put before the desk.
#[derive(Clone, PartialEq, Debug)]
pub enum Command {
    /// Nothing is asked; what has fallen due happens.
    Tick,

    /// Put this desk in force, keeping everybody who can be kept.
    Declare(Box<DeskSpec>),
    /// Keep whoever has this key from joining.
    Block {
        /// Keyed hash of an address or account, made by the edge.
        key: BlockKey,
        /// In force until then; none: until lifted.
        until: Option<Time>,
    },
    /// Lift a block.
    Unblock {
        /// The key that was blocked.
        key: BlockKey,
    },

    /// A visitor asks for help.
    JoinQueue(Box<JoinQueue>),
    /// A visitor's request ends before or during the chat, by the visitor, an administrator or an edge.
    DepartQueue {
        /// Which request.
        request: RequestId,
        /// How it is recorded.
        ending: Ending,
    },
    /// The visitor's connection came or went.
    ObserveVisitor {
        /// Which request.
        request: RequestId,
        /// There now, or gone.
        connected: bool,
    },
    /// A supervisor puts a waiting request into another line.
    MoveRequest {
        /// Which request.
        request: RequestId,
        /// Where to; it leaves all other lines and keeps its time of joining.
        queue: QueueId,
    },
    /// A supervisor changes a waiting request's class.
    SetPriority {
        /// Which request.
        request: RequestId,
        /// The new class.
        priority: Priority,
    },
    /// A supervisor puts a waiting request at the head of its lines.
    MoveToHead {
        /// Which request.
        request: RequestId,
    },

    /// An agent's session begins; one that exists is replaced. The agent starts as `show`.
    SignIn {
        /// Who.
        agent: AgentId,
        /// The first availability.
        show: Show,
    },
    /// An agent's session ends on purpose: offers are revoked, chats are handled as for a lost agent at once.
    SignOut {
        /// Who.
        agent: AgentId,
    },
    /// The connection of a signed-in agent came or went.
    ObserveAgent {
        /// Who.
        agent: AgentId,
        /// There now, or gone.
        connected: bool,
    },
    /// An agent's availability.
    SetAvailability {
        /// Who.
        agent: AgentId,
        /// What is shown.
        show: Show,
        /// Code for being away, from the house's list.
        reason: Option<String>,
        /// Most chats the agent wants now; the declared ceiling holds besides.
        chats_max_hint: Option<u32>,
    },
    /// An agent opts in or out of one queue; chats in progress go on.
    OptQueue {
        /// Who.
        agent: AgentId,
        /// Which line.
        queue: QueueId,
        /// Helps there from now on, or not.
        opted_in: bool,
    },

    /// An agent accepts an offer.
    AcceptOffer {
        /// Who.
        agent: AgentId,
        /// What.
        offer: OfferId,
    },
    /// An agent rejects an offer.
    RejectOffer {
        /// Who.
        agent: AgentId,
        /// What.
        offer: OfferId,
    },
    /// An agent takes a request from a line of theirs (any dispatch policy; a supervisor's edge may ask for any agent).
    TakeRequest {
        /// Who.
        agent: AgentId,
        /// Which request; none: the first in `queue` that the agent may take.
        request: Option<RequestId>,
        /// Which line; none: the best line of theirs that the request is in.
        queue: Option<QueueId>,
    },
    /// An agent opens a room and waits in it for the next visitor of a `staffed-room` queue.
    StaffRoom {
        /// Who.
        agent: AgentId,
        /// For which line.
        queue: QueueId,
    },
    /// The agent leaves the room before anybody came.
    UnstaffRoom {
        /// Who.
        agent: AgentId,
        /// Which room.
        room: RoomId,
    },
    /// An agent ends the pause after a chat early.
    EndWrapUp {
        /// Who.
        agent: AgentId,
    },

    /// An agent in a chat asks for another agent, a queue or a workgroup to take it over, or to come in besides.
    TransferChat {
        /// Who asks.
        agent: AgentId,
        /// Which chat.
        request: RequestId,
        /// Where to.
        target: TransferTarget,
        /// Takes over, or comes in besides.
        kind: TransferKind,
    },
    /// The asking agent takes it back.
    CancelTransfer {
        /// Who.
        agent: AgentId,
        /// Which chat.
        request: RequestId,
    },
    /// A supervisor enters a chat.
    EnterChat {
        /// Who.
        agent: AgentId,
        /// Which chat.
        request: RequestId,
    },
    /// An agent leaves a chat that others go on with; the last one cannot leave, only close.
    LeaveChat {
        /// Who.
        agent: AgentId,
        /// Which chat.
        request: RequestId,
    },
    /// An agent of the chat, or an edge, ends it.
    CloseChat {
        /// Which chat.
        request: RequestId,
        /// How it is recorded.
        ending: Ending,
    },
    /// An occupant was seen entering or leaving a room.
    ObserveOccupant {
        /// Where.
        room: RoomId,
        /// Who.
        who: Party,
        /// What was seen.
        seen: Seen,
    },

    /// The visitor of a chat that waits would rather be told when somebody is free; the place in line is kept.
    AskCallback {
        /// Which request.
        request: RequestId,
        /// Not before then; none, or a time past: as soon as somebody is free.
        not_before: Option<Time>,
    },
    /// The visitor of a callback confirms: the chat is wanted now.
    ConfirmCallback {
        /// Which request.
        request: RequestId,
    },
    /// The visitor of a callback wants it at another time.
    RescheduleCallback {
        /// Which request.
        request: RequestId,
        /// Not before then.
        not_before: Time,
    },
}

/// A visitor asks for help.
#[derive(Clone, PartialEq, Debug)]
pub struct JoinQueue {
    /// At which entrance.
    pub workgroup: WorkgroupId,
    /// Who.
    pub visitor: VisitorId,
    /// By which medium.
    pub medium: Medium,
    /// A queue asked for by name; none: the rules choose.
    pub queue: Option<QueueId>,
    /// A class asked for by a trusted edge.
    pub priority: Option<Priority>,
    /// Skills asked for, joined to the queue's own.
    pub skills: Option<Expr>,
    /// Answers to the form, and `locale` and `page` from the edge. Not kept by the desk.
    pub answers: BTreeMap<String, String>,
    /// Keys under which this visitor may be blocked.
    pub block_keys: Vec<BlockKey>,
    /// Who helped this visitor last, if the edge knows.
    pub last_agent: Option<AgentId>,
    /// The visitor is connected at this moment; otherwise the grace period runs from here.
    pub connected: bool,
    /// For `Medium::Callback`: not before then; none: as soon as somebody is free.
    pub not_before: Option<Time>,
}

/// By which medium help is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Medium {
    /// The visitor waits and is put through.
    Chat,
    /// The visitor is told when somebody is free and then confirms.
    Callback,
}

/// What an agent shows; the words of XMPP presence, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Show {
    /// Idle and keen.
    Chat,
    /// Available.
    Available,
    /// Busy; offers are likely to be rejected.
    Away,
    /// Physically away.
    Xa,
    /// Do not disturb.
    Dnd,
}

/// Keyed hash of something that a visitor can be recognised by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BlockKey(pub u64);

/// Where a chat is to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransferTarget {
    /// One agent.
    Agent(AgentId),
    /// Whoever helps at that queue.
    Queue(QueueId),
    /// Whoever helps at the first queue of that workgroup.
    Workgroup(WorkgroupId),
}

/// What the other agent does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransferKind {
    /// Takes the chat over; the asking agent keeps the visitor until then.
    Transfer,
    /// Comes in besides.
    Conference,
}

/// Who is in a room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Party {
    /// The request's visitor.
    Visitor,
    /// An agent.
    Agent(AgentId),
}

/// What was seen of an occupant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// Entered the room.
    Entered,
    /// Left on purpose.
    LeftClean,
    /// Was lost: the connection broke.
    Lost,
}
