//! A server without sockets: memory store, a clock that stands still, requests straight into the router.
#![allow(dead_code, reason = "each test file uses a part")]

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use desk::time::Time;
use http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use server::boot::Running;
use server::clock::Clock;
use server::config::Config;
use server::control::{Order, Outcome};
use server::declaration;
use server::listen::Peer;
use tower::ServiceExt;

/// 2026-11-20, 09:30 UTC.
pub const START: Time = Time::from_secs(1_795_167_000);
pub const PASSWORD: &str = "a long password";

pub struct House {
    pub running: Running,
    pub clock: Clock,
    pub router: Router,
    /// Who sends the requests.
    pub peer: SocketAddr,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.bytes)))
    }

    /// Status and code of a problem.
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.headers["content-type"],
            "application/problem+json",
            "{:?}",
            String::from_utf8_lossy(&self.bytes)
        );
        let body = self.json();
        assert_eq!(body["status"], self.status.as_u16());
        assert_eq!(body["request_id"], self.headers["x-request-id"].to_str().unwrap());
        (self.status.as_u16(), body["code"].as_str().unwrap().to_owned())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl House {
    /// With the demo desk.
    pub async fn demo(config: Config) -> Self {
        Self::with_desk(config, include_str!("../../../../docs/desk.demo.toml")).await
    }

    pub async fn with_desk(config: Config, desk: &str) -> Self {
        let clock = Clock::manual(START);
        let running = Running::start(config, Arc::new(store::memory::open()), clock.clone()).await.unwrap();
        let declaration = Box::new(declaration::parse_toml(desk, "desk.toml").unwrap());
        let declared = running.house().perform(Order::Declare { declaration, dry_run: false }).await;
        assert!(matches!(declared, Outcome::Declared { .. }), "{declared:?}");
        let router = server::http::router(running.app.clone());
        Self { running, clock, router, peer: "192.0.2.1:4000".parse().unwrap() }
    }

    pub async fn account(&self, name: &str, role: &str) {
        let order = Order::AddAccount {
            name: name.into(),
            title: name.to_uppercase(),
            role: role.into(),
            password: PASSWORD.into(),
        };
        let made = self.running.house().perform(order).await;
        assert!(matches!(made, Outcome::Done), "{made:?}");
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).extension(Peer(self.peer));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 16 << 20).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], Body::empty()).await
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send("POST", path, &all, body.to_string()).await
    }

    /// Signs in; cookie and CSRF token.
    pub async fn sign_in(&self, name: &str) -> (String, String) {
        let body = serde_json::json!({ "username": name, "password": PASSWORD });
        let answer = self.post("/api/v1/session", &[], &body).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        (cookie, answer.json()["csrf"].as_str().unwrap().to_owned())
    }
}
