//! Forgetting: a person on demand, everybody after the time that the house keeps words.

use desk::ids::VisitorId;
use desk::time::{Span, Time};
use store::archive::{Author, By, CountsQuery, NewLeft, Range, RetentionRule, SearchQuery, Whom};
use store::edges::{Channel, NewDelivery, Target};
use store::{Personal, StoreError};

use crate::house::{House, MORNING, Shared, hash};

crate::on_both! {
    erasing_a_visitor_removes_the_words_and_keeps_the_counts
    erasing_one_chat_leaves_the_others
    messages_left_are_erased_alone_and_with_their_visitor
    retention_forgets_by_age_and_workgroup
    retention_goes_in_steps
}

/// A chat with everything that a person can leave behind.
pub fn full_chat(house: &mut House, visitor: u64) -> desk::ids::RequestId {
    let request = house.join(visitor, None);
    let (agent, _) = house.answer(request);
    house.say(request, Author::Visitor, &format!("Marker-Text-{visitor} zanzibar"));
    house.say(request, Author::Agent(agent), "Marker-Reply");
    house.store.correct(request, 1, Author::Visitor, "Marker-Corrected zanzibar", house.now).wait().unwrap();
    house.send_file(request, &format!("f{visitor}"));
    house.store.add_note(request, agent, "Marker-Note", house.now).wait().unwrap();
    house.store.rate(request, 5, Some("Marker-Comment".to_owned()), house.now).wait().unwrap();
    house.store.mark_read(request, Author::Visitor, 2).wait().unwrap();
    let mail = NewDelivery {
        target: Target::Mail("marker-mail@example.org".to_owned()),
        subject: "Marker-Subject".to_owned(),
        body: "Marker-Body".to_owned(),
        chat: Some(request),
        due_at: house.now,
    };
    house.ask_with(desk::command::Command::Tick, vec![Personal::Delivery(mail)]);
    house.close(request);
    house.wait(10);
    request
}

fn everything() -> CountsQuery {
    CountsQuery { from: MORNING, to: Time::MAX, step: Span::secs(60), by: By::Queue, workgroup: None }
}

fn erasing_a_visitor_removes_the_words_and_keeps_the_counts(store: Shared) {
    let mut house = House::open(store);
    let request = full_chat(&mut house, 1);
    let other = full_chat(&mut house, 2);
    let counts = house.store.counts(everything()).wait().unwrap();
    let events = house.store.events(0, 10_000).wait().unwrap();
    let at = house.now;
    let erased = house.store.erase(Whom::Visitor(VisitorId(1)), at).wait().unwrap();
    assert_eq!((erased.chats, erased.messages, erased.files), (1, 3, 1));
    assert_eq!(erased.paths, ["ab/f1"]);
    assert_eq!(house.store.counts(everything()).wait().unwrap(), counts);
    assert_eq!(house.store.events(0, 10_000).wait().unwrap(), events, "history is not rewritten");
    let row = house.store.chat(request).wait().unwrap().unwrap();
    assert_eq!((row.visitor_name, row.comment, row.page, row.answers.len()), (None, None, None, 0));
    assert_eq!((row.messages, row.stars, row.erased_at), (3, Some(5), Some(at)));
    assert!(house.store.messages(request, Range::Last(9)).wait().unwrap().is_empty());
    assert!(house.store.notes(request).wait().unwrap().is_empty());
    assert!(house.store.read_marks(request).wait().unwrap().is_empty());
    assert_eq!(house.store.visitor_by_token(hash("visitor 1")).wait().unwrap(), None);
    assert!(house.store.visits(vec![request]).wait().unwrap().is_empty());
    assert_eq!(house.store.deliveries(Channel::Mail, None, 9).wait().unwrap().len(), 1, "the other's is there");
    let query = SearchQuery { text: "zanzibar".to_owned(), limit: 9, ..SearchQuery::default() };
    let hits = house.store.search(query).wait().unwrap().hits;
    assert_eq!(hits.iter().map(|hit| hit.chat.chat).collect::<Vec<_>>(), [other]);
    let late = house.text(request, Author::Visitor, "late", "Marker-Late");
    assert_eq!(house.store.append(late).wait(), Err(StoreError::NotFound), "nothing comes back");
    let again = house.store.erase(Whom::Visitor(VisitorId(1)), at).wait().unwrap();
    assert_eq!(again, store::archive::Erased::default());
}

fn erasing_one_chat_leaves_the_others(store: Shared) {
    let mut house = House::open(store);
    let first = full_chat(&mut house, 1);
    house.wait(60);
    let second = house.join(1, None);
    house.say(second, Author::Visitor, "still here");
    let erased = house.store.erase(Whom::Chat(first), house.now).wait().unwrap();
    assert_eq!(erased.chats, 1);
    assert!(house.store.messages(first, Range::Last(9)).wait().unwrap().is_empty());
    assert_eq!(house.store.messages(second, Range::Last(9)).wait().unwrap().len(), 1);
    assert!(house.store.visitor_by_token(hash("visitor 1")).wait().unwrap().is_some(), "has another visit");
    let nothing = house.store.erase(Whom::Chat(desk::ids::RequestId(9999)), house.now).wait().unwrap();
    assert_eq!(nothing.chats, 0);
}

