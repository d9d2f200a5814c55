//! The crash test: many visitors and agents under load while the server is killed with `kill -9` again and again.
//!
//! Afterwards the server is held to what it acknowledged: nobody is lost, nobody is doubled, the order within a class holds,
//! no acknowledged message is missing. `ANTEROOM_CRASH_KILLS` and `ANTEROOM_CRASH_VISITORS` make it longer.
#![cfg(feature = "crash-test")]
#![expect(clippy::disallowed_methods, reason = "a test of the whole process runs in real time")]

mod load;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use load::audit;
use load::http::Connection;
use load::people::{Dice, Ledger, VisitorPlan, agent, text, visitor};
use load::process::Server;
use tokio::time::sleep;

const AGENTS: usize = 20;
/// The class of a request that no rule says anything of.
const ORDINARY: u64 = 5;
/// The class of the workgroup's rule.
const URGENT: u64 = 7;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again_nobody_is_lost_doubled_or_overtaken() {
    let kills = from_env("ANTEROOM_CRASH_KILLS", 20);
    let visitors = from_env("ANTEROOM_CRASH_VISITORS", 200);
    let mut server = Server::prepare("crash", CONFIG, &desk());
    for number in 0..AGENTS {
        server.account(&format!("agent{number}"), "agent", "correct horse battery");
    }
    server.start();
    server.ready().await;
    let ledger = Arc::new(Ledger::default());
    for number in 0..AGENTS {
        let name = format!("agent{number}");
        tokio::spawn(agent(server.address.clone(), name, "correct horse battery".into(), ledger.clone()));
    }
    let next = Arc::new(AtomicU64::new(0));
    let crowd: Vec<_> = (0..visitors)
        .map(|_| tokio::spawn(keep_coming(server.address.clone(), next.clone(), ledger.clone())))
        .collect();
    let mut dice = Dice::new(4711);
    for kill in 0..kills {
        sleep(Duration::from_millis(600 + dice.below(1_800))).await;
        server.kill();
        sleep(Duration::from_millis(dice.below(300))).await;
        server.start();
        let took = server.ready().await;
        let finished = ledger.chats_finished.load(Ordering::Relaxed);
        println!("kill {:>2}: ready again after {} ms, {finished} visits finished", kill + 1, took.as_millis());
    }
    sleep(Duration::from_secs(3)).await;
    next.store(u64::MAX / 2, Ordering::Relaxed);
    let drained = Instant::now();
    for one in crowd {
        let left = Duration::from_secs(120).saturating_sub(drained.elapsed());
        assert!(
            tokio::time::timeout(left, one).await.is_ok(),
            "visitors are still there after two minutes: {}",
            census(&ledger)
        );
    }
    println!("{}", census(&ledger));
    hold_to_its_word(&server, &ledger).await;
    ledger.stop.store(true, Ordering::Relaxed);
    server.kill();
    let audit = audit::check(&server.data.join("anteroom.db"), &promised(&ledger));
    println!(
        "the log: {} events, {} requests, {} offers, {} still open; by class {:?}, offers with others behind {:?}",
        audit.events, audit.requests, audit.offers, audit.still_open, audit.classes, audit.contested
    );
    assert_eq!(audit.classes.keys().copied().collect::<Vec<_>>(), [ORDINARY, URGENT]);
    for class in [ORDINARY, URGENT] {
        assert!(audit.contested.get(&class).is_some_and(|count| *count > 20), "class {class} was never crowded");
    }
}

/// The class of each visit that was acknowledged, by what its visitor said and the rule below.
fn promised(ledger: &Ledger) -> BTreeMap<u64, u64> {
    let visits = ledger.visits.lock().expect("not poisoned");
    let class = |locale: &str| if locale == "nl" { URGENT } else { ORDINARY };
    visits.iter().map(|it| (it.visit.parse().expect("a number"), class(it.locale))).collect()
}

