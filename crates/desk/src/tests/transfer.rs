//! Transfers and second agents: to one agent, to a queue; taken, refused, lapsed, taken back.

use super::stage::*;
use crate::Reply;
use crate::command::{Command, Show, TransferKind, TransferTarget};
use crate::entity::Phase;
use crate::event::{Ending, Event, OfferKind, Part, TransferEnd};
use crate::ids::RequestId;
use crate::refusal::{Ineligible, Refusal, What};
use crate::spec::Dispatch;
use crate::time::Span;

/// Ann, in a chat; Bob and Cas, free; a second queue of Cas.
fn stage() -> (Stage, RequestId) {
    let queues = vec![queue("main", &["ann", "bob"]), queue("second", &["cas"])];
    let mut spec = desk(vec![workgroup("help", queues)]);
    spec.workgroups[0].wrap_up = Span::secs(10);
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    stage.sign_in(&["bob", "cas"]);
    (stage, chat)
}

fn transfer(stage: &mut Stage, request: RequestId, to: &str, kind: TransferKind) -> Result<Reply, Refusal> {
    let target = TransferTarget::Agent(stage.agent(to));
    let agent = stage.agent("ann");
    stage.turn(Command::TransferChat { agent, request, target, kind })
}

fn ended(stage: &Stage, cause: TransferEnd) -> bool {
    stage.happened(|event| matches!(event, Event::TransferEnded { cause: it, .. } if *it == cause))
}

#[test]
fn another_agent_takes_a_chat_over() {
    let (mut stage, chat) = stage();
    transfer(&mut stage, chat, "bob", TransferKind::Transfer).unwrap();
    assert_eq!(stage.offer("bob").unwrap().kind, OfferKind::Transfer);
    assert_eq!(stage.request(chat).agents[&stage.agent("ann")], Part::Holder, "ann keeps the visitor until then");
    let room = stage.request(chat).room.unwrap();
    assert_eq!(stage.accept("bob"), room);
    let it = stage.request(chat);
    assert_eq!(it.agents.iter().collect::<Vec<_>>(), [(&stage.agent("bob"), &Part::Holder)]);
    assert_eq!((it.phase, it.transfer), (Phase::Chatting, None));
    assert!(stage.agent_of("ann").chats.is_empty() && stage.agent_of("ann").wrap_up_until.is_some());
}

#[test]
fn a_second_agent_comes_in_besides_and_may_be_left_alone() {
    let (mut stage, chat) = stage();
    transfer(&mut stage, chat, "cas", TransferKind::Conference).unwrap();
    stage.accept("cas");
    let parts: Vec<_> = stage.request(chat).agents.values().copied().collect();
    assert_eq!(parts, [Part::Holder, Part::Second]);
    let leave = Command::LeaveChat { agent: stage.agent("ann"), request: chat };
    stage.turn(leave).unwrap();
    assert_eq!(stage.request(chat).agents[&stage.agent("cas")], Part::Holder);
}

#[test]
fn a_transfer_that_nobody_takes_leaves_all_as_it_was() {
    let (mut stage, chat) = stage();
    transfer(&mut stage, chat, "bob", TransferKind::Transfer).unwrap();
    stage.reject("bob");
    assert!(ended(&stage, TransferEnd::Refused));
    transfer(&mut stage, chat, "bob", TransferKind::Transfer).unwrap();
    stage.pass(60);
    assert!(ended(&stage, TransferEnd::Lapsed));
    transfer(&mut stage, chat, "bob", TransferKind::Transfer).unwrap();
    let twice = transfer(&mut stage, chat, "cas", TransferKind::Transfer);
    assert!(matches!(twice, Err(Refusal::WrongState(_))), "one at a time");
    let cancel = Command::CancelTransfer { agent: stage.agent("ann"), request: chat };
    stage.turn(cancel.clone()).unwrap();
    assert!(ended(&stage, TransferEnd::Cancelled));
    assert!(matches!(stage.turn(cancel), Err(Refusal::WrongState(_))));
    assert_eq!((stage.offered("bob"), stage.request(chat).agents.len()), (None, 1));
}

