//! The link of a component, from the first byte to the last.

#![expect(clippy::unwrap_used, reason = "an element that cannot be read fails its test")]

use xmpp::component::{Link, LinkFault, Step, handshake, inward, outward, read_handshake};
use xmpp::minidom::Element;

fn link() -> Link {
    Link::new("workgroup.example.com".parse().unwrap(), "123456".to_owned()).0
}

fn element(xml: &str) -> Element {
    xml.parse().unwrap()
}

#[test]
fn the_handshake() {
    let (mut link, open) = Link::new("workgroup.example.com".parse().unwrap(), "123456".to_owned());
    let header = "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' \
        xmlns:stream='http://etherx.jabber.org/streams' to='workgroup.example.com'>";
    assert_eq!(open, Step::Write(header.to_owned()));
    let proof = link.opened("jabber:component:accept", Some("sid")).unwrap();
    assert_eq!(proof, Step::Write("<handshake>9accec263ab84a43c6037ccf7cd48cb1d3f6df8e</handshake>".to_owned()));
    assert!(!link.is_ready());
    let done = link.received(element("<handshake xmlns='jabber:component:accept'/>")).unwrap();
    assert_eq!((done, link.is_ready()), (Some(Step::Ready), true));
    let xml = handshake("sid", "123456").replacen("<handshake>", "<handshake xmlns='jabber:component:accept'>", 1);
    assert_eq!(read_handshake(element(&xml)).unwrap().unwrap()[0], 0x9a);
}

#[test]
fn faults_are_told_apart() {
    let error = |condition: &str| {
        let mut link = link();
        link.opened("jabber:component:accept", Some("sid")).unwrap();
        let xml = format!(
            "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        );
        link.received(element(&xml)).unwrap_err()
    };
    assert_eq!(error("not-authorized"), LinkFault::NotAuthorized);
    assert_eq!(error("host-unknown"), LinkFault::AddressRefused("host-unknown".into()));
    assert_eq!(error("system-shutdown"), LinkFault::Ended("system-shutdown".into()));
    assert_eq!(link().opened("jabber:client", Some("1")), Err(LinkFault::NotForComponents));
    assert_eq!(link().opened("jabber:component:accept", None), Err(LinkFault::NoId));
    assert_eq!(link().received(element("<message xmlns='jabber:component:accept'/>")), Err(LinkFault::OutOfOrder));
    let mut early = link();
    early.opened("jabber:component:accept", Some("1")).unwrap();
    assert_eq!(early.received(element("<message xmlns='jabber:component:accept'/>")), Err(LinkFault::OutOfOrder));
    assert_eq!(early.opened("jabber:component:accept", Some("1")), Err(LinkFault::OutOfOrder));
}

#[test]
fn only_the_stanza_itself_is_mapped() {
    let xml = "<message xmlns='jabber:component:accept' to='a@b'><body>x</body><error type='cancel'>\
        <gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error><forwarded xmlns='urn:xmpp:forward:0'>\
        <message xmlns='jabber:client'><body>y</body></message></forwarded></message>";
    let inside = inward(element(xml));
    let expected = xml.replacen("jabber:component:accept", "jabber:client", 1);
    assert_eq!(String::from(&inside), String::from(&element(&expected)));
    let out = outward(inside);
    assert!(out.has_child("body", "jabber:component:accept"));
    let forwarded = out.get_child("forwarded", "urn:xmpp:forward:0").unwrap();
    assert!(forwarded.has_child("message", "jabber:client"));
}

#[test]
fn once_ready_stanzas_pass_and_other_things_do_not() {
    let mut link = link();
    link.opened("jabber:component:accept", Some("sid")).unwrap();
    link.received(element("<handshake xmlns='jabber:component:accept'/>")).unwrap();
    for name in ["iq", "message", "presence"] {
        let step = link.received(element(&format!("<{name} xmlns='jabber:component:accept'/>"))).unwrap();
        assert!(matches!(step, Some(Step::Stanza(stanza)) if stanza.is(name, "jabber:client")));
    }
    for xml in ["<message xmlns='urn:other'/>", "<a xmlns='jabber:component:accept'/>"] {
        assert_eq!(link.received(element(xml)).unwrap(), None);
    }
}
