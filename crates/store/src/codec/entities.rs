//! The field lists of the entities, as the current tables hold them.

use desk::command::{BlockKey, Medium, Party, Show, TransferKind, TransferTarget};
use desk::entity::{Agent, DeskRecord, Offer, Phase, Place, Queue, Request, Room, Session, Transfer, Workgroup};
use desk::estimate::{Answered, Seen};
use desk::event::{Doors, Ending, OfferKind, Part, Placement, Return, Revocation, SignOutCause, TransferEnd};
use desk::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, VisitorId, WorkgroupId};

use super::{Codec, fields, newtypes, variants};

newtypes!(AgentId OfferId QueueId RequestId RoomId VisitorId WorkgroupId BlockKey);

fields! {
    DeskRecord { next_id, now, skills }
    Workgroup { id, spec, rank, doors }
    Queue { id, workgroup, spec, rank, seen }
    Seen { handling, handling_count, handling_mean, handling_variance_ms2, answered, abandoned, waits, waited_total }
    Answered { at, waited, ahead }
    Agent {
        id, spec, rank, session, opted_out, idle_since, offered_at, expired_in_row, wrap_up_until, chats, staffing
    }
    Session { show, reason, chats_max_hint, since, show_since, lost_until }
    Request {
        id, workgroup, asked, visitor, medium, priority, requirement, relaxed, joined_at, waiting_since, returns,
        returned_at, phase, places, rollover_next, skipped, lost_until, rejected, last_agent, invitations_lapsed, room,
        agents, answered, together_since, handled_before, transfer, not_before, attempts, confirmed
    }
    Place { queue, level, since, cause }
    Transfer { from, target, kind, since, deadline }
    Offer { id, request, agent, queue, kind, made_at, deadline }
    Room { id, queue, request, staffed_by, since }
}

variants! {
    Phase { Waiting Chatting; ; Scheduled { due } Confirming { deadline } Invited { deadline } }
    Doors { Open LastCall Closed; ; }
    Placement { Asked Rollover NobodyThere Moved Transfer; ; }
    Return { AgentLost InvitationLapsed ByHand Confirmed; ; }
    Ending {
        Departed Abandoned NotEntered ClosedByVisitor ClosedByAgent VisitorLost AgentLost Idle DeskClosed ByHand
        Unreachable Expired; ;
    }
    SignOutCause { Asked Lost Removed; ; }
    OfferKind { Request Transfer Conference; ; }
    Revocation { RequestEnded Moved AgentUnavailable TransferCancelled Redeclared; TakenBy(_); }
    Part { Holder Second Supervisor; ; }
    TransferEnd { Cancelled Lapsed Refused ChatEnded; ; }
    Medium { Chat Callback; ; }
    Show { Chat Available Away Xa Dnd; ; }
    TransferTarget { ; Agent(_) Queue(_) Workgroup(_); }
    TransferKind { Transfer Conference; ; }
    Party { Visitor; Agent(_); }
}
