//! The server CONNECTS: sockets, HTTP, the loop, configuration, the command line. No rules, no SQL, no parsing of XML.
//!
//! A request's way through this crate: `http/*` turns bytes into a command, `run_loop` has the desk decide and the store
//! commit, and only then the edges render what happened.

pub mod app;
pub mod auth;
pub mod boot;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod declaration;
pub mod directory;
pub mod guests;
pub mod http;
pub mod listen;
pub mod logging;
pub mod metrics;
pub mod neighbours;
pub mod notify;
pub mod presence;
pub mod publish;
pub mod rooms;
pub mod roster;
pub mod run_loop;
pub mod shutdown;
pub mod staff;
pub mod strays;
pub mod stream;
pub mod suggest;
pub mod text;
pub mod tls;
pub mod upkeep;
pub mod visitors;
pub mod watchers;
pub mod wire;
pub mod xmpp;
