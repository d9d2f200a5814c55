//! Service discovery of server and accounts: XEP-0030, XEP-0115, XEP-0232, XEP-0157.

use crate::home::{BERT, CARL, DESK, Home, VISITOR, settings};

const INFO: &str = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
const ITEMS: &str = "<query xmlns='http://jabber.org/protocol/disco#items'/>";

fn ask(to: &str, what: &str) -> String {
    format!("<iq type='get' id='d' to='{to}'>{what}</iq>")
}

fn features(home: &mut Home, who: &str) -> Vec<String> {
    let answer = home.next(who);
    let query = answer.children().next().unwrap();
    query
        .children()
        .filter_map(|child| child.attr("var").filter(|_| child.name() == "feature"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_server_says_what_it_is() {
    let mut settings = settings();
    settings.upload_bytes = Some(1_000);
    settings.password_change = true;
    settings.contact_addresses.insert("abuse".to_owned(), vec!["mailto:abuse@example.org".to_owned()]);
    let mut home = Home::with(settings);
    home.connects(DESK).sends(DESK, &ask("example.org", INFO));
    home.receives(
        DESK,
        "<iq type='result' from='example.org'><query xmlns='http://jabber.org/protocol/disco#info'>
         <identity category='server' type='im' name='Anteroom'/>
         <feature var='urn:xmpp:mam:2'/><feature var='urn:xmpp:carbons:2'/><feature var='urn:xmpp:blocking'/>
         <feature var='vcard-temp'/><feature var='jabber:iq:private'/><feature var='msgoffline'/>
         <feature var='urn:xmpp:ping'/><feature var='jabber:iq:version'/><feature var='urn:xmpp:time'/>
         <feature var='jabber:iq:last'/><feature var='urn:xmpp:http:upload:0'/><feature var='jabber:iq:register'/>
         <x xmlns='jabber:x:data' type='result'><field var='software'><value>Anteroom</value></field></x>
         <x xmlns='jabber:x:data' type='result'><field var='max-file-size'><value>1000</value></field></x>
         <x xmlns='jabber:x:data' type='result'>
         <field var='abuse-addresses'><value>mailto:abuse@example.org</value></field></x></query></iq>",
    );
    home.sends(DESK, &ask("visitors.example.org", INFO));
    let for_visitors = features(&mut home, DESK);
    assert!(!for_visitors.iter().any(|feature| feature == "urn:xmpp:mam:2"));
    assert!(for_visitors.iter().any(|feature| feature == "urn:xmpp:http:upload:0"));
}

#[test]
fn its_services_are_listed() {
    let mut home = Home::new();
    home.connects(VISITOR).sends(VISITOR, &ask("example.org", ITEMS));
    home.receives(
        VISITOR,
        "<iq type='result'><query xmlns='http://jabber.org/protocol/disco#items'><item jid='conference.example.org'/>
         <item jid='workgroup.example.org'/></query></iq>",
    );
}

#[test]
fn the_capabilities_of_the_stream_lead_to_the_same_answer() {
    let mut home = Home::new();
    home.connects(DESK).sends(DESK, &ask("example.org", INFO));
    let plain = features(&mut home, DESK);
    let caps = home.house.caps(false);
    let node = format!("{}#{}", caps.attr("node").unwrap(), caps.attr("ver").unwrap());
    let by_node = format!("<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/>");
    home.sends(DESK, &ask("example.org", &by_node));
    assert_eq!(features(&mut home, DESK), plain);
    assert_ne!(caps.attr("ver"), home.house.caps(true).attr("ver"));
    let stream = home.house.stream_features();
    assert!(stream.starts_with(&String::from(&caps)), "{stream}");
    assert!(stream.contains("<ver xmlns='urn:xmpp:features:rosterver'/>"), "{stream}");
    assert!(stream.contains("<sub xmlns='urn:xmpp:features:pre-approval'/>"), "{stream}");
    let unknown = "<query xmlns='http://jabber.org/protocol/disco#info' node='x'/>";
    home.sends(DESK, &ask("example.org", unknown)).is_refused(DESK, "iq", "item-not-found");
}

#[test]
fn an_account_tells_itself_all_and_contacts_what_it_is() {
    let mut home = Home::friends();
    home.connects(CARL).connects(VISITOR).skip_all();
    let identity = |kind: &str| {
        format!(
            "<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'><identity category='account' type='{kind}'/></query></iq>"
        )
    };
    home.sends(DESK, &ask("anna@example.org", INFO)).receives(DESK, &identity("registered"));
    home.sends(DESK, &format!("<iq type='get' id='d'>{INFO}</iq>"));
    assert!(features(&mut home, DESK).contains(&"urn:xmpp:mam:2".to_owned()));
    home.sends(BERT, &ask("anna@example.org", INFO));
    assert!(!features(&mut home, BERT).contains(&"urn:xmpp:mam:2".to_owned()));
    home.sends(BERT, &ask("anna@example.org", ITEMS)).receives(BERT, "<iq type='result'/>");
    home.sends(CARL, &ask("anna@example.org", INFO)).is_refused(CARL, "iq", "service-unavailable");
    home.sends(VISITOR, &ask("v4711@visitors.example.org", INFO)).receives(VISITOR, &identity("anonymous"));
}
