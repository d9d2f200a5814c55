//! Work that is nobody's request: checking the invariants, reading gauges, forgetting what is old. Each on its own timer, in
//! small portions, and never in the way of anybody.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use desk::event::Doors;
use desk::ids::WorkgroupId;
use desk::time::Span;
use store::archive::RetentionRule;

use crate::app::App;
use crate::clock::Stopwatch;
use crate::declaration::edge::Retention;
use crate::metrics::{QueueLabel, kind, reason};
use crate::strays;

/// Invariants are checked this often at most, and take at most one part in so many of the time.
const CHECK_EVERY: Duration = Duration::from_secs(60);
const CHECK_SHARE: u32 = 200;
const GAUGES_EVERY: Duration = Duration::from_secs(5);
/// Counting the rows of a large database takes a reader for a while.
const MEASURE_EVERY: Duration = Duration::from_secs(300);
const PRUNE_EVERY: Duration = Duration::from_secs(60);
const FORGET_EVERY: Duration = Duration::from_secs(600);
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);
/// Rows forgotten at a time, so that the writer is never busy for long.
const FORGET_AT_ONCE: usize = 500;
/// Arrived and dead notices are kept this long.
const DELIVERIES_KEPT: Span = Span::secs(30 * 86_400);

/// The store's document with the rules of every workgroup that there ever was, by its number.
const RETENTION_DOCUMENT: &str = "upkeep.retention";

/// Starts all of it; it ends with the server.
pub fn start(app: &App) {
    let spawn = |app: App, work: fn(App) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
        tokio::spawn(async move {
            let stopping = app.shutdown.clone();
            tokio::select! {
                () = work(app) => {}
                () = stopping.begun() => {}
            }
        });
    };
    spawn(app.clone(), |app| Box::pin(check_invariants(app)));
    spawn(app.clone(), |app| Box::pin(read_gauges(app)));
    spawn(app.clone(), |app| Box::pin(measure_store(app)));
    spawn(app.clone(), |app| Box::pin(prune(app)));
    spawn(app.clone(), |app| Box::pin(forget(app)));
    spawn(app.clone(), |app| Box::pin(sweep(app)));
}

/// A copy of the state is checked on a thread of its own: the loop only waits for the copying.
async fn check_invariants(app: App) {
    let mut pause = CHECK_EVERY;
    loop {
        tokio::time::sleep(pause).await;
        let watch = Stopwatch::start();
        let Ok(state) = app.desk.view(|state, _| state.clone()).await else { return };
        let Ok(faults) = tokio::task::spawn_blocking(move || state.check()).await else { return };
        app.metrics.invariant_checks.inc();
        app.metrics.invariant_breaches.inc_by(faults.len() as u64);
        for fault in faults.iter().take(20) {
            tracing::error!(fault, "an invariant is broken; please report this");
        }
        pause = CHECK_EVERY.max(watch.elapsed() * CHECK_SHARE);
    }
}

async fn read_gauges(app: App) {
    loop {
        let looked = app.desk.view(|state, _| {
            let waiting: Vec<_> = state
                .workgroups()
                .flat_map(|workgroup| {
                    state.queues_of(workgroup.id).map(|queue| {
                        let name = format!("{}/{}", workgroup.spec.name, queue.spec.name);
                        (name, state.waiting_count(queue.id))
                    })
                })
                .collect();
            let requests = state.requests().count();
            let chats = state.rooms().filter(|room| room.request.is_some()).count();
            let signed_in = state.agents().filter(|agent| agent.session.is_some()).count();
            let open = state.workgroups().filter(|workgroup| workgroup.doors == Doors::Open).count();
            (waiting, [requests, chats, signed_in, state.offers().count(), open])
        });
        let Ok((waiting, counts)) = looked.await else { return };
        let names = ["requests", "chats", "agents_signed_in", "offers", "workgroups_open"];
        for (name, count) in names.into_iter().zip(counts) {
            app.metrics.desk.get_or_create(&kind(name)).set(gauge(count));
        }
        app.metrics.waiting.clear();
        for (queue, count) in waiting {
            app.metrics.waiting.get_or_create(&QueueLabel { queue }).set(gauge(count));
        }
        let (visits, staff, streams) = app.directory.counts();
        let sessions = [("visit_sessions", visits), ("staff_sessions", staff), ("all", streams)];
        for (name, count) in sessions {
            app.metrics.streams.get_or_create(&kind(name)).set(gauge(count));
        }
        count_streams(&app);
        app.metrics.desk.get_or_create(&kind("backlog")).set(gauge(app.desk.backlog()));
        tokio::time::sleep(GAUGES_EVERY).await;
    }
}

