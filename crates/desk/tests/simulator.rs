//! The simulator: from a seed, a random desk and a random day on it. After every turn the state's own checks must find
//! nothing, a naive model that knows only the events must agree with every offer, a refusal must have changed nothing, and a
//! second engine, restored from the records at random moments, must give the same events.
//!
//! `ANTEROOM_SEEDS=10000 cargo test -p desk --release --test simulator` runs more; `ANTEROOM_SEED=17` one, telling its story.

#[path = "simulator/actions.rs"]
mod actions;
#[path = "simulator/model.rs"]
mod model;
#[path = "simulator/world.rs"]
mod world;

use std::collections::BTreeMap;

use desk::command::Command;
use desk::entity::Record;
use desk::limits::Limits;
use desk::time::{Span, Time};
use desk::{Engine, Turn};

use actions::Day;
use model::Model;
use world::Dice;

const TURNS: usize = 300;

#[test]
fn seeds_hold_every_invariant() {
    if let Some(seed) = number("ANTEROOM_SEED") {
        run(seed, true);
        return;
    }
    let seeds = number("ANTEROOM_SEEDS").unwrap_or(200);
    let mut totals = Totals::default();
    for seed in 0..seeds {
        let outcome = std::panic::catch_unwind(|| run(seed, false));
        match outcome {
            Ok(told) => totals.add(&told),
            Err(cause) => {
                eprintln!("seed {seed} fails; run it alone with ANTEROOM_SEED={seed}");
                std::panic::resume_unwind(cause);
            }
        }
    }
    println!("{seeds} seeds: {totals:?}");
    // A simulator in which nothing happens shows nothing.
    let least = |count: usize, per_seed: f64, what: &str| {
        assert!(count as f64 >= per_seed * seeds as f64, "too few {what}: {count} in {seeds} seeds");
    };
    least(totals.queued, 20.0, "joins");
    least(totals.offers, 20.0, "offers");
    least(totals.chats, 5.0, "chats");
    least(totals.rollovers, 1.0, "rollovers");
    least(totals.transfers, 0.5, "transfers taken");
    least(totals.returned, 0.5, "returns to the head");
    least(totals.refused, 5.0, "refusals");
}

/// What happened, for the assertion that something did.
#[derive(Default, Debug)]
struct Totals {
    turns: usize,
    events: usize,
    queued: usize,
    offers: usize,
    chats: usize,
    rollovers: usize,
    transfers: usize,
    returned: usize,
    callbacks: usize,
    ended: usize,
    refused: usize,
}

impl Totals {
    fn add(&mut self, other: &Self) {
        self.turns += other.turns;
        self.events += other.events;
        self.queued += other.queued;
        self.offers += other.offers;
        self.chats += other.chats;
        self.rollovers += other.rollovers;
        self.transfers += other.transfers;
        self.returned += other.returned;
        self.callbacks += other.callbacks;
        self.ended += other.ended;
        self.refused += other.refused;
    }

    fn count(&mut self, turn: &Turn) {
        use desk::event::{Event, Placement};
        self.turns += 1;
        self.events += turn.events.len();
        self.ended += turn.ended.len();
        self.refused += usize::from(turn.outcome.is_err());
        for event in &turn.events {
            match event {
                Event::RequestQueued { .. } => self.queued += 1,
                Event::OfferMade { .. } => self.offers += 1,
                Event::VisitorEntered { .. } => self.chats += 1,
                Event::RequestPlaced { cause: Placement::Rollover | Placement::NobodyThere, .. } => self.rollovers += 1,
                Event::TransferTaken { .. } => self.transfers += 1,
                Event::RequestReturned { .. } => self.returned += 1,
                Event::CallbackConfirmed { .. } => self.callbacks += 1,
                _ => {}
            }
        }
    }
}

