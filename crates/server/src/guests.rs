//! How many visits each address has open, and that one opening with the same key goes on at a time. In memory; after a restart
//! it is filled from the store. Addresses are known here by their keyed hash only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use desk::ids::RequestId;

/// Openings with different keys that may wait for one another by chance are no harm; so many hardly ever do.
const GATES: usize = 64;

/// The open visits by address. Clones share them.
#[derive(Clone)]
pub struct Guests(Arc<House>);

struct House {
    gates: Vec<tokio::sync::Mutex<()>>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    address_of: HashMap<RequestId, [u8; 32]>,
    count_of: HashMap<[u8; 32], usize>,
}

impl Default for Guests {
    fn default() -> Self {
        let gates = (0..GATES).map(|_| tokio::sync::Mutex::default()).collect();
        Self(Arc::new(House { gates, open: Mutex::default() }))
    }
}

impl Guests {
    /// Waits until no other opening with this key goes on.
    pub async fn opening(&self, key: &[u8; 32]) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.gates[usize::from(key[0]) % GATES].lock().await
    }

    /// How many visits this address has open.
    pub fn count(&self, address: &[u8; 32]) -> usize {
        self.lock().count_of.get(address).copied().unwrap_or(0)
    }

    /// A visit was opened from this address.
    pub fn came(&self, request: RequestId, address: [u8; 32]) {
        let mut open = self.lock();
        if open.address_of.insert(request, address).is_none() {
            *open.count_of.entry(address).or_default() += 1;
        }
    }

    /// A visit ended.
    pub fn went(&self, request: RequestId) {
        let mut open = self.lock();
        let Some(address) = open.address_of.remove(&request) else { return };
        if let Some(count) = open.count_of.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.count_of.remove(&address);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_are_counted_by_address() {
        let guests = Guests::default();
        guests.came(RequestId(1), [1; 32]);
        guests.came(RequestId(2), [1; 32]);
        guests.came(RequestId(2), [1; 32]);
        assert_eq!(guests.count(&[1; 32]), 2);
        guests.went(RequestId(1));
        guests.went(RequestId(1));
        guests.went(RequestId(9));
        assert_eq!(guests.count(&[1; 32]), 1);
        guests.went(RequestId(2));
        assert_eq!(guests.count(&[1; 32]), 0);
    }
}
