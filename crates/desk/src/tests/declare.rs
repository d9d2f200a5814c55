//! Declaring a desk: what is refused, what is warned about, and what becomes of whoever is there when it changes.

use super::stage::*;
use crate::Reply;
use crate::declare::{check, diff};
use crate::entity::Phase;
use crate::event::{Ending, Event, Placement, Revocation};
use crate::limits::Limits;
use crate::refusal::{Refusal, Severity};
use crate::skill::Requirement;
use crate::spec::*;
use crate::time::Span;

/// The findings of a severity, as `where: what`.
fn findings(spec: &DeskSpec, severity: Severity) -> Vec<String> {
    let findings = check(spec).into_iter().filter(|finding| finding.severity == severity);
    findings.map(|finding| format!("{}: {}", finding.at, finding.message)).collect()
}

fn faults(change: impl FnOnce(&mut DeskSpec)) -> Vec<String> {
    let mut spec = desk(vec![
        workgroup("support", vec![queue("loans", &["ann"]), queue("cards", &["bob"])]),
        workgroup("sales", vec![queue("main", &["ann"])]),
    ]);
    change(&mut spec);
    findings(&spec, Severity::Fault)
}

#[test]
fn a_sound_desk_has_no_findings() {
    assert_eq!(faults(|_| {}), Vec::<String>::new());
    assert_eq!(findings(&simple(&["ann"]), Severity::Warning), Vec::<String>::new());
}

#[test]
fn rollovers_are_checked() {
    let roll = |to: &str| step(10, to, true, false);
    let loans = |spec: &mut DeskSpec, steps: Vec<RolloverStep>| spec.workgroups[0].queues[0].rollover = steps;
    assert_eq!(
        faults(|spec| loans(spec, vec![roll("support/crads")])),
        ["support/loans/rollover[0]: there is no queue support/crads; did you mean support/cards?"]
    );
    assert_eq!(
        faults(|spec| loans(spec, vec![roll("support/loans")])),
        ["support/loans/rollover[0]: the queue rolls over to itself"]
    );
    assert_eq!(
        faults(|spec| loans(spec, vec![step(0, "sales/main", true, false)])),
        ["support/loans/rollover[0]: after_s must be at least 1"]
    );
    let ring = faults(|spec| {
        loans(spec, vec![roll("support/cards")]);
        spec.workgroups[0].queues[1].rollover = vec![roll("sales/main")];
        spec.workgroups[1].queues[0].rollover = vec![roll("support/loans")];
    });
    assert_eq!(ring.len(), 1);
    assert!(ring[0].contains("in a ring: sales/main → support/loans → support/cards → sales/main"), "{ring:?}");
}

#[test]
fn names_are_checked() {
    let faults = faults(|spec| {
        spec.agents[0].name = "Ann Lee".to_owned();
        spec.workgroups[1].name = "support".to_owned();
        spec.workgroups[0].queues[1].name = "loans".to_owned();
    });
    let has = |part: &str| assert!(faults.iter().any(|fault| fault.contains(part)), "{part} in {faults:?}");
    has("the name of the agent must be");
    has("there are two workgroups of this name");
    has("there are two queues of this name");
    has("there is no agent ann");
}

#[test]
fn forms_rules_and_settings_are_checked() {
    let faults = faults(|spec| {
        let it = &mut spec.workgroups[0];
        let choice = FieldKind::Choice(Vec::new());
        let labels = Default::default();
        let field =
            Field { name: "about".into(), label: "About".into(), labels, kind: choice, required: false, length_max: 9 };
        it.form.fields = vec![field];
        let when = vec![Condition { field: "abuot".into(), test: ConditionTest::Answered }];
        it.entry_rules =
            vec![EntryRule { when, queue: Some("lonas".into()), priority: Some(Priority(11)), skills: None }];
        it.invitations_max = 0;
        it.queues[0].offer_timeout = Span::ZERO;
    });
    let has = |part: &str| assert!(faults.iter().any(|fault| fault.contains(part)), "{part} in {faults:?}");
    has("a choice needs options");
    has("there is no field abuot; did you mean about?");
    has("there is no queue lonas; did you mean loans?");
    has("a priority is 0 to 9");
    has("invitations_max must be at least 1");
    has("offer_timeout_s must be at least 1");
}

#[test]
fn what_is_probably_not_meant_is_warned_about() {
    let mut spec = desk(vec![workgroup("help", vec![queue("main", &["ann"]), queue("empty", &[])])]);
    spec.workgroups[0].queues[0].requirement = Requirement::always(expr("nl>5"));
    spec.workgroups[0].queues[0].rollover = vec![step(10, "help/empty", true, false)];
    let warnings = findings(&spec, Severity::Warning);
    let has = |part: &str| assert!(warnings.iter().any(|it| it.contains(part)), "{part} in {warnings:?}");
    has("no member meets what is required");
    has("the rollover is a dead end");
    has("waits for ever");
    has("the skill nl is not in the list of skills");
}

