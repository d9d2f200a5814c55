//! Callbacks: now or at a time, asked to confirm when somebody is free, again, and in the end.

use super::stage::*;
use crate::command::{Command, JoinQueue, Medium};
use crate::entity::Phase;
use crate::event::{Ending, Event, Return};
use crate::ids::RequestId;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::schedule::{Hours, Opening};
use crate::time::Span;

fn wish(stage: &mut Stage, in_s: Option<i64>) -> JoinQueue {
    let not_before = in_s.map(|secs| stage.now + Span::secs(secs));
    JoinQueue { medium: Medium::Callback, connected: false, not_before, ..stage.wish("help") }
}

fn callback(stage: &mut Stage, in_s: Option<i64>) -> RequestId {
    let wish = wish(stage, in_s);
    stage.try_join(wish).unwrap()
}

fn confirming(stage: &Stage, request: RequestId) -> bool {
    matches!(stage.phase(request), Phase::Confirming { .. })
}

#[test]
fn the_visitor_is_asked_when_an_agent_is_free_and_then_put_through() {
    let mut stage = Stage::new(simple(&["ann"]));
    let request = callback(&mut stage, None);
    assert_eq!((stage.phase(request), stage.ahead(request)), (Phase::Waiting, 0));
    stage.pass(500);
    stage.sign_in(&["ann"]);
    assert_eq!(stage.phase(request), Phase::Confirming { deadline: stage.now + Span::secs(30) });
    assert_eq!((stage.offered("ann"), stage.ahead(request)), (None, 0), "ann is not kept, the place is");
    stage.turn(Command::ConfirmCallback { request }).unwrap();
    assert!(stage.happened(|it| matches!(it, Event::RequestReturned { cause: Return::Confirmed, .. })));
    assert_eq!(stage.offered("ann"), Some(request));
    stage.accept("ann");
    stage.visitor_enters(request);
    assert_eq!(stage.phase(request), Phase::Chatting);
    let again = stage.turn(Command::ConfirmCallback { request });
    assert!(matches!(again, Err(Refusal::WrongState(_))));
}

#[test]
fn chats_go_on_while_a_visitor_is_asked_who_then_comes_first() {
    let mut stage = Stage::new(simple(&["ann"]));
    let request = callback(&mut stage, None);
    let [first, second] = [stage.join(), stage.join()];
    stage.sign_in(&["ann"]);
    assert_eq!(stage.offered("ann"), Some(first));
    stage.turn(Command::ConfirmCallback { request }).unwrap();
    stage.accept("ann");
    stage.visitor_enters(first);
    stage.close(first);
    assert_eq!(stage.offered("ann"), Some(request), "not {second:?}");
}

#[test]
fn no_more_are_asked_than_agents_are_free() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    let [a, b, c] = [callback(&mut stage, None), callback(&mut stage, None), callback(&mut stage, None)];
    stage.sign_in(&["ann", "bob"]);
    assert_eq!([a, b, c].map(|it| confirming(&stage, it)), [true, true, false]);
    stage.pass(30);
    assert!(confirming(&stage, c), "the others did not answer");
}

#[test]
fn an_unanswered_question_is_asked_again_and_then_no_more() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let request = callback(&mut stage, None);
    stage.pass(30);
    assert_eq!(stage.phase(request), Phase::Scheduled { due: stage.now + Span::secs(300) });
    assert_eq!(stage.state().position(request), None);
    stage.pass(300);
    assert!(confirming(&stage, request));
    assert_eq!((stage.request(request).attempts, stage.request(request).joined_at), (2, MORNING));
    stage.pass(30);
    assert_eq!(stage.ending(request), Some(Ending::Unreachable));
}

#[test]
fn a_callback_for_a_time_stands_in_line_from_then() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let request = callback(&mut stage, Some(600));
    assert_eq!(stage.state().waiting_count_of(stage.workgroup("help")), 0);
    assert_eq!(stage.state().callbacks_open(stage.workgroup("help")), 1);
    stage.pass(599);
    assert!(matches!(stage.phase(request), Phase::Scheduled { .. }));
    stage.pass(1);
    assert!(confirming(&stage, request));
    assert_eq!(stage.request(request).joined_at, stage.now);
}

