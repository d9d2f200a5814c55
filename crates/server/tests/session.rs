//! Signing in and out over HTTP, and what bad input and bad people get.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod house;

use house::{House, PASSWORD};
use serde_json::json;
use server::config::Config;

const SESSION: &str = "/api/v1/session";

#[tokio::test]
async fn a_person_signs_in_looks_and_signs_out() {
    let house = House::demo(Config::default()).await;
    house.account("anna", "agent").await;
    let answer = house.post(SESSION, &[], &json!({ "username": "anna", "password": PASSWORD })).await;
    assert_eq!(answer.status, 200);
    let set = answer.header("set-cookie").to_owned();
    for part in ["__Host-anteroom=s_", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(set.contains(part), "{set}");
    }
    let body = answer.json();
    assert_eq!((&body["account"]["name"], &body["account"]["role"]), (&json!("anna"), &json!("agent")));
    assert!(body["account"]["agent"].is_string(), "{body}");

    let cookie = set.split(';').next().unwrap();
    let csrf = body["csrf"].as_str().unwrap();
    let seen = house.send("GET", SESSION, &[("cookie", cookie)], "").await;
    assert_eq!(seen.json(), body, "a page that is loaded again learns the same");
    assert_eq!(house.send("DELETE", SESSION, &[("cookie", cookie)], "").await.problem(), (403, "csrf".into()));
    let wrong = [("cookie", cookie), ("x-csrf-token", "guess")];
    assert_eq!(house.send("DELETE", SESSION, &wrong, "").await.problem(), (403, "csrf".into()));
    let right = [("cookie", cookie), ("x-csrf-token", csrf)];
    let gone = house.send("DELETE", SESSION, &right, "").await;
    assert_eq!((gone.status.as_u16(), gone.header("set-cookie").contains("Max-Age=0")), (204, true));
    assert_eq!(house.send("GET", SESSION, &[("cookie", cookie)], "").await.problem(), (401, "unauthorized".into()));
}

#[tokio::test]
async fn sessions_end_when_nobody_uses_them() {
    let house = House::demo(Config::default()).await;
    house.account("anna", "agent").await;
    let (cookie, _) = house.sign_in("anna").await;
    let mut alive = 0;
    for _ in 0..30 {
        house.clock.advance(desk::time::Span::secs(11 * 3600));
        if house.send("GET", SESSION, &[("cookie", &cookie)], "").await.status != 200 {
            break;
        }
        alive += 11;
    }
    assert!((7 * 24 - 11..=7 * 24).contains(&alive), "used every 11 hours it held for {alive} hours, not a week");
    let (cookie, _) = house.sign_in("anna").await;
    house.clock.advance(desk::time::Span::secs(12 * 3600 + 1));
    assert_eq!(house.send("GET", SESSION, &[("cookie", &cookie)], "").await.status, 401);
}