#[test]
fn a_faulty_or_too_large_desk_changes_nothing() {
    let mut stage = Stage::with_limits(simple(&["ann"]), Limits { queues: 2, ..Limits::default() });
    let mut faulty = simple(&["ann"]);
    faulty.workgroups[0].queues.clear();
    assert!(matches!(stage.declare(faulty), Err(Refusal::BadDeclaration(_))));
    let queues = ["a", "b", "c"].map(|name| queue(name, &["ann"])).to_vec();
    let large = desk(vec![workgroup("help", queues)]);
    assert!(matches!(stage.declare(large), Err(Refusal::BadDeclaration(_))));
    assert_eq!(stage.state().to_spec(), simple(&["ann"]));
}

#[test]
fn declaring_the_same_desk_again_changes_nothing() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    stage.join();
    let reply = stage.declare(simple(&["ann", "bob"])).unwrap();
    assert_eq!(reply, Reply::Declared { changes: Vec::new(), warnings: Vec::new() });
    assert_eq!(stage.last, []);
}

#[test]
fn only_what_changed_is_declared_and_nobody_is_disturbed() {
    let mut spec = simple(&["ann", "bob"]);
    let mut stage = Stage::new(spec.clone());
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    let [a, b] = [stage.join(), stage.join()];
    spec.workgroups[0].queues[0].offer_timeout = Span::secs(30);
    let Reply::Declared { changes, .. } = stage.declare(spec).unwrap() else { panic!() };
    assert_eq!(changes, ["queue help/main: offer_timeout_s 20 → 30"]);
    assert_eq!(stage.last.len(), 1);
    assert_eq!((stage.phase(chat), stage.line("help/main")), (Phase::Chatting, vec![a, b]));
}

#[test]
fn a_new_member_is_offered_who_waits_and_a_dropped_one_loses_the_offer() {
    let mut stage = Stage::new(desk(vec![workgroup("help", vec![queue("main", &["ann"]), queue("second", &["bob"])])]));
    stage.sign_in(&["ann", "bob"]);
    let request = stage.join();
    let mut spec = stage.state().to_spec();
    spec.workgroups[0].queues[0].members = vec![member("bob")];
    stage.declare(spec).unwrap();
    assert!(stage.happened(|it| matches!(it, Event::OfferRevoked { reason: Revocation::Redeclared, .. })));
    assert_eq!((stage.offered("ann"), stage.offered("bob")), (None, Some(request)));
}

#[test]
fn a_removed_queue_hands_its_requests_to_the_first() {
    let mut stage = Stage::new(desk(vec![workgroup("help", vec![queue("main", &["ann"]), queue("second", &["bob"])])]));
    stage.sign_in(&["bob"]);
    let [waiting, offered] = [stage.join(), stage.join_queue("help/second")];
    let mut spec = stage.state().to_spec();
    spec.workgroups[0].queues.pop();
    stage.declare(spec).unwrap();
    assert_eq!(stage.line("help/main"), [waiting, offered]);
    assert_eq!(stage.request(offered).places[0].cause, Placement::Moved);
}

#[test]
fn a_removed_workgroup_ends_its_requests_and_a_removed_agent_is_signed_out() {
    let two = || {
        desk(vec![workgroup("help", vec![queue("main", &["ann"])]), workgroup("old", vec![queue("main", &["bob"])])])
    };
    let mut stage = Stage::new(two());
    stage.sign_in(&["ann", "bob"]);
    let chat = stage.join_at("old");
    stage.accept("bob");
    stage.visitor_enters(chat);
    let waiting = stage.join_at("old");
    stage.declare(simple(&["ann"])).unwrap();
    assert_eq!((stage.ending(chat), stage.ending(waiting)), (Some(Ending::DeskClosed), Some(Ending::DeskClosed)));
    assert_eq!(stage.state().agents().count(), 1);
    assert_eq!(stage.state().to_spec(), simple(&["ann"]));
}

#[test]
fn a_removed_agents_chat_returns_to_the_line() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    stage.sign_in(&["bob"]);
    stage.declare(simple(&["bob"])).unwrap();
    assert_eq!(stage.offered("bob"), Some(chat));
}

#[test]
fn differences_are_told_in_words() {
    let old = simple(&["ann", "bob"]);
    let mut new = simple(&["ann", "cas"]);
    new.workgroups[0].title = "Help!".to_owned();
    new.workgroups[0].queues[0].dispatch = Dispatch::RingAll;
    new.workgroups[0].queues[0].members[0].capacity = Some(2);
    new.agents[0].chats_max = 3;
    assert_eq!(
        diff(&old, &new),
        [
            "workgroup help: title \"help\" → \"Help!\"",
            "queue help/main: dispatch offer → ring-all",
            "queue help/main: member ann: capacity none → 2",
            "queue help/main: member cas: new",
            "queue help/main: member bob: removed",
            "agent ann: chats_max 1 → 3",
            "agent cas: new",
            "agent bob: removed",
        ]
    );
    let mut reordered = simple(&["ann", "bob"]);
    reordered.agents.reverse();
    assert_eq!(diff(&old, &reordered), ["the order of the declaration"]);
}
