//! Mail as it leaves: the whole process against a mail server that nobody here wrote (aiosmtpd), over real sockets, with
//! STARTTLS and AUTH. Refused, put off, out of reach, badly configured, and Anteroom killed in between.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a test of the whole process runs in real time")]

#[path = "../load/mod.rs"]
mod load;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use load::http::Connection;
use load::process::Server;
use serde_json::{Value, json};

const DESK: &str = "[[agent]]\nname = \"anna\"\n[[workgroup]]\nname = \"support\"\ntitle = \"Support\"\n\
    [workgroup.widget]\ntranscript = { download = true, mail = true }\n\
    [[workgroup.queue]]\nname = \"general\"\nmembers = [\"anna\"]\n";
/// A second attempt follows the first after at most 12.5 seconds, a third after 25 more.
const PATIENCE: Duration = Duration::from_secs(60);

/// The mail server: where it listens, what it took, and how to stop it.
struct Post {
    folder: tempfile::TempDir,
    python: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Post {
    fn prepare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        std::fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        std::fs::create_dir(folder.path().join("taken")).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder, python: python(), port, child: None }
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    fn start(&mut self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/server.py");
        let mut command = Command::new(&self.python);
        command.arg(script).arg(self.port.to_string()).arg(self.certificate());
        command.arg(self.folder.path().join("key.pem")).arg(self.folder.path().join("taken"));
        // It tells of every client that hangs up in the middle.
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let log = || std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert_eq!(said, "ready\n", "the mail server did not start: {}", log());
        self.child = Some(child);
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _gone = child.kill();
            let _ended = child.wait();
        }
    }

    fn url(&self, password: &str) -> String {
        format!("smtp://desk:{password}@localhost:{}?tls=required", self.port)
    }

    /// The mails to this address.
    fn taken(&self, to: &str) -> Vec<Value> {
        let mut places: Vec<_> =
            std::fs::read_dir(self.folder.path().join("taken")).unwrap().map(|it| it.unwrap().path()).collect();
        places.sort();
        let mails = places.iter().filter(|it| it.extension().is_some_and(|it| it == "json"));
        let mails = mails.map(|it| serde_json::from_slice::<Value>(&std::fs::read(it).unwrap()).unwrap());
        mails.filter(|mail| mail["to"] == json!([to])).collect()
    }

    async fn wait_for(&self, to: &str) -> Value {
        let mails = until(&format!("mail to {to}"), || Some(self.taken(to)).filter(|it| !it.is_empty())).await;
        assert_eq!(mails.len(), 1, "{to} got it once");
        mails[0].clone()
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A Python that has aiosmtpd.
fn python() -> PathBuf {
    let found = ["/usr/bin/python3", "python3"].into_iter().find(|python| {
        let mut command = Command::new(python);
        command.args(["-c", "import aiosmtpd.controller"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    });
    found.map(PathBuf::from).expect(
        "the mail tests need the mail server aiosmtpd: `apt-get install python3-aiosmtpd` (Debian, Ubuntu) or \
         `pip install aiosmtpd`; `cargo xtask test rust` as root installs it",
    )
}

async fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn database(server: &Server) -> rusqlite::Connection {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = rusqlite::Connection::open_with_flags(server.data.join("anteroom.db"), flags).unwrap();
    database.busy_timeout(Duration::from_secs(5)).unwrap();
    database
}

/// The notice that was given up: attempts, what is noted.
fn given_up(server: &Server) -> Option<(u32, String)> {
    let sql = "SELECT attempts, note FROM delivery WHERE state = 'Dead'";
    database(server).query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).ok()
}

/// A notice in the outbox: attempts, state, what is noted.
fn notice(server: &Server, address: &str) -> Option<(u32, String, String)> {
    let sql = "SELECT attempts, state, note FROM delivery WHERE address = ?1 ORDER BY id DESC";
    database(server).query_row(sql, [address], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).ok()
}

fn configure(server: &Server, post: &Post, password: &str) {
    let path = server.data.join("anteroom.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let kept = text.split("[mail]").next().unwrap();
    let mail = format!(
        "[mail]\nurl = \"{}\"\nfrom = \"Desk <desk@example.org>\"\nleft_messages_to = \"team@example.org\"\n",
        post.url(password)
    );
    std::fs::write(&path, format!("{kept}{mail}")).unwrap();
}

/// A visitor; the token.
async fn visitor(server: &Server) -> String {
    let wish = json!({ "workgroup": "support", "locale": "en", "answers": {}, "key": "a-key-of-the-visitor-0001" });
    let opened = Connection::new(&server.address).post("/api/v1/visits", &wish).await.unwrap();
    assert_eq!(opened.status, 201, "{:?}", opened.json());
    opened.json()["token"].as_str().unwrap().to_owned()
}

async fn ask_for_transcript(server: &Server, token: &str, address: &str) {
    let mut visitor = Connection::new(&server.address);
    visitor.set_header("authorization", &format!("Bearer {token}"));
    let asked = visitor.post("/api/v1/visits/me/transcript/mail", &json!({ "address": address })).await.unwrap();
    assert_eq!(asked.status, 202, "{:?}", asked.json());
}

#[tokio::test]
async fn mail_arrives_is_refused_is_tried_again_and_outlives_a_restart() {
    let mut post = Post::prepare();
    let mut server = Server::prepare("mail", "", DESK).with_env("SSL_CERT_FILE", &post.certificate());
    configure(&server, &post, "s3cret%40");
    post.start();
    server.start();
    server.ready().await;
    let vera = visitor(&server).await;

    ask_for_transcript(&server, &vera, "vera@example.org").await;
    ask_for_transcript(&server, &vera, "refused@example.org").await;
    ask_for_transcript(&server, &vera, "later@example.org").await;
    let left = json!({ "name": "Vera", "email": "vera@example.org", "text": "Grüße, a secret of mine" });
    let mut stranger = Connection::new(&server.address);
    assert_eq!(stranger.post("/api/v1/workgroups/support/messages", &left).await.unwrap().status, 201);

    let transcript = post.wait_for("vera@example.org").await;
    assert_eq!((&transcript["tls"], &transcript["user"]), (&json!(true), &json!("desk")), "encrypted, signed in");
    assert_eq!(transcript["from"], "desk@example.org");
    let content = transcript["content"].as_str().unwrap();
    for line in ["From: Desk <desk@example.org>", "To: vera@example.org", "Subject: Support"] {
        assert!(content.contains(line), "{line} in {content}");
    }
    let told = post.wait_for("team@example.org").await["content"].as_str().unwrap().to_owned();
    assert!(told.contains("Subject: Support: a message was left"), "{told}");
    assert!(!told.contains("secret") && !told.contains("Vera"), "no words of people: {told}");

    let dead = until("the refusal is noted", || given_up(&server)).await;
    assert_eq!(dead, (1, "the mail server answered 550".to_owned()));
    assert_eq!(notice(&server, "refused@example.org"), None, "nobody's address stays with what was given up");
    let put_off = notice(&server, "later@example.org").unwrap();
    assert_eq!(put_off, (1, "Due".to_owned(), "the mail server answered 451".to_owned()));
    post.wait_for("later@example.org").await;

    // The mail server is away; Anteroom is killed; both come back.
    post.stop();
    ask_for_transcript(&server, &vera, "away@example.org").await;
    let waits =
        until("the failure is noted", || notice(&server, "away@example.org").filter(|(_, _, note)| !note.is_empty()))
            .await;
    assert_eq!(waits, (1, "Due".to_owned(), "the mail server could not be reached".to_owned()));
    server.kill();
    post.start();
    // With a wrong password: the operator's fault, and no reason to give the mail up.
    configure(&server, &post, "wrong");
    server.start();
    server.ready().await;
    let waits = until("the wrong password is noted", || {
        notice(&server, "away@example.org").filter(|(_, _, note)| note.contains("535"))
    })
    .await;
    assert_eq!((waits.0, waits.1.as_str()), (2, "Due"));
    server.kill();
    configure(&server, &post, "s3cret%40");
    server.start();
    server.ready().await;
    post.wait_for("away@example.org").await;
    assert_eq!(post.taken("vera@example.org").len() + post.taken("refused@example.org").len(), 1, "nothing twice");
}

#[test]
fn the_doctor_greets_the_mail_server_and_sends_nothing() {
    let mut post = Post::prepare();
    let server = Server::prepare("mail-doctor", "", DESK).with_env("SSL_CERT_FILE", &post.certificate());
    let doctor = |post: &Post, password: &str| {
        configure(&server, post, password);
        server.run(&["doctor"])
    };
    let (code, said) = doctor(&post, "s3cret%40");
    assert_eq!((code, said.contains("FAULT    mail: the mail server cannot be reached")), (4, true), "{said}");
    post.start();
    let (code, said) = doctor(&post, "s3cret%40");
    assert_eq!((code, said.contains("ok       mail: the mail server takes mail from here")), (0, true), "{said}");
    let (code, said) = doctor(&post, "wrong");
    let wrong = "FAULT    mail: the mail server does not take this user and password";
    assert_eq!((code, said.contains(wrong), said.contains("535")), (4, true, true), "{said}");
    let strange = Post::prepare();
    let stranger = Server::prepare("mail-stranger", "", DESK).with_env("SSL_CERT_FILE", &strange.certificate());
    configure(&stranger, &post, "s3cret%40");
    let (code, said) = stranger.run(&["doctor"]);
    let strange = "FAULT    mail: the connection to the mail server cannot be encrypted";
    assert_eq!((code, said.contains(strange)), (4, true), "a certificate that nobody vouches for: {said}");
    assert!(std::fs::read_dir(post.folder.path().join("taken")).unwrap().next().is_none(), "nothing was sent");
}
