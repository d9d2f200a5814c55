//! The entrance: hours and doors, the form, entry rules.

use std::collections::BTreeMap;

use super::stage::*;
use crate::command::JoinQueue;
use crate::event::{Doors, Ending, Event};
use crate::refusal::{FieldProblem, Problem, Refusal};
use crate::schedule::{Hours, Opening};
use crate::skill::SkillName;
use crate::spec::*;
use crate::time::Span;
use crate::workgroup::check_answers;

/// Open on Mondays from 8 to 10, the last ten minutes for those in line; the play begins at 9.
fn monday() -> Hours {
    let opening = Opening { weekday: 0, from_min: 8 * 60, to_min: 10 * 60 };
    Hours { weekly: vec![opening], holidays: Vec::new(), last_call_s: 600 }
}

#[test]
fn doors_follow_the_hours_and_a_refusal_says_when_they_open() {
    let mut spec = simple(&[]);
    spec.workgroups[0].hours = monday();
    let mut stage = Stage::new(spec);
    let help = stage.workgroup("help");
    let request = stage.join();
    stage.pass(50 * 60);
    assert!(stage.happened(|it| matches!(it, Event::DoorsChanged { doors: Doors::LastCall, .. })));
    let opens_at = Some(MORNING + Span::secs(7 * 86_400 - 3_600));
    let wish = stage.wish("help");
    assert_eq!(stage.try_join(wish.clone()), Err(Refusal::QueueClosed { opens_at }));
    stage.pass(10 * 60);
    assert_eq!(stage.state().doors(help), Some(Doors::Closed));
    assert_eq!(stage.try_join(wish.clone()), Err(Refusal::QueueClosed { opens_at }));
    assert_eq!(stage.ahead(request), 0, "who waits is still served");
    stage.pass(7 * 86_400 - 2 * 3_600);
    assert_eq!(stage.state().doors(help), Some(Doors::Open));
    stage.try_join(wish).unwrap();
}

#[test]
fn or_closing_ends_who_still_waits_but_no_chat() {
    let mut spec = simple(&["ann"]);
    spec.workgroups[0].hours = monday();
    spec.workgroups[0].closing = Closing::End;
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    let waiting = stage.join();
    stage.pass(60 * 60);
    assert_eq!((stage.ending(waiting), stage.ending(chat)), (Some(Ending::DeskClosed), None));
}

#[test]
fn new_hours_open_and_close_the_doors_at_once() {
    let mut spec = simple(&[]);
    let mut stage = Stage::new(spec.clone());
    spec.workgroups[0].hours = Hours { weekly: vec![Opening { weekday: 1, from_min: 0, to_min: 60 }], ..monday() };
    stage.declare(spec).unwrap();
    assert!(stage.happened(|it| matches!(it, Event::DoorsChanged { doors: Doors::Closed, .. })));
}

fn field(name: &str, kind: FieldKind, required: bool) -> Field {
    Field { name: name.to_owned(), label: name.to_owned(), labels: BTreeMap::new(), kind, required, length_max: 10 }
}

fn options(values: &[&str]) -> FieldKind {
    let option =
        |value: &&str| FieldOption { value: (*value).to_owned(), label: (*value).to_owned(), labels: BTreeMap::new() };
    FieldKind::Choice(values.iter().map(option).collect())
}

fn answers(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, answer)| ((*name).to_owned(), (*answer).to_owned())).collect()
}

#[test]
fn answers_are_checked_field_by_field() {
    let form = Form {
        fields: vec![
            field("name", FieldKind::Text, true),
            field("mail", FieldKind::Email, false),
            field("about", options(&["loans", "cards"]), true),
            field("consent", FieldKind::Checkbox, true),
        ],
    };
    let good = answers(&[("name", "Jo"), ("about", "cards"), ("consent", "true"), ("locale", "nl")]);
    assert_eq!(check_answers(&form, &good), []);
    let bad = [("name", "  "), ("mail", "a@@b"), ("about", "cats"), ("consent", "false"), ("x", "1")];
    let problems = check_answers(&form, &answers(&bad));
    let problem = |field: &str, problem| FieldProblem { field: field.to_owned(), problem };
    assert_eq!(
        problems,
        [
            problem("name", Problem::Missing),
            problem("mail", Problem::NotAnEmail),
            problem("about", Problem::NotAChoice),
            problem("consent", Problem::Missing),
            problem("x", Problem::Unknown),
        ]
    );
    let long = answers(&[("name", "Maximiliaan"), ("about", "cards"), ("consent", "true"), ("mail", "j@x.nl")]);
    assert_eq!(check_answers(&form, &long), [problem("name", Problem::TooLong)]);
}

