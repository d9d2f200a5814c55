//! Runs the benchmarks, each by a command that anybody can repeat. What they mean stands in `docs/benchmarks.md`.

use crate::run::{Outcome, run};

/// Runs the named benchmarks, or all.
pub fn bench(names: &[String]) -> Outcome {
    let all: [(&str, &[&str]); 4] = [
        ("engine", &["bench", "-p", "desk", "--bench", "engine"]),
        ("store", &["bench", "-p", "store", "--bench", "store"]),
        ("muc", &["bench", "-p", "xmpp", "--bench", "muc"]),
        ("server", &["bench", "-p", "anteroom", "--bench", "server"]),
    ];
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|(known, _)| known != name)) {
        return Err(format!("there is no benchmark `{unknown}`; there are: engine, store, muc, server"));
    }
    for (_, args) in all.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|n| n == name)) {
        run(".", "cargo", args)?;
    }
    Ok(())
}
