//! What developers run: `cargo xtask demo | test | verify | fix | bench | web | fuzz`. Standard library only, so that it builds at once.
//!
//! Nothing of the product lives here.

mod bench;
mod clients;
mod demo;
mod demo_test;
mod fuzz;
mod run;
mod setup;
mod suite;
mod tidy;
mod web;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <task>

  demo [--data DIR] [--listen ADDR] [--debug]
                   build everything, start a demo desk on loopback, print where to look and how to sign in
  test [STAGE …]   everything that must pass, installing what it needs; stages: tidy, lint, web, rust, crash, demo, e2e,
                   clients, fuzz
  verify           read-only: formatting, lints and the tidy test
  fix              rewrite what can be rewritten: formatting and machine-applicable lints
  web              build the visitor widget and the console
  bench [NAME …]   measure; names: engine, store, muc, server
  fuzz [SECONDS]   run every fuzz target for so long (default 20)
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    let outcome = match args.first().map(String::as_str) {
        Some("demo") => demo::demo(rest),
        Some("test") => suite::test(rest),
        Some("verify") => suite::verify(),
        Some("fix") => suite::fix(),
        Some("web") => web::build(),
        Some("bench") => bench::bench(rest),
        Some("fuzz") => fuzz::fuzz(rest),
        Some("help" | "--help" | "-h") | None => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => Err(format!("there is no task `{other}`\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
