//! From what people write to what the desk is asked to put in force. Faults of one value (a date, an expression, a zone)
//! are found here; whether the parts fit together is the desk's own check.

use std::collections::BTreeMap;

use desk::refusal::{Finding, Severity};
use desk::skill::{Expr, Levels, Requirement, SkillName};
use desk::spec;
use desk::time::Span;

use super::edge::EdgeSettings;
use super::form::{self, Declaration};
use super::hours;

/// What the declaration means to the desk, or every fault in it with its place.
///
/// # Errors
/// The faults; there is at least one.
pub fn to_spec(declaration: &Declaration) -> Result<spec::DeskSpec, Vec<Finding>> {
    let mut faults = Faults::default();
    let mut skills = BTreeMap::new();
    for (name, title) in &declaration.skills {
        if let Some(name) = faults.skill("skills", name) {
            let title = named(title, name.as_str());
            skills.insert(name, title);
        }
    }
    let agents = declaration.agent.iter().map(|agent| agent_spec(agent, &mut faults)).collect();
    let workgroups = declaration.workgroup.iter().map(|workgroup| workgroup_spec(workgroup, &mut faults)).collect();
    check_canned(declaration, &mut faults);
    match faults.0.is_empty() {
        true => Ok(spec::DeskSpec { workgroups, agents, skills }),
        false => Err(faults.0),
    }
}

#[derive(Default)]
struct Faults(Vec<Finding>);

impl Faults {
    fn add(&mut self, at: &str, message: impl Into<String>) {
        self.0.push(Finding { at: at.to_owned(), message: message.into(), severity: Severity::Fault });
    }

    fn skill(&mut self, at: &str, name: &str) -> Option<SkillName> {
        SkillName::new(name).map_err(|error| self.add(at, format!("skill `{name}`: {}", error.message))).ok()
    }

    fn levels(&mut self, at: &str, levels: &BTreeMap<String, u32>) -> Levels {
        levels.iter().filter_map(|(name, level)| Some((self.skill(at, name)?, *level))).collect()
    }

    fn expression(&mut self, at: &str, text: &str) -> Expr {
        Expr::parse(text).unwrap_or_else(|error| {
            // The desk counts bytes; people count characters.
            let before = text.char_indices().take_while(|(byte, _)| *byte < error.at).count();
            self.add(at, format!("`{text}`: {} (character {})", error.message, before + 1));
            Expr::any()
        })
    }
}

fn named(title: &str, name: &str) -> String {
    if title.is_empty() { name.to_owned() } else { title.to_owned() }
}

fn span(seconds: u32) -> Span {
    Span::secs(seconds.into())
}

fn agent_spec(agent: &form::Agent, faults: &mut Faults) -> spec::AgentSpec {
    spec::AgentSpec {
        name: agent.name.clone(),
        title: named(&agent.title, &agent.name),
        skills: faults.levels(&format!("agent {}/skills", agent.name), &agent.skills),
        chats_max: agent.chats_max,
    }
}

