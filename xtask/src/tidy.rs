//! The code about itself: every file says what lives in it, none is too long, nothing unfinished is left, no path of
//! anybody's machine is written down.

use std::path::Path;

use crate::run::{Outcome, output, root};
use crate::setup;

const LINES_MAX: usize = 1_000;
const UNFINISHED: [&str; 6] = ["todo!(", "unimplemented!(", "dbg!(", "FIXME", "XXX", "#[ignore"];
const SKIPPED_TESTS: [&str; 4] = ["it.skip(", "test.skip(", "describe.skip(", "test.only("];

/// Reads every tracked file and reports all findings at once.
pub fn tidy() -> Outcome {
    setup::tools(&["git"])?;
    // A checkout that belongs to somebody else, as in a container, is read all the same.
    let listed = output(".", "git", &["-c", "safe.directory=*", "ls-files"])?;
    let mut findings = Vec::new();
    let mut rust_lengths = Vec::new();
    for name in listed.lines() {
        let Ok(text) = std::fs::read_to_string(root().join(name)) else { continue };
        check_file(name, &text, &mut findings);
        if name.ends_with(".rs") {
            rust_lengths.push(text.lines().count());
        }
    }
    rust_lengths.sort_unstable();
    let median = rust_lengths.get(rust_lengths.len() / 2).copied().unwrap_or(0);
    if median > 250 {
        findings.push(format!("the median Rust file has {median} lines; 250 is the limit, 200 the aim"));
    }
    if findings.is_empty() {
        eprintln!("tidy: {} files, median Rust file {median} lines, nothing found", listed.lines().count());
        return Ok(());
    }
    Err(format!("tidy found:\n  {}", findings.join("\n  ")))
}

fn check_file(name: &str, text: &str, findings: &mut Vec<String>) {
    let lines = text.lines().count();
    if is_source(name) {
        if lines > LINES_MAX {
            findings.push(format!("{name}: {lines} lines, more than {LINES_MAX}"));
        }
        if !opens_with_comment(name, text) {
            findings.push(format!("{name}: does not open with a comment that says what lives there"));
        }
        if name != "xtask/src/tidy.rs" {
            for word in UNFINISHED.iter().chain(&SKIPPED_TESTS) {
                if let Some(at) = text.lines().position(|line| line.contains(word)) {
                    findings.push(format!("{name}:{}: `{word}` is left", at + 1));
                }
            }
        }
    }
    if !name.ends_with("lock") && !name.ends_with("lock.json") && name != "xtask/src/tidy.rs" {
        for path in ["/home/", "/root/", "/tmp/"] {
            if let Some(at) = text.lines().position(|line| line.contains(path)) {
                findings.push(format!("{name}:{}: names a path of one machine (`{path}`)", at + 1));
            }
        }
    }
}

fn is_source(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
    matches!(extension, "rs" | "ts" | "svelte" | "css" | "mjs" | "js" | "html" | "sh")
}

fn opens_with_comment(name: &str, text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty());
    let mut first = lines.next().unwrap_or_default();
    if first.starts_with("#!") && !first.starts_with("#![") || first.eq_ignore_ascii_case("<!doctype html>") {
        first = lines.next().unwrap_or_default();
    }
    let marks: &[&str] = match Path::new(name).extension().and_then(|e| e.to_str()) {
        Some("rs") => &["//!", "//"],
        Some("css") => &["/*"],
        Some("svelte" | "html") => &["<!--", "<script", "<html"],
        Some("sh") => &["#"],
        _ => &["//", "/*"],
    };
    marks.iter().any(|mark| first.starts_with(mark))
}
