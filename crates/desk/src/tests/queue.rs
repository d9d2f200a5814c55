//! Joining a line and leaving it: order, positions, limits, the visitor's grace, what supervisors change.

use super::stage::*;
use crate::command::{BlockKey, Command, JoinQueue, Medium};
use crate::entity::Phase;
use crate::event::{Ending, Event, Placement};
use crate::ids::{RequestId, VisitorId, WorkgroupId};
use crate::limits::Limits;
use crate::refusal::{Refusal, What};
use crate::spec::Priority;
use crate::time::Span;

fn with_priority(stage: &mut Stage, priority: u8) -> RequestId {
    let wish = JoinQueue { priority: Some(Priority(priority)), ..stage.wish("help") };
    stage.try_join(wish).unwrap()
}

#[test]
fn first_come_first_served() {
    let mut stage = Stage::new(simple(&["ann"]));
    let [a, b, c] = [stage.join(), stage.join(), stage.join()];
    assert_eq!([stage.ahead(a), stage.ahead(b), stage.ahead(c)], [0, 1, 2]);
    assert_eq!(stage.state().position(b).unwrap().line_len, 3);
    stage.depart(a);
    assert_eq!([stage.ahead(b), stage.ahead(c)], [0, 1]);
    stage.sign_in(&["ann"]);
    assert_eq!(stage.offered("ann"), Some(b));
    assert_eq!(stage.ending(a), Some(Ending::Departed));
    assert_eq!(stage.state().position(a), None);
}

#[test]
fn a_priority_class_is_worth_waiting_time_and_no_more() {
    let mut stage = Stage::new(simple(&["ann"]));
    let early = stage.join();
    stage.pass(119);
    let urgent = with_priority(&mut stage, 6);
    assert_eq!(stage.line("help/main"), [urgent, early], "a class is worth 120 s");
    stage.pass(2);
    let late = with_priority(&mut stage, 6);
    assert_eq!(stage.line("help/main"), [urgent, early, late], "who came 121 s earlier is not overtaken");
}

#[test]
fn a_visitor_waits_once_at_a_workgroup() {
    let mut stage = Stage::new(desk(vec![
        workgroup("help", vec![queue("main", &[])]),
        workgroup("other", vec![queue("main", &[])]),
    ]));
    let first = stage.wish("help");
    let request = stage.try_join(first.clone()).unwrap();
    assert_eq!(stage.try_join(first.clone()), Err(Refusal::AlreadyQueued));
    let elsewhere = JoinQueue { workgroup: stage.workgroup("other"), ..first.clone() };
    stage.try_join(elsewhere).unwrap();
    let callback = stage.try_join(JoinQueue { medium: Medium::Callback, ..first.clone() }).unwrap();
    let twice = JoinQueue { medium: Medium::Callback, ..first.clone() };
    assert_eq!(stage.try_join(twice), Err(Refusal::AlreadyQueued));
    let (help, visitor) = (first.workgroup, first.visitor);
    assert_eq!(stage.state().request_of_visitor(help, visitor).map(|it| it.id), Some(request));
    stage.depart(request);
    assert_eq!(stage.state().request_of_visitor(help, visitor).map(|it| it.id), Some(callback));
    stage.try_join(first).unwrap();
}

#[test]
fn what_does_not_exist_is_not_found() {
    let mut stage = Stage::new(simple(&[]));
    let wish = JoinQueue { workgroup: WorkgroupId(999), ..stage.wish("help") };
    assert_eq!(stage.try_join(wish), Err(Refusal::NotFound(What::Workgroup)));
    let wish = JoinQueue { queue: Some(crate::ids::QueueId(999)), ..stage.wish("help") };
    assert_eq!(stage.try_join(wish), Err(Refusal::NotFound(What::Queue)));
    let gone = Command::DepartQueue { request: RequestId(999), ending: Ending::Departed };
    assert_eq!(stage.turn(gone), Err(Refusal::NotFound(What::Request)));
}

#[test]
fn lines_have_an_end() {
    let mut spec = simple(&[]);
    spec.workgroups[0].queues.push(queue("second", &[]));
    spec.workgroups[0].queues[0].waiting_max = 1;
    spec.workgroups[0].waiting_max = 2;
    let mut stage = Stage::with_limits(spec, Limits { requests: 3, ..Limits::default() });
    stage.join();
    let wish = stage.wish("help");
    assert_eq!(stage.try_join(wish), Err(Refusal::QueueFull), "the queue is full");
    stage.join_queue("help/second");
    let wish = JoinQueue { queue: Some(stage.queue("help/second")), ..stage.wish("help") };
    assert_eq!(stage.try_join(wish), Err(Refusal::QueueFull), "the workgroup is full");
    let later = stage.now + Span::secs(600);
    let scheduled =
        |stage: &mut Stage| JoinQueue { medium: Medium::Callback, not_before: Some(later), ..stage.wish("help") };
    let wish = scheduled(&mut stage);
    stage.try_join(wish).unwrap();
    let wish = scheduled(&mut stage);
    assert_eq!(stage.try_join(wish), Err(Refusal::Limit("requests")), "the desk is full");
}

#[test]
fn a_queue_has_only_so_many_different_requirements() {
    let mut stage = Stage::with_limits(simple(&[]), Limits { classes_per_queue: 2, ..Limits::default() });
    let skilled = |stage: &mut Stage, text: &str| {
        let wish = JoinQueue { skills: Some(expr(text)), ..stage.wish("help") };
        stage.try_join(wish)
    };
    skilled(&mut stage, "a>1").unwrap();
    skilled(&mut stage, "b>1").unwrap();
    assert!(matches!(skilled(&mut stage, "c>1"), Err(Refusal::Limit(_))));
    skilled(&mut stage, "b>1").unwrap();
}

