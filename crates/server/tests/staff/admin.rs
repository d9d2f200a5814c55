//! What administrators do: the desk, accounts, keys, blocks, erasing, the audit log.

use desk::time::Span;
use serde_json::json;

use crate::harness::House;

#[tokio::test]
async fn the_desk_is_read_checked_and_changed_with_its_version() {
    let house = House::new().await;
    let ada = house.sign_in("ada").await;
    let (_anna, mut seen) = house.agent("anna").await;
    let read = ada.get("/admin/desk").await.ok().json();
    let mut desk = read["desk"].clone();
    assert_eq!(desk["workgroup"][0]["name"], "support");
    assert_eq!(desk["canned"][0]["shortcut"], "hi");

    desk["workgroup"][0]["queue"][0]["offer_timeout_s"] = json!(20);
    let checked = ada.post("/admin/desk/check", json!({ "desk": desk })).await.ok().json();
    assert_eq!(checked["changes"].as_array().map(Vec::len), Some(1), "{checked}");
    let change = json!({ "desk": desk, "version": read["version"] });
    let put = ada.put("/admin/desk", change.clone()).await.ok().json();
    assert_eq!(put["changes"], checked["changes"]);
    seen.until("desk").await;
    let whole = seen.until("snapshot").await;
    assert_eq!(whole["me"]["name"], "anna");
    assert_eq!(ada.put("/admin/desk", change).await.problem(), (409, "version_conflict".into()));
    let again = ada.put("/admin/desk", json!({ "desk": desk, "version": put["version"] })).await.ok().json();
    assert_eq!(again["changes"], json!([]));

    desk["workgroup"][0]["queue"][0]["members"] = json!(["nobody"]);
    let faulty = ada.put("/admin/desk", json!({ "desk": desk })).await;
    assert_eq!(faulty.problem(), (422, "bad_declaration".into()));
    assert!(faulty.json()["findings"].as_array().is_some_and(|it| !it.is_empty()));
    let misspelt = ada.put("/admin/desk", json!({ "desk": { "workgroups": [] } })).await;
    assert_eq!(misspelt.problem(), (400, "bad_request".into()));
    let version = ada.get("/admin/desk").await.ok().json()["version"].clone();
    assert_eq!(version, put["version"], "what was refused changed nothing");
}

#[tokio::test]
async fn single_parts_come_and_go() {
    let house = House::new().await;
    let ada = house.sign_in("ada").await;
    ada.put("/admin/agents/dora", json!({ "title": "Dora", "chats_max": 4 })).await.ok();
    ada.put("/admin/skills/loans", json!({ "title": "Loans" })).await.ok();
    let queue = json!({ "title": "Second line", "members": ["dora"], "dispatch": "offer" });
    ada.put("/admin/workgroups/support/queues/second", queue).await.ok();
    let desk = ada.get("/admin/desk").await.ok().json()["desk"].clone();
    assert_eq!(desk["workgroup"][0]["queue"][1]["name"], "second");
    assert_eq!(desk["skills"]["loans"], "Loans");
    ada.put("/admin/workgroups/new", json!({ "title": "New", "queue": [{ "name": "q", "members": ["dora"] }] }))
        .await
        .ok();
    let renamed = ada.put("/admin/agents/dora", json!({ "name": "eva" })).await;
    assert_eq!(renamed.problem(), (400, "bad_request".into()));
    ada.delete("/admin/agents/dora").await.ok();
    ada.delete("/admin/workgroups/new").await.ok();
    ada.delete("/admin/workgroups/support/queues/second").await.ok();
    ada.delete("/admin/skills/loans").await.ok();
    for gone in ["/admin/agents/dora", "/admin/workgroups/new", "/admin/workgroups/x/queues/y", "/admin/skills/loans"] {
        assert_eq!(ada.delete(gone).await.problem(), (404, "not_found".into()), "{gone}");
    }
    let bad = ada.put("/admin/agents/A%20B", json!({})).await;
    assert_eq!(bad.problem(), (422, "bad_declaration".into()));
}