#[test]
fn who_cannot_be_asked_is_refused_at_once() {
    let (mut stage, chat) = stage();
    let kind = TransferKind::Transfer;
    assert_eq!(transfer(&mut stage, chat, "ann", kind), Err(Refusal::NotEligible(Ineligible::AlreadyInside)));
    stage.show("bob", Show::Dnd);
    assert!(matches!(transfer(&mut stage, chat, "bob", kind), Err(Refusal::WrongState(_))));
    stage.show("bob", Show::Available);
    let other = stage.join();
    stage.accept("bob");
    assert_eq!(transfer(&mut stage, chat, "bob", kind), Err(Refusal::NotEligible(Ineligible::AtCapacity)));
    let agent = stage.agent("bob");
    stage.turn(Command::SignOut { agent }).unwrap();
    assert_eq!(transfer(&mut stage, chat, "bob", kind), Err(Refusal::NotEligible(Ineligible::SignedOut)));
    assert_eq!(transfer(&mut stage, other, "cas", kind), Err(Refusal::NotYours(What::Request)));
}

#[test]
fn a_queue_is_asked_and_its_agent_takes_it() {
    let (mut stage, chat) = stage();
    let waiting = stage.join_queue("help/second");
    stage.reject("cas");
    stage.pass(1);
    let (agent, target) = (stage.agent("ann"), TransferTarget::Queue(stage.queue("help/second")));
    stage.turn(Command::TransferChat { agent, request: chat, target, kind: TransferKind::Transfer }).unwrap();
    assert_eq!(stage.line("help/second"), [chat, waiting], "a transfer stands at the head");
    assert_eq!(stage.state().position(chat), None, "its visitor does not wait");
    assert_eq!(stage.offered("cas"), Some(chat));
    stage.accept("cas");
    assert_eq!(stage.request(chat).agents.keys().collect::<Vec<_>>(), [&stage.agent("cas")]);
    assert_eq!(stage.line("help/second"), [waiting]);
}

#[test]
fn a_queue_is_asked_until_the_deadline_only() {
    let (mut stage, chat) = stage();
    stage.show("bob", Show::Xa);
    let (agent, target) = (stage.agent("ann"), TransferTarget::Workgroup(stage.workgroup("help")));
    stage.turn(Command::TransferChat { agent, request: chat, target, kind: TransferKind::Transfer }).unwrap();
    assert_eq!(stage.line("help/main"), [chat]);
    stage.show("bob", Show::Available);
    assert_eq!(stage.offered("bob"), Some(chat), "whoever comes is asked; ann, who is inside, is not");
    stage.reject("bob");
    stage.pass(60);
    assert!(ended(&stage, TransferEnd::Lapsed));
    assert_eq!((stage.line("help/main").len(), stage.phase(chat)), (0, Phase::Chatting));
}

#[test]
fn a_transfer_may_be_taken_from_a_line_by_hand() {
    let (mut stage, chat) = stage();
    let mut spec = stage.state().to_spec();
    spec.workgroups[0].queues[1].dispatch = Dispatch::Pull;
    stage.declare(spec).unwrap();
    let (agent, target) = (stage.agent("ann"), TransferTarget::Queue(stage.queue("help/second")));
    stage.turn(Command::TransferChat { agent, request: chat, target, kind: TransferKind::Transfer }).unwrap();
    assert_eq!(stage.offered("cas"), None);
    assert_eq!(stage.take("cas", None), Ok(chat));
    assert_eq!(stage.request(chat).agents.keys().collect::<Vec<_>>(), [&stage.agent("cas")]);
}

#[test]
fn the_end_of_the_chat_ends_the_transfer() {
    let (mut stage, chat) = stage();
    transfer(&mut stage, chat, "bob", TransferKind::Transfer).unwrap();
    stage.close(chat);
    assert!(ended(&stage, TransferEnd::ChatEnded));
    assert_eq!((stage.offered("bob"), stage.ending(chat)), (None, Some(Ending::ClosedByAgent)));
}

#[test]
fn an_agent_who_is_asked_and_goes_away_refuses() {
    let (mut stage, chat) = stage();
    transfer(&mut stage, chat, "bob", TransferKind::Transfer).unwrap();
    stage.show("bob", Show::Xa);
    assert!(ended(&stage, TransferEnd::Refused));
    assert_eq!(stage.request(chat).transfer, None);
}

#[test]
fn if_the_asking_agent_is_lost_meanwhile_the_visitor_returns() {
    let (mut stage, chat) = stage();
    transfer(&mut stage, chat, "bob", TransferKind::Transfer).unwrap();
    let agent = stage.agent("ann");
    stage.turn(Command::SignOut { agent }).unwrap();
    assert!(ended(&stage, TransferEnd::ChatEnded));
    assert_eq!(stage.offered("bob"), Some(chat), "as a request, from the head of the line");
    assert_eq!(stage.offer("bob").unwrap().kind, OfferKind::Request);
}
