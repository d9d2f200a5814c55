//! `cargo xtask bench engine`: what the engine's commands cost with 1,000 agents and 200 queues as the line grows from 1,000
//! to 1,000,000 waiting, beside a removal and insertion in a `BTreeMap` of the same size in the same run; memory per waiting
//! request; simulated requests per second; and how far the two estimators are from what then happened.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

#[path = "../tests/support/queueing.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod queueing;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use desk::command::{Command, JoinQueue, Medium, Party, Seen, Show};
use desk::estimate::Estimator;
use desk::event::{Ending, Event};
use desk::ids::{AgentId, QueueId, RequestId, VisitorId, WorkgroupId};
use desk::limits::Limits;
use desk::schedule::{Hours, Zone};
use desk::skill::{Expr, Requirement, SkillName};
use desk::spec::{
    AgentChoice, AgentLost, AgentSpec, CallbackSpec, Closing, Counted, DeskSpec, Dispatch, Form, Member, QueueSpec,
    WorkgroupSpec,
};
use desk::time::{Span, Time};
use desk::{Engine, Turn};
use queueing::{Scene, compare};

const AGENTS: usize = 1_000;
const QUEUES: usize = 200;
const ROUNDS: usize = 2_000;

fn main() {
    let most = std::env::var("ANTEROOM_BENCH_WAITING").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    memory();
    curves(most);
    throughput();
    estimators();
}

/// Memory for each of 100,000 who wait; first, so that nothing freed before is used again.
fn memory() {
    const WAITING: usize = 100_000;
    let mut desk = Desk::filled(0);
    let before_kb = resident_kb();
    for _ in 0..WAITING {
        let (request, _) = desk.join();
        desk.waiting.push(request);
    }
    let per_request = resident_kb().saturating_sub(before_kb) as f64 / WAITING as f64;
    println!("memory: {per_request:.2} kB for each of {WAITING} who wait\n");
}

/// Medians and 99th percentiles of single commands, at growing numbers of waiting.
fn curves(most: usize) {
    println!("{AGENTS} agents, {QUEUES} queues; microseconds for one command, median (99th percentile)\n");
    println!(
        "| waiting | join | departure from the middle | an agent becomes free | position | BTreeMap remove + insert |"
    );
    println!("|---:|---:|---:|---:|---:|---:|");
    let mut medians: Vec<(usize, [f64; 5])> = Vec::new();
    for waiting in [1_000, 10_000, 50_000, 100_000, 1_000_000].into_iter().filter(|waiting| *waiting <= most) {
        let mut desk = Desk::filled(waiting);
        let mut join = Vec::new();
        let mut depart = Vec::new();
        let mut free = Vec::new();
        let mut position = Vec::new();
        for round in 0..ROUNDS {
            let (request, took) = desk.join();
            join.push(took);
            let middle = desk.somebody(round);
            let began = Instant::now();
            let seen = desk.engine.state().position(middle);
            position.push(began.elapsed());
            assert!(seen.is_some(), "who waits has a place");
            depart.push(desk.depart(middle));
            desk.waiting.push(request);
            free.push(desk.agent_becomes_free());
            // One left and one was answered: one more keeps the line as long as it is.
            let (request, _) = desk.join();
            desk.waiting.push(request);
            desk.accept_all();
        }
        assert!(desk.offers > ROUNDS * 9 / 10, "agents who became free had nobody to help: {} offers", desk.offers);
        let map = map_of(waiting);
        let cells =
            [&mut join, &mut depart, &mut free, &mut position].map(|times| (micros(times, 50), micros(times, 99)));
        let texts = cells.map(|(median, high)| format!("{median:.1} ({high:.1})"));
        println!("| {waiting} | {} | {map:.2} |", texts.join(" | "));
        let [join, depart, free, position] = cells.map(|(median, _)| median);
        medians.push((waiting, [join, depart, free, position, map]));
    }
    if let (Some(first), Some(last)) = (medians.first(), medians.last()) {
        let growth: Vec<String> = (0..5).map(|i| format!("{:.2}", last.1[i] / first.1[i])).collect();
        let log = (last.0 as f64).ln() / (first.0 as f64).ln();
        println!(
            "\nfrom {} to {} waiting the columns grow by {}; log n grows by {log:.2}",
            first.0,
            last.0,
            growth.join(", ")
        );
    }
}