#[test]
fn a_visitor_may_come_early() {
    let mut stage = Stage::new(simple(&["ann"]));
    let [scheduled, waiting] = [callback(&mut stage, Some(600)), callback(&mut stage, None)];
    let chat = stage.join();
    stage.turn(Command::ConfirmCallback { request: waiting }).unwrap();
    stage.turn(Command::ConfirmCallback { request: scheduled }).unwrap();
    assert_eq!(stage.line("help/main"), [scheduled, waiting, chat], "each at its place: none was returned");
    stage.sign_in(&["ann"]);
    assert_eq!(stage.offered("ann"), Some(scheduled));
}

#[test]
fn a_callback_may_be_put_off() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let request = callback(&mut stage, None);
    let later = |stage: &mut Stage, secs| {
        let not_before = stage.now + Span::secs(secs);
        stage.turn(Command::RescheduleCallback { request, not_before })
    };
    later(&mut stage, 900).unwrap();
    assert_eq!(stage.state().position(request), None);
    assert!(matches!(later(&mut stage, -1), Err(Refusal::WrongState(_))));
    stage.pass(900);
    assert!(confirming(&stage, request));
    assert_eq!(stage.request(request).attempts, 1);
}

#[test]
fn a_callback_that_nobody_gets_to_runs_out() {
    let mut stage = Stage::new(simple(&["ann"]));
    let request = callback(&mut stage, Some(100));
    stage.pass(100 + 3_599);
    assert_eq!(stage.phase(request), Phase::Waiting);
    stage.pass(1);
    assert_eq!(stage.ending(request), Some(Ending::Expired));
}

#[test]
fn the_connection_counts_only_after_the_confirmation() {
    let mut stage = Stage::new(simple(&["ann"]));
    let request = callback(&mut stage, None);
    stage.turn(Command::ObserveVisitor { request, connected: false }).unwrap();
    stage.pass(1_000);
    assert_eq!(stage.phase(request), Phase::Waiting);
    stage.turn(Command::ConfirmCallback { request }).unwrap();
    stage.turn(Command::ObserveVisitor { request, connected: false }).unwrap();
    stage.pass(60);
    assert_eq!(stage.ending(request), Some(Ending::Abandoned));
}

#[test]
fn what_may_be_asked_for_has_limits() {
    let mut spec = simple(&[]);
    spec.workgroups[0].callback.open_max = 1;
    let monday_morning = Opening { weekday: 0, from_min: 8 * 60, to_min: 12 * 60 };
    spec.workgroups[0].hours = Hours { weekly: vec![monday_morning], holidays: Vec::new(), last_call_s: 0 };
    let mut stage =
        Stage::with_limits(spec.clone(), Limits { callback_ahead: Span::secs(86_400), ..Limits::default() });
    let afternoon = wish(&mut stage, Some(4 * 3_600));
    assert!(matches!(stage.try_join(afternoon), Err(Refusal::QueueClosed { opens_at: Some(_) })));
    let next_week = wish(&mut stage, Some(7 * 86_400));
    assert_eq!(stage.try_join(next_week), Err(Refusal::Limit("time ahead of a callback")));
    callback(&mut stage, Some(3_600));
    let second = wish(&mut stage, None);
    assert_eq!(stage.try_join(second), Err(Refusal::Limit("callbacks")));
    spec.workgroups[0].callback.enabled = false;
    stage.declare(spec).unwrap();
    let disabled = wish(&mut stage, None);
    assert!(matches!(stage.try_join(disabled), Err(Refusal::WrongState(_))));
}

#[test]
fn a_callback_may_be_asked_for_when_the_doors_are_closed() {
    let mut spec = simple(&["ann"]);
    let tuesday = Opening { weekday: 1, from_min: 8 * 60, to_min: 12 * 60 };
    spec.workgroups[0].hours = Hours { weekly: vec![tuesday], holidays: Vec::new(), last_call_s: 0 };
    let mut stage = Stage::new(spec);
    let now = wish(&mut stage, None);
    assert!(matches!(stage.try_join(now), Err(Refusal::QueueClosed { .. })));
    let request = callback(&mut stage, Some(86_400));
    let early = stage.turn(Command::ConfirmCallback { request });
    assert!(matches!(early, Err(Refusal::QueueClosed { .. })), "nobody is helped before the doors open");
}

