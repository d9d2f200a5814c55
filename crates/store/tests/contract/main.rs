//! The contract suite: what every backend must do, run on each of them. A test takes a store and knows nothing else.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod accounts;
mod archive;
mod desk_turns;
mod edges;
mod erasing;
mod house;
mod im;
mod random_runs;
mod reports;

/// Runs each test on each backend.
#[macro_export]
macro_rules! on_both {
    ($($test:ident)*) => {
        mod on_sqlite { $( #[test] fn $test() {
            let dir = tempfile::tempdir().unwrap();
            let store = store::sqlite::open(&dir.path().join("desk.db"), &Default::default()).unwrap();
            super::$test(std::sync::Arc::new(store));
        } )* }
        mod on_memory { $( #[test] fn $test() { super::$test(std::sync::Arc::new(store::memory::open())); } )* }
    };
}
