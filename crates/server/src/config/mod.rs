//! `anteroom.toml`: how the server runs, parsed once into meaning. What the desk *is* stands in `declaration`.

mod meaning;
mod settings;
mod xmpp;

use std::path::{Path, PathBuf};

pub use meaning::{Network, PublicUrl, Storage};
pub use settings::{
    Config, Files, Http, Limits, Log, LogFormat, Mail, MetricsAccess, Retention, Sessions, Tls, Webhooks,
};
pub use xmpp::Xmpp;

use crate::suggest;

/// The commented example, which is also the reference; tested to equal the defaults.
pub const EXAMPLE: &str = include_str!("../../../../docs/anteroom.example.toml");

/// Why a configuration file cannot be used. The message is complete: file, line, what, and what may have been meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError(pub String);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads `file`; no file gives the defaults. Relative paths in it are relative to the file's folder.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, has an unknown key or a value without meaning.
    pub fn read(file: Option<&Path>, data: Option<PathBuf>) -> Result<Self, ConfigError> {
        let mut config = match file {
            None => Self::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| ConfigError(format!("{}: cannot be read: {error}", path.display())))?;
                let mut config = Self::parse(&text, &path.display().to_string())?;
                config.resolve_paths(path.parent().unwrap_or(Path::new("")));
                config
            }
        };
        if let Some(data) = data {
            config.data = data;
        }
        config.check().map_err(ConfigError)?;
        Ok(config)
    }

    /// Parses the text of a file that is called `name` in messages.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn parse(text: &str, name: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| ConfigError(explain(&error, text, name)))
    }
}

/// `file:line:column: what is wrong`, with "did you mean" for unknown keys.
pub fn explain(error: &toml::de::Error, text: &str, name: &str) -> String {
    let message = suggest::explain(error.message().trim());
    match error.span() {
        Some(span) => {
            let before = text.get(..span.start).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            format!("{name}:{line}:{column}: {message}")
        }
        None => format!("{name}: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_the_default() {
        let example = Config::parse(EXAMPLE, "example").unwrap();
        assert_eq!(example, Config::default());
    }

    #[test]
    fn every_commented_key_of_the_example_exists() {
        // Keys without a default are shown as `#key = …`; uncommenting them all must still be a valid file.
        let mut text = String::new();
        for line in EXAMPLE.lines() {
            text.push_str(line.strip_prefix('#').filter(|rest| !rest.starts_with(' ')).unwrap_or(line));
            text.push('\n');
        }
        let config = Config::parse(&text, "example").unwrap();
        assert!(config.http.tls.is_some() && config.mail.is_some() && config.files.scan_command.is_some());
        assert!(config.xmpp.certificate.is_some() && config.xmpp.key.is_some());
        config.check().unwrap();
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_line() {
        let said = Config::parse("domain = \"a.example\"\n[http]\nlisten_ = \"127.0.0.1:1\"\n", "anteroom.toml");
        assert_eq!(said, Err(ConfigError("anteroom.toml:3:1: unknown key `listen_`: did you mean `listen`?".into())));
        let said = Config::parse("[limits]\nbody_max = \"much\"\n", "f").unwrap_err();
        assert!(said.0.starts_with("f:2:12: "), "{said}");
        let said = Config::parse("[logs]\n", "f").unwrap_err();
        assert_eq!(said.0, "f:1:2: unknown key `logs`: did you mean `log`?");
    }

    #[test]
    fn postgres_is_refused_with_a_reason() {
        let said = Config::parse("storage = \"postgres://db/desk\"", "f").unwrap_err();
        assert!(said.0.contains("PostgreSQL is not part of this version"), "{said}");
    }

    #[test]
    fn a_public_address_over_plain_http_is_refused() {
        let config = Config::parse("public_url = \"http://chat.example.org\"", "f").unwrap();
        assert!(config.check().unwrap_err().contains("https"));
    }
}
