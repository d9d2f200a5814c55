//! The desk, driven by bytes: two for the desk that is declared, then three for each turn, so that a day that led somewhere
//! can be kept and continued. The desks and what people do on them are the simulator's. After every turn the state's own
//! checks must find nothing, and a refusal must have changed nothing.

#![no_main]

#[path = "../../crates/desk/tests/simulator/actions.rs"]
mod actions;
#[path = "../../crates/desk/tests/simulator/world.rs"]
mod world;

use actions::Day;
use desk::Engine;
use desk::time::Time;
use libfuzzer_sys::fuzz_target;
use world::Dice;

const TURNS_MAX: usize = 300;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_at_checked(2) else { return };
    let mut dice = thrown(first);
    let mut engine = Engine::new(world::limits(&mut dice));
    let mut day = Day::new(&mut dice);
    let mut now = Time::from_secs(1_790_000_000);
    engine.turn(now, day.declare(&mut dice));
    for step in rest.chunks_exact(3).take(TURNS_MAX) {
        now = day.next_time(&mut thrown(&step[..1]), now, engine.deadline());
        let command = day.draw(&mut thrown(&step[1..]), engine.state());
        let said = format!("{command:?}");
        let before = engine.state().clone();
        let turn = engine.turn(now, command);
        if turn.outcome.is_err() && turn.events.is_empty() {
            assert_eq!(&before, engine.state(), "a refusal changed something: {said}");
        }
        let faults = engine.state().check();
        assert!(faults.is_empty(), "{said}: {faults:#?}");
    }
});

fn thrown(bytes: &[u8]) -> Dice {
    Dice::new(bytes.iter().fold(0, |seed, byte| seed << 8 | u64::from(*byte)))
}
