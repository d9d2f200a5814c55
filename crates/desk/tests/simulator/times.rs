//! When things happen, and who comes first: the part of the reference model that judges rollover, relaxing, deadlines and
//! graces by the clock, and the choice of an agent by its key. It knows the declared spans and what the events said before.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use desk::command::Show;
use desk::event::{Ending, Event, OfferKind, Part, Placement, SignOutCause};
use desk::ids::{AgentId, OfferId, QueueId, RequestId};
use desk::skill::{Expr, SkillName};
use desk::spec::{AgentChoice, Dispatch};
use desk::time::{Span, Time};

use super::Model;

/// What was said about times.
#[derive(Default)]
pub(super) struct Times {
    /// When each queue was declared last: what was reckoned before follows the earlier declaration.
    declared: BTreeMap<QueueId, Time>,
    offers: BTreeMap<OfferId, Time>,
    visitors: BTreeMap<RequestId, Time>,
    agents: BTreeMap<AgentId, Time>,
    wrap_ups: BTreeMap<AgentId, Time>,
    invited: BTreeMap<RequestId, Time>,
    levels: BTreeMap<RequestId, Levels>,
    idle_since: BTreeMap<AgentId, Time>,
    offered_at: BTreeMap<AgentId, Time>,
}

/// The rollover levels that a request reached since it was asked or moved.
#[derive(Default)]
struct Levels {
    placed: BTreeMap<u8, Time>,
    skipped: BTreeSet<u8>,
}

impl Model {
    pub(super) fn judge_times(&self, event: &Event) {
        let past = |what: &str, until: Option<&Time>| {
            assert!(until.is_some_and(|until| *until <= self.now), "{what} before its time: {until:?}, {event:?}");
        };
        match event {
            Event::OfferMade { queue, kind: OfferKind::Request, deadline, .. } => {
                let stands = self.queues[queue].1.offer_timeout.max(Span::secs(1));
                assert_eq!(*deadline, self.now + stands, "an offer stands as long as its queue says");
            }
            Event::OfferExpired { offer } => past("an offer expires", self.times.offers.get(offer)),
            Event::RequestPlaced { request, level, cause, .. } => self.judge_level(*request, *level, *cause),
            Event::RequirementRelaxed { request, step } => {
                let it = &self.requests[request];
                assert_eq!(usize::from(*step), it.relaxed + 1, "a step of relaxing is left out");
                past("a requirement relaxes", Some(&(it.joined_at + it.requirement.steps[usize::from(*step)].0)));
            }
            Event::InvitationLapsed { request, .. } => past("an invitation lapses", self.times.invited.get(request)),
            Event::RequestEnded { request, ending: Ending::Abandoned } if self.times.visitors.contains_key(request) => {
                past("a visitor is given up", self.times.visitors.get(request));
            }
            Event::AgentSignedOut { agent, cause: SignOutCause::Lost } => {
                past("an agent is given up", self.times.agents.get(agent));
            }
            _ => {}
        }
    }

    /// A step of rollover is taken when the level before has had its time, or nobody was there, or somebody came.
    fn judge_level(&self, id: RequestId, level: u8, cause: Placement) {
        let asked = self.requests[&id].asked;
        let Some((step, levels)) = self.step(asked, level).zip(self.times.levels.get(&id)) else { return };
        let woken = levels.skipped.contains(&level) || levels.skipped.contains(&(level - 1));
        let Some(before) = levels.placed.get(&(level - 1)).filter(|_| self.reckoned_by(asked, &levels.placed)) else {
            return;
        };
        let due = *before + step;
        match cause {
            Placement::Rollover => {
                assert!(woken || due <= self.now, "request {} rolls over to level {level} before {due:?}", id.0);
            }
            Placement::NobodyThere => assert!(self.now < due, "request {} rolled over by its timer", id.0),
            Placement::Asked | Placement::Moved | Placement::Transfer => {}
        }
    }

    /// How long a request of this queue stays at the level before this one.
    fn step(&self, asked: QueueId, level: u8) -> Option<Span> {
        let steps = &self.queues.get(&asked)?.1.rollover;
        steps.get(usize::from(level).checked_sub(1)?).map(|step| step.after)
    }

    fn reckoned_by(&self, asked: QueueId, placed: &BTreeMap<u8, Time>) -> bool {
        let declared = self.times.declared.get(&asked).copied().unwrap_or(Time::MIN);
        placed.values().all(|at| declared < *at)
    }

