//! What the edges remember: visits, visitors, canned replies, web hooks, the outbox, the audit log.

use desk::ids::{RequestId, VisitorId};
use desk::time::Span;
use store::StoreError;
use store::commit::Page;
use store::edges::{Canned, Channel, Delivery, DeliveryState, NewAudit, NewDelivery, Target, Webhook};

use crate::house::{House, MORNING, Shared, hash};

crate::on_both! {
    a_visit_is_found_by_token_key_and_request
    a_visitor_is_recognised
    open_visits_are_those_that_have_not_ended
    canned_replies
    web_hooks
    the_outbox_sends_at_least_once
    dead_letters_stay_until_pruned
    paused_and_removed_web_hooks_get_nothing
    the_audit_log_pages_backwards
}

fn a_visit_is_found_by_token_key_and_request(store: Shared) {
    let mut house = House::open(store);
    let expected = house.visit(1);
    let request = house.join(1, None);
    let visit = house.store.visit_by_token(expected.token_hash).wait().unwrap().unwrap();
    assert_eq!((visit.request, visit.visitor, &visit.name), (request, VisitorId(1), &expected.name));
    assert_eq!((&visit.page, &visit.answers), (&expected.page, &expected.answers));
    assert_eq!((visit.address_hash, visit.opened_at, visit.returned), (expected.address_hash, house.now, false));
    assert_eq!(house.store.visit_by_key(expected.key_hash.unwrap()).wait().unwrap(), Some(visit.clone()));
    assert_eq!(house.store.visits(vec![RequestId(9999), request]).wait().unwrap(), [visit]);
    assert_eq!(house.store.visit_by_token(hash("other")).wait().unwrap(), None);
    house.store.add_visit_token(request, hash("second tab"), house.now).wait().unwrap();
    let page = Page { url: "https://example.org/next".to_owned(), ..Page::default() };
    house.store.set_page(request, page.clone()).wait().unwrap();
    for token in [hash("second tab"), expected.token_hash] {
        assert_eq!(house.store.visit_by_token(token).wait().unwrap().unwrap().page, Some(page.clone()));
    }
    let lost = RequestId(9999);
    assert_eq!(house.store.add_visit_token(lost, hash("x"), house.now).wait(), Err(StoreError::NotFound));
    assert_eq!(house.store.set_page(lost, Page::default()).wait(), Err(StoreError::NotFound));
}

fn a_visitor_is_recognised(store: Shared) {
    let mut house = House::open(store);
    let first = house.join(1, None);
    let (agent, _) = house.answer(first);
    house.close(first);
    house.wait(60);
    let second = house.join(1, None);
    let visitor = house.store.visitor_by_token(hash("visitor 1")).wait().unwrap().unwrap();
    assert_eq!((visitor.id, visitor.visits, visitor.last_agent), (VisitorId(1), 2, Some(agent)));
    assert_eq!((visitor.first_at, visitor.last_at), (MORNING, house.now));
    assert_eq!(house.store.visitors(vec![VisitorId(1), VisitorId(5)]).wait().unwrap(), [visitor]);
    assert!(house.store.visits(vec![second]).wait().unwrap()[0].returned);
    assert_eq!(house.store.visitor_by_token(hash("visitor 2")).wait().unwrap(), None);
}

fn open_visits_are_those_that_have_not_ended(store: Shared) {
    let mut house = House::open(store);
    let (one, two) = (house.join(1, None), house.join(2, None));
    house.answer(one);
    house.close(one);
    let open = house.store.open_visits().wait().unwrap();
    assert_eq!(open.iter().map(|visit| visit.request).collect::<Vec<_>>(), [two]);
    assert!(house.store.open_visits_of(VisitorId(1)).wait().unwrap().is_empty());
    assert_eq!(house.store.open_visits_of(VisitorId(2)).wait().unwrap().len(), 1);
    assert_eq!(house.store.visits(vec![one]).wait().unwrap()[0].ended_at, Some(house.now));
}

