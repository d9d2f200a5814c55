//! `anteroom desk`: put a declaration in force, write the one in force, or look for faults without a server.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use desk::refusal::Severity;

use super::{CONFIG, End, FAILED, FINDINGS, Place, direct};
use crate::control::{Order, Outcome};
use crate::declaration::{self, Declaration};

#[derive(Subcommand, Debug)]
pub enum DeskAction {
    /// Put a declaration in force, all of it or nothing; says what changes. Applying it again changes nothing
    Apply {
        /// A desk.toml
        file: PathBuf,
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Write the declaration in force to standard output, in the form that `apply` reads
    Export {
        #[command(flatten)]
        place: Place,
    },
    /// Look for faults in a declaration, without a server
    Check {
        /// A desk.toml
        file: PathBuf,
    },
}

pub fn run(action: DeskAction) -> Result<(), End> {
    match action {
        DeskAction::Apply { file, dry_run, place } => apply(&file, dry_run, &place),
        DeskAction::Export { place } => export(&place),
        DeskAction::Check { file } => check(&file),
    }
}

fn read(file: &Path) -> Result<Declaration, End> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| End::new(FAILED, format!("{}: cannot be read: {error}", file.display())))?;
    declaration::parse_toml(&text, &file.display().to_string()).map_err(|message| End::new(CONFIG, message))
}

fn apply(file: &Path, dry_run: bool, place: &Place) -> Result<(), End> {
    let declaration = Box::new(read(file)?);
    let config = place.read()?;
    match direct::perform(&config, Order::Declare { declaration, dry_run })? {
        Outcome::Declared { changes, warnings } => {
            warnings.iter().for_each(|warning| eprintln!("{warning}"));
            changes.iter().for_each(|change| println!("{change}"));
            match (changes.len(), dry_run) {
                (0, _) => println!("Nothing to change."),
                (count, true) => println!("{count} change(s) would be made."),
                (count, false) => println!("{count} change(s) made."),
            }
            Ok(())
        }
        other => Err(direct::unexpected(other)),
    }
}

fn export(place: &Place) -> Result<(), End> {
    match direct::perform(&place.read()?, Order::Export)? {
        Outcome::Exported { declaration } => {
            print!("{}", declaration::to_toml(&declaration));
            Ok(())
        }
        other => Err(direct::unexpected(other)),
    }
}

fn check(file: &Path) -> Result<(), End> {
    let faulty = |findings: &[desk::refusal::Finding]| {
        End::new(FINDINGS, findings.iter().map(declaration::line).collect::<Vec<_>>().join("\n"))
    };
    let spec = declaration::to_spec(&read(file)?).map_err(|findings| faulty(&findings))?;
    let findings = desk::declare::check(&spec);
    if findings.iter().any(|finding| finding.severity == Severity::Fault) {
        return Err(faulty(&findings));
    }
    findings.iter().for_each(|finding| println!("{}", declaration::line(finding)));
    let queues: usize = spec.workgroups.iter().map(|workgroup| workgroup.queues.len()).sum();
    println!(
        "{}: {} workgroup(s), {queues} queue(s), {} agent(s); no faults, {} warning(s)",
        file.display(),
        spec.workgroups.len(),
        spec.agents.len(),
        findings.len()
    );
    Ok(())
}
