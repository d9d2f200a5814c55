//! The invitations of visitor and agent, with what each known client looks for.

#![expect(clippy::unwrap_used, reason = "an element that cannot be read fails its test")]

use xmpp::minidom::Element;
use xmpp::workgroup::invitation::{Invitation, Invited};
use xmpp::xmpp_parsers::message::Message;

use crate::stage::{parse, wire};

fn invitation(invited: Invited) -> Invitation {
    Invitation {
        room: "abc12342@conference.example.com".parse().unwrap(),
        workgroup: "support@workgroup.example.com".parse().unwrap(),
        session: "abc12342".to_owned(),
        password: None,
        invited,
    }
}

fn round_trip(invitation: &Invitation, to: &str, expected: &str) {
    let written = String::from(&Element::from(invitation.write(to.parse().unwrap())));
    assert_eq!(written, wire(expected));
    let message = Message::try_from(parse(&written)).unwrap();
    assert_eq!(Invitation::read(&message).unwrap().as_ref(), Some(invitation));
}

#[test]
fn the_agents() {
    let visitor = "user@example.net/home".parse().unwrap();
    round_trip(
        &invitation(Invited::Agent { visitor, user: None }),
        "alice@example.com/work",
        "<message xmlns='jabber:client' from='abc12342@conference.example.com' to='alice@example.com/work'>\
         <offer xmlns='NS' jid='user@example.net/home'/><session xmlns='JIVE' workgroup='support@workgroup.example.com' id='abc12342'/>\
         <x xmlns='http://jabber.org/protocol/muc#user'><invite from='support@workgroup.example.com'><reason>abc12342</reason></invite></x>\
         <x xmlns='jabber:x:conference' jid='abc12342@conference.example.com'/></message>",
    );
}

#[test]
fn the_visitors() {
    round_trip(
        &invitation(Invited::Visitor { reason: "Please join me for a chat.".to_owned() }),
        "user@example.net/home",
        "<message xmlns='jabber:client' from='abc12342@conference.example.com' to='user@example.net/home'>\
         <workgroup xmlns='NS' jid='support@workgroup.example.com'/><session xmlns='JIVE' id='abc12342'/>\
         <x xmlns='http://jabber.org/protocol/muc#user'><invite from='support@workgroup.example.com'><reason>Please join me for a chat.</reason></invite></x>\
         <x xmlns='jabber:x:conference' jid='abc12342@conference.example.com'/></message>",
    );
}

#[test]
fn a_password_is_in_both_invitations() {
    let mut with = invitation(Invited::Visitor { reason: "r".to_owned() });
    with.password = Some("s3cret".to_owned());
    let written = String::from(&Element::from(with.write("user@example.net/home".parse().unwrap())));
    assert!(written.contains("<password>s3cret</password>") && written.contains("password='s3cret'"), "{written}");
}

#[test]
fn other_messages_are_no_invitations() {
    for xml in [
        "<message xmlns='jabber:client' from='a@b'><body>x</body></message>",
        "<message xmlns='jabber:client' from='a@b'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='c@d'/></x></message>",
        "<message xmlns='jabber:client' from='a@b'><x xmlns='http://jabber.org/protocol/muc#user'/></message>",
    ] {
        assert_eq!(Invitation::read(&Message::try_from(parse(xml)).unwrap()), Ok(None), "{xml}");
    }
}