fn canned_replies(store: Shared) {
    let reply = |owner: Option<&str>, shortcut: &str| Canned {
        id: 0,
        owner: owner.map(str::to_owned),
        shortcut: shortcut.to_owned(),
        title: "Greeting".to_owned(),
        text: "Hello!".to_owned(),
        workgroup: None,
        locale: Some("en".to_owned()),
    };
    let shared = store.put_canned(reply(None, "hi")).wait().unwrap();
    let mine = store.put_canned(reply(Some("anna"), "hi")).wait().unwrap();
    assert_eq!(store.put_canned(reply(Some("anna"), "hi")).wait(), Err(StoreError::Conflict("shortcut")));
    store.put_canned(reply(Some("anna"), "bye")).wait().unwrap();
    let changed = Canned { id: mine, text: "Good day!".to_owned(), ..reply(Some("anna"), "hi") };
    assert_eq!(store.put_canned(changed.clone()).wait().unwrap(), mine);
    let list = store.canned().wait().unwrap();
    assert_eq!(list.iter().map(|canned| canned.shortcut.as_str()).collect::<Vec<_>>(), ["bye", "hi", "hi"]);
    assert!(list.contains(&changed) && list.contains(&Canned { id: shared, ..reply(None, "hi") }));
    assert_eq!(store.put_canned(Canned { id: 99, ..reply(None, "x") }).wait(), Err(StoreError::NotFound));
    store.delete_canned(shared).wait().unwrap();
    assert_eq!(store.delete_canned(shared).wait(), Err(StoreError::NotFound));
}

fn hook(url: &str) -> Webhook {
    Webhook {
        id: 0,
        url: url.to_owned(),
        events: vec!["chat.ended".to_owned()],
        secret: "signing key".to_owned(),
        paused: false,
        at: MORNING,
    }
}

fn web_hooks(store: Shared) {
    let id = store.put_webhook(hook("https://one.example/")).wait().unwrap();
    let changed = Webhook { id, events: vec![], ..hook("https://two.example/") };
    store.put_webhook(changed.clone()).wait().unwrap();
    assert_eq!(store.webhooks().wait().unwrap(), [changed]);
    assert_eq!(store.put_webhook(Webhook { id: 99, ..hook("x") }).wait(), Err(StoreError::NotFound));
    store.delete_webhook(id).wait().unwrap();
    assert_eq!(store.delete_webhook(id).wait(), Err(StoreError::NotFound));
}

fn notice(target: Target) -> NewDelivery {
    NewDelivery {
        target,
        subject: "chat.ended".to_owned(),
        body: "{\"chat\":1}".to_owned(),
        chat: None,
        due_at: MORNING,
    }
}

fn the_outbox_sends_at_least_once(store: Shared) {
    let hook = store.put_webhook(hook("https://one.example/")).wait().unwrap();
    let mail = Target::Mail("marker-mail@example.org".to_owned());
    let first = store.enqueue(vec![notice(Target::Webhook(hook)), notice(mail)]).wait().unwrap();
    let claim = |channel, at| -> Vec<Delivery> { store.claim(channel, at, Span::secs(60), 10).wait().unwrap() };
    assert!(claim(Channel::Webhook, MORNING + Span::secs(-1)).is_empty(), "not before it is due");
    let claimed = claim(Channel::Webhook, MORNING);
    assert_eq!((claimed.len(), claimed[0].id, claimed[0].attempts), (1, first, 1));
    assert_eq!(claimed[0].body, "{\"chat\":1}");
    assert!(claim(Channel::Webhook, MORNING + Span::secs(59)).is_empty(), "somebody has it");
    assert_eq!(store.next_due(Channel::Webhook).wait().unwrap(), Some(MORNING + Span::secs(60)));
    let again = claim(Channel::Webhook, MORNING + Span::secs(60));
    assert_eq!((again[0].id, again[0].attempts), (first, 2), "whoever had it was lost");
    store.failed(first, "503", Some(MORNING + Span::secs(300)), MORNING).wait().unwrap();
    assert!(claim(Channel::Webhook, MORNING + Span::secs(299)).is_empty());
    assert_eq!(claim(Channel::Webhook, MORNING + Span::secs(300))[0].note, "503");
    store.delivered(first, "200", MORNING + Span::secs(301)).wait().unwrap();
    assert_eq!(store.next_due(Channel::Webhook).wait().unwrap(), None);
    let sent = store.deliveries(Channel::Webhook, Some(hook), 5).wait().unwrap().remove(0);
    assert_eq!((sent.state, sent.body.as_str(), sent.note.as_str()), (DeliveryState::Delivered, "", "200"));
    let mail = claim(Channel::Mail, MORNING).remove(0);
    assert_eq!(mail.target, Target::Mail("marker-mail@example.org".to_owned()));
    store.delivered(mail.id, "250", MORNING).wait().unwrap();
    let sent = store.deliveries(Channel::Mail, None, 5).wait().unwrap().remove(0);
    assert_eq!(sent.target, Target::Mail(String::new()), "the address is forgotten");
}

