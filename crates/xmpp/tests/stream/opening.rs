//! Headers, features, STARTTLS.

use xmpp::stream::{Bindings, Settings, StartTls, Transport};

use crate::dialogue::{Dialogue, settings};

pub const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
                          xmlns:stream='http://etherx.jabber.org/streams' to='example.org' version='1.0'>";
pub const OPENED: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
                          xmlns:stream='http://etherx.jabber.org/streams' \
                          id='*' from='example.org' version='1.0' xml:lang='en'>";

#[test]
fn tls_before_anything_else() {
    Dialogue::over(Transport::Tcp(StartTls::Required)).run(&format!(
        "C: {HEADER}
         S: {OPENED}
         S: <stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>
         S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         H: starttls
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>
         TLS:
         C: {HEADER}
         S: {OPENED}
         S: <stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256-PLUS</mechanism>
         <mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1-PLUS</mechanism><mechanism>SCRAM-SHA-1</mechanism>
         <mechanism>PLAIN</mechanism></mechanisms>*<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>
         <channel-binding type='tls-exporter'/><channel-binding type='tls-server-end-point'/></sasl-channel-binding></stream:features>"
    ));
}

#[test]
fn tls_may_be_left_out_but_not_for_plain() {
    Dialogue::over(Transport::Tcp(StartTls::Optional)).run(&format!(
        "C: {HEADER}
         S: *<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'></starttls>
         <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism>
         <mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features>
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>
         S: <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>"
    ));
}

#[test]
fn no_tls_where_there_is_none() {
    let starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    for transport in [Transport::Tcp(StartTls::Absent), Transport::DirectTls(Bindings::default())] {
        Dialogue::over(transport).run(&format!(
            "C: {HEADER}{starttls}
             S: *</stream:features><failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>
             C: </stream:stream>
             H: close"
        ));
    }
}

#[test]
fn direct_tls_is_tls() {
    Dialogue::over(Transport::DirectTls(Bindings::default())).run(&format!(
        "C: {HEADER}
         S: *<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism>
         <mechanism>SCRAM-SHA-1</mechanism><mechanism>PLAIN</mechanism></mechanisms>*</stream:features>"
    ));
}

#[test]
fn visitors_are_anonymous_and_nobody_else_is() {
    let header = HEADER.replace("example.org", "visitors.example.org");
    Dialogue::over(Transport::DirectTls(Bindings { exporter: Some(vec![1]), server_end_point: None })).run(&format!(
        "C: {header}
         S: *from='visitors.example.org'*<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>
         <mechanism>ANONYMOUS</mechanism></mechanisms>*</stream:features>
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>biwsbj1hLHI9Yg==</auth>
         S: <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>"
    ));
    Dialogue::over(Transport::DirectTls(Bindings::default())).run(&format!(
        "C: {HEADER}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>
         S: *</stream:features><failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>"
    ));
}

fn refused(header: &str, condition: &str) {
    let mut dialogue = Dialogue::over(Transport::Tcp(StartTls::Absent));
    dialogue.run(&format!(
        "C: {header}
         S: <?xml version='1.0'?><stream:stream *><stream:error>
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>*</stream:error></stream:stream>"
    ));
    dialogue.now_us += 5_000_000;
    dialogue.stream.tick(dialogue.now_us);
    assert!(dialogue.stream.is_closed());
}

#[test]
fn headers_that_are_refused() {
    refused(&HEADER.replace("example.org", "example.com"), "host-unknown");
    refused(&HEADER.replace("to='example.org'", ""), "host-unknown");
    refused(&HEADER.replace("to='example.org'", "to='anna@example.org'"), "host-unknown");
    refused(&HEADER.replace("to='example.org'", "to='@/'"), "host-unknown");
    refused(&HEADER.replace("version='1.0'>", "version='0.9'>"), "unsupported-version");
    refused(&HEADER.replace(" version='1.0'>", ">"), "unsupported-version");
    refused(&HEADER.replace("etherx", "ether"), "invalid-namespace");
    refused("<stream xmlns='jabber:client'>", "invalid-namespace");
}

#[test]
fn headers_that_are_accepted() {
    for (written, accepted) in [
        ("to='example.org'", "to='EXAMPLE.org'"),
        ("version='1.0'>", "version='1.7' xml:lang='de'>"),
        ("<?xml version='1.0'?>", " \n<?xml version=\"1.0\" encoding='UTF-8'?>\n"),
        ("<?xml version='1.0'?>", ""),
    ] {
        let mut dialogue = Dialogue::over(Transport::Tcp(StartTls::Absent));
        dialogue.stream.received(HEADER.replacen(written, accepted, 1).as_bytes(), dialogue.now_us);
        dialogue.run(&format!("S: {OPENED}\nS: <stream:features>*</stream:features>"));
    }
    let mut dialogue = Dialogue::over(Transport::Tcp(StartTls::Absent));
    let header = HEADER.replace("to=", "from='anna@example.org' to=");
    dialogue.run(&format!("C: {header}\nS: *to='anna@example.org' version='1.0'*</stream:features>"));
}

#[test]
fn who_does_not_log_in_is_not_waited_for() {
    let mut dialogue = Dialogue::over(Transport::Tcp(StartTls::Absent));
    dialogue.run(&format!(
        "T: 59
         C: {HEADER}
         S: *</stream:features>
         T: 1
         S: <stream:error><policy-violation *</stream:error></stream:stream>
         H: close"
    ));
    let mut silent = Dialogue::over(Transport::Tcp(StartTls::Absent));
    silent.run("T: 60\nS: *<stream:error><policy-violation *</stream:error></stream:stream>\nH: close");
    assert_eq!(silent.stream.deadline(), None);
}

#[test]
fn a_slow_handshake_is_cut() {
    let mut dialogue = Dialogue::over(Transport::Tcp(StartTls::Required));
    dialogue.run(&format!(
        "C: {HEADER}
         C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         S: *</stream:features><proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>
         H: starttls
         T: 60
         H: close"
    ));
}

#[test]
fn the_hosts_own_features_come_after_log_in() {
    let more_features = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/>".to_owned();
    let header = HEADER.replace("example.org", "visitors.example.org");
    Dialogue::with(Settings { more_features, ..settings() }, Transport::Tcp(StartTls::Absent)).run(&format!(
        "C: {header}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>{header}
         S: *</stream:features><success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/><?xml*<stream:features>
         <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>
         <session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session><sm xmlns='urn:xmpp:sm:3'/>
         <csi xmlns='urn:xmpp:csi:0'/><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></stream:features>"
    ));
}
