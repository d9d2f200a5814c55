//! A conversation: invitation, entering, leaving, loss, closing, and who may go in and out.

use super::stage::*;
use crate::command::{Command, Party, Seen};
use crate::entity::Phase;
use crate::event::{Ending, Event, Part, Return};
use crate::limits::Limits;
use crate::refusal::{Ineligible, Refusal, What};
use crate::time::Span;

#[test]
fn an_invitation_lapses_and_the_visitor_returns_to_the_head_once() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let request = stage.join();
    let other = stage.join();
    let room = stage.accept("ann");
    stage.pass(45);
    assert_eq!(stage.state().room(room), None);
    assert!(stage.happened(|it| matches!(it, Event::RequestReturned { cause: Return::InvitationLapsed, .. })));
    assert_eq!(stage.offered("ann"), Some(request), "at the head, and the agent is free at once");
    stage.accept("ann");
    stage.pass(45);
    assert_eq!(stage.ending(request), Some(Ending::NotEntered));
    assert_eq!(stage.offered("ann"), Some(other));
}

#[test]
fn an_invited_visitor_who_is_lost_is_not_waited_for_twice() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let request = stage.join();
    stage.accept("ann");
    stage.turn(Command::ObserveVisitor { request, connected: false }).unwrap();
    stage.pass(45);
    assert_eq!(stage.ending(request), Some(Ending::NotEntered));
}

#[test]
fn a_visitor_who_leaves_on_purpose_closes_the_chat() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    stage.seen(chat, Seen::LeftClean);
    assert_eq!(stage.ending(chat), Some(Ending::ClosedByVisitor));
    let ended = &stage.ended[0].request;
    assert_eq!(ended.agents.len(), 1, "the archive sees who took part");
    assert!(ended.room.is_some());
}

#[test]
fn a_visitor_who_is_lost_may_come_back_in_time() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    stage.seen(chat, Seen::Lost);
    stage.pass(119);
    stage.seen(chat, Seen::Entered);
    assert_eq!(stage.request(chat).lost_until, None);
    stage.pass(1_000);
    assert_eq!(stage.phase(chat), Phase::Chatting);
    stage.seen(chat, Seen::Lost);
    stage.pass(120);
    assert_eq!(stage.ending(chat), Some(Ending::VisitorLost));
    assert_eq!(stage.agent_of("ann").chats.len(), 0);
}

#[test]
fn an_agents_occupant_is_only_noted() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    let room = stage.request(chat).room.unwrap();
    let who = Party::Agent(stage.agent("ann"));
    stage.turn(Command::ObserveOccupant { room, who, seen: Seen::Lost }).unwrap();
    assert_eq!(stage.last, [Event::OccupantSeen { room, who, present: false }]);
    assert_eq!(stage.phase(chat), Phase::Chatting);
}

#[test]
fn closing_frees_the_agent_in_the_same_turn() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    let next = stage.join();
    stage.close(chat);
    assert_eq!(stage.offered("ann"), Some(next));
    let again = Command::CloseChat { request: chat, ending: Ending::Idle };
    assert_eq!(stage.turn(again), Err(Refusal::NotFound(What::Request)));
    let waiting = Command::CloseChat { request: next, ending: Ending::Idle };
    assert!(matches!(stage.turn(waiting), Err(Refusal::WrongState(_))), "who waits is in no room");
}

#[test]
fn a_supervisor_enters_and_leaves_without_counting() {
    let mut stage =
        Stage::with_limits(simple(&["ann", "bob", "cas"]), Limits { agents_per_chat: 2, ..Limits::default() });
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    let enter = |stage: &mut Stage, agent: &str| {
        let agent = stage.agent(agent);
        stage.turn(Command::EnterChat { agent, request: chat })
    };
    assert_eq!(enter(&mut stage, "bob"), Err(Refusal::NotEligible(Ineligible::SignedOut)));
    stage.sign_in(&["bob", "cas"]);
    enter(&mut stage, "bob").unwrap();
    assert_eq!(enter(&mut stage, "bob"), Err(Refusal::NotEligible(Ineligible::AlreadyInside)));
    assert!(matches!(enter(&mut stage, "cas"), Err(Refusal::Limit(_))));
    assert_eq!(stage.request(chat).agents[&stage.agent("bob")], Part::Supervisor);
    stage.show("cas", crate::command::Show::Xa);
    let next = stage.join();
    assert_eq!(stage.offered("bob"), Some(next), "looking after a chat takes no slot");
    let leave = Command::LeaveChat { agent: stage.agent("bob"), request: chat };
    stage.turn(leave.clone()).unwrap();
    assert_eq!(stage.turn(leave), Err(Refusal::NotYours(What::Request)));
    let last = Command::LeaveChat { agent: stage.agent("ann"), request: chat };
    assert!(matches!(stage.turn(last), Err(Refusal::WrongState(_))));
}

#[test]
fn a_supervisor_is_let_out_when_the_chat_ends() {
    let mut spec = simple(&["ann", "bob"]);
    spec.workgroups[0].wrap_up = Span::secs(30);
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    stage.sign_in(&["bob"]);
    let agent = stage.agent("bob");
    stage.turn(Command::EnterChat { agent, request: chat }).unwrap();
    stage.close(chat);
    assert_eq!((stage.agent_of("bob").chats.len(), stage.agent_of("bob").wrap_up_until), (0, None));
    assert!(stage.agent_of("ann").wrap_up_until.is_some(), "only who held the chat has a pause");
}