fn workgroup_spec(form: &form::Workgroup, faults: &mut Faults) -> spec::WorkgroupSpec {
    let at = form.name.as_str();
    let zone = hours::zone(&form.zone).unwrap_or_else(|message| {
        faults.add(&format!("{at}/zone"), message);
        desk::schedule::Zone::utc()
    });
    let mut of_hours = Vec::new();
    let hours = form.hours.to_desk(&mut of_hours);
    for (key, message) in of_hours {
        faults.add(&format!("{at}/{key}"), message);
    }
    let edge = EdgeSettings {
        away_reasons: form.away_reasons.clone(),
        tags: form.tags.clone(),
        look: form.look.clone(),
        widget: form.widget.clone(),
        retention: form.retention.clone(),
    };
    faults.0.extend(edge.check(at));
    let rules = (0..).zip(&form.rule).map(|(i, rule)| rule_spec(rule, &format!("{at}/rule[{i}]"), faults)).collect();
    spec::WorkgroupSpec {
        name: form.name.clone(),
        title: named(&form.title, &form.name),
        description: form.description.clone(),
        hours,
        zone,
        form: form_spec(&form.form, at, faults),
        entry_rules: rules,
        closing: match form.closing {
            form::Closing::Serve => spec::Closing::Serve,
            form::Closing::End => spec::Closing::End,
        },
        agent_lost: match form.agent_lost {
            form::AgentLost::Keep => spec::AgentLost::Keep,
            form::AgentLost::Return => spec::AgentLost::Return,
        },
        agent_grace: span(form.agent_grace_s),
        visitor_grace: span(form.visitor_grace_s),
        visitor_absence: span(form.visitor_absence_s),
        invitation_timeout: span(form.invitation_timeout_s),
        invitations_max: form.invitations_max,
        wrap_up: span(form.wrap_up_s),
        transfer_timeout: span(form.transfer_timeout_s),
        idle_close: span(form.idle_close_s),
        waiting_max: form.waiting_max,
        callback: spec::CallbackSpec {
            enabled: form.callback.enabled,
            confirm_timeout: span(form.callback.confirm_timeout_s),
            attempts_max: form.callback.attempts_max,
            retry_after: span(form.callback.retry_after_s),
            expires_after: span(form.callback.expires_after_s),
            open_max: form.callback.open_max,
        },
        queues: form.queue.iter().map(|queue| queue_spec(queue, &format!("{at}/{}", queue.name), faults)).collect(),
        edge: edge.to_json(),
    }
}

fn form_spec(form: &form::Form, at: &str, faults: &mut Faults) -> spec::Form {
    let fields = form.field.iter().map(|field| {
        let options = field.options.iter().map(|option| spec::FieldOption {
            value: option.value.clone(),
            label: named(&option.label, &option.value),
            labels: option.labels.clone(),
        });
        if field.kind != form::FieldKind::Choice && !field.options.is_empty() {
            faults.add(&format!("{at}/form/{}", field.name), "only a field of kind \"choice\" has options");
        }
        spec::Field {
            name: field.name.clone(),
            label: named(&field.label, &field.name),
            labels: field.labels.clone(),
            kind: match field.kind {
                form::FieldKind::Text => spec::FieldKind::Text,
                form::FieldKind::Multiline => spec::FieldKind::Multiline,
                form::FieldKind::Email => spec::FieldKind::Email,
                form::FieldKind::Choice => spec::FieldKind::Choice(options.collect()),
                form::FieldKind::Checkbox => spec::FieldKind::Checkbox,
            },
            required: field.required,
            length_max: field.length_max,
        }
    });
    spec::Form { fields: fields.collect() }
}

fn rule_spec(rule: &form::Rule, at: &str, faults: &mut Faults) -> spec::EntryRule {
    let mut when = Vec::new();
    for condition in &rule.when {
        let test = match (&condition.is, &condition.contains, condition.answered, &condition.asks) {
            (Some(values), None, None, None) => spec::ConditionTest::IsOneOf(values.iter().cloned().collect()),
            (None, Some(part), None, None) => spec::ConditionTest::Contains(part.clone()),
            (None, None, Some(true), None) => spec::ConditionTest::Answered,
            (None, None, None, Some(skill)) => match faults.skill(at, skill) {
                Some(skill) => spec::ConditionTest::Asks(skill),
                None => continue,
            },
            _ => {
                faults.add(
                    at,
                    "a condition has exactly one of `is = […]`, `contains = \"…\"`, `answered = true`, `asks = \"…\"`",
                );
                continue;
            }
        };
        when.push(spec::Condition { field: condition.field.clone(), test });
    }
    if rule.priority.is_some_and(|priority| priority > spec::Priority::MAX.0) {
        faults.add(at, "priority is 0 to 9");
    }
    spec::EntryRule {
        when,
        queue: rule.queue.clone(),
        priority: rule.priority.map(spec::Priority),
        skills: rule.skills.as_deref().map(|text| faults.expression(&format!("{at}/skills"), text)),
    }
}

