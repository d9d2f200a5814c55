//! What the tests and benchmarks that run the whole server as a process share: a client, the process, and people.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(missing_docs, reason = "test support")]

pub mod audit;
pub mod http;
pub mod people;
pub mod process;
