//! Random plays on a small desk that has a bit of everything, with every invariant worked out after every turn.

use std::collections::BTreeSet;

use super::stage::*;
use crate::command::{BlockKey, Command, JoinQueue, Medium, Party, Seen, Show, TransferKind, TransferTarget};
use crate::entity::Phase;
use crate::event::{Ending, Event};
use crate::ids::{RequestId, VisitorId};
use crate::limits::Limits;
use crate::schedule::{Hours, Opening};
use crate::skill::Requirement;
use crate::spec::*;
use crate::time::Span;

/// A generator of numbers that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides.max(1)
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { Some(of[self.roll(of.len())]) }
    }
}

fn everything(dice: &mut Dice) -> DeskSpec {
    let kinds = [Dispatch::Offer, Dispatch::RingAll, Dispatch::Pull, Dispatch::StaffedRoom];
    let choices = [AgentChoice::LongestIdle, AgentChoice::LeastBusy, AgentChoice::RoundRobin, AgentChoice::BestSkill];
    let mut queues = Vec::new();
    for (i, name) in ["one", "two", "three", "four", "five"].into_iter().enumerate() {
        let mut queue = queue(name, &[]);
        queue.dispatch = if i == 0 { Dispatch::Offer } else { kinds[dice.roll(4)] };
        queue.choice = choices[dice.roll(4)];
        queue.last_agent_first = dice.roll(2) == 0;
        queue.offer_to_away = dice.roll(3) == 0;
        queue.urgent_to_dnd = dice.roll(3) == 0;
        queue.waiting_max = 12;
        queue.rejection_memory = Span::secs([0, 5, 60][dice.roll(3)]);
        if dice.roll(2) == 0 {
            queue.requirement =
                Requirement { steps: vec![(Span::ZERO, expr("nl>=2")), (Span::secs(40), expr("nl>=1"))] };
        }
        for agent in ["ann", "bob", "cas", "dee"] {
            if dice.roll(3) > 0 {
                let capacity = [None, Some(1)][dice.roll(2)];
                let skills = if dice.roll(4) == 0 { [(skill("nl"), 3)].into() } else { Default::default() };
                let priority = [5, 5, 9][dice.roll(3)];
                queue.members.push(Member { agent: agent.to_owned(), priority, capacity, skills });
            }
        }
        queues.push(queue);
    }
    let mut other = queues.split_off(3);
    for (from, to) in [(0, "a/two"), (1, "a/three"), (2, "b/four")] {
        queues[from].rollover.push(step(15, to, dice.roll(2) == 0, dice.roll(2) == 0));
    }
    queues[0].rollover.push(step(20, "b/five", dice.roll(2) == 0, dice.roll(2) == 0));
    other.reverse();
    let mut a = workgroup("a", queues);
    a.wrap_up = Span::secs([0, 10][dice.roll(2)]);
    a.agent_lost = [AgentLost::Keep, AgentLost::Return][dice.roll(2)];
    a.callback.expires_after = Span::secs(900);
    let mut b = workgroup("b", other);
    b.waiting_max = 8;
    b.closing = [Closing::End, Closing::Serve][dice.roll(2)];
    let openings = (0..18).map(|i| Opening { weekday: 0, from_min: 540 + i * 10, to_min: 547 + i * 10 });
    b.hours = Hours { weekly: openings.collect(), holidays: Vec::new(), last_call_s: 60 };
    let mut spec = desk(vec![a, b]);
    for agent in &mut spec.agents {
        agent.chats_max = 1 + dice.roll(3) as u32;
        agent.skills.insert(skill("nl"), dice.roll(4) as u32);
    }
    spec.skills.insert(skill("nl"), "Dutch".to_owned());
    spec
}

