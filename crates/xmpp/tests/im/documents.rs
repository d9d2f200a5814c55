//! Private documents, bookmarks in them, and vCards: XEP-0049, XEP-0048, XEP-0054.

use crate::home::{BERT, DESK, Home, settings};

fn private(kind: &str, inside: &str) -> String {
    format!("<iq type='{kind}' id='p'><query xmlns='jabber:iq:private'>{inside}</query></iq>")
}

#[test]
fn bookmarks_are_kept_and_given_back() {
    let mut home = Home::new();
    home.connects(DESK);
    let empty = "<storage xmlns='storage:bookmarks'/>";
    home.sends(DESK, &private("get", empty)).receives(DESK, &private("result", empty));
    let filled =
        "<storage xmlns='storage:bookmarks'><conference jid='r@conference.example.org' autojoin='true'/></storage>";
    home.sends(DESK, &private("set", filled)).receives(DESK, "<iq type='result' id='p'/>");
    home.restarts().connects(DESK).sends(DESK, &private("get", empty)).receives(DESK, &private("result", filled));
    home.connects(BERT).sends(BERT, &private("get", empty)).receives(BERT, &private("result", empty));
    home.sends(
        BERT,
        &format!("<iq type='get' id='p' to='anna@example.org'><query xmlns='jabber:iq:private'>{empty}</query></iq>"),
    );
    home.is_refused(BERT, "iq", "forbidden");
}

#[test]
fn documents_have_a_namespace_and_a_limit() {
    let mut settings = settings();
    settings.limits.private_bytes = 300;
    settings.limits.private_documents = 2;
    let mut home = Home::with(settings);
    home.connects(DESK);
    home.sends(DESK, &private("set", "")).is_refused(DESK, "iq", "bad-request");
    home.sends(DESK, &private("set", "<a xmlns='urn:a'/><b xmlns='urn:b'/>")).is_refused(DESK, "iq", "bad-request");
    home.sends(DESK, &private("set", "<a/>")).is_refused(DESK, "iq", "not-acceptable");
    let long = "x".repeat(200);
    home.sends(DESK, &private("set", &format!("<a xmlns='urn:a'>{long}</a>"))).receives(DESK, "<iq type='result'/>");
    home.sends(DESK, &private("set", &format!("<b xmlns='urn:b'>{long}</b>"))).is_refused(
        DESK,
        "iq",
        "resource-constraint",
    );
    home.sends(DESK, &private("set", &format!("<a xmlns='urn:a'>{long}y</a>"))).receives(DESK, "<iq type='result'/>");
    home.sends(DESK, &private("set", "<b xmlns='urn:b'/>")).receives(DESK, "<iq type='result'/>");
    home.sends(DESK, &private("set", "<c xmlns='urn:c'/>")).is_refused(DESK, "iq", "resource-constraint");
}

#[test]
fn a_vcard_is_kept_and_shown_to_accounts() {
    let mut home = Home::new();
    home.connects(DESK).connects(BERT);
    let ask = |to: &str| format!("<iq type='get' id='v'{to}><vCard xmlns='vcard-temp'/></iq>");
    home.sends(DESK, &ask("")).is_refused(DESK, "iq", "item-not-found");
    let card = "<vCard xmlns='vcard-temp'><FN>Anna</FN><PHOTO><TYPE>image/png</TYPE></PHOTO></vCard>";
    home.sends(DESK, &format!("<iq type='set' id='v'>{card}</iq>")).receives(DESK, "<iq type='result' id='v'/>");
    home.sends(BERT, &ask(" to='anna@example.org'"));
    home.receives(BERT, &format!("<iq type='result' id='v' from='anna@example.org' to='{BERT}'>{card}</iq>"));
    home.sends(BERT, &ask(" to='nobody@example.org'")).is_refused(BERT, "iq", "service-unavailable");
    home.sends(BERT, &format!("<iq type='set' id='v' to='anna@example.org'>{card}</iq>")).is_refused(
        BERT,
        "iq",
        "forbidden",
    );
    let large = "x".repeat(100_000);
    home.sends(DESK, &format!("<iq type='set' id='v'><vCard xmlns='vcard-temp'><FN>{large}</FN></vCard></iq>"));
    home.is_refused(DESK, "iq", "policy-violation");
}

#[test]
fn there_is_no_publish_subscribe() {
    let mut home = Home::new();
    home.connects(DESK);
    let publish = "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:bookmarks:1'/></pubsub>";
    for to in ["", " to='anna@example.org'"] {
        home.sends(DESK, &format!("<iq type='set' id='p'{to}>{publish}</iq>"));
        home.receives(
            DESK,
            "<iq type='error'><error><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>
             <unsupported xmlns='http://jabber.org/protocol/pubsub#errors'/></error></iq>",
        );
    }
}
