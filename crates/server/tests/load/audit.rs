//! Reads the event log that a killed server left behind and holds every line of it to the desk's promises, knowing nothing
//! of the engine: nobody lost, nobody doubled, first come first served within a class among those who could be
//! offered, the more urgent class first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

/// One request as the log tells it.
#[derive(Default)]
struct Told {
    /// The smaller goes first: who was returned to the head, then the more urgent class, then who came first.
    order: (bool, Reverse<u64>, u64),
    class: u64,
    waiting: bool,
    held: bool,
    offers: BTreeSet<u64>,
    accepted: u32,
    rooms: u32,
    ended: u32,
    refused_by: BTreeSet<u64>,
}

#[derive(Default)]
struct Log {
    requests: BTreeMap<u64, Told>,
    /// Offer → request, agent.
    offers: BTreeMap<u64, (u64, u64)>,
    /// Room → its request.
    rooms: BTreeMap<u64, u64>,
    faults: Vec<String>,
    offers_made: usize,
    contested: BTreeMap<u64, usize>,
}

/// What the log told, when it broke no promise.
pub struct Audit {
    pub events: usize,
    pub requests: usize,
    pub offers: usize,
    pub still_open: usize,
    /// Class → requests that were queued in it.
    pub classes: BTreeMap<u64, usize>,
    /// Offers that were made while others waited behind in the same class, in each: what an order can be seen by.
    pub contested: BTreeMap<u64, usize>,
}

/// Reads the whole log of the database; panics with the first broken promises. `classes`: request → the class that its visitor
/// was promised, of those that are known. One class more must be worth more waiting than anybody waited.
pub fn check(database: &Path, classes: &BTreeMap<u64, u64>) -> Audit {
    let db = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE).expect("the database opens");
    let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("the check runs");
    assert_eq!(sound, "ok", "the database is damaged");
    let mut log = Log::default();
    let mut statement = db.prepare("SELECT seq, kind, body FROM event ORDER BY seq").expect("there is a log");
    let mut rows = statement.query([]).expect("the log reads");
    let mut events = 0;
    while let Some(row) = rows.next().expect("a row") {
        let (seq, kind, body): (i64, String, String) =
            (row.get(0).expect("seq"), row.get(1).expect("kind"), row.get(2).expect("body"));
        let seq = unsigned(seq);
        let body: Value = serde_json::from_str(&body).expect("the body is JSON");
        log.hear(seq, &kind, &body);
        events += 1;
    }
    let mut open = db.prepare("SELECT id FROM request").expect("the current requests");
    let open: BTreeSet<u64> =
        open.query_map([], |row| row.get(0)).expect("they read").map(|id| unsigned(id.expect("an id"))).collect();
    log.close(&open);
    for (id, class) in classes {
        match log.requests.get(id) {
            Some(told) if told.class == *class => {}
            Some(told) => log.faults.push(format!("request {id} is of class {class}, and stood in {}", told.class)),
            None => log.faults.push(format!("request {id} was acknowledged and never queued")),
        }
    }
    assert!(
        log.faults.is_empty(),
        "{} broken promises, the first: {:#?}",
        log.faults.len(),
        &log.faults[..log.faults.len().min(10)]
    );
    let mut queued = BTreeMap::new();
    for told in log.requests.values() {
        *queued.entry(told.class).or_default() += 1;
    }
    let (requests, offers, contested) = (log.requests.len(), log.offers_made, log.contested);
    Audit { events, requests, offers, still_open: open.len(), classes: queued, contested }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).expect("numbers are not negative")
}

