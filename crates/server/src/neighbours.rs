//! How many connections each address has open, so that one cannot take every place. Proxies that are trusted speak for many
//! and are not counted. What is said on a connection is not looked at here.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::Network;

/// Connections by address. Clones share it.
#[derive(Clone)]
pub struct Neighbours(Arc<Inner>);

struct Inner {
    most: usize,
    trusted: Vec<Network>,
    open: Mutex<HashMap<u128, usize>>,
}

/// The right to one connection. Dropping it gives it back.
pub struct Seat(Option<(Arc<Inner>, u128)>);

impl Neighbours {
    /// Each address may have `most` connections open, except those of trusted proxies.
    pub fn new(most: usize, trusted: Vec<Network>) -> Self {
        Self(Arc::new(Inner { most, trusted, open: Mutex::default() }))
    }

    /// A place for a connection from this address; none when it has as many as it may.
    pub fn seat(&self, address: IpAddr) -> Option<Seat> {
        let address = address.to_canonical();
        if self.0.trusted.iter().any(|network| network.contains(address)) {
            return Some(Seat(None));
        }
        let key = network(address);
        let mut open = self.0.open();
        let count = open.entry(key).or_insert(0);
        if *count >= self.0.most {
            return None;
        }
        *count += 1;
        Some(Seat(Some((Arc::clone(&self.0), key))))
    }
}

impl Inner {
    fn open(&self) -> MutexGuard<'_, HashMap<u128, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((inner, key)) = self.0.take() else { return };
        let mut open = inner.open();
        if let Some(count) = open.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&key);
            }
        }
    }
}

/// IPv6 addresses count by their /64: that is what one connection to the Internet has.
pub fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6) >> 64 << 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_places_and_trusted_proxies_have_all() {
        let proxy = Network::try_from("10.0.0.0/8".to_owned()).unwrap();
        let neighbours = Neighbours::new(2, vec![proxy]);
        let seat = |address: &str| neighbours.seat(address.parse().unwrap());
        let (first, second) = (seat("192.0.2.1"), seat("::ffff:192.0.2.1"));
        assert!(first.is_some() && second.is_some());
        assert!(seat("192.0.2.1").is_none());
        assert!(seat("192.0.2.2").is_some());
        let _network = (seat("2001:db8::1"), seat("2001:db8::2"));
        assert!(seat("2001:db8::3").is_none() && seat("2001:db8:0:1::3").is_some());
        let proxied: Vec<_> = (0..10).map(|_| seat("10.1.2.3")).collect();
        assert!(proxied.iter().all(Option::is_some));
        drop(first);
        assert!(seat("192.0.2.1").is_some());
        drop((second, _network));
        assert!(neighbours.0.open().is_empty(), "nothing is remembered of who is gone");
    }
}
