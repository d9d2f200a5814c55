//! What the tests need from the machine, found or named: Node, a browser, a mail server, a C++ compiler, Python, git. As root on
//! Debian and Ubuntu what is missing is installed; elsewhere the message says what to install.

use std::path::Path;

use crate::run::{Outcome, command, output, run, run_command, succeeds};

/// A program of the machine: its name here, a call of it that succeeds when it is there, the package that brings it.
struct Tool {
    name: &'static str,
    call: &'static [&'static str],
    package: &'static str,
}

const TOOLS: [Tool; 3] = [
    Tool { name: "git", call: &["git", "--version"], package: "git" },
    Tool { name: "a C++ compiler", call: &["c++", "--version"], package: "g++" },
    Tool { name: "Python with venv", call: &["python3", "-c", "import venv, ensurepip"], package: "python3-venv" },
];

/// Sees that the tools of these packages are there.
pub fn tools(packages: &[&str]) -> Outcome {
    for tool in TOOLS.iter().filter(|tool| packages.contains(&tool.package)) {
        let there = || tool.call.split_first().is_some_and(|(program, args)| succeeds(program, args));
        if !there() {
            install(&[tool.package]).map_err(|why| format!("{} is not there: {why}", tool.name))?;
        }
        if !there() {
            return Err(format!("{} was installed, but {} still cannot be used", tool.package, tool.name));
        }
    }
    Ok(())
}

/// Node and npm: new enough ones, from the path or installed where the distribution has them.
pub fn node() -> Outcome {
    let found = || output(".", "node", &["--version"]).ok().map(|version| version.trim().to_owned());
    if found().is_none() && packaged_version("nodejs").is_some_and(|version| is_new_enough(&version)) {
        install(&["nodejs", "npm"])?;
    }
    let Some(version) = found() else {
        return Err(format!("Node.js is missing: install {NODE} with npm and run this again"));
    };
    if !is_new_enough(&version) {
        return Err(format!("Node.js {version} is too old: {NODE} is needed"));
    }
    if !succeeds("npm", &["--version"]) {
        install(&["npm"]).map_err(|why| format!("Node.js {version} is there, but npm is not: {why}"))?;
    }
    if succeeds("npm", &["--version"]) { Ok(()) } else { Err("npm was installed, but cannot be used".to_owned()) }
}

const NODE: &str = "Node 20.19 or newer (of 22: 22.12 or newer)";

/// What Vite asks for: ^20.19, or 22.12 and newer. 21 is no release that lasts.
fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').split(['.', '~', '+', '-']).map_while(|n| n.parse::<u32>().ok());
    match (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) {
        (20, minor) => minor >= 19,
        (22, minor) => minor >= 12,
        (major, _) => major > 22,
    }
}

/// The version that apt would install, if any.
fn packaged_version(package: &str) -> Option<String> {
    if !can_install() || run(".", "apt-get", &["update", "-q"]).is_err() {
        return None;
    }
    let policy = output(".", "apt-cache", &["policy", package]).ok()?;
    let candidate = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    // The epoch is no part of the version.
    Some(candidate.split_once(':').map_or(candidate, |(_, version)| version).to_owned())
}

/// A browser that starts: by `ANTEROOM_CHROMIUM`, from the path, or installed when that can be done. The packages of `web/e2e`
/// must be there.
pub fn chromium() -> Result<String, String> {
    if let Ok(given) = std::env::var("ANTEROOM_CHROMIUM") {
        return if succeeds(&given, &["--version"]) {
            Ok(given)
        } else {
            Err(format!("ANTEROOM_CHROMIUM={given}: no browser that starts (`--version` fails)"))
        };
    }
    if let Some(found) = found_chromium() {
        return Ok(found);
    }
    // The package of Ubuntu is a pointer to a snap, which does not run as root or in a container.
    let installed = if is_ubuntu() {
        if !is_root() {
            return Err(NO_BROWSER.to_owned());
        }
        run("web/e2e", "npx", &["--no-install", "playwright-core", "install", "--with-deps", "chromium"])
    } else {
        install(&["chromium"])
    };
    installed.map_err(|why| format!("{why}\n{NO_BROWSER}"))?;
    found_chromium().ok_or_else(|| format!("a browser was installed, but none starts\n{NO_BROWSER}"))
}

const NO_BROWSER: &str = "no browser was found: install chromium (Debian), Google Chrome (its .deb, on Ubuntu), or run \
    `npx playwright-core install --with-deps chromium` in web/e2e; or set ANTEROOM_CHROMIUM to the path of one";

/// A browser of the path, or the one that Playwright installed.
fn found_chromium() -> Option<String> {
    let of_playwright = || {
        let print = "import('playwright-core').then(p => console.log(p.chromium.executablePath()))";
        output("web/e2e", "node", &["-e", print]).ok().map(|path| path.trim().to_owned())
    };
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        .into_iter()
        .filter_map(on_the_path)
        .chain(std::iter::once_with(of_playwright).flatten())
        .find(|browser| succeeds(browser, &["--version"]))
}

fn on_the_path(program: &str) -> Option<String> {
    let folders = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())?;
    Some(found.to_string_lossy().into_owned())
}

fn is_ubuntu() -> bool {
    std::fs::read_to_string("/etc/os-release").is_ok_and(|text| text.lines().any(|line| line == "ID=ubuntu"))
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
    install(&["python3-aiosmtpd"]).map_err(|why| format!("{why} (elsewhere: `pip install aiosmtpd`)"))?;
    if there() { Ok(()) } else { Err("python3-aiosmtpd was installed but cannot be found".to_owned()) }
}

/// A Python with the packages of that file, in a virtual environment below the build directory. Gives its interpreter.
pub fn python(requirements: &str) -> Result<String, String> {
    tools(&["python3-venv"])?;
    if !succeeds("python3", &["-c", "import sys; sys.exit(sys.version_info < (3, 9))"]) {
        return Err("Python is too old: install Python 3.9 or newer with venv and run this again".to_owned());
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

/// Installs packages, as root on Debian and Ubuntu; elsewhere says what is missing.
fn install(packages: &[&str]) -> Outcome {
    if !can_install() {
        let packages = packages.join(" ");
        return Err(format!("install {packages} and run this again (Debian and Ubuntu: `apt-get install {packages}`)"));
    }
    run(".", "apt-get", &["update", "-q"])?;
    let mut install = command(".", "apt-get", &["install", "-y", "-q", "--no-install-recommends"]);
    install.args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    run_command(&mut install)
}

fn can_install() -> bool {
    is_root() && succeeds("apt-get", &["--version"])
}

fn is_root() -> bool {
    output(".", "id", &["-u"]).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn node_is_judged_by_its_minor_version_too() {
        for good in ["v20.19.0", "20.19.2+dfsg-1", "v20.20.2", "v22.12.0", "v24.0.1", "23.1.0~rc1"] {
            assert!(is_new_enough(good), "{good}");
        }
        for bad in ["v20.18.3", "18.19.1+dfsg-6ubuntu5", "v21.7.0", "v22.11.0", "", "node"] {
            assert!(!is_new_enough(bad), "{bad}");
        }
    }
}
