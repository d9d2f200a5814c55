//! Conversations: numbering, repetition, correction, ranges, read marks, files, notes, tags, ratings, search.

use desk::ids::{RequestId, VisitorId, WorkgroupId};
use desk::time::Span;
use store::StoreError;
use store::archive::{Author, MARK_END, MARK_START, MessageKind, NewLeft, NewMessage, Range, RoomEvent, SearchQuery};

use crate::house::{House, MORNING, Shared, hash};

crate::on_both! {
    messages_are_numbered_per_chat
    a_repeated_message_keeps_its_number
    a_message_needs_its_chat
    ranges_of_messages
    what_visitors_said_first_and_last
    corrections_are_for_ones_own_texts
    read_marks_never_go_back
    a_file_comes_with_its_message_and_can_be_forgotten
    room_events_are_kept
    notes_and_tags
    a_chat_is_rated_once
    history_is_newest_first
    search_finds_words_and_marks_them
    search_pages_and_filters
    nothing_typed_is_an_operator
    messages_left_while_closed
}

fn messages_are_numbered_per_chat(store: Shared) {
    let mut house = House::open(store);
    let (one, two) = (house.join(1, None), house.join(2, None));
    let agent = Author::Agent(house.agent("anna"));
    assert_eq!(house.say(one, Author::Visitor, "hello"), 1);
    assert_eq!(house.say(one, agent, "good morning"), 2);
    assert_eq!(house.say(two, Author::Visitor, "hello"), 1);
    assert_eq!(house.say(one, Author::Desk, "welcome"), 3);
    let list = house.store.messages(one, Range::Last(10)).wait().unwrap();
    let said: Vec<_> = list.iter().map(|message| (message.number, message.from, message.text.as_str())).collect();
    assert_eq!(said, [(1, Author::Visitor, "hello"), (2, agent, "good morning"), (3, Author::Desk, "welcome")]);
    assert_eq!(house.store.chat(one).wait().unwrap().unwrap().messages, 3);
}

fn a_repeated_message_keeps_its_number(store: Shared) {
    let mut house = House::open(store);
    let chat = house.join(1, None);
    let first = house.text(chat, Author::Visitor, "same-id", "hello");
    let stored = house.store.append(first.clone()).wait().unwrap();
    house.say(chat, Author::Desk, "between");
    let later = NewMessage { at: house.now + Span::secs(9), text: "changed".to_owned(), ..first.clone() };
    let again = house.store.append(later).wait().unwrap();
    assert_eq!((again.number, again.at, again.duplicate), (stored.number, stored.at, true));
    let other = NewMessage { from: Author::Desk, ..first };
    assert!(!house.store.append(other).wait().unwrap().duplicate, "the id is the sender's own");
    let list = house.store.messages(chat, Range::Last(10)).wait().unwrap();
    assert_eq!((list.len(), list[0].text.as_str()), (3, "hello"));
}

fn what_visitors_said_first_and_last(store: Shared) {
    let mut house = House::open(store);
    let (silent, once, often) = (house.join(1, None), house.join(2, None), house.join(3, None));
    house.say(silent, Author::Desk, "welcome");
    house.say(once, Author::Visitor, "hello");
    let agent = Author::Agent(house.agent("anna"));
    house.say(often, agent, "good morning");
    for text in ["one", "two", "three"] {
        house.say(often, Author::Visitor, text);
    }
    house.say(often, agent, "four");
    let spoken = house.store.spoken(vec![silent, once, often, RequestId(4711)]).wait().unwrap();
    let said: Vec<_> = spoken.iter().map(|it| (it.chat, it.first.as_str(), it.last.as_str())).collect();
    assert_eq!(said, [(once, "hello", "hello"), (often, "one", "three")]);
}

fn a_message_needs_its_chat(store: Shared) {
    let house = House::open(store);
    let lost = house.text(RequestId(4711), Author::Visitor, "x", "hello");
    assert_eq!(house.store.append(lost).wait(), Err(StoreError::NotFound));
    assert!(house.store.messages(RequestId(4711), Range::Last(5)).wait().unwrap().is_empty());
    assert_eq!(house.store.set_tags(RequestId(4711), vec![]).wait(), Err(StoreError::NotFound));
    assert_eq!(house.store.rate(RequestId(4711), 5, None, MORNING).wait(), Err(StoreError::NotFound));
    let note = house.store.add_note(RequestId(4711), house.agent("anna"), "x", MORNING).wait();
    assert_eq!(note, Err(StoreError::NotFound));
}