#[tokio::test]
async fn guessing_gets_slower_and_tells_nothing() {
    let house = House::demo(Config::default()).await;
    house.account("anna", "agent").await;
    let guess = |name: &'static str| json!({ "username": name, "password": "wrong" });
    let known = house.post(SESSION, &[], &guess("anna")).await;
    let unknown = house.post(SESSION, &[], &guess("nobody")).await;
    assert_eq!(known.problem(), (401, "unauthorized".into()));
    assert_eq!(known.json()["detail"], unknown.json()["detail"]);
    let mut refused = None;
    for _ in 0..20 {
        let answer = house.post(SESSION, &[], &guess("anna")).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("the guesses were never slowed down");
    assert_eq!(refused.problem(), (429, "rate_limited".into()));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    let right = json!({ "username": "anna", "password": PASSWORD });
    assert_eq!(house.post(SESSION, &[], &right).await.status, 429, "the right one waits too, so it tells nothing");
    let elsewhere = House { peer: "192.0.2.2:1".parse().unwrap(), ..house };
    assert_eq!(elsewhere.post(SESSION, &[], &right).await.status, 200, "from elsewhere nobody is locked out");
    elsewhere.clock.advance(desk::time::Span::secs(900));
    let house = House { peer: "192.0.2.1:1".parse().unwrap(), ..elsewhere };
    assert_eq!(house.post(SESSION, &[], &right).await.status, 200);
}

#[tokio::test]
async fn guesses_at_the_same_time_are_counted_before_they_are_looked_at() {
    let house = House::demo(Config::default()).await;
    house.account("anna", "agent").await;
    let guess = json!({ "username": "anna", "password": "wrong" });
    let all = (0..50).map(|_| house.post(SESSION, &[], &guess));
    let answers = futures_util::future::join_all(all).await;
    let of = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((of(401), of(429)), (5, 45), "as many as may fail, and no more");
}

#[tokio::test]
async fn one_address_cannot_try_one_password_on_everybody() {
    let mut config = Config::default();
    config.limits.login_failures_per_address = 10;
    let house = House::demo(config).await;
    house.account("anna", "agent").await;
    let mut looked_at = 0;
    for number in 0..30 {
        let guess = json!({ "username": format!("agent{number}"), "password": "summer 2026" });
        looked_at += usize::from(house.post(SESSION, &[], &guess).await.status == 401);
    }
    assert_eq!(looked_at, 10);
    let right = json!({ "username": "anna", "password": PASSWORD });
    assert_eq!(house.post(SESSION, &[], &right).await.problem(), (429, "rate_limited".into()));
    house.clock.advance(desk::time::Span::secs(91));
    assert_eq!(house.post(SESSION, &[], &right).await.status, 200);
    let elsewhere = House { peer: "192.0.2.2:1".parse().unwrap(), ..house };
    assert_eq!(elsewhere.post(SESSION, &[], &right).await.status, 200);
}

#[tokio::test]
async fn bad_input_gets_a_clear_no() {
    let house = House::demo(Config::default()).await;
    house.account("anna", "agent").await;
    let json_type = [("content-type", "application/json")];
    let said = async |body: &str| {
        let answer = house.send("POST", SESSION, &json_type, body.to_owned()).await;
        (answer.problem(), answer.json()["detail"].as_str().unwrap().to_owned())
    };
    let bad = (400, "bad_request".to_owned());
    assert_eq!(said("{").await.0, bad);
    assert_eq!(said("").await.0, bad);
    assert_eq!(said("[]").await.0, bad);
    assert_eq!(said(r#"{"username":"anna"}"#).await.0, bad);
    assert_eq!(said(r#"{"username":"anna","password":7}"#).await.0, bad);
    assert_eq!(said(r#"{"username":"anna","username":"bert","password":"x"}"#).await.0, bad);
    let (problem, detail) = said(r#"{"user_name":"anna","password":"x"}"#).await;
    assert_eq!((problem, detail.contains("did you mean `username`?")), (bad.clone(), true), "{detail}");
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(said(&deep).await.0, bad);
    let huge = json!({ "username": "anna", "password": "x".repeat(70_000) }).to_string();
    assert_eq!(said(&huge).await.0, (413, "too_large".into()));

    for name in ["\u{202e}anna", "anna\0", "anna\n", "", "ANNA", "' or 1=1 --", "anna\u{2066}", &"a".repeat(5_000)] {
        let answer = house.post(SESSION, &[], &json!({ "username": name, "password": PASSWORD })).await;
        if name != "anna\n" {
            assert_eq!(answer.problem(), (401, "unauthorized".into()), "{name:?}");
        }
    }
    let long = json!({ "username": "anna", "password": "x".repeat(2_000) });
    assert_eq!(house.post(SESSION, &[], &long).await.problem(), (401, "unauthorized".into()));
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = house.send("POST", SESSION, &form, "username=anna&password=x").await;
    assert_eq!(answer.problem(), (415, "unsupported_media_type".into()));
    for cookie in [
        "__Host-anteroom=",
        "__Host-anteroom=s_x",
        "__Host-anteroom=\u{7f}",
        &format!("__Host-anteroom={}", "x".repeat(5_000)),
    ] {
        let Ok(value) = http::HeaderValue::from_str(cookie) else { continue };
        let answer = house.send("GET", SESSION, &[("cookie", value.to_str().unwrap())], "").await;
        assert_eq!(answer.problem(), (401, "unauthorized".into()));
    }
}

#[tokio::test]
async fn a_new_password_signs_the_others_out() {
    let house = House::demo(Config::default()).await;
    house.account("anna", "agent").await;
    let (here, csrf) = house.sign_in("anna").await;
    let (there, _) = house.sign_in("anna").await;
    let change = async |old: &str, new: &str| {
        let headers = [("cookie", here.as_str()), ("x-csrf-token", csrf.as_str())];
        house.post("/api/v1/session/password", &headers, &json!({ "old": old, "new": new })).await
    };
    let answer = change("wrong", "another password").await;
    assert_eq!(
        (answer.problem(), &answer.json()["fields"][0]["field"]),
        ((422, "form_required".into()), &json!("old"))
    );
    let answer = change(PASSWORD, "short").await;
    assert_eq!(
        (answer.problem(), &answer.json()["fields"][0]["problem"]),
        ((422, "form_required".into()), &json!("too_short"))
    );
    assert_eq!(change(PASSWORD, "bell \u{7} bell bell").await.status, 422);
    assert_eq!(change(PASSWORD, "another password").await.status, 204);
    assert_eq!(house.send("GET", SESSION, &[("cookie", &here)], "").await.status, 200);
    assert_eq!(house.send("GET", SESSION, &[("cookie", &there)], "").await.status, 401);
    let old = json!({ "username": "anna", "password": PASSWORD });
    assert_eq!(house.post(SESSION, &[], &old).await.status, 401);
}
