//! One agent, one session: a second browser is told so, and takes over when it is asked to. Over real sockets too.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Extension;
use futures_util::StreamExt;
use serde_json::{Value, json};
use server::listen::Peer;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::harness::{Client, House};

#[tokio::test]
async fn a_second_browser_is_told_and_the_first_goes_on() {
    let house = House::new().await;
    let (_first, mut seen) = house.agent("anna").await;
    let second = house.sign_in("anna").await;
    let mut refused = second.events("/agent/events").await;
    let only = refused.next().await.unwrap();
    assert_eq!((only.name.as_str(), &only.data["reason"]), ("bye", &json!("elsewhere")));
    let (_visitor, _events, request) = house.visitor("support", "Vera").await;
    assert_eq!(seen.until("offer").await["request"], json!(request), "the first browser works on");

    let mut newer = second.events("/agent/events?takeover=1").await;
    assert_eq!(newer.until("snapshot").await["offers"][0]["request"], json!(request));
    assert_eq!(seen.until("bye").await["reason"], "replaced");
    // Whoever was replaced is told in turn.
    let mut back = _first.events("/agent/events").await;
    assert_eq!(back.next().await.unwrap().data["reason"], "elsewhere");
    // Its tabs are one browser, and a browser that is gone holds nobody up.
    second.events("/agent/events").await.until("snapshot").await;
    drop(newer);
    _first.events("/agent/events").await.until("snapshot").await;
}

#[tokio::test]
async fn signing_out_ends_the_streams_of_the_browser_and_frees_the_place() {
    let house = House::new().await;
    let (first, mut seen) = house.agent("anna").await;
    first.delete("/session").await.ok();
    assert_eq!(seen.until("bye").await["reason"], "signed_out");
    house.sign_in("anna").await.events("/agent/events").await.until("snapshot").await;

    let (here, there) = (house.sign_in("bert").await, house.sign_in("bert").await);
    let mut elsewhere = there.events("/agent/events").await;
    elsewhere.until("snapshot").await;
    let change = json!({ "old": crate::harness::PASSWORD, "new": "quite another password" });
    here.post("/session/password", change).await.ok();
    assert_eq!(elsewhere.until("bye").await["reason"], "signed_out");
}

#[tokio::test]
async fn a_page_of_another_site_opens_no_stream_with_the_cookie() {
    let house = House::new().await;
    let (anna, mut seen) = house.agent("anna").await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let foreign = anna.and_header(name, value);
        assert_eq!(foreign.get("/agent/events?takeover=1").await.problem(), (403, "csrf".into()), "{name}: {value}");
    }
    seen.none("bye").await;
    for (name, value) in [("origin", "http://127.0.0.1:8480"), ("sec-fetch-site", "same-origin")] {
        anna.and_header(name, value).events("/agent/events").await.until("snapshot").await;
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(at: SocketAddr, who: &Client, path: &str) -> Socket {
    let mut request = format!("ws://{at}/api/v1{path}").into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("origin", format!("http://{at}").parse().unwrap());
    headers.insert("sec-websocket-protocol", "anteroom.v1".parse().unwrap());
    headers.insert("cookie", who.header("cookie").parse().unwrap());
    tokio_tungstenite::connect_async(request).await.unwrap().0
}

/// The next event; none when the socket is closed.
async fn next(socket: &mut Socket) -> Option<Value> {
    loop {
        match tokio::time::timeout(Duration::from_secs(10), socket.next()).await.unwrap()? {
            Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

async fn until(socket: &mut Socket, name: &str) -> Value {
    while let Some(event) = next(socket).await {
        if event["event"] == name {
            return event["data"].clone();
        }
    }
    panic!("the socket was closed before `{name}`");
}

#[tokio::test]
async fn over_real_sockets() {
    let house = House::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let router = house.router.clone().layer(Extension(Peer("192.0.2.1:4000".parse().unwrap())));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let (first, second) = (house.sign_in("anna").await, house.sign_in("anna").await);

    let mut one = connect(at, &first, "/agent/socket").await;
    until(&mut one, "snapshot").await;
    let mut two = connect(at, &second, "/agent/socket").await;
    assert_eq!(until(&mut two, "bye").await["reason"], "elsewhere");
    assert_eq!(next(&mut two).await, None, "closed by the server");
    first.put("/agent/availability", json!({ "show": "available" })).await.ok();
    assert_eq!(until(&mut one, "me").await["show"], "available");

    let mut two = connect(at, &second, "/agent/socket?takeover=1").await;
    assert_eq!(until(&mut two, "snapshot").await["me"]["show"], "available", "nothing is lost by taking over");
    assert_eq!(until(&mut one, "bye").await["reason"], "replaced");
    assert_eq!(next(&mut one).await, None, "closed by the server");
    second.put("/agent/availability", json!({ "show": "dnd" })).await.ok();
    assert_eq!(until(&mut two, "me").await["show"], "dnd");

    let mut floor = connect(at, &house.sign_in("ada").await, "/supervisor/socket").await;
    assert_eq!(until(&mut floor, "snapshot").await["running"], json!([]));
    serving.abort();
}
