//! What agents do: streams, offers, chats, transfers, and what they may not.

use desk::time::Span;
use serde_json::{Value, json};

use crate::harness::House;

#[tokio::test]
async fn an_offer_is_made_accepted_and_talked_over() {
    let house = House::new().await;
    let (anna, mut seen) = house.agent("anna").await;
    let (visitor, mut heard, chat) = house.visitor("support", "Vera").await;

    let offer = seen.until("offer").await;
    assert_eq!((&offer["request"], &offer["kind"]), (&json!(chat), &json!("request")));
    assert_eq!(offer["waiting"]["visitor"]["title"], "Vera");
    assert_eq!(offer["waiting"]["first_words"], "Where is my book?");
    assert_eq!(offer["waiting"]["answers"][0], json!({ "label": "Your question", "value": "Where is my book?" }));
    assert_eq!(offer["earlier"], 0);
    let path = format!("/agent/offers/{}/accept", offer["offer"].as_str().unwrap());
    assert_eq!(anna.act(&path).await.ok().json(), json!({ "chat": chat }));

    let opened = seen.find("chat", |it| it["messages"].is_array()).await;
    assert_eq!((&opened["chat"], &opened["part"]), (&json!(chat), &json!("holder")));
    assert_eq!(opened["visitor"]["title"], "Vera");
    seen.find("offer_gone", |it| it["reason"] == "accepted").await;
    heard.find("state", |it| it["state"] == "chatting").await;

    let said =
        anna.post(&format!("/agent/chats/{chat}/messages"), json!({ "id": "a-1", "text": "Good morning" })).await;
    assert_eq!(said.status, 201);
    let again =
        anna.post(&format!("/agent/chats/{chat}/messages"), json!({ "id": "a-1", "text": "Good morning" })).await;
    assert_eq!((again.status.as_u16(), again.json()["number"].clone()), (200, said.json()["number"].clone()));
    let message = heard.find("message", |it| it["kind"] == "text").await;
    assert_eq!((&message["text"], &message["from"]["title"]), (&json!("Good morning"), &json!("Anna")));
    let own = seen.find("message", |it| it["kind"] == "text").await;
    assert_eq!((&own["chat"], &own["from"]["self"]), (&json!(chat), &json!(true)));

    let number = said.json()["number"].as_u64().unwrap();
    anna.put(&format!("/agent/chats/{chat}/messages/{number}"), json!({ "text": "Good day" })).await.ok();
    assert_eq!(heard.until("correction").await["text"], "Good day");
    anna.post(&format!("/agent/chats/{chat}/typing"), json!({ "state": "composing" })).await.ok();
    assert_eq!(heard.until("typing").await["state"], "composing");

    let note = anna.post(&format!("/agent/chats/{chat}/notes"), json!({ "text": "Wants a book" })).await;
    assert_eq!((note.status.as_u16(), &note.json()["by"]), (201, &json!("Anna")));
    assert_eq!(seen.until("note").await["note"]["text"], "Wants a book");
    anna.put(&format!("/agent/chats/{chat}/tags"), json!({ "tags": ["loan", "loan"] })).await.ok();
    assert_eq!(seen.until("tags").await["tags"], json!(["loan"]));

    anna.act(&format!("/agent/chats/{chat}/close")).await.ok();
    let gone = seen.until("chat_gone").await;
    assert_eq!((&gone["ended"]["how"], &gone["ended"]["by"]), (&json!("closed_by_agent"), &json!("agent")));
    heard.find("state", |it| it["state"] == "ended").await;
    // Tags can still be set; words can no longer be said.
    anna.put(&format!("/agent/chats/{chat}/tags"), json!({ "tags": [] })).await.ok();
    let late = anna.post(&format!("/agent/chats/{chat}/messages"), json!({ "id": "a-9", "text": "x" })).await;
    assert_eq!(late.problem(), (409, "wrong_state".into()));

    let row = anna.get("/agent/archive?q=mor").await.ok().json();
    assert_eq!(row["hits"].as_array().map(Vec::len), Some(0), "corrected words are not found any more");
    let row = anna.get("/agent/archive?q=day").await.ok().json();
    assert_eq!((&row["hits"][0]["chat"], &row["hits"][0]["snippet"]), (&json!(chat), &json!("Good ⟦day⟧")));
    let old = anna.get(&format!("/agent/archive/{chat}")).await.ok().json();
    assert!(old["messages"].as_array().is_some_and(|it| it.len() >= 3), "{old}");
    assert_eq!(old["notes"][0]["text"], "Wants a book");
    let visitor_id = opened["visitor"]["id"].as_str().unwrap();
    let history = anna.get(&format!("/agent/visitors/{visitor_id}/history")).await.ok().json();
    assert_eq!(history["chats"][0]["agents"], json!(["Anna"]));
    let page = anna.get(&format!("/agent/chats/{chat}/transcript?format=html")).await.ok();
    assert!(String::from_utf8_lossy(&page.bytes).contains("Good day"));
    drop(visitor);
}