#[tokio::test]
async fn accounts_are_made_changed_and_closed() {
    let house = House::new().await;
    let ada = house.sign_in("ada").await;
    let made = ada.post("/admin/accounts", json!({ "name": "dora", "role": "agent" })).await;
    assert_eq!(made.status, 201);
    let password = made.json()["password"].as_str().unwrap().to_owned();
    assert!(made.json()["agent"].is_null(), "the desk does not know her yet");
    let body = json!({ "username": "dora", "password": password });
    house.nobody().post("/session", body.clone()).await.ok();
    for (bad, field) in [
        (json!({ "name": "dora", "role": "agent" }), "name"),
        (json!({ "name": "D D", "role": "agent" }), "name"),
        (json!({ "name": "eve", "role": "king" }), "role"),
        (json!({ "name": "eve", "role": "agent", "password": "short" }), "new"),
    ] {
        let answer = ada.post("/admin/accounts", bad).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["fields"][0]["field"]), (422, &json!(field)));
    }
    ada.put("/admin/accounts/dora", json!({ "disabled": true })).await.ok();
    assert_eq!(house.nobody().post("/session", body).await.problem(), (401, "unauthorized".into()));
    assert_eq!(ada.put("/admin/accounts/ada", json!({ "role": "agent" })).await.problem(), (409, "wrong_state".into()));
    assert_eq!(ada.delete("/admin/accounts/ada").await.problem(), (409, "wrong_state".into()));

    let (anna, mut seen) = house.agent("anna").await;
    ada.post("/admin/accounts/anna/password", json!({ "password": "another long one" })).await.ok();
    assert_eq!(seen.until("bye").await["reason"], "signed_out");
    assert_eq!(anna.get("/session").await.status, 401, "her sessions are closed");
    ada.delete("/admin/accounts/dora").await.ok();
    assert_eq!(ada.delete("/admin/accounts/dora").await.status, 404);
}

#[tokio::test]
async fn keys_act_within_their_scopes_until_removed() {
    let house = House::new().await;
    let ada = house.sign_in("ada").await;
    let made =
        ada.post("/admin/keys", json!({ "title": "Bot", "scopes": ["agent"], "agent": "carla" })).await.ok().json();
    let bot = house.bearer(made["token"].as_str().unwrap());
    let mut events = bot.events("/agent/events").await;
    assert_eq!(events.until("snapshot").await["me"]["name"], "carla");
    let list = ada.get("/admin/keys").await.ok().json();
    assert!(list["keys"][0].get("token").is_none(), "{list}");
    for bad in [
        json!({ "title": "x", "scopes": [] }),
        json!({ "title": "x", "scopes": ["root"] }),
        json!({ "title": "x", "scopes": ["agent"] }),
        json!({ "title": "x", "scopes": ["agent"], "agent": "nobody" }),
        json!({ "title": "x", "scopes": ["admin"], "expires_at": "2020-01-01T00:00:00Z" }),
        json!({ "title": "\u{0}", "scopes": ["admin"] }),
    ] {
        assert_eq!(ada.post("/admin/keys", bad).await.problem(), (422, "form_required".into()));
    }
    let watching = json!({ "title": "Board", "scopes": ["supervisor"], "expires_at": "2026-11-20T10:30:00Z" });
    let board = ada.post("/admin/keys", watching).await.ok().json();
    let mut floor = house.bearer(board["token"].as_str().unwrap()).events("/supervisor/events").await;
    floor.until("snapshot").await;
    ada.delete(&format!("/admin/keys/{}", made["id"].as_str().unwrap())).await.ok();
    assert_eq!(bot.get("/agent/canned").await.problem(), (401, "unauthorized".into()));
    assert_eq!(events.until("bye").await["reason"], "signed_out", "what it had open ends too");
    assert!(events.next().await.is_none());

    house.pass(Span::secs(3_599)).await;
    floor.none("bye").await;
    house.pass(Span::secs(1)).await;
    assert_eq!(floor.until("bye").await["reason"], "signed_out", "its time is over");
}

#[tokio::test]
async fn a_stream_ends_with_the_session_that_it_was_opened_with() {
    let house = House::new().await;
    let (anna, mut used) = house.agent("anna").await;
    let (_bert, mut unused) = house.agent("bert").await;
    house.pass(Span::secs(11 * 3600)).await;
    anna.get("/session").await.ok();
    house.pass(Span::secs(3600 + 1)).await;
    assert_eq!(unused.until("bye").await["reason"], "signed_out", "twelve hours without a request");
    used.none("bye").await;
    house.pass(Span::secs(11 * 3600)).await;
    assert_eq!(used.until("bye").await["reason"], "signed_out");
}

