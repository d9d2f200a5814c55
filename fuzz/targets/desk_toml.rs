//! A `desk.toml` that anybody wrote. It is read or refused with its place; what it means survives being written out; what the
//! check finds no fault in can be put in force and leaves a sound desk.

#![no_main]

use desk::Engine;
use desk::command::Command;
use desk::limits::Limits;
use desk::refusal::Severity;
use desk::time::Time;
use libfuzzer_sys::fuzz_target;
use server::declaration::{from_spec, parse_toml, to_spec, to_toml};

fuzz_target!(|text: &str| {
    let declaration = match parse_toml(text, "desk.toml") {
        Ok(declaration) => declaration,
        Err(said) => return assert!(said.starts_with("desk.toml:"), "{said}"),
    };
    let spec = match to_spec(&declaration) {
        Ok(spec) => spec,
        Err(findings) => return assert!(!findings.is_empty()),
    };
    let findings = desk::declare::check(&spec);
    if findings.iter().any(|finding| finding.severity == Severity::Fault) {
        return;
    }
    let written = to_toml(&from_spec(&spec, declaration.canned));
    let again = parse_toml(&written, "written.toml").unwrap_or_else(|said| panic!("{said}\n{written}"));
    let meant = to_spec(&again).unwrap_or_else(|faults| panic!("{faults:?}\n{written}"));
    assert_eq!(meant, spec, "{written}");
    let mut engine = Engine::new(Limits::default());
    let turn = engine.turn(Time::from_secs(1_790_000_000), Command::Declare(Box::new(spec)));
    assert!(turn.outcome.is_ok(), "no fault was found, and yet: {:?}", turn.outcome);
    let faults = engine.state().check();
    assert!(faults.is_empty(), "{faults:#?}");
});
