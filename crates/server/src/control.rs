//! Orders of the operator's command line: what they are, how they are carried out, and how they reach a running server over
//! the socket in its data directory. Parsing of arguments and printing is `cli`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use desk::Engine;
use desk::command::Command;
use desk::limits::Limits;
use desk::refusal::{Finding, Refusal, Severity};
use desk::spec::DeskSpec;
use desk::time::Time;
use serde::{Deserialize, Serialize};
use store::accounts::{Account, NewAccount};
use store::edges::NewAudit;
use store::scram::{Keys, SALT_LEN};
use store::{Backend, Commit, StoreError};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::auth;
use crate::boot;
use crate::clock::{Clock, rfc3339};
use crate::config::Config;
use crate::declaration::{self, Declaration};
use crate::directory::Directory;
use crate::http::identity::is_key_holder;
use crate::http::session::{role_of, role_word};
use crate::rooms::files::Files;
use crate::roster::Roster;
use crate::run_loop::{AskError, Desk};
use crate::shutdown::Shutdown;
use crate::xmpp::Xmpp;

/// Bytes of an order or an answer.
const LINE_MAX: u64 = 64 << 20;
/// Findings about files that are told.
const FINDINGS_MAX: usize = 100;
/// How long a client may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// What an operator wants done.
#[derive(Serialize, Deserialize, Debug)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Order {
    /// Nothing; is anybody there?
    Ping,
    /// Put a declaration in force, or say what it would change.
    Declare {
        /// The whole desk.
        declaration: Box<Declaration>,
        /// Change nothing.
        dry_run: bool,
    },
    /// The declaration in force.
    Export,
    /// Write a copy of the database.
    Backup {
        /// Where to; must not exist.
        file: PathBuf,
    },
    /// Look through the database.
    Check,
    /// Say when the last turn was stored.
    LastTurn,
    /// Look whether all files sent in chats are there and whole.
    CheckFiles,
    /// Make an account.
    AddAccount {
        /// Its name.
        name: String,
        /// What people read.
        title: String,
        /// The role's word.
        role: String,
        /// Its password.
        password: String,
    },
    /// Set another password.
    SetPassword {
        /// Whose.
        name: String,
        /// The next one.
        password: String,
    },
    /// Who has an account.
    ListAccounts,
}

/// What came of it.
#[derive(Serialize, Deserialize, Debug)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Outcome {
    /// It is done.
    Done,
    /// What a declaration changes, or changed.
    Declared {
        /// A line for each difference.
        changes: Vec<String>,
        /// Lines about what is probably not meant.
        warnings: Vec<String>,
    },
    /// A declaration with faults; nothing was changed.
    Faulty {
        /// Lines, warnings among them.
        findings: Vec<String>,
    },
    /// The declaration in force.
    Exported {
        /// The whole desk.
        declaration: Box<Declaration>,
    },
    /// The copy is written.
    BackedUp {
        /// Its bytes.
        bytes: u64,
    },
    /// When the desk changed last.
    LastTurn {
        /// RFC 3339; none: never.
        at: Option<String>,
    },
    /// All files were read.
    FilesChecked {
        /// How many there are.
        files: u64,
        /// How many bytes they have together.
        bytes: u64,
        /// A sentence for each that is missing or damaged, up to [`FINDINGS_MAX`].
        findings: Vec<String>,
    },
    /// What was found in the database; nothing: sound.
    Checked {
        /// A sentence each.
        findings: Vec<String>,
    },
    /// Who has an account.
    Accounts {
        /// By name.
        accounts: Vec<AccountLine>,
    },
    /// It could not be done.
    Failed {
        /// Why, for people.
        message: String,
        /// Trying again later may help.
        temporary: bool,
    },
}

/// An account in a list.
#[derive(Serialize, Deserialize, Debug)]
pub struct AccountLine {
    /// Name to sign in with.
    pub name: String,
    /// What people read.
    pub title: String,
    /// The role's word.
    pub role: String,
    /// Nobody can sign in with it.
    pub disabled: bool,
}

