//! Rollover: by time, because nobody is there, kept or left, and a backup that comes later.

use super::stage::*;
use crate::command::{Command, Show};
use crate::event::{Event, Placement, Revocation};
use crate::ids::RequestId;
use crate::spec::{DeskSpec, RolloverStep};

/// `help/main` of Ann rolls over to `help/second` of Bob and on to `other/third` of Cas.
fn chain(first: RolloverStep, second: Option<RolloverStep>) -> DeskSpec {
    let mut main = queue("main", &["ann"]);
    main.rollover = [Some(first), second].into_iter().flatten().collect();
    let help = workgroup("help", vec![main, queue("second", &["bob"])]);
    desk(vec![help, workgroup("other", vec![queue("third", &["cas"])])])
}

fn levels(stage: &Stage, request: RequestId) -> Vec<u8> {
    stage.request(request).places.iter().map(|place| place.level).collect()
}

#[test]
fn the_home_team_keeps_ringing() {
    let mut stage = Stage::new(chain(step(15, "help/second", true, false), None));
    stage.sign_in(&["ann", "bob"]);
    let request = stage.join();
    stage.pass(14);
    assert_eq!((stage.offered("ann"), stage.offered("bob")), (Some(request), None));
    stage.pass(1);
    assert_eq!((stage.offered("ann"), stage.offered("bob")), (Some(request), Some(request)));
    let it = stage.request(request);
    assert_eq!((it.places[1].cause, it.places[1].since), (Placement::Rollover, stage.now));
    assert_eq!(stage.state().position(request).unwrap().queue, stage.queue("help/main"));
    stage.accept("bob");
    assert_eq!(stage.offered("ann"), None);
    assert_eq!((stage.line("help/main").len(), stage.line("help/second").len()), (0, 0));
}

#[test]
fn or_the_request_leaves_it() {
    let mut stage = Stage::new(chain(step(15, "help/second", false, false), None));
    stage.sign_in(&["ann"]);
    let request = stage.join();
    stage.pass(15);
    assert_eq!((stage.offered("ann"), levels(&stage, request)), (None, vec![1]));
    assert!(stage.happened(|it| matches!(it, Event::OfferRevoked { reason: Revocation::Moved, .. })));
    assert_eq!(stage.state().position(request).unwrap().queue, stage.queue("help/second"));
}

#[test]
fn levels_follow_one_another_even_to_another_workgroup() {
    let second = step(20, "other/third", true, false);
    let mut stage = Stage::new(chain(step(15, "help/second", true, false), Some(second)));
    let request = stage.join();
    stage.pass(34);
    assert_eq!(levels(&stage, request), [0, 1]);
    stage.pass(1);
    assert_eq!(levels(&stage, request), [0, 1, 2]);
    stage.pass(1_000);
    assert_eq!(levels(&stage, request), [0, 1, 2]);
    stage.sign_in(&["cas"]);
    assert_eq!(stage.offered("cas"), Some(request));
}

#[test]
fn a_level_where_nobody_is_is_skipped_and_the_next_taken_at_once() {
    let second = step(20, "other/third", true, false);
    let mut stage = Stage::new(chain(step(15, "help/second", true, true), Some(second)));
    stage.sign_in(&["ann", "cas"]);
    let request = stage.join();
    stage.pass(15);
    assert!(stage.happened(|it| matches!(it, Event::RolloverSkipped { level: 1, .. })));
    assert_eq!((levels(&stage, request), stage.offered("cas")), (vec![0, 2], Some(request)));
}

#[test]
fn busy_is_not_absent() {
    let mut stage = Stage::new(chain(step(15, "help/second", true, true), None));
    stage.sign_in(&["bob"]);
    let other = stage.join_queue("help/second");
    stage.accept("bob");
    stage.visitor_enters(other);
    let request = stage.join();
    stage.sign_in(&["ann"]);
    assert_eq!(levels(&stage, request), [0, 1], "bob is there, though busy");
}

#[test]
fn a_skipped_backup_is_asked_when_somebody_comes() {
    let mut stage = Stage::new(chain(step(15, "help/second", true, true), None));
    stage.sign_in(&["ann"]);
    let request = stage.join();
    stage.pass(30);
    assert_eq!(levels(&stage, request), [0]);
    stage.sign_in(&["bob"]);
    assert_eq!((levels(&stage, request), stage.offered("bob")), (vec![0, 1], Some(request)));
    let next = stage.join();
    stage.pass(1);
    assert_eq!(levels(&stage, next), [0], "its own time has not come");
}

#[test]
fn a_backup_that_was_skipped_is_not_asked_once_the_request_is_answered() {
    let mut stage = Stage::new(chain(step(10, "help/second", true, true), None));
    stage.sign_in(&["ann"]);
    let request = stage.join();
    stage.pass(10);
    stage.accept("ann");
    stage.visitor_enters(request);
    stage.sign_in(&["bob"]);
    assert_eq!(stage.offered("bob"), None);
}

#[test]
fn if_nobody_is_at_home_the_backup_is_asked_at_once() {
    let mut stage = Stage::new(chain(step(15, "help/second", false, true), None));
    stage.sign_in(&["bob"]);
    let request = stage.join();
    assert_eq!((levels(&stage, request), stage.offered("bob")), (vec![0, 1], Some(request)));
    assert_eq!(stage.request(request).places[1].cause, Placement::NobodyThere);
    stage.reject("bob");
    stage.sign_in(&["ann"]);
    assert_eq!(stage.offered("ann"), Some(request), "home is asked besides");
}

#[test]
fn who_is_away_is_not_at_home() {
    let mut stage = Stage::new(chain(step(15, "help/second", true, true), None));
    stage.sign_in(&["ann", "bob"]);
    stage.show("ann", Show::Xa);
    let request = stage.join();
    assert_eq!(levels(&stage, request), [0, 1]);
}

#[test]
fn a_returned_request_starts_again_at_its_own_queue() {
    let mut stage = Stage::new(chain(step(15, "help/second", false, false), None));
    stage.sign_in(&["bob"]);
    let request = stage.join();
    stage.pass(15);
    stage.accept("bob");
    stage.visitor_enters(request);
    stage.sign_in(&["ann"]);
    let agent = stage.agent("bob");
    stage.turn(Command::SignOut { agent }).unwrap();
    assert_eq!((levels(&stage, request), stage.offered("ann")), (vec![0], Some(request)));
    stage.pass(15);
    assert_eq!(levels(&stage, request), [1]);
}
