//! The counters of `/metrics` and how they are written. Who counts, stands elsewhere; labels have few values, never names
//! of people or paths as they came.

use std::sync::{Arc, Mutex};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// Every counter. Clones share them.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Meters>);

impl std::ops::Deref for Metrics {
    type Target = Meters;
    fn deref(&self) -> &Meters {
        &self.0
    }
}

/// The counters by subject.
#[derive(Debug)]
pub struct Meters {
    registry: Mutex<Registry>,
    /// Requests answered.
    pub requests: Family<RequestLabels, Counter>,
    /// How long they took, streams excepted.
    pub request_s: Histogram,
    /// Requests turned away before a handler saw them.
    pub turned_away: Family<Reason, Counter>,
    /// Open connections.
    pub connections: Gauge,
    /// Open streams.
    pub streams: Family<Kind, Gauge>,
    /// Streams that went on where they had stopped, and those that needed a snapshot.
    pub streams_resumed: Family<Reason, Counter>,
    /// Streams cut.
    pub streams_cut: Family<Reason, Counter>,
    /// Commands that the desk carried out.
    pub commands: Counter,
    /// Commands that the desk refused, by code.
    pub refusals: Family<Reason, Counter>,
    /// Turns per commit.
    pub commit_turns: Histogram,
    /// How long commits took.
    pub commit_s: Histogram,
    /// What the store holds: `bytes`, `free_bytes`, `events`, `chats`, `messages`, `outbox`.
    pub store: Family<Kind, Gauge>,
    /// Log-ins by result.
    pub logins: Family<Reason, Counter>,
    /// Webhooks and mails by result.
    pub deliveries: Family<Reason, Counter>,
    /// Violations of an invariant found; must read 0.
    pub invariant_breaches: Counter,
    /// Rounds of the invariant check.
    pub invariant_checks: Counter,
    /// What the desk holds: `waiting`, `chats`, `agents_signed_in`, `offers`, `requests`.
    pub desk: Family<Kind, Gauge>,
    /// Open XMPP connections by transport.
    pub xmpp_connections: Family<Kind, Gauge>,
    /// XMPP connections that were closed at once, because there were too many.
    pub xmpp_turned_away: Counter,
    /// Sessions of XMPP clients, those that wait to be resumed among them.
    pub xmpp_sessions: Gauge,
    /// Stanzas of XMPP clients.
    pub xmpp_stanzas: Counter,
    /// Who waits per queue.
    pub waiting: Family<QueueLabel, Gauge>,
}

/// Method, path template and status class of a request.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct RequestLabels {
    /// `GET`, …
    pub method: &'static str,
    /// The path's template.
    pub route: String,
    /// The status.
    pub status: u16,
}

/// Why.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct Reason {
    /// A stable word.
    pub reason: &'static str,
}

/// Of what.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct Kind {
    /// A stable word.
    pub kind: &'static str,
}

/// Which queue.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct QueueLabel {
    /// `workgroup/queue`.
    pub queue: String,
}

/// Shorthand for a label of one stable word.
pub fn reason(reason: &'static str) -> Reason {
    Reason { reason }
}

/// Shorthand for a label of one stable word.
pub fn kind(kind: &'static str) -> Kind {
    Kind { kind }
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        let latency = || Histogram::new(exponential_buckets(0.0005, 2.0, 16));
        let mut meters = Meters {
            registry: Mutex::new(Registry::default()),
            requests: Family::default(),
            request_s: latency(),
            turned_away: Family::default(),
            connections: Gauge::default(),
            streams: Family::default(),
            streams_resumed: Family::default(),
            streams_cut: Family::default(),
            commands: Counter::default(),
            refusals: Family::default(),
            commit_turns: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            commit_s: latency(),
            store: Family::default(),
            logins: Family::default(),
            deliveries: Family::default(),
            invariant_breaches: Counter::default(),
            invariant_checks: Counter::default(),
            desk: Family::default(),
            xmpp_connections: Family::default(),
            xmpp_turned_away: Counter::default(),
            xmpp_sessions: Gauge::default(),
            xmpp_stanzas: Counter::default(),
            waiting: Family::default(),
        };
        meters.registry = Mutex::new(registry_of(&meters));
        Self(Arc::new(meters))
    }

    /// The exposition in the OpenMetrics text format.
    pub fn exposition(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Writing into a string does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &registry);
        text
    }
}

fn registry_of(meters: &Meters) -> Registry {
    let mut registry = Registry::with_prefix("anteroom");
    let r = &mut registry;
    r.register("http_requests", "Requests answered", meters.requests.clone());
    r.register_with_unit("http_request", "Time to answer, streams excepted", Unit::Seconds, meters.request_s.clone());
    r.register("http_turned_away", "Requests turned away before a handler", meters.turned_away.clone());
    r.register("http_connections", "Open connections", meters.connections.clone());
    r.register("streams", "Open event streams", meters.streams.clone());
    r.register("streams_resumed", "Streams resumed or begun with a snapshot", meters.streams_resumed.clone());
    r.register("streams_cut", "Streams cut by the server", meters.streams_cut.clone());
    r.register("desk_commands", "Commands carried out", meters.commands.clone());
    r.register("desk_refusals", "Commands refused", meters.refusals.clone());
    r.register("store_commit_turns", "Turns per commit", meters.commit_turns.clone());
    r.register_with_unit("store_commit", "Time of a commit", Unit::Seconds, meters.commit_s.clone());
    r.register("store", "What the store holds", meters.store.clone());
    r.register("logins", "Log-ins by result", meters.logins.clone());
    r.register("deliveries", "Webhooks and mails by result", meters.deliveries.clone());
    r.register("invariant_breaches", "Invariants found broken; must read 0", meters.invariant_breaches.clone());
    r.register("invariant_checks", "Rounds of the invariant check", meters.invariant_checks.clone());
    r.register("desk", "What the desk holds", meters.desk.clone());
    r.register("desk_waiting", "Who waits, per queue", meters.waiting.clone());
    r.register("xmpp_connections", "Open XMPP connections", meters.xmpp_connections.clone());
    r.register("xmpp_turned_away", "XMPP connections closed at once", meters.xmpp_turned_away.clone());
    r.register("xmpp_sessions", "Sessions of XMPP clients", meters.xmpp_sessions.clone());
    r.register("xmpp_stanzas", "Stanzas of XMPP clients", meters.xmpp_stanzas.clone());
    registry
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_written() {
        let metrics = Metrics::new();
        metrics.refusals.get_or_create(&reason("offer_gone")).inc();
        metrics.clone().commit_s.observe(0.003);
        let text = metrics.exposition();
        assert!(text.contains("anteroom_desk_refusals_total{reason=\"offer_gone\"} 1"), "{text}");
        assert!(text.contains("anteroom_store_commit_seconds_count 1"), "{text}");
        assert!(text.contains("anteroom_invariant_breaches_total 0"), "{text}");
        assert!(text.ends_with("# EOF\n"));
    }
}
