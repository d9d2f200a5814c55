//! Stream management (XEP-0198): a session whose connection broke goes on, and nothing is lost or doubled.

use crate::client::Client;
use crate::stage::{PASSWORD, Stage};

const SM: &str = "urn:xmpp:sm:3";

async fn managed(stage: &Stage, name: &str) -> (Client, String) {
    let mut client = stage.client(name, "r").await;
    client.send(&format!("<enable xmlns='{SM}' resume='true'/><presence/>")).await;
    let enabled = client.expect("<enabled").await + &client.expect(">").await;
    let id = enabled.split("id='").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    client.expect("<presence").await;
    (client, id)
}

async fn resume(stage: &Stage, name: &str, id: &str, h: u32) -> Client {
    let mut client = Client::connect(stage.tcp).await;
    client.open("localhost").await;
    client.scram_sha_256(name, PASSWORD, None).await;
    client.open("localhost").await;
    client.send(&format!("<resume xmlns='{SM}' previd='{id}' h='{h}'/>")).await;
    client
}

#[tokio::test]
async fn a_cut_session_is_resumed_with_what_came_meanwhile() {
    let stage = Stage::open().await;
    let (anna, id) = managed(&stage, "anna").await;
    let mut bert = stage.present("bert", "b").await;
    drop(anna);
    for number in 0..3 {
        bert.send(&format!("<message to='anna@localhost' type='chat'><body>word {number}</body></message>")).await;
    }
    bert.ask("p", "get", "localhost", "<ping xmlns='urn:xmpp:ping'/>").await;
    let mut anna = resume(&stage, "anna", &id, 1).await;
    anna.expect("<resumed").await;
    for number in 0..3 {
        anna.expect(&format!("word {number}")).await;
    }
    anna.send("<message to='bert@localhost' type='chat'><body>back</body></message>").await;
    let message = bert.expect("back").await;
    assert!(message.contains("from='anna@localhost/r'"), "{message}");
}

#[tokio::test]
async fn a_session_moves_while_its_old_connection_still_stands() {
    let stage = Stage::open().await;
    let (mut old, id) = managed(&stage, "anna").await;
    let mut new = resume(&stage, "anna", &id, 1).await;
    new.expect("<resumed").await;
    old.rest().await;
    new.ask("p", "get", "localhost", "<ping xmlns='urn:xmpp:ping'/>").await;
    // Nobody else's, and no other id.
    let mut bert = resume(&stage, "bert", &id, 1).await;
    bert.expect("<item-not-found").await;
}

#[tokio::test]
async fn a_session_that_is_not_resumed_ends_and_what_it_missed_waits() {
    let stage = Stage::open().await;
    let (anna, id) = managed(&stage, "anna").await;
    let mut bert = stage.present("bert", "b").await;
    drop(anna);
    bert.send("<message to='anna@localhost' type='chat'><body>missed</body></message>").await;
    bert.ask("p", "get", "localhost", "<ping xmlns='urn:xmpp:ping'/>").await;
    stage.server.pass(61).await;
    let mut anna = resume(&stage, "anna", &id, 1).await;
    anna.expect("<item-not-found").await;
    anna.bind("r").await;
    anna.send("<presence/>").await;
    anna.expect("missed").await;
}
