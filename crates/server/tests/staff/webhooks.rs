//! Web hooks over a real socket: signed, sent again after a failure, never lost; and where they may not point.

use desk::time::Span;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::harness::House;

struct Notice {
    signature: String,
    delivery: String,
    body: String,
}

/// A receiver that answers with these statuses, then with 204.
async fn receiver(statuses: Vec<u16>) -> (String, mpsc::UnboundedReceiver<Notice>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (seen, notices) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut statuses = statuses.into_iter();
        while let Ok((socket, _)) = listener.accept().await {
            let mut reader = BufReader::new(socket);
            let mut notice = Notice { signature: String::new(), delivery: String::new(), body: String::new() };
            let mut length = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).await.unwrap();
                let Some((name, value)) = line.trim().split_once(": ") else {
                    if line.trim().is_empty() { break } else { continue }
                };
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.parse().unwrap(),
                    "anteroom-signature" => notice.signature = value.to_owned(),
                    "anteroom-delivery" => notice.delivery = value.to_owned(),
                    _ => {}
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).await.unwrap();
            notice.body = String::from_utf8(body).unwrap();
            let status = statuses.next().unwrap_or(204);
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            reader.get_mut().write_all(answer.as_bytes()).await.unwrap();
            seen.send(notice).unwrap();
        }
    });
    (url, notices)
}

fn verify(secret: &str, notice: &Notice) -> Value {
    let (time, signature) = notice.signature.split_once(",v1=").unwrap();
    let time = time.strip_prefix("t=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{}", notice.body).as_bytes());
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(signature, expected);
    serde_json::from_str(&notice.body).unwrap()
}

#[tokio::test]
async fn notices_are_signed_repeated_and_free_of_words() {
    let house = House::with(|config| config.webhooks.allow_private = true).await;
    let ada = house.sign_in("ada").await;
    let (url, mut notices) = receiver(vec![500]).await;
    let hook =
        json!({ "url": url, "events": ["request.queued", "request.ended", "test"], "secret": "a secret of ours!" });
    assert_eq!(ada.post("/admin/webhooks", hook).await.status, 422, "no space in a secret");
    let hook =
        json!({ "url": url, "events": ["request.queued", "request.ended", "test"], "secret": "a-secret-of-ours" });
    let made = ada.post("/admin/webhooks", hook).await.ok().json();
    let id = made["id"].as_str().unwrap();

    let (visitor, _events, request) = house.visitor("support", "Vera Secret").await;
    let first = notices.recv().await.unwrap();
    let body = verify("a-secret-of-ours", &first);
    assert_eq!((&body["event"], &body["data"]["visit"]), (&json!("request.queued"), &json!(request)));
    assert_eq!((&body["data"]["queue"], &body["id"]), (&json!("support/general"), &json!(first.delivery)));
    assert!(!first.body.contains("Secret") && !first.body.contains("book"), "{}", first.body);

    // It was answered 500: the same notice comes again, not before its time.
    let again = loop {
        house.pass(Span::secs(5)).await;
        if let Ok(Some(notice)) = tokio::time::timeout(std::time::Duration::from_millis(50), notices.recv()).await {
            break notice;
        }
    };
    assert_eq!((again.delivery, &again.body), (first.delivery, &first.body));
    visitor.act("/visits/me/leave").await.ok();
    let ended = verify("a-secret-of-ours", &notices.recv().await.unwrap());
    assert_eq!((&ended["event"], &ended["data"]["how"]), (&json!("request.ended"), &json!("departed")));
    ada.act(&format!("/admin/webhooks/{id}/test")).await.ok();
    assert_eq!(verify("a-secret-of-ours", &notices.recv().await.unwrap())["event"], "test");

    // The receiver answers before the server has noted it.
    let delivered = loop {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let sent = ada.get(&format!("/admin/webhooks/{id}/deliveries")).await.ok().json();
        if sent["deliveries"][0]["state"] == "delivered" {
            break sent;
        }
    };
    let queued = delivered["deliveries"].as_array().unwrap().iter().find(|it| it["event"] == "request.queued").unwrap();
    assert_eq!((&queued["attempts"], &queued["note"]), (&json!(2), &json!("204")));
    ada.put(&format!("/admin/webhooks/{id}"), json!({ "url": url, "paused": true })).await.ok();
    ada.delete(&format!("/admin/webhooks/{id}")).await.ok();
    assert_eq!(ada.get(&format!("/admin/webhooks/{id}/deliveries")).await.status, 404);
}

#[tokio::test]
async fn hooks_do_not_point_into_the_house() {
    let house = House::new().await;
    let ada = house.sign_in("ada").await;
    for url in [
        "http://example.org/",
        "https://127.0.0.1/",
        "https://localhost:8480/x",
        "https://[::1]/",
        "https://169.254.169.254/",
    ] {
        assert_eq!(
            ada.post("/admin/webhooks", json!({ "url": url })).await.problem(),
            (422, "form_required".into()),
            "{url}"
        );
    }
    let unknown = ada.post("/admin/webhooks", json!({ "url": "https://example.org/", "events": ["everything"] })).await;
    assert_eq!(unknown.status, 422);
    ada.post("/admin/webhooks", json!({ "url": "https://hooks.example.org/", "events": [] })).await.ok();
    let listed = ada.get("/admin/webhooks").await.ok().json();
    assert!(listed["webhooks"][0].get("secret").is_none(), "{listed}");
}
