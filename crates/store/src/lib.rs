//! The store REMEMBERS: events in, state out; conversations, accounts and what the edges keep. No rules, no clock, no
//! randomness: times, ids and random bytes are arguments.
//!
//! Five traits, one `Backend` that has them all, two implementations ([`sqlite`] and [`memory`]) and one contract suite
//! that runs on both. Personal words stand in tables of their own, never in the event log.

pub mod accounts;
pub mod archive;
mod codec;
pub mod commit;
pub mod edges;
mod error;
mod history;
pub mod im;
pub mod memory;
mod pending;
pub mod scram;
pub mod sqlite;
mod words;

pub use accounts::Accounts;
pub use archive::Archive;
pub use commit::{Commit, Personal, Store};
pub use edges::Edges;
pub use error::StoreError;
pub use im::Im;
pub use pending::{Pending, Stored};

/// SHA-256 of a token, made by the server. The store never sees a token.
pub type Hash = [u8; 32];

/// Everything that is remembered; what the server holds as `Arc<dyn Backend>`.
pub trait Backend: Store + Archive + Accounts + Edges + Im + Send + Sync {}

impl<T: Store + Archive + Accounts + Edges + Im + Send + Sync> Backend for T {}
