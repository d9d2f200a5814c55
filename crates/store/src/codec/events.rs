//! How events stand in the log: a name and a JSON object. They are written and shown, never read back into the desk.
//!
//! Declarations are logged by number and name only (the whole declaration stands in the current tables and the audit log
//! says who changed it), agents by number alone: the log carries no people's names.

use desk::event::Event;
use serde_json::{Map, Value};

use super::field;

macro_rules! facts {
    ($event:expr; $($name:ident { $($field:ident),* })*; $($special:pat => $kind:literal $body:expr,)*) => {
        match $event {
            $( Event::$name { $($field),* } => {
                let mut object = Map::new();
                $( field(&mut object, stringify!($field), $field); )*
                (stringify!($name), Value::Object(object).to_string())
            } )*
            $( $special => ($kind, $body.to_string()), )*
        }
    };
}

/// An event's name and fields. An event that is added to the desk and not listed here does not compile.
pub(crate) fn fact(event: &Event) -> (&'static str, String) {
    facts! { event;
        WorkgroupRemoved { workgroup }
        QueueRemoved { queue }
        AgentRemoved { agent }
        Blocked { key, until }
        Unblocked { key }
        DoorsChanged { workgroup, doors }
        RequestQueued {
            request, workgroup, visitor, medium, priority, requirement, last_agent, connected, not_before, asked
        }
        RequestPlaced { request, queue, level, cause }
        RequestUnplaced { request, queue }
        RolloverSkipped { request, queue, level }
        RequirementRelaxed { request, step }
        RequestReturned { request, cause }
        QueueReplaced { request, queue, by }
        RejectionForgotten { request, agent }
        PrioritySet { request, priority }
        VisitorLost { request, until }
        VisitorReturned { request }
        RequestEnded { request, ending }
        CallbackAsked { request }
        ConfirmationAsked { request, attempt, deadline }
        ConfirmationLapsed { request, attempt, retry_at }
        CallbackConfirmed { request }
        CallbackRescheduled { request, not_before }
        CallbackDue { request }
        AgentSignedIn { agent, show, replaced }
        AgentSignedOut { agent, cause }
        AgentLost { agent, until }
        AgentReturned { agent }
        AvailabilitySet { agent, show, reason, chats_max_hint }
        QueueOpted { agent, queue, opted_in }
        WrapUpStarted { agent, until }
        WrapUpEnded { agent }
        OfferMade { offer, request, agent, queue, kind, deadline }
        OfferAccepted { offer }
        OfferRejected { offer }
        OfferExpired { offer }
        OfferRevoked { offer, reason }
        RoomStaffed { room, agent, queue }
        RoomUnstaffed { room, agent }
        RoomAssigned { room, request, queue, agent }
        VisitorInvited { room, request, deadline }
        InvitationLapsed { room, request }
        VisitorEntered { room, request }
        AgentEntered { room, request, agent, part }
        AgentLeft { room, request, agent }
        RoomClosed { room, request }
        TransferStarted { request, from, target, kind, deadline }
        TransferTaken { request, from, by, kind }
        TransferEnded { request, from, cause }
        OccupantSeen { room, who, present };
        Event::SkillsDeclared { skills } => "SkillsDeclared" serde_json::json!({ "count": skills.len() }),
        Event::WorkgroupDeclared { workgroup, spec, rank } => "WorkgroupDeclared"
            serde_json::json!({ "workgroup": workgroup.0, "name": spec.name, "rank": rank }),
        Event::QueueDeclared { queue, workgroup, spec, rank } => "QueueDeclared"
            serde_json::json!({ "queue": queue.0, "workgroup": workgroup.0, "name": spec.name, "rank": rank }),
        Event::AgentDeclared { agent, spec: _, rank } => "AgentDeclared"
            serde_json::json!({ "agent": agent.0, "rank": rank }),
    }
}
