//! XEP-0142, the visitor's half: join, status, depart, invitation, and what happens when somebody is gone or the desk closes.

use desk::command::Command;
use desk::event::Ending;
use desk::time::Span;
use store::archive::Author;

use crate::office::{ANNA, BERT, JIVE, JOIN, NS, Office, SUPPORT, VISITOR, child, error, room};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joining_is_answered_before_the_first_status_comes() {
    let office = Office::open().await;
    office.sends(VISITOR, &format!("<iq type='set' to='{SUPPORT}' id='j'>{JOIN}</iq>"));
    let first = office.takes(VISITOR, |_| true).await;
    assert_eq!((first.name(), first.attr("type"), first.attr("from")), ("iq", Some("result"), Some(SUPPORT)));
    assert_eq!(first.children().count(), 0, "the result is empty");
    let second = office.takes(VISITOR, |_| true).await;
    let status = child(&second, "queue-status");
    assert_eq!(status.get_child("position", NS).unwrap().text(), "0");
    assert_eq!(status.get_child("session", JIVE).unwrap().attr("workgroup"), Some(SUPPORT));
    assert_eq!(office.wire.rooms.lock().unwrap().values().next().unwrap().as_str(), VISITOR);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_want_to_hear_of_it_hears_nothing() {
    let office = Office::open().await;
    let form = "<x xmlns='jabber:x:data' type='submit'><field var='question'><value>q</value></field></x>";
    let join = format!("<join-queue xmlns='NS'>{form}</join-queue>");
    let answer = office.asks(VISITOR, SUPPORT, "set", &join).await;
    assert_eq!(answer.attr("type"), Some("result"));
    office.pass(Span::secs(40)).await;
    office.no(VISITOR, "queue-status").await;
    let status = office.asks(VISITOR, SUPPORT, "get", "<queue-status xmlns='NS'/>").await;
    assert_eq!((status.attr("type"), child(&status, "queue-status").children().count()), (Some("result"), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_join_is_a_conflict_and_another_session_is_not() {
    let office = Office::open().await;
    office.joins("user@example.net/home").await;
    let again = office.asks("user@example.net/home", SUPPORT, "set", JOIN).await;
    assert_eq!(error(&again), ("cancel".into(), "conflict".into()));
    let other = office.joins("user@example.net/phone").await;
    let status = office.asks("user@example.net/phone", SUPPORT, "get", "<queue-status xmlns='NS'/>").await;
    assert_eq!(child(&status, "queue-status").get_child("position", NS).unwrap().text(), "1");
    assert!(other.0 > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_ways_to_the_form() {
    let office = Office::open().await;
    for (ask, root) in
        [("<join-queue xmlns='NS'/>", "join-queue"), ("<workgroup-form xmlns='JIVE'/>", "workgroup-form")]
    {
        let answer = office.asks(VISITOR, SUPPORT, "get", ask).await;
        let form = child(child(&answer, root), "x");
        assert_eq!(form.attr("type"), Some("form"));
        let field = child(form, "field");
        assert_eq!((field.attr("var"), field.attr("type")), (Some("question"), Some("text-multi")));
    }
    // A workgroup without a form.
    let none = office.asks(VISITOR, "loans@workgroup.localhost", "get", "<workgroup-form xmlns='JIVE'/>").await;
    assert_eq!(error(&none), ("cancel".into(), "item-not-found".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaving_is_answered_and_told() {
    let office = Office::open().await;
    office.joins(VISITOR).await;
    office.forget();
    office.sends(VISITOR, &format!("<iq type='set' to='{SUPPORT}' id='d'><depart-queue xmlns='NS'/></iq>"));
    let first = office.takes(VISITOR, |_| true).await;
    assert_eq!((first.name(), first.attr("type")), ("iq", Some("result")));
    let notice = office.gets(VISITOR, "depart-queue").await;
    assert!(child(&notice, "depart-queue").has_child("departure-requested", NS));
    let again = office.asks(VISITOR, SUPPORT, "set", "<depart-queue xmlns='NS'/>").await;
    assert_eq!(error(&again), ("cancel".into(), "item-not-found".into()));
    assert!(office.drawer.0.lock().unwrap().is_empty(), "the address is forgotten");
    // And it is possible to join again.
    office.joins(VISITOR).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_takes_somebody_out_of_the_line_and_nobody_else_may() {
    let office = Office::open().await;
    office.joins(VISITOR).await;
    let depart = format!("<depart-queue xmlns='NS'><jid>{VISITOR}</jid></depart-queue>");
    let refused = office.asks(ANNA, SUPPORT, "set", &depart).await;
    assert_eq!(error(&refused), ("auth".into(), "not-authorized".into()));
    let done = office.asks("sven@localhost/desk", SUPPORT, "set", &depart).await;
    assert_eq!(done.attr("type"), Some("result"));
    office.gets(VISITOR, "depart-queue").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_takes_somebody_out_of_the_line() {
    let office = Office::open().await;
    let request = office.joins(VISITOR).await;
    let end = Command::DepartQueue { request, ending: Ending::DeskClosed };
    office.house.running.app.desk.ask(end).await.unwrap();
    let notice = office.gets(VISITOR, "depart-queue").await;
    assert!(child(&notice, "depart-queue").has_child("agent-not-found", NS));
    let poll = office.asks(VISITOR, SUPPORT, "get", "<queue-status xmlns='NS'/>").await;
    assert_eq!(error(&poll), ("auth".into(), "not-authorized".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_move_up_and_are_repeated_every_fifteen_seconds() {
    let office = Office::open().await;
    office.joins(VISITOR).await;
    office.joins("second@visitors.localhost/x").await;
    office.forget();
    office.asks(VISITOR, SUPPORT, "set", "<depart-queue xmlns='NS'/>").await;
    office.pass(Span::secs(3)).await;
    let status = office.gets("second@visitors.localhost/x", "queue-status").await;
    assert_eq!(child(&status, "queue-status").get_child("position", NS).unwrap().text(), "0");
    office.forget();
    office.pass(Span::secs(8)).await;
    office.no("second@visitors.localhost/x", "queue-status").await;
    office.pass(Span::secs(16)).await;
    office.gets("second@visitors.localhost/x", "queue-status").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_visitor_is_invited_once_and_once_more() {
    let office = Office::open().await;
    office.comes(ANNA).await;
    let request = office.joins(VISITOR).await;
    office.offer(ANNA).await;
    office.accepts(ANNA, &request.0.to_string()).await;
    office.door(request, Author::Visitor);
    let invitation = office.gets(VISITOR, "workgroup").await;
    assert_eq!(invitation.attr("from"), Some(room(request).as_str()));
    assert_eq!(invitation.children().next().unwrap().attr("jid"), Some(SUPPORT), "the workgroup stands first");
    let invite = child(&invitation, "x").get_child("invite", "http://jabber.org/protocol/muc#user").unwrap();
    assert_eq!(invite.attr("from"), Some(SUPPORT));
    assert!(invitation.has_child("x", "jabber:x:conference"));
    office.no(VISITOR, "queue-status").await;
    office.pass(Span::secs(11)).await;
    office.gets(VISITOR, "workgroup").await;
    office.pass(Span::secs(11)).await;
    office.no(VISITOR, "workgroup").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_gone_loses_the_place_after_the_grace_and_who_is_back_does_not() {
    let office = Office::open().await;
    let request = office.joins(VISITOR).await;
    let workgroups = office.house.running.app.workgroups.clone();
    let lost = async |want: bool| {
        for _ in 0..200 {
            let view =
                office.house.running.app.desk.view(move |s, _| s.request(request).map(|it| it.lost_until.is_some()));
            if view.await.unwrap() == Some(want) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("lost is not {want}");
    };
    workgroups.session_ended(&VISITOR.parse().unwrap());
    lost(true).await;
    // Anything they send shows that they are back.
    office.asks(VISITOR, SUPPORT, "get", "<queue-status xmlns='NS'/>").await;
    lost(false).await;
    workgroups.session_ended(&VISITOR.parse().unwrap());
    lost(true).await;
    // So does a session of the same address.
    office.wire.connected.lock().unwrap().push(VISITOR.parse().unwrap());
    office.pass(Span::secs(16)).await;
    lost(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_workgroups_presence_is_shown_to_who_asks() {
    let office = Office::open().await;
    office.sends(VISITOR, &format!("<presence to='{SUPPORT}'/>"));
    let closed = office.gets(VISITOR, "workgroup").await;
    assert_eq!(closed.attr("type"), Some("unavailable"), "open, and nobody is there");
    assert!(child(&closed, "workgroup").attr("lastModified").is_some());
    office.comes(BERT).await;
    office.pass(Span::secs(3)).await;
    let open = office.takes(VISITOR, |e| e.name() == "presence" && e.attr("type").is_none()).await;
    assert_eq!(open.attr("from"), Some(SUPPORT));
    office.sends(VISITOR, &format!("<presence to='{SUPPORT}' type='subscribe'/>"));
    office.takes("user@visitors.localhost", |e| e.attr("type") == Some("subscribed")).await;
    office.sends(VISITOR, &format!("<presence to='{SUPPORT}' type='unsubscribe'/>"));
    office.takes("user@visitors.localhost", |e| e.attr("type") == Some("unsubscribed")).await;
    office.sends(VISITOR, &format!("<presence to='{SUPPORT}' type='probe'/>"));
    office.gets(VISITOR, "workgroup").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_words_are_answered() {
    let office = Office::open().await;
    office.sends(VISITOR, &format!("<message to='{SUPPORT}' type='chat'><body>hello?</body></message>"));
    let answer = office.gets(VISITOR, "body").await;
    assert!(child(&answer, "body").text().contains("/chat/support"));
    office.sends(VISITOR, &format!("<message to='{SUPPORT}' type='chat'><composing xmlns='urn:x'/></message>"));
    office.no(VISITOR, "body").await;
}
