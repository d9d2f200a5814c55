//! Counts per bucket, queue, agent and workgroup.

use desk::command::{Command, Show};
use desk::event::Ending;
use desk::ids::WorkgroupId;
use desk::time::{Span, Time};
use store::archive::{By, Counts, CountsQuery};

use crate::house::{House, MORNING, Shared};

crate::on_both! {
    counts_tell_arrived_answered_and_abandoned
    counts_fall_into_buckets_of_arrival
    time_back_in_the_line_is_not_handled
}

fn ask(house: &House, query: CountsQuery) -> Vec<Counts> {
    house.store.counts(query).wait().unwrap()
}

fn whole() -> CountsQuery {
    CountsQuery { from: MORNING, to: Time::MAX, step: Span::ZERO, by: By::All, workgroup: None }
}

fn counts_tell_arrived_answered_and_abandoned(store: Shared) {
    let mut house = House::open(store);
    let quick = house.join(1, None);
    house.wait(10);
    let (agent, _) = house.answer(quick);
    let slow = house.join(2, None);
    let left = house.join(3, None);
    house.ask(Command::DepartQueue { request: left, ending: Ending::Departed });
    house.wait(100);
    house.answer(slow);
    house.wait(50);
    house.close(quick);
    house.store.rate(quick, 4, None, house.now).wait().unwrap();
    let waiting = house.join(4, None);
    let closed = house.join(5, None);
    house.ask(Command::DepartQueue { request: closed, ending: Ending::ByHand });
    let row = ask(&house, whole()).remove(0);
    let expected = Counts {
        bucket: 0,
        id: 0,
        arrived: 5,
        answered: 2,
        abandoned: 1,
        within_target: 1,
        wait_sum: Span::secs(110),
        wait_max: Span::secs(100),
        handled: 1,
        handled_sum: Span::secs(150),
        rated: 1,
        stars_sum: 4,
    };
    assert_eq!(row, expected);
    let by_queue = ask(&house, CountsQuery { by: By::Queue, ..whole() });
    assert_eq!(by_queue, [Counts { id: house.queue("general").0, ..expected }]);
    let by_workgroup = ask(&house, CountsQuery { by: By::Workgroup, ..whole() });
    assert_eq!(by_workgroup, [Counts { id: house.workgroup().0, ..expected }]);
    let by_agent = ask(&house, CountsQuery { by: By::Agent, ..whole() });
    assert_eq!(by_agent.iter().map(|row| row.arrived).sum::<u64>(), 2, "only who was answered");
    assert!(by_agent.iter().any(|row| row.id == agent.0));
    assert!(ask(&house, CountsQuery { workgroup: Some(WorkgroupId(9999)), ..whole() }).is_empty());
    assert!(house.store.chat(waiting).wait().unwrap().unwrap().ended_at.is_none());
}

fn counts_fall_into_buckets_of_arrival(store: Shared) {
    let mut house = House::open(store);
    for visitor in 0..6 {
        house.join(visitor, Some(if visitor % 2 == 0 { "general" } else { "loans" }));
        house.wait(300);
    }
    let query = CountsQuery { step: Span::secs(900), by: By::Queue, ..whole() };
    let rows = ask(&house, query);
    assert_eq!(rows.iter().map(|row| row.arrived).sum::<u64>(), 6);
    assert_eq!(rows.iter().map(|row| row.bucket).collect::<Vec<_>>(), [0, 0, 1, 1]);
    let later = CountsQuery { from: MORNING + Span::secs(900), to: MORNING + Span::secs(1200), ..query };
    let rows = ask(&house, later);
    assert_eq!((rows.len(), rows[0].bucket, rows[0].arrived), (1, 0, 1), "the end is not included");
}

fn time_back_in_the_line_is_not_handled(store: Shared) {
    let mut house = House::open(store);
    let chat = house.join(1, None);
    let (agent, _) = house.answer(chat);
    house.wait(100);
    house.ask(Command::SignOut { agent });
    assert!(house.engine.state().request(chat).is_some_and(|it| it.together_since.is_none()), "back in the line");
    for agent in [house.agent("anna"), house.agent("bert")] {
        house.ask(Command::SetAvailability { agent, show: Show::Away, reason: None, chats_max_hint: None });
    }
    house.wait(500);
    house.ask(Command::SignIn { agent, show: Show::Available });
    house.answer(chat);
    house.wait(20);
    house.close(chat);
    let row = ask(&house, whole()).remove(0);
    assert_eq!((row.handled, row.handled_sum), (1, Span::secs(120)));
    assert_eq!(house.store.chat(chat).wait().unwrap().unwrap().handled, Span::secs(120));
}
