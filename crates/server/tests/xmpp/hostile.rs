//! Hostile input: the stream ends with the right error, and others notice nothing.

use tokio::net::TcpStream;

use crate::client::{Client, header};
use crate::stage::Stage;

async fn fate(stage: &Stage, text: &str) -> String {
    let mut client = Client::connect(stage.tcp).await;
    client.send(&header("localhost")).await;
    client.try_send(text).await;
    client.rest().await
}

#[tokio::test]
async fn what_is_no_stream_ends_with_its_error() {
    let stage = Stage::open().await;
    let mut laughs = Client::connect(stage.tcp).await;
    laughs.send("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]>").await;
    laughs.try_send(&header("localhost")).await;
    let seen = laughs.rest().await;
    assert!(seen.contains("<restricted-xml") || seen.contains("<not-well-formed"), "{seen}");
    let nested = fate(&stage, &"<a>".repeat(2_000)).await;
    assert!(nested.contains("<policy-violation"), "{nested}");
    let giant = format!("<message a='{}", "x".repeat(100_000));
    assert!(fate(&stage, &giant).await.contains("<policy-violation"));
    assert!(fate(&stage, "<a></b>").await.contains("<not-well-formed"));
    assert!(fate(&stage, "<message to='anna@localhost'><body>x</body></message>").await.contains("<not-authorized"));
}

#[tokio::test]
async fn a_flood_of_stanzas_is_slowed_and_a_deluge_is_cut() {
    let stage = Stage::with(|config| {
        config.xmpp.stanzas_per_second = 10;
        config.xmpp.stanzas_burst = 50;
    })
    .await;
    let mut anna = stage.present("anna", "a").await;
    let mut bert = stage.present("bert", "b").await;
    anna.try_send(&"<presence/>".repeat(1_000)).await;
    let seen = anna.rest().await;
    assert!(seen.contains("<policy-violation"), "{seen}");
    bert.ask("p", "get", "localhost", "<ping xmlns='urn:xmpp:ping'/>").await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_ended_and_others_go_on() {
    let stage = Stage::with(|config| {
        config.xmpp.mailbox_max = 64;
        config.xmpp.stanzas_per_second = 1_000_000;
        config.xmpp.stanzas_burst = 1_000_000;
        config.xmpp.bytes_per_second = 1 << 30;
    })
    .await;
    let mut bert = stage.present("bert", "b").await;
    let mut deaf = Client::connect_deaf(stage.tcp).await;
    deaf.open("localhost").await;
    deaf.scram_sha_256("anna", crate::stage::PASSWORD, None).await;
    deaf.open("localhost").await;
    deaf.bind("a").await;
    let words = "x".repeat(8_000);
    let app = stage.server.running.app.clone();
    for _ in 0..600 {
        bert.send(&format!("<message to='anna@localhost/a' type='chat'><body>{words}</body></message>")).await;
        if app.xmpp.router().unwrap().count() < 2 {
            break;
        }
    }
    for _ in 0..200 {
        if app.xmpp.router().unwrap().count() < 2 {
            break;
        }
        // Its connection is given a while to take the farewell.
        stage.server.pass(1).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(app.xmpp.router().unwrap().count(), 1, "the deaf one is gone");
    bert.ask("p", "get", "localhost", "<ping xmlns='urn:xmpp:ping'/>").await;
}

#[tokio::test]
async fn half_open_streams_are_bounded_by_address_and_time() {
    let stage = Stage::with(|config| config.xmpp.connections_per_address = 300).await;
    let mut anna = stage.present("anna", "a").await;
    let mut open = Vec::new();
    for _ in 0..600 {
        open.push(TcpStream::connect(stage.tcp).await.unwrap());
    }
    anna.ask("p1", "get", "localhost", "<ping xmlns='urn:xmpp:ping'/>").await;
    let connections = || stage.server.running.app.metrics.exposition();
    assert!(connections().contains("anteroom_xmpp_connections{kind=\"tcp\"} 300"), "{}", connections());
    // Those that say nothing are cut when their time is up.
    for _ in 0..100 {
        stage.server.pass(10).await;
        anna.ask("p2", "get", "localhost", "<ping xmlns='urn:xmpp:ping'/>").await;
        if connections().contains("anteroom_xmpp_connections{kind=\"tcp\"} 1\n") {
            return;
        }
    }
    panic!("{}", connections());
}
