//! The fuzz targets in `fuzz/`: built and run on the stable compiler, without sanitizers.

use std::path::{Path, PathBuf};

use crate::run::{Outcome, command, output, root, run, run_command};

/// Runs every target for so many seconds each.
pub fn fuzz(args: &[String]) -> Outcome {
    let seconds: u32 = match args.first() {
        None => 20,
        Some(text) => text.parse().map_err(|_| format!("`{text}` is no number of seconds"))?,
    };
    run_all(seconds)
}

/// What the test suite does: every target builds and survives a few seconds.
pub fn build_and_smoke() -> Outcome {
    run_all(5)
}

fn run_all(seconds: u32) -> Outcome {
    let targets = targets()?;
    crate::setup::tools(&["g++"])?;
    run("fuzz", "cargo", &["build", "--release", "--quiet"])?;
    let built = build_dir();
    let binaries = built.join(host()?).join("release");
    let failures = built.join("fuzz-failures");
    create(&failures)?;
    for target in &targets {
        let found = built.join("fuzz-corpus").join(target);
        create(&found)?;
        let mut fuzzing = command("fuzz", &binaries.join(target).to_string_lossy(), &[]);
        fuzzing.arg(format!("-max_total_time={seconds}"));
        fuzzing.args(["-timeout=10", "-rss_limit_mb=2048", "-verbosity=0", "-print_final_stats=1", "-print_funcs=0"]);
        // Weighing every input by how rare its features are costs more than running it.
        fuzzing.arg("-entropic=0");
        if target == "engine" {
            // Two bytes and three for each turn that it plays.
            fuzzing.arg("-max_len=182");
        }
        fuzzing.arg(format!("-artifact_prefix={}/{target}-", failures.display()));
        // What is new is written into the first; the seeds are only read.
        fuzzing.arg(&found);
        let seeds = root().join("fuzz/seeds").join(target);
        if seeds.is_dir() {
            fuzzing.arg(seeds);
        }
        run_command(&mut fuzzing).map_err(|why| format!("{why}; the input is in {}", failures.display()))?;
    }
    eprintln!("fuzz: {} targets ran for {seconds} s each, no crash: {}", targets.len(), targets.join(", "));
    Ok(())
}

/// The targets, by name: a file for each, known to cargo. A file that cargo does not know would never run, so it is an error.
fn targets() -> Result<Vec<String>, String> {
    let known = output("fuzz", "cargo", &["metadata", "--no-deps", "--format-version", "1"])?;
    let mut targets: Vec<String> = std::fs::read_dir(root().join("fuzz/targets"))
        .map_err(|e| format!("fuzz/targets: {e}"))?
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    targets.sort_unstable();
    if let Some(unknown) = targets.iter().find(|name| !known.contains(&format!("\"{name}\""))) {
        return Err(format!("fuzz/Cargo.toml does not name the target `{unknown}`"));
    }
    if targets.is_empty() { Err("fuzz/targets has no target".to_owned()) } else { Ok(targets) }
}

/// The machine's own triple: `fuzz/.cargo/config.toml` builds for it by name, so cargo puts the binaries below it.
fn host() -> Result<String, String> {
    let told = output("fuzz", "rustc", &["-vV"])?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not tell its host".to_owned())
}

fn build_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("fuzz/target"), PathBuf::from)
}

fn create(folder: &Path) -> Outcome {
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))
}
