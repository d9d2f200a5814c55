//! What the XMPP server's accounts and rooms keep: books, documents, archives, rooms.

use desk::time::Time;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use store::im::{
    ImArchived, ImArchiving, ImChange, ImContact, ImOffline, ImPage, ImPart, ImPreferences, ImQuery, ImRoom,
};
use store::{Im, StoreError};

use crate::house::Shared;

crate::on_both! {
    a_book_is_what_was_told_of_an_account
    a_book_forgets_what_is_taken_back
    documents_are_kept_and_replaced
    changes_are_carried_out_all_or_none
    an_archive_is_read_in_pages
    an_archive_is_searched
    a_message_that_is_not_there_is_said_so
    what_is_old_goes_in_steps
    a_person_is_forgotten
    rooms_are_kept_with_their_archives
}

const ANNA: &str = "anna@example.org";
const BERT: &str = "bert@example.org";

fn anna() -> String {
    ANNA.to_owned()
}

fn contact(jid: &str) -> ImContact {
    ImContact { jid: jid.to_owned(), listed: true, ..ImContact::default() }
}

fn offline(number: u64, at_s: i64) -> ImChange {
    let message = ImOffline { number, at: Time::from_secs(at_s), stanza: format!("<message n='{number}'/>") };
    ImChange::Offline(anna(), message)
}

fn said(owner: &str, id: &str, with: &str, at_s: i64) -> ImArchived {
    ImArchived {
        owner: owner.to_owned(),
        id: id.to_owned(),
        with_bare: with.split('/').next().unwrap_or_default().to_owned(),
        with_full: with.to_owned(),
        at: Time::from_secs(at_s),
        stanza: format!("<message id='{id}'/>"),
    }
}

fn all_of(owner: &str) -> ImQuery {
    ImQuery {
        owner: owner.to_owned(),
        with_bare: None,
        with_full: None,
        start: None,
        end: None,
        after_id: None,
        before_id: None,
        ids: Vec::new(),
        part: ImPart::First,
        max: 100,
    }
}

fn page(store: &Shared, query: ImQuery) -> ImPage {
    store.im_archive(query).wait().unwrap().unwrap()
}

fn ids(page: &ImPage) -> Vec<&str> {
    page.messages.iter().map(|message| message.id.as_str()).collect()
}

fn a_book_is_what_was_told_of_an_account(store: Shared) {
    assert_eq!(store.im_books().wait().unwrap(), []);
    let bert = ImContact {
        name: Some("Bert".to_owned()),
        groups: vec!["Desk".to_owned(), "Loans".to_owned()],
        to: true,
        asked: false,
        approved: true,
        request: Some("<presence/>".to_owned()),
        ..contact(BERT)
    };
    let preferences = ImPreferences {
        otherwise: ImArchiving::Roster,
        always: vec![BERT.to_owned()],
        never: vec!["carl@example.org".to_owned()],
    };
    let changes = vec![
        ImChange::Contact(anna(), contact(BERT), 1),
        ImChange::Contact(anna(), bert.clone(), 2),
        ImChange::Blocked(anna(), "spam.example".to_owned()),
        ImChange::Blocked(anna(), "spam.example".to_owned()),
        ImChange::Private(anna(), "{storage:bookmarks}storage".to_owned(), "<storage>é</storage>".to_owned()),
        ImChange::Preferences(anna(), preferences.clone()),
        ImChange::LastSeen(anna(), Time::from_secs(7), "Bye".to_owned()),
        offline(1, 5),
        offline(2, 6),
        ImChange::LastSeen(BERT.to_owned(), Time::from_secs(8), String::new()),
    ];
    store.im_change(changes).wait().unwrap();
    let books = store.im_books().wait().unwrap();
    assert_eq!(books.iter().map(|book| book.account.as_str()).collect::<Vec<_>>(), [ANNA, BERT]);
    let book = &books[0];
    assert_eq!((book.version, &book.contacts[..]), (2, &[bert][..]));
    assert_eq!(book.blocked, ["spam.example"]);
    assert_eq!(book.private_bytes, [("{storage:bookmarks}storage".to_owned(), "<storage>é</storage>".len())]);
    assert_eq!(book.preferences, preferences);
    assert_eq!(
        book.offline.iter().map(|message| (message.number, message.at)).collect::<Vec<_>>(),
        [(1, Time::from_secs(5)), (2, Time::from_secs(6))]
    );
    assert_eq!(book.last_seen, Some((Time::from_secs(7), "Bye".to_owned())));
    assert_eq!(books[1].preferences, ImPreferences::default());
}

