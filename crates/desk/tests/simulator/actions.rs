//! What people do on a random day: likely things often, unlikely and impossible things now and then.

use std::collections::BTreeMap;

use desk::command::{BlockKey, Command, JoinQueue, Medium, Party, Seen, Show, TransferKind, TransferTarget};
use desk::entity::{Phase, Request};
use desk::event::{Ending, OfferKind};
use desk::ids::{AgentId, OfferId, QueueId, RequestId, RoomId, VisitorId, WorkgroupId};
use desk::spec::{DeskSpec, Priority};
use desk::state::State;
use desk::time::{Span, Time};

use crate::world::{self, Dice};

/// A day: what was declared, and how it feels.
pub struct Day {
    declared: DeskSpec,
    /// How often offers are accepted, in ten.
    keen: u64,
}

impl Day {
    pub fn new(dice: &mut Dice) -> Self {
        Self { declared: DeskSpec::default(), keen: dice.between(3, 9) }
    }

    /// A desk, or the one before with something changed.
    pub fn declare(&mut self, dice: &mut Dice) -> Command {
        let fresh = world::desk(dice);
        if self.declared.workgroups.is_empty() || dice.one_in(4) {
            self.declared = fresh;
        } else {
            for (workgroup, other) in self.declared.workgroups.iter_mut().zip(fresh.workgroups) {
                if dice.one_in(2) {
                    let queues = std::mem::take(&mut workgroup.queues);
                    *workgroup = desk::spec::WorkgroupSpec { queues, entry_rules: Vec::new(), ..other };
                }
                if workgroup.queues.len() > 1 && dice.one_in(3) {
                    let gone = format!("{}/{}", workgroup.name, workgroup.queues.remove(0).name);
                    workgroup.queues.iter_mut().for_each(|queue| queue.rollover.retain(|step| step.to != gone));
                }
            }
            if self.declared.agents.len() > 2 && dice.one_in(3) {
                let gone = self.declared.agents.remove(0).name;
                for queue in self.declared.workgroups.iter_mut().flat_map(|workgroup| &mut workgroup.queues) {
                    queue.members.retain(|member| member.agent != gone);
                }
            }
            let known: Vec<String> = self
                .declared
                .workgroups
                .iter()
                .flat_map(|workgroup| workgroup.queues.iter().map(|queue| format!("{}/{}", workgroup.name, queue.name)))
                .collect();
            for queue in self.declared.workgroups.iter_mut().flat_map(|workgroup| &mut workgroup.queues) {
                queue.rollover.retain(|step| known.contains(&step.to));
            }
        }
        Command::Declare(Box::new(self.declared.clone()))
    }

    /// When the next thing happens: soon, at the next deadline, much later, or (the clock jumps) before.
    pub fn next_time(&self, dice: &mut Dice, now: Time, due: Option<Time>) -> Time {
        match dice.below(20) {
            0 => now - Span::secs(30),
            1 if dice.one_in(8) => now + Span::secs(3_600),
            // The deadline may be the doors of tomorrow, when everybody has long gone home: rarely.
            2..=4 => due.filter(|due| *due < now + Span::secs(40) || dice.one_in(20)).unwrap_or(now).max(now),
            5..=11 => now,
            _ => now + Span::millis(i64::try_from(dice.below(3_000)).expect("small")),
        }
    }

    pub fn draw(&mut self, dice: &mut Dice, state: &State) -> Command {
        // Most of what can be drawn needs somebody it can happen to.
        let (invited, chatting) = (
            state.requests().any(|request| matches!(request.phase, Phase::Invited { .. })),
            state.requests().any(|request| request.phase == Phase::Chatting),
        );
        let nobody = state.requests().next().is_none();
        match dice.below(100) {
            22..=31 | 84..=92 if nobody && !dice.one_in(10) => join(dice, state),
            59..=70 if !invited && !dice.one_in(10) => agents(dice, state),
            71..=83 if !chatting && !dice.one_in(10) => agents(dice, state),
            42..=58 if state.offers().next().is_none() && !dice.one_in(4) => join(dice, state),
            0..=21 => join(dice, state),
            22..=24 if invited => enter(dice, state),
            22..=25 => Command::DepartQueue { request: some_request(dice, state, |_| true), ending: Ending::Departed },
            26..=31 => {
                Command::ObserveVisitor { request: some_request(dice, state, |_| true), connected: !dice.one_in(3) }
            }
            32..=41 => agents(dice, state),
            42..=58 => self.offers(dice, state),
            59..=70 => enter(dice, state),
            71..=73 => close(dice, state),
            74..=83 => transfers(dice, state),
            84..=88 => by_hand(dice, state),
            89..=92 => callbacks(dice, state),
            93..=94 => blocks(dice),
            95 => self.declare(dice),
            _ => Command::Tick,
        }
    }

