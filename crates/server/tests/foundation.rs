//! What every request passes: ids, problems, limits, headers, other sites' pages, stopping.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod house;

use house::House;
use server::config::Config;

fn config(text: &str) -> Config {
    Config::parse(text, "test").unwrap()
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_with_an_id() {
    let house = House::demo(Config::default()).await;
    assert_eq!(house.get("/nothing").await.problem(), (404, "not_found".into()));
    assert_eq!(house.get("/api/v1/nothing").await.problem(), (404, "not_found".into()));
    assert_eq!(house.send("PATCH", "/api/v1/session", &[], "").await.problem(), (405, "method_not_allowed".into()));
    assert_eq!(house.get("/api/v1/../../etc/passwd").await.status, 404);
    assert_eq!(house.get("/console/../Cargo.toml").await.status, 404);
    let (one, other) = (house.get("/healthz").await, house.get("/healthz").await);
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
    assert_eq!(house.get("/problems/offer_gone").await.status, 200);
    assert_eq!(house.get("/problems/nonsense").await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn pages_have_a_strict_policy() {
    let house = House::demo(Config::default()).await;
    for path in ["/console/", "/console/floor", "/chat/support"] {
        let page = house.get(path).await;
        let policy = page.header("content-security-policy");
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"), "{path}");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    }
    let answer = house.get("/api/v1/session").await;
    assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!((answer.header("x-content-type-options"), answer.header("cache-control")), ("nosniff", "no-store"));
    assert_eq!(answer.header("strict-transport-security"), "", "not over plain HTTP");
}

#[tokio::test]
async fn one_address_is_slowed_down_and_others_are_not() {
    let text = "[http]\ntrusted_proxies = [\"192.0.2.1\"]\n[limits]\nrequests_per_minute = 5\n";
    let house = House::demo(config(text)).await;
    let ask = async |from: &str| house.send("GET", "/api/v1/session", &[("x-forwarded-for", from)], "").await;
    for _ in 0..5 {
        assert_eq!(ask("198.51.100.1").await.status, 401);
    }
    let slowed = ask("198.51.100.1").await;
    assert_eq!(slowed.problem(), (429, "rate_limited".into()));
    assert!(slowed.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(ask("198.51.100.2").await.status, 401);
    assert_eq!(house.get("/healthz").await.status, 200, "machines that watch are not slowed down");
}

#[tokio::test]
async fn only_admitted_sites_read_the_visitors_api_and_nobody_elses() {
    let desk = "[[agent]]\nname = \"anna\"\n[[workgroup]]\nname = \"support\"\n\
        [workgroup.widget]\norigins = [\"https://www.example.org\"]\n\
        [[workgroup.queue]]\nname = \"general\"\nmembers = [\"anna\"]\n";
    let house = House::with_desk(Config::default(), desk).await;
    let preflight = async |path: &str, origin: &str| {
        let headers = [("origin", origin), ("access-control-request-method", "POST")];
        let answer = house.send("OPTIONS", path, &headers, "").await;
        (answer.status.as_u16(), answer.header("access-control-allow-origin").to_owned())
    };
    let site = "https://www.example.org";
    assert_eq!(preflight("/api/v1/visits", site).await, (204, site.into()));
    assert_eq!(preflight("/api/v1/workgroups/support", site).await, (204, site.into()));
    assert_eq!(preflight("/api/v1/workgroups/other", site).await, (403, String::new()));
    assert_eq!(preflight("/api/v1/visits", "https://evil.example").await, (403, String::new()));
    for path in ["/api/v1/session", "/api/v1/agent/chats", "/api/v1/admin/desk"] {
        assert_eq!(preflight(path, site).await, (403, String::new()), "{path}");
    }
    let answer = house.send("GET", "/api/v1/session", &[("origin", site)], "").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let page = house.get("/chat/support").await;
    assert!(page.header("content-security-policy").ends_with("; frame-ancestors 'self' https://www.example.org"));
    assert!(house.get("/chat/other").await.header("content-security-policy").ends_with("; frame-ancestors 'self'"));
    let script = house.get("/widget.js").await;
    assert!(script.status == 404 || script.header("access-control-allow-origin") == "*");
}

#[tokio::test]
async fn a_site_reads_the_visits_of_its_own_workgroup_only() {
    let desk = "[[agent]]\nname = \"anna\"\n\
        [[workgroup]]\nname = \"support\"\n[workgroup.widget]\norigins = [\"https://www.example.org\"]\n\
        [[workgroup.queue]]\nname = \"general\"\nmembers = [\"anna\"]\n\
        [[workgroup]]\nname = \"loans\"\n[workgroup.widget]\norigins = [\"https://loans.example.org\"]\n\
        [[workgroup.queue]]\nname = \"general\"\nmembers = [\"anna\"]\n";
    let house = House::with_desk(Config::default(), desk).await;
    let wish =
        serde_json::json!({ "workgroup": "support", "locale": "en", "answers": {}, "key": "a-key-of-a-visitor-0001" });
    let opened = house.post("/api/v1/visits", &[("origin", "https://www.example.org")], &wish).await;
    assert_eq!(opened.status, 201, "{}", String::from_utf8_lossy(&opened.bytes));
    let token = format!("Bearer {}", opened.json()["token"].as_str().unwrap());
    let ask = async |origin: &str| {
        let headers = [("authorization", token.as_str()), ("origin", origin)];
        house.send("GET", "/api/v1/visits/me/transcript", &headers, "").await
    };
    let own = ask("https://www.example.org").await;
    assert_eq!((own.status.as_u16(), own.header("access-control-allow-origin")), (200, "https://www.example.org"));
    let others = ask("https://loans.example.org").await;
    assert_eq!(others.problem(), (403, "forbidden".into()));
    assert_eq!(others.header("access-control-allow-origin"), "");
    assert_eq!(ask("http://127.0.0.1:8480").await.status, 200, "our own page");
}

#[tokio::test]
async fn the_counters_are_for_those_who_may_see_them() {
    let house = House::demo(Config::default()).await;
    assert_eq!(house.get("/metrics").await.problem(), (404, "not_found".into()));
    let house = House { peer: "127.0.0.1:1".parse().unwrap(), ..house };
    let text = String::from_utf8(house.get("/metrics").await.bytes).unwrap();
    assert!(text.contains("anteroom_invariant_breaches_total 0"), "{text}");
    assert!(
        text.contains("anteroom_http_requests_total{method=\"GET\",route=\"/metrics\",status=\"404\"} 1"),
        "{text}"
    );
    // A proxy on this machine that nobody named: who asks it may be anybody.
    for header in ["x-forwarded-for", "forwarded"] {
        let answer = house.send("GET", "/metrics", &[(header, "for=198.51.100.7")], "").await;
        assert_eq!(answer.problem(), (404, "not_found".into()), "{header}");
    }
}

#[tokio::test]
async fn a_stopping_server_says_when_to_come_back() {
    let house = House::demo(Config::default()).await;
    assert_eq!(house.get("/readyz").await.status, 200);
    house.running.app.shutdown.begin();
    let answer = house.get("/api/v1/session").await;
    assert_eq!(answer.problem(), (503, "stopping".into()));
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!((house.get("/readyz").await.status.as_u16(), house.get("/healthz").await.status.as_u16()), (503, 200));
    tokio::time::timeout(std::time::Duration::from_secs(10), house.running.stop()).await.unwrap();
}

#[tokio::test]
async fn the_description_is_openapi_3_1() {
    let house = House::demo(Config::default()).await;
    let description = house.get("/api/v1/openapi.json").await.json();
    assert_eq!(description["openapi"], "3.1.0");
    assert!(description["paths"]["/api/v1/session"]["post"].is_object());
    assert!(description["components"]["schemas"]["Problem"].is_object());
    assert!(description["components"]["securitySchemes"]["visit"].is_object());
}

/// The description is part of what programs are built against: every difference is looked at before it is kept.
#[tokio::test]
async fn the_description_is_the_one_that_was_agreed_on() {
    let house = House::demo(Config::default()).await;
    let made = String::from_utf8(house.get("/api/v1/openapi.json").await.bytes).unwrap() + "\n";
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &made).unwrap();
    }
    let agreed = std::fs::read_to_string(golden).unwrap_or_default();
    let differs = made.lines().zip(agreed.lines()).enumerate().find(|(_, (made, agreed))| made != agreed);
    assert!(
        made == agreed,
        "docs/openapi.json differs (line and both sides: {differs:?}); if that is meant: UPDATE_GOLDEN=1 cargo test -p anteroom --test foundation"
    );
}

#[tokio::test]
async fn keys_do_what_their_scopes_say_and_nothing_more() {
    use server::auth;
    use server::http::identity;
    use store::accounts::NewKey;
    let house = House::demo(Config::default()).await;
    let store = house.running.app.store.clone();
    let make = async |scopes: &[&str], expires_at| {
        let token = auth::token("k_");
        let key = NewKey {
            token: auth::hash(&token),
            title: "Reports".into(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            agent: Some("anna".into()),
            by: "admin".into(),
            at: house::START,
            expires_at,
        };
        store.create_key(key).await.unwrap();
        token
    };
    let as_staff = async |token: &str| {
        let bearer = format!("Bearer {token}");
        let request = http::Request::builder().header("authorization", bearer).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        use axum::extract::FromRequestParts;
        let app = &house.running.app;
        let staff = identity::Staff::from_request_parts(&mut parts, app).await;
        let supervisor = identity::Supervisor::from_request_parts(&mut parts, app).await;
        let administrator = identity::Administrator::from_request_parts(&mut parts, app).await;
        let reporter = identity::Reporter::from_request_parts(&mut parts, app).await;
        (staff.is_ok(), supervisor.is_ok(), administrator.is_ok(), reporter.is_ok())
    };
    assert_eq!(as_staff(&make(&["visits"], None).await).await, (false, false, false, false));
    assert_eq!(as_staff(&make(&["reports"], None).await).await, (false, false, false, true));
    assert_eq!(as_staff(&make(&["agent"], None).await).await, (true, false, false, false));
    assert_eq!(as_staff(&make(&["supervisor"], None).await).await, (true, true, false, true));
    assert_eq!(as_staff(&make(&["admin"], None).await).await, (true, true, true, true));
    assert_eq!(as_staff(&make(&["admin"], Some(house::START)).await).await, (false, false, false, false), "expired");
    assert_eq!(as_staff("k_guess").await, (false, false, false, false));
}
