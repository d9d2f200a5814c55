//! Binding a resource, and what a bound client may say.

use xmpp::stream::Settings;

use crate::dialogue::{Dialogue, settings};

const BIND: &str = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'";

#[test]
fn the_host_decides_about_resources() {
    let mut dialogue = Dialogue::binding(settings());
    dialogue.run(&format!(
        "C: <iq type='set' id='1'>{BIND}><resource>desk</resource></bind></iq>
         H: ask bind *@visitors.example.org desk asked
         A: bind conflict
         S: <iq type='error' id='1'><error type='modify'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         C: <iq type='set' id='2'>{BIND}><resource>{}</resource></bind></iq>
         S: <iq type='error' id='2'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         C: <iq type='set' id='3'>{BIND}><resource></resource></bind></iq>
         H: ask bind *@visitors.example.org ????????????????????????
         A: later
         S: <iq type='error' id='3'><error type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>
         C: <iq type='set' id='&lt;4&gt;'>{BIND}/></iq>
         H: ask bind *
         A: bind
         S: <iq type='result' id='&lt;4&gt;'>{BIND}><jid>*</jid></bind></iq>
         H: bound *",
        "x".repeat(2_000)
    ).replace("????????????????????????", "*"));
}

#[test]
fn nothing_but_bind_before_bind() {
    for element in
        ["<presence/>", "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>", "<iq type='set' id='1'/>"]
    {
        let mut dialogue = Dialogue::binding(settings());
        dialogue.run(&format!("C: {element}\nS: <stream:error><not-authorized *</stream:error></stream:stream>"));
    }
    let mut dialogue = Dialogue::binding(settings());
    dialogue.run(
        "C: <enable xmlns='urn:xmpp:sm:3'/>
         S: <failed xmlns='urn:xmpp:sm:3'><unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
    );
}

#[test]
fn stanzas_are_stamped() {
    let mut dialogue = Dialogue::bound();
    let jid = dialogue.jid();
    let bare = jid.to_bare();
    dialogue.run(&format!(
        "C: <presence/><presence from='{jid}' to='room@example.org/nick'/><presence from='{bare}'/>
         H: stanza <presence from='{jid}'>*</presence>
         H: stanza <presence from='{jid}'>*</presence>
         H: stanza <presence from='{jid}'>*</presence>
         C: <message to='a@b' type='unheard-of' id='1'><body>x &amp; y</body></message>
         H: stanza <message from='{jid}' id='1'*><body>x &amp; y</body></message>
         C: <iq type='get' id='2' to='example.org'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
         H: stanza <iq type='get' from='{jid}' id='2'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
    ));
    dialogue.run(
        "C: <message from='eve@example.org' to='a@b'/>
         S: <stream:error><invalid-from xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
    );
}

#[test]
fn the_old_session_is_granted() {
    let mut dialogue = Dialogue::bound();
    dialogue.run(
        "C: <iq type='set' id='s' to='example.org'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>
         S: <iq to='*' type='result' id='s'/>",
    );
}

#[test]
fn what_is_no_stanza_is_answered_with_an_error() {
    let bad = "<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>*</error>";
    let malformed = "<error type='modify'><jid-malformed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>*</error>";
    let mut dialogue = Dialogue::bound();
    dialogue.run(&format!(
        "C: <iq type='get' id='1' to='a@b'/>
         S: <iq to='*' type='error' from='a@b' id='1'>{bad}</iq>
         C: <iq id='3'><a xmlns='x'/></iq>
         S: <iq to='*' type='error' id='3'>{bad}</iq>
         C: <iq type='get'><a xmlns='x'/></iq>
         S: <iq to='*' type='error' id=''>{bad}</iq>
         C: <presence type='here' to='a@b'/>
         S: <presence to='*' from='a@b' type='error'>*{bad}</presence>
         C: <message to='a@@b' id='4'><body>x</body></message>
         S: <message to='*' id='4' type='error'>{malformed}</message>
         C: <iq type='result'/><iq type='error' id='1'/><message type='error' to='@'/>
         C: <presence/>
         H: stanza <presence *"
    ));
}

#[test]
fn other_elements_end_the_stream() {
    for (element, condition) in [
        ("<foo xmlns='bar'/>", "unsupported-stanza-type"),
        ("<message xmlns='jabber:server' to='a@b'/>", "invalid-namespace"),
        ("<a xmlns='urn:xmpp:sm:3' h='1'/>", "policy-violation"),
        ("<maybe xmlns='urn:xmpp:csi:0'/>", "unsupported-stanza-type"),
    ] {
        let mut dialogue = Dialogue::bound();
        dialogue.stream.received(element.as_bytes(), dialogue.now_us);
        let heard = dialogue.heard();
        assert!(heard.starts_with(&format!("<stream:error><{condition} ")), "{heard}");
    }
}

#[test]
fn presences_wait_while_nobody_looks() {
    let mut dialogue = Dialogue::bound();
    dialogue.run(
        "C: <inactive xmlns='urn:xmpp:csi:0'/>
         H: active false
         D: <presence from='room@c/a'><show>away</show></presence>
         D: <presence from='room@c/b'/>
         D: <presence from='room@c/a'><show>dnd</show></presence>
         D: <presence from='x@y' type='subscribe'/>
         S: <presence to='*' from='room@c/b'>*</presence><presence to='*' from='room@c/a'><show>dnd</show>*</presence>
         <presence to='*' from='x@y' type='subscribe'>*</presence>
         D: <presence from='room@c/a' type='unavailable'/>
         C: <active xmlns='urn:xmpp:csi:0'/>
         S: <presence to='*' from='room@c/a' type='unavailable'>*</presence>
         H: active true
         D: <presence from='room@c/a'/>
         S: <presence to='*' from='room@c/a'>*</presence>",
    );
}

#[test]
fn not_without_bounds_and_not_ones_own_entry() {
    let mut dialogue = Dialogue::bound_with(Settings { held_presences: 2, ..settings() });
    dialogue.run(
        "C: <inactive xmlns='urn:xmpp:csi:0'/>
         H: active false
         D: <presence from='room@c/a'/>
         D: <presence from='room@c/b'/>
         D: <presence from='room@c/c'/>
         S: <presence to='*' from='room@c/a'>*</presence><presence to='*' from='room@c/b'>*</presence><presence to='*' from='room@c/c'>*</presence>
         D: <presence from='room@c/me'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>
         S: <presence to='*' from='room@c/me'>*</presence>",
    );
}
