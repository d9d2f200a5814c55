//! When the next thing about an entity falls due, worked out from the entity alone.

use super::State;
use super::reindex::{is_chat, is_waiting};
use crate::command::Medium;
use crate::entity::{Phase, Request};
use crate::ids::QueueId;
use crate::spec::RolloverStep;
use crate::time::Time;

impl State {
    /// When the next thing about a request falls due.
    pub(crate) fn request_due(&self, request: &Request) -> Option<Time> {
        let phase = match request.phase {
            Phase::Scheduled { due } => Some(due),
            Phase::Confirming { deadline } | Phase::Invited { deadline } => Some(deadline),
            Phase::Waiting | Phase::Chatting => None,
        };
        let dues = [
            phase,
            request.lost_until,
            request.rejected.values().min().copied().filter(|_| is_waiting(request) || request.transfer.is_some()),
            request.transfer.map(|transfer| transfer.deadline),
            self.rollover_due(request).map(|(_, at)| at),
            relaxation_due(request),
            self.expiry(request),
        ];
        dues.into_iter().flatten().min()
    }

    /// The next rollover level of a waiting request, and when it is due.
    pub(crate) fn rollover_due(&self, request: &Request) -> Option<(u8, Time)> {
        let (level, at) = request.rollover_next.filter(|_| is_waiting(request))?;
        self.rollover_target(request.asked, level).map(|_| (level, at))
    }

    /// A step of a queue's rollover; levels count from 1.
    pub(crate) fn rollover_step(&self, asked: QueueId, level: u8) -> Option<&RolloverStep> {
        self.queues.get(&asked)?.spec.rollover.get(usize::from(level).checked_sub(1)?)
    }

    /// The queue of a rollover level.
    pub(crate) fn rollover_target(&self, asked: QueueId, level: u8) -> Option<QueueId> {
        self.index.queue_names.get(&self.rollover_step(asked, level)?.to).copied()
    }

    /// When a callback has run past its time.
    pub(crate) fn expiry(&self, request: &Request) -> Option<Time> {
        let due_before = !matches!(request.phase, Phase::Scheduled { .. }) || request.attempts > 0;
        if request.medium != Medium::Callback || is_chat(request) || !due_before {
            return None;
        }
        let workgroup = self.workgroups.get(&request.workgroup)?;
        // Who waited for a chat first is not late yet when they ask for a callback.
        let since = request.not_before.map_or(request.joined_at, |asked| asked.max(request.joined_at));
        Some(since + workgroup.spec.callback.expires_after)
    }
}

/// When the next, weaker requirement of a waiting request comes into force.
pub(crate) fn relaxation_due(request: &Request) -> Option<Time> {
    let (after, _) = request.requirement.steps.get(usize::from(request.relaxed) + 1).filter(|_| is_waiting(request))?;
    Some(request.joined_at + *after)
}
