//! The fuzz targets in `fuzz/`: built and run on the stable compiler, without sanitizers.

use crate::run::{Outcome, output, root, run, run_command, target_dir};

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
    let listed = output("fuzz", "cargo", &["metadata", "--no-deps", "--format-version", "1"])?;
    let targets: Vec<String> = std::fs::read_dir(root().join("fuzz/targets"))
        .map_err(|e| format!("fuzz/targets: {e}"))?
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_str()?.to_owned()))
        .filter(|name| listed.contains(&format!("\"{name}\"")))
        .collect();
    if targets.is_empty() {
        return Err("fuzz/targets has no target".to_owned());
    }
    run("fuzz", "cargo", &["build", "--release", "--quiet"])?;
    for target in &targets {
        let corpus = target_dir().join("fuzz-corpus").join(target);
        std::fs::create_dir_all(&corpus).map_err(|e| format!("{}: {e}", corpus.display()))?;
        let binary = fuzz_binary(target);
        let limit = format!("-max_total_time={seconds}");
        let mut fuzzing =
            crate::run::command("fuzz", &binary, &[&limit, "-timeout=10", "-rss_limit_mb=2048", "-verbosity=0"]);
        fuzzing.arg(&corpus);
        run_command(&mut fuzzing)?;
    }
    eprintln!("fuzz: {} targets, {seconds} s each, no crash", targets.len());
    Ok(())
}

fn fuzz_binary(target: &str) -> String {
    let base =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("fuzz/target"), std::path::PathBuf::from);
    base.join("release").join(target).to_string_lossy().into_owned()
}