    pub(super) fn believe_times(&mut self, event: &Event) {
        let (now, times) = (self.now, &mut self.times);
        match event {
            Event::QueueDeclared { queue, .. } => _ = times.declared.insert(*queue, now),
            Event::OfferMade { offer, agent, deadline, .. } => {
                times.offers.insert(*offer, *deadline);
                times.offered_at.insert(*agent, now);
            }
            Event::OfferAccepted { offer }
            | Event::OfferRejected { offer }
            | Event::OfferExpired { offer }
            | Event::OfferRevoked { offer, .. } => _ = times.offers.remove(offer),
            Event::VisitorLost { request, until } => _ = times.visitors.insert(*request, *until),
            Event::VisitorReturned { request } | Event::CallbackAsked { request } => {
                times.visitors.remove(request);
            }
            Event::VisitorInvited { request, deadline, .. } => _ = times.invited.insert(*request, *deadline),
            Event::VisitorEntered { request, .. } | Event::InvitationLapsed { request, .. } => {
                times.invited.remove(request);
            }
            Event::RequestReturned { request, .. } => _ = times.invited.remove(request),
            Event::RequestEnded { request, .. } => {
                times.visitors.remove(request);
                times.invited.remove(request);
                times.levels.remove(request);
            }
            Event::AgentLost { agent, until } => _ = times.agents.insert(*agent, *until),
            Event::AgentReturned { agent } => _ = times.agents.remove(agent),
            Event::AgentSignedIn { agent, .. } => {
                times.agents.remove(agent);
                let it = &self.agents[agent];
                if it.show.is_none() && it.chats.values().all(|part| *part == Part::Supervisor) {
                    times.idle_since.insert(*agent, now);
                }
            }
            Event::AgentSignedOut { agent, .. } => {
                times.agents.remove(agent);
                times.wrap_ups.remove(agent);
            }
            Event::AgentLeft { request, agent, .. } => {
                let others = self.agents[agent].chats.iter().filter(|(chat, _)| *chat != request);
                if others.map(|(_, part)| part).all(|part| *part == Part::Supervisor) {
                    times.idle_since.insert(*agent, now);
                }
            }
            Event::WrapUpStarted { agent, until } => _ = times.wrap_ups.insert(*agent, *until),
            Event::WrapUpEnded { agent } => _ = times.wrap_ups.remove(agent),
            Event::QueueReplaced { request, .. } => _ = times.levels.remove(request),
            Event::RolloverSkipped { request, level, .. } => {
                times.levels.entry(*request).or_default().skipped.insert(*level);
            }
            Event::RequestPlaced { request, level, cause, .. } => match cause {
                Placement::Transfer => {}
                Placement::Asked | Placement::Moved => {
                    let placed = BTreeMap::from([(0, now)]);
                    times.levels.insert(*request, Levels { placed, skipped: BTreeSet::new() });
                }
                Placement::Rollover | Placement::NobodyThere => {
                    let levels = times.levels.entry(*request).or_default();
                    levels.placed.insert(*level, now);
                    levels.skipped.remove(level);
                }
            },
            _ => {}
        }
    }

    /// Nothing is left undone that is due.
    pub fn nothing_overdue(&self) {
        let none = |what: &str, due: Option<&Time>| {
            assert!(due.is_none_or(|due| *due > self.now), "{what} is overdue since {due:?}");
        };
        none("an offer", self.times.offers.values().min());
        none("a lost visitor", self.times.visitors.values().min());
        none("a lost agent", self.times.agents.values().min());
        none("a pause", self.times.wrap_ups.values().min());
        none("an invitation", self.times.invited.values().min());
        for (id, request) in self.requests.iter().filter(|(_, request)| request.waiting) {
            let next = request.requirement.steps.get(request.relaxed + 1).map(|(after, _)| request.joined_at + *after);
            none("relaxing", next.as_ref());
            let Some(levels) = self.times.levels.get(id).filter(|it| self.reckoned_by(request.asked, &it.placed))
            else {
                continue;
            };
            let reached = levels.placed.iter().max().filter(|(level, _)| levels.skipped.iter().all(|it| it < level));
            let step = reached.and_then(|(level, at)| Some(*at + self.step(request.asked, level + 1)?));
            none("rollover", step.as_ref());
        }
    }

    /// Of several free agents the right one: who helped last where the queue says so, else the one whose key is smallest.
    /// Judged where the agent helps at one queue only, since elsewhere the agent chooses among queues.
    pub(super) fn best_agent(&self, id: RequestId, agent: AgentId, queue: QueueId) {
        let spec = &self.queues[&queue].1;
        let at_queues = self.queues.keys().filter(|queue| self.member(agent, **queue).is_some()).count();
        if spec.dispatch != Dispatch::Offer || at_queues != 1 {
            return;
        }
        let last = self.requests[&id]
            .last_agent
            .filter(|last| spec.last_agent_first && self.agents.contains_key(last) && self.eligible(*last, queue, id));
        let eligible = || self.agents.keys().copied().filter(|other| self.eligible(*other, queue, id));
        let best = last.or_else(|| eligible().min_by_key(|other| self.rank(*other, queue, id)));
        assert_eq!(best, Some(agent), "request {} goes to another agent than by {:?}", id.0, spec.choice);
    }

    /// The place of an agent among those who can take a request; the smaller is chosen first.
    fn rank(&self, id: AgentId, queue: QueueId, request: RequestId) -> impl Ord {
        let (agent, spec) = (&self.agents[&id], &self.queues[&queue].1);
        let member = self.member(id, queue).expect("only members are eligible");
        let show = agent.show.expect("only who is signed in is eligible");
        let reserve = !matches!(show, Show::Chat | Show::Available);
        let idle = self.times.idle_since.get(&id).copied().unwrap_or_default().0;
        let chats = agent.chats.values().filter(|part| **part != Part::Supervisor).count() as i64;
        let ceiling = i64::from(agent.spec.chats_max.min(agent.hint.unwrap_or(u32::MAX)).max(1));
        let (choice, tie) = match spec.choice {
            AgentChoice::LongestIdle => (idle, 0),
            AgentChoice::LeastBusy => (chats * 1_000 / ceiling, idle),
            AgentChoice::RoundRobin => (self.times.offered_at.get(&id).copied().unwrap_or_default().0, 0),
            AgentChoice::BestSkill => {
                let mut levels: BTreeMap<SkillName, u32> = agent.spec.skills.clone();
                levels.extend(member.skills.iter().map(|(skill, level)| (skill.clone(), *level)));
                let request = &self.requests[&request];
                let needed = request.requirement.steps.get(request.relaxed).map_or_else(Expr::any, |it| it.1.clone());
                (-i64::from(needed.score(&levels)), idle)
            }
        };
        (reserve, Reverse(member.priority), show, choice, tie, id)
    }
}
