//! The declared desk as people and programs write it: `desk.toml`, and JSON with the same keys. Reads it, says what is
//! wrong with it and where, and writes it back. What a declaration does to a running desk is decided by the desk.

mod convert;
pub mod edge;
mod export;
pub mod form;
pub mod hours;

pub use convert::to_spec;
pub use edge::EdgeSettings;
pub use export::{from_spec, to_toml};
pub use form::{Canned, Declaration};

use desk::time::Time;
use store::{Backend, StoreError};

/// The name of the store's document that holds the declared canned replies (a JSON list of [`Canned`]).
pub const CANNED_DOCUMENT: &str = "declaration.canned";

/// Reads the text of a `desk.toml` that is called `name` in messages.
///
/// # Errors
/// `file:line:column: what`, with "did you mean" for keys that do not exist.
pub fn parse_toml(text: &str, name: &str) -> Result<Declaration, String> {
    toml::from_str(text).map_err(|error| crate::config::explain(&error, text, name))
}

/// One line for people about a finding.
pub fn line(finding: &desk::refusal::Finding) -> String {
    let severity = match finding.severity {
        desk::refusal::Severity::Warning => "warning",
        desk::refusal::Severity::Fault => "fault",
    };
    format!("{severity}: {}: {}", finding.at, finding.message)
}

/// The declared canned replies in force. A document that cannot be read counts as none.
///
/// # Errors
/// When the store cannot be asked.
pub async fn canned_in_force(store: &dyn Backend) -> Result<Vec<Canned>, StoreError> {
    let document = store.document(CANNED_DOCUMENT).await?;
    Ok(document.and_then(|document| serde_json::from_str(&document.body).ok()).unwrap_or_default())
}

/// Keeps the declared canned replies.
///
/// # Errors
/// When they cannot be stored.
pub async fn keep_canned(store: &dyn Backend, canned: &[Canned], now: Time) -> Result<(), StoreError> {
    let body = serde_json::to_string(canned).map_err(|error| StoreError::Io(error.to_string()))?;
    store.set_document(CANNED_DOCUMENT, body, None, now).await.map(|_| ())
}

/// What is different between two lists of canned replies, a line each.
pub fn diff_canned(old: &[Canned], new: &[Canned]) -> Vec<String> {
    let same =
        |a: &Canned, b: &Canned| (&a.shortcut, &a.workgroup, &a.locale) == (&b.shortcut, &b.workgroup, &b.locale);
    let mut lines = Vec::new();
    for reply in new {
        match old.iter().find(|other| same(other, reply)) {
            None => lines.push(format!("canned {}: added", reply.shortcut)),
            Some(before) if before != reply => lines.push(format!("canned {}: changed", reply.shortcut)),
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|reply| !new.iter().any(|other| same(other, reply)));
    lines.extend(gone.map(|reply| format!("canned {}: removed", reply.shortcut)));
    lines
}

#[cfg(test)]
mod tests;