/// Where orders are carried out: in a running server, or beside a store that nobody else has open.
#[derive(Clone)]
pub struct House {
    /// How the server runs.
    pub config: Arc<Config>,
    /// What is remembered.
    pub store: Arc<dyn Backend>,
    /// The time of day.
    pub clock: Clock,
    /// The way to the desk; none: no loop runs, and the desk is restored for the order.
    pub desk: Option<Desk>,
    /// XMPP clients.
    pub xmpp: Xmpp,
    /// Who is connected, and who they are on the desk; none: nobody can be.
    pub connected: Option<(Directory, Roster)>,
}

fn failed(message: impl Into<String>) -> Outcome {
    Outcome::Failed { message: message.into(), temporary: false }
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        let temporary = matches!(error, StoreError::Locked | StoreError::Closed);
        Self::Failed { message: format!("{error}; {}", error.hint()), temporary }
    }
}

impl House {
    /// Carries it out.
    pub async fn perform(&self, order: Order) -> Outcome {
        let done = match order {
            Order::Ping => Ok(Outcome::Done),
            Order::Declare { declaration, dry_run } => self.declare(&declaration, dry_run).await,
            Order::Export => self.export().await,
            Order::Backup { file } => self.backup(file).await,
            Order::Check => self.store.check().await.map(|findings| Outcome::Checked { findings }).map_err(Into::into),
            Order::LastTurn => self.last_turn().await,
            Order::CheckFiles => self.check_files().await,
            Order::AddAccount { name, title, role, password } => self.add_account(name, title, &role, password).await,
            Order::SetPassword { name, password } => self.set_password(&name, password).await,
            Order::ListAccounts => self.list_accounts().await,
        };
        done.unwrap_or_else(|failed| failed)
    }

    /// Puts a declaration in force, or says what it would change.
    async fn declare(&self, declaration: &Declaration, dry_run: bool) -> Result<Outcome, Outcome> {
        let faulty =
            |findings: &[Finding]| Outcome::Faulty { findings: findings.iter().map(declaration::line).collect() };
        let spec = declaration::to_spec(declaration).map_err(|found| faulty(&found))?;
        let findings = desk::declare::check(&spec);
        if findings.iter().any(|finding| finding.severity == Severity::Fault) {
            return Err(faulty(&findings));
        }
        let mut changes = desk::declare::diff(&self.spec_in_force().await?, &spec);
        let canned = declaration::canned_in_force(&*self.store).await?;
        changes.extend(declaration::diff_canned(&canned, &declaration.canned));
        let warnings = findings.iter().map(declaration::line).collect();
        if dry_run || changes.is_empty() {
            return Ok(Outcome::Declared { changes, warnings });
        }
        match self.turn(Command::Declare(Box::new(spec))).await? {
            Ok(()) => {}
            Err(Refusal::BadDeclaration(findings)) => return Err(faulty(&findings)),
            Err(refusal) => return Err(failed(refusal.to_string())),
        }
        let now = self.clock.now();
        declaration::keep_canned(&*self.store, &declaration.canned, now).await?;
        self.audit("desk.declared", "desk", format!("{} change(s)", changes.len())).await?;
        Ok(Outcome::Declared { changes, warnings })
    }

    /// One command, in the loop if there is one.
    async fn turn(&self, command: Command) -> Result<Result<(), Refusal>, Outcome> {
        if let Some(desk) = &self.desk {
            return match desk.ask(command).await {
                Ok(_) => Ok(Ok(())),
                Err(AskError::Refused(refusal)) => Ok(Err(refusal)),
                Err(AskError::Stopping | AskError::Busy) => {
                    Err(Outcome::Failed { message: "the server is busy or stops; try again".into(), temporary: true })
                }
            };
        }
        let mut engine = self.restore().await?;
        let turn = engine.turn(self.clock.now(), command);
        if let Err(refusal) = &turn.outcome {
            return Ok(Err(refusal.clone()));
        }
        self.store.commit(Commit { turns: vec![turn], personal: Vec::new() }).await?;
        Ok(Ok(()))
    }