#[tokio::test]
async fn two_agents_race_for_one_offer_and_one_wins() {
    let house = House::new().await;
    let (anna, mut anna_sees) = house.agent("anna").await;
    let (bert, mut bert_sees) = house.agent("bert").await;
    for round in 0..5 {
        let (_visitor, _heard, chat) = house.visitor("loans", &format!("V{round}")).await;
        let path = |offer: &Value| format!("/agent/offers/{}/accept", offer["offer"].as_str().unwrap());
        let of = |chat: String| move |it: &Value| it["request"] == chat.as_str();
        let one = path(&anna_sees.find("offer", of(chat.clone())).await);
        let two = path(&bert_sees.find("offer", of(chat.clone())).await);
        let (first, second) = tokio::join!(anna.act(&one), bert.act(&two));
        let mut won = [first.status.as_u16(), second.status.as_u16()];
        won.sort_unstable();
        assert_eq!(won, [200, 410]);
        let (winner, loser, loser_sees) =
            if first.status == 200 { (&anna, &second, &mut bert_sees) } else { (&bert, &first, &mut anna_sees) };
        assert_eq!(loser.problem().1, "offer_gone");
        loser_sees.find("offer_gone", |it| it["reason"] == "taken").await;
        winner.act(&format!("/agent/chats/{chat}/close")).await.ok();
    }
}

#[tokio::test]
async fn a_chat_goes_to_another_agent_with_a_note_and_a_supervisor_looks_in() {
    let house = House::new().await;
    let (anna, mut anna_sees) = house.agent("anna").await;
    let (_visitor, mut heard, chat) = house.visitor("support", "Vera").await;
    let offer = anna_sees.until("offer").await;
    anna.act(&format!("/agent/offers/{}/accept", offer["offer"].as_str().unwrap())).await.ok();
    heard.find("state", |it| it["state"] == "chatting").await;
    anna.post(&format!("/agent/chats/{chat}/messages"), json!({ "id": "1", "text": "One moment" })).await.ok();

    let (bert, mut bert_sees) = house.agent("bert").await;
    let bert_id = bert.get("/session").await.ok().json()["account"]["agent"].as_str().unwrap().to_owned();
    let wish = json!({ "to": { "agent": bert_id }, "kind": "transfer", "note": "Knows loans\u{0}" });
    anna.post(&format!("/agent/chats/{chat}/transfer"), wish).await.ok();
    anna_sees.find("chat", |it| it["transfer"]["target"] == "Bert").await;
    let offer = bert_sees.until("offer").await;
    assert_eq!((&offer["kind"], &offer["from"]["title"]), (&json!("transfer"), &json!("Anna")));
    assert_eq!(offer["note"], "Knows loans");

    // Only who is asked may accept.
    let path = format!("/agent/offers/{}/accept", offer["offer"].as_str().unwrap());
    let (carla, _carla_sees) = house.agent("carla").await;
    assert_eq!(carla.act(&path).await.problem(), (403, "not_yours".into()));
    assert_eq!(carla.get(&format!("/agent/chats/{chat}/messages")).await.problem(), (403, "not_yours".into()));
    let intruding = carla.post(&format!("/agent/chats/{chat}/messages"), json!({ "id": "1", "text": "x" })).await;
    assert_eq!(intruding.problem(), (403, "not_yours".into()));

    bert.act(&path).await.ok();
    let opened = bert_sees.until("chat").await;
    let words: Vec<_> = opened["messages"].as_array().unwrap().iter().filter(|it| it["kind"] == "text").collect();
    assert_eq!((words.len(), &words[0]["text"]), (1, &json!("One moment")));
    let gone = anna_sees.until("chat_gone").await;
    assert!(gone["ended"].is_null(), "it goes on without her: {gone}");
    heard.find("state", |it| it["agents"][0]["title"] == "Bert").await;

    let (sven, mut sven_sees) = house.agent("sven").await;
    assert_eq!(carla.act(&format!("/agent/chats/{chat}/enter")).await.problem(), (403, "forbidden".into()));
    sven.act(&format!("/agent/chats/{chat}/enter")).await.ok();
    assert_eq!(sven_sees.until("chat").await["part"], "supervisor");
    bert_sees.find("chat", |it| it["agents"].as_array().is_some_and(|it| it.len() == 2)).await;
    sven.act(&format!("/agent/chats/{chat}/leave")).await.ok();
    sven_sees.until("chat_gone").await;
}

