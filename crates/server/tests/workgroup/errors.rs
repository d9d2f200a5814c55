//! The conditions of XEP-0142 and of the decisions on where the documents differ.

use crate::office::{ANNA, JOIN, Office, SERVICE, SUPPORT, VISITOR, child, error};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conditions_of_joining() {
    let office = Office::open().await;
    let is = |(kind, condition): (&str, &str)| (kind.to_owned(), condition.to_owned());
    let nowhere = office.asks(VISITOR, "nowhere@workgroup.localhost", "set", JOIN).await;
    assert_eq!(error(&nowhere), is(("cancel", "item-not-found")));
    let no_queue = office.asks(VISITOR, "support@workgroup.localhost/nope", "set", JOIN).await;
    assert_eq!(error(&no_queue), is(("cancel", "item-not-found")));
    let many = "<queue-notifications/>".to_owned() + &"<a xmlns='urn:a'/>".repeat(20);
    let too_much = office.asks(VISITOR, SUPPORT, "set", &format!("<join-queue xmlns='NS'>{many}</join-queue>")).await;
    assert_eq!(error(&too_much), is(("modify", "policy-violation")));
    let long = format!(
        "<join-queue xmlns='NS'><x xmlns='jabber:x:data' type='submit'><field var='question'><value>{}</value></field></x></join-queue>",
        "x".repeat(5_000)
    );
    assert_eq!(error(&office.asks(VISITOR, SUPPORT, "set", &long).await), is(("modify", "not-acceptable")));
    let cancelled = "<join-queue xmlns='NS'><x xmlns='jabber:x:data' type='cancel'/></join-queue>";
    assert_eq!(error(&office.asks(VISITOR, SUPPORT, "set", cancelled).await), is(("modify", "not-acceptable")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conditions_of_everything_else() {
    let office = Office::open().await;
    for (who, to, kind, payload, expected) in [
        (VISITOR, SUPPORT, "get", "<queue-status xmlns='NS'/>", ("auth", "not-authorized")),
        (VISITOR, SUPPORT, "set", "<depart-queue xmlns='NS'/>", ("cancel", "item-not-found")),
        (VISITOR, SUPPORT, "get", "<agent-status-request xmlns='NS'/>", ("cancel", "item-not-found")),
        (VISITOR, SUPPORT, "set", "<unknown xmlns='NS'/>", ("cancel", "service-unavailable")),
        (VISITOR, SUPPORT, "get", "<query xmlns='jabber:iq:private'/>", ("cancel", "service-unavailable")),
        (VISITOR, SERVICE, "set", JOIN, ("cancel", "service-unavailable")),
        (VISITOR, SUPPORT, "get", "<chat-settings xmlns='JIVE' type='x'/>", ("modify", "bad-request")),
        (VISITOR, SUPPORT, "get", "<chat-settings xmlns='JIVE' key='nope'/>", ("cancel", "item-not-found")),
        (VISITOR, SUPPORT, "get", "<sound-settings xmlns='JIVE'/>", ("cancel", "item-not-found")),
        (VISITOR, SUPPORT, "get", "<macros xmlns='JIVE'/>", ("cancel", "item-not-found")),
        (VISITOR, SUPPORT, "get", "<transcripts xmlns='NS' userID='a@b'/>", ("auth", "not-authorized")),
        (VISITOR, SUPPORT, "get", "<occupants-info xmlns='JIVE' roomID='1'/>", ("auth", "not-authorized")),
        (VISITOR, SUPPORT, "get", "<workgroup-properties xmlns='JIVE' jid='anna@localhost'/>", ("auth", "forbidden")),
        (VISITOR, SERVICE, "get", "<transcript-search xmlns='JIVE'/>", ("auth", "not-authorized")),
        (
            VISITOR,
            SUPPORT,
            "set",
            "<send-email xmlns='JIVE'><toAddress>x@y.example</toAddress></send-email>",
            ("cancel", "not-allowed"),
        ),
        (ANNA, SUPPORT, "set", "<monitor xmlns='JIVE'><makeOwner sessionID='1'/></monitor>", ("auth", "forbidden")),
        (ANNA, SUPPORT, "set", "<invite xmlns='NS' type='user'/>", ("modify", "bad-request")),
    ] {
        let (kind_of, condition) = error(&office.asks(who, to, kind, payload).await);
        assert_eq!((kind_of.as_str(), condition.as_str()), expected, "{payload}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn discovery() {
    let office = Office::open().await;
    let info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    let items = "<query xmlns='http://jabber.org/protocol/disco#items'/>";
    let service = String::from(&office.asks(VISITOR, SERVICE, "get", info).await);
    assert!(service.contains("category='collaboration'") && service.contains("http://jabber.org/protocol/workgroup"));
    let list = office.asks(VISITOR, SERVICE, "get", items).await;
    let names: Vec<_> = child(&list, "query").children().map(|item| item.attr("name").unwrap()).collect();
    assert_eq!(names, ["support", "loans", "desk"]);
    let workgroup = String::from(&office.asks(VISITOR, SUPPORT, "get", info).await);
    assert!(workgroup.contains("workgroup#online") && workgroup.contains("<value>READY</value>"), "{workgroup}");
    office.comes(ANNA).await;
    let workgroup = String::from(&office.asks(VISITOR, SUPPORT, "get", info).await);
    assert!(workgroup.contains("<value>OPEN</value>"), "{workgroup}");
    let none = office.asks(VISITOR, SUPPORT, "get", items).await;
    assert_eq!(child(&none, "query").children().count(), 0);
    let version = office.asks(VISITOR, SUPPORT, "get", "<query xmlns='jabber:iq:version'/>").await;
    assert_eq!(child(child(&version, "query"), "name").text(), "Anteroom");
    let card = office.asks(VISITOR, SUPPORT, "get", "<vCard xmlns='vcard-temp'/>").await;
    assert_eq!(child(child(&card, "vCard"), "FN").text(), "Support");
}
