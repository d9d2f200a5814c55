//! Putting a declaration in force: what is new, changed and gone, by name, and what becomes of whoever is there.
//! What a declaration must not be is in `declare/check.rs`, its differences for people in `declare/diff.rs`.

use std::collections::BTreeMap;

use crate::engine::Engine;
use crate::entity::Queue;
use crate::event::{Ending, Event, Revocation, SignOutCause, TransferEnd};
use crate::ids::{AgentId, QueueId, RequestId, RoomId, WorkgroupId};
use crate::limits::Limits;
use crate::refusal::{Finding, Refusal, Severity};
use crate::spec::{DeskSpec, WorkgroupSpec};
use crate::state::reindex::is_waiting;
use crate::turn::Reply;

mod check;
mod diff;

pub use check::check;
pub use diff::diff;

/// Of how many things a declaration may have more than the limits allow.
fn over_limits(spec: &DeskSpec, limits: &Limits) -> Vec<Finding> {
    let queues = || spec.workgroups.iter().flat_map(|workgroup| &workgroup.queues);
    let mut per_agent: BTreeMap<&str, usize> = BTreeMap::new();
    for member in queues().flat_map(|queue| &queue.members) {
        *per_agent.entry(&member.agent).or_default() += 1;
    }
    let counts = [
        ("workgroups", spec.workgroups.len(), limits.workgroups),
        ("queues", queues().count(), limits.queues),
        ("agents", spec.agents.len(), limits.agents),
        ("queues of one agent", per_agent.values().copied().max().unwrap_or(0), limits.queues_per_agent),
        ("steps of a rollover", queues().map(|queue| queue.rollover.len()).max().unwrap_or(0), limits.rollover_steps),
        (
            "fields of a form",
            spec.workgroups.iter().map(|workgroup| workgroup.form.fields.len()).max().unwrap_or(0),
            limits.form_fields,
        ),
    ];
    let over = counts.into_iter().filter(|(_, count, max)| count > max);
    over.map(|(what, count, max)| Finding {
        at: what.to_owned(),
        message: format!("there are {count}, and at most {max} may be"),
        severity: Severity::Fault,
    })
    .collect()
}

impl Engine {
    pub(crate) fn declare(&mut self, spec: &DeskSpec) -> Result<Reply, Refusal> {
        let mut findings = over_limits(spec, &self.limits);
        findings.extend(check(spec));
        if findings.iter().any(|finding| finding.severity == Severity::Fault) {
            return Err(Refusal::BadDeclaration(findings));
        }
        let before = self.state.to_spec();
        let changes = diff(&before, spec);
        if before != *spec {
            self.declare_skills(spec);
            self.declare_agents(spec);
            self.declare_workgroups(spec);
            self.declare_queues(spec);
            self.remove_queues(spec);
            self.remove_workgroups(spec);
            self.remove_agents(spec);
            self.revoke_redeclared();
        }
        Ok(Reply::Declared { changes, warnings: findings })
    }

    fn declare_skills(&mut self, spec: &DeskSpec) {
        if self.state.desk.skills != spec.skills {
            self.emit(Event::SkillsDeclared { skills: spec.skills.clone() });
        }
    }

    fn declare_agents(&mut self, spec: &DeskSpec) {
        for (rank, agent) in (0..).zip(&spec.agents) {
            let known = self.state.agent_by_name(&agent.name);
            if known.is_none_or(|known| known.spec != *agent || known.rank != rank) {
                let id = known.map_or(AgentId(self.fresh_id()), |known| known.id);
                self.emit(Event::AgentDeclared { agent: id, spec: Box::new(agent.clone()), rank });
                self.revoke_untakeable(id);
            }
        }
    }

    fn declare_workgroups(&mut self, spec: &DeskSpec) {
        for (rank, workgroup) in (0..).zip(&spec.workgroups) {
            let known = self.state.workgroup_by_name(&workgroup.name);
            let bare = WorkgroupSpec { queues: Vec::new(), ..workgroup.clone() };
            if known.is_some_and(|known| known.spec == bare && known.rank == rank) {
                continue;
            }
            let id = known.map_or(WorkgroupId(self.fresh_id()), |known| known.id);
            self.emit(Event::WorkgroupDeclared { workgroup: id, spec: Box::new(bare), rank });
            self.turn_doors(id);
        }
    }

    fn declare_queues(&mut self, spec: &DeskSpec) {
        for workgroup in &spec.workgroups {
            let Some(owner) = self.state.workgroup_by_name(&workgroup.name).map(|it| it.id) else { continue };
            for (rank, queue) in (0..).zip(&workgroup.queues) {
                let known = self.state.queue_by_name(&format!("{}/{}", workgroup.name, queue.name));
                if known.is_some_and(|known| known.spec == *queue && known.rank == rank) {
                    continue;
                }
                let other_dispatch = known.is_some_and(|known| known.spec.dispatch != queue.dispatch);
                let id = known.map_or(QueueId(self.fresh_id()), |known| known.id);
                if other_dispatch {
                    self.revoke_offers_in(id, Revocation::Redeclared);
                }
                let spec = Box::new(queue.clone());
                self.emit(Event::QueueDeclared { queue: id, workgroup: owner, spec, rank });
            }
        }
    }

