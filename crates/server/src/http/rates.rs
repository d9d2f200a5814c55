//! How often somebody may ask: per address, per workgroup, per visitor, and how often a log-in may fail. In memory,
//! bounded and pruned; addresses are kept only as hashes keyed for this process.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use desk::time::{Span, Time};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use crate::config::Limits;
use crate::neighbours::network;

/// Buckets kept per kind before idle ones are dropped, and at most.
const BUCKETS_MAX: usize = 200_000;
/// Accounts and addresses with failed log-ins that are remembered.
const FAILURES_MAX: usize = 50_000;
/// Longest wait after failed log-ins.
const WAIT_MAX: Span = Span::secs(900);

/// Every rate limit. Clones share them.
#[derive(Clone)]
pub struct Rates(Arc<Gauges>);

struct Gauges {
    hasher: RandomState,
    clock: DefaultClock,
    addresses: DefaultKeyedRateLimiter<u64>,
    visits: DefaultKeyedRateLimiter<u64>,
    workgroups: DefaultKeyedRateLimiter<u64>,
    messages: DefaultKeyedRateLimiter<u64>,
    failures: Mutex<HashMap<u64, Failures>>,
    failures_free: u32,
    /// By network: when the failed log-ins from there, whatever the account, will have drained away.
    drained: Mutex<HashMap<u64, Time>>,
    /// How long one of them takes to drain.
    drain: Span,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    until: Time,
}

impl Rates {
    /// With the limits of the configuration.
    pub fn new(limits: &Limits) -> Self {
        let per_minute = |count: u32| {
            let count = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
            DefaultKeyedRateLimiter::keyed(Quota::per_minute(count))
        };
        Self(Arc::new(Gauges {
            hasher: RandomState::new(),
            clock: DefaultClock::default(),
            addresses: per_minute(limits.requests_per_minute),
            visits: per_minute(limits.visits_per_minute),
            workgroups: per_minute(limits.workgroup_visits_per_minute),
            messages: per_minute(limits.messages_per_minute),
            failures: Mutex::default(),
            failures_free: limits.login_failures,
            drained: Mutex::default(),
            drain: Span(WAIT_MAX.0 / i64::from(limits.login_failures_per_address.max(1))),
        }))
    }

    /// Counts a request from this address.
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn address(&self, address: IpAddr) -> Result<(), u64> {
        self.take(&self.0.addresses, self.key(&network(address)))
    }

    /// Counts an opened visit, or a message that was left, from this address at this workgroup.
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn visit(&self, address: IpAddr, workgroup: &str) -> Result<(), u64> {
        self.take(&self.0.visits, self.key(&network(address)))?;
        self.take(&self.0.workgroups, self.key(workgroup))
    }

    /// Counts a visit that a program opens at this workgroup: behind its address may be everybody.
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn visit_by_program(&self, workgroup: &str) -> Result<(), u64> {
        self.take(&self.0.workgroups, self.key(workgroup))
    }

    /// Counts a message, correction or file from one visitor (any number that tells visitors apart).
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn message(&self, visitor: u64) -> Result<(), u64> {
        self.take(&self.0.messages, visitor)
    }

    /// Whether this account may try to log in from this address now. Whoever looks here must count with
    /// [`Self::login_failed`] before the proof is checked; [`Self::login_attempt`] does both in one step.
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn login(&self, account: &str, address: IpAddr, now: Time) -> Result<(), u64> {
        self.may_log_in(&self.failures(), &self.drained(), account, address, now)
    }

    /// Whether this account may try to log in from this address now; if so, the attempt counts as failed until it succeeds
    /// or is undone, so that attempts at the same time do not all pass.
    ///
    /// # Errors
    /// Seconds to wait.
    pub fn login_attempt(&self, account: &str, address: IpAddr, now: Time) -> Result<(), u64> {
        let (mut failures, mut drained) = (self.failures(), self.drained());
        self.may_log_in(&failures, &drained, account, address, now)?;
        self.count_failure(&mut failures, &mut drained, account, address, now);
        Ok(())
    }

    /// Notes a failed log-in: from the limit on, each doubles the wait.
    pub fn login_failed(&self, account: &str, address: IpAddr, now: Time) {
        self.count_failure(&mut self.failures(), &mut self.drained(), account, address, now);
    }

    /// Forgets failures of this account from this address after a log-in that succeeded, and takes back what the attempt
    /// counted for the address. Other accounts that failed from there stay counted.
    pub fn login_succeeded(&self, account: &str, address: IpAddr) {
        self.failures().remove(&self.key(&(account, network(address))));
        self.take_back(address);
    }

    /// Takes an attempt back whose proof could not be looked at.
    pub fn login_undone(&self, account: &str, address: IpAddr) {
        if let Some(seen) = self.failures().get_mut(&self.key(&(account, network(address)))) {
            seen.count = seen.count.saturating_sub(1);
        }
        self.take_back(address);
    }

    fn may_log_in(
        &self,
        failures: &HashMap<u64, Failures>,
        drained: &HashMap<u64, Time>,
        account: &str,
        address: IpAddr,
        now: Time,
    ) -> Result<(), u64> {
        let wait = |until: Time| u64::try_from(until.since(now).as_secs()).unwrap_or(1).max(1);
        if let Some(seen) = failures.get(&self.key(&(account, network(address))))
            && seen.count >= self.0.failures_free
            && now < seen.until
        {
            return Err(wait(seen.until));
        }
        match drained.get(&self.key(&network(address))) {
            Some(at) if *at + self.0.drain > now + WAIT_MAX => Err(wait(*at + self.0.drain - WAIT_MAX)),
            _ => Ok(()),
        }
    }

