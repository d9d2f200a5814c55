//! The binary `anteroom`. Everything it does is in the library.

fn main() {}