/// One seed: a desk, a day, two engines and a model.
fn run(seed: u64, tell: bool) -> Totals {
    let mut dice = Dice::new(seed);
    let limits = world::limits(&mut dice);
    let mut engine = Engine::new(limits.clone());
    let mut twin = Engine::new(limits.clone());
    let mut model = Model::new(limits.clone());
    let mut written: BTreeMap<String, Record> = BTreeMap::new();
    let mut day = Day::new(&mut dice);
    let mut now = Time::from_secs(1_790_000_000);
    let mut totals = Totals::default();
    for number in 0..TURNS {
        now = day.next_time(&mut dice, now, engine.deadline());
        let command = if number == 0 { day.declare(&mut dice) } else { day.draw(&mut dice, engine.state()) };
        let before = engine.state().clone();
        let turn = engine.turn(now, command.clone());
        if tell {
            println!("{number:>3} {:>9.1} s {command:?}\n      → {:?}", seconds(turn.at), turn.outcome);
            turn.events.iter().for_each(|event| println!("        {event:?}"));
        }
        if turn.outcome.is_err() && turn.events.is_empty() {
            assert_eq!(&before, engine.state(), "a refusal changed something: {command:?}");
        }
        agree(&twin.turn(now, command.clone()), &turn, &command);
        model.hear(&turn);
        let settled = engine.deadline().is_none_or(|due| due > turn.at);
        if settled {
            model.nobody_idles();
            model.nothing_overdue();
        }
        let faults = engine.state().check();
        assert!(faults.is_empty(), "turn {number}, {command:?}: {faults:#?}");
        keep(&mut written, &turn.records);
        totals.count(&turn);
        if settled && dice.one_in(25) {
            twin = restored(&written, &limits, &engine);
            let woken = twin.turn(turn.at, Command::Tick);
            assert_eq!(woken.events, Vec::new(), "a restored engine finds something to do");
        }
    }
    drain(&mut engine, &mut model, now);
    totals
}

fn agree(twin: &Turn, turn: &Turn, command: &Command) {
    assert_eq!(twin.outcome, turn.outcome, "another answer to {command:?}");
    assert_eq!(twin.events, turn.events, "other events after {command:?}");
    assert_eq!(twin.records, turn.records, "other records after {command:?}");
}

fn keep(written: &mut BTreeMap<String, Record>, records: &[Record]) {
    for record in records {
        let (key, gone) = match record {
            Record::Desk(_) => ("desk".to_owned(), false),
            Record::Workgroup(id, it) => (format!("workgroup {}", id.0), it.is_none()),
            Record::Queue(id, it) => (format!("queue {}", id.0), it.is_none()),
            Record::Agent(id, it) => (format!("agent {}", id.0), it.is_none()),
            Record::Request(id, it) => (format!("request {}", id.0), it.is_none()),
            Record::Offer(id, it) => (format!("offer {}", id.0), it.is_none()),
            Record::Room(id, it) => (format!("room {}", id.0), it.is_none()),
            Record::Block(key, it) => (format!("block {}", key.0), it.is_none()),
        };
        if gone {
            written.remove(&key);
        } else {
            written.insert(key, record.clone());
        }
    }
}

fn restored(written: &BTreeMap<String, Record>, limits: &Limits, engine: &Engine) -> Engine {
    let restored = Engine::restore(written.values().cloned(), limits.clone()).expect("the records belong together");
    assert_eq!(restored.state(), engine.state(), "the restored state differs");
    restored
}

/// Everybody goes home: in the end nobody is left over.
fn drain(engine: &mut Engine, model: &mut Model, mut now: Time) {
    for request in engine.state().requests().map(|request| request.id).collect::<Vec<_>>() {
        now = now + Span::secs(1);
        let turn = engine.turn(now, Command::DepartQueue { request, ending: desk::event::Ending::ByHand });
        model.hear(&turn);
    }
    for _ in 0..200 {
        let Some(due) = engine.deadline() else { break };
        now = now.max(due);
        let turn = engine.turn(now, Command::Tick);
        model.hear(&turn);
    }
    assert_eq!(engine.state().requests().count(), 0, "somebody is left over");
    assert_eq!(engine.state().offers().count(), 0, "an offer is left over");
    model.everybody_ended_once();
}

fn seconds(at: Time) -> f64 {
    at.since(Time::from_secs(1_790_000_000)).as_secs_f64()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
