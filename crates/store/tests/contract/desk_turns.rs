//! The desk's half: what was committed is loaded, logged and kept in the history; documents, secrets, the log.

use desk::command::{BlockKey, Command, TransferKind, TransferTarget};
use desk::event::{Ending, Part};
use desk::limits::Limits;
use desk::time::{Span, Time};
use desk::{Engine, Reply};
use store::commit::NewBlock;
use store::edges::{Channel, NewAudit, NewDelivery, Target};
use store::{Commit, Personal, StoreError};

use crate::house::{House, MORNING, Shared, hash, markers};

crate::on_both! {
    an_empty_store_loads_nothing
    what_was_committed_is_loaded
    several_turns_in_one_commit_leave_the_last_state
    a_refused_turn_takes_its_words_with_it
    words_stand_in_the_same_commit_as_their_turn
    the_history_tells_a_chat_from_arrival_to_end
    a_chat_that_rolled_over_is_counted_where_it_was_answered
    a_visit_that_ends_in_the_commit_that_opened_it_is_not_open
    the_log_is_numbered_and_holds_no_words
    the_log_is_pruned_by_age_and_numbers_go_on
    documents_have_versions
    a_secret_is_made_once
    a_closed_store_says_so
    many_transfers_and_parts_are_kept
}

fn restored(house: &House) -> Engine {
    Engine::restore(house.store.load().wait().unwrap(), Limits::default()).unwrap()
}

fn an_empty_store_loads_nothing(store: Shared) {
    assert!(store.load().wait().unwrap().is_empty());
    assert!(store.events(0, 10).wait().unwrap().is_empty());
    assert!(store.check().wait().unwrap().is_empty());
}

fn what_was_committed_is_loaded(store: Shared) {
    let mut house = House::open(store);
    let first = house.join(1, None);
    house.join(2, Some("loans"));
    house.join(3, None);
    house.answer(first);
    house.ask(Command::Block { key: BlockKey(u64::MAX - 7), until: Some(MORNING + Span::secs(99)) });
    house.ask(Command::Block { key: BlockKey(3), until: None });
    assert_eq!(restored(&house).state(), house.engine.state());
    house.wait(40);
    house.close(first);
    house.ask(Command::Unblock { key: BlockKey(3) });
    assert_eq!(restored(&house).state(), house.engine.state());
    assert_eq!(house.store.check().wait().unwrap(), Vec::<String>::new());
}

fn several_turns_in_one_commit_leave_the_last_state(store: Shared) {
    let mut house = House::open(store);
    let commands = [
        house.join_command(1, None),
        house.join_command(2, None),
        house.join_command(1, None),
        Command::Tick,
        house.join_command(3, Some("loans")),
    ];
    let turns: Vec<_> = commands.into_iter().map(|command| house.engine.turn(house.now, command)).collect();
    let expected = turns.clone();
    let stored = house.store.commit(Commit { turns, personal: Vec::new() }).wait().unwrap();
    assert_eq!(stored.into_inner(), expected);
    assert_eq!(restored(&house).state(), house.engine.state());
}

fn a_refused_turn_takes_its_words_with_it(store: Shared) {
    let mut house = House::open(store);
    house.join(1, None);
    house.now = house.now + Span::secs(1);
    let visit = house.visit(1);
    let token = visit.token_hash;
    let turn = house.ask_with(house.join_command(1, None), vec![Personal::Visit(Box::new(visit))]);
    assert!(turn.outcome.is_err());
    assert_eq!(house.store.visit_by_token(token).wait().unwrap(), None);
}

fn words_stand_in_the_same_commit_as_their_turn(store: Shared) {
    let mut house = House::open(store);
    let request = house.join(1, None);
    let (agent, _) = house.answer(request);
    let key = BlockKey(77);
    let block = NewBlock {
        key,
        request: Some(request),
        by: "anna".to_owned(),
        reason: "Marker-Reason".to_owned(),
        until: None,
        at: house.now,
    };
    let delivery = NewDelivery {
        target: Target::Mail("marker-mail@example.org".to_owned()),
        subject: "chat.blocked".to_owned(),
        body: "{}".to_owned(),
        chat: Some(request),
        due_at: house.now,
    };
    let audit = NewAudit {
        at: house.now,
        who: "anna".to_owned(),
        what: "block.set".to_owned(),
        on: "77".to_owned(),
        detail: String::new(),
    };
    let note = Personal::TransferNote { request, from: agent, text: "Marker-Note".to_owned(), at: house.now };
    let words =
        vec![Personal::Block(block.clone()), Personal::Delivery(delivery), Personal::Audit(audit.clone()), note];
    house.ask_with(Command::Block { key, until: None }, words);
    let store = house.store.clone();
    assert_eq!(store.blocks().wait().unwrap()[0].block, block);
    assert_eq!(store.next_due(Channel::Mail).wait().unwrap(), Some(house.now));
    assert_eq!(store.audit_page(None, 9).wait().unwrap()[0].entry, audit);
    assert_eq!(store.notes(request).wait().unwrap()[0].text, "Marker-Note");
    house.ask(Command::Unblock { key });
    assert!(store.blocks().wait().unwrap().is_empty(), "the reason goes with the block");
}

