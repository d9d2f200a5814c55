//! What is different between two declarations, in lines for people. Nothing here decides.

use std::collections::BTreeMap;
use std::fmt::Debug;

use crate::spec::{AgentSpec, DeskSpec, Member, QueueSpec, WorkgroupSpec};
use crate::time::Span;

/// What is different, a line each: `queue support/loans: offer_timeout_s 30 → 20`. Empty: nothing that matters.
pub fn diff(old: &DeskSpec, new: &DeskSpec) -> Vec<String> {
    let mut lines = Lines { lines: Vec::new() };
    lines.each(
        "skill",
        old.skills.iter().map(|(k, v)| (k.to_string(), v)),
        new.skills.iter().map(|(k, v)| (k.to_string(), v)),
        |lines, at, a, b| {
            lines.field(at, "title", a, b);
        },
    );
    let by_name = |spec: &'_ WorkgroupSpec| spec.name.clone();
    lines.each(
        "workgroup",
        old.workgroups.iter().map(|it| (by_name(it), it)),
        new.workgroups.iter().map(|it| (by_name(it), it)),
        Lines::workgroup,
    );
    lines.each("queue", queues(old), queues(new), Lines::queue);
    lines.each(
        "agent",
        old.agents.iter().map(|it| (it.name.clone(), it)),
        new.agents.iter().map(|it| (it.name.clone(), it)),
        Lines::agent,
    );
    if lines.lines.is_empty() && old != new {
        lines.lines.push("the order of the declaration".to_owned());
    }
    lines.lines
}

fn queues(spec: &DeskSpec) -> impl Iterator<Item = (String, &QueueSpec)> {
    let of = |workgroup: &'_ WorkgroupSpec, queue: &QueueSpec| format!("{}/{}", workgroup.name, queue.name);
    spec.workgroups.iter().flat_map(move |it| it.queues.iter().map(move |queue| (of(it, queue), queue)))
}

struct Lines {
    lines: Vec<String>,
}

