//! Requests to the server and between sessions: ping, version, time, last activity, passwords, uploads.

use xmpp::xmpp_parsers::stanza::Stanza;

use crate::home::{BERT, CARL, DESK, Home, PHONE, WORKGROUP, settings};

fn get(to: &str, payload: &str) -> String {
    format!("<iq type='get' id='q'{to}>{payload}</iq>")
}

#[test]
fn the_server_answers_ping_version_time_and_uptime() {
    let mut home = Home::new();
    home.connects(DESK);
    let server = " to='example.org'";
    for to in ["", " to='anna@example.org'", server] {
        home.sends(DESK, &get(to, "<ping xmlns='urn:xmpp:ping'/>"));
        home.receives(DESK, &format!("<iq type='result' id='q'{}/>", to.replace(" to=", " from=")));
    }
    home.sends(DESK, &get(server, "<query xmlns='jabber:iq:version'/>"));
    home.receives(DESK, "<iq type='result'><query xmlns='jabber:iq:version'><name>Anteroom</name></query></iq>");
    home.sends(DESK, &get(server, "<time xmlns='urn:xmpp:time'/>"));
    home.receives(
        DESK,
        "<iq type='result'><time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc>2001-09-09T01:46:40.000Z</utc></time></iq>",
    );
    home.sends(DESK, &get(server, "<query xmlns='jabber:iq:last'/>"));
    home.receives(DESK, "<iq type='result'><query xmlns='jabber:iq:last' seconds='10'/></iq>");
    home.sends(DESK, "<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
    home.receives(DESK, "<iq type='result' id='s'/>");
}

#[test]
fn what_nobody_knows_is_not_there() {
    let mut home = Home::friends();
    for to in ["", " to='anna@example.org'", " to='bert@example.org'", " to='example.org'", " to='nobody@example.org'"]
    {
        home.sends(DESK, &get(to, "<query xmlns='urn:example:unknown'/>")).is_refused(
            DESK,
            "iq",
            "service-unavailable",
        );
    }
    home.sends(DESK, &get(" to='x@elsewhere.example'", "<ping xmlns='urn:xmpp:ping'/>"));
    home.is_refused(DESK, "iq", "remote-server-not-found");
    home.sends(DESK, "<iq type='result' id='unasked' to='example.org'/>").receives_nothing(DESK);
}

#[test]
fn sessions_ask_one_another() {
    let mut home = Home::new();
    home.arrives(DESK).arrives(BERT).skip_all();
    home.sends(BERT, &get(&format!(" to='{DESK}' from='carl@example.org/x'"), "<query xmlns='jabber:iq:version'/>"));
    home.receives(
        DESK,
        &format!("<iq type='get' id='q' from='{BERT}' to='{DESK}'><query xmlns='jabber:iq:version'/></iq>"),
    );
    home.sends(DESK, &format!("<iq type='result' id='q' to='{BERT}'/>"));
    home.receives(BERT, &format!("<iq type='result' id='q' from='{DESK}'/>"));
    home.sends(BERT, &get(" to='anna@example.org/gone'", "<query xmlns='jabber:iq:version'/>"));
    home.is_refused(BERT, "iq", "service-unavailable");
    home.sends(BERT, "<iq type='result' id='q' to='anna@example.org/gone'/>").receives_nothing(BERT);
}

#[test]
fn services_are_asked_and_answer() {
    let mut home = Home::new();
    home.connects(DESK);
    home.sends(DESK, &get(&format!(" to='{WORKGROUP}'"), "<join-queue xmlns='http://jabber.org/protocol/workgroup'/>"));
    home.receives("workgroup.example.org", &format!("<iq type='get' id='q' from='{DESK}' to='{WORKGROUP}'/>"));
    home.service_sends(&format!("<iq type='result' id='q' from='{WORKGROUP}' to='{DESK}'/>"));
    home.receives(DESK, &format!("<iq type='result' id='q' from='{WORKGROUP}'/>"));
    home.service_sends(&format!(
        "<iq type='get' id='w' from='{WORKGROUP}' to='anna@example.org'><query xmlns='jabber:iq:roster'/></iq>"
    ));
    home.is_refused("workgroup.example.org", "iq", "forbidden");
}

#[test]
fn who_may_see_the_presence_may_ask_how_long_it_is_gone() {
    let mut home = Home::friends();
    home.arrives(CARL).skip_all();
    let last = get(" to='anna@example.org'", "<query xmlns='jabber:iq:last'/>");
    home.sends(BERT, &last).receives(BERT, "<iq type='result'><query xmlns='jabber:iq:last' seconds='0'/></iq>");
    home.sends(DESK, "<presence type='unavailable'><status>Bye</status></presence>").ends(DESK).waits(90).skip_all();
    home.sends(BERT, &last);
    home.receives(BERT, "<iq type='result'><query xmlns='jabber:iq:last' seconds='90'>Bye</query></iq>");
    home.sends(CARL, &last).is_refused(CARL, "iq", "forbidden");
}

#[test]
fn a_password_is_changed_only_where_the_operator_permits_it() {
    let change = |name: &str| {
        format!(
            "<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>{name}</username><password>new</password></query></iq>"
        )
    };
    let mut home = Home::new();
    home.connects(DESK).sends(DESK, &change("anna")).is_refused(DESK, "iq", "not-allowed");
    let mut settings = settings();
    settings.password_change = true;
    let mut home = Home::with(settings);
    home.connects(DESK).sends(DESK, &get("", "<query xmlns='jabber:iq:register'/>"));
    home.receives(
        DESK,
        "<iq type='result'><query xmlns='jabber:iq:register'><registered/><username>anna</username></query></iq>",
    );
    home.sends(DESK, &change("Anna")).receives(DESK, "<iq type='result' id='r'/>");
    assert_eq!(home.passwords, [(crate::home::bare(DESK), "new".to_owned())]);
    home.sends(DESK, &change("bert")).is_refused(DESK, "iq", "not-allowed");
    home.sends(DESK, &change("anna").replace("new", "")).is_refused(DESK, "iq", "not-acceptable");
    home.sends(DESK, "<iq type='set' id='r'><query xmlns='jabber:iq:register'><remove/></query></iq>");
    home.is_refused(DESK, "iq", "not-allowed");
    assert_eq!(home.passwords.len(), 1);
    assert_eq!(format!("{:?}", xmpp::im::Secret("new".to_owned())), "Secret(…)");
}

#[test]
fn a_place_for_a_file_is_the_hosts() {
    let mut settings = settings();
    settings.upload_bytes = Some(1_000);
    let mut home = Home::with(settings);
    home.connects(DESK);
    let request = |rest: &str| get(" to='example.org'", &format!("<request xmlns='urn:xmpp:http:upload:0' {rest}/>"));
    home.sends(DESK, &request("filename='a.png' size='1000' content-type='image/png'"));
    home.receives(
        DESK,
        "<iq type='result'><slot xmlns='urn:xmpp:http:upload:0'><put url='https://example.org/put/1000/a.png'>
         <header name='Authorization'>Bearer t</header></put><get url='https://example.org/get/a.png'/></slot></iq>",
    );
    home.sends(DESK, &request("filename='a.png' size='1001'"));
    home.receives(
        DESK,
        "<iq type='error'><error><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
         <file-too-large xmlns='urn:xmpp:http:upload:0'><max-file-size>1000</max-file-size></file-too-large></error></iq>",
    );
    for malformed in ["size='1'", "filename='' size='1'", "filename='a'", "filename='a' size='-1'"] {
        home.sends(DESK, &request(malformed)).is_refused(DESK, "iq", "bad-request");
    }
    let mut home = Home::new();
    home.connects(DESK).sends(DESK, &request("filename='a' size='1'")).is_refused(DESK, "iq", "service-unavailable");
}

#[test]
fn an_answer_that_comes_too_late_goes_nowhere() {
    use xmpp::im::{Answer, Moment};
    let mut home = Home::new();
    home.connects(DESK);
    let at = Moment { now_us: home.now_us, stanza_id: "late" };
    let stanza = Stanza::try_from(crate::home::parse(&get("", "<vCard xmlns='vcard-temp'/>")));
    let mut outcome = home.house.handle(at, &crate::home::full(DESK), stanza.unwrap());
    home.ends(DESK).connects(PHONE);
    let thread = outcome.asks.remove(0).thread;
    assert!(home.house.answer(at, thread, Answer::Failed).outbound.is_empty());
}