    fn offers(&self, dice: &mut Dice, state: &State) -> Command {
        let offers: Vec<_> = state.offers().copied().collect();
        if offers.is_empty() || dice.one_in(20) {
            let (agent, queue) = (some_agent(dice, state), some_queue(dice, state));
            return match dice.below(4) {
                0 => Command::TakeRequest { agent, request: None, queue: Some(queue) },
                1 => Command::TakeRequest { agent, request: Some(some_request(dice, state, |_| true)), queue: None },
                2 => Command::StaffRoom { agent, queue },
                _ => Command::AcceptOffer { agent, offer: OfferId(dice.below(50)) },
            };
        }
        let transfers: Vec<_> = offers.iter().copied().filter(|offer| offer.kind != OfferKind::Request).collect();
        let offer = *dice.pick(if transfers.is_empty() { &offers } else { &transfers });
        let agent = if dice.one_in(30) { some_agent(dice, state) } else { offer.agent };
        match dice.below(10) {
            n if n < self.keen => Command::AcceptOffer { agent, offer: offer.id },
            9 => Command::Tick,
            _ => Command::RejectOffer { agent, offer: offer.id },
        }
    }
}

fn join(dice: &mut Dice, state: &State) -> Command {
    let workgroups: Vec<WorkgroupId> = state.workgroups().map(|workgroup| workgroup.id).collect();
    let workgroup = if workgroups.is_empty() || dice.one_in(40) { WorkgroupId(9_999) } else { *dice.pick(&workgroups) };
    let callback = dice.one_in(6);
    let mut answers = BTreeMap::new();
    match dice.below(6) {
        0 | 1 => _ = answers.insert("topic".to_owned(), "loans".to_owned()),
        2 => _ = answers.insert("topic".to_owned(), "x".repeat(30)),
        _ => {}
    }
    let later = callback && dice.one_in(2);
    let ahead = dice.secs(1, 200);
    Command::JoinQueue(Box::new(JoinQueue {
        workgroup,
        visitor: VisitorId(dice.below(40)),
        medium: if callback { Medium::Callback } else { Medium::Chat },
        queue: dice.one_in(6).then(|| some_queue(dice, state)),
        priority: dice.one_in(4).then(|| Priority(u8::try_from(dice.below(12)).expect("small"))),
        skills: dice.one_in(5).then(|| world::expression(dice)),
        answers,
        block_keys: vec![BlockKey(dice.below(12))],
        last_agent: dice.one_in(3).then(|| some_agent(dice, state)),
        connected: !dice.one_in(5),
        not_before: later.then(|| state.now() + ahead),
    }))
}

fn agents(dice: &mut Dice, state: &State) -> Command {
    let agent = some_agent(dice, state);
    let signed_in = state.agent(agent).is_some_and(|agent| agent.session.is_some());
    let show =
        *dice.pick(&[Show::Available, Show::Available, Show::Available, Show::Chat, Show::Away, Show::Xa, Show::Dnd]);
    if !signed_in && !dice.one_in(5) {
        return Command::SignIn { agent, show };
    }
    match dice.below(10) {
        0 => Command::SignOut { agent },
        1 => Command::SignIn { agent, show },
        2 | 3 => Command::ObserveAgent { agent, connected: dice.one_in(2) },
        4 => Command::OptQueue { agent, queue: some_queue(dice, state), opted_in: !dice.one_in(3) },
        5 => Command::EndWrapUp { agent },
        6 => match state.rooms().find(|room| room.staffed_by == Some(agent)) {
            Some(room) => Command::UnstaffRoom { agent, room: room.id },
            None => Command::StaffRoom { agent, queue: some_queue(dice, state) },
        },
        _ => Command::SetAvailability {
            agent,
            show: if dice.one_in(2) { Show::Available } else { show },
            reason: dice.one_in(3).then(|| "lunch".to_owned()),
            chats_max_hint: dice.one_in(4).then(|| u32::try_from(dice.below(4)).expect("small")),
        },
    }
}

