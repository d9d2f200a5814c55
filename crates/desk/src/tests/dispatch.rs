//! Who is offered what next: choice of agents, skills, the four ways of dispatch, expiry and rejection.

use super::stage::*;
use crate::command::{Command, JoinQueue, Show};
use crate::entity::Phase;
use crate::event::{Ending, Event, Revocation};
use crate::ids::RequestId;
use crate::limits::Limits;
use crate::refusal::{Ineligible, Refusal, What};
use crate::skill::Requirement;
use crate::spec::{AgentChoice, DeskSpec, Dispatch, Priority};
use crate::time::Span;

fn main_queue(members: &[&str], change: impl FnOnce(&mut crate::spec::QueueSpec)) -> DeskSpec {
    let mut spec = simple(members);
    change(&mut spec.workgroups[0].queues[0]);
    spec
}

#[test]
fn an_offer_is_accepted_and_the_visitor_enters() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let request = stage.join();
    let offer = stage.offer("ann").unwrap();
    assert_eq!(offer.deadline, stage.now + Span::secs(20));
    let room = stage.accept("ann");
    assert_eq!(stage.phase(request), Phase::Invited { deadline: stage.now + Span::secs(45) });
    stage.visitor_enters(request);
    assert_eq!(stage.phase(request), Phase::Chatting);
    assert_eq!(stage.state().room(room).unwrap().request, Some(request));
    assert_eq!(stage.request(request).answered.unwrap().1, stage.agent("ann"));
}

#[test]
fn the_agent_who_has_been_idle_longest_comes_first() {
    let mut stage = Stage::new(simple(&["ann", "bob", "cas"]));
    for agent in ["bob", "cas", "ann"] {
        stage.sign_in(&[agent]);
        stage.pass(1);
    }
    let first = stage.join();
    let second = stage.join();
    assert_eq!((stage.offered("bob"), stage.offered("cas")), (Some(first), Some(second)));
    stage.accept("bob");
    stage.close(first);
    stage.accept("cas");
    let third = stage.join();
    assert_eq!(stage.offered("ann"), Some(third), "bob was busy a moment ago");
}

#[test]
fn members_of_a_higher_priority_come_first_and_those_away_last() {
    let mut stage = Stage::new(main_queue(&["ann", "bob", "cas"], |queue| {
        queue.members[2].priority = 9;
        queue.offer_to_away = true;
    }));
    stage.sign_in(&["ann", "bob", "cas"]);
    stage.show("bob", Show::Chat);
    let first = stage.join();
    assert_eq!(stage.offered("cas"), Some(first));
    stage.show("cas", Show::Away);
    assert_eq!(stage.offered("cas"), Some(first), "the queue reaches agents who are away");
    stage.accept("cas");
    stage.close(first);
    let [second, third, fourth] = [stage.join(), stage.join(), stage.join()];
    let offered = ["bob", "ann", "cas"].map(|agent| stage.offered(agent));
    assert_eq!(offered, [Some(second), Some(third), Some(fourth)]);
}

#[test]
fn an_agent_prefers_the_queue_of_higher_priority() {
    let mut urgent = queue("urgent", &["ann"]);
    urgent.members[0].priority = 9;
    let mut stage = Stage::new(desk(vec![workgroup("help", vec![queue("main", &["ann"]), urgent])]));
    let old = stage.join();
    stage.pass(10);
    let new = stage.join_queue("help/urgent");
    stage.sign_in(&["ann"]);
    assert_eq!(stage.offered("ann"), Some(new));
    stage.accept("ann");
    stage.close(new);
    assert_eq!(stage.offered("ann"), Some(old));
}

#[test]
fn the_least_busy_for_their_ceiling_comes_first() {
    let mut spec = main_queue(&["ann", "bob"], |queue| queue.choice = AgentChoice::LeastBusy);
    spec.agents[0].chats_max = 2;
    spec.agents[1].chats_max = 10;
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann", "bob"]);
    stage.chat_with("ann");
    stage.chat_with("bob");
    let next = stage.join();
    assert_eq!(stage.offered("bob"), Some(next), "one of ten is less than one of two");
}

#[test]
fn round_robin_goes_by_the_last_offer_not_by_chats() {
    let mut spec = main_queue(&["ann", "bob"], |queue| queue.choice = AgentChoice::RoundRobin);
    spec.agents[0].chats_max = 5;
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann", "bob"]);
    let first = stage.join();
    stage.pass(1);
    stage.reject("ann");
    assert_eq!(stage.offered("bob"), Some(first));
    stage.accept("bob");
    stage.close(first);
    stage.pass(1);
    let second = stage.join();
    assert_eq!(stage.offered("ann"), Some(second), "offered something before bob was");
}

