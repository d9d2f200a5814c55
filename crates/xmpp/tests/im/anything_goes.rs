//! Whatever a client or a service sends: nothing panics, every request of a client is answered exactly once or passed on,
//! what is passed on names its sender, and what comes of one stanza is bounded.

use proptest::prelude::*;
use xmpp::minidom::Element;

use crate::home::{BERT, DESK, Home, PHONE, VISITOR};

const ADDRESSES: [&str; 14] = [
    "",
    "anna@example.org",
    DESK,
    "anna@example.org/gone",
    "bert@example.org",
    BERT,
    "nobody@example.org",
    VISITOR,
    "example.org",
    "visitors.example.org",
    "support@workgroup.example.org",
    "r7f3@conference.example.org/Nick",
    "romeo@elsewhere.example",
    "conference.example.org",
];

const PAYLOADS: [&str; 30] = [
    "<body>Hi</body>",
    "<subject>Hi</subject>",
    "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
    "<no-store xmlns='urn:xmpp:hints'/>",
    "<private xmlns='urn:xmpp:carbons:2'/>",
    "<stanza-id xmlns='urn:xmpp:sid:0' id='x' by='anna@example.org'/>",
    "<query xmlns='jabber:iq:roster'/>",
    "<query xmlns='jabber:iq:roster'><item jid='bert@example.org'/></query>",
    "<query xmlns='jabber:iq:roster'><item jid='bert@example.org' subscription='remove'/></query>",
    "<query xmlns='jabber:iq:roster'><item/></query>",
    "<blocklist xmlns='urn:xmpp:blocking'/>",
    "<block xmlns='urn:xmpp:blocking'><item jid='bert@example.org'/></block>",
    "<block xmlns='urn:xmpp:blocking'><item jid='workgroup.example.org'/></block>",
    "<unblock xmlns='urn:xmpp:blocking'/>",
    "<enable xmlns='urn:xmpp:carbons:2'/>",
    "<query xmlns='jabber:iq:private'><a xmlns='urn:a'/></query>",
    "<query xmlns='jabber:iq:private'/>",
    "<vCard xmlns='vcard-temp'><FN>A</FN></vCard>",
    "<query xmlns='urn:xmpp:mam:2'/>",
    "<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><before/><max>2</max></set></query>",
    "<prefs xmlns='urn:xmpp:mam:2' default='roster'><always/><never/></prefs>",
    "<metadata xmlns='urn:xmpp:mam:2'/>",
    "<query xmlns='http://jabber.org/protocol/disco#info'/>",
    "<query xmlns='http://jabber.org/protocol/disco#items' node='x'/>",
    "<query xmlns='jabber:iq:last'/>",
    "<query xmlns='jabber:iq:version'/>",
    "<time xmlns='urn:xmpp:time'/>",
    "<query xmlns='jabber:iq:register'><username>anna</username><password>p</password></query>",
    "<request xmlns='urn:xmpp:http:upload:0' filename='a' size='3'/>",
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'/>",
];

const PRESENCES: [&str; 8] =
    ["", "unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "error"];
const MESSAGES: [&str; 5] = ["normal", "chat", "groupchat", "headline", "error"];

fn stanza() -> impl Strategy<Value = String> {
    let to = || {
        prop::sample::select(ADDRESSES.to_vec())
            .prop_map(|to| if to.is_empty() { String::new() } else { format!(" to='{to}'") })
    };
    let payload = || prop::sample::select(PAYLOADS.to_vec());
    let kinds = |kinds: &[&'static str]| prop::sample::select(kinds.to_vec());
    let error = "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    prop_oneof![
        2 => (to(), kinds(&PRESENCES), payload()).prop_map(|(to, kind, payload)| {
            let kind = if kind.is_empty() { String::new() } else { format!(" type='{kind}'") };
            let payload = if payload.contains("xmlns") { payload } else { "" };
            format!("<presence{to}{kind}>{payload}</presence>")
        }),
        2 => (to(), kinds(&MESSAGES), payload()).prop_map(|(to, kind, payload)| {
            format!("<message{to} type='{kind}' id='m'>{payload}</message>")
        }),
        4 => (to(), kinds(&["get", "set"]), prop::sample::select(PAYLOADS[6..].to_vec()))
            .prop_map(|(to, kind, payload)| format!("<iq{to} type='{kind}' id='q'>{payload}</iq>")),
        1 => to().prop_map(move |to| format!("<iq{to} type='error' id='q'>{error}</iq>")),
        1 => to().prop_map(|to| format!("<iq{to} type='result' id='q'/>")),
    ]
}

/// The requests with this id among what came, and the answers to it.
fn count(stanzas: &[Element], is: impl Fn(Option<&str>) -> bool) -> usize {
    stanzas.iter().filter(|s| s.name() == "iq" && s.attr("id") == Some("q") && is(s.attr("type"))).count()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_answered_once_or_passed_on(
        steps in prop::collection::vec((prop::sample::select(vec![DESK, PHONE, BERT, VISITOR]), stanza()), 1..40),
    ) {
        let mut home = Home::new();
        for who in [DESK, PHONE, BERT, VISITOR] {
            home.connects(who);
        }
        for (from, xml) in &steps {
            home.sends(from, xml);
            let received = home.all_received();
            let all: Vec<(String, Element)> =
                received.into_iter().flat_map(|(who, list)| list.into_iter().map(move |s| (who.clone(), s))).collect();
            prop_assert!(all.len() < 100, "{} stanzas came of {xml}", all.len());
            let stanzas: Vec<Element> = all.iter().map(|(_, stanza)| stanza.clone()).collect();
            let is_request = xml.starts_with("<iq") && (xml.contains("type='get'") || xml.contains("type='set'"));
            let answers = count(&stanzas, |kind| matches!(kind, Some("result" | "error")));
            let passed = count(&stanzas, |kind| matches!(kind, Some("get" | "set")));
            if is_request {
                prop_assert_eq!(answers + passed, 1, "{} from {}: {:?}", xml, from, stanzas);
            }
            for (who, stanza) in &all {
                if who.ends_with(".example.org") {
                    prop_assert!(stanza.attr("from").is_some(), "a service is told who sends");
                }
            }
        }
    }

    #[test]
    fn services_may_send_anything(steps in prop::collection::vec(stanza(), 1..40)) {
        let mut home = Home::new();
        home.arrives(DESK).arrives(BERT).connects(VISITOR);
        for xml in &steps {
            let at = xml.find([' ', '>', '/']).unwrap();
            let from = " from='support@workgroup.example.org'";
            home.service_sends(&format!("{}{from}{}", &xml[..at], &xml[at..]));
        }
    }
}
