//! The examples of XEP-0142, read and written to the letter.

use xmpp::markup::Fault;
use xmpp::workgroup::LegacyDate;
use xmpp::workgroup::agent_list::AgentList;
use xmpp::workgroup::agent_status::AgentStatus;
use xmpp::workgroup::asked::Asked;
use xmpp::workgroup::depart::{DepartQueue, DepartReason};
use xmpp::workgroup::disco::{Online, service_info, service_items, workgroup_info};
use xmpp::workgroup::join::JoinQueue;
use xmpp::workgroup::notify::{NotifyAgents, NotifyQueue, NotifyQueueDetails, QueueState};
use xmpp::workgroup::offer::{Offer, OfferAnswer, OfferRevoke};
use xmpp::workgroup::queue_status::QueueStatus;

use crate::stage::{becomes, exact, parse, wire};

#[test]
fn joining() {
    let join = exact("<join-queue xmlns='NS'><queue-notifications/></join-queue>", JoinQueue::read, JoinQueue::write);
    assert!(join.notify && join.form.is_none() && join.foreign.is_empty());
    let silent = exact("<join-queue xmlns='NS'/>", JoinQueue::read, JoinQueue::write);
    assert!(!silent.notify);
    let filled = "<join-queue xmlns='NS'><queue-notifications/><x xmlns='jabber:x:data' type='submit'>\
        <field var='first'><value>John</value></field><field var='contract_type'><value>0</value></field></x></join-queue>";
    let join = exact(filled, JoinQueue::read, JoinQueue::write);
    assert_eq!(join.form.as_ref().unwrap().get("first"), Some("John"));
    // The examples of the XEP have another namespace for forms.
    becomes(&filled.replace("jabber:x:data", "jabber:iq:data"), filled, JoinQueue::read, JoinQueue::write);
}

#[test]
fn what_the_application_adds_to_a_join_survives() {
    let xml = "<join-queue xmlns='NS'><queue-notifications/><crm xmlns='http://www.example.com/xmpp/workgroup'>\
        <customer-id>12345</customer-id><note lang='en'>a &lt; b</note></crm></join-queue>";
    let join = exact(xml, JoinQueue::read, JoinQueue::write);
    assert_eq!(join.foreign.len(), 1);
    let many = "<a xmlns='urn:a'/>".repeat(9);
    let xml = format!("<join-queue xmlns='NS'>{many}</join-queue>");
    assert!(matches!(JoinQueue::read(&parse(&xml)), Err(Fault::TooMany { .. })));
    let big = format!("<join-queue xmlns='NS'><a xmlns='urn:a'>{}</a></join-queue>", "x".repeat(20_000));
    assert!(matches!(JoinQueue::read(&parse(&big)), Err(Fault::TooLong { .. })));
    let deep = format!("<join-queue xmlns='NS'>{}{}</join-queue>", "<a xmlns='urn:a'>".repeat(20), "</a>".repeat(20));
    assert_eq!(JoinQueue::read(&parse(&deep)), Err(Fault::TooDeep));
}

#[test]
fn departing() {
    let own = exact("<depart-queue xmlns='NS'/>", DepartQueue::read, DepartQueue::write);
    assert_eq!(own, DepartQueue::default());
    let other = exact(
        "<depart-queue xmlns='NS'><jid>user@example.net/home</jid></depart-queue>",
        DepartQueue::read,
        DepartQueue::write,
    );
    assert_eq!(other.jid, Some("user@example.net/home".parse().unwrap()));
    for (reason, name) in
        [(DepartReason::Requested, "departure-requested"), (DepartReason::AgentNotFound, "agent-not-found")]
    {
        let xml = format!("<depart-queue xmlns='NS'><{name}/></depart-queue>");
        assert_eq!(exact(&xml, DepartQueue::read, DepartQueue::write), DepartQueue::notice(reason));
    }
    let nobody = parse("<depart-queue xmlns='NS'><jid>@</jid></depart-queue>");
    assert_eq!(DepartQueue::read(&nobody), Err(Fault::Malformed("jid")));
}

#[test]
fn position_and_wait() {
    let told = exact(
        "<queue-status xmlns='NS'><position>4</position><time>60</time></queue-status>",
        QueueStatus::read,
        QueueStatus::write,
    );
    assert_eq!((told.position, told.wait_s), (Some(4), Some(60)));
    let asked = exact("<queue-status xmlns='NS'/>", QueueStatus::read, QueueStatus::write);
    assert_eq!(asked, QueueStatus::default());
    let now = QueueStatus { position: Some(0), ..QueueStatus::default() };
    assert_eq!(String::from(&now.write()), wire("<queue-status xmlns='NS'><position>0</position></queue-status>"));
    assert!(QueueStatus::read(&parse("<queue-status xmlns='NS'><position>-1</position></queue-status>")).is_err());
}

#[test]
fn what_agents_say_and_learn_of_one_another() {
    let own = exact(
        "<agent-status xmlns='NS'><max-chats>3</max-chats></agent-status>",
        AgentStatus::read,
        AgentStatus::write,
    );
    assert_eq!(own.max_chats, Some(3));
    let other = exact(
        "<agent-status xmlns='NS'><current-chats>2</current-chats><max-chats>4</max-chats></agent-status>",
        AgentStatus::read,
        AgentStatus::write,
    );
    assert_eq!((other.current_chats, other.max_chats), (Some(2), Some(4)));
    exact("<agent-status-request xmlns='NS'/>", AgentList::read, AgentList::write);
    let list = exact(
        "<agent-status-request xmlns='NS'><agent jid='bob@example.com'/></agent-status-request>",
        AgentList::read,
        AgentList::write,
    );
    assert_eq!(list.0[0].jid.as_str(), "bob@example.com");
}

