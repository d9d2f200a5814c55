//! What the tests need from the machine: Node (a prerequisite) and Chromium (installed here on Debian and Ubuntu as root).

use std::path::Path;

use crate::run::{Outcome, run, succeeds};

/// Node 20 or newer must be there already.
pub fn node() -> Outcome {
    let version = crate::run::output(".", "node", &["--version"])
        .map_err(|_| "Node.js is missing: install Node 20 or newer (with npm) and run this again".to_owned())?;
    let major: u32 = version.trim().trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    if major < 20 {
        return Err(format!("Node.js {} is too old: 20 or newer is needed", version.trim()));
    }
    Ok(())
}

/// Chromium, by `ANTEROOM_CHROMIUM`, from the path, or installed by apt when that can be done.
pub fn chromium() -> Result<String, String> {
    if let Ok(given) = std::env::var("ANTEROOM_CHROMIUM") {
        return if Path::new(&given).exists() {
            Ok(given)
        } else {
            Err(format!("ANTEROOM_CHROMIUM={given}: no such file"))
        };
    }
    if let Some(found) = found_chromium() {
        return Ok(found);
    }
    let is_root = crate::run::output(".", "id", &["-u"]).is_ok_and(|id| id.trim() == "0");
    if !is_root || !succeeds("apt-get", &["--version"]) {
        return Err("Chromium is missing: install it (Debian and Ubuntu: `apt-get install chromium`) \
                    or set ANTEROOM_CHROMIUM to its path"
            .to_owned());
    }
    run(".", "apt-get", &["update", "-q"])?;
    let mut install =
        crate::run::command(".", "apt-get", &["install", "-y", "-q", "--no-install-recommends", "chromium"]);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    crate::run::run_command(&mut install)?;
    found_chromium().ok_or_else(|| "Chromium was installed but cannot be found".to_owned())
}

fn found_chromium() -> Option<String> {
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .map(str::to_owned)
}
