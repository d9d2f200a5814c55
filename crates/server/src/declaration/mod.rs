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

#[cfg(test)]
mod tests;
