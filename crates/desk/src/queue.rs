//! Joining a line, leaving it, and what supervisors change about those who wait.

use crate::callback::wanted_later;
use crate::command::{JoinQueue, Medium};
use crate::engine::Engine;
use crate::entity::{Phase, Queue, Request, Workgroup};
use crate::event::{Doors, Ending, Event, Placement, Return, Revocation};
use crate::ids::{QueueId, RequestId, WorkgroupId};
use crate::refusal::{Refusal, What};
use crate::skill::Requirement;
use crate::spec::Priority;
use crate::state::index::ClassKey;
use crate::state::reindex::{is_chat, is_waiting};
use crate::time::{Span, Time};
use crate::turn::Reply;
use crate::workgroup::{check_answers, entry_rule};

/// What the entry rules and the edge made of somebody's wish.
struct Entry {
    asked: QueueId,
    priority: Priority,
    requirement: Requirement,
}

impl Engine {
    pub(crate) fn join_queue(&mut self, join: JoinQueue) -> Result<Reply, Refusal> {
        let entry = self.admit(&join)?;
        let request = RequestId(self.fresh_id());
        let later = wanted_later(&join, self.now());
        self.emit(Event::RequestQueued {
            request,
            workgroup: join.workgroup,
            visitor: join.visitor,
            medium: join.medium,
            priority: entry.priority,
            requirement: entry.requirement,
            last_agent: join.last_agent,
            connected: join.connected,
            not_before: join.not_before,
            asked: entry.asked,
        });
        if later.is_none() {
            self.place_asked(request, entry.asked);
        }
        Ok(Reply::Queued(request))
    }

    /// Puts a request into the line it asked for, at the beginning of its rollover.
    pub(crate) fn place_asked(&mut self, request: RequestId, queue: QueueId) {
        self.emit(Event::RequestPlaced { request, queue, level: 0, cause: Placement::Asked });
    }

    /// All that may be said against a joining.
    fn admit(&self, join: &JoinQueue) -> Result<Entry, Refusal> {
        let workgroup = self.state.workgroup(join.workgroup).ok_or(Refusal::NotFound(What::Workgroup))?;
        if join.queue.is_some_and(|queue| self.state.queue(queue).is_none_or(|it| it.workgroup != workgroup.id)) {
            return Err(Refusal::NotFound(What::Queue));
        }
        if join.block_keys.iter().any(|key| self.state.blocks.contains_key(key)) {
            return Err(Refusal::Blocked);
        }
        match wanted_later(join, self.now()) {
            Some(at) => self.check_appointment(workgroup, at)?,
            None => self.check_doors(workgroup)?,
        }
        if self.state.open_by(workgroup.id, join.visitor, join.medium) {
            return Err(Refusal::AlreadyQueued);
        }
        let problems = check_answers(&workgroup.spec.form, &join.answers);
        if !problems.is_empty() {
            return Err(Refusal::FormRequired(problems));
        }
        let entry = self.entry(workgroup, join)?;
        self.check_room_in_line(workgroup, join, &entry)?;
        Ok(entry)
    }

    pub(crate) fn check_doors(&self, workgroup: &Workgroup) -> Result<(), Refusal> {
        if workgroup.doors == Doors::Open {
            return Ok(());
        }
        Err(Refusal::QueueClosed { opens_at: self.state.opens_at(workgroup.id, self.now()) })
    }

    fn entry(&self, workgroup: &Workgroup, join: &JoinQueue) -> Result<Entry, Refusal> {
        let rule = entry_rule(&workgroup.spec, &join.answers, join.skills.as_ref());
        let by_rule = rule.and_then(|rule| rule.queue.as_ref()).and_then(|name| {
            self.state.queues_of(workgroup.id).find(|queue| queue.spec.name == *name).map(|queue| queue.id)
        });
        let first = || self.state.queues_of(workgroup.id).next().map(|queue| queue.id);
        let asked = join.queue.or(by_rule).or_else(first);
        let queue: &Queue = asked.and_then(|queue| self.state.queue(queue)).ok_or(Refusal::NotFound(What::Queue))?;
        let priority = join.priority.or(rule.and_then(|rule| rule.priority)).unwrap_or(Priority::NORMAL);
        let wishes = [rule.and_then(|rule| rule.skills.as_ref()), join.skills.as_ref()];
        let requirement = wishes.into_iter().flatten().fold(queue.spec.requirement.clone(), |all, wish| all.and(wish));
        Ok(Entry { asked: queue.id, priority: priority.min(Priority::MAX), requirement })
    }

    fn check_room_in_line(&self, workgroup: &Workgroup, join: &JoinQueue, entry: &Entry) -> Result<(), Refusal> {
        if self.state.requests.len() >= self.limits.requests {
            return Err(Refusal::Limit("requests"));
        }
        if join.medium == Medium::Callback {
            self.check_callbacks(workgroup)?;
        }
        if wanted_later(join, self.now()).is_some() {
            return Ok(());
        }
        let queue = self.state.queue(entry.asked).ok_or(Refusal::NotFound(What::Queue))?;
        let full = self.state.waiting_count(queue.id) >= queue.spec.waiting_max as usize
            || self.state.waiting_count_of(workgroup.id) >= workgroup.spec.waiting_max as usize;
        if full {
            return Err(Refusal::QueueFull);
        }
        let expr = entry.requirement.at(Span::ZERO).clone();
        let urgent = queue.spec.urgent_to_dnd && entry.priority >= Priority::URGENT;
        if self.state.is_new_class(queue.id, &ClassKey { expr, urgent }) {
            return Err(Refusal::Limit("requirements in one queue"));
        }
        Ok(())
    }

