//! Clients over WebSocket (RFC 7395), and where they find it (XEP-0156).

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::stage::Stage;

#[tokio::test]
async fn a_visitor_logs_in_over_websocket_and_enters_no_room() {
    let stage = Stage::open().await;
    let mut request = format!("ws://{}/xmpp-websocket", stage.server.address).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "xmpp".parse().unwrap());
    let (mut socket, response) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "xmpp");
    let open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='visitors.localhost' version='1.0'/>";
    let dialogue = [
        (open, "<stream:features"),
        ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>", "<success"),
        (open, "xmpp-bind"),
        (
            "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
            "@visitors.localhost/",
        ),
        (
            "<iq xmlns='jabber:client' type='get' id='p' to='visitors.localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
            "type='result'",
        ),
        ("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", "<close"),
    ];
    for (said, expected) in dialogue {
        socket.send(Message::Text(said.into())).await.unwrap();
        loop {
            let frame = socket.next().await.unwrap().unwrap();
            if frame.is_text() && frame.to_text().unwrap().contains(expected) {
                break;
            }
        }
    }
}

#[tokio::test]
async fn the_subprotocol_is_needed() {
    let stage = Stage::open().await;
    let refused = tokio_tungstenite::connect_async(format!("ws://{}/xmpp-websocket", stage.server.address)).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn host_meta_says_where() {
    let stage = Stage::open().await;
    let json = stage.server.client("").get("/.well-known/host-meta.json").await;
    assert_eq!(json.body["links"][0]["href"], "ws://127.0.0.1:8480/xmpp-websocket");
    assert!(json.head.contains("access-control-allow-origin: *"), "{}", json.head);
    let xml = stage.server.client("").get("/.well-known/host-meta").await;
    assert!(String::from_utf8_lossy(&xml.raw).contains("rel='urn:xmpp:alt-connections:xbosh'"));
}
