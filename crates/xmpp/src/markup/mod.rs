//! Reading and building elements by hand, for extensions whose readers must be more tolerant, and whose writers must be
//! more exact, than a derived type can be. No meaning of any extension lives here.
//!
//! Every reader names the limit of what it takes; every writer leaves out characters that XML cannot carry, because one
//! of them would break the receiver's stream.

mod build;
mod copied;
mod fault;
mod read;

pub use build::Build;
pub use copied::{Allowance, measure};
pub use fault::Fault;
pub use read::Read;

/// Longest address that RFC 7622 permits, in bytes.
pub const JID_BYTES: usize = 3071;
