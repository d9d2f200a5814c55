//! Builds and tests the two web parts with npm, from their lock files.

use crate::run::{Outcome, root, run, run_command};
use crate::setup;

const PARTS: [&str; 2] = ["web/widget", "web/console"];

/// Builds both parts into their `dist`, which the server's build embeds.
pub fn build() -> Outcome {
    setup::node()?;
    for part in PARTS {
        install(part)?;
        run(part, "npm", &["run", "--silent", "build"])?;
    }
    Ok(())
}

/// Type checks, unit tests and the widget's size limit.
pub fn test() -> Outcome {
    for part in PARTS {
        run(part, "npm", &["run", "--silent", "check"])?;
        run(part, "npm", &["test", "--silent"])?;
    }
    Ok(())
}

/// Installs from the lock file, when that is newer than what is installed.
pub fn install(part: &str) -> Outcome {
    let dir = root().join(part);
    let lock = modified(&dir.join("package-lock.json"));
    let installed = modified(&dir.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= lock {
        return Ok(());
    }
    let mut npm = crate::run::command(part, "npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    run_command(&mut npm)
}

fn modified(path: &std::path::Path) -> Option<std::time::SystemTime> {
    std::fs::metadata(path).and_then(|m| m.modified()).ok()
}