#[tokio::test]
async fn a_blocked_person_stays_out_until_the_block_is_lifted() {
    let house = House::new().await;
    let ada = house.sign_in("ada").await;
    let (visitor, _events, request) = house.visitor("desk", "Vera").await;
    let block = json!({ "request": request, "hours": 48, "reason": "abuse" });
    ada.post("/admin/blocks", block).await.ok();
    visitor.act("/visits/me/leave").await.ok();
    let open = |key: &str| json!({ "workgroup": "loans", "locale": "en", "answers": {}, "name": "Vera", "key": key });
    assert_eq!(house.nobody().post("/visits", open("key-of-a-blocked-one-1")).await.problem(), (403, "blocked".into()));
    let blocks = ada.get("/admin/blocks").await.ok().json();
    assert_eq!(blocks["blocks"].as_array().map(Vec::len), Some(1), "several keys, one block: {blocks}");
    assert_eq!(blocks["blocks"][0]["reason"], "abuse");
    ada.delete(&format!("/admin/blocks/{}", blocks["blocks"][0]["id"].as_str().unwrap())).await.ok();
    house.nobody().post("/visits", open("key-of-a-blocked-one-2")).await.ok();
    for bad in [
        json!({ "request": request, "reason": "x" }),
        json!({ "request": request, "hours": 1, "forever": true, "reason": "x" }),
        json!({ "hours": 1, "reason": "x" }),
        json!({ "request": request, "hours": 0, "reason": "x" }),
    ] {
        assert_eq!(ada.post("/admin/blocks", bad).await.status, 422);
    }
    assert_eq!(
        ada.post("/admin/blocks", json!({ "request": "9999", "forever": true, "reason": "x" })).await.status,
        404
    );
}

#[tokio::test]
async fn a_person_is_erased_and_the_counts_stay() {
    let house = House::new().await;
    let ada = house.sign_in("ada").await;
    let (anna, mut seen) = house.agent("anna").await;
    let (_visitor, mut heard, chat) = house.visitor("support", "Vera Secret").await;
    let offer = seen.until("offer").await;
    anna.act(&format!("/agent/offers/{}/accept", offer["offer"].as_str().unwrap())).await.ok();
    heard.find("state", |it| it["state"] == "chatting").await;
    anna.post(&format!("/agent/chats/{chat}/messages"), json!({ "id": "1", "text": "Dear Vera Secret" })).await.ok();
    let visitor = offer["waiting"]["visitor"]["id"].as_str().unwrap().to_owned();
    let erased = ada.post("/admin/erase", json!({ "visitor": visitor })).await.ok().json();
    assert_eq!(erased["erased"]["chats"], 1);
    assert_eq!(seen.until("chat_gone").await["ended"]["how"], "by_hand", "what was open ends first");
    let old = anna.get(&format!("/agent/archive/{chat}")).await.ok();
    let text = String::from_utf8_lossy(&old.bytes).into_owned();
    assert!(!text.contains("Secret") && !text.contains("book"), "{text}");
    assert_eq!(anna.get("/agent/archive?q=Dear").await.ok().json()["hits"], json!([]));
    let counted = ada.get("/supervisor/reports/range?from=2026-11-20&to=2026-11-21").await.ok().json();
    assert_eq!(counted["rows"][0]["answered"], 1);
    let log = ada.get("/admin/audit").await.ok();
    assert!(!String::from_utf8_lossy(&log.bytes).contains("Secret"));
    assert_eq!(ada.post("/admin/erase", json!({ "visitor": "12345" })).await.status, 404);
    let both = json!({ "visitor": visitor, "left": "1" });
    assert_eq!(ada.post("/admin/erase", both).await.status, 422);
    assert_eq!(ada.post("/admin/erase", json!({})).await.status, 422);
}

#[tokio::test]
async fn the_audit_log_is_paged_and_the_status_is_sound() {
    let house = House::new().await;
    let ada = house.sign_in("ada").await;
    for n in 0..5 {
        ada.put(&format!("/admin/skills/skill{n}"), json!({})).await.ok();
    }
    let first = ada.get("/admin/audit?limit=3").await.ok().json();
    let next = first["next"].as_str().unwrap().to_owned();
    let second = ada.get(&format!("/admin/audit?limit=3&cursor={next}")).await.ok().json();
    assert_eq!(first["entries"][0]["on"], "skill4");
    assert_eq!(second["entries"][0]["on"], "skill1");
    assert_eq!(ada.get("/admin/audit?cursor=x").await.status, 422);
    let status = ada.get("/admin/status").await.ok().json();
    assert_eq!((&status["invariants"]["breaches"], &status["storage"]["backend"]), (&json!(0), &json!("memory")));
    assert_eq!(status["desk"]["agents"], 4);
}
