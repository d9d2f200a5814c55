//! The reader and the writer by themselves.
