//! An agent's session: signing in and out, loss and grace, what becomes of chats, the pause after a chat.

use super::stage::*;
use crate::command::{Command, Show, TransferKind, TransferTarget};
use crate::entity::Phase;
use crate::event::{Ending, Event, Part, Placement, Return, Revocation, SignOutCause};
use crate::refusal::{Ineligible, Refusal, What};
use crate::spec::{AgentLost, DeskSpec};
use crate::time::Span;

fn lose(stage: &mut Stage, agent: &str) {
    let agent = stage.agent(agent);
    stage.turn(Command::ObserveAgent { agent, connected: false }).unwrap();
}

fn keeping(mut spec: DeskSpec) -> DeskSpec {
    spec.workgroups[0].agent_lost = AgentLost::Keep;
    spec
}

#[test]
fn nothing_is_offered_to_who_is_not_there() {
    let mut stage = Stage::new(simple(&["ann"]));
    let request = stage.join();
    assert_eq!(stage.offered("ann"), None);
    stage.sign_in(&["ann"]);
    assert_eq!(stage.offered("ann"), Some(request));
    let agent = stage.agent("ann");
    stage.turn(Command::SignOut { agent }).unwrap();
    assert_eq!(stage.offered("ann"), None);
    assert!(stage.happened(|it| matches!(it, Event::OfferRevoked { reason: Revocation::AgentUnavailable, .. })));
    assert_eq!(stage.turn(Command::SignOut { agent }), Err(Refusal::NotEligible(Ineligible::SignedOut)));
}

#[test]
fn availability_decides_and_offers_are_taken_back() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let request = stage.join();
    for show in [Show::Away, Show::Xa, Show::Dnd] {
        stage.show("ann", show);
        assert_eq!(stage.offered("ann"), None, "{show:?}");
        stage.show("ann", Show::Chat);
        assert_eq!(stage.offered("ann"), Some(request), "{show:?}");
    }
    stage.show("ann", Show::Chat);
    assert!(stage.last.is_empty(), "saying it twice changes nothing");
}

#[test]
fn a_hint_lowers_the_ceiling_and_never_raises_it() {
    let mut spec = simple(&["ann"]);
    spec.agents[0].chats_max = 2;
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann"]);
    let agent = stage.agent("ann");
    let hint = |stage: &mut Stage, hint| {
        let set = Command::SetAvailability { agent, show: Show::Available, reason: None, chats_max_hint: Some(hint) };
        stage.turn(set).unwrap();
    };
    stage.chat_with("ann");
    hint(&mut stage, 1);
    let second = stage.join();
    assert_eq!(stage.offered("ann"), None);
    hint(&mut stage, 9);
    assert_eq!(stage.offered("ann"), Some(second));
    stage.accept("ann");
    stage.join();
    assert_eq!(stage.offered("ann"), None, "two is the declared ceiling");
}

#[test]
fn opting_out_of_a_queue_outlives_the_session() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let (agent, queue) = (stage.agent("ann"), stage.queue("help/main"));
    let request = stage.join();
    stage.turn(Command::OptQueue { agent, queue, opted_in: false }).unwrap();
    assert_eq!(stage.offered("ann"), None);
    stage.turn(Command::SignOut { agent }).unwrap();
    stage.sign_in(&["ann"]);
    assert_eq!((stage.offered("ann"), stage.state().staffed(queue)), (None, 0));
    stage.turn(Command::OptQueue { agent, queue, opted_in: true }).unwrap();
    assert_eq!((stage.offered("ann"), stage.state().staffed(queue)), (Some(request), 1));
}

#[test]
fn a_lost_agent_keeps_offers_for_a_moment_and_chats_for_the_grace() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    lose(&mut stage, "ann");
    stage.pass(29);
    assert_eq!(stage.phase(chat), Phase::Chatting);
    let agent = stage.agent("ann");
    stage.turn(Command::ObserveAgent { agent, connected: true }).unwrap();
    stage.pass(60);
    assert_eq!(stage.phase(chat), Phase::Chatting, "back in time");
}

#[test]
fn nothing_new_is_offered_during_the_grace() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    stage.sign_in(&["ann"]);
    let first = stage.join();
    lose(&mut stage, "ann");
    assert_eq!(stage.offered("ann"), Some(first), "what is out stays until its own deadline");
    stage.pass(20);
    assert_eq!(stage.offered("ann"), None);
    stage.sign_in(&["bob"]);
    assert_eq!(stage.offered("bob"), Some(first));
}

#[test]
fn the_visitor_of_a_lost_agent_returns_to_the_head() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    let waiting = stage.join();
    lose(&mut stage, "ann");
    stage.pass(30);
    assert_eq!(stage.line("help/main"), [chat, waiting]);
    let it = stage.request(chat);
    assert_eq!((it.phase, it.room, it.places[0].cause), (Phase::Waiting, None, Placement::Asked));
    assert!(stage.happened(|it| matches!(it, Event::RequestReturned { cause: Return::AgentLost, .. })));
    assert!(stage.happened(|it| matches!(it, Event::AgentSignedOut { cause: SignOutCause::Lost, .. })));
    assert_eq!(stage.agent_of("ann").chats.len(), 0);
    stage.sign_in(&["bob"]);
    assert_eq!(stage.offered("bob"), Some(chat));
}