/// One place in the crowd: as soon as a visitor has left, the next one comes.
async fn keep_coming(address: String, next: Arc<AtomicU64>, ledger: Arc<Ledger>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= u64::MAX / 2 {
            return;
        }
        visitor(
            address.clone(),
            "help".into(),
            number,
            // One in three is of the urgent class, by the workgroup's rule.
            VisitorPlan {
                messages: 2,
                gives_up_one_in: 10,
                locale: if number.is_multiple_of(3) { "nl" } else { "en" },
            },
            ledger.clone(),
        )
        .await;
    }
}

/// Every visit that was answered 201 is known and ended; every acknowledged message has its number and its words.
async fn hold_to_its_word(server: &Server, ledger: &Ledger) {
    let visits = ledger.visits.lock().expect("not poisoned").clone();
    let said = ledger.said.lock().expect("not poisoned").clone();
    let mut connection = Connection::new(&server.address);
    let mut missing = Vec::new();
    for visit in &visits {
        connection.set_header("Authorization", &format!("Bearer {}", visit.token));
        let answer = connection.get("/api/v1/visits/me").await.expect("the server answers");
        if answer.status != 200 || answer.json()["state"] != "ended" {
            missing.push(format!("visit {}: {} {}", visit.visit, answer.status, text(&answer.json()["state"])));
        }
        let transcript =
            connection.get("/api/v1/visits/me/messages?limit=200").await.expect("the server answers").json();
        let kept = transcript["messages"].as_array().cloned().unwrap_or_default();
        for ((_, number), words) in said.range((visit.visit.clone(), 0)..=(visit.visit.clone(), u64::MAX)) {
            if !kept.iter().any(|m| m["number"] == *number && m["text"] == *words) {
                missing.push(format!("visit {}: message {number} `{words}` is not there", visit.visit));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "{} broken promises, the first: {:#?}",
        missing.len(),
        &missing[..missing.len().min(10)]
    );
    let faults = ledger.faults.lock().expect("not poisoned");
    assert!(faults.is_empty(), "{} faults, the first: {:#?}", faults.len(), &faults[..faults.len().min(10)]);
    assert!(visits.len() > 200, "only {} visits: the load was too small to show anything", visits.len());
    println!("kept: {} visits, {} messages", visits.len(), said.len());
}

fn census(ledger: &Ledger) -> String {
    let visits = ledger.visits.lock().expect("not poisoned");
    let open: Vec<_> = visits.iter().filter(|v| !v.finished).map(|v| v.visit.as_str()).take(5).collect();
    format!(
        "{} visits, {} finished, {} messages, {} reconnects, still open {open:?}",
        visits.len(),
        visits.iter().filter(|v| v.finished).count(),
        ledger.said.lock().expect("not poisoned").len(),
        ledger.reconnects.load(Ordering::Relaxed),
    )
}

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Loopback is one address: the limits per address stand out of the way.
const CONFIG: &str = "[limits]\nrequests_per_minute = 1000000\nvisits_per_minute = 1000000\nworkgroup_visits_per_minute = 1000000\nvisits_per_address = 1000000\n\
     messages_per_minute = 100000\n[sessions]\npassword_iterations = 4096\n";

fn desk() -> String {
    let mut desk = String::new();
    for number in 0..AGENTS {
        desk.push_str(&format!("[[agent]]\nname = \"agent{number}\"\ntitle = \"Agent {number}\"\nchats_max = 3\n\n"));
    }
    let members: Vec<_> = (0..AGENTS).map(|number| format!("\"agent{number}\"")).collect();
    desk.push_str(&format!(
        "[[workgroup]]\nname = \"help\"\ntitle = \"Help\"\nzone = \"UTC\"\nhours = {{ always = true }}\n\
         visitor_grace_s = 120\ninvitation_timeout_s = 60\n\
         [[workgroup.rule]]\nwhen = [{{ field = \"locale\", is = [\"nl\"] }}]\npriority = {URGENT}\n\
         [[workgroup.queue]]\nname = \"general\"\ntitle = \"General\"\ndispatch = \"offer\"\noffer_timeout_s = 10\n\
         rejection_memory_s = 5\nmembers = [{}]\n",
        members.join(", ")
    ));
    desk
}
