//! `test`, `verify` and `fix`: the stages in order, each named, with one closing line.

use std::time::Instant;

use crate::run::{Outcome, run, run_command, succeeds};
use crate::{clients, demo_test, fuzz, setup, tidy, web};

type Stage = (&'static str, fn() -> Outcome);

const STAGES: [Stage; 9] = [
    ("tidy", tidy::tidy),
    ("web", web_stage),
    ("lint", lint),
    ("rust", rust),
    ("crash", crash),
    ("demo", demo_test::demo),
    ("e2e", browser),
    ("clients", clients::clients),
    ("fuzz", fuzz::build_and_smoke),
];

/// Runs the named stages, or all. A stage that fails is reported and the others still run: one run tells everything.
#[expect(clippy::disallowed_methods, reason = "a task runner tells how long its stages took")]
pub fn test(names: &[String]) -> Outcome {
    if let Some(unknown) = names.iter().find(|name| STAGES.iter().all(|(stage, _)| stage != name)) {
        let known: Vec<_> = STAGES.iter().map(|(stage, _)| *stage).collect();
        return Err(format!("there is no stage `{unknown}`; there are: {}", known.join(", ")));
    }
    let mut report = Vec::new();
    let mut failed = 0;
    for (stage, body) in STAGES.iter().filter(|(stage, _)| names.is_empty() || names.iter().any(|name| name == stage)) {
        eprintln!("\n══ {stage} ══");
        let began = Instant::now();
        let outcome = body();
        let took_s = began.elapsed().as_secs();
        match outcome {
            Ok(()) => report.push(format!("  passed  {stage} ({took_s} s)")),
            Err(why) => {
                eprintln!("{stage}: {why}");
                failed += 1;
                report.push(format!("  FAILED  {stage} ({took_s} s): {why}"));
            }
        }
    }
    println!("\nstages:\n{}", report.join("\n"));
    println!("{} passed, {failed} failed", report.len() - failed);
    if failed == 0 { Ok(()) } else { Err(format!("{failed} stage(s) failed")) }
}

/// Read-only: is the work done?
pub fn verify() -> Outcome {
    tidy::tidy()?;
    lint()
}

/// Rewrites what a machine can rewrite.
pub fn fix() -> Outcome {
    run(
        ".",
        "cargo",
        &["clippy", "--workspace", "--all-targets", "--fix", "--allow-dirty", "--allow-staged", "--quiet"],
    )?;
    run(".", "cargo", &["fmt", "--all"])
}

fn lint() -> Outcome {
    run(".", "cargo", &["fmt", "--all", "--check"])?;
    run(".", "cargo", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])?;
    let crash =
        ["clippy", "-p", "anteroom", "--all-targets", "--features", "crash-test", "--quiet", "--", "-D", "warnings"];
    run(".", "cargo", &crash)?;
    // The advisories need a network, so they are left to who asks for them.
    if succeeds("cargo", &["deny", "--version"]) {
        run(".", "cargo", &["deny", "check", "licenses", "bans", "sources"])?;
    }
    Ok(())
}

fn web_stage() -> Outcome {
    web::build()?;
    web::test()
}

fn rust() -> Outcome {
    setup::mail_server()?;
    run(".", "cargo", &["test", "--workspace", "--no-fail-fast"])
}

fn crash() -> Outcome {
    run(".", "cargo", &["test", "-p", "anteroom", "--test", "crash", "--features", "crash-test", "--", "--nocapture"])
}

fn browser() -> Outcome {
    setup::node()?;
    // The browser's installer is among the packages.
    web::install("web/e2e")?;
    let chromium = setup::chromium()?;
    run(".", "cargo", &["build", "-p", "anteroom"])?;
    let mut tests = crate::run::command("web/e2e", "npm", &["test", "--silent"]);
    tests.env("ANTEROOM_CHROMIUM", chromium);
    tests.env("ANTEROOM_BIN", crate::run::target_dir().join("debug/anteroom"));
    run_command(&mut tests)
}