    pub(crate) fn depart_queue(&mut self, request: RequestId, ending: Ending) -> Result<Reply, Refusal> {
        self.open_request(request)?;
        self.end_request(request, ending);
        Ok(Reply::Done)
    }

    /// Ends a request wherever it stands, and frees whoever was kept by it.
    pub(crate) fn end_request(&mut self, id: RequestId, ending: Ending) {
        self.end_transfer(id, crate::event::TransferEnd::ChatEnded);
        self.revoke_offers_for(id, Revocation::RequestEnded);
        let Some(request) = self.state.request(id).cloned() else { return };
        if let Some(room) = request.room {
            self.emit(Event::RoomClosed { room, request: id });
        }
        self.emit(Event::RequestEnded { request: id, ending });
        self.free_agents(&request);
    }

    pub(crate) fn observe_visitor(&mut self, id: RequestId, connected: bool) -> Result<Reply, Refusal> {
        let request = self.open_request(id)?;
        let lost = request.lost_until.is_some();
        if connected && lost {
            self.emit(Event::VisitorReturned { request: id });
        } else if !connected && !lost && is_chat(request) {
            let until = self.now() + self.absence(request);
            self.emit(Event::VisitorLost { request: id, until });
        }
        Ok(Reply::Done)
    }

    /// How long this visitor may be away where the request stands.
    fn absence(&self, request: &Request) -> Span {
        let Some(workgroup) = self.state.workgroup(request.workgroup) else { return Span::ZERO };
        if is_waiting(request) { workgroup.spec.visitor_grace } else { workgroup.spec.visitor_absence }
    }

    /// The visitor did not come back in time.
    pub(crate) fn give_up_visitor(&mut self, request: RequestId) {
        let waiting = self.state.request(request).is_some_and(is_waiting);
        self.end_request(request, if waiting { Ending::Abandoned } else { Ending::VisitorLost });
    }

    fn waiting_request(&self, id: RequestId) -> Result<&Request, Refusal> {
        let request = self.open_request(id)?;
        if is_waiting(request) { Ok(request) } else { Err(Refusal::WrongState("the request does not wait in line")) }
    }

    pub(crate) fn move_request(&mut self, id: RequestId, queue: QueueId) -> Result<Reply, Refusal> {
        let request = self.waiting_request(id)?;
        let already = request.asked == queue && request.places.len() == 1 && request.places[0].queue == queue;
        let target = self.state.queue(queue).ok_or(Refusal::NotFound(What::Queue))?;
        if already {
            return Ok(Reply::Done);
        }
        if self.state.waiting_count(queue) >= target.spec.waiting_max as usize {
            return Err(Refusal::QueueFull);
        }
        self.put_into(id, queue);
        Ok(Reply::Done)
    }

    /// Takes a waiting request out of all lines and puts it into this one.
    pub(crate) fn put_into(&mut self, id: RequestId, queue: QueueId) {
        self.revoke_offers_for(id, Revocation::Moved);
        self.unplace_all(id);
        self.emit(Event::RequestPlaced { request: id, queue, level: 0, cause: Placement::Moved });
    }

    /// Takes a request out of all lines.
    pub(crate) fn unplace_all(&mut self, id: RequestId) {
        let places = self.state.request(id).map_or_else(Vec::new, |request| request.places.clone());
        for place in places {
            self.emit(Event::RequestUnplaced { request: id, queue: place.queue });
        }
    }

    pub(crate) fn set_priority(&mut self, id: RequestId, priority: Priority) -> Result<Reply, Refusal> {
        let request = self.open_request(id)?;
        if !is_waiting(request) && !matches!(request.phase, Phase::Scheduled { .. }) {
            return Err(Refusal::WrongState("the request does not wait"));
        }
        let priority = priority.min(Priority::MAX);
        if request.priority != priority {
            self.emit(Event::PrioritySet { request: id, priority });
            self.revoke_untakeable_for(id);
        }
        Ok(Reply::Done)
    }

    pub(crate) fn move_to_head(&mut self, id: RequestId) -> Result<Reply, Refusal> {
        self.waiting_request(id)?;
        self.emit(Event::RequestReturned { request: id, cause: Return::ByHand });
        Ok(Reply::Done)
    }

    /// The next requirement of a waiting request is in force.
    pub(crate) fn relax(&mut self, id: RequestId) {
        let Some(step) = self.state.request(id).map(|request| request.relaxed.saturating_add(1)) else { return };
        self.emit(Event::RequirementRelaxed { request: id, step });
    }

    /// Agents who rejected it so long ago that it is forgotten.
    pub(crate) fn forget_rejections(&mut self, id: RequestId, now: Time) {
        let Some(request) = self.state.request(id) else { return };
        let past = request.rejected.iter().filter(|(_, until)| **until <= now).map(|(agent, _)| *agent);
        for agent in past.collect::<Vec<_>>() {
            self.emit(Event::RejectionForgotten { request: id, agent });
        }
    }

    /// The workgroup's settings that hold for a request.
    pub(crate) fn entrance(&self, request: RequestId) -> Option<&Workgroup> {
        let workgroup: WorkgroupId = self.state.workgroup_of(request)?;
        self.state.workgroup(workgroup)
    }
}
