//! The contract suite: what every backend must do, run on each of them. A test takes a store and knows nothing else.

mod desk_turns;
mod house;

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
