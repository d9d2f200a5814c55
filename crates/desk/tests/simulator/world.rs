//! Random desks: small ones with everything in them, so that rare things meet often.

use std::collections::{BTreeMap, BTreeSet};

use desk::limits::Limits;
use desk::schedule::{Hours, Opening, Zone};
use desk::skill::{Expr, Requirement, SkillName};
use desk::spec::{
    AgentChoice, AgentLost, AgentSpec, CallbackSpec, Closing, Condition, ConditionTest, Counted, DeskSpec, Dispatch,
    EntryRule, Field, FieldKind, Form, Member, Priority, QueueSpec, RolloverStep, WorkgroupSpec,
};
use desk::time::Span;

/// Random numbers from a seed (xorshift; the same on every machine).
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        dice.below(2);
        dice
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit.max(1)
    }

    pub fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    pub fn secs(&mut self, from: u64, to: u64) -> Span {
        Span::secs(i64::try_from(self.between(from, to)).expect("small"))
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let index = self.below(of.len() as u64);
        &of[usize::try_from(index).expect("small")]
    }
}

/// Limits, tiny in one world of three.
pub fn limits(dice: &mut Dice) -> Limits {
    if !dice.one_in(3) {
        return Limits::default();
    }
    Limits {
        requests: 12,
        classes_per_queue: 3,
        ringing_per_agent: 2,
        agents_per_chat: 2,
        blocks: 2,
        rejections: 2,
        settled_per_turn: 5,
        ..Limits::default()
    }
}

const EXPRESSIONS: [&str; 6] = ["", "a>=1", "b>=2", "a>=1&b>=1", "a>2|b>2", "a=3"];

fn skills(dice: &mut Dice) -> BTreeMap<SkillName, u32> {
    let mut levels = BTreeMap::new();
    for name in ["a", "b"] {
        let level = u32::try_from(dice.below(4)).expect("small");
        if level > 0 {
            levels.insert(SkillName::new(name).expect("a name"), level);
        }
    }
    levels
}

pub fn expression(dice: &mut Dice) -> Expr {
    Expr::parse(EXPRESSIONS[usize::try_from(dice.below(6)).expect("small")]).expect("an expression")
}

fn requirement(dice: &mut Dice) -> Requirement {
    if dice.one_in(2) {
        return Requirement::any();
    }
    let mut steps = vec![(Span::ZERO, expression(dice))];
    if dice.one_in(2) {
        steps.push((dice.secs(5, 40), Expr::any()));
    }
    Requirement { steps }
}

/// A whole desk. Chains only roll over to queues further down, so there is no cycle.
pub fn desk(dice: &mut Dice) -> DeskSpec {
    let agents: Vec<AgentSpec> = (0..dice.between(2, 6))
        .map(|number| AgentSpec {
            name: format!("agent{number}"),
            title: format!("Agent {number}"),
            skills: skills(dice),
            chats_max: u32::try_from(dice.between(1, 3)).expect("small"),
        })
        .collect();
    let names: Vec<(String, Vec<String>)> = (0..dice.between(1, 2))
        .map(|number| (format!("wg{number}"), (0..dice.between(1, 3)).map(|queue| format!("q{queue}")).collect()))
        .collect();
    let all: Vec<String> =
        names.iter().flat_map(|(group, queues)| queues.iter().map(move |queue| format!("{group}/{queue}"))).collect();
    let mut workgroups = Vec::new();
    for (name, queues) in &names {
        let mut spec = workgroup(dice, name);
        for queue in queues {
            let at = all.iter().position(|full| *full == format!("{name}/{queue}")).expect("it is there");
            spec.queues.push(line(dice, queue, &agents, &all[at + 1..]));
        }
        if spec.queues.len() > 1 {
            spec.entry_rules.push(EntryRule {
                when: vec![Condition {
                    field: "topic".into(),
                    test: ConditionTest::IsOneOf(BTreeSet::from(["loans".to_owned()])),
                }],
                queue: Some(spec.queues[1].name.clone()),
                priority: dice.one_in(2).then_some(Priority(7)),
                skills: if dice.one_in(2) { Some(expression(dice)) } else { None },
            });
        }
        workgroups.push(spec);
    }
    DeskSpec { workgroups, agents, skills: BTreeMap::new() }
}