/// Whole lives of requests: join, offer, accept, enter, close.
fn throughput() {
    let mut desk = Desk::filled(1_000);
    let began = Instant::now();
    let mut lives = 0_u32;
    while began.elapsed() < Duration::from_secs(3) {
        let (request, _) = desk.join();
        desk.waiting.push(request);
        desk.agent_becomes_free();
        lives += 1;
    }
    println!(
        "\nsimulated requests, from joining to the end of the chat: {:.0} a second",
        f64::from(lives) / began.elapsed().as_secs_f64()
    );
}

fn estimators() {
    let base =
        Scene { seed: 1, slots: 8, arrival_s: 41.7, handling_s: 300.0, stages: 1, patience_s: None, arrivals: 20_000 };
    let scenes = [
        ("steady, 8 slots", base),
        ("one slot", Scene { slots: 1, arrival_s: 333.0, ..base }),
        ("regular chats", Scene { stages: 4, ..base }),
        ("overload, impatient", Scene { arrival_s: 30.0, patience_s: Some(600.0), ..base }),
        ("60 slots", Scene { slots: 60, arrival_s: 5.15, ..base }),
    ];
    println!(
        "\n| scene | mean wait | by work ahead: error, within the range | by recent waits: error, within the range |\n|---|---:|---:|---:|"
    );
    for (name, scene) in scenes {
        let [work, recent] = [Estimator::WorkAhead, Estimator::RecentWaits].map(|estimator| compare(&scene, estimator));
        println!(
            "| {name} | {:.0} s | {:.0} s, {:.0} % | {:.0} s, {:.0} % |",
            work.mean_wait_s,
            work.error_s,
            work.covered * 100.0,
            recent.error_s,
            recent.covered * 100.0
        );
    }
}

/// A desk on which everybody is busy and many wait.
struct Desk {
    engine: Engine,
    now: Time,
    workgroup: WorkgroupId,
    queues: Vec<QueueId>,
    waiting: Vec<RequestId>,
    chats: Vec<RequestId>,
    joined: u64,
    /// Turns in which an agent became free and was offered the next request at once.
    offers: usize,
}

impl Desk {
    fn filled(waiting: usize) -> Self {
        let limits = Limits { requests: 3_000_000, ..Limits::default() };
        let mut engine = Engine::new(limits);
        let now = Time::from_secs(1_790_000_000);
        let turn = engine.turn(now, Command::Declare(Box::new(spec())));
        assert!(turn.outcome.is_ok(), "{:?}", turn.outcome);
        let workgroup = engine.state().workgroups().next().expect("it was declared").id;
        let queues = engine.state().queues_of(workgroup).map(|queue| queue.id).collect();
        let mut desk =
            Self { engine, now, workgroup, queues, waiting: Vec::new(), chats: Vec::new(), joined: 0, offers: 0 };
        for agent in desk.engine.state().agents().map(|agent| agent.id).collect::<Vec<AgentId>>() {
            desk.turn(Command::SignIn { agent, show: Show::Available });
        }
        while desk.chats.len() < AGENTS {
            desk.join();
            desk.accept_all();
        }
        for _ in 0..waiting {
            let (request, _) = desk.join();
            desk.waiting.push(request);
        }
        desk
    }

    fn turn(&mut self, command: Command) -> Turn {
        self.now = self.now + Span::millis(1);
        let turn = self.engine.turn(self.now, command);
        assert!(turn.outcome.is_ok(), "{:?}", turn.outcome);
        turn
    }

    fn join(&mut self) -> (RequestId, Duration) {
        self.joined += 1;
        let queue = self.queues[usize::try_from(self.joined * 7_919).expect("64 bit") % self.queues.len()];
        let skills =
            if self.joined.is_multiple_of(3) { Some(Expr::parse("english>=10").expect("an expression")) } else { None };
        let join = JoinQueue {
            workgroup: self.workgroup,
            visitor: VisitorId(self.joined),
            medium: Medium::Chat,
            queue: Some(queue),
            priority: None,
            skills,
            answers: BTreeMap::new(),
            block_keys: Vec::new(),
            last_agent: None,
            connected: true,
            not_before: None,
        };
        let began = Instant::now();
        let turn = self.turn(Command::JoinQueue(Box::new(join)));
        let took = began.elapsed();
        let queued = turn.events.iter().find_map(|event| match event {
            Event::RequestQueued { request, .. } => Some(*request),
            _ => None,
        });
        (queued.expect("it was queued"), took)
    }

    /// Somebody who waits, here and there in the line.
    fn somebody(&mut self, round: usize) -> RequestId {
        let at = round.wrapping_mul(7_919) % self.waiting.len();
        self.waiting.swap_remove(at)
    }

