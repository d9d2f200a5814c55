//! From the desk back to what people write: the same keys, and in files only those that differ from the defaults.

use desk::skill::Levels;
use desk::spec;
use desk::time::Span;
use serde_json::{Map, Value};

use super::edge::EdgeSettings;
use super::form::{self, Canned, Declaration};
use super::hours::Hours;

/// The declaration that means this.
pub fn from_spec(spec: &spec::DeskSpec, canned: Vec<Canned>) -> Declaration {
    Declaration {
        skills: spec.skills.iter().map(|(name, title)| (name.as_str().to_owned(), title.clone())).collect(),
        agent: spec.agents.iter().map(agent).collect(),
        workgroup: spec.workgroups.iter().map(workgroup).collect(),
        canned,
    }
}

fn seconds(span: Span) -> u32 {
    u32::try_from(span.as_secs()).unwrap_or(if span.0 < 0 { 0 } else { u32::MAX })
}

fn levels(levels: &Levels) -> std::collections::BTreeMap<String, u32> {
    levels.iter().map(|(name, level)| (name.as_str().to_owned(), *level)).collect()
}

fn agent(spec: &spec::AgentSpec) -> form::Agent {
    form::Agent {
        name: spec.name.clone(),
        title: spec.title.clone(),
        chats_max: spec.chats_max,
        skills: levels(&spec.skills),
    }
}

fn workgroup(spec: &spec::WorkgroupSpec) -> form::Workgroup {
    let edge = EdgeSettings::of(&spec.edge);
    form::Workgroup {
        name: spec.name.clone(),
        title: spec.title.clone(),
        description: spec.description.clone(),
        zone: spec.zone.name.clone(),
        agent_lost: match spec.agent_lost {
            spec::AgentLost::Keep => form::AgentLost::Keep,
            spec::AgentLost::Return => form::AgentLost::Return,
        },
        closing: match spec.closing {
            spec::Closing::Serve => form::Closing::Serve,
            spec::Closing::End => form::Closing::End,
        },
        agent_grace_s: seconds(spec.agent_grace),
        visitor_grace_s: seconds(spec.visitor_grace),
        visitor_absence_s: seconds(spec.visitor_absence),
        invitation_timeout_s: seconds(spec.invitation_timeout),
        invitations_max: spec.invitations_max,
        wrap_up_s: seconds(spec.wrap_up),
        transfer_timeout_s: seconds(spec.transfer_timeout),
        idle_close_s: seconds(spec.idle_close),
        waiting_max: spec.waiting_max,
        away_reasons: edge.away_reasons,
        tags: edge.tags,
        hours: Hours::from_desk(&spec.hours),
        form: form::Form { field: spec.form.fields.iter().map(field).collect() },
        rule: spec.entry_rules.iter().map(rule).collect(),
        callback: form::Callback {
            enabled: spec.callback.enabled,
            confirm_timeout_s: seconds(spec.callback.confirm_timeout),
            attempts_max: spec.callback.attempts_max,
            retry_after_s: seconds(spec.callback.retry_after),
            expires_after_s: seconds(spec.callback.expires_after),
            open_max: spec.callback.open_max,
        },
        look: edge.look,
        widget: edge.widget,
        retention: edge.retention,
        queue: spec.queues.iter().map(queue).collect(),
    }
}

fn field(spec: &spec::Field) -> form::Field {
    let mut options = Vec::new();
    let kind = match &spec.kind {
        spec::FieldKind::Text => form::FieldKind::Text,
        spec::FieldKind::Multiline => form::FieldKind::Multiline,
        spec::FieldKind::Email => form::FieldKind::Email,
        spec::FieldKind::Checkbox => form::FieldKind::Checkbox,
        spec::FieldKind::Choice(choices) => {
            options.extend(choices.iter().map(|choice| form::FieldOption {
                value: choice.value.clone(),
                label: choice.label.clone(),
                labels: choice.labels.clone(),
            }));
            form::FieldKind::Choice
        }
    };
    form::Field {
        name: spec.name.clone(),
        label: spec.label.clone(),
        labels: spec.labels.clone(),
        kind,
        required: spec.required,
        length_max: spec.length_max,
        options,
    }
}