/// Brings the counters up to the directory's tallies.
fn count_streams(app: &App) {
    let tallies = app.directory.tallies();
    let (resumed, cut) = (&app.metrics.streams_resumed, &app.metrics.streams_cut);
    let counters = [
        (resumed, "resumed", &tallies.resumed),
        (resumed, "snapshot", &tallies.snapshots),
        (cut, "slow", &tallies.cut_slow),
    ];
    for (family, word, tally) in counters {
        let counter = family.get_or_create(&reason(word));
        counter.inc_by(tally.load(Ordering::Relaxed).saturating_sub(counter.get()));
    }
}

async fn measure_store(app: App) {
    loop {
        if let Ok(status) = app.store.status().await {
            let sizes = [
                ("bytes", status.bytes),
                ("free_bytes", status.free_bytes),
                ("events", status.events),
                ("chats", status.chats),
                ("messages", status.messages),
                ("outbox", status.outbox),
            ];
            for (name, size) in sizes {
                app.metrics.store.get_or_create(&kind(name)).set(i64::try_from(size).unwrap_or(i64::MAX));
            }
        }
        tokio::time::sleep(MEASURE_EVERY).await;
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

async fn prune(app: App) {
    loop {
        tokio::time::sleep(PRUNE_EVERY).await;
        app.rates.prune(app.clock.now());
    }
}

/// Deletes files that no conversation has: once at the start, for what a killed server left, and then now and again.
async fn sweep(app: App) {
    loop {
        match strays::sweep(&app).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "files that belong to no conversation were deleted"),
            Err(error) => tracing::warn!(%error, "files that belong to no conversation were not all deleted"),
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

/// Forgets what is older than the configuration and the workgroups say.
async fn forget(app: App) {
    loop {
        if let Err(error) = forget_once(&app).await {
            tracing::warn!(%error, hint = error.hint(), "what is old was not forgotten; it will be tried again");
        }
        tokio::time::sleep(FORGET_EVERY).await;
    }
}

async fn forget_once(app: &App) -> Result<(), store::StoreError> {
    let now = app.clock.now();
    let days = |count: u32| Span::secs(i64::from(count) * 86_400);
    app.store.drop_expired(now).await?;
    app.store.prune_deliveries(now - DELIVERIES_KEPT).await?;
    let before = now - days(app.config.retention.events_days);
    while app.store.prune_events(before, FORGET_AT_ONCE).await? >= FORGET_AT_ONCE as u64 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    app.store.prune_audit(now - days(app.config.retention.audit_days)).await?;
    let rules: Vec<_> = retention(app)
        .await?
        .into_iter()
        .map(|(workgroup, kept)| RetentionRule {
            workgroup: WorkgroupId(workgroup),
            transcripts: Some(days(kept.transcripts_days)),
            addresses: Some(days(kept.addresses_days)),
            files: Some(days(kept.files_days)),
        })
        .collect();
    loop {
        let retained = app.store.retain(now, rules.clone(), FORGET_AT_ONCE).await?;
        for path in &retained.erased.paths {
            if let Err(error) = app.rooms.files().delete(path).await {
                tracing::warn!(%error, path, "a file that was forgotten is still on the disk; it will be tried again");
            }
        }
        if !retained.more {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The rules of every workgroup: what was said at one that was removed since is still forgotten by its last rules.
async fn retention(app: &App) -> Result<BTreeMap<u64, Retention>, store::StoreError> {
    let kept = app.store.document(RETENTION_DOCUMENT).await?;
    let kept: BTreeMap<u64, Retention> =
        kept.and_then(|document| serde_json::from_str(&document.body).ok()).unwrap_or_default();
    let mut rules = kept.clone();
    rules.extend(app.roster.entrances().iter().map(|entrance| (entrance.id.0, entrance.settings.retention.clone())));
    if rules != kept {
        let body = serde_json::to_string(&rules).map_err(|error| store::StoreError::Io(error.to_string()))?;
        app.store.set_document(RETENTION_DOCUMENT, body, None, app.clock.now()).await?;
    }
    Ok(rules)
}