fn the_history_tells_a_chat_from_arrival_to_end(store: Shared) {
    let mut house = House::open(store);
    let request = house.join(1, None);
    let row = house.store.chat(request).wait().unwrap().unwrap();
    assert_eq!((row.arrived_at, row.answered_at, row.ended_at), (MORNING, None, None));
    assert_eq!((row.asked.name.as_str(), row.asked.title.as_str()), ("support/general", "Queue general"));
    house.wait(20);
    let (agent, _) = house.answer(request);
    house.wait(100);
    house.close(request);
    let row = house.store.chat(request).wait().unwrap().unwrap();
    assert_eq!(row.workgroup.title, "Support");
    assert_eq!(row.answered_by.unwrap().name, "support/general");
    assert_eq!(row.answered_at, Some(MORNING + Span::secs(20)));
    assert_eq!(row.answered_agent, Some(agent));
    assert_eq!((row.ended_at, row.ending), (Some(MORNING + Span::secs(120)), Some(Ending::ClosedByAgent)));
    assert_eq!(row.visitor_name.as_deref(), Some("Marker-Name-1"));
    assert_eq!(row.answers[0].value, "Marker-Answer-1");
    assert_eq!((row.agents.len(), row.agents[0].agent, row.agents[0].part), (1, agent, Part::Holder));
    assert_eq!(row.agents[0].left_at, Some(MORNING + Span::secs(120)));
    assert!(house.store.chat(desk::ids::RequestId(999_999)).wait().unwrap().is_none());
}

fn a_chat_that_rolled_over_is_counted_where_it_was_answered(store: Shared) {
    let mut house = House::open(store);
    let bert = house.agent("bert");
    house.ask(Command::SignOut { agent: bert });
    let request = house.join(1, Some("loans"));
    house.wait(31);
    house.answer(request);
    let row = house.store.chat(request).wait().unwrap().unwrap();
    assert_eq!(row.asked.name, "support/loans");
    assert_eq!(row.answered_by.unwrap().name, "support/general");
    let query = store::archive::CountsQuery {
        from: MORNING,
        to: Time::MAX,
        step: Span::ZERO,
        by: store::archive::By::Queue,
        workgroup: None,
    };
    let counts = house.store.counts(query).wait().unwrap();
    assert_eq!((counts.len(), counts[0].id), (1, house.queue("general").0), "loans counts where it was answered");
}

fn a_visit_that_ends_in_the_commit_that_opened_it_is_not_open(store: Shared) {
    let mut house = House::open(store);
    let visit = house.visit(1);
    let join = house.engine.turn(house.now, house.join_command(1, None));
    let Ok(Reply::Queued(request)) = join.outcome else { panic!("not queued") };
    let leave = house.engine.turn(house.now, Command::DepartQueue { request, ending: Ending::Departed });
    let personal = vec![(0, Personal::Visit(Box::new(visit)))];
    house.store.commit(Commit { turns: vec![join, leave], personal }).wait().unwrap();
    assert!(house.store.open_visits().wait().unwrap().is_empty());
    let visit = house.store.visits(vec![request]).wait().unwrap().remove(0);
    assert_eq!(visit.ended_at, Some(house.now));
}

