//! What supervisors do by hand, and what they read.

use desk::time::Span;
use serde_json::json;

use crate::harness::House;

#[tokio::test]
async fn requests_are_moved_raised_assigned_and_ended() {
    let house = House::new().await;
    let sven = house.sign_in("sven").await;
    let mut floor = sven.events("/agent/events").await;
    floor.until("snapshot").await;
    let (_v1, _e1, first) = house.visitor("desk", "First").await;
    let (_v2, _e2, second) = house.visitor("desk", "Second").await;
    house.pass(Span::millis(300)).await;
    floor.find("line", |it| it["total"] == 2).await;

    sven.act(&format!("/supervisor/requests/{second}/head")).await.ok();
    house.pass(Span::millis(300)).await;
    let change = floor.find("line", |it| it["order"].is_array()).await;
    assert_eq!(change["order"], json!([second, first]));
    sven.post(&format!("/supervisor/requests/{first}/priority"), json!({ "priority": 9 })).await.ok();
    house.pass(Span::millis(300)).await;
    floor.find("line", |it| it["upsert"][0]["priority"] == 9).await;
    let too_high = sven.post(&format!("/supervisor/requests/{first}/priority"), json!({ "priority": 10 })).await;
    assert_eq!(too_high.problem(), (422, "form_required".into()));

    sven.post(&format!("/supervisor/requests/{first}/move"), json!({ "queue": "loans/all" })).await.ok();
    house.pass(Span::millis(300)).await;
    floor.find("line", |it| it["queue"] == "loans/all" && it["upsert"][0]["request"] == first.as_str()).await;
    let nowhere = sven.post(&format!("/supervisor/requests/{first}/move"), json!({ "queue": "no/where" })).await;
    assert_eq!(nowhere.problem(), (404, "not_found".into()));

    let absent = sven.post(&format!("/supervisor/requests/{second}/assign"), json!({ "agent": "carla" })).await;
    assert_eq!(absent.problem(), (409, "not_eligible".into()));
    let (_carla, mut carla_sees) = house.agent("carla").await;
    sven.post(&format!("/supervisor/requests/{second}/assign"), json!({ "agent": "carla" })).await.ok();
    assert_eq!(carla_sees.until("chat").await["chat"], json!(second));
    sven.act(&format!("/supervisor/requests/{second}/end")).await.ok();
    assert_eq!(carla_sees.until("chat_gone").await["ended"]["how"], "by_hand");
    sven.act(&format!("/supervisor/requests/{first}/end")).await.ok();
    assert_eq!(sven.act(&format!("/supervisor/requests/{first}/end")).await.problem(), (404, "not_found".into()));

    sven.post("/supervisor/agents/carla/availability", json!({ "show": "dnd" })).await.ok();
    carla_sees.find("me", |it| it["show"] == "dnd").await;
    sven.act("/supervisor/agents/carla/sign-out").await.ok();
    assert_eq!(carla_sees.until("bye").await["reason"], "signed_out");

    let ada = house.sign_in("ada").await;
    let log = ada.get("/admin/audit").await.ok().json();
    let done: Vec<_> = log["entries"].as_array().unwrap().iter().filter(|it| it["who"] == "sven").collect();
    for what in
        ["request.head", "request.priority", "request.moved", "request.assigned", "request.ended", "agent.signed_out"]
    {
        assert!(done.iter().any(|it| it["what"] == what), "{what} stands not in {log}");
    }
}

#[tokio::test]
async fn reports_count_what_happened() {
    let house = House::new().await;
    let sven = house.sign_in("sven").await;
    let (v1, _e1, _) = house.visitor("desk", "First").await;
    let (carla, mut carla_sees) = house.agent("carla").await;
    let (_v2, mut e2, second) = house.visitor("desk", "Second").await;
    house.pass(Span::secs(90)).await;
    carla.act(&format!("/agent/requests/{second}/take")).await.ok();
    carla_sees.until("chat").await;
    e2.find("state", |it| it["state"] == "chatting").await;
    v1.act("/visits/me/leave").await.ok();

    let today = sven.get("/supervisor/reports/today").await.ok().json();
    let line = &today["queues"]["desk/pull"];
    let sum = |what: &str| line[what].as_array().unwrap().iter().map(|it| it.as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("arrived"), sum("answered"), sum("abandoned")), (2, 1, 1), "{today}");
    assert_eq!(today["step_s"], 900);
    assert!(line["mean_wait_s"].as_array().unwrap().iter().any(|it| it.as_f64() == Some(90.0)), "{line}");

    let by_agent = sven.get("/supervisor/reports/range?from=2026-11-20&to=2026-11-21&by=agent").await.ok().json();
    assert_eq!((&by_agent["rows"][0]["what"], &by_agent["rows"][0]["answered"]), (&json!("Carla"), &json!(1)));
    let csv = sven.get("/supervisor/reports/range?from=2026-11-20&to=2026-11-21&format=csv").await.ok();
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert!(String::from_utf8_lossy(&csv.bytes).lines().any(|line| line.starts_with("desk/pull,2,1,1,")));
    for wrong in
        ["from=x&to=2026-11-21", "from=2026-11-21&to=2026-11-20", "from=2020-01-01&to=2026-11-21", "to=2026-11-21"]
    {
        assert!(sven.get(&format!("/supervisor/reports/range?{wrong}")).await.status.is_client_error(), "{wrong}");
    }
    assert_eq!(sven.get("/supervisor/reports/today?workgroup=none").await.status, 404);
}

#[tokio::test]
async fn left_messages_are_read_and_done() {
    let house = House::new().await;
    let left = json!({ "name": "Vera", "email": "vera@example.org", "text": "Call me", "locale": "en" });
    house.nobody().post("/workgroups/support/messages", left).await.ok();
    let sven = house.sign_in("sven").await;
    let list = sven.get("/supervisor/messages").await.ok().json();
    assert_eq!(
        (&list["messages"][0]["text"], &list["messages"][0]["workgroup"]),
        (&json!("Call me"), &json!("support"))
    );
    let id = list["messages"][0]["id"].as_str().unwrap();
    sven.act(&format!("/supervisor/messages/{id}/done")).await.ok();
    assert_eq!(sven.get("/supervisor/messages").await.ok().json()["messages"], json!([]));
    let all = sven.get("/supervisor/messages?open=false").await.ok().json();
    assert_eq!(all["messages"][0]["done"], "sven");
    assert_eq!(sven.act("/supervisor/messages/999/done").await.status, 404);
}
