//! Unguessable names drawn from the seed that the host gave: what was drawn tells nothing of what will be.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a name; it has twice as many characters.
const NAME_BYTES: usize = 12;

pub(crate) struct Seed {
    key: [u8; 32],
    drawn: u64,
}

impl Seed {
    pub fn new(key: [u8; 32]) -> Self {
        Self { key, drawn: 0 }
    }

    /// A name of 24 lowercase hexadecimal digits.
    pub fn name(&mut self) -> String {
        self.drawn += 1;
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(&self.drawn.to_be_bytes());
        mac.finalize().into_bytes()[..NAME_BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seed({} drawn)", self.drawn)
    }
}
