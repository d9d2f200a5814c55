//! What the tests need from the machine: Node (a prerequisite); Chromium and a mail server (installed here on Debian and
//! Ubuntu as root).
//! What the tests need from the machine: Node and Python (prerequisites) and Chromium (installed here on Debian and Ubuntu as root).

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
    install("chromium").map_err(|why| format!("{why}; or set ANTEROOM_CHROMIUM to the path of one that is there"))?;
    found_chromium().ok_or_else(|| "Chromium was installed but cannot be found".to_owned())
}

/// A mail server for the tests of mail: aiosmtpd, in Python, installed by apt when that can be done.
pub fn mail_server() -> Outcome {
    let there = || {
        let mut pythons = ["/usr/bin/python3", "python3"].into_iter();
        pythons.any(|python| succeeds(python, &["-c", "import aiosmtpd.controller"]))
    };
    if there() {
        return Ok(());
    }
    install("python3-aiosmtpd").map_err(|why| format!("{why} (elsewhere: `pip install aiosmtpd`)"))?;
    if there() { Ok(()) } else { Err("python3-aiosmtpd was installed but cannot be found".to_owned()) }
}

/// Installs a package, as root on Debian and Ubuntu; elsewhere says what is missing.
fn install(package: &str) -> Outcome {
    let is_root = crate::run::output(".", "id", &["-u"]).is_ok_and(|id| id.trim() == "0");
    if !is_root || !succeeds("apt-get", &["--version"]) {
        return Err(format!("{package} is missing: install it (Debian and Ubuntu: `apt-get install {package}`)"));
    }
    run(".", "apt-get", &["update", "-q"])?;
    let mut install = crate::run::command(".", "apt-get", &["install", "-y", "-q", "--no-install-recommends", package]);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    crate::run::run_command(&mut install)
}

fn found_chromium() -> Option<String> {
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .map(str::to_owned)
}

/// A Python with the packages of that file, in a virtual environment below the build directory. Gives its interpreter.
pub fn python(requirements: &str) -> Result<String, String> {
    if !succeeds("python3", &["-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))"]) {
        return Err("Python is missing: install Python 3.9 or newer with venv (Debian and Ubuntu: \
                    `apt-get install python3-venv`) and run this again"
            .to_owned());
    }
    let folder = crate::run::target_dir().join("python");
    let interpreter = folder.join("bin/python").to_string_lossy().into_owned();
    if !Path::new(&interpreter).exists() {
        run(".", "python3", &["-m", "venv", &folder.to_string_lossy()])?;
    }
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements];
    run(".", &interpreter, &install)?;
    Ok(interpreter)
}
