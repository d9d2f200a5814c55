//! Every route of the API against everybody who may knock: taken from the served description, so that no route can be
//! forgotten.

use axum::body::Body;
use serde_json::json;

use crate::harness::{Client, House};

/// Who a route is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum For {
    Anybody,
    /// Visitors without a token, and programs that may open visits.
    Opener,
    Program,
    Visit,
    Person,
    Agent,
    /// An agent, or a supervisor who need not be one.
    Onlooker,
    SupervisingAgent,
    Reporter,
    Supervisor,
    /// A supervisor who signed in; a key is nobody who could become an agent.
    SupervisingPerson,
    Administrator,
}

fn class(method: &str, path: &str) -> For {
    match (method, path) {
        ("post", "/session") => For::Anybody,
        ("post", "/visits") => For::Opener,
        ("get", "/visits/opened/{key}") => For::Program,
        ("post", "/agent/chats/{chat}/enter") => For::SupervisingAgent,
        (_, path) if path.starts_with("/session") => For::Person,
        (_, path) if path.starts_with("/workgroups/") => For::Anybody,
        (_, path) if path.starts_with("/visits/me") => For::Visit,
        ("get", path) if path.starts_with("/agent/archive") || path.ends_with("/history") => For::Onlooker,
        ("get", "/agent/chats/{chat}/messages" | "/agent/chats/{chat}/transcript") => For::Onlooker,
        ("get", "/agent/chats/{chat}/files/{id}") => For::Onlooker,
        ("post", "/supervisor/agent") => For::SupervisingPerson,
        (_, path) if path.starts_with("/agent/") => For::Agent,
        (_, path) if path.starts_with("/supervisor/reports/") => For::Reporter,
        (_, path) if path.starts_with("/supervisor/") => For::Supervisor,
        (_, path) if path.starts_with("/admin/") => For::Administrator,
        _ => panic!("{method} {path} is for nobody that this test knows: say here for whom it is"),
    }
}

async fn key(admin: &Client, house: &House, scope: &str) -> Client {
    let made =
        admin.post("/admin/keys", json!({ "title": scope, "scopes": [scope], "agent": "anna" })).await.ok().json();
    house.bearer(made["token"].as_str().unwrap())
}

/// Status, and the code of a refusal at the door.
async fn knock(client: &Client, method: &str, path: &str) -> (u16, String) {
    let body = if matches!(method, "post" | "put") { Body::from("{}") } else { Body::empty() };
    let response = client.send(&method.to_uppercase(), path, body, matches!(method, "post" | "put")).await;
    let status = response.status().as_u16();
    if status != 401 && status != 403 {
        return (status, String::new());
    }
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let problem: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    (status, problem["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn every_route_knows_who_may() {
    let house = House::new().await;
    let description = house.nobody().get("/openapi.json").await.ok().json();
    let admin = house.sign_in("ada").await;
    let (visit, _events, _) = house.visitor("desk", "Vera").await;
    let who: Vec<(&str, Client)> = vec![
        ("nobody", house.nobody()),
        ("a made-up key", house.bearer("k_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
        ("visit", visit),
        ("key visits", key(&admin, &house, "visits").await),
        ("key reports", key(&admin, &house, "reports").await),
        ("key agent", key(&admin, &house, "agent").await),
        ("key supervisor", key(&admin, &house, "supervisor").await),
        ("key admin", key(&admin, &house, "admin").await),
        ("carla", house.sign_in("carla").await),
        ("sven", house.sign_in("sven").await),
        ("ada", admin),
    ];
    let mut routes = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        for method in methods.as_object().unwrap().keys().filter(|it| *it != "parameters") {
            let class = class(method, path);
            routes += 1;
            let filled = fill(path);
            for (name, client) in &who {
                // What this ends would end the test.
                if (path == "/session" && method == "delete") || path == "/visits/me/leave" {
                    continue;
                }
                let (status, code) = knock(client, method, &filled).await;
                let expected = expected(class, name, method, path);
                let fits = match expected {
                    Some(refusal) => (status, code.as_str()) == refusal,
                    None => status != 401 && code != "forbidden" && code != "csrf",
                };
                assert!(fits, "{name}: {method} {path} ({class:?}) answered {status} {code}, expected {expected:?}");
            }
        }
    }
    assert!(routes > 80, "only {routes} routes are described");
}

/// Path parameters that name nothing.
fn fill(path: &str) -> String {
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        filled.push('/');
        filled.push_str(if part.starts_with('{') { "0" } else { part });
    }
    filled
}

fn expected(class: For, who: &str, _method: &str, _path: &str) -> Option<(u16, &'static str)> {
    let unauthorized = Some((401, "unauthorized"));
    let forbidden = Some((403, "forbidden"));
    let known = !matches!(who, "nobody" | "a made-up key" | "visit");
    match (class, who) {
        (For::Anybody, _) => None,
        (For::Opener, "a made-up key") => unauthorized,
        (For::Opener, "key visits") => None,
        (For::Opener, who) if who.starts_with("key") => forbidden,
        (For::Opener, _) => None,
        (For::Program, "key visits") => None,
        (For::Visit, "visit") => None,
        (For::Visit, _) => unauthorized,
        (_, _) if !known => unauthorized,
        // A key has no password, and may say who it is.
        (For::Person, who) if who.starts_with("key") && _path == "/session/password" => None,
        (For::Person, _) => None,
        (For::Agent, "key agent" | "key supervisor" | "key admin" | "carla" | "sven") => None,
        (For::Onlooker, "key agent" | "key supervisor" | "key admin" | "carla" | "sven" | "ada") => None,
        (For::SupervisingPerson, "sven" | "ada") => None,
        (For::SupervisingAgent, "key supervisor" | "key admin" | "sven") => None,
        (For::Reporter, "key reports") => None,
        (For::Reporter | For::Supervisor, "key supervisor" | "key admin" | "sven" | "ada") => None,
        (For::Administrator, "key admin" | "ada") => None,
        _ => forbidden,
    }
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing() {
    let house = House::new().await;
    let description = house.nobody().get("/openapi.json").await.ok().json();
    let body = json!({ "username": "ada", "password": crate::harness::PASSWORD });
    let signed_in = house.nobody().post("/session", body).await.ok();
    let cookie = signed_in.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let forged = house.with_header("cookie", &cookie);
    for (path, methods) in description["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        for method in methods.as_object().unwrap().keys().filter(|it| matches!(it.as_str(), "post" | "put" | "delete"))
        {
            if matches!(class(method, path), For::Anybody | For::Opener | For::Visit) {
                continue;
            }
            let (status, code) = knock(&forged, method, &fill(path)).await;
            assert_eq!((status, code.as_str()), (403, "csrf"), "{method} {path}");
        }
    }
}