#[test]
fn the_best_in_what_is_required_comes_first() {
    let mut spec = main_queue(&["ann", "bob"], |queue| queue.choice = AgentChoice::BestSkill);
    for (agent, [nl, en]) in spec.agents.iter_mut().zip([[3, 9], [5, 2]]) {
        agent.skills.extend([(skill("nl"), nl), (skill("en"), en)]);
    }
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann", "bob"]);
    let wish = JoinQueue { skills: Some(expr("nl>0")), ..stage.wish("help") };
    let dutch = stage.try_join(wish).unwrap();
    let wish = JoinQueue { skills: Some(expr("en>0")), ..stage.wish("help") };
    let english = stage.try_join(wish).unwrap();
    assert_eq!((stage.offered("bob"), stage.offered("ann")), (Some(dutch), Some(english)));
}

#[test]
fn skills_are_required_and_relax_with_time() {
    let mut spec = main_queue(&["ann", "bob"], |queue| {
        queue.requirement =
            Requirement { steps: vec![(Span::ZERO, expr("loans>=3")), (Span::secs(30), expr("loans>=1"))] };
    });
    spec.agents[0].skills.insert(skill("loans"), 1);
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann", "bob"]);
    let request = stage.join();
    stage.pass(29);
    assert_eq!(stage.offered("ann"), None);
    stage.pass(1);
    assert_eq!((stage.offered("ann"), stage.offered("bob")), (Some(request), None));
    assert!(stage.happened(|event| matches!(event, Event::RequirementRelaxed { step: 1, .. })));
}

#[test]
fn a_members_own_levels_hold_in_that_queue() {
    let mut spec = main_queue(&["ann"], |queue| {
        queue.requirement = Requirement::always(expr("loans>=3"));
        queue.members[0].skills.insert(skill("loans"), 3);
    });
    spec.agents[0].skills.insert(skill("loans"), 1);
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann"]);
    let request = stage.join();
    assert_eq!(stage.offered("ann"), Some(request));
}

#[test]
fn a_member_may_hold_only_so_many_chats_of_a_queue() {
    let mut spec = desk(vec![workgroup("help", vec![queue("main", &["ann"]), queue("second", &["ann"])])]);
    spec.agents[0].chats_max = 3;
    spec.workgroups[0].queues[0].members[0].capacity = Some(1);
    let mut stage = Stage::new(spec);
    stage.sign_in(&["ann"]);
    stage.chat_with("ann");
    let more = stage.join();
    assert_eq!(stage.offered("ann"), None);
    let other = stage.join_queue("help/second");
    assert_eq!(stage.offered("ann"), Some(other));
    assert!(stage.state().can_take(stage.agent("ann"), other) && !stage.state().can_take(stage.agent("ann"), more));
}

#[test]
fn a_rejected_request_goes_to_the_next_agent_and_comes_back_when_forgotten() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    stage.sign_in(&["ann"]);
    let request = stage.join();
    stage.reject("ann");
    assert_eq!(stage.offered("ann"), None, "nobody else is there, yet the no is respected");
    let other = stage.join();
    assert_eq!(stage.offered("ann"), Some(other), "the no was to that request only");
    stage.accept("ann");
    stage.close(other);
    stage.sign_in(&["bob"]);
    assert_eq!(stage.offered("bob"), Some(request));
    stage.reject("bob");
    stage.pass(59);
    assert_eq!(stage.offered("ann"), None);
    stage.pass(1);
    assert_eq!(stage.offered("ann"), Some(request));
    assert!(stage.happened(|event| matches!(event, Event::RejectionForgotten { .. })));
}

#[test]
fn an_expired_offer_goes_on_and_two_in_a_row_mean_away() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    stage.sign_in(&["ann"]);
    let [a, b] = [stage.join(), stage.join()];
    stage.pass(20);
    assert_eq!(stage.offered("ann"), Some(b));
    assert_eq!(stage.agent_of("ann").expired_in_row, 1);
    stage.pass(20);
    let session = stage.agent_of("ann").session.clone().unwrap();
    assert_eq!((session.show, session.reason.as_deref()), (Show::Away, Some("no-answer")));
    stage.sign_in(&["bob"]);
    assert_eq!(stage.offered("bob"), Some(a));
}

#[test]
fn an_answer_in_between_resets_the_count() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let [_, _, c] = [stage.join(), stage.join(), stage.join()];
    stage.pass(20);
    stage.reject("ann");
    assert_eq!(stage.offered("ann"), Some(c));
    stage.pass(20);
    assert_eq!(stage.agent_of("ann").session.as_ref().unwrap().show, Show::Available);
}

