//! Facts, in the past tense. `State::apply` is what they mean; the store keeps them; the edges render them.
//!
//! No event carries personal words: names, addresses, answers and what was said are kept apart, by id.

use crate::command::{BlockKey, Medium, Party, Show, TransferKind, TransferTarget};
use crate::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, VisitorId, WorkgroupId};
use crate::skill::{Requirement, SkillName};
use crate::spec::{AgentSpec, Priority, QueueSpec, WorkgroupSpec};
use crate::time::Time;

/// A fact.
#[derive(Clone, PartialEq, Debug)]
#[expect(missing_docs, reason = "fields are named by their types; each variant says what happened")]
pub enum Event {
    // ── the declaration ──
    /// Skills exist, with their titles; replaces the list before.
    SkillsDeclared { skills: std::collections::BTreeMap<SkillName, String> },
    /// A workgroup exists in this form. `spec.queues` is empty here: queues have events of their own.
    WorkgroupDeclared { workgroup: WorkgroupId, spec: Box<WorkgroupSpec>, rank: u32 },
    /// A workgroup is gone; its requests ended before this event.
    WorkgroupRemoved { workgroup: WorkgroupId },
    /// A queue exists in this form.
    QueueDeclared { queue: QueueId, workgroup: WorkgroupId, spec: Box<QueueSpec>, rank: u32 },
    /// A queue is gone; its requests moved before this event.
    QueueRemoved { queue: QueueId },
    /// An agent exists in this form.
    AgentDeclared { agent: AgentId, spec: Box<AgentSpec>, rank: u32 },
    /// An agent is gone; chats and offers were handled before this event.
    AgentRemoved { agent: AgentId },
    /// A block is in force.
    Blocked { key: BlockKey, until: Option<Time> },
    /// A block was lifted or ran out.
    Unblocked { key: BlockKey },
    /// The workgroup's doors changed with its hours.
    DoorsChanged { workgroup: WorkgroupId, doors: Doors },

    // ── a request and its lines ──
    /// A request was accepted. From here it ends in exactly one recorded way.
    RequestQueued {
        request: RequestId,
        workgroup: WorkgroupId,
        visitor: VisitorId,
        medium: Medium,
        priority: Priority,
        requirement: Requirement,
        last_agent: Option<AgentId>,
        connected: bool,
        not_before: Option<Time>,
        asked: QueueId,
    },
    /// The request stands in this line (too). The first placement has `Asked`.
    RequestPlaced { request: RequestId, queue: QueueId, level: u8, cause: Placement },
    /// The request no longer stands in this line.
    RequestUnplaced { request: RequestId, queue: QueueId },
    /// A queue that the request asked for, or was answered at, is removed; another stands for it from now on.
    QueueReplaced { request: RequestId, queue: QueueId, by: QueueId },
    /// A level of rollover was skipped because nobody there can take anything.
    RolloverSkipped { request: RequestId, queue: QueueId, level: u8 },
    /// Nobody was found in time; the next, weaker requirement holds.
    RequirementRelaxed { request: RequestId, step: u8 },
    /// The request goes to the head of its lines.
    RequestReturned { request: RequestId, cause: Return },
    /// A rejection or an expiry is no longer held against the agent: the request may be offered there again.
    RejectionForgotten { request: RequestId, agent: AgentId },
    /// The class was changed by hand.
    PrioritySet { request: RequestId, priority: Priority },
    /// The visitor's connection went; the place is kept until then.
    VisitorLost { request: RequestId, until: Time },
    /// The visitor is back.
    VisitorReturned { request: RequestId },
    /// The request ended. The record of it is `State`'s last view of the request, taken before this event is applied.
    RequestEnded { request: RequestId, ending: Ending },

    // ── callbacks ──
    /// The visitor of a waiting chat would rather be told: from here the request is a callback, where it stands.
    CallbackAsked { request: RequestId },
    /// An agent is free: the visitor is asked to confirm.
    ConfirmationAsked { request: RequestId, attempt: u8, deadline: Time },
    /// No confirmation came in time; the next attempt is not before then.
    ConfirmationLapsed { request: RequestId, attempt: u8, retry_at: Time },
    /// Confirmed: from here the request is a chat at the head of its lines.
    CallbackConfirmed { request: RequestId },
    /// Wanted at another time.
    CallbackRescheduled { request: RequestId, not_before: Time },
    /// The time asked for has come; the callback stands in line.
    CallbackDue { request: RequestId },

    // ── agents ──
    /// A session began, replacing one that was there.
    AgentSignedIn { agent: AgentId, show: Show, replaced: bool },
    /// A session ended.
    AgentSignedOut { agent: AgentId, cause: SignOutCause },
    /// The connection of a signed-in agent went; counts as lost from then.
    AgentLost { agent: AgentId, until: Time },
    /// The connection is back within the grace.
    AgentReturned { agent: AgentId },
    /// What the agent shows.
    AvailabilitySet { agent: AgentId, show: Show, reason: Option<String>, chats_max_hint: Option<u32> },
    /// Helps at that queue, or not.
    QueueOpted { agent: AgentId, queue: QueueId, opted_in: bool },
    /// The pause after a chat lasts until then.
    WrapUpStarted { agent: AgentId, until: Time },
    /// The pause is over.
    WrapUpEnded { agent: AgentId },

