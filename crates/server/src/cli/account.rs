//! `anteroom account`: who may sign in. Passwords are typed, read from standard input, or made and shown once; never given
//! on the command line, where others could see them.

use std::io::{IsTerminal, Read};

use clap::{Args, Subcommand, ValueEnum};

use super::{End, FAILED, Place, USAGE, direct};
use crate::auth;
use crate::control::{Order, Outcome};

#[derive(Subcommand, Debug)]
pub enum AccountAction {
    /// Make an account; an agent's account has the name of the agent in the desk's declaration
    Add {
        /// Name to sign in with: a-z, 0-9, `-`, `_`, `.`
        name: String,
        /// What people read; the name if left out
        #[arg(long, default_value = "")]
        title: String,
        /// What it may do
        #[arg(long, value_enum, default_value = "agent")]
        role: RoleWord,
        #[command(flatten)]
        password: Password,
        #[command(flatten)]
        place: Place,
    },
    /// Set another password; signs the account out everywhere
    Passwd {
        /// Whose
        name: String,
        #[command(flatten)]
        password: Password,
        #[command(flatten)]
        place: Place,
    },
    /// Say who has an account
    List {
        #[command(flatten)]
        place: Place,
    },
}

/// What an account may do; each includes the ones before.
#[derive(Clone, Copy, ValueEnum, Debug)]
pub enum RoleWord {
    /// Helps
    Agent,
    /// Looks after the floor
    Supervisor,
    /// Changes the desk
    Administrator,
}

/// Where the password comes from; without either: typed on a terminal, made elsewhere.
#[derive(Args, Debug)]
pub struct Password {
    /// Read the password from standard input
    #[arg(long, conflicts_with = "generate")]
    password_stdin: bool,
    /// Make a password and print it once
    #[arg(long)]
    generate: bool,
}

pub fn run(action: AccountAction) -> Result<(), End> {
    match action {
        AccountAction::Add { name, title, role, password, place } => {
            let config = place.read()?;
            let (password, made) = password.read()?;
            let role = match role {
                RoleWord::Agent => "agent",
                RoleWord::Supervisor => "supervisor",
                RoleWord::Administrator => "administrator",
            };
            let order =
                Order::AddAccount { name: name.clone(), title, role: role.to_owned(), password: password.clone() };
            done(direct::perform(&config, order)?)?;
            println!("Account {name} ({role}) is made.");
            show(made, &password);
            Ok(())
        }
        AccountAction::Passwd { name, password, place } => {
            let config = place.read()?;
            let (password, made) = password.read()?;
            done(direct::perform(&config, Order::SetPassword { name: name.clone(), password: password.clone() })?)?;
            println!("The password of {name} is set; its sessions are signed out.");
            show(made, &password);
            Ok(())
        }
        AccountAction::List { place } => list(&place),
    }
}

fn done(outcome: Outcome) -> Result<(), End> {
    match outcome {
        Outcome::Done => Ok(()),
        other => Err(direct::unexpected(other)),
    }
}

fn show(made: bool, password: &str) {
    if made {
        println!("Password, shown this once: {password}");
    }
}

fn list(place: &Place) -> Result<(), End> {
    match direct::perform(&place.read()?, Order::ListAccounts)? {
        Outcome::Accounts { accounts } => {
            for account in accounts {
                let disabled = if account.disabled { " (disabled)" } else { "" };
                println!("{:<24} {:<14} {}{disabled}", account.name, account.role, account.title);
            }
            Ok(())
        }
        other => Err(direct::unexpected(other)),
    }
}

impl Password {
    /// The password, and whether it was made.
    fn read(&self) -> Result<(String, bool), End> {
        if self.password_stdin {
            return Ok((read_stdin()?, false));
        }
        if self.generate || !std::io::stdin().is_terminal() {
            return Ok((make(), true));
        }
        let ask = |prompt: &str| {
            rpassword::prompt_password(prompt)
                .map_err(|error| End::new(FAILED, format!("no password can be typed: {error}")))
        };
        let first = ask("Password: ")?;
        if ask("Once more: ")? != first {
            return Err(End::new(USAGE, "the two passwords differ"));
        }
        Ok((first, false))
    }
}

fn read_stdin() -> Result<String, End> {
    let mut text = String::new();
    let read = std::io::stdin().take(4096).read_to_string(&mut text);
    read.map_err(|error| End::new(FAILED, format!("standard input: {error}")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// About 98 bits, without letters that look alike.
fn make() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let pick = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
    let letters: Vec<char> = auth::random::<20>().iter().map(pick).collect();
    letters.chunks(5).map(String::from_iter).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_passwords_are_long_and_differ() {
        assert_eq!(make().len(), 23);
        assert_ne!(make(), make());
    }
}
