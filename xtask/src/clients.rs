//! The stage `clients`: XMPP clients that nobody here wrote, against a server of its own on free ports. What they do stands in
//! `clients/`.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::run::{Outcome, command, run, run_command, target_dir};
use crate::setup;

const PASSWORD: &str = "a long password";

/// Builds the server and runs every client against it.
pub fn clients() -> Outcome {
    run(".", "cargo", &["build", "-p", "anteroom"])?;
    let python = setup::python("clients/slixmpp/requirements.txt")?;
    let mut server = Server::start()?;
    let port = server.port.to_string();
    let talked = run_command(&mut command("clients/slixmpp", &python, &["talk.py", "127.0.0.1", &port, PASSWORD]));
    server.stop();
    talked.map_err(|why| format!("{why}; the server's log is {}", server.folder.join("server.log").display()))
}

/// A server with two accounts.
struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Server {
    #[expect(clippy::disallowed_methods, reason = "a task runner waits for what it starts")]
    fn start() -> Result<Self, String> {
        let folder = target_dir().join("clients");
        let said = |error: std::io::Error| format!("{}: {error}", folder.display());
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(said)?;
        }
        fs::create_dir_all(&folder).map_err(said)?;
        let [http, port, tls] = [free_port()?, free_port()?, free_port()?];
        let config = format!(
            "public_url = \"http://127.0.0.1:{http}\"\n[http]\nlisten = \"127.0.0.1:{http}\"\n\
             [xmpp]\nlisten = \"127.0.0.1:{port}\"\ntls_listen = \"127.0.0.1:{tls}\"\n\
             [sessions]\npassword_iterations = 4096\n"
        );
        fs::write(folder.join("anteroom.toml"), config).map_err(said)?;
        for name in ["anna", "bert"] {
            account(&folder, name)?;
        }
        let log = fs::File::create(folder.join("server.log")).map_err(said)?;
        let child = anteroom(&folder, &["serve"])
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(said)?)
            .stderr(log)
            .spawn()
            .map_err(said)?;
        let mut server = Self { child, port, folder };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if server.child.try_wait().is_ok_and(|ended| ended.is_some()) || began.elapsed() > Duration::from_secs(60) {
                return Err(format!("the server does not answer; see {}", server.folder.join("server.log").display()));
            }
            sleep(Duration::from_millis(50));
        }
        Ok(server)
    }

    fn stop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn anteroom(folder: &Path, args: &[&str]) -> std::process::Command {
    let binary = target_dir().join("debug/anteroom");
    let mut command = command(".", &binary.to_string_lossy(), args);
    command.arg("--config").arg(folder.join("anteroom.toml")).arg("--data").arg(folder.join("data"));
    command
}

fn account(folder: &Path, name: &str) -> Outcome {
    let fault = |error: std::io::Error| format!("account {name}: {error}");
    let mut child = anteroom(folder, &["account", "add", name, "--role", "agent", "--password-stdin"])
        .stdin(Stdio::piped())
        .spawn()
        .map_err(fault)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(format!("{PASSWORD}\n").as_bytes()).map_err(fault)?;
    }
    let status = child.wait().map_err(fault)?;
    if status.success() { Ok(()) } else { Err(format!("account {name} was not made ({status})")) }
}

fn free_port() -> Result<u16, String> {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map(|at| at.port());
    port.map_err(|error| format!("no free port: {error}"))
}