fn dead_letters_stay_until_pruned(store: Shared) {
    let id = store.enqueue(vec![notice(Target::Mail("a@example.org".to_owned()))]).wait().unwrap();
    store.claim(Channel::Mail, MORNING, Span::secs(60), 1).wait().unwrap();
    store.failed(id, "no such mailbox", None, MORNING).wait().unwrap();
    assert_eq!(store.failed(id, "again", None, MORNING).wait(), Err(StoreError::NotFound));
    assert_eq!(store.next_due(Channel::Mail).wait().unwrap(), None);
    let dead = store.deliveries(Channel::Mail, None, 5).wait().unwrap().remove(0);
    assert_eq!((dead.state, dead.settled_at), (DeliveryState::Dead, Some(MORNING)));
    assert_eq!((dead.target, dead.body.as_str()), (Target::Mail(String::new()), ""), "whom and what is forgotten");
    assert_eq!((dead.subject.as_str(), dead.note.as_str(), dead.attempts), ("chat.ended", "no such mailbox", 1));
    assert_eq!(store.prune_deliveries(MORNING).wait().unwrap(), 0);
    assert_eq!(store.prune_deliveries(MORNING + Span::secs(1)).wait().unwrap(), 1);
}

fn paused_and_removed_web_hooks_get_nothing(store: Shared) {
    let id = store.put_webhook(hook("https://one.example/")).wait().unwrap();
    store.enqueue(vec![notice(Target::Webhook(id)), notice(Target::Webhook(id))]).wait().unwrap();
    store.put_webhook(Webhook { id, paused: true, ..hook("https://one.example/") }).wait().unwrap();
    assert!(store.claim(Channel::Webhook, MORNING, Span::secs(60), 9).wait().unwrap().is_empty());
    assert_eq!(store.next_due(Channel::Webhook).wait().unwrap(), None);
    store.put_webhook(Webhook { id, ..hook("https://one.example/") }).wait().unwrap();
    assert_eq!(store.claim(Channel::Webhook, MORNING, Span::secs(60), 1).wait().unwrap().len(), 1);
    store.delete_webhook(id).wait().unwrap();
    assert!(store.deliveries(Channel::Webhook, None, 9).wait().unwrap().is_empty());
}

fn the_audit_log_pages_backwards(store: Shared) {
    for number in 0..5 {
        let entry = NewAudit {
            at: MORNING,
            who: "root".to_owned(),
            what: "account.created".to_owned(),
            on: format!("{number}"),
            detail: "x".to_owned(),
        };
        store.audit(entry).wait().unwrap();
    }
    let page = store.audit_page(None, 2).wait().unwrap();
    assert_eq!(page.iter().map(|entry| entry.entry.on.as_str()).collect::<Vec<_>>(), ["4", "3"]);
    let rest = store.audit_page(Some(page[1].seq), 9).wait().unwrap();
    assert_eq!(rest.iter().map(|entry| entry.entry.on.as_str()).collect::<Vec<_>>(), ["2", "1", "0"]);
    assert_eq!(store.prune_audit(MORNING).wait().unwrap(), 0);
    assert_eq!(store.prune_audit(MORNING + Span::secs(1)).wait().unwrap(), 5);
    assert!(store.audit_page(None, 2).wait().unwrap().is_empty());
}
