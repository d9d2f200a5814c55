//! A process that commits in a loop and is killed: everything that it had acknowledged is there, whole.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use desk::Reply;
use store::archive::{Author, Range};
use store::sqlite::{Options, open};
use store::{Archive, Edges, Store};

use crate::house::House;

const PLACE: &str = "STORE_TEST_COMMITS_UNTIL_KILLED";

/// Not a test of its own: the process that is killed. It prints each request only after its commit.
#[test]
fn the_child_that_is_killed() {
    let Ok(path) = std::env::var(PLACE) else { return };
    let store = Arc::new(open(Path::new(&path), &Options::default()).unwrap());
    let mut house = House::open(Arc::clone(&store) as _);
    let first = house.engine.state().all_records().len() as u64 * 1_000_000;
    let mut out = std::io::stdout();
    for visitor in first.. {
        let visit = store::Personal::Visit(Box::new(house.visit(visitor)));
        let turn = house.ask_with(house.join_command(visitor, None), vec![visit]);
        let Ok(Reply::Queued(request)) = turn.outcome else { panic!("not queued: {:?}", turn.outcome) };
        let said = store.append(house.text(request, Author::Visitor, "m1", "acknowledged")).wait().unwrap();
        writeln!(out, "\nstored {} {}", request.0, said.number).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn everything_acknowledged_survives_a_kill() {
    for round in 1..=5_usize {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("desk.db");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["killed::the_child_that_is_killed", "--exact", "--nocapture"])
            .env(PLACE, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut acknowledged = BTreeSet::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while acknowledged.len() < round * 15 {
            let line = lines.next().expect("the child goes on until it is killed").unwrap();
            acknowledged.extend(request(&line));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it had printed before the kill and nobody had read yet was acknowledged too.
        acknowledged.extend(lines.map_while(Result::ok).filter_map(|line| request(&line)));

        let store = open(&path, &Options::default()).unwrap();
        assert_eq!(store.check().wait().unwrap(), Vec::<String>::new());
        let engine = desk::Engine::restore(store.load().wait().unwrap(), Default::default()).unwrap();
        assert_eq!(engine.state().check(), Vec::<String>::new());
        let open: BTreeSet<u64> = store.open_visits().wait().unwrap().iter().map(|visit| visit.request.0).collect();
        assert!(open.is_superset(&acknowledged), "lost: {:?}", acknowledged.difference(&open));
        for chat in acknowledged {
            assert_eq!(store.messages(desk::ids::RequestId(chat), Range::Last(2)).wait().unwrap().len(), 1);
        }
    }
}

fn request(line: &str) -> Option<u64> {
    let (request, _) = line.strip_prefix("stored ")?.split_once(' ')?;
    request.parse().ok()
}