#[test]
fn time_back_in_the_line_is_no_handling_time() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    stage.pass(100);
    lose(&mut stage, "ann");
    stage.pass(30);
    assert_eq!(stage.phase(chat), Phase::Waiting);
    stage.pass(500);
    stage.restart();
    stage.sign_in(&["bob"]);
    stage.accept("bob");
    stage.visitor_enters(chat);
    stage.pass(20);
    assert_eq!(stage.request(chat).handled(stage.now), Span::secs(150));
    stage.close(chat);
    let seen = &stage.state().queue(stage.queue("help/main")).unwrap().seen;
    assert_eq!(seen.handling.back(), Some(&Span::secs(150)));
    assert_eq!(seen.handling.len(), 1, "one chat, however many stretches");
}

#[test]
fn who_gives_up_back_in_the_line_waited_since_the_return() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    stage.pass(100);
    lose(&mut stage, "ann");
    stage.pass(30);
    stage.pass(40);
    stage.depart(chat);
    let seen = &stage.state().queue(stage.queue("help/main")).unwrap().seen;
    assert_eq!(seen.handling.back(), Some(&Span::secs(130)));
    assert_eq!(seen.abandoned, 1);
    assert_eq!(seen.waited_total, Span::secs(40));
}

#[test]
fn a_kept_chat_waits_for_its_agent() {
    let mut stage = Stage::new(keeping(simple(&["ann"])));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    lose(&mut stage, "ann");
    stage.pass(31);
    assert!(stage.agent_of("ann").session.is_none());
    assert_eq!(stage.phase(chat), Phase::Chatting);
    stage.sign_in(&["ann"]);
    assert_eq!(stage.agent_of("ann").chats.get(&chat), Some(&Part::Holder));
    stage.join();
    assert_eq!(stage.offered("ann"), None, "the chat still counts");
}

#[test]
fn who_signs_out_on_purpose_keeps_nothing() {
    let mut stage = Stage::new(keeping(simple(&["ann"])));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    let agent = stage.agent("ann");
    stage.turn(Command::SignOut { agent }).unwrap();
    assert_eq!((stage.phase(chat), stage.ahead(chat)), (Phase::Waiting, 0));
}

#[test]
fn a_second_agent_takes_over_from_one_who_is_lost() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    stage.sign_in(&["bob"]);
    let (agent, target) = (stage.agent("ann"), TransferTarget::Agent(stage.agent("bob")));
    let kind = TransferKind::Conference;
    stage.turn(Command::TransferChat { agent, request: chat, target, kind }).unwrap();
    stage.accept("bob");
    lose(&mut stage, "ann");
    stage.pass(30);
    let agents = &stage.request(chat).agents;
    assert_eq!(agents.iter().collect::<Vec<_>>(), [(&stage.agent("bob"), &Part::Holder)]);
    assert_eq!(stage.phase(chat), Phase::Chatting);
}

#[test]
fn signing_in_again_replaces_the_session_and_keeps_the_rest() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    lose(&mut stage, "ann");
    stage.sign_in(&["ann"]);
    assert!(stage.happened(|it| matches!(it, Event::AgentSignedIn { replaced: true, .. })));
    stage.pass(60);
    assert_eq!(stage.phase(chat), Phase::Chatting, "no longer lost");
}

#[test]
fn after_a_chat_comes_a_pause() {
    let mut spec = simple(&["ann"]);
    spec.workgroups[0].wrap_up = Span::secs(15);
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    let next = stage.join();
    stage.close(chat);
    assert_eq!((stage.ending(chat), stage.offered("ann")), (Some(Ending::ClosedByAgent), None));
    stage.pass(14);
    assert_eq!(stage.offered("ann"), None);
    stage.pass(1);
    assert_eq!(stage.offered("ann"), Some(next));
    stage.accept("ann");
    stage.visitor_enters(next);
    stage.close(next);
    let last = stage.join();
    let agent = stage.agent("ann");
    stage.turn(Command::EndWrapUp { agent }).unwrap();
    assert_eq!(stage.offered("ann"), Some(last));
    assert!(matches!(stage.turn(Command::EndWrapUp { agent }), Err(Refusal::WrongState(_))));
}

#[test]
fn strangers_are_not_found() {
    let mut stage = Stage::new(simple(&[]));
    let agent = crate::ids::AgentId(77);
    let signed_in = stage.turn(Command::SignIn { agent, show: Show::Chat });
    assert_eq!(signed_in, Err(Refusal::NotFound(What::Agent)));
}

#[test]
fn a_supervisor_who_is_lost_is_let_out_even_of_a_kept_chat() {
    let mut stage = Stage::new(keeping(simple(&["ann", "bob"])));
    stage.sign_in(&["ann"]);
    let chat = stage.chat_with("ann");
    stage.sign_in(&["bob"]);
    let agent = stage.agent("bob");
    stage.turn(Command::EnterChat { agent, request: chat }).unwrap();
    lose(&mut stage, "bob");
    stage.pass(30);
    assert_eq!(stage.request(chat).agents.keys().collect::<Vec<_>>(), [&stage.agent("ann")]);
}
