//! `cargo xtask bench server`: what the whole server costs, as a process, over real sockets. Each figure stands beside
//! something simpler measured in the same run, so that it can be read on any machine.
//!
//! `ANTEROOM_BENCH=joins,offers,memory,startup` chooses parts; `ANTEROOM_BENCH_SCALE=0.1` makes them smaller.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![allow(clippy::print_stdout, reason = "a benchmark reports")]

#[path = "../tests/load/mod.rs"]
mod load;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use load::http::{Connection, EventStream};
use load::people::text;
use load::process::Server;
use serde_json::json;
use tokio::time::{sleep, timeout};

const CONFIG: &str = "[limits]\nrequests_per_minute = 10000000\nvisits_per_minute = 10000000\n\
    workgroup_visits_per_minute = 10000000\nvisits_per_address = 1000000\nmessages_per_minute = 100000\nstream_ring = 512\n\
    [sessions]\npassword_iterations = 4096\n[log]\nlevel = \"warn\"\n";
const PASSWORD: &str = "correct horse battery";

/// A part of the benchmark, ready to be run.
type Part = fn() -> std::pin::Pin<Box<dyn Future<Output = ()>>>;

fn main() {
    let chosen = std::env::var("ANTEROOM_BENCH").unwrap_or_default();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let parts: [(&str, Part); 4] = [
        ("joins", || Box::pin(joins())),
        ("offers", || Box::pin(offers())),
        ("memory", || Box::pin(memory())),
        ("startup", || Box::pin(startup())),
    ];
    for (name, part) in parts {
        if chosen.is_empty() || chosen.split(',').any(|one| one == name) {
            println!("\n── {name} ──");
            runtime.block_on(part());
        }
    }
}

/// Durable joins per second with 200 concurrent visitors, beside bare commits and bare requests.
async fn joins() {
    let mut server = started("bench-joins", 0).await;
    let commits = bare_commits(&server.data);
    let count = Arc::new(AtomicU64::new(0));
    let seconds = scaled(10).max(2);
    let requests = crowd(200, seconds, &count, &server.address, |mut connection, _| async move {
        let ok = connection.get("/healthz").await.is_ok_and(|r| r.status == 200);
        (connection, ok)
    })
    .await;
    let joins = crowd(200, seconds, &count, &server.address, |mut connection, number| async move {
        let ok = connection.post("/api/v1/visits", &opening(number)).await.is_ok_and(|r| r.status == 201);
        (connection, ok)
    })
    .await;
    println!("bare SQLite commits, one row each, synced      {commits:>9.0} /s");
    println!("GET /healthz, 200 connections                  {requests:>9.0} /s");
    println!("durable joins, 200 concurrent visitors         {joins:>9.0} /s");
    println!("joins per bare commit {:.2}; joins per bare request {:.3}", joins / commits, joins / requests);
    server.kill();
}

/// Time from sending a join to the offer on the agent's stream, at a stated rate, beside a bare request.
async fn offers() {
    const AGENTS: usize = 50;
    let rate = 100_u64;
    let mut server = started("bench-offers", AGENTS).await;
    let sent: Arc<Mutex<BTreeMap<String, Instant>>> = Arc::default();
    let waits: Arc<Mutex<Vec<Duration>>> = Arc::default();
    for number in 0..AGENTS {
        tokio::spawn(quick_agent(server.address.clone(), format!("agent{number}"), sent.clone(), waits.clone()));
    }
    sleep(Duration::from_secs(3)).await;
    let mut bare = Vec::new();
    let mut connection = Connection::new(&server.address);
    for _ in 0..500 {
        let began = Instant::now();
        connection.get("/healthz").await.expect("it answers");
        bare.push(began.elapsed());
    }
    let total = rate * scaled(20).max(3);
    let began = Instant::now();
    for number in 0..total {
        let due = Duration::from_micros(number * 1_000_000 / rate);
        sleep(due.saturating_sub(began.elapsed())).await;
        let (address, sent) = (server.address.clone(), sent.clone());
        tokio::spawn(async move {
            let mut connection = Connection::new(&address);
            let body = opening(number);
            sent.lock().expect("not poisoned").insert(text(&body["name"]), Instant::now());
            let Ok(answer) = connection.post("/api/v1/visits", &body).await else { return };
            let token = text(&answer.json()["token"]);
            let headers = vec![("Authorization".to_owned(), format!("Bearer {token}"))];
            if let Ok(mut stream) = EventStream::open(&address, "/api/v1/visits/me/events", &headers, None).await {
                while let Ok(Ok(Some(event))) = timeout(Duration::from_secs(30), stream.next()).await {
                    if event.data["state"] == "ended" {
                        return;
                    }
                }
            }
        });
    }
    sleep(Duration::from_secs(5)).await;
    let mut waits = std::mem::take(&mut *waits.lock().expect("not poisoned"));
    println!("{} offers of {total} joins at {rate} a second, {AGENTS} agents", waits.len());
    println!(
        "bare request           p50 {:>7.2} ms   p99 {:>7.2} ms",
        quantile(&mut bare, 50),
        quantile(&mut bare, 99)
    );
    println!(
        "join → offer           p50 {:>7.2} ms   p99 {:>7.2} ms",
        quantile(&mut waits, 50),
        quantile(&mut waits, 99)
    );
    server.kill();
}

