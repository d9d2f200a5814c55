//! The story of XEP-0142 over real sockets: a visitor waits, an agent is offered it, both are invited and talk in the room.

use std::time::Duration;

use desk::time::Span;
use server::xmpp::{Door, Identity};
use tokio::net::TcpListener;

use crate::client::Client;
use crate::stage::{PASSWORD, Stage};
use crate::visiting::{Server, clock, config};

const SUPPORT: &str = "support@workgroup.localhost";
const NS: &str = "http://jabber.org/protocol/workgroup";
const MUC: &str = "http://jabber.org/protocol/muc";

/// What stands behind `key='` in a text.
fn attribute(text: &str, key: &str) -> String {
    let from = text.find(&format!("{key}='")).unwrap_or_else(|| panic!("no {key} in {text}")) + key.len() + 2;
    text[from..].split('\'').next().unwrap().to_owned()
}

async fn join(visitor: &mut Client) {
    let form = "<x xmlns='jabber:x:data' type='submit'><field var='topic'><value>books</value></field></x>";
    let join = format!("<join-queue xmlns='{NS}'><queue-notifications/>{form}</join-queue>");
    visitor.send(&format!("<iq type='set' to='{SUPPORT}' id='j1'>{join}</iq>")).await;
    visitor.expect("<queue-status").await;
}

#[tokio::test]
async fn a_visitor_and_an_agent_with_clients_meet() {
    let stage = Stage::open().await;
    let mut agent = stage.present("anna", "work").await;
    agent
        .send(&format!(
            "<presence to='{SUPPORT}'><agent-status xmlns='{NS}'><max-chats>2</max-chats></agent-status></presence>"
        ))
        .await;
    agent.expect("<notify-queue-details").await;
    let mut visitor = stage.visitor().await;
    join(&mut visitor).await;
    agent.expect("<offer ").await;
    let offer = agent.expect("</offer>").await;
    assert!(offer.contains(&visitor.jid) && offer.contains("<user-request/>"), "{offer}");
    let session = attribute(&offer[offer.find("<session").unwrap()..], "id");
    agent
        .send(&format!("<iq type='set' to='{SUPPORT}' id='a1'><offer-accept xmlns='{NS}' id='{session}'/></iq>"))
        .await;
    for (client, nick) in [(&mut visitor, "Guest"), (&mut agent, "Anna")] {
        client.expect("<x xmlns='jabber:x:conference'").await;
        let invitation = client.expect("</message>").await;
        let room = attribute(&invitation, "jid");
        client.send(&format!("<presence to='{room}/{nick}'><x xmlns='{MUC}'/></presence>")).await;
        client.expect("code='110'").await;
        let words = format!("<message to='{room}' type='groupchat' id='{nick}'><body>I am {nick}</body></message>");
        client.send(&words).await;
        client.expect(&format!("I am {nick}")).await;
    }
    visitor.expect("I am Anna").await;
}

#[tokio::test]
async fn a_second_client_of_an_agent_is_told_so_and_a_broken_one_makes_place() {
    let stage = Stage::open().await;
    let mut first = stage.present("anna", "work").await;
    let comes = format!("<presence to='{SUPPORT}'><agent-status xmlns='{NS}'/></presence>");
    first.send(&comes).await;
    first.expect("<notify-queue-details").await;
    let mut second = stage.present("anna", "phone").await;
    second.send(&comes).await;
    second.expect("<not-allowed").await;
    drop(first);
    // As soon as the break is noticed, the second may come.
    for _ in 0..100 {
        second.send(&comes).await;
        second.send(&format!("<iq type='get' to='{SUPPORT}' id='v'><query xmlns='jabber:iq:version'/></iq>")).await;
        let answer = second.expect("</iq>").await;
        if answer.contains("<notify-queue-details") || !answer.contains("<not-allowed") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the second client never came in");
}

#[tokio::test]
async fn who_waits_keeps_the_place_over_a_restart() {
    let stage = Stage::open().await;
    let mut visitor = stage.client("bert", "home").await;
    join(&mut visitor).await;
    // What a new process finds: the same store, and nobody connected.
    let folder = tempfile::tempdir().unwrap();
    let again = Server::start(config(folder.path()), stage.server.running.app.store.clone(), clock()).await;
    let app = &again.running.app;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    server::xmpp::serve(app, &Identity::open(&app.config).unwrap(), vec![(listener, Door::Tcp)]).unwrap();
    let mut back = Client::connect(address).await;
    back.open("localhost").await;
    back.scram_sha_256("bert", PASSWORD, None).await;
    back.open("localhost").await;
    back.bind("home").await;
    // Nothing is sent by the client: the server notices that it is there.
    for _ in 0..10 {
        again.clock.advance(Span::secs(3));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    back.expect("<queue-status").await;
    let depart = format!("<depart-queue xmlns='{NS}'/>");
    back.send(&format!("<iq type='set' to='{SUPPORT}' id='d1'>{depart}</iq>")).await;
    back.expect("<departure-requested/>").await;
    for _ in 0..100 {
        let kept = app.store.im_books().await.unwrap();
        if kept.iter().all(|book| !book.account.ends_with("@workgroup.localhost")) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the address is not forgotten");
}