fn workgroup(dice: &mut Dice, name: &str) -> WorkgroupSpec {
    let hours = if dice.one_in(4) {
        let from = u16::try_from(dice.below(1_300)).expect("small");
        let weekly = (0..7).map(|weekday| Opening { weekday, from_min: from, to_min: from + 60 }).collect();
        Hours { weekly, holidays: Vec::new(), last_call_s: u32::try_from(dice.below(900)).expect("small") }
    } else {
        Hours::always()
    };
    let topic = Field {
        name: "topic".into(),
        label: "Topic".into(),
        labels: BTreeMap::new(),
        kind: FieldKind::Text,
        required: false,
        length_max: 20,
    };
    WorkgroupSpec {
        name: name.into(),
        title: name.into(),
        description: String::new(),
        hours,
        zone: Zone::utc(),
        form: Form { fields: vec![topic] },
        entry_rules: Vec::new(),
        closing: if dice.one_in(2) { Closing::Serve } else { Closing::End },
        agent_lost: if dice.one_in(2) { AgentLost::Keep } else { AgentLost::Return },
        agent_grace: dice.secs(0, 40),
        visitor_grace: dice.secs(1, 40),
        visitor_absence: dice.secs(1, 90),
        invitation_timeout: dice.secs(1, 60),
        invitations_max: u8::try_from(dice.between(1, 3)).expect("small"),
        wrap_up: dice.secs(0, 10),
        transfer_timeout: dice.secs(1, 40),
        idle_close: Span::ZERO,
        waiting_max: u32::try_from(dice.between(3, 30)).expect("small"),
        callback: CallbackSpec {
            enabled: !dice.one_in(4),
            confirm_timeout: dice.secs(1, 20),
            attempts_max: u8::try_from(dice.between(1, 3)).expect("small"),
            retry_after: dice.secs(1, 30),
            expires_after: dice.secs(20, 300),
            open_max: u32::try_from(dice.between(1, 5)).expect("small"),
        },
        queues: Vec::new(),
        edge: String::new(),
    }
}

fn line(dice: &mut Dice, name: &str, agents: &[AgentSpec], later: &[String]) -> QueueSpec {
    let dispatch = *dice.pick(&[
        Dispatch::Offer,
        Dispatch::Offer,
        Dispatch::Offer,
        Dispatch::RingAll,
        Dispatch::RingAll,
        Dispatch::Pull,
        Dispatch::StaffedRoom,
    ]);
    let choices = [AgentChoice::LongestIdle, AgentChoice::LeastBusy, AgentChoice::RoundRobin, AgentChoice::BestSkill];
    let mut rollover = Vec::new();
    for to in later {
        if dice.one_in(2) {
            rollover.push(RolloverStep {
                after: dice.secs(1, 30),
                to: to.clone(),
                keep: dice.one_in(2),
                skip_if_nobody: dice.one_in(2),
            });
        }
    }
    let mut members = Vec::new();
    for agent in agents {
        if !dice.one_in(3) {
            members.push(Member {
                agent: agent.name.clone(),
                priority: *dice.pick(&[5, 5, 5, 7]),
                capacity: dice.one_in(4).then_some(1),
                skills: if dice.one_in(5) { skills(dice) } else { BTreeMap::new() },
            });
        }
    }
    QueueSpec {
        name: name.into(),
        title: name.into(),
        dispatch,
        choice: *dice.pick(&choices),
        last_agent_first: dice.one_in(2),
        offer_timeout: dice.secs(1, 40),
        rejection_memory: dice.secs(0, 30),
        ageing: dice.secs(0, 120),
        waiting_max: u32::try_from(dice.between(2, 20)).expect("small"),
        requirement: requirement(dice),
        rollover,
        counted: if dice.one_in(2) { Counted::Asked } else { Counted::Answered },
        offer_to_away: dice.one_in(3),
        urgent_to_dnd: dice.one_in(3),
        target_wait: Span::secs(30),
        members,
    }
}