fn rule(spec: &spec::EntryRule) -> form::Rule {
    let when = spec.when.iter().map(|condition| {
        let mut written = form::Condition { field: condition.field.clone(), ..form::Condition::default() };
        match &condition.test {
            spec::ConditionTest::IsOneOf(values) => written.is = Some(values.iter().cloned().collect()),
            spec::ConditionTest::Contains(part) => written.contains = Some(part.clone()),
            spec::ConditionTest::Answered => written.answered = Some(true),
            spec::ConditionTest::Asks(skill) => written.asks = Some(skill.as_str().to_owned()),
        }
        written
    });
    form::Rule {
        when: when.collect(),
        queue: spec.queue.clone(),
        priority: spec.priority.map(|priority| priority.0),
        skills: spec.skills.as_ref().map(ToString::to_string),
    }
}

fn queue(spec: &spec::QueueSpec) -> form::Queue {
    let mut steps = spec.requirement.steps.iter();
    let skills = steps.next().map_or_else(String::new, |(_, expression)| expression.to_string());
    let relax =
        steps.map(|(after, expression)| form::Relax { after_s: seconds(*after), skills: expression.to_string() });
    form::Queue {
        name: spec.name.clone(),
        title: spec.title.clone(),
        dispatch: match spec.dispatch {
            spec::Dispatch::Offer => form::Dispatch::Offer,
            spec::Dispatch::RingAll => form::Dispatch::RingAll,
            spec::Dispatch::Pull => form::Dispatch::Pull,
            spec::Dispatch::StaffedRoom => form::Dispatch::StaffedRoom,
        },
        choice: match spec.choice {
            spec::AgentChoice::LongestIdle => form::Choice::LongestIdle,
            spec::AgentChoice::LeastBusy => form::Choice::LeastBusy,
            spec::AgentChoice::RoundRobin => form::Choice::RoundRobin,
            spec::AgentChoice::BestSkill => form::Choice::BestSkill,
        },
        last_agent_first: spec.last_agent_first,
        offer_timeout_s: seconds(spec.offer_timeout),
        rejection_memory_s: seconds(spec.rejection_memory),
        ageing_s: seconds(spec.ageing),
        waiting_max: spec.waiting_max,
        skills,
        relax: relax.collect(),
        counted: match spec.counted {
            spec::Counted::Asked => form::Counted::Asked,
            spec::Counted::Answered => form::Counted::Answered,
        },
        offer_to_away: spec.offer_to_away,
        urgent_to_dnd: spec.urgent_to_dnd,
        target_wait_s: seconds(spec.target_wait),
        members: spec.members.iter().map(member).collect(),
        rollover: spec.rollover.iter().map(rollover).collect(),
    }
}

fn member(spec: &spec::Member) -> form::Member {
    form::Member {
        agent: spec.agent.clone(),
        priority: spec.priority,
        capacity: spec.capacity,
        skills: levels(&spec.skills),
    }
}

fn rollover(spec: &spec::RolloverStep) -> form::Rollover {
    form::Rollover {
        after_s: seconds(spec.after),
        to: spec.to.clone(),
        keep: spec.keep,
        skip_if_nobody: spec.skip_if_nobody,
    }
}

/// The text of a `desk.toml`: what stands at its default is left out.
pub fn to_toml(declaration: &Declaration) -> String {
    let mut value = json(declaration);
    prune_list(&mut value, "agent", &json(&form::Agent::default()), |_| ());
    prune_list(&mut value, "workgroup", &json(&form::Workgroup::default()), |workgroup| {
        prune_list(workgroup, "queue", &json(&form::Queue::default()), |_| ());
        if let Some(form) = workgroup.get_mut("form") {
            prune_list(form, "field", &json(&form::Field::default()), |field| {
                prune_list(field, "options", &json(&form::FieldOption::default()), |_| ());
            });
        }
    });
    let text = toml::to_string_pretty(&value).unwrap_or_default();
    format!("# A desk as exported by Anteroom. Keys at their default are left out.\n\n{text}")
}

fn json(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Prunes each table of a list against its default, after what stands inside it.
fn prune_list(parent: &mut Value, key: &str, default: &Value, inside: impl Fn(&mut Value)) {
    for item in parent.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten() {
        inside(item);
        prune(item, default);
    }
}

/// Drops keys that stand at their default, in tables within tables too. Lists are all or nothing.
fn prune(value: &mut Value, default: &Value) {
    let (Value::Object(map), Value::Object(default)) = (value, default) else { return };
    map.retain(|key, value| default.get(key) != Some(value));
    for (key, value) in map.iter_mut() {
        if let Some(default) = default.get(key) {
            prune(value, default);
        }
    }
    map.retain(|_, value| *value != Value::Object(Map::new()));
}