    // ── offers ──
    /// A request was put before an agent.
    OfferMade { offer: OfferId, request: RequestId, agent: AgentId, queue: QueueId, kind: OfferKind, deadline: Time },
    /// The agent took it.
    OfferAccepted { offer: OfferId },
    /// The agent said no.
    OfferRejected { offer: OfferId },
    /// The deadline passed.
    OfferExpired { offer: OfferId },
    /// The desk took it back.
    OfferRevoked { offer: OfferId, reason: Revocation },

    // ── rooms ──
    /// An agent waits in a room for the next visitor of a queue.
    RoomStaffed { room: RoomId, agent: AgentId, queue: QueueId },
    /// The agent left before anybody came; the room is gone.
    RoomUnstaffed { room: RoomId, agent: AgentId },
    /// A conversation has its room (a new one, or the one an agent waits in) and its first agent.
    RoomAssigned { room: RoomId, request: RequestId, queue: QueueId, agent: AgentId },
    /// The visitor was invited and has until then to enter.
    VisitorInvited { room: RoomId, request: RequestId, deadline: Time },
    /// The visitor did not enter in time; the room is closed and the agent free.
    InvitationLapsed { room: RoomId, request: RequestId },
    /// The visitor is in the room: the chat has begun.
    VisitorEntered { room: RoomId, request: RequestId },
    /// An agent takes part from now on.
    AgentEntered { room: RoomId, request: RequestId, agent: AgentId, part: Part },
    /// An agent takes part no longer.
    AgentLeft { room: RoomId, request: RequestId, agent: AgentId },
    /// The room is closed.
    RoomClosed { room: RoomId, request: RequestId },
    /// Another agent is asked for.
    TransferStarted { request: RequestId, from: AgentId, target: TransferTarget, kind: TransferKind, deadline: Time },
    /// It was taken by that agent.
    TransferTaken { request: RequestId, from: AgentId, by: AgentId, kind: TransferKind },
    /// It was not taken, or taken back; everything is as before.
    TransferEnded { request: RequestId, from: AgentId, cause: TransferEnd },
    /// An occupant's connection in a chat came or went (visitor: `VisitorLost` and `VisitorReturned` say more).
    OccupantSeen { room: RoomId, who: Party, present: bool },
}

/// Whether new requests are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doors {
    /// Yes.
    Open,
    /// Shortly before closing: nobody new, those who wait are helped.
    LastCall,
    /// No.
    Closed,
}

/// Why a request stands in a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Placement {
    /// Chosen at joining, or gone back to from a room.
    Asked,
    /// By a rollover timer.
    Rollover,
    /// By rollover, because nobody was there before.
    NobodyThere,
    /// By a supervisor, or because its queue was removed.
    Moved,
    /// For a transfer or a second agent.
    Transfer,
}

/// Why a request went to the head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Return {
    /// The agent of the chat was lost.
    AgentLost,
    /// The invitation lapsed.
    InvitationLapsed,
    /// A supervisor said so.
    ByHand,
    /// A callback was confirmed.
    Confirmed,
}

/// How a request ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Ending {
    /// The visitor gave up waiting.
    Departed,
    /// The visitor was gone for longer than the grace while waiting.
    Abandoned,
    /// The visitor never entered the room.
    NotEntered,
    /// The visitor closed the chat.
    ClosedByVisitor,
    /// An agent closed the chat.
    ClosedByAgent,
    /// The visitor left the chat and did not come back.
    VisitorLost,
    /// The agent was lost and could not be replaced.
    AgentLost,
    /// Nobody said anything for too long.
    Idle,
    /// The workgroup closed, or was removed.
    DeskClosed,
    /// A supervisor or administrator ended it.
    ByHand,
    /// A callback was not confirmed in any attempt.
    Unreachable,
    /// A callback ran past its time.
    Expired,
}

/// Why a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignOutCause {
    /// On purpose.
    Asked,
    /// The grace passed.
    Lost,
    /// The agent was removed from the desk.
    Removed,
}

/// What is offered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OfferKind {
    /// A waiting request.
    Request,
    /// A chat of another agent, to take over.
    Transfer,
    /// A chat of another agent, to come in besides.
    Conference,
}

/// Why an offer was taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Revocation {
    /// Another agent was first.
    TakenBy(AgentId),
    /// The request ended.
    RequestEnded,
    /// The request left that line.
    Moved,
    /// The agent cannot take it any more: lost, signed out, away or full.
    AgentUnavailable,
    /// The transfer was taken back.
    TransferCancelled,
    /// The declaration changed.
    Redeclared,
}

/// What an agent is in a chat.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// Holds the chat.
    Holder,
    /// Came in besides.
    Second,
    /// Looks after it.
    Supervisor,
}

/// Why a transfer ended untaken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TransferEnd {
    /// The asking agent took it back.
    Cancelled,
    /// The deadline passed.
    Lapsed,
    /// The agent asked for said no, or nobody is there.
    Refused,
    /// The chat ended.
    ChatEnded,
}
