//! Logging in and binding in one go (XEP-0388, XEP-0386).

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use xmpp::stream::{Answer, Bindings, Settings, Suspended, Transport};

use crate::dialogue::{Dialogue, settings};
use crate::opening::HEADER;

const NS: &str = "xmlns='urn:xmpp:sasl:2'";

fn opened() -> Dialogue {
    let mut dialogue = Dialogue::over(Transport::DirectTls(Bindings::default()));
    dialogue.run(&format!(
        "C: {HEADER}
         S: *</mechanisms><authentication {NS}><mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism>
         <mechanism>PLAIN</mechanism><inline><bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:csi:0'/>
         <feature var='urn:xmpp:sm:3'/></inline></bind><sm xmlns='urn:xmpp:sm:3'/></inline></authentication></stream:features>"
    ));
    dialogue
}

/// A log-in with this inside, as far as the password was right.
fn authenticates(inside: &str) -> String {
    let data = BASE64_STANDARD.encode("\0anna\0pencil");
    format!(
        "C: <authenticate {NS} mechanism='PLAIN'><initial-response>{data}</initial-response>
         <user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'><software>x</software></user-agent>{inside}</authenticate>
         H: ask password anna@example.org pencil
         A: yes
"
    )
}

fn managed() -> Suspended {
    let mut dialogue = opened();
    let begins = authenticates("<bind xmlns='urn:xmpp:bind:0'><enable xmlns='urn:xmpp:sm:3' resume='true'/></bind>");
    dialogue.run(&(begins + "H: ask bind anna@example.org *
         A: bind
         S: *<bound xmlns='urn:xmpp:bind:0'><enabled xmlns='urn:xmpp:sm:3' id='*' resume='true' max='300'/></bound></success>
         S: <stream:features>*</stream:features>
         H: bound anna@example.org/*
         D: <message from='a@b'><body>1</body></message>
         S: *<r xmlns='urn:xmpp:sm:3'/>"));
    dialogue.loses_connection()
}

#[test]
fn log_in_and_bind() {
    let mut dialogue = opened();
    let begins =
        authenticates("<bind xmlns='urn:xmpp:bind:0'><tag>Pidgin</tag><inactive xmlns='urn:xmpp:csi:0'/></bind>");
    dialogue.run(&format!(
        "{begins}H: ask bind anna@example.org Pidgin~*
         A: bind
         S: <success {NS}><authorization-identifier>anna@example.org/Pidgin~*</authorization-identifier>
         <bound xmlns='urn:xmpp:bind:0'></bound></success>
         S: <stream:features><bind *</stream:features>
         H: bound anna@example.org/Pidgin~*
         H: active false
         C: <presence/>
         H: stanza <presence from='anna@example.org/Pidgin~*"
    ));
}

#[test]
fn log_in_alone() {
    let mut dialogue = opened();
    let begins = authenticates("");
    dialogue.run(&format!(
        "{begins}S: <success {NS}><authorization-identifier>anna@example.org</authorization-identifier></success>
         S: <stream:features><bind *</stream:features>
         C: <iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>
         H: ask bind *
         A: bind
         S: *</iq>
         H: bound *"
    ));
}

#[test]
fn a_refused_resource_can_be_asked_for_again() {
    let mut dialogue = opened();
    let begins = authenticates("<bind xmlns='urn:xmpp:bind:0'/>");
    dialogue.run(&format!(
        "{begins}H: ask bind *
         A: bind conflict
         S: <success {NS}><authorization-identifier>anna@example.org</authorization-identifier></success>
         S: <stream:features>*</stream:features>"
    ));
}

#[test]
fn log_in_and_resume() {
    let session = managed();
    let (id, jid) = (session.id().to_owned(), session.jid().clone());
    let mut dialogue = opened();
    let begins =
        authenticates(&format!("<resume xmlns='urn:xmpp:sm:3' h='0' previd='{id}'/><bind xmlns='urn:xmpp:bind:0'/>"));
    dialogue.run(&format!("{begins}H: ask resume anna@example.org {id}"));
    dialogue.answers_with(Answer::Resume(Some(Box::new(session))));
    dialogue.run(&format!(
        "S: <success {NS}><authorization-identifier>{jid}</authorization-identifier>
         <resumed xmlns='urn:xmpp:sm:3' h='0' previd='{id}'/></success>
         S: <stream:features>*</stream:features><message *<body>1</body></message>
         H: resumed {jid}
         S: <r xmlns='urn:xmpp:sm:3'/>"
    ));
}

#[test]
fn what_cannot_be_resumed_is_bound() {
    let mut dialogue = opened();
    let begins = authenticates("<resume xmlns='urn:xmpp:sm:3' h='0' previd='x'/><bind xmlns='urn:xmpp:bind:0'/>");
    dialogue.run(
        &(begins
            + "H: ask resume anna@example.org x
         A: nothing
         H: ask bind anna@example.org *
         A: bind
         S: *<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>
         <bound xmlns='urn:xmpp:bind:0'></bound></success>
         S: <stream:features>*</stream:features>
         H: bound *"),
    );
}

#[test]
fn failures_are_in_their_own_words() {
    let mut dialogue = opened();
    dialogue.run(&format!(
        "C: <authenticate {NS} mechanism='PLAIN'/>
         S: <challenge {NS}/>
         C: <response {NS}>{}</response>
         H: ask password anna@example.org x
         A: no
         S: <failure {NS}><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>
         C: <abort {NS}/>
         S: <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><aborted/></failure>
         C: <authenticate {NS} mechanism='ANONYMOUS'/>
         S: <failure {NS}><invalid-mechanism xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>",
        BASE64_STANDARD.encode("\0anna\0x")
    ));
}

#[test]
fn not_where_it_is_not_offered() {
    let mut dialogue =
        Dialogue::with(Settings { sasl2: false, ..settings() }, Transport::DirectTls(Bindings::default()));
    dialogue.run(&format!(
        "C: {HEADER}<authenticate {NS} mechanism='PLAIN'/>
         S: *</mechanisms></stream:features><failure {NS}><invalid-mechanism *</failure>"
    ));
}
