//! The command line: what may be typed, and the exit codes. What is done stands in `boot`, `control` and `doctor`.

mod account;
mod desk;
mod direct;
mod doctor;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::boot::{self, Failure};
use crate::config::Config;
use crate::control::{Order, Outcome};
use crate::logging;

/// It is done.
pub const OK: u8 = 0;
/// It could not be done.
pub const FAILED: u8 = 1;
/// The command line cannot be understood (clap's own code).
pub const USAGE: u8 = 2;
/// A configuration or desk file cannot be used.
pub const CONFIG: u8 = 3;
/// The declaration has faults, or the doctor found some.
pub const FINDINGS: u8 = 4;
/// The store cannot be read or written.
pub const STORE: u8 = 70;
/// It may work later.
pub const TEMPORARY: u8 = 75;

const AFTER_HELP: &str = "\
Exit codes: 0 done; 1 failed; 2 wrong usage; 3 a configuration or desk file is wrong;
4 doctor or desk check found faults; 70 the store cannot be read or written;
75 try again later (another process has the data, a port is taken).

Try it:  anteroom account add anna --config anteroom.toml
         anteroom serve --config anteroom.toml --desk desk.toml";

/// A live-chat desk: people wait in a fair queue, and an agent who can help is found for each.
#[derive(Parser, Debug)]
#[command(name = "anteroom", version, after_help = AFTER_HELP, propagate_version = true)]
struct Line {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Run the server until it is told to stop (SIGTERM or Ctrl-C); SIGHUP reads the certificate again
    Serve {
        #[command(flatten)]
        place: Place,
        /// Declaration to put in force if the desk has none yet; later changes go through `desk apply` or the console
        #[arg(long, value_name = "FILE")]
        desk: Option<PathBuf>,
    },
    /// The desk's declaration: workgroups, queues, agents, skills, hours, forms
    #[command(subcommand)]
    Desk(desk::DeskAction),
    /// Who may sign in
    #[command(subcommand)]
    Account(account::AccountAction),
    /// Look whether everything is as it should be: configuration, ports, rights, database, disk, clock, certificate, desk
    Doctor {
        #[command(flatten)]
        place: Place,
    },
    /// Write a consistent copy of the database to a new file, also while the server runs
    Backup {
        /// Where to; must not exist
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

/// Which server is meant.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// How the server runs; without it, the defaults
    #[arg(long, short, value_name = "FILE", env = "ANTEROOM_CONFIG")]
    pub config: Option<PathBuf>,
    /// The data directory, instead of the configuration's
    #[arg(long, value_name = "DIR", env = "ANTEROOM_DATA")]
    pub data: Option<PathBuf>,
}

/// Why an action ended otherwise than hoped: what to say, and the exit code.
#[derive(Debug)]
pub struct End {
    code: u8,
    message: String,
}

impl End {
    fn new(code: u8, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Config(message) => Self::new(CONFIG, message),
            Failure::Store(message) => Self::new(STORE, message),
            Failure::Temporary(message) => Self::new(TEMPORARY, message),
            Failure::Findings(findings) => Self::new(FINDINGS, findings.join("\n")),
        }
    }
}

impl Place {
    fn read(&self) -> Result<Config, End> {
        Config::read(self.config.as_deref(), self.data.clone()).map_err(|error| End::new(CONFIG, error.0))
    }
}

/// Runs what was typed.
pub fn run() -> ExitCode {
    let line = Line::parse();
    let ended = match line.action {
        Action::Serve { place, desk } => serve(&place, desk),
        Action::Desk(action) => desk::run(action),
        Action::Account(action) => account::run(action),
        Action::Doctor { place } => doctor::run(&place),
        Action::Backup { file, place } => backup(&file, &place),
    };
    match ended {
        Ok(()) => ExitCode::from(OK),
        Err(end) => {
            if !end.message.is_empty() {
                eprintln!("anteroom: {}", end.message);
            }
            ExitCode::from(end.code)
        }
    }
}

fn serve(place: &Place, desk: Option<PathBuf>) -> Result<(), End> {
    let config = place.read()?;
    logging::start(&config.log).map_err(|message| End::new(CONFIG, message))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| End::new(FAILED, format!("no runtime: {error}")))?;
    Ok(runtime.block_on(boot::serve(config, desk))?)
}

fn backup(file: &std::path::Path, place: &Place) -> Result<(), End> {
    let config = place.read()?;
    // The server has a working directory of its own.
    let file = std::path::absolute(file).map_err(|error| End::new(FAILED, format!("{}: {error}", file.display())))?;
    match direct::perform(&config, Order::Backup { file: file.clone() })? {
        Outcome::BackedUp { bytes } => {
            println!("{} written, {bytes} bytes", file.display());
        }
        other => return Err(direct::unexpected(other)),
    }
    let folder = config.data.join("files");
    match direct::perform(&config, Order::CheckFiles)? {
        Outcome::FilesChecked { files, bytes, findings } if findings.is_empty() => {
            println!("{files} file(s) sent in chats are whole, {bytes} bytes; copy {} too", folder.display());
            Ok(())
        }
        Outcome::FilesChecked { findings, .. } => Err(End::new(
            FINDINGS,
            format!("the database was copied, but files sent in chats are not whole:\n{}", findings.join("\n")),
        )),
        other => Err(direct::unexpected(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Line::command().debug_assert();
        let long = Line::command().render_long_help().to_string();
        for word in ["serve", "desk", "account", "doctor", "backup", "Exit codes"] {
            assert!(long.contains(word), "{word}");
        }
        assert!(Line::try_parse_from(["anteroom", "serve", "--confg", "x"]).is_err());
        Line::try_parse_from([
            "anteroom",
            "account",
            "add",
            "anna",
            "--title",
            "Anna",
            "--role",
            "agent",
            "--password-stdin",
        ])
        .unwrap();
        Line::try_parse_from(["anteroom", "desk", "apply", "desk.toml", "--dry-run", "--data", "d"]).unwrap();
    }
}
