//! Running other programs: from the project's root, with the command shown and its failure named.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What every task gives: nothing, or a sentence for the developer.
pub type Outcome = Result<(), String>;

/// The project's root, wherever the task was started.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The directory cargo builds into.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A command that will run in `dir`, a path below the root.
pub fn command(dir: &str, program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root().join(dir)).args(args);
    // What cargo tells this program of itself would make some build scripts (ring's) run again, and with them half of the
    // build, each time a task and a plain `cargo build` take turns.
    for (name, _) in std::env::vars_os() {
        let of_cargo = name.to_str().is_some_and(|name| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        });
        if of_cargo {
            command.env_remove(name);
        }
    }
    command
}

/// Runs it, showing it and what it prints.
pub fn run(dir: &str, program: &str, args: &[&str]) -> Outcome {
    run_command(&mut command(dir, program, args))
}

/// Runs a prepared command, showing it and what it prints.
pub fn run_command(command: &mut Command) -> Outcome {
    let shown = shown(command);
    eprintln!("\n$ {shown}");
    let status = command.status().map_err(|e| format!("`{shown}` cannot be started: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` failed ({status})")) }
}

/// Whether a program can be started and succeeds, silently.
pub fn succeeds(program: &str, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// What a command prints, or why it could not.
pub fn output(dir: &str, program: &str, args: &[&str]) -> Result<String, String> {
    let mut command = command(dir, program, args);
    let shown = shown(&command);
    let output = command.output().map_err(|e| format!("`{shown}` cannot be started: {e}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`{shown}` failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}

fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}
