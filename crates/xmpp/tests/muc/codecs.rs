//! The elements of `xep/`, read from and written as their documents show them.

#![expect(clippy::unwrap_used, reason = "a dialogue that cannot be staged fails its test")]

use xmpp::minidom::Element;
use xmpp::muc::{Affiliation, Role};
use xmpp::xep::chat::ChatContent;
use xmpp::xep::direct_invite::DirectInvite;
use xmpp::xep::hats::Hats;
use xmpp::xep::moderate::{Moderate, Retract};
use xmpp::xep::muc_admin::MucAdmin;
use xmpp::xep::muc_owner::MucOwner;
use xmpp::xep::muc_register::MucRegister;
use xmpp::xep::muc_unique::Unique;
use xmpp::xep::muc_user::MucUser;
use xmpp::xmpp_parsers::chatstates::ChatState;
use xmpp::xmpp_parsers::message::Message;

use crate::hall::{matches, parse};

/// Reads an element, writes it again, and compares both ways.
fn round_trip<T>(xml: &str) -> T
where
    T: TryFrom<Element> + Into<Element> + Clone,
    T::Error: std::fmt::Debug,
{
    let element: Element = xml.parse().unwrap();
    let value = T::try_from(element.clone()).unwrap();
    let written: Element = value.clone().into();
    assert!(matches(&element, &written) && matches(&written, &element), "{}", String::from(&written));
    value
}

#[test]
fn xep_0045_what_a_room_says() {
    let kicked: MucUser = round_trip(
        "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none' jid='pistol@shakespeare.lit/harfleur'>
         <actor nick='Fluellen' jid='fluellen@shakespeare.lit'/><reason>Avaunt, you cullion!</reason></item>
         <status code='110'/><status code='307'/><status code='999'/></x>",
    );
    assert_eq!(kicked.codes, [110, 307, 999]);
    let item = &kicked.items[0];
    assert_eq!(
        (item.affiliation, item.role, item.reason.as_deref()),
        (Affiliation::None, Role::None, Some("Avaunt, you cullion!"))
    );
    assert_eq!(item.actor.as_ref().unwrap().nick.as_deref(), Some("Fluellen"));
    let gone: MucUser = round_trip(
        "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'/>
         <destroy jid='coven@chat.shakespeare.lit'><reason>Macbeth doth come.</reason></destroy></x>",
    );
    assert_eq!(gone.destroy.unwrap().reason.as_deref(), Some("Macbeth doth come."));
}

#[test]
fn xep_0045_invitations() {
    let invited: MucUser = round_trip(
        "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='crone1@shakespeare.lit/desktop'>
         <reason>Hey Hecate</reason><continue thread='e0ffe42b28561960c6b12b944a092794b9683a38'/></invite>
         <password>cauldronburn</password></x>",
    );
    assert_eq!(invited.password.as_deref(), Some("cauldronburn"));
    assert!(invited.invites[0].continued.is_some());
    let declined: MucUser = round_trip(
        "<x xmlns='http://jabber.org/protocol/muc#user'><decline to='crone1@shakespeare.lit'><reason>Sorry</reason></decline></x>",
    );
    assert_eq!(declined.decline.unwrap().reason.as_deref(), Some("Sorry"));
}

#[test]
fn xep_0045_requests_of_admins_and_owners() {
    let query: MucAdmin = round_trip(
        "<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='outcast' jid='earlofcambridge@shakespeare.lit'>
         <reason>Treason</reason></item><item nick='pistol' role='none'/></query>",
    );
    assert_eq!((query.items[0].affiliation, query.items[1].role), (Some(Affiliation::Outcast), Some(Role::None)));
    let query: MucOwner = round_trip(
        "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy jid='coven@chat.shakespeare.lit'>
         <reason>Macbeth doth come.</reason></destroy></query>",
    );
    assert!(query.form.is_none() && query.destroy.is_some());
    let query: MucOwner = round_trip(
        "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>",
    );
    assert!(query.form.is_some());
}