fn the_log_is_numbered_and_holds_no_words(store: Shared) {
    let mut house = House::open(store);
    let request = house.join(1, None);
    let (agent, _) = house.answer(request);
    house.say(request, store::archive::Author::Agent(agent), "Marker-Text");
    house.close(request);
    let log = house.store.events(0, 10_000).wait().unwrap();
    let numbers: Vec<u64> = log.iter().map(|event| event.seq).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(log.windows(2).all(|pair| pair[0].turn <= pair[1].turn && pair[0].at <= pair[1].at));
    assert!(log.iter().any(|event| event.kind == "RequestQueued" && event.body.contains("\"asked\"")));
    assert!(log.iter().any(|event| event.kind == "RequestEnded" && event.body.contains("ClosedByAgent")));
    for event in &log {
        assert!(!markers().iter().any(|marker| event.body.contains(marker)), "{event:?}");
        assert!(!event.body.contains("Anna") && !event.body.contains("anna"), "{event:?}");
    }
    let rest = house.store.events(numbers[3], 2).wait().unwrap();
    assert_eq!(rest, log[4..6]);
}

fn the_log_is_pruned_by_age_and_numbers_go_on(store: Shared) {
    let mut house = House::open(store);
    house.join(1, None);
    house.wait(10);
    house.join(2, None);
    let before = house.store.events(0, 10_000).wait().unwrap();
    let old = before.iter().filter(|event| event.at < house.now).count();
    assert_eq!(house.store.prune_events(house.now, 3).wait().unwrap(), 3);
    assert_eq!(house.store.prune_events(house.now, 10_000).wait().unwrap(), old as u64 - 3);
    assert_eq!(house.store.events(0, 10_000).wait().unwrap(), before[old..]);
    house.store.prune_events(Time::MAX, 10_000).wait().unwrap();
    house.join(3, None);
    let after = house.store.events(before.last().unwrap().seq, 10).wait().unwrap();
    assert_eq!(after[0].seq, before.last().unwrap().seq + 1);
    assert!(after[0].turn > before.last().unwrap().turn);
}

fn documents_have_versions(store: Shared) {
    assert_eq!(store.document("settings").wait().unwrap(), None);
    assert_eq!(store.set_document("settings", "{}".to_owned(), Some(0), MORNING).wait().unwrap(), 1);
    assert_eq!(store.set_document("settings", "{\"a\":1}".to_owned(), Some(1), MORNING).wait().unwrap(), 2);
    let stale = store.set_document("settings", "{\"a\":2}".to_owned(), Some(1), MORNING).wait();
    assert_eq!(stale, Err(StoreError::Conflict("version")));
    assert_eq!(store.set_document("settings", "[]".to_owned(), None, MORNING).wait().unwrap(), 3);
    let document = store.document("settings").wait().unwrap().unwrap();
    assert_eq!((document.body.as_str(), document.version), ("[]", 3));
}

fn a_secret_is_made_once(store: Shared) {
    assert_eq!(store.secret("tickets", [1; 32]).wait().unwrap(), [1; 32]);
    assert_eq!(store.secret("tickets", [2; 32]).wait().unwrap(), [1; 32]);
    assert_eq!(store.secret("addresses", [2; 32]).wait().unwrap(), [2; 32]);
}

fn a_closed_store_says_so(store: Shared) {
    store.secret("a", hash("a")).wait().unwrap();
    store.close();
    assert_eq!(store.secret("a", hash("a")).wait(), Err(StoreError::Closed));
    assert_eq!(store.load().wait().unwrap_err(), StoreError::Closed);
    store.close();
}

fn many_transfers_and_parts_are_kept(store: Shared) {
    let mut house = House::open(store);
    let request = house.join(1, None);
    let (first, _) = house.answer(request);
    let other = if house.agent("anna") == first { house.agent("bert") } else { house.agent("anna") };
    let target = TransferTarget::Agent(other);
    let note = Personal::TransferNote { request, from: first, text: "please".to_owned(), at: house.now };
    let command = Command::TransferChat { agent: first, request, target, kind: TransferKind::Transfer };
    let turn = house.ask_with(command, vec![note]);
    assert!(turn.outcome.is_ok(), "{:?}", turn.outcome);
    assert_eq!(restored(&house).state(), house.engine.state());
    house.wait(5);
    let (offer, agent) = house.offer(request);
    assert_eq!(agent, other);
    house.ask(Command::AcceptOffer { agent, offer });
    let row = house.store.chat(request).wait().unwrap().unwrap();
    assert_eq!(row.agents.len(), 2);
    assert_eq!(row.agents[0].left_at, Some(house.now), "the first agent left with the transfer");
    assert_eq!(row.agents[1].left_at, None);
    assert_eq!(row.answered_agent, Some(first), "the first agent answered");
    assert_eq!(restored(&house).state(), house.engine.state());
}