    fn count_failure(
        &self,
        failures: &mut HashMap<u64, Failures>,
        drained: &mut HashMap<u64, Time>,
        account: &str,
        address: IpAddr,
        now: Time,
    ) {
        let key = self.key(&(account, network(address)));
        make_place(failures, key, |seen| now < seen.until);
        let seen = failures.entry(key).or_insert(Failures { count: 0, until: now });
        if now.since(seen.until) > WAIT_MAX {
            seen.count = 0;
        }
        seen.count = seen.count.saturating_add(1);
        let doublings = seen.count.saturating_sub(self.0.failures_free).min(10);
        seen.until = now + Span::secs(1 << doublings).min(WAIT_MAX);

        let key = self.key(&network(address));
        make_place(drained, key, |at| now < *at);
        let at = drained.entry(key).or_insert(now);
        *at = (*at).max(now) + self.0.drain;
    }

    fn take_back(&self, address: IpAddr) {
        if let Some(at) = self.drained().get_mut(&self.key(&network(address))) {
            *at = *at - self.0.drain;
        }
    }

    /// Drops what is idle. Called on a timer.
    pub fn prune(&self, now: Time) {
        for limiter in [&self.0.addresses, &self.0.visits, &self.0.workgroups, &self.0.messages] {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        self.failures().retain(|_, seen| now.since(seen.until) <= WAIT_MAX);
        self.drained().retain(|_, at| now < *at);
    }

    fn take(&self, limiter: &DefaultKeyedRateLimiter<u64>, key: u64) -> Result<(), u64> {
        if limiter.len() > BUCKETS_MAX {
            limiter.retain_recent();
        }
        limiter.check_key(&key).map_err(|not_until| not_until.wait_time_from(self.0.clock.now()).as_secs() + 1)
    }

    fn key(&self, of: &(impl std::hash::Hash + ?Sized)) -> u64 {
        self.0.hasher.hash_one(of)
    }

    fn failures(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Failures>> {
        self.0.failures.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Locked after `failures`, where both are.
    fn drained(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Time>> {
        self.0.drained.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Makes place for a key. Under a flood of made-up names the oldest memory matters least; any may go.
fn make_place<V>(remembered: &mut HashMap<u64, V>, key: u64, matters: impl Fn(&V) -> bool) {
    if remembered.len() < FAILURES_MAX || remembered.contains_key(&key) {
        return;
    }
    remembered.retain(|_, seen| matters(seen));
    if remembered.len() >= FAILURES_MAX {
        let any = remembered.keys().next().copied();
        any.and_then(|any| remembered.remove(&any));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_does_not_slow_another() {
        let rates = Rates::new(&Limits { visits_per_minute: 3, ..Limits::default() });
        for _ in 0..3 {
            rates.visit(address("192.0.2.1"), "support").unwrap();
        }
        let wait_s = rates.visit(address("192.0.2.1"), "support").unwrap_err();
        assert!((1..=21).contains(&wait_s), "{wait_s}");
        rates.visit(address("192.0.2.2"), "support").unwrap();
        // The addresses of one IPv6 network are one.
        for host in 1..=3 {
            rates.visit(address(&format!("2001:db8::{host}")), "support").unwrap();
        }
        assert!(rates.visit(address("2001:db8::99"), "support").is_err());
    }

    #[test]
    fn failed_log_ins_wait_longer_and_longer() {
        let rates = Rates::new(&Limits { login_failures: 2, ..Limits::default() });
        let here = address("192.0.2.1");
        let mut now = Time::from_secs(1000);
        let mut waits = Vec::new();
        for _ in 0..6 {
            let wait_s = rates.login("anna", here, now).err().unwrap_or(0);
            waits.push(wait_s);
            now = now + Span::secs(i64::try_from(wait_s).unwrap());
            rates.login("anna", here, now).unwrap();
            rates.login_failed("anna", here, now);
        }
        assert_eq!(waits, [0, 0, 1, 2, 4, 8]);
        rates.login("anna", address("192.0.2.9"), now).unwrap();
        rates.login_succeeded("anna", here);
        rates.login("anna", here, now).unwrap();
    }

    #[test]
    fn one_address_cannot_try_many_accounts() {
        let rates = Rates::new(&Limits { login_failures_per_address: 10, ..Limits::default() });
        let here = address("192.0.2.1");
        let now = Time::from_secs(1000);
        let tried = (0..100).filter(|n| rates.login_attempt(&format!("agent{n}"), here, now).is_ok()).count();
        assert_eq!(tried, 10);
        let wait_s = rates.login("anna", here, now).unwrap_err();
        assert!((89..=90).contains(&wait_s), "{wait_s}");
        rates.login("anna", address("192.0.2.2"), now).unwrap();
        // One drains away, and people who succeed use nothing up.
        let now = now + Span::secs(90);
        for _ in 0..100 {
            rates.login_attempt("anna", here, now).unwrap();
            rates.login_succeeded("anna", here);
        }
        rates.login_attempt("agent1", here, now).unwrap();
        assert!(rates.login_attempt("agent2", here, now).is_err());
        rates.login_undone("agent1", here);
        rates.login_attempt("agent2", here, now).unwrap();
    }
}
