//! Streams over WebSocket (RFC 7395).

use xmpp::stream::Transport;

use crate::dialogue::Dialogue;

const OPEN: &str = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='visitors.example.org' version='1.0'/>";
const OPENED: &str = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='*' from='visitors.example.org' \
                      version='1.0' xml:lang='en'/>";

fn dialogue() -> Dialogue {
    Dialogue::over(Transport::WebSocket { secure: true })
}

fn bound() -> Dialogue {
    let mut dialogue = dialogue();
    dialogue.run(&format!(
        "C: {OPEN}
         S: {OPENED}
         S: <stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms *</stream:features>
         C: <auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>
         S: <success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>
         C: {OPEN}
         S: {OPENED}
         S: <stream:features xmlns:stream='http://etherx.jabber.org/streams'><bind *</stream:features>
         C: <iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>
         H: ask bind *@visitors.example.org *
         A: bind
         S: <iq xmlns='jabber:client' type='result' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>*</jid></bind></iq>
         H: bound *@visitors.example.org/*"
    ));
    dialogue
}

#[test]
fn one_frame_one_element() {
    let mut dialogue = bound();
    dialogue.run(
        "C:
         C: <message xmlns='jabber:client' to='a@b' type='chat'><body>hi</body></message>
         H: stanza <message from='*@visitors.example.org/*' type='chat'><body>hi</body></message>
         D: <message from='a@b'><body>1</body></message>
         D: <message from='a@b'><body>2</body></message>
         S: <message xmlns='jabber:client' to='*' from='a@b'><body>1</body></message>
         S: <message xmlns='jabber:client' to='*' from='a@b'><body>2</body></message>
         C: <close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>
         S: <close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>
         H: close",
    );
}

#[test]
fn the_server_closes() {
    let mut dialogue = bound();
    dialogue.stream.close(None, dialogue.now_us);
    dialogue.run(
        "S: <close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>
         C: <presence xmlns='jabber:client'/>
         C: <close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>
         H: close",
    );
}

#[test]
fn frames_that_end_the_stream() {
    let deep = format!("{}{}", "<a xmlns='b'>".repeat(100_000), "</a>".repeat(100_000));
    for (frame, condition) in [
        ("<?xml version='1.0'?><presence xmlns='jabber:client'/>", "bad-format"),
        ("<presence xmlns='jabber:client'/><presence xmlns='jabber:client'/>", "not-well-formed"),
        ("<presence xmlns='jabber:client'>", "not-well-formed"),
        ("<presence xmlns='jabber:client'/> x", "not-well-formed"),
        ("</stream:stream>", "not-well-formed"),
        ("<presence/>", "invalid-namespace"),
        ("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'/>", "unsupported-stanza-type"),
        ("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", "bad-format"),
        ("<!DOCTYPE a><a xmlns='b'/>", "restricted-xml"),
        ("<!-- a --><a xmlns='b'/>", "restricted-xml"),
        (deep.as_str(), "policy-violation"),
    ] {
        let mut dialogue = bound();
        dialogue.run(&format!(
            "C: {frame}
             S: <stream:error xmlns:stream='http://etherx.jabber.org/streams'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>*</stream:error>
             S: <close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>
             C: <close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>
             H: close"
        ));
    }
}

#[test]
fn before_the_opening_there_is_nothing() {
    dialogue().run(&format!(
        "C: <presence xmlns='jabber:client'/>
         S: {}
         S: <stream:error *</stream:error>
         S: <close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
        OPENED.replace("visitors.", "")
    ));
}

#[test]
fn silent_clients_are_asked_over_websocket_too() {
    let mut dialogue = bound();
    dialogue.run(
        "T: 300
         S: <iq xmlns='jabber:client' to='*' type='get' id='*'><ping xmlns='urn:xmpp:ping'/></iq>
         T: 60
         S: <stream:error *<connection-timeout *</stream:error>
         S: <close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>
         H: close",
    );
}
