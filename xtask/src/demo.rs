//! `cargo xtask demo`: the whole product on loopback with a friendly desk, ready to try in two browsers.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::run::{Outcome, command, root, run, target_dir};
use crate::web;

/// Where the first run listens.
const LISTEN: &str = "127.0.0.1:8480";
const PEOPLE: [(&str, &str, &str); 3] =
    [("anna", "Anna", "agent"), ("sam", "Sam", "supervisor"), ("admin", "Administrator", "administrator")];

/// What the command line says.
struct Wishes {
    data: PathBuf,
    /// None: as the last time.
    listen: Option<String>,
    /// Built without optimising, for the test of this task.
    debug: bool,
}

/// Builds, prepares the data directory on the first run, starts the server and becomes it, so that Ctrl-C is the server's.
pub fn demo(args: &[String]) -> Outcome {
    let Wishes { data, listen, debug } = parse(args)?;
    web::build()?;
    let built = if debug { &["build", "-p", "anteroom"][..] } else { &["build", "--release", "-p", "anteroom"] };
    run(".", "cargo", built)?;
    let binary = target_dir().join(if debug { "debug/anteroom" } else { "release/anteroom" });
    make_private(&data)?;
    let config = data.join("anteroom.toml");
    let listen = match (listen, address_in(&config)) {
        (None, Some(before)) => before,
        (wish, _) => {
            let listen = wish.unwrap_or_else(|| LISTEN.to_owned());
            let text = format!("public_url = \"http://{listen}\"\n\n[http]\nlisten = \"{listen}\"\n");
            std::fs::write(&config, text).map_err(|e| format!("{}: {e}", config.display()))?;
            listen
        }
    };
    let place = Place { binary: &binary, data: &data, config: &config };
    let logins = data.join("logins.txt");
    if !logins.exists() {
        place.make_logins(&logins)?;
    }
    let known = std::fs::read_to_string(&logins).map_err(|e| format!("{}: {e}", logins.display()))?;
    println!("\n  Data directory  {}\n  Visitor page    http://{listen}/chat/support", data.display());
    println!(
        "  Console         http://{listen}/console/\n\n{known}\n  Ctrl-C stops it; the next run goes on where it stopped.\n"
    );
    become_it(place.command(&["serve"]).args(["--desk", "docs/desk.demo.toml"]))
}

#[cfg(unix)]
fn become_it(server: &mut Command) -> Outcome {
    let error = std::os::unix::process::CommandExt::exec(server);
    Err(format!("{} cannot be started: {error}", server.get_program().to_string_lossy()))
}

#[cfg(not(unix))]
fn become_it(server: &mut Command) -> Outcome {
    crate::run::run_command(server)
}

fn parse(args: &[String]) -> Result<Wishes, String> {
    let mut wishes = Wishes { data: root().join("demo"), listen: None, debug: false };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("`{arg}` needs a value"));
        match arg.as_str() {
            "--data" => wishes.data = std::env::current_dir().map_err(|e| e.to_string())?.join(value()?),
            "--listen" => wishes.listen = Some(value()?.clone()),
            "--debug" => wishes.debug = true,
            _ => return Err(format!("demo knows --data DIR, --listen ADDR and --debug, not `{arg}`")),
        }
    }
    Ok(wishes)
}

/// The address in a configuration that an earlier run wrote.
fn address_in(config: &Path) -> Option<String> {
    let text = std::fs::read_to_string(config).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("listen = "))?;
    Some(line.trim_matches('"').to_owned())
}

/// The binary, and where its data is.
struct Place<'a> {
    binary: &'a Path,
    data: &'a Path,
    config: &'a Path,
}

impl Place<'_> {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = command(".", &self.binary.to_string_lossy(), args);
        command.arg("--config").arg(self.config).arg("--data").arg(self.data);
        command
    }

    /// One account each for an agent, a supervisor and an administrator; the passwords are random and kept beside the data.
    fn make_logins(&self, logins: &Path) -> Outcome {
        let mut text = String::new();
        for (name, title, role) in PEOPLE {
            let password = random_password()?;
            let added = self.with_password(&["account", "add", name, "--title", title, "--role", role], &password)?;
            // A run that was broken off has made it already, with a password that nobody knows.
            if !added && !self.with_password(&["account", "passwd", name], &password)? {
                return Err(format!("the account {name} cannot be made"));
            }
            text.push_str(&format!("  {role:<14}  {name:<8} {password}\n"));
        }
        write_private(logins, &text)
    }

    fn with_password(&self, args: &[&str], password: &str) -> Result<bool, String> {
        let mut command = self.command(args);
        command.arg("--password-stdin").stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().map_err(|e| format!("{}: {e}", self.binary.display()))?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(format!("{password}\n").as_bytes()).map_err(|e| format!("a password: {e}"))?;
        }
        Ok(child.wait().map_err(|e| e.to_string())?.success())
    }
}

fn make_private(data: &Path) -> Outcome {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data).map_err(|e| format!("{}: {e}", data.display()))
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