fn command(stage: &mut Stage, dice: &mut Dice) -> Command {
    let state = stage.state();
    let requests: Vec<_> = state.requests().map(|request| request.id).collect();
    let agents: Vec<_> = state.agents().map(|agent| agent.id).collect();
    let queues: Vec<_> = state.queues().map(|queue| queue.id).collect();
    let offers: Vec<_> = state.offers().map(|offer| (offer.agent, offer.id)).collect();
    let rooms: Vec<_> = state.rooms().map(|room| room.id).collect();
    let chats: Vec<_> = state.requests().filter(|it| it.phase == Phase::Chatting).map(|it| it.id).collect();
    let of = if dice.roll(3) == 0 { &chats } else { &requests };
    let request = dice.pick(of).unwrap_or(RequestId(999_999));
    let agent = dice.pick(&agents).unwrap();
    let queue = dice.pick(&queues).unwrap();
    let shows = [Show::Available, Show::Available, Show::Chat, Show::Away, Show::Xa, Show::Dnd];
    let inside = state.request(request).and_then(|request| request.agents.keys().next().copied()).unwrap_or(agent);
    match dice.roll(40) {
        0..=8 => join(stage, dice),
        9 => Command::DepartQueue { request, ending: Ending::Departed },
        10 => Command::ObserveVisitor { request, connected: dice.roll(2) == 0 },
        11 => Command::MoveRequest { request, queue },
        12 => Command::SetPriority { request, priority: Priority(dice.roll(10) as u8) },
        13 => Command::MoveToHead { request },
        14..=16 => Command::SignIn { agent, show: shows[dice.roll(6)] },
        17 if dice.roll(3) == 0 => Command::SignOut { agent },
        17 => Command::OptQueue { agent, queue, opted_in: dice.roll(3) > 0 },
        18 => Command::ObserveAgent { agent, connected: dice.roll(2) == 0 },
        19 => Command::SetAvailability {
            agent,
            show: shows[dice.roll(6)],
            reason: None,
            chats_max_hint: [None, Some(1), Some(2)][dice.roll(3)],
        },
        20..=23 => match dice.pick(&offers) {
            Some((agent, offer)) => Command::AcceptOffer { agent, offer },
            None => Command::Tick,
        },
        24 => match dice.pick(&offers) {
            Some((agent, offer)) => Command::RejectOffer { agent, offer },
            None => Command::Tick,
        },
        25 => Command::TakeRequest { agent, request: dice.pick(&[None, Some(request)]).unwrap(), queue: None },
        26 => Command::StaffRoom { agent, queue },
        27 => Command::EndWrapUp { agent },
        28 | 36..=38 => {
            let target = match dice.roll(3) {
                0 => TransferTarget::Agent(agent),
                1 => TransferTarget::Queue(queue),
                _ => TransferTarget::Workgroup(stage.workgroup("b")),
            };
            let kind = [TransferKind::Transfer, TransferKind::Conference][dice.roll(2)];
            Command::TransferChat { agent: inside, request, target, kind }
        }
        29 => match dice.roll(3) {
            0 => Command::CancelTransfer { agent: inside, request },
            1 => Command::EnterChat { agent, request },
            _ => Command::LeaveChat { agent: inside, request },
        },
        30 if dice.roll(2) == 0 => Command::CloseChat { request, ending: Ending::ClosedByAgent },
        31..=33 => match dice.pick(&rooms) {
            Some(room) => {
                let seen = [Seen::Entered, Seen::Entered, Seen::Entered, Seen::Lost, Seen::Entered, Seen::LeftClean]
                    [dice.roll(6)];
                let who = if dice.roll(9) == 0 { Party::Agent(agent) } else { Party::Visitor };
                Command::ObserveOccupant { room, who, seen }
            }
            None => Command::Tick,
        },
        34 => callback(stage, dice, request),
        _ if dice.roll(4) > 0 => Command::Tick,
        _ => Command::Block { key: BlockKey(dice.roll(3) as u64), until: Some(stage.now + Span::secs(30)) },
    }
}