#[tokio::test]
async fn lines_come_as_changes_to_those_who_see_them() {
    let house = House::new().await;
    let (carla, mut carla_sees) = house.agent("carla").await;
    let sven = house.sign_in("sven").await;
    let mut sven_sees = sven.events("/agent/events").await;
    let all = sven_sees.until("snapshot").await;
    assert_eq!(all["queues"].as_array().map(Vec::len), Some(3), "supervisors see every line");
    assert_eq!(all["me"]["show"], "away");

    let (visitor, _heard, first) = house.visitor("desk", "Vera").await;
    house.pass(Span::millis(300)).await;
    let change = carla_sees.until("line").await;
    assert_eq!((&change["queue"], &change["total"]), (&json!("desk/pull"), &json!(1)));
    assert_eq!((&change["upsert"][0]["request"], &change["upsert"][0]["may_take"]), (&json!(first), &json!(true)));
    assert_eq!(change["upsert"][0]["visitor"]["title"], "Vera");
    let change = sven_sees.until("line").await;
    assert_eq!(change["upsert"][0]["may_take"], false);

    let (_second, _heard2, second) = house.visitor("desk", "Willem").await;
    house.pass(Span::millis(300)).await;
    let change = carla_sees.find("line", |it| it["total"] == 2).await;
    assert_eq!(change["upsert"].as_array().map(Vec::len), Some(1), "only what changed");
    assert_eq!(change["upsert"][0]["request"], json!(second));
    house.pass(Span::secs(1)).await;
    let figures = carla_sees.find("queue", |it| it["waiting"] == 2).await;
    assert_eq!(figures["today"]["arrived"], 2);

    assert_eq!(carla.act(&format!("/agent/requests/{second}/take")).await.ok().json()["chat"], json!(second));
    house.pass(Span::millis(300)).await;
    carla_sees.find("line", |it| it["remove"] == json!([second])).await;
    visitor.act("/visits/me/leave").await.ok();
    house.pass(Span::millis(300)).await;
    carla_sees.find("line", |it| it["remove"] == json!([first]) && it["total"] == 0).await;
    house.pass(Span::secs(1)).await;
    carla_sees.find("queue", |it| it["today"]["abandoned"] == 1).await;
    assert_eq!(carla.act("/agent/queues/desk/pull/take").await.status, 404);
}

#[tokio::test]
async fn a_stream_resumes_and_another_browser_takes_over() {
    let house = House::new().await;
    let (anna, mut seen) = house.agent("anna").await;
    seen.find("me", |it| it["show"] == "available").await;
    let last = seen.last.clone().unwrap();
    drop(seen);
    anna.put("/agent/availability", json!({ "show": "away", "reason": "lunch" })).await.ok();
    let mut seen = anna.events(&format!("/agent/events?last={last}")).await;
    let first = seen.next().await.unwrap();
    assert_eq!((first.name.as_str(), &first.data["reason"]), ("me", &json!("lunch")), "no snapshot");
    // A second tab shares the session.
    let mut tab = anna.events("/agent/events").await;
    tab.until("snapshot").await;

    let elsewhere = house.sign_in("anna").await;
    let mut newer = elsewhere.events("/agent/events?takeover=1").await;
    let snapshot = newer.until("snapshot").await;
    assert_eq!(snapshot["me"]["show"], "away", "still the same session at the desk");
    assert_eq!(seen.until("bye").await["reason"], "replaced");
    assert_eq!(tab.until("bye").await["reason"], "replaced");
    elsewhere.act("/agent/sign-out").await.ok();
    assert_eq!(newer.until("bye").await["reason"], "signed_out");
}