    async fn restore(&self) -> Result<Engine, Outcome> {
        let records = self.store.load().await?;
        Engine::restore(records, Limits::default())
            .map_err(|error| failed(format!("the stored desk cannot be restored: {error}")))
    }

    async fn spec_in_force(&self) -> Result<DeskSpec, Outcome> {
        match &self.desk {
            Some(desk) => desk.view(|state, _| state.to_spec()).await.map_err(|_| failed("the server stops")),
            None => Ok(self.restore().await?.state().to_spec()),
        }
    }

    async fn export(&self) -> Result<Outcome, Outcome> {
        let canned = declaration::canned_in_force(&*self.store).await?;
        let declaration = declaration::from_spec(&self.spec_in_force().await?, canned);
        Ok(Outcome::Exported { declaration: Box::new(declaration) })
    }

    async fn backup(&self, file: PathBuf) -> Result<Outcome, Outcome> {
        if file.exists() {
            return Err(failed(format!("{} exists already", file.display())));
        }
        Ok(Outcome::BackedUp { bytes: self.store.backup(file).await? })
    }

    async fn last_turn(&self) -> Result<Outcome, Outcome> {
        let at = match &self.desk {
            Some(desk) => desk.view(|state, _| state.now()).await.map_err(|_| failed("the server stops"))?,
            None => self.restore().await?.state().now(),
        };
        Ok(Outcome::LastTurn { at: (at > Time::from_secs(0)).then(|| rfc3339(at)) })
    }

    /// Reads every file that the store knows. One that was deleted in this moment, by retention or by erasing, is no finding.
    async fn check_files(&self) -> Result<Outcome, Outcome> {
        let on_disk = Files::new(boot::files_options(&self.config));
        let (mut files, mut bytes, mut findings) = (0, 0, Vec::new());
        let mut after = String::new();
        loop {
            let page = self.store.all_files(&after, 200).await?;
            let Some(last) = page.last() else { break };
            after = last.id.clone();
            for file in page {
                files += 1;
                bytes += file.size;
                let (on_disk, id) = (on_disk.clone(), file.id.clone());
                let looked = tokio::task::spawn_blocking(move || on_disk.verify(&file)).await;
                if let Some(finding) = looked.map_err(|error| failed(error.to_string()))?
                    && findings.len() < FINDINGS_MAX
                    && self.store.file(&id).await?.is_some()
                {
                    findings.push(finding);
                }
            }
        }
        Ok(Outcome::FilesChecked { files, bytes, findings })
    }

    async fn add_account(&self, name: String, title: String, role: &str, password: String) -> Result<Outcome, Outcome> {
        check_name(&name).map_err(failed)?;
        let role = role_of(role).ok_or_else(|| failed(format!("`{role}` is no role")))?;
        let keys = self.derive(password).await?;
        let title = if title.is_empty() { name.clone() } else { title };
        let account = NewAccount { name: name.clone(), title, role, keys, at: self.clock.now() };
        match self.store.create_account(account).await {
            Ok(_) => {}
            Err(StoreError::Conflict(_)) => return Err(failed(format!("there is an account `{name}` already"))),
            Err(error) => return Err(error.into()),
        }
        self.xmpp.account_added(&name);
        self.audit("account.created", &name, role_word(role).to_owned()).await?;
        Ok(Outcome::Done)
    }

    async fn set_password(&self, name: &str, password: String) -> Result<Outcome, Outcome> {
        if self.store.account(name).await?.is_none() {
            return Err(failed(format!("there is no account `{name}`")));
        }
        let keys = self.derive(password).await?;
        self.store.set_password(name, keys, None, self.clock.now()).await?;
        self.xmpp.end_sessions(name, crate::xmpp::PASSWORD_CHANGED);
        if let Some((directory, roster)) = &self.connected {
            // Keys are no sessions of the account and stay.
            directory.sign_out(name, roster.agent(name), |holder| !is_key_holder(holder));
        }
        self.audit("password.set", name, String::new()).await?;
        Ok(Outcome::Done)
    }