/// A message left while closed.
pub fn left(house: &House, visitor: Option<u64>) -> NewLeft {
    NewLeft {
        workgroup: house.workgroup(),
        visitor: visitor.map(VisitorId),
        name: "Marker-Name".to_owned(),
        email: "marker-mail@example.org".to_owned(),
        text: "Marker-Left".to_owned(),
        locale: "de".to_owned(),
        page: None,
        address_hash: Some(hash("address")),
        at: house.now,
    }
}

fn messages_left_are_erased_alone_and_with_their_visitor(store: Shared) {
    let mut house = House::open(store);
    full_chat(&mut house, 1);
    let leave = |visitor| house.store.leave_message(left(&house, visitor)).wait().unwrap();
    let [theirs, strangers, other] = [leave(Some(1)), leave(None), leave(None)];
    let there = || -> Vec<u64> {
        house.store.left_messages(false, None, 9).wait().unwrap().iter().map(|left| left.id).collect()
    };
    let erased = house.store.erase(Whom::Left(strangers), house.now).wait().unwrap();
    assert_eq!((erased.left, erased.chats), (1, 0));
    assert_eq!(there(), [other, theirs]);
    let again = house.store.erase(Whom::Left(strangers), house.now).wait().unwrap();
    assert_eq!(again, store::archive::Erased::default());
    let erased = house.store.erase(Whom::Visitor(VisitorId(1)), house.now).wait().unwrap();
    assert_eq!((erased.left, erased.chats), (1, 1));
    assert_eq!(there(), [other]);
}

fn rule(house: &House) -> RetentionRule {
    RetentionRule { workgroup: house.workgroup(), transcripts: None, addresses: None, files: None }
}

fn retention_forgets_by_age_and_workgroup(store: Shared) {
    let mut house = House::open(store);
    let old = full_chat(&mut house, 1);
    house.wait(1000);
    let young = full_chat(&mut house, 2);
    let store = house.store.clone();
    let elsewhere = RetentionRule {
        workgroup: desk::ids::WorkgroupId(9999),
        transcripts: Some(Span::ZERO),
        addresses: Some(Span::ZERO),
        files: Some(Span::ZERO),
    };
    let none = store.retain(house.now, vec![elsewhere, rule(&house)], 100).wait().unwrap();
    assert_eq!(none, store::archive::Retained::default());
    let addresses = RetentionRule { addresses: Some(Span::secs(500)), ..rule(&house) };
    assert_eq!(store.retain(house.now, vec![addresses], 100).wait().unwrap().addresses, 1);
    assert_eq!(store.visits(vec![old]).wait().unwrap()[0].address_hash, None);
    assert!(store.visits(vec![young]).wait().unwrap()[0].address_hash.is_some());
    let files = RetentionRule { files: Some(Span::secs(500)), ..rule(&house) };
    let gone = store.retain(house.now, vec![files], 100).wait().unwrap();
    assert_eq!((gone.erased.files, gone.erased.paths), (1, vec!["ab/f1".to_owned()]));
    let transcripts = RetentionRule { transcripts: Some(Span::secs(500)), ..rule(&house) };
    let gone = store.retain(house.now, vec![transcripts], 100).wait().unwrap();
    assert_eq!((gone.erased.chats, gone.erased.messages, gone.more), (1, 3, false));
    assert!(store.messages(old, Range::Last(9)).wait().unwrap().is_empty());
    assert_eq!(store.messages(young, Range::Last(9)).wait().unwrap().len(), 3);
    assert_eq!(store.chat(old).wait().unwrap().unwrap().messages, 3);
    let open = house.join(3, None);
    let at_once = RetentionRule { transcripts: Some(Span::ZERO), ..rule(&house) };
    store.retain(house.now, vec![at_once], 100).wait().unwrap();
    assert_eq!(store.visits(vec![open]).wait().unwrap().len(), 1, "an open chat keeps its words");
}

fn retention_goes_in_steps(store: Shared) {
    let mut house = House::open(store);
    for visitor in 1..=5 {
        full_chat(&mut house, visitor);
    }
    let rules = vec![RetentionRule { transcripts: Some(Span::ZERO), ..rule(&house) }];
    let mut chats = Vec::new();
    loop {
        let step = house.store.retain(house.now, rules.clone(), 2).wait().unwrap();
        chats.push(step.erased.chats);
        if !step.more {
            break;
        }
    }
    assert_eq!(chats, [2, 2, 1]);
}