fn a_book_forgets_what_is_taken_back(store: Shared) {
    let changes = vec![
        ImChange::Contact(anna(), contact(BERT), 1),
        ImChange::ContactGone(anna(), BERT.to_owned(), 2),
        ImChange::Blocked(anna(), BERT.to_owned()),
        ImChange::Unblocked(anna(), BERT.to_owned()),
        offline(1, 5),
        offline(2, 6),
        offline(3, 7),
        ImChange::OfflineTaken(anna(), 2),
    ];
    store.im_change(changes).wait().unwrap();
    let books = store.im_books().wait().unwrap();
    assert_eq!((books[0].version, books[0].contacts.len(), books[0].blocked.len()), (2, 0, 0));
    assert_eq!(books[0].offline.len(), 1);
    store.im_change(vec![ImChange::Archived(said(ANNA, "a", BERT, 1))]).wait().unwrap();
    store.im_change(vec![ImChange::Forgotten(anna())]).wait().unwrap();
    assert_eq!(store.im_books().wait().unwrap(), []);
    assert_eq!(store.im_archive_ends(ANNA).wait().unwrap(), None);
}

fn documents_are_kept_and_replaced(store: Shared) {
    assert_eq!(store.im_vcard(ANNA).wait().unwrap(), None);
    assert_eq!(store.im_private(ANNA, "k").wait().unwrap(), None);
    for text in ["<one/>", "<two/>"] {
        let private = ImChange::Private(anna(), "k".to_owned(), text.to_owned());
        store.im_change(vec![ImChange::Vcard(anna(), text.to_owned()), private]).wait().unwrap();
        assert_eq!(store.im_vcard(ANNA).wait().unwrap().as_deref(), Some(text));
        assert_eq!(store.im_private(ANNA, "k").wait().unwrap().as_deref(), Some(text));
    }
    assert_eq!(store.im_private(BERT, "k").wait().unwrap(), None);
}

fn changes_are_carried_out_all_or_none(store: Shared) {
    store.im_change(vec![ImChange::Archived(said(ANNA, "a", BERT, 1))]).wait().unwrap();
    let twice = vec![
        ImChange::Vcard(anna(), "<lost/>".to_owned()),
        ImChange::Archived(said(BERT, "a", ANNA, 1)),
        ImChange::Archived(said(ANNA, "a", BERT, 2)),
    ];
    assert_eq!(store.im_change(twice).wait(), Err(StoreError::Conflict("archive id")));
    assert_eq!(store.im_vcard(ANNA).wait().unwrap(), None);
    assert_eq!(store.im_archive_ends(BERT).wait().unwrap(), None);
}

fn ten(store: &Shared) {
    let said = (0..10).map(|n| {
        let with = if n % 2 == 0 { "bert@example.org/pc" } else { "carl@example.org/pc" };
        ImChange::Archived(said(ANNA, &format!("m{n}"), with, 100 + n))
    });
    store.im_change(said.collect()).wait().unwrap();
    store.im_change(vec![ImChange::Archived(self::said(BERT, "m3", ANNA, 1))]).wait().unwrap();
}