#[test]
fn the_form_must_be_filled_out_before_joining() {
    let mut spec = simple(&[]);
    spec.workgroups[0].form.fields.push(field("name", FieldKind::Text, true));
    let mut stage = Stage::new(spec);
    let wish = stage.wish("help");
    assert!(matches!(stage.try_join(wish.clone()), Err(Refusal::FormRequired(_))));
    stage.try_join(JoinQueue { answers: answers(&[("name", "Jo")]), ..wish }).unwrap();
}

#[test]
fn a_rule_chooses_the_queue_by_the_skills_asked_for() {
    let rule = |skill: &str, queue: &str| EntryRule {
        when: vec![Condition { field: String::new(), test: ConditionTest::Asks(SkillName::new(skill).unwrap()) }],
        queue: Some(queue.to_owned()),
        priority: None,
        skills: None,
    };
    let mut spec = simple(&[]);
    for skill in ["loans", "nl", "fines"] {
        spec.skills.insert(SkillName::new(skill).unwrap(), skill.to_owned());
    }
    spec.workgroups[0].queues.push(queue("second", &[]));
    spec.workgroups[0].queues.push(queue("third", &[]));
    spec.workgroups[0].entry_rules = vec![rule("Loans", "second"), rule("nl", "third")];
    let mut stage = Stage::new(spec);
    let mut asked = |skills: Option<&str>| {
        let wish = JoinQueue { skills: skills.map(expr), ..stage.wish("help") };
        let request = stage.try_join(wish).unwrap();
        stage.state().queue(stage.request(request).asked).unwrap().spec.name.clone()
    };
    assert_eq!(asked(None), "main");
    assert_eq!(asked(Some("loans>0")), "second");
    assert_eq!(asked(Some("nl>=2 & loans>=1")), "second", "the first rule that holds");
    assert_eq!(asked(Some("nl>0 | fines>0")), "third");
    assert_eq!(asked(Some("loans=0 & nl<5")), "main", "somebody without them will do");
    assert_eq!(asked(Some("fines>0")), "main");
}

#[test]
fn the_first_entry_rule_that_holds_chooses_queue_class_and_skills() {
    let condition = |field: &str, test| Condition { field: field.to_owned(), test };
    let one_of = |value: &str| ConditionTest::IsOneOf([value.to_owned()].into());
    let rule = |when, queue: Option<&str>, priority| EntryRule {
        when,
        queue: queue.map(str::to_owned),
        priority,
        skills: Some(expr("nl>0")),
    };
    let mut spec = simple(&[]);
    spec.workgroups[0].queues.push(queue("second", &[]));
    spec.workgroups[0].queues.push(queue("third", &[]));
    spec.workgroups[0].form.fields = vec![field("about", FieldKind::Text, false)];
    spec.workgroups[0].entry_rules = vec![
        rule(
            vec![condition("about", one_of("Loans")), condition("page", ConditionTest::Answered)],
            Some("second"),
            None,
        ),
        rule(vec![condition("about", ConditionTest::Contains("loan".to_owned()))], Some("third"), Some(Priority(7))),
    ];
    let mut stage = Stage::new(spec);
    let mut asked = |pairs: &[(&str, &str)], queue: Option<&str>| {
        let queue = queue.map(|queue| stage.queue(queue));
        let wish = JoinQueue { answers: answers(pairs), queue, ..stage.wish("help") };
        let request = stage.try_join(wish).unwrap();
        let it = stage.request(request);
        let skills = !it.requirement.steps.is_empty();
        (stage.state().queue(it.asked).unwrap().spec.name.clone(), it.priority.0, skills)
    };
    assert_eq!(asked(&[("about", "LOANS"), ("page", "/x")], None), ("second".to_owned(), 5, true));
    assert_eq!(asked(&[("about", "my loans")], None), ("third".to_owned(), 7, true));
    assert_eq!(asked(&[("about", "cards")], None), ("main".to_owned(), 5, false));
    assert_eq!(asked(&[("about", "my loans")], Some("help/main")), ("main".to_owned(), 7, true));
}
