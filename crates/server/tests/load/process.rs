//! The server as a process of its own, which can be killed at any moment and started again on the same data.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::http::Connection;

/// A server process with its directory.
pub struct Server {
    pub address: String,
    pub data: PathBuf,
    desk: PathBuf,
    env: Vec<(String, PathBuf)>,
    child: Option<Child>,
}

impl Server {
    /// Prepares a fresh directory below cargo's own for temporary files. `config` is appended to the configuration.
    pub fn prepare(name: &str, config: &str, desk: &str) -> Self {
        let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&data);
        fs::create_dir_all(&data).expect("a directory for the test");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let address = format!("127.0.0.1:{port}");
        let text = format!(
            "public_url = \"http://{address}\"\n{config}\n[http]\nlisten = \"{address}\"\n\
             connections_per_address = 1000000\n[xmpp]\nenabled = false\n"
        );
        fs::write(data.join("anteroom.toml"), text).expect("the configuration");
        let desk_file = data.join("desk.toml");
        fs::write(&desk_file, desk).expect("the desk");
        Self { address, data, desk: desk_file, env: Vec::new(), child: None }
    }

    /// A variable of the environment for everything that is run.
    pub fn with_env(mut self, name: &str, value: &Path) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs another command of the binary to its end: exit code, and what it said.
    pub fn run(&self, args: &[&str]) -> (i32, String) {
        let output = self.command(args).stdin(Stdio::null()).output().expect("the binary starts");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
    }

    /// Makes an account with a password, before the first start or while it runs.
    pub fn account(&self, name: &str, role: &str, password: &str) {
        let mut child = self
            .command(&["account", "add", name, "--role", role, "--password-stdin"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut stdin = child.stdin.take().expect("its input");
        stdin.write_all(format!("{password}\n").as_bytes()).expect("the password is read");
        drop(stdin);
        assert!(child.wait().expect("it ends").success(), "account {name} was not made");
    }

    /// Starts the process; its log goes to a file beside the data.
    pub fn start(&mut self) {
        self.start_through(&[]);
    }

    /// Starts it by way of another program, which gets the server's command line after its own.
    pub fn start_through(&mut self, program: &[&str]) {
        assert!(self.child.is_none(), "it runs already");
        let log = fs::OpenOptions::new().create(true).append(true).open(self.data.join("server.log")).expect("a log");
        let desk = self.desk.to_string_lossy().into_owned();
        let serve = self.command(&["serve", "--desk", &desk]);
        let mut command = match program.split_first() {
            None => serve,
            Some((first, rest)) => {
                let mut wrapped = Command::new(first);
                wrapped.args(rest).arg(serve.get_program()).args(serve.get_args());
                wrapped.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
                wrapped
            }
        };
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log again"))
            .stderr(log)
            .spawn()
            .expect("the binary starts");
        self.child = Some(child);
    }

    /// Waits until it takes requests.
    pub async fn ready(&mut self) -> Duration {
        let began = Instant::now();
        loop {
            if let Some(child) = self.child.as_mut()
                && let Ok(Some(status)) = child.try_wait()
            {
                panic!("the server ended with {status}; see {}", self.data.join("server.log").display());
            }
            if Connection::new(&self.address).get("/readyz").await.is_ok_and(|r| r.status == 200) {
                return began.elapsed();
            }
            assert!(began.elapsed() < Duration::from_secs(60), "the server is not ready after a minute");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// `kill -9`: nothing is flushed, nobody is told.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// The exit code, once it has ended by itself; none: it still runs after this time.
    pub async fn ended(&mut self, patience: Duration) -> Option<i32> {
        let began = Instant::now();
        while began.elapsed() < patience {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                self.child = None;
                return status.code();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        None
    }

    /// What the log says so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.data.join("server.log")).unwrap_or_default()
    }

    /// The process's number, for reading its memory.
    pub fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    fn command(&self, args: &[&str]) -> Command {
        let binary = std::env::var_os("ANTEROOM_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_anteroom").into());
        let mut command = Command::new(binary);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.args(args).arg("--config").arg(self.data.join("anteroom.toml")).arg("--data").arg(&self.data);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.data);
        }
    }
}
