//! The desk, driven by bytes: two for the desk that is declared, then three for each turn, so that a day that led somewhere
//! can be kept and continued. The desks and what people do on them are the simulator's. After every turn the state's own
//! checks must find nothing, the records must tell everything that changed, and a refusal must have changed nothing.

#![no_main]

#[path = "../../crates/desk/tests/simulator/actions.rs"]
mod actions;
#[path = "../../crates/desk/tests/simulator/world.rs"]
mod world;

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use actions::Day;
use desk::command::Command;
use desk::time::Time;
use desk::{Engine, State};
use libfuzzer_sys::fuzz_target;
use world::Dice;

/// Many short days find more than few long ones; the simulator plays the long ones. `xtask` bounds the inputs by it.
const TURNS_MAX: usize = 60;
/// Beginnings of days that are remembered as sound.
const SOUND_MAX: usize = 4_000_000;

thread_local! {
    /// The same bytes lead to the same desk, so a beginning that was found sound once need not be checked again. Most of
    /// what the fuzzer tries is a day that it knows with another end; in a new process nothing is known.
    static SOUND: RefCell<HashSet<u64>> = RefCell::default();
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_at_checked(2) else { return };
    let mut dice = thrown(first);
    let mut engine = Engine::new(world::limits(&mut dice));
    let mut day = Day::new(&mut dice);
    let mut now = Time::from_secs(1_790_000_000);
    engine.turn(now, day.declare(&mut dice));
    let mut beginning = DefaultHasher::new();
    first.hash(&mut beginning);
    let mut copy = None;
    let mut looked = false;
    for step in rest.chunks_exact(3).take(TURNS_MAX) {
        step.hash(&mut beginning);
        let fresh = is_fresh(beginning.finish());
        if fresh && copy.is_none() {
            copy = Some(engine.state().clone());
        }
        now = day.next_time(&mut thrown(&step[..1]), now, engine.deadline());
        let command = day.draw(&mut thrown(&step[1..]), engine.state());
        let said = fresh.then(|| command.clone());
        let due = engine.deadline().is_some_and(|due| due <= now);
        let turn = engine.turn(now, command);
        // Nothing fell due and nothing changed: the index is looked through once after such a turn, not after each.
        let quiet = !due && turn.events.is_empty() && turn.records.is_empty();
        let look = !(quiet && looked);
        looked = quiet && fresh;
        match (copy.as_mut(), said) {
            (Some(copy), Some(said)) => examine(&mut engine, copy, turn, &said, look),
            // Only if two beginnings have the same hash.
            (Some(copy), None) => copy.follow(turn.records),
            (None, _) => {}
        }
    }
});

fn examine(engine: &mut Engine, copy: &mut State, turn: desk::Turn, said: &Command, look: bool) {
    if turn.outcome.is_err() && turn.events.is_empty() {
        assert!(turn.records.is_empty(), "a refusal left records: {said:?}");
    }
    copy.follow(turn.records);
    assert_eq!(copy, engine.state(), "something changed that no record tells: {said:?}");
    if look {
        let faults = engine.check();
        assert!(faults.is_empty(), "{said:?}: {faults:#?}");
    }
}

fn is_fresh(beginning: u64) -> bool {
    SOUND.with_borrow_mut(|sound| {
        if sound.len() >= SOUND_MAX {
            sound.clear();
        }
        sound.insert(beginning)
    })
}

fn thrown(bytes: &[u8]) -> Dice {
    Dice::new(bytes.iter().fold(0, |seed, byte| seed << 8 | u64::from(*byte)))
}
