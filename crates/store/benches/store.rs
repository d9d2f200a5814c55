//! What the SQLite store costs: durable joins and messages per second with 200 at once, start-up with 100,000 waiting.
//! Run with `cargo bench -p store --bench store`; an argument names the directory to write in.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on stops")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use desk::Engine;
use desk::command::{Command, JoinQueue};
use desk::ids::VisitorId;
use desk::limits::Limits;
use house::House;
use store::archive::{Author, SearchQuery};
use store::commit::NewVisit;
use store::sqlite::{Durability, Options, Sqlite, open};
use store::{Archive, Commit, Edges, Personal, Store};

#[path = "../tests/contract/house.rs"]
#[expect(dead_code, reason = "shared with the contract suite, which uses more of it")]
mod house;

const VISITORS: usize = 200;
const WAITING: u64 = 100_000;

fn main() {
    let place = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let place = place.map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::tempdir_in(place).unwrap();
    for (name, durability) in [("power cut", Durability::PowerCut), ("crash", Durability::Crash)] {
        let options = Options { durability, ..Options::default() };
        joins(&dir.path().join(format!("joins {name}.db")), &options, name);
        messages(&dir.path().join(format!("messages {name}.db")), &options, name);
    }
    start(&dir.path().join("start.db"));
}

fn fresh(path: &Path, options: &Options) -> (Arc<Sqlite>, House) {
    let store = Arc::new(open(path, options).unwrap());
    let house = House::open(Arc::clone(&store) as _);
    (store, house)
}

/// Joins of one visitor after the other; the house is asked once, its answers would cost more than what is measured.
struct Joins {
    command: JoinQueue,
    visit: NewVisit,
}

impl Joins {
    fn of(house: &House) -> Self {
        let Command::JoinQueue(command) = house.join_command(0, Some("general")) else { unreachable!("it joins") };
        Self { command: *command, visit: house.visit(0) }
    }

    /// A turn and its words, added to a commit.
    fn join(&self, house: &mut House, visitor: u64, commit: &mut Commit) {
        let visitor = VisitorId(visitor);
        let token_hash = house::hash(&format!("visit {}", visitor.0));
        let visit = NewVisit { visitor, token_hash, key_hash: Some(token_hash), ..self.visit.clone() };
        commit.personal.push((commit.turns.len(), Personal::Visit(Box::new(visit))));
        let command = Command::JoinQueue(Box::new(JoinQueue { visitor, ..self.command.clone() }));
        commit.turns.push(house.engine.turn(house.now, command));
    }
}

/// As the server does it: visitors ask, one loop lets the engine decide and commits what has gathered.
fn joins(path: &Path, options: &Options, name: &str) {
    let (store, mut house) = fresh(path, options);
    let pattern = Joins::of(&house);
    let (ask, asked): (Sender<Sender<()>>, Receiver<Sender<()>>) = channel();
    let rounds = 50;
    let visitors: Vec<_> = (0..VISITORS)
        .map(|_| {
            let ask = ask.clone();
            std::thread::spawn(move || {
                let mut waits = Vec::new();
                for _ in 0..rounds {
                    let (answer, answered) = channel();
                    let begun = Instant::now();
                    ask.send(answer).unwrap();
                    answered.recv().unwrap();
                    waits.push(begun.elapsed());
                }
                waits
            })
        })
        .collect();
    drop(ask);
    let begun = Instant::now();
    let mut joined: u64 = 0;
    while let Ok(first) = asked.recv() {
        let answers: Vec<_> = std::iter::once(first).chain(asked.try_iter().take(255)).collect();
        let mut commit = Commit::default();
        for _ in &answers {
            joined += 1;
            pattern.join(&mut house, joined, &mut commit);
        }
        store.commit(commit).wait().unwrap();
        answers.into_iter().for_each(|answer| answer.send(()).unwrap());
    }
    let took = begun.elapsed();
    let mut waits: Vec<Duration> = visitors.into_iter().flat_map(|visitor| visitor.join().unwrap()).collect();
    report(&format!("joins, survive a {name}"), joined, took, &mut waits, &store);
}

fn messages(path: &Path, options: &Options, name: &str) {
    let (store, mut house) = fresh(path, options);
    let chats: Vec<_> = (0..VISITORS as u64).map(|visitor| house.join(visitor, None)).collect();
    let begun = Instant::now();
    let speakers: Vec<_> = chats
        .into_iter()
        .map(|chat| {
            let store = Arc::clone(&store);
            let like = house.text(chat, Author::Visitor, "", "An ordinary sentence, as people write it in a chat.");
            std::thread::spawn(move || {
                let mut waits = Vec::new();
                for number in 0..50 {
                    let begun = Instant::now();
                    let message = store::archive::NewMessage { client_id: format!("m{number}"), ..like.clone() };
                    store.append(message).wait().unwrap();
                    waits.push(begun.elapsed());
                }
                waits
            })
        })
        .collect();
    let mut waits: Vec<Duration> = speakers.into_iter().flat_map(|speaker| speaker.join().unwrap()).collect();
    report(&format!("messages, survive a {name}"), waits.len() as u64, begun.elapsed(), &mut waits, &store);
    let begun = Instant::now();
    let query = SearchQuery { text: "ordinary sent".to_owned(), limit: 50, ..SearchQuery::default() };
    let hits = store.search(query).wait().unwrap().hits.len();
    println!("search among {} messages: {hits} hits in {:?}", waits.len(), begun.elapsed());
}

fn report(what: &str, count: u64, took: Duration, waits: &mut [Duration], store: &Sqlite) {
    waits.sort_unstable();
    let at = |part: usize| waits[(waits.len() - 1) * part / 100];
    let status = store.status().wait().unwrap();
    println!(
        "{what}: {:.0}/s with {VISITORS} at once, p50 {:?}, p99 {:?}, {} jobs in {} transactions",
        count as f64 / took.as_secs_f64(),
        at(50),
        at(99),
        status.jobs,
        status.transactions
    );
}

fn start(path: &Path) {
    let options = Options { durability: Durability::Crash, ..Options::default() };
    let (store, mut house) = fresh(path, &options);
    let pattern = Joins::of(&house);
    let begun = Instant::now();
    for group in 0..WAITING / 1000 {
        let mut commit = Commit::default();
        for place in 0..1000 {
            pattern.join(&mut house, group * 1000 + place, &mut commit);
        }
        store.commit(commit).wait().unwrap();
    }
    println!("{WAITING} joins in groups of 1000: {:?}", begun.elapsed());
    store.close();
    let begun = Instant::now();
    let store = open(path, &options).unwrap();
    let opened = begun.elapsed();
    let records = store.load().wait().unwrap();
    let loaded = begun.elapsed() - opened;
    let count = records.len();
    let engine = Engine::restore(records, Limits::default()).unwrap();
    let restored = begun.elapsed() - opened - loaded;
    let visits = store.open_visits().wait().unwrap().len();
    let total = begun.elapsed();
    println!(
        "start with {count} records, {visits} open visits: open {opened:?}, load {loaded:?}, restore {restored:?}, \
         visits {:?}, together {total:?}",
        total - opened - loaded - restored
    );
    assert_eq!(engine.state(), house.engine.state());
    let status = store.status().wait().unwrap();
    println!("database: {} bytes, {} per waiting request", status.bytes, status.bytes / WAITING);
}
