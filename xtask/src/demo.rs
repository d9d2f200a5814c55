//! `cargo xtask demo`: the whole product on loopback with a friendly desk, ready to try in two browsers.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::run::{Outcome, command, root, run, target_dir};
use crate::web;

const PEOPLE: [(&str, &str, &str); 3] =
    [("anna", "Anna", "agent"), ("sam", "Sam", "supervisor"), ("admin", "Administrator", "administrator")];

/// Builds, prepares the data directory on the first run, starts the server and waits for it.
pub fn demo(args: &[String]) -> Outcome {
    let (data, listen) = parse(args)?;
    web::build()?;
    run(".", "cargo", &["build", "--release", "-p", "anteroom"])?;
    std::fs::create_dir_all(&data).map_err(|e| format!("{}: {e}", data.display()))?;
    let config = data.join("anteroom.toml");
    if !config.exists() {
        let text = format!("public_url = \"http://{listen}\"\n\n[http]\nlisten = \"{listen}\"\n");
        std::fs::write(&config, text).map_err(|e| format!("{}: {e}", config.display()))?;
    }
    let logins = data.join("logins.txt");
    if !logins.exists() {
        make_logins(&data, &config, &logins)?;
    }
    let known = std::fs::read_to_string(&logins).map_err(|e| format!("{}: {e}", logins.display()))?;
    println!("\n  Data directory  {}\n  Visitor page    http://{listen}/chat/support", data.display());
    println!(
        "  Console         http://{listen}/console/\n\n{known}\n  Ctrl-C stops it; the next run goes on where it stopped.\n"
    );
    let binary = binary();
    let status = command(".", &binary, &["serve", "--config"])
        .arg(&config)
        .arg("--data")
        .arg(&data)
        .args(["--desk", "docs/desk.demo.toml"])
        .status()
        .map_err(|e| format!("{binary} cannot be started: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("the server ended with {status}")) }
}

fn parse(args: &[String]) -> Result<(PathBuf, String), String> {
    let mut data = root().join("demo");
    let mut listen = "127.0.0.1:8480".to_owned();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let value = rest.next().ok_or_else(|| format!("`{arg}` needs a value"))?;
        match arg.as_str() {
            "--data" => data = std::env::current_dir().map_err(|e| e.to_string())?.join(value),
            "--listen" => listen.clone_from(value),
            _ => return Err(format!("demo knows --data DIR and --listen ADDR, not `{arg}`")),
        }
    }
    Ok((data, listen))
}

fn binary() -> String {
    target_dir().join("release/anteroom").to_string_lossy().into_owned()
}

/// One account each for an agent, a supervisor and an administrator; the passwords are random and kept beside the data.
fn make_logins(data: &Path, config: &Path, logins: &Path) -> Outcome {
    let mut text = String::new();
    for (name, title, role) in PEOPLE {
        let password = random_password()?;
        let mut child = command(".", &binary(), &["account", "add", name, "--title", title, "--role", role])
            .arg("--config")
            .arg(config)
            .arg("--data")
            .arg(data)
            .arg("--password-stdin")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|e| format!("the account {name} cannot be made: {e}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(format!("{password}\n").as_bytes()).map_err(|e| format!("the account {name}: {e}"))?;
        }
        let status = child.wait().map_err(|e| e.to_string())?;
        if !status.success() {
            return Err(format!("the account {name} cannot be made ({status})"));
        }
        text.push_str(&format!("  {role:<14}  {name:<8} {password}\n"));
    }
    write_private(logins, &text)
}

fn random_password() -> Result<String, String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0_u8; 16];
    let mut source = std::fs::File::open("/dev/urandom").map_err(|e| format!("no randomness: {e}"))?;
    std::io::Read::read_exact(&mut source, &mut bytes).map_err(|e| format!("no randomness: {e}"))?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
}

fn write_private(path: &Path, text: &str) -> Outcome {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|e| format!("{}: {e}", path.display()))?;
    file.write_all(text.as_bytes()).map_err(|e| format!("{}: {e}", path.display()))
}