fn callback(stage: &Stage, dice: &mut Dice, request: RequestId) -> Command {
    let later = stage.now + Span::secs(dice.roll(600) as i64);
    match dice.roll(4) {
        0 | 1 => Command::ConfirmCallback { request },
        2 => Command::AskCallback { request, not_before: [None, Some(later)][dice.roll(2)] },
        _ => Command::RescheduleCallback { request, not_before: later },
    }
}

fn join(stage: &mut Stage, dice: &mut Dice) -> Command {
    let agents: Vec<_> = stage.state().agents().map(|agent| agent.id).collect();
    let mut wish = stage.wish(["a", "b"][dice.roll(2)]);
    let queues: Vec<_> = stage.state().queues_of(wish.workgroup).map(|queue| queue.id).collect();
    if dice.roll(8) == 0 {
        wish.visitor = VisitorId(dice.roll(5) as u64);
    }
    wish.queue = if dice.roll(2) == 0 { dice.pick(&queues) } else { None };
    wish.priority = if dice.roll(3) == 0 { Some(Priority(dice.roll(10) as u8)) } else { None };
    wish.skills = if dice.roll(4) == 0 { Some(expr("nl>=3")) } else { None };
    wish.block_keys = vec![BlockKey(dice.roll(9) as u64)];
    wish.last_agent = dice.pick(&agents);
    wish.connected = dice.roll(8) > 0;
    if dice.roll(5) == 0 {
        wish.medium = Medium::Callback;
        wish.not_before = [None, Some(stage.now + Span::secs(dice.roll(600) as i64))][dice.roll(2)];
    }
    Command::JoinQueue(Box::new(JoinQueue { ..wish }))
}

fn play(seed: u64, turns: usize, limits: Limits) {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let spec = everything(&mut dice);
    let mut stage = Stage::with_limits(spec, limits);
    stage.restore_every = 10;
    let mut queued = BTreeSet::new();
    for _ in 0..turns {
        if dice.roll(5) == 0 {
            stage.pass(dice.roll(25) as i64);
        }
        if dice.roll(200) == 0 {
            let spec = everything(&mut dice);
            stage.declare(spec.clone()).unwrap();
            assert_eq!(stage.state().to_spec(), spec);
        }
        if dice.roll(100) == 0 {
            stage.restart();
        }
        let command = command(&mut stage, &mut dice);
        _ = stage.turn(command);
    }
    stage.declare(DeskSpec::default()).unwrap();
    for event in &stage.all {
        if let Event::RequestQueued { request, .. } = event {
            queued.insert(*request);
        }
    }
    assert!(queued.len() > turns / 20, "seed {seed}: only {} requests", queued.len());
    for request in queued {
        assert!(stage.ending(request).is_some(), "seed {seed}: request {} was lost", request.0);
    }
    assert_eq!(stage.state().requests().count() + stage.state().rooms().count() + stage.state().offers().count(), 0);
}

#[test]
fn nothing_goes_wrong_in_random_plays() {
    for seed in 0..8 {
        play(seed, 200, Limits::default());
    }
}

#[test]
fn nothing_goes_wrong_with_tiny_limits() {
    let limits = Limits {
        requests: 15,
        classes_per_queue: 2,
        ringing_per_agent: 2,
        agents_per_chat: 2,
        rejections: 1,
        settled_per_turn: 3,
        callback_ahead: Span::secs(300),
        ..Limits::default()
    };
    for seed in 100..105 {
        play(seed, 300, limits.clone());
    }
}

#[test]
fn the_same_play_gives_the_same_events() {
    let events = |seed: u64| {
        let mut dice = Dice(seed);
        let spec = everything(&mut dice);
        let mut stage = Stage::new(spec);
        stage.checks = false;
        for _ in 0..500 {
            stage.pass(dice.roll(5) as i64);
            let command = command(&mut stage, &mut dice);
            _ = stage.turn(command);
        }
        stage.all
    };
    assert_eq!(events(7), events(7));
}