fn enter(dice: &mut Dice, state: &State) -> Command {
    let request = some_request(dice, state, |request| matches!(request.phase, Phase::Invited { .. }));
    let room = state.request(request).and_then(|request| request.room).unwrap_or(RoomId(dice.below(60)));
    let agents: Vec<_> = state.request(request).map_or_else(Vec::new, |it| it.agents.keys().copied().collect());
    let who = if agents.is_empty() || !dice.one_in(10) { Party::Visitor } else { Party::Agent(*dice.pick(&agents)) };
    let seen = *dice.pick(&[Seen::Entered, Seen::Entered, Seen::Entered, Seen::Entered, Seen::Lost, Seen::LeftClean]);
    Command::ObserveOccupant { room, who, seen }
}

fn close(dice: &mut Dice, state: &State) -> Command {
    let request = some_request(dice, state, |request| request.phase == Phase::Chatting);
    let endings = [Ending::ClosedByAgent, Ending::ClosedByVisitor, Ending::Idle];
    Command::CloseChat { request, ending: *dice.pick(&endings) }
}

fn transfers(dice: &mut Dice, state: &State) -> Command {
    let request = some_request(dice, state, |request| request.phase == Phase::Chatting);
    let inside: Vec<AgentId> = state.request(request).map_or_else(Vec::new, |it| it.agents.keys().copied().collect());
    let agent = if inside.is_empty() || dice.one_in(15) { some_agent(dice, state) } else { *dice.pick(&inside) };
    match dice.below(10) {
        0 => Command::CancelTransfer { agent, request },
        1 => Command::EnterChat { agent: some_agent(dice, state), request },
        2 => Command::LeaveChat { agent, request },
        _ => {
            let target = match dice.below(3) {
                0 => TransferTarget::Agent(some_agent(dice, state)),
                1 => TransferTarget::Queue(some_queue(dice, state)),
                _ => TransferTarget::Workgroup(
                    state.workgroups().last().map_or(WorkgroupId(0), |workgroup| workgroup.id),
                ),
            };
            let kind = if dice.one_in(3) { TransferKind::Conference } else { TransferKind::Transfer };
            Command::TransferChat { agent, request, target, kind }
        }
    }
}

fn by_hand(dice: &mut Dice, state: &State) -> Command {
    let request = some_request(dice, state, |request| request.phase == Phase::Waiting);
    match dice.below(3) {
        0 => Command::MoveRequest { request, queue: some_queue(dice, state) },
        1 => Command::SetPriority { request, priority: Priority(u8::try_from(dice.below(11)).expect("small")) },
        _ => Command::MoveToHead { request },
    }
}

fn callbacks(dice: &mut Dice, state: &State) -> Command {
    if dice.one_in(10) {
        let request = some_request(dice, state, |request| request.phase == Phase::Waiting);
        let later = state.now() + dice.secs(0, 100);
        return Command::AskCallback { request, not_before: dice.one_in(2).then_some(later) };
    }
    let request = some_request(dice, state, |request| request.medium == Medium::Callback);
    if dice.one_in(5) {
        return Command::RescheduleCallback { request, not_before: state.now() + dice.secs(0, 100) };
    }
    Command::ConfirmCallback { request }
}

fn blocks(dice: &mut Dice) -> Command {
    let key = BlockKey(dice.below(12));
    if dice.one_in(2) {
        return Command::Unblock { key };
    }
    Command::Block { key, until: dice.one_in(2).then(|| Time::from_secs(1_790_000_000) + dice.secs(0, 2_000)) }
}

fn some_request(dice: &mut Dice, state: &State, fits: impl Fn(&Request) -> bool) -> RequestId {
    let fitting: Vec<RequestId> = state.requests().filter(|request| fits(request)).map(|request| request.id).collect();
    if !fitting.is_empty() && !dice.one_in(25) {
        return *dice.pick(&fitting);
    }
    RequestId(dice.below(200))
}

fn some_agent(dice: &mut Dice, state: &State) -> AgentId {
    let agents: Vec<AgentId> = state.agents().map(|agent| agent.id).collect();
    if agents.is_empty() || dice.one_in(40) { AgentId(9_999) } else { *dice.pick(&agents) }
}

fn some_queue(dice: &mut Dice, state: &State) -> QueueId {
    let queues: Vec<QueueId> = state.queues().map(|queue| queue.id).collect();
    if queues.is_empty() || dice.one_in(40) { QueueId(9_999) } else { *dice.pick(&queues) }
}