#[test]
fn blocked_visitors_cannot_join_until_the_block_ends() {
    let mut stage = Stage::new(simple(&[]));
    let until = Some(stage.now + Span::secs(60));
    stage.turn(Command::Block { key: BlockKey(7), until }).unwrap();
    let wish = JoinQueue { block_keys: vec![BlockKey(3), BlockKey(7)], ..stage.wish("help") };
    assert_eq!(stage.try_join(wish.clone()), Err(Refusal::Blocked));
    stage.pass(60);
    assert!(stage.happened(|event| matches!(event, Event::Unblocked { key: BlockKey(7) })));
    stage.try_join(wish).unwrap();
    assert_eq!(stage.turn(Command::Unblock { key: BlockKey(7) }), Err(Refusal::NotFound(What::Block)));
}

#[test]
fn a_disconnected_visitor_keeps_the_place_but_is_offered_to_nobody() {
    let mut stage = Stage::new(simple(&["ann"]));
    let [a, b] = [stage.join(), stage.join()];
    stage.turn(Command::ObserveVisitor { request: a, connected: false }).unwrap();
    stage.sign_in(&["ann"]);
    assert_eq!(stage.offered("ann"), Some(b));
    assert_eq!(stage.ahead(a), 0);
    stage.pass(19);
    stage.turn(Command::ObserveVisitor { request: a, connected: true }).unwrap();
    stage.reject("ann");
    assert_eq!(stage.offered("ann"), Some(a), "back in time: still first");
}

#[test]
fn who_stays_away_longer_than_the_grace_is_gone() {
    let mut stage = Stage::new(simple(&[]));
    let a = stage.join();
    let unconnected = JoinQueue { connected: false, ..stage.wish("help") };
    let b = stage.try_join(unconnected).unwrap();
    stage.turn(Command::ObserveVisitor { request: a, connected: false }).unwrap();
    stage.pass(59);
    assert_eq!((stage.ending(a), stage.ending(b)), (None, None));
    stage.pass(1);
    assert_eq!((stage.ending(a), stage.ending(b)), (Some(Ending::Abandoned), Some(Ending::Abandoned)));
}

#[test]
fn a_supervisor_moves_a_request_to_another_line() {
    let mut spec = simple(&["ann"]);
    spec.workgroups[0].queues.push(queue("second", &["bob"]));
    let mut stage = Stage::new(desk(spec.workgroups));
    stage.sign_in(&["ann", "bob"]);
    let request = stage.join();
    stage.pass(5);
    let queue = stage.queue("help/second");
    stage.turn(Command::MoveRequest { request, queue }).unwrap();
    assert_eq!((stage.offered("ann"), stage.offered("bob")), (None, Some(request)));
    let it = stage.request(request);
    assert_eq!((it.asked, it.joined_at, it.places[0].cause), (queue, MORNING, Placement::Moved));
    stage.turn(Command::MoveRequest { request, queue }).unwrap();
    assert!(stage.last.is_empty(), "moving it to where it is changes nothing");
}

#[test]
fn a_supervisor_changes_the_class_or_puts_somebody_first() {
    let mut stage = Stage::new(simple(&[]));
    let [a, b, c] = [stage.join(), stage.join(), stage.join()];
    stage.turn(Command::SetPriority { request: c, priority: Priority(9) }).unwrap();
    assert_eq!(stage.line("help/main"), [c, a, b]);
    stage.turn(Command::MoveToHead { request: b }).unwrap();
    assert_eq!(stage.line("help/main"), [b, c, a]);
    let late = stage.join();
    assert_eq!(stage.ahead(late), 3);
}

#[test]
fn a_chat_is_not_in_line() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    let head = Command::MoveToHead { request: chat };
    assert!(matches!(stage.turn(head), Err(Refusal::WrongState(_))));
    let moved = Command::MoveRequest { request: chat, queue: stage.queue("help/main") };
    assert!(matches!(stage.turn(moved), Err(Refusal::WrongState(_))));
    assert_eq!(stage.phase(chat), Phase::Chatting);
}

#[test]
fn the_clock_never_runs_backwards() {
    let mut stage = Stage::new(simple(&[]));
    stage.pass(100);
    stage.join();
    stage.now = MORNING;
    let wish = stage.wish("help");
    let turn = stage.engine.turn(MORNING, Command::JoinQueue(Box::new(wish)));
    assert_eq!(turn.at, MORNING + Span::secs(100));
}

#[test]
fn what_fell_due_while_the_clock_jumped_ahead_falls_due_at_once() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let waiting = stage.join();
    assert_eq!(stage.offered("ann"), Some(waiting));
    stage.now = stage.now + Span::secs(7 * 86_400);
    stage.turn(Command::Tick).unwrap();
    assert!(stage.happened(|it| matches!(it, Event::OfferExpired { .. })));
    assert!(stage.line("help/main").contains(&waiting), "who waits is still there");
}

#[test]
fn the_oldest_line_is_not_read_when_somebody_joins() {
    let mut stage = Stage::new(simple(&[]));
    stage.checks = false;
    for _ in 0..2_000 {
        stage.join();
    }
    let wish = JoinQueue { visitor: VisitorId(1_000_000), ..stage.wish("help") };
    let turn = stage.engine.turn(stage.now, Command::JoinQueue(Box::new(wish)));
    assert_eq!(turn.events.len(), 2);
    assert_eq!(turn.records.len(), 2, "the desk's counters and the request; not the queue, not the others");
}
