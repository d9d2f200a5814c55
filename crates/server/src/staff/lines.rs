//! The lines as they were told to staff last, and what changed since: a line is looked at again at most every quarter of a
//! second, its figures every second, and only when somebody who is concerned is there.

use std::collections::{BTreeMap, BTreeSet};

use desk::State;
use desk::ids::{AgentId, QueueId, RequestId};
use desk::time::{Span, Time};

use super::facts::{self, SHOWN_MAX, WaitingFacts};
use crate::wire;

/// A line is told about at most this often.
pub const LINE_EVERY: Span = Span::millis(250);
/// A line's figures are told at most this often.
pub const FIGURES_EVERY: Span = Span::secs(1);

/// What changed in a line, ready but for the words.
pub struct LineChange {
    /// `workgroup/queue`.
    pub queue: String,
    /// New or changed.
    pub upsert: Vec<WaitingFacts>,
    /// No longer there, or no longer among those shown.
    pub remove: Vec<String>,
    /// All that are shown, in order, when the order is another than before with the new ones at its end.
    pub order: Option<Vec<String>>,
    /// How many stand in it.
    pub total: usize,
    /// Who is told, with what they may take of `upsert`.
    pub readers: Vec<(AgentId, Vec<bool>)>,
}

/// Something that is told at intervals.
#[derive(Default)]
struct Paced {
    dirty: bool,
    told_at: Option<Time>,
}

impl Paced {
    fn due(&self, every: Span) -> Option<Time> {
        self.dirty.then(|| self.told_at.map_or(Time::MIN, |at| at + every))
    }

    fn take(&mut self, every: Span, now: Time) -> bool {
        let due = self.due(every).is_some_and(|due| due <= now);
        if due {
            *self = Self { dirty: false, told_at: Some(now) };
        }
        due
    }
}

/// What was told about all lines and agents.
#[derive(Default)]
pub struct Lines {
    queues: BTreeMap<QueueId, LineView>,
    agents: BTreeMap<AgentId, Paced>,
}

#[derive(Default)]
struct LineView {
    line: Paced,
    figures: Paced,
    /// Requests that changed since the line was told.
    touched: BTreeSet<RequestId>,
    /// What was told to be there, in order.
    shown: Vec<RequestId>,
}

impl Lines {
    /// A request in this line changed.
    pub fn touch(&mut self, queue: QueueId, request: RequestId) {
        let view = self.queues.entry(queue).or_default();
        view.touched.insert(request);
        view.line.dirty = true;
        view.figures.dirty = true;
    }

    /// A line's figures changed.
    pub fn touch_figures(&mut self, queue: QueueId) {
        self.queues.entry(queue).or_default().figures.dirty = true;
    }

    /// An agent changed.
    pub fn touch_agent(&mut self, agent: AgentId) {
        self.agents.entry(agent).or_default().dirty = true;
    }

    /// Forgets what is gone.
    pub fn forget_queue(&mut self, queue: QueueId) {
        self.queues.remove(&queue);
    }

    /// When something is to be told next.
    pub fn due(&self) -> Option<Time> {
        let queues = self.queues.values();
        let queues = queues.flat_map(|it| [it.line.due(LINE_EVERY), it.figures.due(FIGURES_EVERY)]);
        let agents = self.agents.values().map(|it| it.due(LINE_EVERY));
        queues.chain(agents).flatten().min()
    }

    /// Agents who are due.
    pub fn take_agents(&mut self, now: Time) -> Vec<AgentId> {
        self.agents.iter_mut().filter_map(|(agent, paced)| paced.take(LINE_EVERY, now).then_some(*agent)).collect()
    }

    /// Lines whose figures are due.
    pub fn take_figures(&mut self, now: Time) -> Vec<QueueId> {
        let due = self.queues.iter_mut();
        due.filter_map(|(queue, view)| view.figures.take(FIGURES_EVERY, now).then_some(*queue)).collect()
    }

    /// Lines that are due.
    pub fn take_lines(&mut self, now: Time) -> Vec<QueueId> {
        let due = self.queues.iter_mut();
        due.filter_map(|(queue, view)| view.line.take(LINE_EVERY, now).then_some(*queue)).collect()
    }

    /// Nobody is concerned at present: whoever comes gets a snapshot.
    pub fn skip(&mut self, queue: QueueId) {
        if let Some(view) = self.queues.get_mut(&queue) {
            view.touched.clear();
            view.shown.clear();
        }
    }

    /// What changed in a line since it was told. Proportional to what is shown of it, never to its length.
    pub fn change(&mut self, state: &State, queue: QueueId, readers: Vec<AgentId>) -> Option<LineChange> {
        let view = self.queues.get_mut(&queue)?;
        let touched = std::mem::take(&mut view.touched);
        let now: Vec<RequestId> = state.line(queue).take(SHOWN_MAX).collect();
        let there: BTreeSet<RequestId> = now.iter().copied().collect();
        let before: BTreeSet<RequestId> = view.shown.iter().copied().collect();
        let remove: BTreeSet<RequestId> = before.union(&touched).filter(|it| !there.contains(it)).copied().collect();
        let upsert: Vec<RequestId> =
            now.iter().filter(|it| touched.contains(it) || !before.contains(it)).copied().collect();
        let kept = view.shown.iter().filter(|it| there.contains(it));
        let expected: Vec<RequestId> = kept.chain(upsert.iter().filter(|it| !before.contains(it))).copied().collect();
        let order = (expected != now).then(|| now.iter().map(|it| wire::id(it.0)).collect());
        view.shown = now;
        let entity = state.queue(queue)?;
        let requests: Vec<_> = upsert.into_iter().filter_map(|it| state.request(it)).collect();
        let may_take =
            |agent: AgentId| requests.iter().map(|it| facts::may_take(state, agent, entity, it)).collect::<Vec<_>>();
        Some(LineChange {
            queue: facts::queue_name(state, queue),
            upsert: requests.iter().map(|it| facts::waiting(state, it, queue)).collect(),
            remove: remove.iter().map(|it| wire::id(it.0)).collect(),
            order,
            total: state.waiting_count(queue),
            readers: readers.into_iter().map(|agent| (agent, may_take(agent))).collect(),
        })
    }
}
