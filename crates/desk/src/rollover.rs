//! Rollover: a request becomes (also) the business of another queue after a time, or when nobody is there.

use crate::engine::Engine;
use crate::entity::Request;
use crate::event::{Event, Placement, Revocation};
use crate::ids::{QueueId, RequestId};
use crate::state::reindex::is_waiting;
use crate::time::Time;

impl Engine {
    /// Takes the rollover step of a request that is due: skips it if nobody is there, or places the request.
    pub(crate) fn roll_over(&mut self, id: RequestId) {
        let Some(request) = self.state.request(id) else { return };
        let Some((level, _)) = self.state.rollover_due(request) else { return };
        let Some(queue) = self.state.rollover_target(request.asked, level) else { return };
        let skips = self.state.rollover_step(request.asked, level).is_some_and(|step| step.skip_if_nobody);
        if skips && !self.state.somebody_at(queue) {
            self.emit(Event::RolloverSkipped { request: id, queue, level });
            return;
        }
        let early = self.is_early(request, level, self.now());
        self.place_level(id, queue, level, if early { Placement::NobodyThere } else { Placement::Rollover });
    }

    /// Whether the level before has not had its time yet, so that the step is only taken because nobody is there.
    fn is_early(&self, request: &Request, level: u8, now: Time) -> bool {
        let Some(step) = self.state.rollover_step(request.asked, level) else { return false };
        let before = request.places.iter().find(|place| place.level + 1 == level);
        before.is_some_and(|place| now < place.since + step.after)
    }

    /// Puts a waiting request on a level. Levels that are not kept are left, unless nobody was there to begin with.
    fn place_level(&mut self, id: RequestId, queue: QueueId, level: u8, cause: Placement) {
        let Some(request) = self.state.request(id) else { return };
        let keeps = self.state.rollover_step(request.asked, level).is_none_or(|step| step.keep);
        let left: Vec<QueueId> = match cause {
            Placement::Rollover if !keeps => {
                let earlier = request.places.iter().filter(|place| place.level < level && place.queue != queue);
                earlier.map(|place| place.queue).collect()
            }
            _ => Vec::new(),
        };
        self.emit(Event::RequestPlaced { request: id, queue, level, cause });
        for queue in left {
            self.revoke_offers_from(id, queue, Revocation::Moved);
            self.emit(Event::RequestUnplaced { request: id, queue });
        }
    }

    /// Puts requests that skipped a queue there, now that somebody is present; at most so many. Gives how many.
    pub(crate) fn wake(&mut self, queue: QueueId, at_most: usize) -> usize {
        let Some(index) = self.state.index.queues.get(&queue) else { return 0 };
        let requests: Vec<RequestId> = index.skipped.iter().copied().take(at_most).collect();
        for request in &requests {
            self.wake_request(*request, queue);
        }
        requests.len()
    }

    fn wake_request(&mut self, id: RequestId, queue: QueueId) {
        let Some(request) = self.state.request(id).filter(|request| is_waiting(request)) else { return };
        let asked = request.asked;
        let mut levels =
            request.skipped.iter().filter(|level| self.state.rollover_target(asked, **level) == Some(queue));
        if let Some(level) = levels.next().copied() {
            self.place_level(id, queue, level, Placement::Rollover);
        }
    }
}