impl Lines {
    /// Compares things by name: new ones, gone ones, and with `compare` those that are in both.
    fn each<'a, T: PartialEq + 'a>(
        &mut self,
        what: &str,
        old: impl Iterator<Item = (String, &'a T)>,
        new: impl Iterator<Item = (String, &'a T)>,
        compare: impl Fn(&mut Self, &str, &T, &T),
    ) {
        let mut old: BTreeMap<String, &T> = old.collect();
        for (name, it) in new {
            let at = format!("{what} {name}");
            match old.remove(&name) {
                None => self.lines.push(format!("{at}: new")),
                Some(before) if before != it => compare(self, &at, before, it),
                Some(_) => {}
            }
        }
        self.lines.extend(old.into_keys().map(|name| format!("{what} {name}: removed")));
    }

    fn say(&mut self, at: &str, field: &str, old: impl std::fmt::Display, new: impl std::fmt::Display) {
        self.lines.push(format!("{at}: {field} {old} → {new}"));
    }

    fn span(&mut self, at: &str, field: &str, old: Span, new: Span) {
        if old != new {
            self.say(at, &format!("{field}_s"), seconds(old), seconds(new));
        }
    }

    fn field<T: PartialEq + Debug>(&mut self, at: &str, field: &str, old: &T, new: &T) {
        if old != new {
            self.say(at, field, word(old), word(new));
        }
    }

    /// Something too long to be shown.
    fn part<T: PartialEq>(&mut self, at: &str, part: &str, old: &T, new: &T) {
        if old != new {
            self.lines.push(format!("{at}: {part} changed"));
        }
    }

    fn workgroup(&mut self, at: &str, old: &WorkgroupSpec, new: &WorkgroupSpec) {
        self.field(at, "title", &old.title, &new.title);
        self.part(at, "description", &old.description, &new.description);
        self.part(at, "hours", &(&old.hours, &old.zone), &(&new.hours, &new.zone));
        self.part(at, "form", &old.form, &new.form);
        self.part(at, "entry rules", &old.entry_rules, &new.entry_rules);
        self.field(at, "closing", &old.closing, &new.closing);
        self.field(at, "agent_lost", &old.agent_lost, &new.agent_lost);
        self.span(at, "agent_grace", old.agent_grace, new.agent_grace);
        self.span(at, "visitor_grace", old.visitor_grace, new.visitor_grace);
        self.span(at, "visitor_absence", old.visitor_absence, new.visitor_absence);
        self.span(at, "invitation_timeout", old.invitation_timeout, new.invitation_timeout);
        self.field(at, "invitations_max", &old.invitations_max, &new.invitations_max);
        self.span(at, "wrap_up", old.wrap_up, new.wrap_up);
        self.span(at, "transfer_timeout", old.transfer_timeout, new.transfer_timeout);
        self.span(at, "idle_close", old.idle_close, new.idle_close);
        self.field(at, "waiting_max", &old.waiting_max, &new.waiting_max);
        let (a, b) = (&old.callback, &new.callback);
        self.field(at, "callback.enabled", &a.enabled, &b.enabled);
        self.span(at, "callback.confirm_timeout", a.confirm_timeout, b.confirm_timeout);
        self.field(at, "callback.attempts_max", &a.attempts_max, &b.attempts_max);
        self.span(at, "callback.retry_after", a.retry_after, b.retry_after);
        self.span(at, "callback.expires_after", a.expires_after, b.expires_after);
        self.field(at, "callback.open_max", &a.open_max, &b.open_max);
        self.part(at, "settings of the edges", &old.edge, &new.edge);
    }

    fn queue(&mut self, at: &str, old: &QueueSpec, new: &QueueSpec) {
        self.field(at, "title", &old.title, &new.title);
        self.field(at, "dispatch", &old.dispatch, &new.dispatch);
        self.field(at, "choice", &old.choice, &new.choice);
        self.field(at, "last_agent_first", &old.last_agent_first, &new.last_agent_first);
        self.span(at, "offer_timeout", old.offer_timeout, new.offer_timeout);
        self.span(at, "rejection_memory", old.rejection_memory, new.rejection_memory);
        self.span(at, "ageing", old.ageing, new.ageing);
        self.field(at, "waiting_max", &old.waiting_max, &new.waiting_max);
        self.part(at, "requirement", &old.requirement, &new.requirement);
        self.part(at, "rollover", &old.rollover, &new.rollover);
        self.field(at, "counted", &old.counted, &new.counted);
        self.field(at, "offer_to_away", &old.offer_to_away, &new.offer_to_away);
        self.field(at, "urgent_to_dnd", &old.urgent_to_dnd, &new.urgent_to_dnd);
        self.span(at, "target_wait", old.target_wait, new.target_wait);
        let member = |member: &'_ Member| member.agent.clone();
        self.each(
            &format!("{at}: member"),
            old.members.iter().map(|it| (member(it), it)),
            new.members.iter().map(|it| (member(it), it)),
            |lines, at, old, new| {
                lines.field(at, "priority", &old.priority, &new.priority);
                lines.field(at, "capacity", &old.capacity, &new.capacity);
                lines.part(at, "skills", &old.skills, &new.skills);
            },
        );
    }

    fn agent(&mut self, at: &str, old: &AgentSpec, new: &AgentSpec) {
        self.field(at, "title", &old.title, &new.title);
        self.field(at, "chats_max", &old.chats_max, &new.chats_max);
        self.part(at, "skills", &old.skills, &new.skills);
    }
}

/// Seconds, with a fraction only if there is one.
fn seconds(span: Span) -> String {
    if span.0 % 1_000_000 == 0 { span.as_secs().to_string() } else { format!("{:.3}", span.as_secs_f64()) }
}

/// A value as it is written in a declaration: `RingAll` is `ring-all`, no capacity is `none`.
fn word<T: Debug>(value: &T) -> String {
    let text = format!("{value:?}");
    if !text.chars().all(char::is_alphanumeric) || text.starts_with(|c: char| c.is_ascii_digit()) {
        return text.strip_prefix("Some(").and_then(|text| text.strip_suffix(')')).unwrap_or(&text).to_owned();
    }
    let mut word = String::new();
    for (i, c) in text.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            word.push('-');
        }
        word.extend(c.to_lowercase());
    }
    word
}
