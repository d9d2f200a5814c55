//! An `anteroom.toml` that anybody wrote: it is read or refused with its place, and checked without surprises.

#![no_main]

use libfuzzer_sys::fuzz_target;
use server::config::Config;

fuzz_target!(|text: &str| {
    match Config::parse(text, "anteroom.toml") {
        Ok(config) => {
            if let Err(said) = config.check() {
                assert!(!said.trim().is_empty(), "refused without a word");
            }
        }
        Err(error) => assert!(error.0.starts_with("anteroom.toml"), "{error}"),
    }
});