    fn remove_queues(&mut self, spec: &DeskSpec) {
        let kept = |queue: &Queue| {
            let owner = self.state.workgroup(queue.workgroup).map(|it| &it.spec.name);
            let workgroup = spec.workgroups.iter().find(|it| Some(&it.name) == owner);
            workgroup.is_some_and(|it| it.queues.iter().any(|other| other.name == queue.spec.name))
        };
        let gone: Vec<QueueId> = self.state.queues().filter(|queue| !kept(queue)).map(|queue| queue.id).collect();
        for queue in &gone {
            self.empty_queue(*queue, &gone, spec);
            self.emit(Event::QueueRemoved { queue: *queue });
        }
    }

    /// Finds another queue for everybody who has to do with one that is to be removed. Chats go on.
    fn empty_queue(&mut self, queue: QueueId, gone: &[QueueId], spec: &DeskSpec) {
        let staffed = self.state.rooms().filter(|room| room.queue == queue);
        let staffed: Vec<_> = staffed.filter_map(|room| Some((room.id, room.staffed_by?))).collect();
        for (room, agent) in staffed {
            self.emit(Event::RoomUnstaffed { room, agent });
        }
        let answered_here = |room: Option<RoomId>| room.and_then(|room| self.state.room(room)).map(|room| room.queue);
        let concerned = self.state.requests().filter(|request| {
            request.asked == queue
                || request.places.iter().any(|place| place.queue == queue)
                || answered_here(request.room) == Some(queue)
        });
        for request in concerned.map(|request| request.id).collect::<Vec<_>>() {
            self.leave_removed_queue(request, queue, gone, spec);
        }
    }

    fn leave_removed_queue(&mut self, id: RequestId, queue: QueueId, gone: &[QueueId], spec: &DeskSpec) {
        let Some(request) = self.state.request(id).cloned() else { return };
        let stays = self.entrance(id).is_some_and(|it| spec.workgroups.iter().any(|kept| kept.name == it.spec.name));
        let kept = Some(request.asked).filter(|asked| !gone.contains(asked));
        let first =
            || self.state.queues_of(request.workgroup).map(|queue| queue.id).find(|other| !gone.contains(other));
        let Some(other) = kept.or_else(first).filter(|_| stays) else {
            self.end_request(id, Ending::DeskClosed);
            return;
        };
        let placed = request.places.iter().any(|place| place.queue == queue);
        let offered = self.state.offers_for(id).any(|offer| offer.queue == queue);
        if request.transfer.is_some() && (placed || offered) {
            self.end_transfer(id, TransferEnd::Refused);
        } else if placed {
            self.revoke_offers_from(id, queue, Revocation::Moved);
            self.emit(Event::RequestUnplaced { request: id, queue });
        }
        self.emit(Event::QueueReplaced { request: id, queue, by: other });
        let Some(request) = self.state.request(id) else { return };
        if is_waiting(request) && request.places.iter().all(|place| gone.contains(&place.queue)) {
            self.put_into(id, other);
        }
    }

    fn remove_workgroups(&mut self, spec: &DeskSpec) {
        let kept = |name: &str| spec.workgroups.iter().any(|workgroup| workgroup.name == name);
        let gone = self.state.workgroups().filter(|it| !kept(&it.spec.name)).map(|it| it.id).collect::<Vec<_>>();
        for workgroup in gone {
            let requests = self.state.requests().filter(|request| request.workgroup == workgroup);
            for request in requests.map(|request| request.id).collect::<Vec<_>>() {
                self.end_request(request, Ending::DeskClosed);
            }
            self.emit(Event::WorkgroupRemoved { workgroup });
        }
    }

    fn remove_agents(&mut self, spec: &DeskSpec) {
        let kept: std::collections::BTreeSet<&str> = spec.agents.iter().map(|agent| agent.name.as_str()).collect();
        let gone = self.state.agents().filter(|agent| !kept.contains(agent.spec.name.as_str()));
        for agent in gone.map(|agent| agent.id).collect::<Vec<_>>() {
            self.end_session(agent, SignOutCause::Removed);
            self.emit(Event::AgentRemoved { agent });
        }
    }

    /// Takes back the offers whose agents are no longer who they were when they got them.
    fn revoke_redeclared(&mut self) {
        let gone = self.state.offers().filter(|offer| !self.state.may_stand(offer, true));
        let gone: Vec<_> = gone.copied().collect();
        self.revoke(&gone, Revocation::Redeclared);
    }
}