fn an_archive_is_read_in_pages(store: Shared) {
    ten(&store);
    let three = |part| ImQuery { part, max: 3, ..all_of(ANNA) };
    for (part, wanted, complete, index) in [
        (ImPart::First, ["m0", "m1", "m2"], false, 0),
        (ImPart::Last, ["m7", "m8", "m9"], false, 7),
        (ImPart::After("m2".to_owned()), ["m3", "m4", "m5"], false, 3),
        (ImPart::After("m6".to_owned()), ["m7", "m8", "m9"], true, 7),
        (ImPart::Before("m7".to_owned()), ["m4", "m5", "m6"], false, 4),
        (ImPart::Before("m3".to_owned()), ["m0", "m1", "m2"], true, 0),
    ] {
        let page = page(&store, three(part.clone()));
        assert_eq!(ids(&page), wanted, "{part:?}");
        assert_eq!((page.complete, page.index, page.count), (complete, index, 10), "{part:?}");
    }
    let counted = page(&store, ImQuery { max: 0, ..all_of(ANNA) });
    assert_eq!((counted.messages.len(), counted.count, counted.complete), (0, 10, false));
    let ends = store.im_archive_ends(ANNA).wait().unwrap();
    assert_eq!(ends, Some([("m0".to_owned(), Time::from_secs(100)), ("m9".to_owned(), Time::from_secs(109))]));
    let empty = page(&store, all_of("nobody@example.org"));
    assert_eq!(empty, ImPage { complete: true, ..ImPage::default() });
}

fn an_archive_is_searched(store: Shared) {
    ten(&store);
    let bert = ImQuery { with_bare: Some(BERT.to_owned()), ..all_of(ANNA) };
    assert_eq!(ids(&page(&store, bert.clone())), ["m0", "m2", "m4", "m6", "m8"]);
    let phone = ImQuery { with_full: Some("bert@example.org/phone".to_owned()), ..bert.clone() };
    assert_eq!(page(&store, phone).count, 0);
    let time = ImQuery { start: Some(Time::from_secs(103)), end: Some(Time::from_secs(105)), ..all_of(ANNA) };
    assert_eq!(ids(&page(&store, time)), ["m3", "m4", "m5"]);
    let between =
        ImQuery { after_id: Some("m3".to_owned()), before_id: Some("m7".to_owned()), part: ImPart::Last, ..bert };
    let page_between = page(&store, ImQuery { max: 1, ..between });
    assert_eq!((ids(&page_between), page_between.count, page_between.index), (vec!["m6"], 2, 1));
    let named = ImQuery { ids: vec!["m8".to_owned(), "m1".to_owned()], ..all_of(ANNA) };
    assert_eq!(ids(&page(&store, named)), ["m1", "m8"]);
}

fn a_message_that_is_not_there_is_said_so(store: Shared) {
    ten(&store);
    let lost = || "lost".to_owned();
    for query in [
        ImQuery { after_id: Some(lost()), ..all_of(ANNA) },
        ImQuery { before_id: Some(lost()), ..all_of(ANNA) },
        ImQuery { ids: vec!["m1".to_owned(), lost()], ..all_of(ANNA) },
        ImQuery { part: ImPart::After(lost()), ..all_of(ANNA) },
        ImQuery { part: ImPart::Before("m4".to_owned()), ..all_of(BERT) },
    ] {
        assert_eq!(store.im_archive(query).wait().unwrap(), None);
    }
}

fn what_is_old_goes_in_steps(store: Shared) {
    ten(&store);
    store.im_change(vec![offline(1, 50), offline(2, 500)]).wait().unwrap();
    let before = Time::from_secs(105);
    let mut steps = Vec::new();
    while let Ok(gone @ 1..) = store.im_retain(before, 4).wait() {
        steps.push(gone);
    }
    assert_eq!(steps.iter().sum::<u64>(), 7, "six said, one waiting: {steps:?}");
    assert_eq!(ids(&page(&store, all_of(ANNA))), ["m5", "m6", "m7", "m8", "m9"]);
    assert_eq!(store.im_books().wait().unwrap()[0].offline.len(), 1);
}