fn ranges_of_messages(store: Shared) {
    let mut house = House::open(store);
    let chat = house.join(1, None);
    for number in 1..=10 {
        house.say(chat, Author::Visitor, &number.to_string());
    }
    let numbers = |range| -> Vec<u64> {
        house.store.messages(chat, range).wait().unwrap().iter().map(|message| message.number).collect()
    };
    assert_eq!(numbers(Range::Last(3)), [8, 9, 10]);
    assert_eq!(numbers(Range::Before(8, 3)), [5, 6, 7]);
    assert_eq!(numbers(Range::Before(3, 10)), [1, 2]);
    assert_eq!(numbers(Range::After(8, 10)), [9, 10]);
    assert_eq!(numbers(Range::After(0, 2)), [1, 2]);
    assert!(numbers(Range::After(10, 5)).is_empty());
}

fn corrections_are_for_ones_own_texts(store: Shared) {
    let mut house = House::open(store);
    let chat = house.join(1, None);
    let number = house.say(chat, Author::Visitor, "helo");
    let file = house.send_file(chat, "f1");
    let at = house.now + Span::secs(5);
    house.store.correct(chat, number, Author::Visitor, "hello", at).wait().unwrap();
    let message = house.store.messages(chat, Range::Last(9)).wait().unwrap().remove(0);
    assert_eq!((message.text.as_str(), message.corrected_at, message.at), ("hello", Some(at), house.now));
    for (number, from) in [(number, Author::Desk), (99, Author::Visitor), (file, Author::Visitor)] {
        assert_eq!(house.store.correct(chat, number, from, "x", at).wait(), Err(StoreError::NotFound));
    }
}

fn read_marks_never_go_back(store: Shared) {
    let mut house = House::open(store);
    let chat = house.join(1, None);
    let agent = Author::Agent(house.agent("anna"));
    assert_eq!(house.store.mark_read(chat, Author::Visitor, 4).wait().unwrap(), 4);
    assert_eq!(house.store.mark_read(chat, Author::Visitor, 2).wait().unwrap(), 4);
    assert_eq!(house.store.mark_read(chat, agent, 1).wait().unwrap(), 1);
    assert_eq!(house.store.read_marks(chat).wait().unwrap(), [(Author::Visitor, 4), (agent, 1)]);
}

fn a_file_comes_with_its_message_and_can_be_forgotten(store: Shared) {
    let mut house = House::open(store);
    let chat = house.join(1, None);
    let number = house.send_file(chat, "f1");
    assert_eq!(house.send_file(chat, "f1"), number, "sent again: the same message");
    let file = house.store.file("f1").wait().unwrap().unwrap();
    assert_eq!((file.chat, file.size, file.path.as_str()), (chat, 1234, "ab/f1"));
    assert_eq!(file.sha256, Some("5e".repeat(32)));
    let message = house.store.messages(chat, Range::Last(1)).wait().unwrap().remove(0);
    assert_eq!((message.kind, message.file), (MessageKind::File, Some(file.clone())));
    assert_eq!(house.store.files(chat).wait().unwrap(), [file]);
    house.store.forget_file("f1").wait().unwrap();
    assert_eq!(house.store.forget_file("f1").wait(), Err(StoreError::NotFound));
    assert_eq!(house.store.file("f1").wait().unwrap(), None);
    let message = house.store.messages(chat, Range::Last(1)).wait().unwrap().remove(0);
    assert_eq!((message.number, message.file), (number, None), "the message stays");
    house.send_file(chat, "f3");
    house.send_file(chat, "f2");
    let ids = |after: &str, limit| {
        let files = house.store.all_files(after, limit).wait().unwrap();
        files.into_iter().map(|file| file.id).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids("", 9), ids("", 1), ids("f2", 9)),
        (vec!["f2".into(), "f3".into()], vec!["f2".into()], vec!["f3".into()])
    );
}

