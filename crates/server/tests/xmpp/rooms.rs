//! Rooms of people on the network, addresses that lead nowhere, and what the router stamps.

use std::sync::Arc;

use crate::stage::Stage;

const JOIN: &str = "<x xmlns='http://jabber.org/protocol/muc'/>";

#[tokio::test]
async fn two_people_talk_in_a_room() {
    let stage = Stage::open().await;
    let (mut anna, mut bert) = (stage.client("anna", "a").await, stage.client("bert", "b").await);
    anna.send(&format!("<presence to='tea@conference.localhost/Anna'>{JOIN}</presence>")).await;
    anna.expect("code='201'").await;
    let form = "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>";
    anna.ask("cfg", "set", "tea@conference.localhost", form).await;
    bert.send(&format!("<presence to='tea@conference.localhost/Bert'>{JOIN}</presence>")).await;
    bert.expect("code='110'").await;
    bert.expect("<subject").await;
    anna.expect("tea@conference.localhost/Bert").await;
    for number in 0..20 {
        anna.send(&format!(
            "<message type='groupchat' id='m{number}' to='tea@conference.localhost'><body>tea {number}</body></message>"
        ))
        .await;
    }
    for client in [&mut anna, &mut bert] {
        for number in 0..20 {
            client.expect(&format!("<body>tea {number}</body>")).await;
        }
    }
    // Whoever vanishes is seen leaving.
    drop(bert);
    anna.expect("type='unavailable'").await;
}

#[tokio::test]
async fn visitors_make_no_rooms() {
    let stage = Stage::open().await;
    let mut visitor = stage.visitor().await;
    visitor.send(&format!("<presence to='mine@conference.localhost/V'>{JOIN}</presence>")).await;
    let refused = visitor.expect("</presence>").await;
    assert!(refused.contains("type='error'"), "{refused}");
}

#[tokio::test]
async fn there_is_no_federation_and_no_forged_sender() {
    let stage = Stage::open().await;
    let mut anna = stage.present("anna", "a").await;
    let answer = anna.ask("far", "get", "elsewhere.example", "<ping xmlns='urn:xmpp:ping'/>").await;
    assert!(answer.contains("<remote-server-not-found"), "{answer}");
    let mut bert = stage.present("bert", "b").await;
    bert.send("<message to='anna@localhost' type='chat'><body>hi</body></message>").await;
    let message = anna.expect("<body>hi</body>").await;
    assert!(message.contains("from='bert@localhost/b'"), "{message}");
    bert.send("<message from='eve@localhost/x' to='anna@localhost' type='chat'><body>no</body></message>").await;
    assert!(bert.rest().await.contains("<invalid-from"));
}

#[tokio::test]
async fn disco_lists_the_services() {
    let stage = Stage::open().await;
    let mut anna = stage.client("anna", "a").await;
    let items = anna.ask("d", "get", "localhost", "<query xmlns='http://jabber.org/protocol/disco#items'/>").await;
    assert!(items.contains("conference.localhost"), "{items}");
    let info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    let said = anna.ask("i", "get", "conference.localhost", info).await;
    assert!(said.contains("http://jabber.org/protocol/muc"), "{said}");
}

#[tokio::test]
async fn a_persistent_room_is_there_after_a_restart() {
    let store: Arc<dyn store::Backend> = Arc::new(store::memory::open());
    let before = Stage::on(Arc::clone(&store), |_| ()).await;
    let mut anna = before.client("anna", "a").await;
    anna.send(&format!("<presence to='lounge@conference.localhost/Anna'>{JOIN}</presence>")).await;
    anna.expect("code='201'").await;
    let field = |name: &str, value: &str| format!("<field var='{name}'><value>{value}</value></field>");
    let form = format!(
        "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>{}{}{}</x></query>",
        field("FORM_TYPE", "http://jabber.org/protocol/muc#roomconfig"),
        field("muc#roomconfig_persistentroom", "1"),
        field("muc#roomconfig_roomname", "The lounge"),
    );
    let done = anna.ask("cfg", "set", "lounge@conference.localhost", &form).await;
    assert!(done.contains("type='result'"), "{done}");
    while store.im_rooms().await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    drop((anna, before));
    let after = Stage::on(store, |_| ()).await;
    let mut bert = after.client("bert", "b").await;
    let info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    let said = bert.ask("i", "get", "lounge@conference.localhost", info).await;
    assert!(said.contains("The lounge"), "{said}");
}