fn queue_spec(queue: &form::Queue, at: &str, faults: &mut Faults) -> spec::QueueSpec {
    spec::QueueSpec {
        name: queue.name.clone(),
        title: named(&queue.title, &queue.name),
        dispatch: match queue.dispatch {
            form::Dispatch::Offer => spec::Dispatch::Offer,
            form::Dispatch::RingAll => spec::Dispatch::RingAll,
            form::Dispatch::Pull => spec::Dispatch::Pull,
            form::Dispatch::StaffedRoom => spec::Dispatch::StaffedRoom,
        },
        choice: match queue.choice {
            form::Choice::LongestIdle => spec::AgentChoice::LongestIdle,
            form::Choice::LeastBusy => spec::AgentChoice::LeastBusy,
            form::Choice::RoundRobin => spec::AgentChoice::RoundRobin,
            form::Choice::BestSkill => spec::AgentChoice::BestSkill,
        },
        last_agent_first: queue.last_agent_first,
        offer_timeout: span(queue.offer_timeout_s),
        rejection_memory: span(queue.rejection_memory_s),
        ageing: span(queue.ageing_s),
        waiting_max: queue.waiting_max,
        requirement: requirement(queue, at, faults),
        rollover: queue.rollover.iter().map(rollover_step).collect(),
        counted: match queue.counted {
            form::Counted::Asked => spec::Counted::Asked,
            form::Counted::Answered => spec::Counted::Answered,
        },
        offer_to_away: queue.offer_to_away,
        urgent_to_dnd: queue.urgent_to_dnd,
        target_wait: span(queue.target_wait_s),
        members: queue.members.iter().map(|member| member_of(member, at, faults)).collect(),
    }
}

fn requirement(queue: &form::Queue, at: &str, faults: &mut Faults) -> Requirement {
    let first = faults.expression(&format!("{at}/skills"), &queue.skills);
    if first.is_any() && queue.relax.is_empty() {
        return Requirement::any();
    }
    let mut steps = vec![(Span::ZERO, first)];
    for relax in &queue.relax {
        steps.push((span(relax.after_s), faults.expression(&format!("{at}/relax"), &relax.skills)));
    }
    let requirement = Requirement { steps };
    for finding in requirement.check().into_iter().filter(|finding| finding.severity == Severity::Fault) {
        faults.add(&format!("{at}/relax"), finding.message);
    }
    requirement
}

fn rollover_step(step: &form::Rollover) -> spec::RolloverStep {
    spec::RolloverStep {
        after: span(step.after_s),
        to: step.to.clone(),
        keep: step.keep,
        skip_if_nobody: step.skip_if_nobody,
    }
}

fn member_of(member: &form::Member, at: &str, faults: &mut Faults) -> spec::Member {
    let at = format!("{at}/members/{}", member.agent);
    if member.priority > 9 {
        faults.add(&at, "priority is 0 to 9");
    }
    spec::Member {
        agent: member.agent.clone(),
        priority: member.priority,
        capacity: member.capacity,
        skills: faults.levels(&at, &member.skills),
    }
}

fn check_canned(declaration: &Declaration, faults: &mut Faults) {
    for canned in &declaration.canned {
        let at = format!("canned {}", canned.shortcut);
        if canned.shortcut.is_empty() || canned.shortcut.len() > 40 || canned.shortcut.contains(char::is_whitespace) {
            faults.add(&at, "a shortcut has 1 to 40 characters and no space");
        }
        if canned.text.is_empty() || canned.text.chars().count() > 4000 {
            faults.add(&at, "the text has 1 to 4000 characters");
        }
        if let Some(name) = &canned.workgroup
            && !declaration.workgroup.iter().any(|workgroup| workgroup.name == *name)
        {
            let known = declaration.workgroup.iter().map(|workgroup| workgroup.name.as_str());
            let meant = crate::suggest::nearest(name, known).map(|near| format!(": did you mean `{near}`?"));
            faults.add(&at, format!("there is no workgroup `{name}`{}", meant.unwrap_or_default()));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    for canned in &declaration.canned {
        if !seen.insert((&canned.shortcut, &canned.workgroup, &canned.locale)) {
            faults.add(&format!("canned {}", canned.shortcut), "the shortcut stands twice");
        }
    }
}