#[test]
fn an_offer_can_be_answered_only_once_and_by_its_agent() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    stage.sign_in(&["ann", "bob"]);
    stage.join();
    let offer = stage.offer("ann").unwrap().id;
    assert_eq!(stage.try_accept("bob", offer), Err(Refusal::NotYours(What::Offer)));
    stage.accept("ann");
    assert_eq!(stage.try_accept("ann", offer), Err(Refusal::OfferGone));
    let reject = Command::RejectOffer { agent: stage.agent("ann"), offer };
    assert_eq!(stage.turn(reject), Err(Refusal::OfferGone));
}

#[test]
fn the_last_agent_comes_first_if_free() {
    let mut stage = Stage::new(main_queue(&["ann", "bob"], |queue| queue.last_agent_first = true));
    stage.sign_in(&["ann"]);
    stage.pass(1);
    stage.sign_in(&["bob"]);
    let again = |stage: &mut Stage| {
        let wish = JoinQueue { last_agent: Some(stage.agent("bob")), ..stage.wish("help") };
        stage.try_join(wish).unwrap()
    };
    let first = again(&mut stage);
    assert_eq!(stage.offered("bob"), Some(first));
    let second = again(&mut stage);
    assert_eq!(stage.offered("ann"), Some(second), "bob is taken: the next best");
}

#[test]
fn urgent_requests_reach_agents_who_do_not_want_to_be_disturbed() {
    let mut stage = Stage::new(main_queue(&["ann"], |queue| queue.urgent_to_dnd = true));
    stage.sign_in(&["ann"]);
    stage.show("ann", Show::Dnd);
    stage.join();
    assert_eq!(stage.offered("ann"), None);
    let wish = JoinQueue { priority: Some(Priority::URGENT), ..stage.wish("help") };
    let urgent = stage.try_join(wish).unwrap();
    assert_eq!(stage.offered("ann"), Some(urgent));
    stage.turn(Command::SetPriority { request: urgent, priority: Priority::NORMAL }).unwrap();
    assert_eq!(stage.offered("ann"), None, "no longer urgent: taken back");
}

fn ringing(stage: &Stage, agent: &str) -> Vec<RequestId> {
    stage.state().offers_of(stage.agent(agent)).map(|offer| offer.request).collect()
}

#[test]
fn all_are_rung_and_the_first_wins() {
    let mut stage = Stage::new(main_queue(&["ann", "bob"], |queue| queue.dispatch = Dispatch::RingAll));
    stage.sign_in(&["ann", "bob"]);
    let [a, b] = [stage.join(), stage.join()];
    assert_eq!((ringing(&stage, "ann"), ringing(&stage, "bob")), (vec![a, b], vec![a, b]));
    let offers: Vec<_> = stage.state().offers_for(a).copied().collect();
    let [to_ann, to_bob] = offers[..] else { panic!("{offers:?}") };
    stage.try_accept("bob", to_bob.id).unwrap();
    let reason = Revocation::TakenBy(stage.agent("bob"));
    assert!(stage.happened(|event| *event == Event::OfferRevoked { offer: to_ann.id, reason }));
    assert_eq!(stage.try_accept("ann", to_ann.id), Err(Refusal::OfferGone));
    assert_eq!((ringing(&stage, "ann"), ringing(&stage, "bob")), (vec![b], vec![]), "bob is full");
    let late = stage.join();
    assert_eq!(ringing(&stage, "ann"), [b, late]);
}

#[test]
fn only_so_many_ring_at_once_and_silence_is_no_absence_there() {
    let spec = main_queue(&["ann"], |queue| queue.dispatch = Dispatch::RingAll);
    let mut stage = Stage::with_limits(spec, Limits { ringing_per_agent: 2, ..Limits::default() });
    stage.sign_in(&["ann"]);
    let [a, b, c] = [stage.join(), stage.join(), stage.join()];
    assert_eq!(ringing(&stage, "ann"), [a, b]);
    stage.pass(20);
    assert_eq!(ringing(&stage, "ann"), [c]);
    assert_eq!(stage.agent_of("ann").session.as_ref().unwrap().show, Show::Available);
    stage.pass(60);
    assert_eq!(ringing(&stage, "ann"), [a, b], "asked again when forgotten");
}

#[test]
fn agents_take_from_a_line_that_is_pulled() {
    let mut spec = main_queue(&["ann"], |queue| queue.dispatch = Dispatch::Pull);
    spec.workgroups[0].queues.push(queue("second", &["bob"]));
    let mut stage = Stage::new(desk(spec.workgroups));
    stage.sign_in(&["ann", "bob"]);
    let [a, b] = [stage.join(), stage.join()];
    assert_eq!(stage.offered("ann"), None);
    stage.turn(Command::ObserveVisitor { request: a, connected: false }).unwrap();
    assert_eq!(stage.take("ann", None), Ok(b), "the first who is there");
    assert_eq!(stage.take("ann", Some(a)), Err(Refusal::NotEligible(Ineligible::AtCapacity)));
    assert_eq!(stage.take("bob", Some(a)), Err(Refusal::NotEligible(Ineligible::NotMember)));
    assert_eq!(stage.take("bob", None), Err(Refusal::NotFound(What::Request)));
    assert!(matches!(stage.take("bob", Some(b)), Err(Refusal::WrongState(_))), "it is taken");
}