fn room_events_are_kept(store: Shared) {
    let mut house = House::open(store);
    let chat = house.join(1, None);
    let who = Some(Author::Agent(house.agent("bert")));
    let event = RoomEvent { what: "entered".to_owned(), who };
    let message = NewMessage {
        kind: MessageKind::Event,
        event: Some(event.clone()),
        stanza_id: Some("s-1".to_owned()),
        ..house.text(chat, Author::Desk, "e1", "")
    };
    house.store.append(message).wait().unwrap();
    let kept = house.store.messages(chat, Range::Last(1)).wait().unwrap().remove(0);
    assert_eq!((kept.event, kept.stanza_id.as_deref()), (Some(event), Some("s-1")));
    assert_eq!(house.store.chat(chat).wait().unwrap().unwrap().messages, 0, "nothing was said");
}

fn notes_and_tags(store: Shared) {
    let mut house = House::open(store);
    let chat = house.join(1, None);
    let agent = house.agent("anna");
    house.store.add_note(chat, agent, "first", house.now).wait().unwrap();
    house.store.add_note(chat, agent, "second", house.now).wait().unwrap();
    let notes = house.store.notes(chat).wait().unwrap();
    assert_eq!(notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>(), ["first", "second"]);
    house.store.set_tags(chat, vec!["loan".to_owned(), "\"quoted\"".to_owned()]).wait().unwrap();
    house.store.set_tags(chat, vec!["card".to_owned(), "\"quoted\"".to_owned()]).wait().unwrap();
    assert_eq!(house.store.chat(chat).wait().unwrap().unwrap().tags, ["card", "\"quoted\""]);
}

fn a_chat_is_rated_once(store: Shared) {
    let mut house = House::open(store);
    let chat = house.join(1, None);
    house.store.rate(chat, 4, Some("kind".to_owned()), house.now).wait().unwrap();
    assert_eq!(house.store.rate(chat, 1, None, house.now).wait(), Err(StoreError::Conflict("rated")));
    let row = house.store.chat(chat).wait().unwrap().unwrap();
    assert_eq!((row.stars, row.comment.as_deref()), (Some(4), Some("kind")));
}

fn history_is_newest_first(store: Shared) {
    let mut house = House::open(store);
    let mut chats = Vec::new();
    for _ in 0..3 {
        house.wait(10);
        let chat = house.join(7, None);
        house.answer(chat);
        house.close(chat);
        house.wait(10);
        chats.push(chat);
    }
    house.join(8, None);
    let history = house.store.history(VisitorId(7), 2).wait().unwrap();
    assert_eq!(history.iter().map(|row| row.chat).collect::<Vec<_>>(), [chats[2], chats[1]]);
    assert!(house.store.history(VisitorId(9), 2).wait().unwrap().is_empty());
}

fn find(house: &House, text: &str) -> Vec<(RequestId, Option<u64>, String)> {
    let query = SearchQuery { text: text.to_owned(), limit: 50, ..SearchQuery::default() };
    let hits = house.store.search(query).wait().unwrap();
    hits.hits.into_iter().map(|hit| (hit.chat.chat, hit.number, hit.snippet)).collect()
}

fn search_finds_words_and_marks_them(store: Shared) {
    let mut house = House::open(store);
    let (one, two) = (house.join(1, None), house.join(2, None));
    house.say(one, Author::Visitor, "My library card is lost");
    house.now = house.now + Span::secs(1);
    house.say(two, Author::Visitor, "Cards and loans");
    house.now = house.now + Span::secs(1);
    house.say(two, Author::Desk, "Nothing of that kind");
    let marked = |word: &str| format!("{MARK_START}{word}{MARK_END}");
    assert_eq!(
        find(&house, "card is"),
        [(one, Some(1), format!("My library {} {} lost", marked("card"), marked("is")))]
    );
    let both = find(&house, "car");
    assert_eq!(
        both.iter().map(|hit| hit.0).collect::<Vec<_>>(),
        [two, one],
        "newest first, beginnings of the last word"
    );
    assert!(both[0].2.contains(&marked("Cards")));
    assert!(find(&house, "car lost").is_empty(), "only the last word may be a beginning");
    assert!(find(&house, "libraries").is_empty());
    house.store.correct(one, 1, Author::Visitor, "My passport is lost", house.now).wait().unwrap();
    assert!(find(&house, "library").is_empty(), "a corrected text is found as it is now");
    assert_eq!(find(&house, "passport").len(), 1);
}

