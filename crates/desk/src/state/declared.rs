//! What the events of a declaration mean.

use std::collections::BTreeSet;

use super::index::QueueIndex;
use super::{State, Touch, doors_at};
use crate::command::Medium;
use crate::entity::{Agent, Queue, Workgroup};
use crate::estimate::Seen;
use crate::event::Event;
use crate::ids::{AgentId, QueueId, RequestId, WorkgroupId};
use crate::spec::{AgentSpec, QueueSpec, WorkgroupSpec};
use crate::time::Time;

impl State {
    pub(super) fn apply_declared(&mut self, event: &Event) {
        match event {
            Event::SkillsDeclared { skills } => self.desk.skills = skills.clone(),
            Event::WorkgroupDeclared { workgroup, spec, rank } => self.declare_workgroup(*workgroup, spec, *rank),
            Event::WorkgroupRemoved { workgroup } => {
                if let Some(it) = self.workgroups.remove(workgroup) {
                    self.index.workgroup_names.remove(&it.spec.name);
                }
                self.rearm_doors(*workgroup);
                self.touch(Touch::Workgroup(*workgroup));
            }
            Event::QueueDeclared { queue, workgroup, spec, rank } => {
                self.declare_queue(*queue, *workgroup, spec, *rank);
            }
            Event::QueueRemoved { queue } => self.remove_queue(*queue),
            Event::AgentDeclared { agent, spec, rank } => self.declare_agent(*agent, spec, *rank),
            Event::AgentRemoved { agent } => self.remove_agent(*agent),
            Event::DoorsChanged { workgroup, doors } => {
                if let Some(it) = self.workgroups.get_mut(workgroup) {
                    it.doors = *doors;
                    self.touch(Touch::Workgroup(*workgroup));
                    self.rearm_doors(*workgroup);
                }
            }
            _ => {}
        }
    }

    fn declare_workgroup(&mut self, id: WorkgroupId, spec: &WorkgroupSpec, rank: u32) {
        self.used_id(id.0);
        let doors = self.workgroups.get(&id).map_or_else(|| doors_at(spec, self.desk.now), |it| it.doors);
        self.workgroups.insert(id, Workgroup { id, spec: spec.clone(), rank, doors });
        self.index_workgroup(id);
        self.touch(Touch::Workgroup(id));
        let callbacks = self.requests.values().filter(|it| it.workgroup == id && it.medium == Medium::Callback);
        for request in callbacks.map(|request| request.id).collect::<Vec<_>>() {
            self.reindex_request(request);
        }
    }

    fn declare_queue(&mut self, id: QueueId, workgroup: WorkgroupId, spec: &QueueSpec, rank: u32) {
        self.used_id(id.0);
        let before = self.queues.remove(&id);
        if let Some(before) = &before {
            self.index.queues_of.remove(&(before.workgroup, before.rank, id));
        }
        let known = before.is_some();
        let seen = before.map_or_else(Seen::default, |queue| queue.seen);
        self.queues.insert(id, Queue { id, workgroup, spec: spec.clone(), rank, seen });
        self.index_queue_name(id);
        self.reindex_queue(id);
        let concerned = if known { self.asked_at(id) } else { self.rolling_to(id) };
        for request in concerned {
            self.reindex_request(request);
        }
        self.touch(Touch::Queue(id));
    }

    fn asked_at(&self, queue: QueueId) -> Vec<RequestId> {
        self.requests.values().filter(|request| request.asked == queue).map(|request| request.id).collect()
    }

    /// Requests whose asked queue names this one in its rollover.
    fn rolling_to(&self, queue: QueueId) -> Vec<RequestId> {
        let named = |name: &String| self.index.queue_names.get(name) == Some(&queue);
        let rolls = |asked: &Queue| asked.spec.rollover.iter().any(|step| named(&step.to));
        let asked: BTreeSet<QueueId> =
            self.queues.values().filter(|asked| rolls(asked)).map(|asked| asked.id).collect();
        if asked.is_empty() {
            return Vec::new();
        }
        self.requests.values().filter(|request| asked.contains(&request.asked)).map(|request| request.id).collect()
    }

    fn remove_queue(&mut self, id: QueueId) {
        let rolling = self.rolling_to(id);
        if let Some(queue) = self.queues.remove(&id) {
            self.index.queues_of.remove(&(queue.workgroup, queue.rank, id));
            self.index.queue_names.retain(|_, named| *named != id);
        }
        self.reindex_queue(id);
        for request in rolling {
            self.reindex_request(request);
        }
        self.index.hot.retain(|(queue, _)| *queue != id);
        self.touch(Touch::Queue(id));
        let opted_out = self.agents.values().filter(|agent| agent.opted_out.contains(&id)).map(|agent| agent.id);
        for agent in opted_out.collect::<Vec<_>>() {
            self.update_agent(agent, |it| _ = it.opted_out.remove(&id));
        }
    }

    fn declare_agent(&mut self, id: AgentId, spec: &AgentSpec, rank: u32) {
        self.used_id(id.0);
        match self.agents.get_mut(&id) {
            Some(agent) => {
                agent.spec = spec.clone();
                agent.rank = rank;
            }
            None => _ = self.agents.insert(id, new_agent(id, spec, rank)),
        }
        self.index.agent_names.insert(spec.name.clone(), id);
        self.touch(Touch::Agent(id));
        for queue in self.index.memberships.get(&id).cloned().unwrap_or_default() {
            self.reindex_members(queue);
        }
        self.reindex_agent(id);
    }

    fn remove_agent(&mut self, id: AgentId) {
        let queues = self.index.memberships.remove(&id).unwrap_or_default();
        if let Some(agent) = self.agents.remove(&id) {
            self.index.agent_names.remove(&agent.spec.name);
        }
        for queue in queues {
            self.reindex_queue(queue);
        }
        self.reindex_agent(id);
        self.index.memberships.remove(&id);
        self.touch(Touch::Agent(id));
    }

    /// Whether anybody is present at a queue.
    pub(crate) fn somebody_at(&self, queue: QueueId) -> bool {
        self.index.queues.get(&queue).is_some_and(|index: &QueueIndex| !index.present.is_empty())
    }
}

fn new_agent(id: AgentId, spec: &AgentSpec, rank: u32) -> Agent {
    Agent {
        id,
        spec: spec.clone(),
        rank,
        session: None,
        opted_out: Default::default(),
        idle_since: Time::default(),
        offered_at: Time::default(),
        expired_in_row: 0,
        wrap_up_until: None,
        chats: Default::default(),
        staffing: Default::default(),
    }
}