#[test]
fn taking_a_request_revokes_what_others_were_offered() {
    let mut stage = Stage::new(simple(&["ann", "bob"]));
    stage.sign_in(&["ann", "bob"]);
    let request = stage.join();
    assert_eq!(stage.offered("ann"), Some(request));
    stage.take("bob", Some(request)).unwrap();
    assert_eq!((stage.offered("ann"), stage.request(request).agents.len()), (None, 1));
}

#[test]
fn an_agent_waits_in_a_room_for_the_next_visitor() {
    let mut stage = Stage::new(main_queue(&["ann", "bob"], |queue| queue.dispatch = Dispatch::StaffedRoom));
    stage.sign_in(&["ann", "bob"]);
    let first = stage.join();
    assert_eq!(stage.phase(first), Phase::Waiting, "nobody waits in a room");
    let (agent, queue) = (stage.agent("ann"), stage.queue("help/main"));
    let room = match stage.turn(Command::StaffRoom { agent, queue }).unwrap() {
        crate::Reply::Staffed(room) => room,
        reply => panic!("{reply:?}"),
    };
    assert_eq!(stage.request(first).room, Some(room), "put there at once, without an offer");
    stage.visitor_enters(first);
    let full = stage.turn(Command::StaffRoom { agent, queue });
    assert_eq!(full, Err(Refusal::NotEligible(Ineligible::AtCapacity)));
    let gone = stage.turn(Command::UnstaffRoom { agent, room });
    assert!(matches!(gone, Err(Refusal::WrongState(_))));
    stage.close(first);
    assert_eq!(stage.state().room(room), None);
}

#[test]
fn who_waits_in_a_room_longest_comes_first_and_may_leave_it() {
    let mut stage = Stage::new(main_queue(&["ann", "bob"], |queue| queue.dispatch = Dispatch::StaffedRoom));
    stage.sign_in(&["ann", "bob"]);
    let queue = stage.queue("help/main");
    for name in ["bob", "ann"] {
        let agent = stage.agent(name);
        stage.turn(Command::StaffRoom { agent, queue }).unwrap();
        stage.pass(1);
    }
    let room = *stage.agent_of("bob").staffing.first().unwrap();
    let not_mine = Command::UnstaffRoom { agent: stage.agent("ann"), room };
    assert_eq!(stage.turn(not_mine), Err(Refusal::NotYours(What::Room)));
    let request = stage.join();
    assert!(stage.request(request).agents.contains_key(&stage.agent("bob")));
    let room = *stage.agent_of("ann").staffing.first().unwrap();
    stage.turn(Command::UnstaffRoom { agent: stage.agent("ann"), room }).unwrap();
    let next = stage.join();
    assert_eq!(stage.phase(next), Phase::Waiting);
}

#[test]
fn departing_takes_the_offer_back() {
    let mut stage = Stage::new(simple(&["ann"]));
    stage.sign_in(&["ann"]);
    let request = stage.join();
    stage.depart(request);
    assert_eq!(stage.offered("ann"), None);
    assert!(stage.happened(|it| matches!(it, Event::OfferRevoked { reason: Revocation::RequestEnded, .. })));
    assert_eq!(stage.ending(request), Some(Ending::Departed));
}

#[test]
fn a_turn_does_only_so_much_and_says_that_more_is_due() {
    let members: Vec<String> = (0..9).map(|i| format!("a{i}")).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    let mut stage = Stage::with_limits(simple(&members), Limits { settled_per_turn: 2, ..Limits::default() });
    for _ in 0..9 {
        stage.join();
    }
    stage.sign_in(&members);
    stage.pass(0);
    assert_eq!(stage.state().offers().count(), 9);
    stage.now = stage.now + Span::secs(20);
    stage.turn(Command::Tick).unwrap();
    let expired = || stage.all.iter().filter(|event| matches!(event, Event::OfferExpired { .. })).count();
    assert!(expired() < 9 && stage.engine.deadline() == Some(stage.now));
    stage.pass(0);
    let expired = || stage.all.iter().filter(|event| matches!(event, Event::OfferExpired { .. })).count();
    assert_eq!(expired(), 9);
    assert!(stage.engine.deadline().unwrap() > stage.now);
}