#[test]
fn xep_0249_direct_invitations() {
    let invite: DirectInvite = round_trip(
        "<x xmlns='jabber:x:conference' continue='true' jid='darkcave@macbeth.shakespeare.lit' password='cauldronburn'
         reason='Hey Hecate, this is the place for all good witches!' thread='e0ffe42b28561960c6b12b944a092794b9683a38'/>",
    );
    assert_eq!((invite.jid.as_str(), invite.continued), ("darkcave@macbeth.shakespeare.lit", Some(true)));
    let plain = DirectInvite::new(invite.jid, Some("come".into()), None);
    assert!(matches(
        &"<x xmlns='jabber:x:conference' jid='darkcave@macbeth.shakespeare.lit' reason='come'/>".parse().unwrap(),
        &plain.into()
    ));
}

#[test]
fn malformed_elements_are_errors() {
    let fails = |xml: &str| MucUser::try_from(xml.parse::<Element>().unwrap()).is_err();
    assert!(fails("<x xmlns='http://jabber.org/protocol/muc#user'><status code='many'/></x>"));
    assert!(fails("<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='king' role='none'/></x>"));
    assert!(fails("<x xmlns='http://jabber.org/protocol/muc#user'><invite to='@'/></x>"));
    assert!(DirectInvite::try_from("<x xmlns='jabber:x:conference'/>".parse::<Element>().unwrap()).is_err());
}

#[test]
fn chat_content_is_read_as_it_was_written() {
    let content = ChatContent {
        body: Some("a < b & c".into()),
        thread: Some("t".into()),
        chat_state: Some(ChatState::Active),
        correction_of: Some("m1".into()),
        displayed: Some("id-1".into()),
        oob_url: Some("https://example.org/f".into()),
        oob_desc: Some("f".into()),
    };
    let element = Element::from(content.clone().write(Message::groupchat(None)));
    let read = Message::try_from(String::from(&element).parse::<Element>().unwrap()).unwrap();
    assert_eq!(ChatContent::read(&read), content);
    assert_eq!(ChatContent::read(&Message::groupchat(None)), ChatContent::default());
}

#[test]
fn parts_of_a_message_that_do_not_parse_count_as_absent() {
    let xml = "<message><body xml:lang='de'>hallo</body><body xml:lang='en'>hello</body>
        <sulking xmlns='http://jabber.org/protocol/chatstates'/><replace xmlns='urn:xmpp:message-correct:0'/>
        <displayed xmlns='urn:xmpp:chat-markers:0'/><x xmlns='jabber:x:oob'/></message>";
    let content = ChatContent::read(&Message::try_from(parse(xml)).unwrap());
    assert_eq!(content, ChatContent { body: content.body.clone(), ..ChatContent::default() });
    assert!(content.body.is_some());
}

#[test]
fn xep_0425_and_0424_what_is_taken_back() {
    let request: Moderate = round_trip(
        "<moderate xmlns='urn:xmpp:message-moderate:1' id='stanza-id-1'><retract xmlns='urn:xmpp:message-retract:1'/>
         <reason>This message contains inappropriate content</reason></moderate>",
    );
    assert!(request.retract.is_some() && request.id == "stanza-id-1");
    let told: Retract = round_trip(
        "<retract xmlns='urn:xmpp:message-retract:1' id='stanza-id-1'>
         <moderated xmlns='urn:xmpp:message-moderate:1' by='room@muc.example.com/macbeth'>
         <occupant-id xmlns='urn:xmpp:occupant-id:0' id='dd72603deec90a38ba552f7c68cbcc61bca202cd'/></moderated>
         <reason>This message contains inappropriate content</reason></retract>",
    );
    assert!(told.moderated.unwrap().occupant_id.is_some());
}

#[test]
fn xep_0317_hats() {
    let hats: Hats = round_trip(
        "<hats xmlns='urn:xmpp:hats:0'><hat title='Host' uri='http://schemas.example.com/hats#host'/>
         <hat title='Presenter' uri='http://schemas.example.com/hats#presenter'/></hats>",
    );
    assert_eq!(hats.hats[1].title, "Presenter");
}

#[test]
fn xep_0045_registration_and_unique_names() {
    let registered: MucRegister =
        round_trip("<query xmlns='jabber:iq:register'><registered/><username>thirdwitch</username></query>");
    assert!(registered.registered && !registered.remove && registered.form.is_none());
    let remove: MucRegister = round_trip("<query xmlns='jabber:iq:register'><remove/></query>");
    assert!(remove.remove);
    let unique: Unique = round_trip(
        "<unique xmlns='http://jabber.org/protocol/muc#unique'>6d9423a55f499b29ad20bf7b2bdea4f4b885ead1</unique>",
    );
    assert_eq!(unique.name.len(), 40);
}