#[test]
fn who_waits_may_rather_be_told_and_keeps_the_place() {
    let mut stage = Stage::new(simple(&["ann"]));
    let [first, second] = [stage.join(), stage.join()];
    stage.pass(100);
    stage.turn(Command::AskCallback { request: first, not_before: None }).unwrap();
    assert_eq!(stage.line("help/main"), [first, second]);
    stage.turn(Command::ObserveVisitor { request: first, connected: false }).unwrap();
    stage.pass(1_000);
    assert_eq!(stage.phase(first), Phase::Waiting, "the connection counts no longer");
    stage.sign_in(&["ann"]);
    assert_eq!((stage.offered("ann"), confirming(&stage, first)), (Some(second), true), "asked in its turn");
    stage.turn(Command::ConfirmCallback { request: first }).unwrap();
    stage.accept("ann");
    stage.visitor_enters(second);
    stage.close(second);
    assert_eq!(stage.offered("ann"), Some(first));
}

#[test]
fn an_offer_of_a_chat_that_becomes_a_callback_is_taken_back() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let request = stage.join();
    assert_eq!(stage.offered("ann"), Some(request));
    stage.turn(Command::AskCallback { request, not_before: None }).unwrap();
    assert_eq!(stage.offered("ann"), None);
    assert!(confirming(&stage, request), "ann is free: the visitor is asked at once");
    let again = stage.turn(Command::AskCallback { request, not_before: None });
    assert!(matches!(again, Err(Refusal::WrongState(_))));
    stage.turn(Command::ConfirmCallback { request }).unwrap();
    stage.turn(Command::AskCallback { request, not_before: None }).unwrap();
    assert!(confirming(&stage, request), "a confirmed one may become a callback again");
    stage.turn(Command::ConfirmCallback { request }).unwrap();
    stage.accept("ann");
    let invited = stage.turn(Command::AskCallback { request, not_before: None });
    assert!(matches!(invited, Err(Refusal::WrongState(_))));
}

#[test]
fn a_chat_may_become_a_callback_for_a_time() {
    let mut stage = Stage::new(simple(&[]));
    let request = stage.join();
    let due = stage.now + Span::secs(5_000);
    stage.turn(Command::AskCallback { request, not_before: Some(due) }).unwrap();
    assert_eq!((stage.state().position(request), stage.phase(request)), (None, Phase::Scheduled { due }));
    stage.pass(5_000);
    assert_eq!((stage.phase(request), stage.request(request).joined_at), (Phase::Waiting, stage.now));
}

#[test]
fn a_callback_that_was_a_chat_runs_out_from_when_it_became_one() {
    let mut stage = Stage::new(simple(&["ann"]));
    let request = stage.join();
    stage.pass(7_000);
    stage.turn(Command::AskCallback { request, not_before: None }).unwrap();
    stage.pass(3_599);
    assert_eq!(stage.phase(request), Phase::Waiting);
    stage.pass(1);
    assert_eq!(stage.ending(request), Some(Ending::Expired));
}

#[test]
fn a_chat_becomes_a_callback_only_where_one_could_be_asked_for() {
    let mut spec = simple(&[]);
    spec.workgroups[0].callback.open_max = 1;
    let mut stage = Stage::new(spec.clone());
    let ask = |stage: &mut Stage, request| stage.turn(Command::AskCallback { request, not_before: None });
    assert_eq!(ask(&mut stage, RequestId(99)).unwrap_err(), Refusal::NotFound(crate::refusal::What::Request));
    let [one, two] = [stage.join(), stage.join()];
    ask(&mut stage, one).unwrap();
    assert_eq!(ask(&mut stage, two), Err(Refusal::Limit("callbacks")));
    let again = JoinQueue { visitor: stage.request(one).visitor, ..stage.wish("help") };
    let again = stage.try_join(again).unwrap();
    assert!(ask(&mut stage, again).is_err(), "one callback each");
    spec.workgroups[0].callback.enabled = false;
    stage.declare(spec).unwrap();
    assert!(matches!(ask(&mut stage, two), Err(Refusal::WrongState(_))));
}
