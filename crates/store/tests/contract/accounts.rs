//! Accounts, sessions and API keys.

use desk::time::{Span, Time};
use store::StoreError;
use store::accounts::{AccountChange, NewAccount, NewKey, NewSession, Role};
use store::scram::{ITERATIONS_MIN, Keys};

use crate::house::{MORNING, Shared, hash};

crate::on_both! {
    an_account_is_made_changed_and_removed
    sessions_end_with_password_disabling_and_removal
    sessions_and_keys_expire
    api_keys_are_found_by_their_hash
}

fn keys(password: &str) -> Keys {
    Keys::derive(password, [3; 16], ITERATIONS_MIN).unwrap()
}

fn new(name: &str, role: Role) -> NewAccount {
    NewAccount { name: name.to_owned(), title: format!("The {name}"), role, keys: keys("one"), at: MORNING }
}

fn session(token: &str, account: u64) -> NewSession {
    NewSession { token: hash(token), csrf: hash("csrf"), account, at: MORNING, expires_at: MORNING + Span::secs(100) }
}

fn an_account_is_made_changed_and_removed(store: Shared) {
    let anna = store.create_account(new("anna", Role::Agent)).wait().unwrap();
    let bert = store.create_account(new("bert", Role::Administrator)).wait().unwrap();
    assert_ne!(anna, bert);
    assert_eq!(store.create_account(new("anna", Role::Agent)).wait(), Err(StoreError::Conflict("name")));
    let found = store.account("anna").wait().unwrap().unwrap();
    assert_eq!((found.id, found.role, found.disabled), (anna, Role::Agent, false));
    assert!(found.keys.verify("one") && !found.keys.verify("two"));
    assert_eq!(found.keys, keys("one"), "the SHA-1 keys too");
    let change = AccountChange { role: Some(Role::Supervisor), ..AccountChange::default() };
    store.change_account("anna", change, MORNING).wait().unwrap();
    let found = store.account("anna").wait().unwrap().unwrap();
    assert_eq!((found.role, found.title.as_str()), (Role::Supervisor, "The anna"));
    store.set_password("anna", keys("two"), None, MORNING + Span::secs(5)).wait().unwrap();
    let found = store.account("anna").wait().unwrap().unwrap();
    assert!(found.keys.verify("two") && found.password_at == MORNING + Span::secs(5));
    let names: Vec<String> = store.accounts().wait().unwrap().into_iter().map(|account| account.name).collect();
    assert_eq!(names, ["anna", "bert"]);
    store.delete_account("anna").wait().unwrap();
    assert_eq!(store.account("anna").wait().unwrap(), None);
    assert_eq!(store.delete_account("anna").wait(), Err(StoreError::NotFound));
    assert_eq!(store.change_account("anna", AccountChange::default(), MORNING).wait(), Err(StoreError::NotFound));
    assert_eq!(store.set_password("anna", keys("x"), None, MORNING).wait(), Err(StoreError::NotFound));
    let again = store.create_account(new("anna", Role::Agent)).wait().unwrap();
    assert!(again > bert, "numbers are not reused");
}

fn sessions_end_with_password_disabling_and_removal(store: Shared) {
    let anna = store.create_account(new("anna", Role::Agent)).wait().unwrap();
    let bert = store.create_account(new("bert", Role::Agent)).wait().unwrap();
    let open = |token: &str| store.session(hash(token)).wait().unwrap().is_some();
    for (token, account) in [("a", anna), ("b", anna), ("c", bert)] {
        store.open_session(session(token, account)).wait().unwrap();
    }
    let (found, account) = store.session(hash("a")).wait().unwrap().unwrap();
    assert_eq!((found.csrf, account.name.as_str()), (hash("csrf"), "anna"));
    store.set_password("anna", keys("two"), Some(hash("b")), MORNING).wait().unwrap();
    assert_eq!((open("a"), open("b"), open("c")), (false, true, true));
    let disable = AccountChange { disabled: Some(true), ..AccountChange::default() };
    store.change_account("anna", disable, MORNING).wait().unwrap();
    assert_eq!((open("b"), open("c")), (false, true));
    store.delete_account("bert").wait().unwrap();
    assert!(!open("c"));
    store.open_session(session("d", anna)).wait().unwrap();
    store.close_session(hash("d")).wait().unwrap();
    store.close_session(hash("d")).wait().unwrap();
    assert!(!open("d"));
}

fn sessions_and_keys_expire(store: Shared) {
    let anna = store.create_account(new("anna", Role::Agent)).wait().unwrap();
    store.open_session(session("a", anna)).wait().unwrap();
    store.open_session(session("b", anna)).wait().unwrap();
    let later = MORNING + Span::secs(500);
    store.touch_session(hash("b"), MORNING + Span::secs(50), later).wait().unwrap();
    assert_eq!(store.touch_session(hash("x"), MORNING, later).wait(), Err(StoreError::NotFound));
    assert_eq!(store.drop_expired(MORNING + Span::secs(100)).wait().unwrap(), 1);
    assert!(store.session(hash("a")).wait().unwrap().is_none());
    let (kept, _) = store.session(hash("b")).wait().unwrap().unwrap();
    assert_eq!((kept.seen_at, kept.expires_at), (MORNING + Span::secs(50), later));
}

fn api_keys_are_found_by_their_hash(store: Shared) {
    let key = |token: &str, expires_at| NewKey {
        token: hash(token),
        title: "Reports".to_owned(),
        scopes: vec!["reports".to_owned(), "agent".to_owned()],
        agent: Some("anna".to_owned()),
        by: "root".to_owned(),
        at: MORNING,
        expires_at,
    };
    let first = store.create_key(key("k1", None)).wait().unwrap();
    let second = store.create_key(key("k2", Some(MORNING + Span::secs(10)))).wait().unwrap();
    assert_eq!(store.create_key(key("k1", None)).wait(), Err(StoreError::Conflict("token")));
    store.touch_key(first, MORNING + Span::secs(1)).wait().unwrap();
    let found = store.key(hash("k1")).wait().unwrap().unwrap();
    assert_eq!((found.id, found.used_at, found.scopes.len()), (first, Some(Time(MORNING.0 + 1_000_000)), 2));
    assert_eq!(found.agent.as_deref(), Some("anna"));
    assert_eq!(store.keys().wait().unwrap().len(), 2);
    store.drop_expired(MORNING + Span::secs(10)).wait().unwrap();
    assert!(store.key(hash("k2")).wait().unwrap().is_none());
    assert_eq!(store.delete_key(second).wait(), Err(StoreError::NotFound));
    store.delete_key(first).wait().unwrap();
    assert!(store.keys().wait().unwrap().is_empty());
    assert!(store.touch_key(first, MORNING).wait().is_err());
}