    async fn list_accounts(&self) -> Result<Outcome, Outcome> {
        let line = |account: Account| AccountLine {
            name: account.name,
            title: account.title,
            role: role_word(account.role).to_owned(),
            disabled: account.disabled,
        };
        Ok(Outcome::Accounts { accounts: self.store.accounts().await?.into_iter().map(line).collect() })
    }

    async fn derive(&self, password: String) -> Result<Keys, Outcome> {
        let sessions = &self.config.sessions;
        if password.chars().count() < sessions.password_min {
            return Err(failed(format!("a password has at least {} characters", sessions.password_min)));
        }
        let (salt, iterations) = (auth::random::<SALT_LEN>(), sessions.password_iterations);
        let derived = tokio::task::spawn_blocking(move || Keys::derive(&password, salt, iterations)).await;
        derived.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))
    }

    async fn audit(&self, what: &str, on: &str, detail: String) -> Result<(), Outcome> {
        let (at, who) = (self.clock.now(), "operator".to_owned());
        Ok(self.store.audit(NewAudit { at, who, what: what.to_owned(), on: on.to_owned(), detail }).await?)
    }
}

/// Names of accounts are those of agents.
///
/// # Errors
/// What they are made of.
pub fn check_name(name: &str) -> Result<(), String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    if (1..=40).contains(&name.len()) && name.bytes().all(fits) {
        return Ok(());
    }
    Err(format!("`{name}` is no name: 1 to 40 characters of a-z, 0-9, `-`, `_` and `.`"))
}

/// Where the socket of a data directory stands.
pub fn socket_path(data: &Path) -> PathBuf {
    data.join("control.sock")
}

/// Opens the socket for orders; only this user may connect.
///
/// # Errors
/// When the path is too long for a socket, or the directory cannot be written.
pub fn listen(data: &Path) -> std::io::Result<UnixListener> {
    let path = socket_path(data);
    // The lock on the data directory says that no other server uses it.
    let _gone = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path)?;
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(listener)
}

/// Carries out orders, one connection each, until the shutdown.
pub async fn serve(listener: UnixListener, house: House, shutdown: Shutdown) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.begun() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let house = house.clone();
                tokio::spawn(async move {
                    if let Err(error) = converse(stream, &house).await {
                        tracing::warn!(%error, "an order over the control socket failed");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket does not accept");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

async fn converse(stream: UnixStream, house: &House) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut line = Vec::new();
    let mut reader = BufReader::new(reader.take(LINE_MAX));
    let read = reader.read_until(b'\n', &mut line);
    tokio::time::timeout(PATIENCE, read).await.map_err(std::io::Error::other)??;
    let outcome = match serde_json::from_slice(&line) {
        Ok(order) => house.perform(order).await,
        Err(error) => failed(format!("the order cannot be understood (another version?): {error}")),
    };
    let mut answer = serde_json::to_vec(&outcome)?;
    answer.push(b'\n');
    writer.write_all(&answer).await
}

/// Sends an order to the server of this data directory. `None`: there is no server.
///
/// # Errors
/// When there is one, and it does not answer.
pub fn send(data: &Path, order: &Order, patience: Duration) -> std::io::Result<Option<Outcome>> {
    use std::io::{BufRead, Write};
    let mut stream = match std::os::unix::net::UnixStream::connect(socket_path(data)) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(order)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    std::io::BufReader::new(stream).read_line(&mut answer)?;
    Ok(Some(serde_json::from_str(&answer)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_agents() {
        for good in ["anna", "a.b-c_9"] {
            check_name(good).unwrap();
        }
        for bad in ["", "Anna", "an na", "änna", &"a".repeat(41)] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nobody_there_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(send(folder.path(), &Order::Ping, PATIENCE).unwrap().is_none());
    }
}
