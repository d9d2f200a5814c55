//! What is wrong with a declaration: faults that refuse it, and warnings about what is probably not meant.

use std::collections::{BTreeMap, BTreeSet};

use crate::refusal::{Finding, Severity};
use crate::schedule;
use crate::skill::{Expr, Levels};
use crate::spec::{AgentSpec, Condition, ConditionTest, DeskSpec, Field, FieldKind, Member, QueueSpec, WorkgroupSpec};
use crate::time::Span;
use crate::workgroup::EDGE_ANSWERS;

/// Longest name of a workgroup, queue, agent or field, in characters.
const NAME_MAX: usize = 40;
/// Longest title, in characters.
const TITLE_MAX: usize = 200;
/// Longest description, in characters.
const DESCRIPTION_MAX: usize = 2_000;
/// Longest span that is a setting: a year.
const SPAN_MAX: Span = Span::secs(366 * 24 * 3600);
/// Highest priority of a member.
const MEMBER_PRIORITY_MAX: u8 = 9;

/// Everything that is wrong with a declaration; it can be put in force if no finding is a fault.
pub fn check(spec: &DeskSpec) -> Vec<Finding> {
    let mut checker = Checker::new(spec);
    checker.names("agent", spec.agents.iter().map(|agent| agent.name.as_str()), true);
    for agent in &spec.agents {
        checker.agent(agent);
    }
    checker.names("workgroup", spec.workgroups.iter().map(|workgroup| workgroup.name.as_str()), false);
    for workgroup in &spec.workgroups {
        checker.workgroup(workgroup);
    }
    checker.cycles();
    checker.findings
}

struct Checker<'a> {
    spec: &'a DeskSpec,
    agents: BTreeMap<&'a str, &'a AgentSpec>,
    /// By `workgroup/queue`.
    queues: BTreeMap<String, &'a QueueSpec>,
    findings: Vec<Finding>,
}

impl<'a> Checker<'a> {
    fn new(spec: &'a DeskSpec) -> Self {
        let queues = spec.workgroups.iter().flat_map(|workgroup| {
            workgroup.queues.iter().map(move |queue| (format!("{}/{}", workgroup.name, queue.name), queue))
        });
        let agents = spec.agents.iter().map(|agent| (agent.name.as_str(), agent));
        Self { spec, agents: agents.collect(), queues: queues.collect(), findings: Vec::new() }
    }

    fn fault(&mut self, at: impl Into<String>, message: impl Into<String>) {
        self.findings.push(Finding { at: at.into(), message: message.into(), severity: Severity::Fault });
    }

    fn warn(&mut self, at: impl Into<String>, message: impl Into<String>) {
        self.findings.push(Finding { at: at.into(), message: message.into(), severity: Severity::Warning });
    }

    fn take_over(&mut self, at: &str, findings: Vec<Finding>) {
        let moved = findings.into_iter().map(|it| Finding { at: format!("{at}/{}", it.at), ..it });
        self.findings.extend(moved);
    }

