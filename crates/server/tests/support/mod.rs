//! What the tests and benchmarks that run the whole server share: a client, the server as a process, and people.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(missing_docs, reason = "test support")]

pub mod audit;
pub mod http;
pub mod people;
pub mod process;