fn search_pages_and_filters(store: Shared) {
    let mut house = House::open(store);
    let mut chats = Vec::new();
    let mut agent = house.agent("anna");
    for visitor in 1..=5 {
        house.now = house.now + Span::secs(60);
        let chat = house.join(visitor, None);
        if visitor == 1 {
            (agent, _) = house.answer(chat);
        }
        house.say(chat, Author::Visitor, &format!("needle {visitor}"));
        chats.push(chat);
    }
    let numbers = |query: SearchQuery| -> Vec<RequestId> {
        let mut found = Vec::new();
        let mut query = SearchQuery { limit: 2, ..query };
        loop {
            let page = house.store.search(query.clone()).wait().unwrap();
            assert!(page.hits.len() <= 2);
            found.extend(page.hits.iter().map(|hit| hit.chat.chat));
            match page.next {
                Some(next) => query.cursor = Some(next),
                None => return found,
            }
        }
    };
    let newest_first: Vec<RequestId> = chats.iter().rev().copied().collect();
    for text in ["", "needle"] {
        let all = SearchQuery { text: text.to_owned(), ..SearchQuery::default() };
        assert_eq!(numbers(all.clone()), newest_first, "{text:?}");
        let visitor = SearchQuery { visitor: Some(VisitorId(3)), ..all.clone() };
        assert_eq!(numbers(visitor), [chats[2]]);
        for (name, found) in [("marker-NAME-3", vec![chats[2]]), ("name-", newest_first.clone()), ("%", vec![])] {
            assert_eq!(numbers(SearchQuery { name: Some(name.to_owned()), ..all.clone() }), found, "{name}");
        }
        let (from, to) = (Some(MORNING + Span::secs(120)), Some(MORNING + Span::secs(240)));
        assert_eq!(numbers(SearchQuery { from, to, ..all.clone() }), [chats[2], chats[1]]);
        assert!(numbers(SearchQuery { workgroups: Some(vec![]), ..all.clone() }).is_empty());
        assert!(numbers(SearchQuery { workgroups: Some(vec![WorkgroupId(9999)]), ..all.clone() }).is_empty());
        let here = Some(vec![WorkgroupId(9999), house.workgroup()]);
        assert_eq!(numbers(SearchQuery { workgroups: here, ..all.clone() }).len(), 5);
    }
    let query = SearchQuery { agent: Some(agent), limit: 9, ..SearchQuery::default() };
    let found = house.store.search(query).wait().unwrap();
    assert_eq!(found.hits.iter().map(|hit| hit.chat.chat).collect::<Vec<_>>(), [chats[0]]);
}

fn nothing_typed_is_an_operator(store: Shared) {
    let mut house = House::open(store);
    let chat = house.join(1, None);
    house.say(chat, Author::Visitor, "plain words");
    for text in ["plain AND", "\"", "NEAR(plain words)", "*", "text:plain", "plain -words", "' OR 1=1 --", "(", "\u{0}"]
    {
        let query = SearchQuery { text: text.to_owned(), limit: 5, ..SearchQuery::default() };
        assert!(house.store.search(query).wait().is_ok(), "{text:?}");
    }
    assert_eq!(find(&house, "plain -words").len(), 1);
}

fn messages_left_while_closed(store: Shared) {
    let house = House::open(store);
    let left = |name: &str| NewLeft {
        workgroup: house.workgroup(),
        visitor: (name == "one").then_some(VisitorId(7)),
        name: name.to_owned(),
        email: "marker-mail@example.org".to_owned(),
        text: "Marker-Left".to_owned(),
        locale: "de".to_owned(),
        page: None,
        address_hash: Some(hash("address")),
        at: house.now,
    };
    let one = house.store.leave_message(left("one")).wait().unwrap();
    let two = house.store.leave_message(left("two")).wait().unwrap();
    house.store.left_message_done(one, "anna", house.now).wait().unwrap();
    house.store.left_message_done(one, "bert", house.now + Span::secs(1)).wait().unwrap();
    assert_eq!(house.store.left_message_done(99, "anna", house.now).wait(), Err(StoreError::NotFound));
    let all = house.store.left_messages(false, None, 10).wait().unwrap();
    assert_eq!(all.iter().map(|left| left.id).collect::<Vec<_>>(), [two, one]);
    assert_eq!(all[1].done, Some(("anna".to_owned(), house.now)));
    assert_eq!((&all[0].left, &all[1].left), (&left("two"), &left("one")));
    let open = house.store.left_messages(true, None, 10).wait().unwrap();
    assert_eq!(open.iter().map(|left| left.id).collect::<Vec<_>>(), [two]);
    assert_eq!(house.store.left_messages(false, Some(two), 10).wait().unwrap().len(), 1);
}
