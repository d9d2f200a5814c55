//! The HTTP edge: assembles the routers of the resources under one set of layers. Each resource has a file of its own
//! with its types, handlers, documentation and tests; nothing here knows what they do.

pub mod codes;
pub mod error;
pub mod extract;
pub mod streams;
