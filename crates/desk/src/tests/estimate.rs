//! What the state feeds the estimate with: who is there, what was seen.

use super::stage::*;
use crate::command::{Command, JoinQueue};
use crate::event::Ending;
use crate::time::Span;

/// So many chats of a minute each.
fn practise(stage: &mut Stage, chats: usize) {
    for _ in 0..chats {
        let chat = stage.chat_with("ann");
        stage.pass(60);
        stage.close(chat);
    }
}

#[test]
fn nothing_is_promised_before_anything_was_seen() {
    let mut stage = Stage::new(simple(&["ann"]));
    let request = stage.join();
    assert_eq!(stage.state().estimate(request), None);
    assert_eq!(stage.state().estimate_for_new(stage.workgroup("help")), None);
}

#[test]
fn the_estimate_grows_with_the_line_and_falls_when_agents_come() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    stage.sign_in(&["ann"]);
    practise(&mut stage, 20);
    let chat = stage.chat_with("ann");
    let [a, b, c] = [stage.join(), stage.join(), stage.join()];
    let expected = |stage: &Stage, it| stage.state().estimate(it).unwrap().expected;
    assert!(expected(&stage, a) < expected(&stage, b) && expected(&stage, b) < expected(&stage, c));
    assert!(expected(&stage, c) > Span::secs(100), "three minutes of work before it");
    let before = stage.state().estimate_for_new(stage.workgroup("help")).unwrap();
    stage.sign_in(&["bob"]);
    let after = stage.state().estimate_for_new(stage.workgroup("help")).unwrap();
    assert!(after.expected < before.expected && after.low <= after.expected && after.expected <= after.high);
    assert_eq!(stage.state().estimate(chat), None, "a chat waits no more");
}

#[test]
fn only_agents_who_can_help_count() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    practise(&mut stage, 20);
    let wish = JoinQueue { skills: Some(expr("klingon>0")), ..stage.wish("help") };
    let request = stage.try_join(wish).unwrap();
    assert_eq!(stage.state().estimate(request), None, "nobody there speaks it");
    stage.depart(request);
    assert!(stage.state().estimate_for_new(stage.workgroup("help")).is_some());
}

#[test]
fn what_was_seen_is_kept_with_the_queue_and_written_only_then() {
    let mut stage = Stage::new(simple(&["ann"]));
    let queue = stage.queue("help/main");
    let fresh = stage.state().queue(queue).unwrap().seen.clone();
    let request = stage.join();
    stage.pass(10);
    assert_eq!(stage.state().queue(queue).unwrap().seen, fresh, "joining is not seen");
    stage.depart(request);
    let abandoned = stage.state().queue(queue).unwrap().seen.clone();
    assert_ne!(abandoned, fresh);
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    let answered = stage.state().queue(queue).unwrap().seen.clone();
    assert_ne!(answered, abandoned);
    stage.turn(Command::CloseChat { request: chat, ending: Ending::Idle }).unwrap();
    assert_ne!(stage.state().queue(queue).unwrap().seen, answered);
}

#[test]
fn slots_are_counted_from_who_is_there() {
    let mut spec = simple(&["ann", "bob", "cas"]);
    for agent in &mut spec.agents {
        agent.chats_max = 2;
    }
    let mut stage = Stage::new(spec);
    let queue = stage.queue("help/main");
    assert_eq!((stage.state().staffed(queue), stage.state().free_slots(queue)), (0, 0));
    stage.sign_in(&["ann"]);
    stage.chat_with("ann");
    stage.sign_in(&["bob", "cas"]);
    assert_eq!((stage.state().staffed(queue), stage.state().free_slots(queue)), (3, 5));
    stage.show("cas", crate::command::Show::Dnd);
    assert_eq!((stage.state().staffed(queue), stage.state().free_slots(queue)), (2, 3));
}

/// Two queues: `main` and `second`, with these members.
fn two_queues(main: &[&str], second: &[&str]) -> Stage {
    let mut spec = simple(main);
    for name in second.iter().filter(|name| !main.contains(name)) {
        spec.agents.push(agent(name));
    }
    spec.workgroups[0].queues.push(queue("second", second));
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann"]);
    practise(&mut stage, 20);
    stage
}

fn expected_s(stage: &Stage) -> f64 {
    stage.state().estimate_for_new(stage.workgroup("help")).unwrap().expected.as_secs_f64()
}

#[test]
fn who_waits_in_another_line_of_the_same_agent_counts() {
    let mut stage = two_queues(&["ann"], &["ann"]);
    stage.chat_with("ann");
    let alone = expected_s(&stage);
    for _ in 0..5 {
        stage.join_queue("help/second");
    }
    assert!(
        (expected_s(&stage) / alone - 6.0).abs() < 0.4,
        "{alone} s alone, {} s with five before",
        expected_s(&stage)
    );
    // Who came before them is not kept by those who came later.
    let first = stage.join();
    for _ in 0..5 {
        stage.join_queue("help/second");
    }
    let told = stage.state().estimate(first).unwrap().expected.as_secs_f64();
    assert!((told / alone - 6.0).abs() < 0.4, "{told} s");
}

#[test]
fn only_the_shared_part_of_the_agents_is_shared() {
    let mut stage = two_queues(&["ann", "bob"], &["bob"]);
    stage.sign_in(&["bob"]);
    stage.chat_with("ann");
    stage.chat_with("bob");
    let alone = expected_s(&stage);
    for _ in 0..20 {
        stage.join_queue("help/second");
    }
    let now = expected_s(&stage);
    assert!(now > 1.7 * alone && now < 2.1 * alone, "nearly as with ann alone: {alone} s, then {now} s");
}

#[test]
fn who_stands_in_both_lines_is_counted_once() {
    let mut spec = simple(&["ann"]);
    spec.workgroups[0].queues.push(queue("second", &["ann"]));
    spec.workgroups[0].queues[0].rollover = vec![step(10, "help/second", true, false)];
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann"]);
    practise(&mut stage, 20);
    stage.chat_with("ann");
    for _ in 0..4 {
        stage.join();
    }
    let before = expected_s(&stage);
    stage.pass(11);
    assert_eq!(stage.line("help/second").len(), 4, "they rolled over");
    let after = expected_s(&stage);
    assert!((after / before - 1.0).abs() < 0.05, "{before} s, then {after} s");
}

#[test]
fn a_line_that_the_agent_prefers_goes_before_and_the_other_way_round() {
    let mut stage = two_queues(&["ann"], &["ann"]);
    stage.chat_with("ann");
    let alone = expected_s(&stage);
    let first = stage.join();
    for _ in 0..5 {
        stage.join_queue("help/second");
    }
    let mut spec = stage.state().to_spec();
    let told = |stage: &Stage| stage.state().estimate(first).unwrap().expected.as_secs_f64();
    assert!((told(&stage) / alone - 1.0).abs() < 0.1, "they came later");
    spec.workgroups[0].queues[1].members[0].priority = 9;
    stage.declare(spec.clone()).unwrap();
    assert!((told(&stage) / alone - 6.0).abs() < 0.4, "and go before all the same: {} s", told(&stage));
    spec.workgroups[0].queues[1].members[0].priority = 1;
    stage.declare(spec).unwrap();
    assert!((told(&stage) / alone - 1.0).abs() < 0.1, "they go behind: {} s", told(&stage));
}
