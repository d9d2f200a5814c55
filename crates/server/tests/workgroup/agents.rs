//! XEP-0142, the agent's half: presence, one session, the list of agents, offers and their ends, queues, passing on.

use desk::command::Show;
use desk::time::Span;
use serde_json::json;
use store::archive::Author;

use crate::office::{ANNA, BERT, JIVE, NS, Office, SUPPORT, VISITOR, child, error};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn presence_signs_in_and_out_and_the_console_sees_it() {
    let office = Office::open().await;
    office.comes(ANNA).await;
    assert_eq!(office.shows("anna").await, Some(Show::Available));
    // Once there, plain presence of the same session counts too.
    office.sends(ANNA, &format!("<presence to='{SUPPORT}'><show>dnd</show></presence>"));
    office.settle(ANNA).await;
    assert_eq!(office.shows("anna").await, Some(Show::Dnd));
    office.sends(ANNA, &format!("<presence to='{SUPPORT}' type='unavailable'/>"));
    office.settle(ANNA).await;
    assert_eq!(office.shows("anna").await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_agent_has_one_session() {
    let office = Office::open().await;
    office.comes(ANNA).await;
    let second = "anna@localhost/phone";
    office.sends(second, &format!("<presence to='{SUPPORT}'><agent-status xmlns='NS'/></presence>"));
    let refused = office.gets(second, "error").await;
    assert_eq!(error(&refused), ("cancel".into(), "not-allowed".into()));
    office.sends(second, &format!("<presence to='{SUPPORT}' type='unavailable'/>"));
    office.settle(second).await;
    assert_eq!(office.shows("anna").await, Some(Show::Available), "the second's going means nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_takes_over_and_keeps_others_out() {
    let office = Office::open().await;
    office.comes(ANNA).await;
    office.forget();
    let client = office.house.sign_in("anna").await;
    let mut events = client.events("/agent/events").await;
    events.until("snapshot").await;
    let gone = office.takes(ANNA, |e| e.name() == "presence" && e.attr("type") == Some("unavailable")).await;
    assert_eq!(gone.attr("from"), Some(SUPPORT));
    office.sends(ANNA, &format!("<presence to='{SUPPORT}'><agent-status xmlns='NS'/></presence>"));
    assert_eq!(error(&office.gets(ANNA, "error").await), ("cancel".into(), "not-allowed".into()));
    client.put("/agent/availability", json!({ "show": "available" })).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_no_agent() {
    let office = Office::open().await;
    for who in [VISITOR, "carla@localhost/x", "nobody@localhost/x"] {
        office.sends(who, &format!("<presence to='{SUPPORT}'><agent-status xmlns='NS'/></presence>"));
        let refused = office.gets(who, "error").await;
        assert_eq!(error(&refused), ("auth".into(), "not-authorized".into()), "{who}");
    }
    let nowhere = format!("nowhere@{}", crate::office::SERVICE);
    office.sends(VISITOR, &format!("<presence to='{nowhere}'/>"));
    assert_eq!(error(&office.gets(VISITOR, "error").await), ("cancel".into(), "item-not-found".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_carries_everything_and_an_accept_by_session_takes_it() {
    let office = Office::open().await;
    office.comes(ANNA).await;
    let request = office.joins(VISITOR).await;
    let offer = office.offer(ANNA).await;
    assert_eq!(offer.attr("jid"), Some(VISITOR));
    let metadata = offer.get_child("metadata", JIVE).unwrap();
    let value = |name: &str| metadata.children().find(|v| v.attr("name") == Some(name)).map(|v| v.text());
    assert_eq!(value("username").as_deref(), Some("John"));
    assert_eq!(value("userID").as_deref(), Some("user@visitors.localhost"));
    assert_eq!(value("question").as_deref(), Some("Where is my book?"));
    assert_eq!(offer.get_child("timeout", NS).unwrap().text(), "30");
    assert!(offer.has_child("user-request", NS));
    assert_eq!(offer.get_child("session", JIVE).unwrap().attr("id"), Some(request.0.to_string().as_str()));
    assert_eq!(child(offer.get_child("crm", "urn:example:crm").unwrap(), "customer").text(), "42");
    // The result of the offer's own iq is no acceptance, and an error is no rejection.
    office.sends(ANNA, &format!("<iq type='result' to='{SUPPORT}' id='x'/>"));
    let accepted = office.accepts(ANNA, &request.0.to_string()).await;
    assert_eq!(accepted.attr("type"), Some("result"));
    office.door(request, Author::Agent(office.agent("anna")));
    let invitation = office.gets(ANNA, "offer").await;
    assert_eq!(invitation.name(), "message");
    assert_eq!(child(&invitation, "offer").attr("jid"), Some(VISITOR));
    let invite = child(&invitation, "x").children().next().unwrap().clone();
    assert_eq!((invite.attr("from"), invite.text()), (Some(SUPPORT), String::new()));
    assert_eq!(child(&invite, "reason").text(), request.0.to_string(), "Spark finds the offer by the reason");
    // Once more: gone, and told so.
    let again = office.accepts(ANNA, &request.0.to_string()).await;
    assert_eq!(again.attr("type"), Some("result"));
    office.gets(ANNA, "offer-revoke").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offers_are_found_by_id_and_by_address_in_any_letters() {
    let office = Office::open().await;
    office.comes(ANNA).await;
    let who = "user@visitors.localhost/Home";
    office.joins(who).await;
    let offer = office.offer(ANNA).await;
    let by_id = format!("<offer-reject xmlns='NS' id='{}'/>", offer.attr("id").unwrap());
    assert_eq!(office.asks(ANNA, SUPPORT, "set", &by_id).await.attr("type"), Some("result"));
    office.comes(BERT).await;
    office.offer(BERT).await;
    let by_jid = "<offer-accept xmlns='NS' jid='user@visitors.localhost/home'/>";
    assert_eq!(office.asks(BERT, SUPPORT, "set", by_jid).await.attr("type"), Some("result"));
    let bert = office.agent("bert");
    let chats =
        office.house.running.app.desk.view(move |state, _| state.agent(bert).unwrap().chats.len()).await.unwrap();
    assert_eq!(chats, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_that_lapses_is_revoked() {
    let office = Office::open().await;
    office.comes(ANNA).await;
    office.joins(VISITOR).await;
    office.offer(ANNA).await;
    office.pass(Span::secs(31)).await;
    let revoke = office.gets(ANNA, "offer-revoke").await;
    let revoke = child(&revoke, "offer-revoke");
    assert_eq!(revoke.attr("jid"), Some(VISITOR));
    assert_eq!(child(revoke, "reason").text(), "The offer has timed out");
    office.comes(BERT).await;
    office.offer(BERT).await;
    office.asks(VISITOR, SUPPORT, "set", "<depart-queue xmlns='NS'/>").await;
    let revoke = office.gets(BERT, "offer-revoke").await;
    assert_eq!(child(child(&revoke, "offer-revoke"), "reason").text(), "User canceled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_of_others_change_nothing() {
    let office = Office::open().await;
    office.comes(ANNA).await;
    let request = office.joins(VISITOR).await;
    office.offer(ANNA).await;
    let stranger = office.accepts(VISITOR, &request.0.to_string()).await;
    assert_eq!(error(&stranger), ("auth".into(), "not-authorized".into()));
    let no_session = office.accepts(BERT, &request.0.to_string()).await;
    assert_eq!(error(&no_session), ("cancel".into(), "item-not-found".into()));
    office.comes(BERT).await;
    let not_offered = office.accepts(BERT, &request.0.to_string()).await;
    assert_eq!(not_offered.attr("type"), Some("result"));
    office.gets(BERT, "offer-revoke").await;
    let room = office.house.running.app.desk.view(move |state, _| state.request(request).unwrap().room).await.unwrap();
    assert_eq!(room, None, "no room was made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_of_agents_and_what_they_show() {
    let office = Office::open().await;
    let early = office.asks(ANNA, SUPPORT, "get", "<agent-status-request xmlns='NS'/>").await;
    assert_eq!(error(&early), ("cancel".into(), "item-not-found".into()));
    office.comes(ANNA).await;
    office.comes(BERT).await;
    office.forget();
    let list = office.asks(ANNA, SUPPORT, "get", "<agent-status-request xmlns='NS'/>").await;
    let agents: Vec<_> = child(&list, "agent-status-request").children().map(|a| a.attr("jid").unwrap()).collect();
    assert_eq!(agents, ["bert@localhost"], "all but oneself");
    let bert = office.takes(ANNA, |e| e.attr("from") == Some(BERT)).await;
    let status = child(&bert, "agent-status");
    assert_eq!(status.attr("jid"), Some(SUPPORT), "Smack's roster needs it");
    assert!(status.has_child("max-chats", NS) && status.has_child("current-chats", JIVE));
    office.pass(Span::secs(3)).await;
    office.forget();
    office.sends(BERT, &format!("<presence to='{SUPPORT}'><show>away</show></presence>"));
    office.settle(BERT).await;
    office.pass(Span::secs(3)).await;
    let shows = |e: &xmpp::minidom::Element| e.children().any(|c| c.name() == "show" && c.text() == "away");
    office.takes(ANNA, |e| e.attr("from") == Some(BERT) && shows(e)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queues_are_told_in_short_and_in_detail() {
    let office = Office::open().await;
    office.comes(ANNA).await;
    office.sends(ANNA, &format!("<presence to='{SUPPORT}'><show>dnd</show></presence>"));
    office.settle(ANNA).await;
    office.pass(Span::secs(3)).await;
    office.forget();
    office.joins(VISITOR).await;
    office.pass(Span::secs(3)).await;
    let has = |e: &xmpp::minidom::Element, what: &str| String::from(e).contains(what);
    let queue = office.takes(ANNA, |e| has(e, "<count>1</count>")).await;
    assert_eq!(queue.attr("from"), Some("support@workgroup.localhost/general"));
    let summary = child(&queue, "notify-queue");
    assert_eq!((child(summary, "count").text(), child(summary, "status").text()), ("1".into(), "open".into()));
    assert_eq!(child(summary, "oldest").text(), "20261120T09:30:03");
    let details = office.takes(ANNA, |e| has(e, "<user ")).await;
    let user = child(child(&details, "notify-queue-details"), "user");
    assert_eq!((user.attr("jid"), child(user, "position").text()), (Some(VISITOR), "0".into()));
    let agents = office.gets(ANNA, "notify-agents").await;
    assert!(child(&agents, "notify-agents").has_child("max-chats", NS));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_is_passed_on() {
    let office = Office::open().await;
    let request = office.chat().await;
    office.comes(BERT).await;
    let pass = |name: &str, kind: &str, to: &str| {
        format!(
            "<{name} xmlns='NS' type='{kind}'><session xmlns='JIVE' id='{}'/><invitee>{to}</invitee><reason>Please help</reason></{name}>",
            request.0
        )
    };
    let transfer = pass("transfer", "user", "bert@localhost");
    assert_eq!(office.asks(ANNA, SUPPORT, "set", &transfer).await.attr("type"), Some("result"));
    let offer = office.offer(BERT).await;
    let content = offer.get_child("transfer", NS).unwrap();
    assert_eq!((content.attr("type"), child(content, "inviter").text().as_str()), (Some("user"), ANNA));
    assert_eq!(child(content, "room").text(), crate::office::room(request).to_string());
    let reject = format!("<offer-reject xmlns='NS' id='{}'/>", request.0);
    office.asks(BERT, SUPPORT, "set", &reject).await;
    let failed = office.takes(ANNA, |e| e.name() == "message" && e.attr("type") == Some("error")).await;
    assert_eq!(child(&failed, "body").text(), "Agent or user failed to join the room.");
    for (kind, to, words) in [
        ("queue", "support@workgroup.localhost/nope", "Specified queue was not found."),
        ("workgroup", "nope@workgroup.localhost", "Specified workgroup was not found."),
        ("user", "nobody@localhost", "Agent or user failed to join the room."),
    ] {
        assert_eq!(office.asks(ANNA, SUPPORT, "set", &pass("invite", kind, to)).await.attr("type"), Some("result"));
        let failed = office.takes(ANNA, |e| e.name() == "message" && e.attr("type") == Some("error")).await;
        assert_eq!(child(&failed, "body").text(), words);
    }
    let other = office.asks(BERT, SUPPORT, "set", &transfer).await;
    assert_eq!(error(&other), ("auth".into(), "forbidden".into()), "not in that conversation");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn which_workgroups_somebody_helps_at() {
    let office = Office::open().await;
    let ask = |who: &str| format!("<workgroups xmlns='NS' jid='{who}'/>");
    let mine = office.asks(ANNA, crate::office::SERVICE, "get", &ask(ANNA)).await;
    let all: Vec<_> = child(&mine, "workgroups").children().map(|w| w.attr("jid").unwrap()).collect();
    assert_eq!(all, ["loans@workgroup.localhost", SUPPORT]);
    assert_eq!(child(&mine, "workgroups").attr("jid"), Some("anna@localhost"));
    let stranger = office.asks(VISITOR, crate::office::SERVICE, "get", &ask(VISITOR)).await;
    assert_eq!(error(&stranger), ("auth".into(), "not-authorized".into()));
    let nobody = office.asks(ANNA, crate::office::SERVICE, "get", &ask("sven@example.org")).await;
    assert_eq!(error(&nobody), ("cancel".into(), "item-not-found".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_offered_nothing_from_where_they_are_not_present() {
    let office = Office::open().await;
    office.comes(ANNA).await;
    let loans = "loans@workgroup.localhost";
    let join = "<join-queue xmlns='NS'><queue-notifications/></join-queue>";
    assert_eq!(office.asks(VISITOR, loans, "set", join).await.attr("type"), Some("result"));
    office.no(ANNA, "offer").await;
    office.sends(ANNA, &format!("<presence to='{loans}'><agent-status xmlns='NS'/></presence>"));
    let iq = office.gets(ANNA, "offer").await;
    assert_eq!(iq.attr("from"), Some(loans));
    // Signing out leaves no trace in the console.
    for workgroup in [loans, SUPPORT] {
        office.sends(ANNA, &format!("<presence to='{workgroup}' type='unavailable'/>"));
    }
    office.settle(ANNA).await;
    let anna = office.agent("anna");
    let out =
        office.house.running.app.desk.view(move |state, _| state.agent(anna).unwrap().opted_out.len()).await.unwrap();
    assert_eq!((out, office.shows("anna").await), (0, None));
}