#[tokio::test]
async fn bad_input_is_refused_and_changes_nothing() {
    let house = House::new().await;
    let (anna, mut seen) = house.agent("anna").await;
    for (body, problem) in [
        (json!({ "show": "offline" }), (422, "form_required")),
        (json!({ "show": "away", "reason": "holiday" }), (422, "form_required")),
        (json!({ "show": "away", "chats_max": 101 }), (422, "form_required")),
        (json!({ "shoe": "away" }), (400, "bad_request")),
        (json!({ "show": "a".repeat(100_000) }), (413, "too_large")),
    ] {
        let (status, code) = anna.put("/agent/availability", body).await.problem();
        assert_eq!((status, code.as_str()), problem);
    }
    let malformed = anna.raw("PUT", "/agent/availability", "{", true).await;
    assert_eq!(malformed.problem(), (400, "bad_request".into()));
    let untyped = anna.raw("PUT", "/agent/availability", "{}", false).await;
    assert_eq!(untyped.problem(), (415, "unsupported_media_type".into()));
    for path in ["/agent/offers/0/accept", "/agent/offers/99999/accept", "/agent/offers/x/accept"] {
        let (status, _) = anna.act(path).await.problem();
        assert!(status == 404 || status == 410, "{path}: {status}");
    }
    for path in
        ["/agent/requests/-1/take", "/agent/requests/424242/take", "/agent/chats/77/close", "/agent/chats/%00/close"]
    {
        assert_eq!(anna.act(path).await.problem(), (404, "not_found".into()), "{path}");
    }
    assert_eq!(anna.put("/agent/queues/no/such", json!({ "opted_in": true })).await.status, 404);
    let (visitor, mut heard, chat) = house.visitor("support", "Vera").await;
    let offer = seen.until("offer").await;
    anna.act(&format!("/agent/offers/{}/accept", offer["offer"].as_str().unwrap())).await.ok();
    heard.find("state", |it| it["state"] == "chatting").await;
    let messages = format!("/agent/chats/{chat}/messages");
    for body in [
        json!({ "id": "", "text": "x" }),
        json!({ "id": "a b", "text": "x" }),
        json!({ "id": "1", "text": " \u{0}\u{202e} " }),
        json!({ "id": "1", "text": "x".repeat(4001) }),
        json!({ "id": "1" }),
    ] {
        let answer = anna.post(&messages, body).await;
        assert!(answer.status.is_client_error(), "{}", answer.status);
    }
    let cleaned = anna.post(&messages, json!({ "id": "1", "text": "a\u{0}b\u{202e}c" })).await.ok();
    assert_eq!(cleaned.status, 201);
    assert_eq!(heard.find("message", |it| it["kind"] == "text").await["text"], "abc");
    let tags: Vec<_> = (0..21).map(|n| format!("t{n}")).collect();
    assert_eq!(anna.put(&format!("/agent/chats/{chat}/tags"), json!({ "tags": tags })).await.status, 422);
    assert_eq!(anna.put(&format!("/agent/chats/{chat}/tags"), json!({ "tags": ["x".repeat(41)] })).await.status, 422);
    assert_eq!(anna.post(&format!("/agent/chats/{chat}/notes"), json!({ "text": "n".repeat(4001) })).await.status, 422);
    let (_, mut bert_sees) = house.agent("bert").await;
    bert_sees.none("chat").await;
    // Blocked for a day: the same visitor cannot come back.
    anna.act(&format!("/agent/chats/{chat}/block")).await.ok();
    visitor.act("/visits/me/leave").await.ok();
    let again =
        json!({ "workgroup": "loans", "locale": "en", "answers": {}, "name": "Vera", "key": "another-key-of-vera-1" });
    assert_eq!(house.nobody().post("/visits", again.clone()).await.problem(), (403, "blocked".into()));
    house.pass(Span::secs(24 * 3600 + 1)).await;
    let mut later = again;
    later["key"] = json!("another-key-of-vera-2");
    house.nobody().post("/visits", later).await.ok();
}

#[tokio::test]
async fn canned_replies_belong_to_somebody() {
    let house = House::new().await;
    let (anna, mut seen) = house.agent("anna").await;
    let list = anna.get("/agent/canned").await.ok().json();
    assert_eq!((&list["canned"][0]["shortcut"], &list["canned"][0]["declared"]), (&json!("hi"), &json!(true)));
    let made = anna.post("/agent/canned", json!({ "shortcut": "bye", "text": "Goodbye" })).await;
    assert_eq!(made.status, 201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(seen.until("canned").await.as_array().map(Vec::len), Some(2));
    let twice = anna.post("/agent/canned", json!({ "shortcut": "bye", "text": "Goodbye" })).await;
    assert_eq!(twice.problem(), (422, "form_required".into()));
    let shared = json!({ "shortcut": "all", "text": "For all", "shared": true });
    assert_eq!(anna.post("/agent/canned", shared.clone()).await.problem(), (403, "forbidden".into()));
    let bert = house.sign_in("bert").await;
    assert_eq!(bert.delete(&format!("/agent/canned/{id}")).await.status, 404);
    assert_eq!(anna.delete("/agent/canned/d0").await.problem(), (409, "wrong_state".into()));
    let sven = house.sign_in("sven").await;
    sven.post("/agent/canned", shared).await.ok();
    assert_eq!(seen.until("canned").await.as_array().map(Vec::len), Some(3));
    anna.delete(&format!("/agent/canned/{id}")).await.ok();
    assert_eq!(seen.until("canned").await.as_array().map(Vec::len), Some(2));
}
