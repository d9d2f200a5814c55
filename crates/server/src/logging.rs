//! Puts the log on standard error: text for people on a terminal, JSON lines elsewhere. What is logged is said where it
//! happens, and never has names, addresses, words or tokens in it.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts the log. The second call in a process does nothing.
///
/// # Errors
/// `log.level` is no level and no list of directives.
pub fn start(log: &Log) -> Result<(), String> {
    let filter = EnvFilter::builder()
        .parse(&log.level)
        .map_err(|error| format!("log.level = {:?} cannot be understood: {error}", log.level))?;
    let text = match log.format {
        LogFormat::Auto => std::io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A log that has been started stays as it is.
    let _started = if text {
        builder.with_target(false).with_ansi(std::io::stderr().is_terminal()).try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    };
    Ok(())
}