#[test]
fn what_agents_learn_of_the_workgroup() {
    let busy = exact(
        "<notify-agents xmlns='NS'><available>2</available><current-chats>2</current-chats><max-chats>7</max-chats></notify-agents>",
        NotifyAgents::read,
        NotifyAgents::write,
    );
    assert_eq!((busy.available, busy.current_chats, busy.max_chats), (Some(2), Some(2), Some(7)));
    let queue = exact(
        "<notify-queue xmlns='NS'><count>1</count><oldest>20050208T10:00:00</oldest><time>30</time><status>open</status></notify-queue>",
        NotifyQueue::read,
        NotifyQueue::write,
    );
    assert_eq!((queue.count, queue.state), (1, QueueState::Open));
    assert_eq!(queue.oldest, Some(LegacyDate(1_107_856_800_000_000)));
    for (xml, state) in [("active", QueueState::Active), ("closed", QueueState::Closed), ("ready", QueueState::Closed)]
    {
        let xml =
            format!("<notify-queue xmlns='NS'><count>0</count><time>0</time><status>{xml}</status></notify-queue>");
        let queue = NotifyQueue::read(&parse(&xml)).unwrap();
        assert_eq!(queue.state, state);
        assert!(!String::from(&queue.write()).contains("ready"));
    }
    let details = exact(
        "<notify-queue-details xmlns='NS'><user jid='user@example.net/home'><position>0</position><time>5</time>\
         <join-time>20050208T10:00:00</join-time></user></notify-queue-details>",
        NotifyQueueDetails::read,
        NotifyQueueDetails::write,
    );
    assert_eq!((details.0[0].position, details.0[0].wait_s), (0, 5));
}

#[test]
fn offers_and_their_ends() {
    let offer = exact(
        "<offer xmlns='NS' jid='user@example.net/home'><timeout>30</timeout>\
         <crm xmlns='http://www.example.com/xmpp/workgroup'><customer-id>1</customer-id></crm></offer>",
        Offer::read,
        Offer::write,
    );
    assert_eq!((offer.timeout_s, offer.foreign.len(), offer.content), (Some(30), 1, None));
    for (name, accepted) in [("offer-accept", true), ("offer-reject", false)] {
        let xml = format!("<{name} xmlns='NS' jid='user@example.net/home'/>");
        let answer = exact(&xml, OfferAnswer::read, OfferAnswer::write);
        assert_eq!((answer.accepted, answer.jid.as_deref()), (accepted, Some("user@example.net/home")));
    }
    let revoke = becomes(
        "<offer-revoke xmlns='NS' jid='user@example.net/home'><reason>\n Offer timed out\n</reason></offer-revoke>",
        "<offer-revoke xmlns='NS' jid='user@example.net/home'><reason>Offer timed out</reason></offer-revoke>",
        OfferRevoke::read,
        OfferRevoke::write,
    );
    assert_eq!(revoke.reason.as_deref(), Some("Offer timed out"));
    assert_eq!(Offer::read(&parse("<offer xmlns='NS'/>")), Err(Fault::Missing("jid")));
    assert_eq!(Offer::read(&parse("<offer xmlns='urn:other' jid='a@b'/>")), Err(Fault::NotThis("offer")));
}

#[test]
fn service_discovery() {
    let service = String::from(&service_info(false));
    assert!(service.contains("category='collaboration'") && service.contains("type='workgroup'"));
    assert!(service.contains("var='http://jabber.org/protocol/workgroup'"));
    assert!(!service.contains("jive:email") && String::from(&service_info(true)).contains("jive:email:provider"));
    let workgroup = String::from(&workgroup_info("support", "Example.com Support Workgroup", Online::Open));
    assert!(workgroup.contains("<feature var='http://jabber.org/protocol/workgroup'/>"));
    let form = "<x xmlns='jabber:x:data' type='result'><field type='hidden' var='FORM_TYPE'>\
        <value>http://jabber.org/protocol/workgroup#workgroupinfo</value></field>\
        <field label='Description' var='workgroup#description'><value>Example.com Support Workgroup</value></field>\
        <field label='Status' var='workgroup#online'><value>OPEN</value></field></x>";
    assert!(workgroup.contains(&wire(form)), "{workgroup}");
    let items = String::from(&service_items(&["support@workgroup.example.com".parse().unwrap()]));
    assert!(items.contains("<item jid='support@workgroup.example.com' name='support'/>"), "{items}");
}

#[test]
fn everything_asked_is_told_apart() {
    let asked = |set, xml: &str| Asked::read(set, &parse(xml)).unwrap();
    assert_eq!(asked(false, "<join-queue xmlns='NS'/>"), Some(Asked::JoinForm));
    assert!(matches!(asked(true, "<join-queue xmlns='NS'/>"), Some(Asked::Join(_))));
    assert_eq!(asked(false, "<queue-status xmlns='NS'/>"), Some(Asked::Status));
    assert_eq!(asked(false, "<agent-status-request xmlns='NS'/>"), Some(Asked::Agents));
    assert!(matches!(asked(true, "<depart-queue xmlns='NS'/>"), Some(Asked::Depart(_))));
    assert!(matches!(asked(true, "<offer-reject xmlns='NS' id='1'/>"), Some(Asked::Answer(_))));
    // What only gets is no set, and the other way round; what is unknown is nothing.
    assert_eq!(asked(true, "<queue-status xmlns='NS'/>"), None);
    assert_eq!(asked(false, "<depart-queue xmlns='NS'/>"), None);
    assert_eq!(asked(true, "<offer xmlns='NS' jid='a@b'/>"), None);
    assert_eq!(asked(false, "<join-queue xmlns='urn:other'/>"), None);
    assert!(Asked::read(true, &parse("<invite xmlns='NS' type='user'/>")).is_err());
}
