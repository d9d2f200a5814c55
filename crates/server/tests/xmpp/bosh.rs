//! Clients over BOSH: a log-in, a stanza, an answer to a held request, and an end.

use crate::stage::Stage;

const BODY: &str = "xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'";

async fn post(stage: &Stage, body: String) -> String {
    let headers = "content-type: text/xml\r\norigin: https://www.example.org\r\n";
    let answer = stage.server.client("").send("POST", "/http-bind", headers, body.as_bytes()).await;
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("access-control-allow-origin: *"), "{}", answer.head);
    String::from_utf8_lossy(&answer.raw[answer.raw.len() - answer_len(&answer.raw)..]).into_owned()
}

fn answer_len(raw: &[u8]) -> usize {
    raw.windows(4).position(|four| four == b"\r\n\r\n").map_or(raw.len(), |at| raw.len() - at - 4)
}

#[tokio::test]
async fn a_visitor_logs_in_over_bosh() {
    let stage = Stage::open().await;
    let first = post(
        &stage,
        format!("<body {BODY} rid='100' to='visitors.localhost' wait='5' hold='1' ver='1.6' xmpp:version='1.0'/>"),
    )
    .await;
    let sid = first.split(" sid='").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    let mut rid = 100;
    let mut say = |attributes: &str, inside: &str| {
        rid += 1;
        format!("<body {BODY} rid='{rid}' sid='{sid}' {attributes}>{inside}</body>")
    };
    let auth = say("", "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
    assert!(post(&stage, auth).await.contains("<success"));
    let restarted = post(&stage, say("xmpp:restart='true'", "")).await;
    assert!(restarted.contains("xmpp-bind"), "{restarted}");
    let bind = "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
    let bound = post(&stage, say("", bind)).await;
    assert!(bound.contains("@visitors.localhost/"), "{bound}");
    let ping = "<iq xmlns='jabber:client' type='get' id='p' to='visitors.localhost'><ping xmlns='urn:xmpp:ping'/></iq>";
    let pong = post(&stage, say("", ping)).await;
    assert!(pong.contains("type='result'"), "{pong}");
    let ended = post(&stage, say("type='terminate'", "")).await;
    assert!(ended.contains("terminate"), "{ended}");
    assert!(post(&stage, say("", "")).await.contains("item-not-found"));
}
