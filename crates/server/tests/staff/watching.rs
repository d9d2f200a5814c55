//! Supervisors who are no agents: the live floor, the running chats, the archive, and entering a chat all the same.

use desk::time::Span;
use serde_json::json;

use crate::harness::House;

#[tokio::test]
async fn a_supervisor_who_is_no_agent_sees_the_floor_live() {
    let house = House::new().await;
    let ada = house.sign_in("ada").await;
    let mut floor = ada.events("/supervisor/events").await;
    let whole = floor.until("snapshot").await;
    assert!(whole.get("me").is_none(), "{whole}");
    assert_eq!((&whole["running"], &whole["settings"]["supervisor"]), (&json!([]), &json!(true)));
    assert_eq!(whole["queues"].as_array().unwrap().len(), 3);
    let nobody_here = whole["agents"].as_array().unwrap().iter().all(|it| it["signed_in"] == false);
    assert!(nobody_here, "watching signs nobody in: {whole}");

    let (carla, mut carla_sees) = house.agent("carla").await;
    house.pass(Span::secs(1)).await;
    floor.find("agent", |it| it["title"] == "Carla" && it["show"] == "available").await;
    let (visitor, _events, chat) = house.visitor("desk", "Vera").await;
    house.pass(Span::secs(1)).await;
    let line = floor.find("line", |it| it["total"] == 1).await;
    assert_eq!(
        (&line["upsert"][0]["visitor"]["title"], &line["upsert"][0]["may_take"]),
        (&json!("Vera"), &json!(false))
    );
    house.pass(Span::secs(1)).await;
    floor.find("queue", |it| it["id"] == "desk/pull" && it["waiting"] == 1).await;

    carla.act(&format!("/agent/requests/{chat}/take")).await.ok();
    let running = floor.find("running", |it| it["state"] == "chatting").await;
    assert_eq!((&running["chat"], &running["queue"]), (&json!(chat), &json!("desk/pull")));
    assert_eq!((&running["visitor"]["title"], &running["agents"][0]["title"]), (&json!("Vera"), &json!("Carla")));
    let listed = ada.get("/supervisor/chats").await.ok().json();
    assert_eq!((&listed["chats"][0], &listed["total"]), (&running, &json!(1)));
    assert_eq!(ada.get("/supervisor/chats?workgroup=loans").await.ok().json()["total"], 0);
    assert_eq!(ada.get("/supervisor/chats?workgroup=none").await.status, 404);

    // Who comes later begins with it; agents are told of their own chats only.
    let mut sven = house.sign_in("sven").await.events("/agent/events").await;
    assert_eq!(sven.until("snapshot").await["running"][0]["chat"], json!(chat));
    carla_sees.until("chat").await;
    visitor.act("/visits/me/leave").await.ok();
    assert_eq!(floor.until("running_gone").await["chat"], json!(chat));
    assert_eq!(sven.until("running_gone").await["chat"], json!(chat));
    let mut passed = Vec::new();
    while let Some(event) = carla_sees.next().await {
        passed.push(event.name);
        if passed.last().is_some_and(|name| name == "chat_gone") {
            break;
        }
    }
    assert!(!passed.iter().any(|name| name.starts_with("running")), "{passed:?}");
}

#[tokio::test]
async fn watching_is_resumed_told_of_a_new_desk_and_ends_with_the_role() {
    let house = House::new().await;
    house.account("wilma", "supervisor").await;
    let wilma = house.sign_in("wilma").await;
    let mut floor = wilma.events("/supervisor/events").await;
    floor.until("snapshot").await;
    let last = floor.last.clone().unwrap();
    drop(floor);
    let (_visitor, _events, chat) = house.visitor("desk", "Vera").await;
    house.pass(Span::secs(1)).await;
    let mut floor = wilma.events(&format!("/supervisor/events?last={last}")).await;
    let first = floor.next().await.unwrap();
    assert_ne!(first.name, "snapshot", "it goes on where it stopped");
    floor.find("line", |it| it["upsert"][0]["request"] == json!(chat)).await;

    let ada = house.sign_in("ada").await;
    let renamed = json!({ "name": "bert", "title": "Berta" });
    ada.put("/admin/agents/bert", renamed).await.ok();
    floor.until("desk").await;
    let whole = floor.until("snapshot").await;
    assert!(whole["agents"].as_array().unwrap().iter().any(|it| it["title"] == "Berta"), "{whole}");

    ada.put("/admin/accounts/wilma", json!({ "role": "agent" })).await.ok();
    assert_eq!(floor.until("bye").await["reason"], "signed_out");
    assert_eq!(wilma.get("/supervisor/events").await.problem(), (403, "forbidden".into()));
}

