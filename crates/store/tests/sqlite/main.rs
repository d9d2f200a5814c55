//! What only the SQLite store does: a file that is locked, full, damaged or too new; group commit; backup; a killed
//! process; nothing left of what was erased.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod backup;
mod erased;
mod faults;
mod groups;
#[path = "../contract/house.rs"]
#[expect(dead_code, reason = "shared with the contract suite, which uses more of it")]
mod house;
mod killed;
mod older;
