//! The entrance: blocks, doors, the form, and which queue, priority and skills the entry rules choose.

use std::collections::BTreeMap;

use crate::command::BlockKey;
use crate::engine::Engine;
use crate::event::{Doors, Ending, Event};
use crate::ids::{RequestId, WorkgroupId};
use crate::refusal::{FieldProblem, Problem, Refusal, What};
use crate::skill::Expr;
use crate::spec::{Closing, Condition, ConditionTest, EntryRule, Field, FieldKind, Form, WorkgroupSpec};
use crate::state::doors_at;
use crate::time::Time;
use crate::turn::Reply;

/// Answers that the edge gives beside the form's own.
pub const EDGE_ANSWERS: [&str; 2] = ["locale", "page"];

/// What is wrong with these answers to a form, in the order of its fields; empty: nothing.
pub fn check_answers(form: &Form, answers: &BTreeMap<String, String>) -> Vec<FieldProblem> {
    let asked = form.fields.iter().filter_map(|field| {
        let problem = problem_of(field, answers.get(&field.name).map_or("", |answer| answer.trim()))?;
        Some(FieldProblem { field: field.name.clone(), problem })
    });
    let known = |name: &str| form.fields.iter().any(|field| field.name == name) || EDGE_ANSWERS.contains(&name);
    let unknown = answers.keys().filter(|name| !known(name));
    let unknown = unknown.map(|name| FieldProblem { field: name.clone(), problem: Problem::Unknown });
    asked.chain(unknown).collect()
}

fn problem_of(field: &Field, answer: &str) -> Option<Problem> {
    if answer.is_empty() || (field.kind == FieldKind::Checkbox && answer == "false") {
        return field.required.then_some(Problem::Missing);
    }
    if answer.chars().count() > field.length_max as usize {
        return Some(Problem::TooLong);
    }
    match &field.kind {
        FieldKind::Text | FieldKind::Multiline => None,
        FieldKind::Email => {
            let parts = answer.split_once('@');
            let whole = parts.is_some_and(|(who, host)| !who.is_empty() && !host.is_empty() && !host.contains('@'));
            (!whole || answer.contains(char::is_whitespace)).then_some(Problem::NotAnEmail)
        }
        FieldKind::Choice(options) => {
            (!options.iter().any(|option| option.value == answer)).then_some(Problem::NotAChoice)
        }
        FieldKind::Checkbox => (answer != "true").then_some(Problem::NotAChoice),
    }
}

/// The first entry rule whose conditions all hold.
pub(crate) fn entry_rule<'a>(
    spec: &'a WorkgroupSpec,
    answers: &BTreeMap<String, String>,
    skills: Option<&Expr>,
) -> Option<&'a EntryRule> {
    spec.entry_rules.iter().find(|rule| rule.when.iter().all(|condition| holds(condition, answers, skills)))
}

fn holds(condition: &Condition, answers: &BTreeMap<String, String>, skills: Option<&Expr>) -> bool {
    let answer = answers.get(&condition.field).map_or("", |answer| answer.trim()).to_lowercase();
    match &condition.test {
        ConditionTest::IsOneOf(values) => values.iter().any(|value| value.trim().to_lowercase() == answer),
        ConditionTest::Contains(part) => answer.contains(&part.trim().to_lowercase()),
        ConditionTest::Answered => !answer.is_empty(),
        ConditionTest::Asks(skill) => skills.is_some_and(|asked| asked.asks_for(skill)),
    }
}

impl Engine {
    pub(crate) fn block(&mut self, key: BlockKey, until: Option<Time>) -> Result<Reply, Refusal> {
        if until.is_some_and(|until| until <= self.now()) {
            return Err(Refusal::WrongState("the end of the block is past"));
        }
        let term = self.state.blocks.get(&key);
        if term.is_none() && self.state.blocks.len() >= self.limits.blocks {
            return Err(Refusal::Limit("blocks"));
        }
        if term.is_none_or(|term| term.until != until) {
            self.emit(Event::Blocked { key, until });
        }
        Ok(Reply::Done)
    }

    pub(crate) fn unblock(&mut self, key: BlockKey) -> Result<Reply, Refusal> {
        if !self.state.blocks.contains_key(&key) {
            return Err(Refusal::NotFound(What::Block));
        }
        self.emit(Event::Unblocked { key });
        Ok(Reply::Done)
    }

    /// Opens or closes a workgroup if its hours say so.
    pub(crate) fn turn_doors(&mut self, workgroup: WorkgroupId) {
        let Some(it) = self.state.workgroup(workgroup) else { return };
        let (before, doors, closing) = (it.doors, doors_at(&it.spec, self.now()), it.spec.closing);
        if before == doors {
            self.state.rearm_doors(workgroup);
            return;
        }
        self.emit(Event::DoorsChanged { workgroup, doors });
        if doors == Doors::Closed && closing == Closing::End {
            for request in self.waiting_at(workgroup) {
                self.end_request(request, Ending::DeskClosed);
            }
        }
    }

    /// The requests of a workgroup that wait unanswered.
    pub(crate) fn waiting_at(&self, workgroup: WorkgroupId) -> Vec<RequestId> {
        let range = (workgroup, RequestId(0))..=(workgroup, RequestId(u64::MAX));
        self.state.index.waiting_of.range(range).map(|(_, request)| *request).collect()
    }
}