#[tokio::test]
async fn a_supervisor_becomes_an_agent_to_enter_a_chat() {
    let house = House::new().await;
    let (_carla, mut carla_sees) = {
        let (carla, sees) = house.agent("carla").await;
        let (_visitor, _events, chat) = house.visitor("desk", "Vera").await;
        carla.act(&format!("/agent/requests/{chat}/take")).await.ok();
        (carla, sees)
    };
    let chat = carla_sees.until("chat").await["chat"].as_str().unwrap().to_owned();
    let ada = house.sign_in("ada").await;
    let refused = ada.act(&format!("/agent/chats/{chat}/enter")).await.json();
    assert_eq!(refused["code"], "forbidden");
    assert!(refused["detail"].as_str().unwrap().contains("POST /supervisor/agent"), "{refused}");
    let mut floor = ada.events("/supervisor/events").await;
    floor.until("snapshot").await;

    let made = ada.act("/supervisor/agent").await.ok().json();
    assert_eq!(ada.act("/supervisor/agent").await.ok().json(), made, "once is enough");
    assert_eq!(ada.get("/session").await.ok().json()["account"]["agent"], made["agent"]);
    floor.until("desk").await;
    let signed_out = ada.act(&format!("/agent/chats/{chat}/enter")).await;
    assert_eq!(signed_out.problem(), (409, "not_eligible".into()));
    let mut desk = ada.events("/agent/events").await;
    let whole = desk.until("snapshot").await;
    assert_eq!((&whole["me"]["title"], &whole["me"]["queues"]), (&json!("ADA"), &json!([])));
    ada.act(&format!("/agent/chats/{chat}/enter")).await.ok();
    let entered = desk.until("chat").await;
    assert_eq!((&entered["chat"], &entered["part"]), (&json!(chat), &json!("supervisor")));
    let inside = floor.find("running", |it| it["agents"].as_array().unwrap().len() == 2).await;
    assert!(inside["agents"].as_array().unwrap().iter().any(|it| it["part"] == "supervisor"), "{inside}");
    carla_sees.find("chat", |it| it["agents"].as_array().unwrap().len() == 2).await;
    ada.act(&format!("/agent/chats/{chat}/leave")).await.ok();
    assert_eq!(desk.until("chat_gone").await["chat"], json!(chat));

    let log = ada.get("/admin/audit").await.ok().json();
    for what in ["agent.declared", "chat.entered"] {
        let noted = |it: &serde_json::Value| it["who"] == "ada" && it["what"] == what;
        assert!(log["entries"].as_array().unwrap().iter().any(noted), "{what} stands not in {log}");
    }
}

#[tokio::test]
async fn the_archive_is_open_to_every_supervisor() {
    let house = House::new().await;
    let (carla, mut carla_sees) = house.agent("carla").await;
    let (visitor, _events, chat) = house.visitor("desk", "Vera").await;
    carla.act(&format!("/agent/requests/{chat}/take")).await.ok();
    let visitor_id = carla_sees.until("chat").await["visitor"]["id"].as_str().unwrap().to_owned();
    let said = json!({ "id": "words-of-carla-0001", "text": "The zeppelin leaves at noon." });
    carla.post(&format!("/agent/chats/{chat}/messages"), said).await.ok();
    let ada = house.sign_in("ada").await;
    let live = ada.get(&format!("/agent/chats/{chat}/messages")).await.ok().json();
    let texts = live["messages"].as_array().unwrap().iter().any(|it| it["text"] == "The zeppelin leaves at noon.");
    assert!(texts, "{live}");
    visitor.act("/visits/me/leave").await.ok();
    carla_sees.until("chat_gone").await;

    let found = ada.get("/agent/archive?q=zeppelin").await.ok().json();
    assert_eq!((&found["hits"][0]["chat"], &found["hits"][0]["visitor_id"]), (&json!(chat), &json!(visitor_id)));
    let named = |name: &str| format!("/agent/archive?name={name}");
    assert_eq!(ada.get(&named("ver")).await.ok().json()["hits"][0]["chat"], json!(chat));
    assert_eq!(ada.get(&named("nobody")).await.ok().json()["hits"], json!([]));
    let read = ada.get(&format!("/agent/archive/{chat}")).await.ok().json();
    assert_eq!(read["visitor"]["title"], "Vera");
    let history = ada.get(&format!("/agent/visitors/{visitor_id}/history")).await.ok().json();
    assert_eq!(history["chats"].as_array().unwrap().len(), 1);
    ada.get(&format!("/agent/chats/{chat}/transcript?format=text")).await.ok();
    // An agent of another workgroup still may not.
    let bert = house.sign_in("bert").await;
    assert_eq!(bert.get(&format!("/agent/archive/{chat}")).await.problem(), (403, "not_yours".into()));
}

#[tokio::test]
async fn what_is_said_in_the_houses_name_is_changed_on_record() {
    let house = House::with(|config| config.webhooks.allow_private = true).await;
    let (sven, ada) = (house.sign_in("sven").await, house.sign_in("ada").await);
    let shared = json!({ "shortcut": "bye", "title": "Farewell", "text": "Goodbye!", "shared": true });
    let id = sven.post("/agent/canned", shared).await.ok().json()["id"].as_str().unwrap().to_owned();
    let changed = json!({ "shortcut": "bye", "title": "Farewell", "text": "Farewell!", "shared": true });
    sven.put(&format!("/agent/canned/{id}"), changed).await.ok();
    sven.delete(&format!("/agent/canned/{id}")).await.ok();
    let own = json!({ "shortcut": "me", "text": "Mine alone" });
    sven.post("/agent/canned", own).await.ok();
    let hook = json!({ "url": "http://127.0.0.1:9/hook", "events": ["request.queued"] });
    let hook = ada.post("/admin/webhooks", hook).await.ok().json()["id"].as_str().unwrap().to_owned();
    ada.act(&format!("/admin/webhooks/{hook}/test")).await.ok();

    let log = ada.get("/admin/audit").await.ok().json();
    let noted = |who: &str, what: &str, on: &str| {
        let is_it = |it: &&serde_json::Value| it["who"] == who && it["what"] == what && it["on"] == on;
        log["entries"].as_array().unwrap().iter().filter(is_it).count()
    };
    for what in ["canned.added", "canned.changed", "canned.removed"] {
        assert_eq!(noted("sven", what, "bye"), 1, "{what}: {log}");
        assert_eq!(noted("sven", what, "me"), 0, "what is one's own is nobody's business: {log}");
    }
    assert_eq!(noted("ada", "webhook.tested", &hook), 1, "{log}");
}
