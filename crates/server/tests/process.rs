//! The binary as an operator uses it: start, declare, copy, a second process, signals, exit codes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const DESK: &str = "[[agent]]\nname = \"anna\"\n[[workgroup]]\nname = \"support\"\n\
    [[workgroup.queue]]\nname = \"general\"\nmembers = [\"anna\"]\n";

fn anteroom(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anteroom"));
    command.args(args).current_dir(folder).env_remove("ANTEROOM_CONFIG").env_remove("ANTEROOM_DATA");
    command
}

fn run(folder: &Path, args: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = anteroom(folder, args).stdin(Stdio::null()).output().unwrap();
    (status.code().unwrap_or(-1), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

/// The password that the command line made up.
fn said_password(said: &str) -> &str {
    said.split("shown this once: ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default()
}

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "public_url = \"http://127.0.0.1:{port}\"\n[http]\nlisten = \"127.0.0.1:{port}\"\n[xmpp]\nenabled = false\n"
        );
        std::fs::write(folder.join("anteroom.toml"), config).unwrap();
        let mut serve = anteroom(folder, &["serve", "--config", "anteroom.toml", "--desk", "desk.toml"]);
        let child = serve.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let server = Self { child, port };
        for _ in 0..200 {
            if server.get("/readyz").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")) {
                return server;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server did not start");
    }

    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// Signs anna in and opens her stream, which has begun.
    fn agents_stream(&self, password: &str) -> TcpStream {
        let body = format!(r#"{{"username":"anna","password":"{password}"}}"#);
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST /api/v1/session HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let set =
            answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap_or_else(|| panic!("{answer}"));
        let cookie = set.split(';').next().unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(
            stream,
            "GET /api/v1/agent/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncookie: {cookie}\r\n\r\n"
        )
        .unwrap();
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        while !String::from_utf8_lossy(&seen).contains("event: snapshot") {
            let read = stream.read(&mut buffer).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&buffer[..read]);
        }
        stream
    }

    fn signal(&mut self, name: &str) {
        assert!(
            Command::new("sh").args(["-c", &format!("kill {name} {}", self.child.id())]).status().unwrap().success()
        );
    }

    fn wait(mut self) -> Option<i32> {
        for _ in 0..300 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
    }
}

#[test]
fn an_operators_day() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    std::fs::write(folder.join("desk.toml"), DESK).unwrap();

    let mut server = Server::start(folder);
    let (code, said) = run(folder, &["desk", "apply", "desk.toml", "--config", "anteroom.toml"]);
    assert_eq!((code, said.as_str()), (0, "Nothing to change.\n"));
    let changed = DESK.replace("[[workgroup]]", "[[agent]]\nname = \"bert\"\n[[workgroup]]");
    std::fs::write(folder.join("changed.toml"), &changed).unwrap();
    let (code, said) = run(folder, &["desk", "apply", "changed.toml", "--dry-run", "--config", "anteroom.toml"]);
    assert_eq!((code, said.contains("bert"), said.contains("would be made")), (0, true, true), "{said}");
    let (code, said) = run(folder, &["account", "add", "anna", "--generate", "--config", "anteroom.toml"]);
    assert_eq!((code, said.contains("shown this once: ")), (0, true), "{said}");
    let shown = said;
    let (code, said) = run(folder, &["account", "add", "anna", "--generate", "--config", "anteroom.toml"]);
    assert_eq!((code, said.contains("already")), (1, true), "{said}");
    let mut stream = server.agents_stream(said_password(&shown));
    let (code, said) = run(folder, &["account", "passwd", "anna", "--generate", "--config", "anteroom.toml"]);
    assert_eq!((code, said.contains("signed out")), (0, true), "{said}");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("event: bye") && rest.contains("signed_out"), "the open stream ends: {rest}");
    let (code, said) = run(folder, &["backup", "copy.db", "--config", "anteroom.toml"]);
    assert_eq!(code, 0, "{said}");
    assert!(std::fs::metadata(folder.join("copy.db")).unwrap().len() > 10_000);
    let (code, said) = run(folder, &["serve", "--config", "anteroom.toml"]);
    assert_eq!((code, said.contains("another process uses this data directory")), (75, true), "{said}");
    let (code, said) = run(folder, &["doctor", "--config", "anteroom.toml"]);
    assert_eq!((code, said.contains("server: running")), (0, true), "{said}");
    assert!(server.get("/api/v1/openapi.json").unwrap().contains("3.1.0"));
    server.signal("-TERM");
    assert_eq!(server.wait(), Some(0), "SIGTERM ends it in order");

    // Without a server the same orders go to the store itself.
    let (code, said) = run(folder, &["desk", "apply", "changed.toml", "--config", "anteroom.toml"]);
    assert_eq!((code, said.contains("made.")), (0, true), "{said}");
    let (code, exported) = run(folder, &["desk", "export", "--config", "anteroom.toml"]);
    assert_eq!((code, exported.contains("bert")), (0, true), "{exported}");
    std::fs::write(folder.join("exported.toml"), &exported).unwrap();
    let (code, said) = run(folder, &["desk", "apply", "exported.toml", "--config", "anteroom.toml"]);
    assert_eq!((code, said.as_str()), (0, "Nothing to change.\n"));
    let (code, said) = run(folder, &["account", "list", "--config", "anteroom.toml"]);
    assert_eq!((code, said.starts_with("anna")), (0, true), "{said}");

    // A killed server goes on where it stopped; the file given at the start does not undo what was changed since.
    let mut server = Server::start(folder);
    server.signal("-KILL");
    server.wait();
    let server = Server::start(folder);
    let (_, exported_again) = run(folder, &["desk", "export", "--config", "anteroom.toml"]);
    assert_eq!(exported_again, exported);
    drop(server);
}

#[test]
fn exit_codes_mean_something() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let code = |args: &[&str]| run(folder, args);
    assert_eq!(code(&["--version"]), (0, format!("anteroom {}\n", env!("CARGO_PKG_VERSION"))));
    assert_eq!(code(&["swerve"]).0, 2);
    std::fs::write(folder.join("bad.toml"), "[http]\nlisen = \"127.0.0.1:1\"\n").unwrap();
    let (status, said) = code(&["serve", "--config", "bad.toml"]);
    assert_eq!(
        (status, said.contains("bad.toml:2:1: unknown key `lisen`: did you mean `listen`?")),
        (3, true),
        "{said}"
    );
    assert_eq!(code(&["serve", "--config", "missing.toml"]).0, 3);
    std::fs::write(
        folder.join("loop.toml"),
        DESK.to_owned() + "[[workgroup.queue.rollover]]\nto = \"support/genral\"\n",
    )
    .unwrap();
    let (status, said) = code(&["desk", "check", "loop.toml"]);
    assert_eq!((status, said.contains("general")), (4, true), "{said}");
    let (status, said) = code(&["desk", "apply", "loop.toml"]);
    assert_eq!((status, said.contains("nothing was changed")), (4, true), "{said}");
    std::fs::create_dir_all(folder.join("data")).unwrap();
    std::fs::write(folder.join("data/anteroom.db"), "this is no database, and long enough to be looked at as one")
        .unwrap();
    let (status, said) = code(&["account", "list"]);
    assert_eq!((status, said.contains("backup")), (70, true), "{said}");
}
