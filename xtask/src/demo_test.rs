//! The test of `demo`: started, read, used, interrupted and started again, as somebody trying the product would. Built without
//! optimising; everything else is as in the real one.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::run::Outcome;

/// The first run builds; nothing else takes so long.
const BUILD_S: u64 = 1_800;

/// Two runs on one data directory: the same logins, a desk that answers, an end in order.
pub fn demo() -> Outcome {
    let data = std::env::temp_dir().join(format!("anteroom-demo-{}", std::process::id()));
    let outcome = two_runs(&data);
    let _ = std::fs::remove_dir_all(&data);
    outcome
}

fn two_runs(data: &Path) -> Outcome {
    let listen = free_address()?;
    let first = Run::start(data, Some(&listen))?;
    let printed = first.printed.clone();
    let password = printed
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("agent")?.split_whitespace().nth(1).map(str::to_owned))
        .ok_or_else(|| format!("no login of an agent was printed:\n{printed}"))?;
    for wanted in [format!("http://{listen}/chat/support"), format!("http://{listen}/console/")] {
        if !printed.contains(&wanted) {
            return Err(format!("`{wanted}` was not printed:\n{printed}"));
        }
    }
    answers(&listen, "GET /chat/support HTTP/1.1\r\n", "", "200")?;
    answers(&listen, "GET /console/ HTTP/1.1\r\n", "", "200")?;
    let login = |password: &str| format!("{{\"username\":\"anna\",\"password\":\"{password}\"}}");
    answers(&listen, "POST /api/v1/session HTTP/1.1\r\nContent-Type: application/json\r\n", &login(&password), "200")?;
    answers(
        &listen,
        "POST /api/v1/session HTTP/1.1\r\nContent-Type: application/json\r\n",
        &login("wrong one"),
        "401",
    )?;
    let visit = "{\"workgroup\":\"support\",\"locale\":\"en\",\"answers\":{\"topic\":\"general\"},\
                 \"key\":\"5f0c2b52-4f0f-4d5e-9a55-0d3c5a5f6b01\"}";
    let opening = "POST /api/v1/visits HTTP/1.1\r\nContent-Type: application/json\r\n";
    let opened = answers(&listen, opening, visit, "201")?;
    first.interrupt()?;
    // Without a wish it is where it was, and nobody is lost: the same key is the same visit.
    let second = Run::start(data, None)?;
    if logins(&second.printed) != logins(&printed) {
        return Err(format!("the second run printed other logins:\n{}", second.printed));
    }
    answers(&listen, "POST /api/v1/session HTTP/1.1\r\nContent-Type: application/json\r\n", &login(&password), "200")?;
    let again = answers(&listen, opening, visit, "201")?;
    if visit_in(&again).is_none() || visit_in(&again) != visit_in(&opened) {
        return Err(format!("the visit was lost; first:\n{opened}\nthen:\n{again}"));
    }
    second.interrupt()
}

/// The number of the visit in an answer.
fn visit_in(answer: &str) -> Option<&str> {
    answer.split("\"visit\":\"").nth(1)?.split('"').next()
}

fn logins(printed: &str) -> Vec<&str> {
    let roles = ["agent", "supervisor", "administrator"];
    printed.lines().filter(|line| roles.iter().any(|role| line.trim_start().starts_with(role))).collect()
}

/// A demo that runs.
struct Run {
    child: Child,
    printed: String,
}

impl Run {
    fn start(data: &Path, listen: Option<&str>) -> Result<Self, String> {
        let task = std::env::current_exe().map_err(|e| e.to_string())?;
        let mut command = Command::new(task);
        command.args(["demo", "--debug", "--data"]).arg(data).stdin(Stdio::null()).stdout(Stdio::piped());
        if let Some(listen) = listen {
            command.args(["--listen", listen]);
        }
        let mut child = command.spawn().map_err(|e| format!("the demo cannot be started: {e}"))?;
        let lines = child.stdout.take().map(read_lines).ok_or("the demo prints nothing")?;
        let mut run = Self { child, printed: String::new() };
        while !run.printed.contains("Ctrl-C stops it") {
            let line = lines.recv_timeout(Duration::from_secs(BUILD_S));
            let line = line.map_err(|_| format!("the demo did not begin; it printed:\n{}", run.printed))?;
            run.printed.push_str(&line);
            run.printed.push('\n');
        }
        Ok(run)
    }

    fn interrupt(mut self) -> Outcome {
        let number = self.child.id().to_string();
        let sent = Command::new("sh").args(["-c", &format!("kill -INT {number}")]).status();
        if !sent.is_ok_and(|status| status.success()) {
            return Err("the demo could not be interrupted".to_owned());
        }
        let status = self.child.wait().map_err(|e| e.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("interrupted, the demo ended with {status}")) }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // One that has ended is no fault.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_lines(output: std::process::ChildStdout) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            eprintln!("{line}");
            // What comes after the beginning is only shown.
            let _ = sender.send(line);
        }
    });
    lines
}

fn free_address() -> Result<String, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| format!("no port is free: {e}"))?;
    Ok(listener.local_addr().map_err(|e| e.to_string())?.to_string())
}

/// Sends one request, wants this status and gives the answer. The server may still be on its way up.
fn answers(address: &str, head: &str, body: &str, status: &str) -> Result<String, String> {
    let mut last = String::new();
    for _ in 0..200 {
        match ask(address, head, body) {
            Ok(answer) if answer.split_whitespace().nth(1) == Some(status) => return Ok(answer),
            Ok(answer) => return Err(format!("wanted {status} for `{}`, got:\n{answer}", head.trim())),
            Err(error) => last = error.to_string(),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(format!("{address} does not answer: {last}"))
}

fn ask(address: &str, head: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let length = body.len();
    let rest =
        format!("Host: {address}\r\nOrigin: http://{address}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(format!("{head}{rest}{body}").as_bytes())?;
    let mut answer = Vec::new();
    stream.take(1 << 20).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
