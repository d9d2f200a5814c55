//! Conversations between people on the web and people with XMPP clients, in the same room.

use std::sync::{Arc, Mutex};

use serde_json::json;
use server::rooms::network::{Door, Doors};
use store::archive::Author;

use crate::client::Client;
use crate::stage::Stage;
use crate::visiting::request_of;

/// Remembers which rooms stood open for whom.
#[derive(Default)]
struct Seen(Mutex<Vec<Door>>);

impl Doors for Seen {
    fn open(&self, door: Door) {
        self.0.lock().unwrap().push(door);
    }
}

async fn enter(client: &mut Client, room: &str, nick: &str) {
    client.send(&format!("<presence to='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>")).await;
    client.expect("code='110'").await;
}

#[tokio::test]
async fn an_agent_with_a_client_and_a_visitor_on_the_web() {
    let stage = Stage::open().await;
    let seen = Arc::new(Seen::default());
    let app = &stage.server.running.app;
    app.rooms.on_doors(seen.clone());
    let (anna, console) = stage.server.sign_in("anna").await;
    let visit = stage.server.visit("visitor-key-xmpp-0001").await;
    let mut web = visit.events(None).await;
    let chat = request_of(&web.until("snapshot").await);
    assert_eq!(visit.say("m-0", "Is anybody there?").await.status, 201);
    stage.server.accept(anna, chat).await;
    while web.until("state").await["state"] != "chatting" {}
    drop(console);
    let room = app.rooms.room_of(chat).unwrap().to_string();
    assert!(seen.0.lock().unwrap().iter().any(|door| door.who == Author::Agent(anna) && door.chat == chat));

    let mut client = stage.client("anna", "gajim").await;
    enter(&mut client, &room, "Anna").await;
    // What was written while nobody was there is the room's memory.
    client.expect("Is anybody there?").await;
    let mut stranger = stage.client("bert", "x").await;
    stranger.send(&format!("<presence to='{room}/B'><x xmlns='http://jabber.org/protocol/muc'/></presence>")).await;
    let refused = stranger.expect("</presence>").await;
    assert!(refused.contains("<registration-required"), "{refused}");

    // What is said on the network is numbered, stored, and only then seen by anybody.
    client
        .send(&format!("<message to='{room}' type='groupchat' id='x1'><body>Hello from Gajim</body></message>"))
        .await;
    client.expect("Hello from Gajim").await;
    let words = web.words().await;
    assert_eq!((&words["text"], &words["from"]["kind"]), (&json!("Hello from Gajim"), &json!("agent")));
    let said = visit.say("m-1", "Hello from the page").await;
    assert_eq!(said.status, 201);
    client.expect("Hello from the page").await;

    // Typing, a correction and a read position, from the network to the web.
    client
        .send(&format!(
            "<message to='{room}' type='groupchat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>"
        ))
        .await;
    assert_eq!(web.until("typing").await["state"], "composing");
    client
        .send(&format!(
            "<message to='{room}' type='groupchat' id='x2'><body>Hello from my phone</body>\
             <replace id='x1' xmlns='urn:xmpp:message-correct:0'/></message>"
        ))
        .await;
    let correction = web.until("correction").await;
    assert_eq!((&correction["text"], &correction["number"]), (&json!("Hello from my phone"), &words["number"]));

    // And from the web to the network.
    let path = format!("/api/v1/visits/me/messages/{}", said.body["number"]);
    let corrected = visit.put(&path, &json!({ "text": "Hello from a page" })).await;
    assert!(corrected.status < 300, "{:?}", corrected.body);
    let replaced = client.expect("Hello from a page").await + &client.expect("</message>").await;
    assert!(replaced.contains("<replace") && replaced.contains("id='m-1'"), "{replaced}");

    // Leaving and vanishing are told to the desk.
    client.send(&format!("<presence to='{room}/Anna' type='unavailable'/>")).await;
    client.expect("type='unavailable'").await;
}

#[tokio::test]
async fn a_visitor_with_a_client_talks_to_the_console_and_is_lost_when_the_client_vanishes() {
    let stage = Stage::open().await;
    let app = &stage.server.running.app;
    let (anna, console) = stage.server.sign_in("anna").await;
    let visit = stage.server.visit("visitor-key-xmpp-0002").await;
    let mut web = visit.events(None).await;
    let chat = request_of(&web.until("snapshot").await);
    let mut client = stage.visitor().await;
    app.rooms.visitor_comes_as(chat, client.jid.parse().unwrap());
    drop(web);
    stage.server.accept(anna, chat).await;
    let room = loop {
        if let Some(room) = app.rooms.room_of(chat) {
            break room.to_string();
        }
        tokio::task::yield_now().await;
    };
    enter(&mut client, &room, "Guest").await;
    client
        .send(&format!("<message to='{room}' type='groupchat' id='v1'><body>I have a question</body></message>"))
        .await;
    client.expect("I have a question").await;
    let messages = app.store.messages(chat, store::archive::Range::Last(50)).await.unwrap();
    let said = messages.iter().find(|message| message.text == "I have a question").unwrap();
    assert_eq!(said.from, Author::Visitor);
    let rooms = &app.rooms;
    rooms.say(chat, server::rooms::Speaker::Agent(anna), "a-1".into(), "How can I help?").await.unwrap();
    client.expect("How can I help?").await;
    drop(client);
    stage
        .server
        .until(move |state| {
            let request = state.request(chat)?;
            request.lost_until.map(drop)
        })
        .await;
    drop(console);
}