/// Memory per connected waiting visitor with 10,000 of them.
async fn memory() {
    let people = scaled(10_000);
    let mut server = started("bench-memory", 0).await;
    let before = resident_kb(server.id());
    let streams = Arc::new(Mutex::new(Vec::new()));
    let next = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (address, streams, next) = (server.address.clone(), streams.clone(), next.clone());
            tokio::spawn(async move {
                let mut connection = Connection::new(&address);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= people {
                        return;
                    }
                    let answer = connection.post("/api/v1/visits", &opening(number)).await.expect("a join");
                    let token = text(&answer.json()["token"]);
                    let headers = vec![("Authorization".to_owned(), format!("Bearer {token}"))];
                    let mut stream = EventStream::open(&address, "/api/v1/visits/me/events", &headers, None)
                        .await
                        .expect("a stream");
                    let _ = stream.next().await;
                    streams.lock().expect("not poisoned").push(stream);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("everybody is in");
    }
    sleep(Duration::from_secs(10)).await;
    let after = resident_kb(server.id());
    let held = streams.lock().expect("not poisoned").len() as u64;
    println!("{held} visitors wait, each with an open stream");
    println!(
        "resident before {before} kB, after {after} kB: {:.1} kB a visitor",
        (after - before) as f64 / held as f64
    );
    server.kill();
}

/// Time from the start of the process until it takes requests, with 100,000 waiting, beside an empty desk.
async fn startup() {
    let people = scaled(100_000);
    let mut server = started("bench-startup", 0).await;
    let count = Arc::new(AtomicU64::new(0));
    let next = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    while count.load(Ordering::Relaxed) < people {
        assert!(began.elapsed() < Duration::from_secs(900), "joining takes too long");
        let left = people - count.load(Ordering::Relaxed);
        let tasks: Vec<_> = (0..200)
            .map(|_| {
                let (address, next, count) = (server.address.clone(), next.clone(), count.clone());
                tokio::spawn(async move {
                    let mut connection = Connection::new(&address);
                    for _ in 0..left.div_ceil(200) {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if connection.post("/api/v1/visits", &opening(number)).await.is_ok_and(|r| r.status == 201) {
                            count.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("it joins");
        }
    }
    println!("{} joined in {:.1} s", count.load(Ordering::Relaxed), began.elapsed().as_secs_f64());
    let mut empty = started("bench-startup-empty", 0).await;
    empty.kill();
    server.kill();
    let (mut full_ms, mut empty_ms) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        server.start();
        full_ms.push(server.ready().await);
        server.kill();
        empty.start();
        empty_ms.push(empty.ready().await);
        empty.kill();
    }
    let (full, none) = (quantile(&mut full_ms, 50), quantile(&mut empty_ms, 50));
    println!("killed and started again, median of 3: {full:.0} ms with {people} waiting, {none:.0} ms with nobody");
}

async fn started(name: &str, agents: usize) -> Server {
    let mut server = Server::prepare(name, CONFIG, &desk(agents));
    for number in 0..agents {
        server.account(&format!("agent{number}"), "agent", PASSWORD);
    }
    server.start();
    server.ready().await;
    server
}

fn desk(agents: usize) -> String {
    let names: Vec<_> = (0..agents).map(|number| format!("\"agent{number}\"")).collect();
    let mut desk = String::new();
    for name in &names {
        desk.push_str(&format!("[[agent]]\nname = {name}\ntitle = {name}\nchats_max = 5\n"));
    }
    desk.push_str(&format!(
        "[[workgroup]]\nname = \"help\"\ntitle = \"Help\"\nzone = \"UTC\"\nhours = {{ always = true }}\nwaiting_max = 1000000\n\
         [[workgroup.queue]]\nname = \"general\"\ntitle = \"General\"\ndispatch = \"offer\"\nwaiting_max = 1000000\nmembers = [{}]\n",
        names.join(", ")
    ));
    desk
}

fn opening(number: u64) -> serde_json::Value {
    json!({"workgroup": "help", "locale": "en", "answers": {}, "name": format!("Visitor {number}"),
           "key": format!("10000000-0000-4000-8000-{number:012x}")})
}

/// Runs `people` loops of `one` for so long and gives how many succeeded a second.
async fn crowd<F, W>(people: usize, seconds: u64, numbers: &Arc<AtomicU64>, address: &str, one: F) -> f64
where
    F: Fn(Connection, u64) -> W + Copy + Send + 'static,
    W: Future<Output = (Connection, bool)> + Send,
{
    let until = Instant::now() + Duration::from_secs(seconds);
    let tasks: Vec<_> = (0..people)
        .map(|_| {
            let (numbers, mut connection) = (numbers.clone(), Connection::new(address));
            tokio::spawn(async move {
                let mut done = 0_u64;
                while Instant::now() < until {
                    let (kept, ok) = one(connection, numbers.fetch_add(1, Ordering::Relaxed)).await;
                    connection = kept;
                    done += u64::from(ok);
                }
                done
            })
        })
        .collect();
    let mut total = 0;
    for task in tasks {
        total += task.await.expect("it runs");
    }
    total as f64 / seconds as f64
}

/// An agent who accepts at once and closes at once.
async fn quick_agent(
    address: String,
    name: String,
    sent: Arc<Mutex<BTreeMap<String, Instant>>>,
    waits: Arc<Mutex<Vec<Duration>>>,
) {
    let mut connection = Connection::new(&address);
    let answer =
        connection.post("/api/v1/session", &json!({"username": name, "password": PASSWORD})).await.expect("a log-in");
    let cookie = answer.headers.get("set-cookie").cloned().unwrap_or_default();
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    connection.set_header("Cookie", &cookie);
    connection.set_header("X-CSRF-Token", &text(&answer.json()["csrf"]));
    let headers = vec![("Cookie".to_owned(), cookie)];
    let mut stream = EventStream::open(&address, "/api/v1/agent/events", &headers, None).await.expect("a stream");
    while let Ok(Some(event)) = stream.next().await {
        match event.event.as_str() {
            "snapshot" => {
                let _ = connection.send("PUT", "/api/v1/agent/availability", Some(&json!({"show": "available"}))).await;
            }
            "offer" => {
                let now = Instant::now();
                let visitor = text(&event.data["waiting"]["visitor"]["title"]);
                if let Some(began) = sent.lock().expect("not poisoned").remove(&visitor) {
                    waits.lock().expect("not poisoned").push(now - began);
                }
                let path = format!("/api/v1/agent/offers/{}/accept", text(&event.data["offer"]));
                if let Ok(answer) = connection.post(&path, &json!({})).await {
                    let path = format!("/api/v1/agent/chats/{}/close", text(&answer.json()["chat"]));
                    let _ = connection.post(&path, &json!({})).await;
                }
            }
            _ => {}
        }
    }
}

/// Synced commits of one row each on the same disk.
fn bare_commits(directory: &Path) -> f64 {
    let db = rusqlite::Connection::open(directory.join("bare.db")).expect("a database");
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT);",
    )
    .expect("a table");
    let began = Instant::now();
    let mut done = 0_u64;
    while began.elapsed() < Duration::from_secs(2) {
        db.execute("INSERT INTO t (body) VALUES (?1)", ["x".repeat(300)]).expect("a row");
        done += 1;
    }
    done as f64 / began.elapsed().as_secs_f64()
}

fn resident_kb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// A quantile in milliseconds.
fn quantile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    times.get((times.len().saturating_sub(1)) * percent / 100).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}

fn scaled(number: u64) -> u64 {
    let scale: f64 = std::env::var("ANTEROOM_BENCH_SCALE").ok().and_then(|s| s.parse().ok()).unwrap_or(1.0);
    (number as f64 * scale) as u64
}