fn a_person_is_forgotten(store: Shared) {
    ten(&store);
    let own = vec![
        ImChange::Contact(BERT.to_owned(), contact(ANNA), 1),
        ImChange::Vcard(BERT.to_owned(), "<vCard/>".to_owned()),
        ImChange::Contact(anna(), contact(BERT), 1),
    ];
    store.im_change(own).wait().unwrap();
    assert_eq!(store.im_erase(BERT).wait().unwrap(), 6, "five of Anna's archive and one of their own");
    assert_eq!(page(&store, all_of(ANNA)).count, 5);
    assert_eq!(store.im_vcard(BERT).wait().unwrap(), None);
    let books = store.im_books().wait().unwrap();
    assert_eq!(books.iter().map(|book| book.account.as_str()).collect::<Vec<_>>(), [ANNA]);
    assert_eq!(books[0].contacts.len(), 1, "others' rosters are theirs");
    assert_eq!(store.im_erase(BERT).wait().unwrap(), 0);
}

fn rooms_are_kept_with_their_archives(store: Shared) {
    let room = |body: &str| ImRoom {
        room: "r@conference.example.org".to_owned(),
        body: body.to_owned(),
        at: Time::from_secs(1),
    };
    store.im_keep_room(room("one")).wait().unwrap();
    store.im_keep_room(room("two")).wait().unwrap();
    assert_eq!(store.im_rooms().wait().unwrap(), [room("two")]);
    let owner = "r@conference.example.org";
    store.im_change(vec![ImChange::Archived(said(owner, "a", ANNA, 1))]).wait().unwrap();
    store.im_drop_room(owner).wait().unwrap();
    store.im_drop_room(owner).wait().unwrap();
    assert_eq!(store.im_rooms().wait().unwrap(), []);
    assert_eq!(page(&store, all_of(owner)).count, 0);
}

fn any_query() -> impl Strategy<Value = ImQuery> {
    let id = || (0..14_u8).prop_map(|n| format!("m{n}"));
    let part = prop_oneof![
        Just(ImPart::First),
        Just(ImPart::Last),
        id().prop_map(ImPart::After),
        id().prop_map(ImPart::Before)
    ];
    let peer = prop::option::of(prop::sample::select(vec!["a@x".to_owned(), "b@x".to_owned()]));
    let full = prop::option::weighted(0.2, prop::sample::select(vec!["a@x/1".to_owned(), "b@x/2".to_owned()]));
    let time = || prop::option::weighted(0.3, (0..14_i64).prop_map(Time::from_secs));
    let near = || prop::option::weighted(0.3, id());
    let ids = prop::collection::vec(id(), 0..3);
    (peer, full, (time(), time()), (near(), near()), ids, part, 0..5_usize).prop_map(
        |(with_bare, with_full, (start, end), (after_id, before_id), ids, part, max)| ImQuery {
            owner: ANNA.to_owned(),
            with_bare,
            with_full,
            start,
            end,
            after_id,
            before_id,
            ids,
            part,
            max,
        },
    )
}

#[test]
fn both_archives_answer_any_query_alike() {
    let dir = tempfile::tempdir().unwrap();
    let disk = store::sqlite::open(&dir.path().join("desk.db"), &Default::default()).unwrap();
    let memory = store::memory::open();
    let said: Vec<ImChange> = (0..12_i64)
        .map(|n| {
            let with = ["a@x/1", "a@x/2", "b@x/1", "b@x/2"][(n % 4) as usize];
            ImChange::Archived(said(ANNA, &format!("m{n}"), with, n))
        })
        .collect();
    disk.im_change(said.clone()).wait().unwrap();
    memory.im_change(said).wait().unwrap();
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&any_query(), |query| {
        let on_disk = disk.im_archive(query.clone()).wait().unwrap();
        let in_memory = memory.im_archive(query).wait().unwrap();
        prop_assert_eq!(on_disk, in_memory);
        Ok(())
    });
    outcome.unwrap();
}
