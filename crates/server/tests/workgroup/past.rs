//! The dialect's questions about conversations that go on or are over, and settings; and who waited over a restart.

use std::sync::Arc;

use desk::ids::RequestId;
use server::rooms::Speaker;
use server::xmpp::workgroup::Workgroups;

use crate::office::{ANNA, JIVE, Office, SERVICE, SUPPORT, VISITOR, Wire, child, error, room};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_a_workgroup() {
    let office = Office::open().await;
    let all = office.asks(VISITOR, SUPPORT, "get", "<chat-settings xmlns='JIVE'/>").await;
    assert!(child(&all, "chat-settings").children().count() >= 2);
    let one = office.asks(VISITOR, SUPPORT, "get", "<chat-settings xmlns='JIVE' key='queue_title_text'/>").await;
    assert!(child(&one, "chat-settings").children().next().unwrap().children().any(|c| c.text() == "Support"));
    let offline = office.asks(VISITOR, SUPPORT, "get", "<offline-settings xmlns='JIVE'/>").await;
    assert!(child(child(&offline, "offline-settings"), "redirectPage").text().ends_with("/chat/support"));
    let properties = office.asks(VISITOR, SUPPORT, "get", "<workgroup-properties xmlns='JIVE'/>").await;
    assert_eq!(child(child(&properties, "workgroup-properties"), "authRequired").text(), "false");
    let macros = office.asks(ANNA, SUPPORT, "get", "<macros xmlns='JIVE'/>").await;
    let is_macros = macros.attr("type") == Some("result");
    assert!(!is_macros || child(child(&macros, "macros"), "model").text().starts_with("<macrogroup>"));
    let info = office.asks(ANNA, SUPPORT, "get", "<agent-info xmlns='JIVE'/>").await;
    assert_eq!(child(child(&info, "agent-info"), "jid").text(), "anna@localhost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_and_what_is_known_of_it() {
    let office = Office::open().await;
    let RequestId(number) = office.chat().await;
    let said = office.house.running.app.rooms.say(
        RequestId(number),
        Speaker::Agent(office.agent("anna")),
        "m1".to_owned(),
        "Good morning",
    );
    said.await.unwrap();
    let metadata = format!("<chat-metadata xmlns='JIVE'><sessionID>{number}</sessionID></chat-metadata>");
    let metadata = String::from(&office.asks(ANNA, SUPPORT, "get", &metadata).await);
    assert!(metadata.contains("<value name='username'>John</value>"), "{metadata}");
    let set =
        format!("<chat-notes xmlns='JIVE'><sessionID>{number}</sessionID><notes>Wants a book</notes></chat-notes>");
    assert_eq!(office.asks(ANNA, SUPPORT, "set", &set).await.attr("type"), Some("result"));
    let get = format!("<chat-notes xmlns='JIVE'><sessionID>{number}</sessionID></chat-notes>");
    let notes = office.asks(ANNA, SUPPORT, "get", &get).await;
    assert_eq!(child(child(&notes, "chat-notes"), "text").text(), "Wants a book");
    let stranger = office.asks(VISITOR, SUPPORT, "get", &get).await;
    assert_eq!(error(&stranger), ("cancel".into(), "item-not-found".into()));
    let transcript = format!("<transcript xmlns='NS' sessionID='{number}'/>");
    let transcript = office.asks(ANNA, SUPPORT, "get", &transcript).await;
    let message = child(child(&transcript, "transcript"), "message");
    assert_eq!(child(message, "body").text(), "Good morning");
    assert_eq!(child(message, "x").attr("stamp"), Some("20261120T09:30:00"));
    let user = "<transcripts xmlns='NS' userID='user@visitors.localhost'/>";
    let list = office.asks(ANNA, SUPPORT, "get", user).await;
    let list = list.get_child("transcripts", JIVE).expect("answered in the dialect's namespace");
    assert_eq!(list.children().next().unwrap().attr("sessionID"), Some(number.to_string().as_str()));
    for name in [number.to_string(), room(RequestId(number)).node().unwrap().to_string()] {
        let ask = format!("<occupants-info xmlns='JIVE' roomID='{name}'/>");
        let there = office.asks(ANNA, SUPPORT, "get", &ask).await;
        let all: Vec<_> = child(&there, "occupants-info").children().map(|o| child(o, "jid").text()).collect();
        assert_eq!(all, [VISITOR, ANNA], "{name}");
    }
    let monitor = office.asks(ANNA, SUPPORT, "get", "<monitor xmlns='JIVE'/>").await;
    assert_eq!(child(child(&monitor, "monitor"), "isMonitor").text(), "false");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn searching_finds_what_was_said() {
    let office = Office::open().await;
    let request = office.chat().await;
    let speaker = Speaker::Agent(office.agent("anna"));
    office.house.running.app.rooms.say(request, speaker, "m1".into(), "The refund is on its way").await.unwrap();
    let form = office.asks(ANNA, SERVICE, "get", "<transcript-search xmlns='JIVE'/>").await;
    assert_eq!(child(child(&form, "transcript-search"), "x").attr("type"), Some("form"));
    let search = |words: &str| {
        format!(
            "<transcript-search xmlns='JIVE'><x xmlns='jabber:x:data' type='submit'><field var='queryString'><value>{words}</value></field></x></transcript-search>"
        )
    };
    let found = office.asks(ANNA, SERVICE, "get", &search("refund")).await;
    let items = |e: &xmpp::minidom::Element| {
        child(child(e, "transcript-search"), "x").children().filter(|c| c.name() == "item").count()
    };
    assert_eq!(items(&found), 1);
    assert_eq!(items(&office.asks(ANNA, SERVICE, "get", &search("elephant")).await), 0);
    // Carla helps elsewhere and finds nothing of it.
    assert_eq!(items(&office.asks("carla@localhost/x", SERVICE, "get", &search("refund")).await), 0);
    let nothing = office.asks(ANNA, SERVICE, "get", &search("")).await;
    assert_eq!(error(&nothing), ("modify".into(), "not-acceptable".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_is_known_again_after_a_restart() {
    let office = Office::open().await;
    let request = office.joins(VISITOR).await;
    // Another service over the same desk and the same drawer: what a new process would be.
    let app = &office.house.running.app;
    let wire = Arc::new(Wire::default());
    let again = Workgroups::new("localhost").unwrap();
    let mut other = app.clone();
    other.workgroups = again.clone();
    again.serve(&other, wire.clone(), Arc::new(office.drawer.clone())).await.unwrap();
    assert_eq!(wire.rooms.lock().unwrap().get(&request).map(|jid| jid.to_string()).as_deref(), Some(VISITOR));
    // What has ended meanwhile is thrown away.
    office.asks(VISITOR, SUPPORT, "set", "<depart-queue xmlns='NS'/>").await;
    office.gets(VISITOR, "depart-queue").await;
    office.drawer.0.lock().unwrap().push((request, "{}".into()));
    let third = Workgroups::new("localhost").unwrap();
    third.serve(&other, wire, Arc::new(office.drawer.clone())).await.unwrap();
    assert!(office.drawer.0.lock().unwrap().is_empty());
}