    fn depart(&mut self, request: RequestId) -> Duration {
        let began = Instant::now();
        self.turn(Command::DepartQueue { request, ending: Ending::Departed });
        began.elapsed()
    }

    /// A chat ends: the agent is free, and the same turn makes the next offer. The rest is not timed.
    fn agent_becomes_free(&mut self) -> Duration {
        let at = usize::try_from(self.joined).expect("64 bit").wrapping_mul(7_919) % self.chats.len();
        let chat = self.chats.swap_remove(at);
        let began = Instant::now();
        let turn = self.turn(Command::CloseChat { request: chat, ending: Ending::ClosedByAgent });
        let took = began.elapsed();
        self.offers += usize::from(turn.events.iter().any(|event| matches!(event, Event::OfferMade { .. })));
        self.accept_all();
        took
    }

    fn accept_all(&mut self) {
        for offer in self.engine.state().offers().copied().collect::<Vec<_>>() {
            self.turn(Command::AcceptOffer { agent: offer.agent, offer: offer.id });
            let room = self.engine.state().request(offer.request).and_then(|request| request.room).expect("a room");
            self.turn(Command::ObserveOccupant { room, who: Party::Visitor, seen: Seen::Entered });
            self.chats.push(offer.request);
            if let Some(at) = self.waiting.iter().take(4_096).position(|waiting| *waiting == offer.request) {
                self.waiting.swap_remove(at);
            } else {
                self.waiting.retain(|waiting| *waiting != offer.request);
            }
        }
    }
}

fn spec() -> DeskSpec {
    let english = SkillName::new("english").expect("a name");
    let agents = (0..AGENTS).map(|number| AgentSpec {
        name: format!("agent{number}"),
        title: format!("Agent {number}"),
        skills: BTreeMap::from([(english.clone(), 20)]),
        chats_max: 1,
    });
    let queues = (0..QUEUES).map(|number| {
        // Each queue has 25 members, each agent helps at five queues.
        let members = (0..25).map(|member| Member {
            agent: format!("agent{}", (number * 25 + member) % AGENTS),
            priority: 5,
            capacity: None,
            skills: BTreeMap::new(),
        });
        QueueSpec {
            name: format!("q{number}"),
            title: format!("Queue {number}"),
            dispatch: Dispatch::Offer,
            choice: AgentChoice::LongestIdle,
            last_agent_first: true,
            offer_timeout: Span::secs(30),
            rejection_memory: Span::secs(60),
            ageing: Span::secs(600),
            waiting_max: u32::MAX,
            requirement: Requirement::any(),
            rollover: Vec::new(),
            counted: Counted::Asked,
            offer_to_away: false,
            urgent_to_dnd: false,
            target_wait: Span::secs(60),
            members: members.collect(),
        }
    });
    let workgroup = WorkgroupSpec {
        name: "help".into(),
        title: "Help".into(),
        description: String::new(),
        hours: Hours::always(),
        zone: Zone::utc(),
        form: Form::default(),
        entry_rules: Vec::new(),
        closing: Closing::Serve,
        agent_lost: AgentLost::Keep,
        agent_grace: Span::secs(60),
        visitor_grace: Span::secs(120),
        visitor_absence: Span::secs(300),
        invitation_timeout: Span::secs(60),
        invitations_max: 3,
        wrap_up: Span::ZERO,
        transfer_timeout: Span::secs(60),
        idle_close: Span::ZERO,
        waiting_max: u32::MAX,
        callback: CallbackSpec {
            enabled: false,
            confirm_timeout: Span::secs(60),
            attempts_max: 3,
            retry_after: Span::secs(60),
            expires_after: Span::secs(86_400),
            open_max: 100,
        },
        queues: queues.collect(),
        edge: String::new(),
    };
    DeskSpec {
        workgroups: vec![workgroup],
        agents: agents.collect(),
        skills: BTreeMap::from([(english, "English".into())]),
    }
}

/// Median microseconds of taking a key out of a map of that size and putting another in.
fn map_of(size: usize) -> f64 {
    let mut map: BTreeMap<u64, u64> = (0..size as u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15), n)).collect();
    let mut times: Vec<Duration> = (0..ROUNDS as u64)
        .map(|round| {
            let began = Instant::now();
            let taken = map.remove(&round.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            map.insert((round + size as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15), taken.unwrap_or(0));
            began.elapsed()
        })
        .collect();
    micros(&mut times, 50)
}

fn micros(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e6
}

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}
