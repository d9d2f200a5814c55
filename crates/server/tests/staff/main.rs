//! The staff side of the server over its whole HTTP stack: agents, supervisors, administrators.
#![expect(clippy::unwrap_used, reason = "tests")]

mod admin;
mod agents;
mod discretion;
mod harness;
mod roles;
mod supervisors;
mod takeover;
mod watching;
mod webhooks;
