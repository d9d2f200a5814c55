//! The words of the staff API for the desk's enumerations, each in one place. Nothing else.

use desk::command::{Medium, Show, TransferKind};
use desk::event::{Doors, Ending, OfferKind, Part};
use desk::spec::Dispatch;

/// What an agent shows.
pub fn show(show: Show) -> &'static str {
    match show {
        Show::Chat => "chat",
        Show::Available => "available",
        Show::Away => "away",
        Show::Xa => "xa",
        Show::Dnd => "dnd",
    }
}

/// The availability of that name; `offline` is none, it is asked for by signing out.
pub fn parse_show(word: &str) -> Option<Show> {
    [Show::Chat, Show::Available, Show::Away, Show::Xa, Show::Dnd].into_iter().find(|it| show(*it) == word)
}

/// Whether new requests are taken.
pub fn doors(doors: Doors) -> &'static str {
    match doors {
        Doors::Open => "open",
        Doors::LastCall => "last_call",
        Doors::Closed => "closed",
    }
}

/// How a line finds its agents.
pub fn dispatch(dispatch: Dispatch) -> &'static str {
    match dispatch {
        Dispatch::Offer => "offer",
        Dispatch::RingAll => "ring-all",
        Dispatch::Pull => "pull",
        Dispatch::StaffedRoom => "staffed-room",
    }
}

/// By which medium.
pub fn medium(medium: Medium) -> &'static str {
    match medium {
        Medium::Chat => "chat",
        Medium::Callback => "callback",
    }
}

/// What is offered.
pub fn offer_kind(kind: OfferKind) -> &'static str {
    match kind {
        OfferKind::Request => "request",
        OfferKind::Transfer => "transfer",
        OfferKind::Conference => "conference",
    }
}

/// What the other agent is to do.
pub fn transfer_kind(kind: TransferKind) -> &'static str {
    match kind {
        TransferKind::Transfer => "transfer",
        TransferKind::Conference => "conference",
    }
}

/// What an agent is in a chat.
pub fn part(part: Part) -> &'static str {
    match part {
        Part::Holder => "holder",
        Part::Second => "second",
        Part::Supervisor => "supervisor",
    }
}

/// How a request ended.
pub fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Departed => "departed",
        Ending::Abandoned => "abandoned",
        Ending::NotEntered => "not_entered",
        Ending::ClosedByVisitor => "closed_by_visitor",
        Ending::ClosedByAgent => "closed_by_agent",
        Ending::VisitorLost => "visitor_lost",
        Ending::AgentLost => "agent_lost",
        Ending::Idle => "idle",
        Ending::DeskClosed => "desk_closed",
        Ending::ByHand => "by_hand",
        Ending::Unreachable => "unreachable",
        Ending::Expired => "expired",
    }
}

/// Who brought the end about.
pub fn ended_by(ending: Ending) -> &'static str {
    match ending {
        Ending::Departed
        | Ending::Abandoned
        | Ending::NotEntered
        | Ending::ClosedByVisitor
        | Ending::VisitorLost
        | Ending::Unreachable => "visitor",
        Ending::ClosedByAgent | Ending::AgentLost | Ending::ByHand => "agent",
        Ending::Idle | Ending::DeskClosed | Ending::Expired => "desk",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_reads_back() {
        assert_eq!(parse_show("dnd"), Some(Show::Dnd));
        assert_eq!(parse_show("offline"), None);
        assert_eq!(parse_show("Available"), None);
    }
}
