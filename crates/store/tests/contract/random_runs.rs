//! Random runs of the engine, committed in random groups: what is loaded is the desk as it was, on every backend.

use std::sync::Arc;

use desk::command::{BlockKey, Command, JoinQueue, Medium, Party, Seen, Show, TransferKind, TransferTarget};
use desk::entity::Record;
use desk::event::Ending;
use desk::ids::{AgentId, OfferId, RequestId, RoomId};
use desk::limits::Limits;
use desk::spec::Priority;
use desk::time::Span;
use desk::{Engine, Turn};
use proptest::prelude::*;
use store::archive::{By, CountsQuery};
use store::{Backend, Commit};

use crate::house::{House, Shared, spec};

/// One step: what is done, to which of those there are, how long after, and whether a commit follows.
type Step = (u8, u8, u16, bool);

struct Things {
    requests: Vec<RequestId>,
    offers: Vec<(OfferId, AgentId)>,
    rooms: Vec<RoomId>,
}

fn things(engine: &Engine) -> Things {
    let mut things = Things { requests: Vec::new(), offers: Vec::new(), rooms: Vec::new() };
    for record in engine.state().all_records() {
        match record {
            Record::Request(id, Some(_)) => things.requests.push(id),
            Record::Offer(id, Some(offer)) => things.offers.push((id, offer.agent)),
            Record::Room(id, Some(_)) => things.rooms.push(id),
            _ => {}
        }
    }
    things
}

fn pick<T: Copy>(list: &[T], which: u8) -> Option<T> {
    list.get(usize::from(which) % list.len().max(1)).copied()
}

fn command(house: &House, (what, which, _, _): Step) -> Option<Command> {
    let things = things(&house.engine);
    let agent = house.agent(if which.is_multiple_of(2) { "anna" } else { "bert" });
    let request = pick(&things.requests, which);
    Some(match what % 16 {
        0..=3 => {
            let Command::JoinQueue(mut join) = house.join_command(u64::from(which), None) else { return None };
            let medium = if which.is_multiple_of(5) { Medium::Callback } else { Medium::Chat };
            *join = JoinQueue { medium, priority: Some(Priority(which % 10)), ..*join };
            join.queue = Some(house.queue(if which.is_multiple_of(3) { "loans" } else { "general" }));
            Command::JoinQueue(join)
        }
        4 | 5 => pick(&things.offers, which).map(|(offer, agent)| Command::AcceptOffer { agent, offer })?,
        6 => pick(&things.offers, which).map(|(offer, agent)| Command::RejectOffer { agent, offer })?,
        7 | 8 => {
            Command::ObserveOccupant { room: pick(&things.rooms, which)?, who: Party::Visitor, seen: Seen::Entered }
        }
        9 => Command::CloseChat { request: request?, ending: Ending::ClosedByVisitor },
        10 => Command::DepartQueue { request: request?, ending: Ending::Departed },
        11 => Command::ObserveVisitor { request: request?, connected: which.is_multiple_of(2) },
        12 => Command::ObserveAgent { agent, connected: which % 4 < 2 },
        13 => {
            let reason = which.is_multiple_of(3).then(|| "lunch".to_owned());
            let show = if which.is_multiple_of(3) { Show::Away } else { Show::Chat };
            Command::SetAvailability { agent, show, reason, chats_max_hint: Some(u32::from(which % 3)) }
        }
        14 => Command::TransferChat {
            agent,
            request: request?,
            target: TransferTarget::Queue(house.queue("general")),
            kind: if which.is_multiple_of(2) { TransferKind::Transfer } else { TransferKind::Conference },
        },
        _ => Command::Block { key: BlockKey(u64::from(which)), until: Some(house.now + Span::secs(30)) },
    })
}

fn run(store: Shared, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut house = House::open(store);
    let mut turns: Vec<Turn> = Vec::new();
    for step in steps {
        house.now = house.now + Span::secs(i64::from(step.2 % 50));
        let command = command(&house, *step).unwrap_or(Command::Tick);
        let turn = house.engine.turn(house.now, command);
        turns.push(turn);
        if step.3 {
            let turns = std::mem::take(&mut turns);
            house.store.commit(Commit { turns, personal: Vec::new() }).wait().unwrap();
            let loaded = Engine::restore(house.store.load().wait().unwrap(), Limits::default());
            let loaded = loaded.map_err(TestCaseError::fail)?;
            prop_assert!(loaded.state() == house.engine.state(), "{:?}", loaded.state().check());
        }
    }
    house.store.commit(Commit { turns, personal: Vec::new() }).wait().unwrap();
    nobody_is_lost(&house)
}

/// Every request that was queued is in the history once; those without an end are the ones the desk has.
fn nobody_is_lost(house: &House) -> Result<(), TestCaseError> {
    let log = house.store.events(0, usize::MAX).wait().unwrap();
    let count = |kind: &str| log.iter().filter(|event| event.kind == kind).count();
    prop_assert_eq!(count("RequestQueued"), count("RequestEnded") + things(&house.engine).requests.len());
    let query = CountsQuery {
        from: desk::time::Time::MIN,
        to: desk::time::Time::MAX,
        step: Span::ZERO,
        by: By::All,
        workgroup: None,
    };
    let arrived: u64 = house.store.counts(query).wait().unwrap().iter().map(|row| row.arrived).sum();
    prop_assert_eq!(arrived as usize, count("RequestQueued"));
    prop_assert_eq!(house.store.check().wait().unwrap(), Vec::<String>::new());
    Ok(())
}

fn on_sqlite(steps: &[Step]) -> Result<(), TestCaseError> {
    let dir = tempfile::tempdir().unwrap();
    run(Arc::new(store::sqlite::open(&dir.path().join("desk.db"), &Default::default()).unwrap()), steps)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_loaded_from_sqlite_is_the_desk_as_it_was(steps in prop::collection::vec(any::<Step>(), 1..120)) {
        on_sqlite(&steps)?;
    }

    #[test]
    fn what_is_loaded_from_memory_is_the_desk_as_it_was(steps in prop::collection::vec(any::<Step>(), 1..120)) {
        run(Arc::new(store::memory::open()), &steps)?;
    }
}

#[test]
fn a_declaration_is_read_back_equal() {
    let store: Arc<dyn Backend> = Arc::new(store::memory::open());
    let house = House::open(store);
    assert_eq!(house.engine.state().to_spec(), spec());
}
