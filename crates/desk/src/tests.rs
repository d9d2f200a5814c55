//! Tests of the engine, a file for each subject. `stage.rs` has the desk they play on; after every turn it compares the
//! state with its records and works out the invariants the slow way.

mod agent;
mod callback;
mod declare;
mod dispatch;
mod estimate;
mod queue;
mod random;
mod rollover;
mod room;
mod stage;
mod transfer;
mod workgroup;