impl Log {
    fn hear(&mut self, seq: u64, kind: &str, body: &Value) {
        let number = |name: &str| body[name].as_u64().unwrap_or(0);
        let id = number("request");
        match kind {
            "RequestQueued" => {
                let told = Told {
                    order: (true, Reverse(number("priority")), seq),
                    class: number("priority"),
                    waiting: true,
                    held: !body["connected"].as_bool().unwrap_or(false),
                    ..Told::default()
                };
                if self.requests.insert(id, told).is_some() {
                    self.faults.push(format!("event {seq}: request {id} was queued twice"));
                }
            }
            "RequestReturned" => self.of(id, |told| {
                told.order = (false, Reverse(0), seq);
                (told.waiting, told.accepted, told.rooms) = (true, 0, 0);
            }),
            "VisitorLost" => self.of(id, |told| told.held = true),
            "VisitorReturned" => self.of(id, |told| told.held = false),
            "RejectionForgotten" => self.of(id, |told| _ = told.refused_by.remove(&number("agent"))),
            "OfferMade" => self.offered(seq, number("offer"), id, number("agent")),
            "OfferAccepted" => self.accepted(seq, number("offer")),
            "OfferRejected" | "OfferExpired" => self.refused(number("offer")),
            "OfferRevoked" => {
                if let Some((request, _)) = self.offers.remove(&number("offer")) {
                    self.of(request, |told| _ = told.offers.remove(&number("offer")));
                }
            }
            "RoomAssigned" => self.assigned(seq, number("room"), id),
            "RequestEnded" => self.of(id, |told| {
                told.ended += 1;
                told.waiting = false;
            }),
            _ => {}
        }
    }

    fn of(&mut self, request: u64, change: impl FnOnce(&mut Told)) {
        match self.requests.get_mut(&request) {
            Some(told) => change(told),
            None => self.faults.push(format!("request {request} was never queued")),
        }
    }

    fn offered(&mut self, seq: u64, offer: u64, request: u64, agent: u64) {
        self.offers_made += 1;
        let Some((order, class)) = self.requests.get(&request).map(|told| (told.order, told.class)) else {
            self.faults.push(format!("event {seq}: an offer of request {request}, which was never queued"));
            return;
        };
        let could_be_offered = |other: &Told| {
            other.waiting && !other.held && other.offers.is_empty() && !other.refused_by.contains(&agent)
        };
        let overtaken = self.requests.iter().find(|(_, other)| other.order < order && could_be_offered(other));
        if self.requests.values().any(|other| other.class == class && other.order > order && could_be_offered(other)) {
            *self.contested.entry(class).or_default() += 1;
        }
        if let Some((other, _)) = overtaken {
            self.faults.push(format!("event {seq}: request {request} was offered before {other}, who was there first"));
        }
        self.offers.insert(offer, (request, agent));
        self.of(request, |told| _ = told.offers.insert(offer));
    }

    fn accepted(&mut self, seq: u64, offer: u64) {
        let Some((request, _)) = self.offers.remove(&offer) else {
            self.faults.push(format!("event {seq}: offer {offer} was accepted, and is not out"));
            return;
        };
        let mut twice = false;
        self.of(request, |told| {
            told.offers.remove(&offer);
            told.accepted += 1;
            told.waiting = false;
            twice = told.accepted > 1;
        });
        if twice {
            self.faults.push(format!("event {seq}: request {request} was accepted twice"));
        }
    }

    fn refused(&mut self, offer: u64) {
        if let Some((request, agent)) = self.offers.remove(&offer) {
            self.of(request, |told| {
                told.offers.remove(&offer);
                told.refused_by.insert(agent);
            });
        }
    }

    fn assigned(&mut self, seq: u64, room: u64, request: u64) {
        if let Some(other) = self.rooms.insert(room, request)
            && other != request
        {
            self.faults.push(format!("event {seq}: room {room} has the visitors of {other} and {request}"));
        }
        let mut twice = false;
        self.of(request, |told| {
            told.rooms += 1;
            twice = told.rooms > 1;
        });
        if twice {
            self.faults.push(format!("event {seq}: request {request} has two rooms"));
        }
    }

    fn close(&mut self, open: &BTreeSet<u64>) {
        for (id, told) in &self.requests {
            match (told.ended, open.contains(id)) {
                (1, false) | (0, true) => {}
                (0, false) => self.faults.push(format!("request {id} is lost: it neither ended nor is it there")),
                (ended, there) => self.faults.push(format!("request {id} ended {ended} times and is there: {there}")),
            }
        }
    }
}