    fn names<'n>(&mut self, what: &str, names: impl Iterator<Item = &'n str>, dots: bool) {
        let mut seen = BTreeSet::new();
        for name in names {
            let sound =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c) || (dots && c == '.');
            if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(sound) {
                let dot = if dots { ", `.`" } else { "" };
                let message =
                    format!("the name of the {what} must be 1 to {NAME_MAX} characters of `a-z`, `0-9`, `-`, `_`{dot}");
                self.fault(name, message);
            }
            if !seen.insert(name) {
                self.fault(name, format!("there are two {what}s of this name"));
            }
        }
    }

    fn text(&mut self, at: &str, what: &str, text: &str, max: usize) {
        if text.chars().count() > max {
            self.fault(at, format!("the {what} is longer than {max} characters"));
        }
    }

    fn span(&mut self, at: &str, what: &str, span: Span, least: Span) {
        if span < least {
            let least = least.as_secs();
            self.fault(at, format!("{what}_s must be at least {least}"));
        } else if span > SPAN_MAX {
            self.fault(at, format!("{what}_s is longer than a year"));
        }
    }

    fn agent(&mut self, agent: &AgentSpec) {
        self.text(&agent.name, "title", &agent.title, TITLE_MAX);
        self.levels(&agent.name, &agent.skills);
        if agent.chats_max == 0 {
            self.warn(&agent.name, "chats_max is 0: this agent is never offered anything");
        }
    }

    fn levels(&mut self, at: &str, levels: &Levels) {
        for skill in levels.keys().filter(|skill| !self.spec.skills.contains_key(*skill)) {
            self.warn(at, format!("the skill {skill} is not in the list of skills"));
        }
    }

    fn expr(&mut self, at: &str, expr: &Expr) {
        for skill in expr.skills().into_iter().filter(|skill| !self.spec.skills.contains_key(*skill)) {
            self.warn(at, format!("the skill {skill} is not in the list of skills"));
        }
    }

    fn workgroup(&mut self, workgroup: &'a WorkgroupSpec) {
        let at = workgroup.name.as_str();
        self.text(at, "title", &workgroup.title, TITLE_MAX);
        self.text(at, "description", &workgroup.description, DESCRIPTION_MAX);
        let hours = schedule::check(&workgroup.hours).into_iter().chain(schedule::check_zone(&workgroup.zone));
        self.take_over(at, hours.collect());
        self.spans(workgroup);
        if workgroup.invitations_max == 0 {
            self.fault(at, "invitations_max must be at least 1");
        }
        if workgroup.waiting_max == 0 {
            self.warn(at, "waiting_max is 0: nobody can join");
        }
        self.form(workgroup);
        self.entry_rules(workgroup);
        if workgroup.queues.is_empty() {
            self.fault(at, "a workgroup needs a queue");
        }
        self.names("queue", workgroup.queues.iter().map(|queue| queue.name.as_str()), false);
        for queue in &workgroup.queues {
            self.queue(&format!("{at}/{}", queue.name), queue);
        }
    }

    fn spans(&mut self, workgroup: &WorkgroupSpec) {
        let at = workgroup.name.as_str();
        let (none, one) = (Span::ZERO, Span::secs(1));
        self.span(at, "agent_grace", workgroup.agent_grace, none);
        self.span(at, "visitor_grace", workgroup.visitor_grace, none);
        self.span(at, "visitor_absence", workgroup.visitor_absence, none);
        self.span(at, "invitation_timeout", workgroup.invitation_timeout, one);
        self.span(at, "wrap_up", workgroup.wrap_up, none);
        self.span(at, "transfer_timeout", workgroup.transfer_timeout, one);
        self.span(at, "idle_close", workgroup.idle_close, none);
        let callback = &workgroup.callback;
        if !callback.enabled {
            return;
        }
        self.span(at, "callback.confirm_timeout", callback.confirm_timeout, one);
        self.span(at, "callback.retry_after", callback.retry_after, one);
        self.span(at, "callback.expires_after", callback.expires_after, one);
        if callback.attempts_max == 0 {
            self.fault(at, "callback.attempts_max must be at least 1");
        }
    }

    fn form(&mut self, workgroup: &WorkgroupSpec) {
        let mut seen = BTreeSet::new();
        for field in &workgroup.form.fields {
            let at = format!("{}/form/{}", workgroup.name, field.name);
            let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if field.name.is_empty() || field.name.len() > NAME_MAX || !field.name.chars().all(sound) {
                self.fault(&at, format!("a field's name must be 1 to {NAME_MAX} characters of `a-z`, `0-9`, `_`"));
            }
            if EDGE_ANSWERS.contains(&field.name.as_str()) {
                self.fault(&at, "this name is taken: it is answered by the page, not by the visitor");
            }
            if !seen.insert(&field.name) {
                self.fault(&at, "there are two fields of this name");
            }
            self.field(&at, field);
        }
    }

    fn field(&mut self, at: &str, field: &Field) {
        if field.length_max == 0 && !matches!(field.kind, FieldKind::Checkbox) {
            self.fault(at, "length_max is 0: nothing can be answered");
        }
        let FieldKind::Choice(options) = &field.kind else { return };
        if options.is_empty() {
            self.fault(at, "a choice needs options");
        }
        let mut values = BTreeSet::new();
        for option in options {
            if option.value.is_empty() || option.value.trim() != option.value {
                self.fault(at, "an option's value must not be empty or begin or end with a space");
            }
            if option.value.chars().count() > field.length_max as usize {
                self.fault(at, format!("the option {} is longer than length_max", option.value));
            }
            if !values.insert(&option.value) {
                self.fault(at, format!("the option {} stands here twice", option.value));
            }
        }
    }

    fn entry_rules(&mut self, workgroup: &WorkgroupSpec) {
        let last = workgroup.entry_rules.len().saturating_sub(1);
        for (i, rule) in workgroup.entry_rules.iter().enumerate() {
            let at = format!("{}/entry_rules[{i}]", workgroup.name);
            let queues = workgroup.queues.iter().map(|queue| queue.name.as_str());
            if let Some(name) = &rule.queue
                && !queues.clone().any(|queue| queue == name)
            {
                self.fault(&at, unknown("queue", name, queues));
            }
            if rule.priority.is_some_and(|priority| priority > crate::spec::Priority::MAX) {
                self.fault(&at, "a priority is 0 to 9");
            }
            if let Some(skills) = &rule.skills {
                self.expr(&at, skills);
            }
            if rule.when.is_empty() && i < last {
                self.warn(&at, "this rule always holds: the ones after it never do");
            }
            for condition in &rule.when {
                self.condition(&at, workgroup, condition);
            }
        }
    }

    fn condition(&mut self, at: &str, workgroup: &WorkgroupSpec, condition: &Condition) {
        if let ConditionTest::Asks(skill) = &condition.test {
            if !condition.field.is_empty() {
                self.fault(at, "a condition on a skill asked for has no field");
            }
            if !self.spec.skills.contains_key(skill) {
                self.warn(at, format!("the skill {skill} is not in the list of skills"));
            }
            return;
        }
        let fields = workgroup.form.fields.iter().map(|field| field.name.as_str()).chain(EDGE_ANSWERS);
        if !fields.clone().any(|field| field == condition.field) {
            self.fault(at, unknown("field", &condition.field, fields));
        }
        let empty = match &condition.test {
            ConditionTest::IsOneOf(values) => values.is_empty(),
            ConditionTest::Contains(part) => part.trim().is_empty(),
            ConditionTest::Answered | ConditionTest::Asks(_) => false,
        };
        if empty {
            self.fault(at, "the condition has nothing to compare with");
        }
    }

    fn queue(&mut self, at: &str, queue: &'a QueueSpec) {
        self.text(at, "title", &queue.title, TITLE_MAX);
        self.span(at, "offer_timeout", queue.offer_timeout, Span::secs(1));
        self.span(at, "rejection_memory", queue.rejection_memory, Span::ZERO);
        self.span(at, "ageing", queue.ageing, Span::ZERO);
        self.span(at, "target_wait", queue.target_wait, Span::ZERO);
        self.take_over(at, queue.requirement.check());
        for (_, expr) in &queue.requirement.steps {
            self.expr(at, expr);
        }
        self.members(at, queue);
        self.requirement(at, queue);
        self.rollover(at, queue);
    }

    fn members(&mut self, at: &str, queue: &QueueSpec) {
        let mut seen = BTreeSet::new();
        for member in &queue.members {
            if !self.agents.contains_key(member.agent.as_str()) {
                let known: Vec<&str> = self.agents.keys().copied().collect();
                self.fault(at, unknown("agent", &member.agent, known.into_iter()));
            }
            if !seen.insert(&member.agent) {
                self.fault(at, format!("{} is a member twice", member.agent));
            }
            if member.priority > MEMBER_PRIORITY_MAX {
                self.fault(at, format!("the priority of {} must be 0 to {MEMBER_PRIORITY_MAX}", member.agent));
            }
            self.levels(at, &member.skills);
        }
        if queue.members.is_empty() && queue.rollover.is_empty() {
            self.warn(at, "nobody helps here, and nobody else is asked: whoever joins waits for ever");
        }
    }

    /// Warns if no member can ever meet what is required, however long it is relaxed.
    fn requirement(&mut self, at: &str, queue: &QueueSpec) {
        let Some((_, weakest)) = queue.requirement.steps.last() else { return };
        let meets = |member: &Member| {
            let mut levels = self.agents.get(member.agent.as_str()).map_or_else(Levels::new, |it| it.skills.clone());
            levels.extend(member.skills.clone());
            weakest.matches(&levels)
        };
        if !queue.members.is_empty() && !queue.members.iter().any(meets) {
            self.warn(at, "no member meets what is required, however long somebody waits");
        }
    }

    fn rollover(&mut self, at: &str, queue: &QueueSpec) {
        let mut seen = BTreeSet::new();
        for (i, step) in queue.rollover.iter().enumerate() {
            let place = format!("{at}/rollover[{i}]");
            self.span(&place, "after", step.after, Span::secs(1));
            if step.to == at {
                self.fault(&place, "the queue rolls over to itself");
            } else if !self.queues.contains_key(&step.to) {
                let known: Vec<String> = self.queues.keys().cloned().collect();
                self.fault(&place, unknown("queue", &step.to, known.iter().map(String::as_str)));
            }
            if !seen.insert(&step.to) {
                self.fault(&place, format!("{} is asked twice", step.to));
            }
        }
        let target = queue.rollover.last().and_then(|last| self.queues.get(&last.to));
        if target.is_some_and(|target| target.members.is_empty()) {
            let place = format!("{at}/rollover[{}]", queue.rollover.len() - 1);
            self.warn(place, "the last queue has no members: the rollover is a dead end");
        }
    }

    /// Queues that roll over to each other in a ring. A request only follows the steps of the queue it asked for, so a
    /// ring of two does no harm by itself, but it is nearly always a mistake: refused.
    fn cycles(&mut self) {
        let names: Vec<String> = self.queues.keys().cloned().collect();
        let mut reported = BTreeSet::new();
        for name in &names {
            let Some(ring) = self.ring_from(name) else { continue };
            let mut members = ring.clone();
            members.sort_unstable();
            if reported.insert(members) {
                let path = ring.iter().chain(ring.first()).cloned().collect::<Vec<_>>().join(" → ");
                self.fault(format!("{name}/rollover"), format!("rolls over in a ring: {path}"));
            }
        }
    }

    /// A way along rollover steps from a queue back to itself.
    fn ring_from(&self, name: &str) -> Option<Vec<String>> {
        let mut paths = vec![vec![name.to_owned()]];
        let mut visited = BTreeSet::new();
        while let Some(path) = paths.pop() {
            let targets = path.last().and_then(|last| self.queues.get(last)).map_or(&[][..], |queue| &queue.rollover);
            for step in targets {
                if step.to == name && path.len() > 1 {
                    return Some(path);
                }
                if step.to != name && visited.insert(step.to.clone()) {
                    paths.push(path.iter().cloned().chain([step.to.clone()]).collect());
                }
            }
        }
        None
    }
}

/// Says that a name is unknown, and which one was probably meant.
fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let near = known.map(|other| (distance(name, other), other)).min();
    match near.filter(|(distance, _)| *distance <= 1 + name.chars().count() / 4) {
        Some((_, near)) => format!("there is no {what} {name}; did you mean {near}?"),
        None => format!("there is no {what} {name}"),
    }
}

/// Edit distance: insertions, deletions and replacements of one character.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
