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
