//! The dialect of Fastpath and Smack: joins, offers, agents and settings as its clients send and need them.

use xmpp::markup::Fault;
use xmpp::minidom::Element;
use xmpp::workgroup::agent_list::{AgentInfo, AgentList, Workgroups};
use xmpp::workgroup::agent_status::AgentStatus;
use xmpp::workgroup::asked::Asked;
use xmpp::workgroup::chat_settings::{ChatSettings, ChatSettingsWanted, SettingKind};
use xmpp::workgroup::invitation::workgroup_presence;
use xmpp::workgroup::join::{JoinQueue, join_form, workgroup_form};
use xmpp::workgroup::offer::{Offer, OfferAnswer, OfferContent, OfferRevoke};
use xmpp::workgroup::passing::{PassOn, Passing, PassingFailed};
use xmpp::workgroup::queue_status::QueueStatus;
use xmpp::workgroup::settings::{
    OfflineSettings, PropertiesWanted, SearchSettings, SoundSettings, WorkgroupProperties,
};
use xmpp::workgroup::{LegacyDate, Metadata};
use xmpp::xep::data_form::{Field, Form, FormType, Kind};

use crate::stage::{becomes, exact, parse, wire};

#[test]
fn smack_sends_the_form_twice() {
    let form = "<x xmlns='jabber:x:data' type='submit'><field var='username'><value>John</value></field></x>";
    let user = "<user xmlns='JIVE' id='guest-4711@example.net'/>";
    let join = becomes(
        &format!("<join-queue xmlns='NS'><queue-notifications/>{user}{form}{form}</join-queue>"),
        &format!("<join-queue xmlns='NS'><queue-notifications/>{user}{form}</join-queue>"),
        JoinQueue::read,
        JoinQueue::write,
    );
    assert_eq!(join.user.unwrap().as_str(), "guest-4711@example.net");
    // A random string where an address belongs is no address, and no fault.
    let random = parse("<join-queue xmlns='NS'><user xmlns='JIVE' id='@@'/></join-queue>");
    assert_eq!(JoinQueue::read(&random).unwrap().user, None);
}

#[test]
fn converse_sends_metadata() {
    let join = exact(
        "<join-queue xmlns='NS'><queue-notifications/><metadata xmlns='JIVE'><value name='username'>random-abc</value>\
         <value name='userID'>random-xyz@example.org</value><value name='topic'>a</value><value name='topic'>b</value>\
         </metadata><x xmlns='jabber:x:data' type='submit'/></join-queue>",
        JoinQueue::read,
        JoinQueue::write,
    );
    assert_eq!(join.metadata.get("userID"), Some("random-xyz@example.org"));
    assert_eq!(join.metadata.iter().last().unwrap().1, ["a", "b"]);
    // Both namespaces, any order, white space between.
    let loose = parse(
        "<join-queue xmlns='JIVE'> <metadata xmlns='NS'> <value name='username'> J </value> <value>x</value> </metadata> </join-queue>",
    );
    assert_eq!(JoinQueue::read(&loose).unwrap().metadata.get("username"), Some(" J "));
}

#[test]
fn the_form_replaces_metadata_and_passwords_are_dropped() {
    let join = JoinQueue::read(&parse(
        "<join-queue xmlns='NS'><metadata xmlns='JIVE'><value name='username'>old</value><value name='agent'>alice</value>\
         </metadata><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:x</value></field>\
         <field var='username'><value>new</value></field><field var='password'><value>secret</value></field></x></join-queue>",
    ));
    let merged = join.unwrap().merged();
    let all: Vec<_> = merged.iter().map(|(name, values)| (name, values.join("/"))).collect();
    assert_eq!(all, [("username", "new".to_owned()), ("agent", "alice".to_owned())]);
}

#[test]
fn queue_status_with_its_session() {
    let xml = "<queue-status xmlns='NS'><position>1</position><time>15</time>\
        <session xmlns='JIVE' id='abc12342' workgroup='support@workgroup.example.com'/></queue-status>";
    let status = exact(xml, QueueStatus::read, QueueStatus::write);
    assert_eq!(status.session.unwrap().id, "abc12342");
}

#[test]
fn agents_as_smacks_roster_needs_them() {
    let status = exact(
        "<agent-status xmlns='NS' jid='support@workgroup.example.com'><current-chats>1</current-chats><max-chats>4</max-chats>\
         <current-chats xmlns='JIVE'><chat sessionID='abc12342' userID='user@example.net' startTime='20250918T10:00:00' \
         question='q' username='John' email='j@example.net'/></current-chats></agent-status>",
        AgentStatus::read,
        AgentStatus::write,
    );
    assert_eq!(status.chats.unwrap()[0].start, LegacyDate(1_758_189_600_000_000));
    let underscore = parse("<agent-status xmlns='NS'><max_chats>3</max_chats></agent-status>");
    assert_eq!(AgentStatus::read(&underscore).unwrap().max_chats, Some(3));
    let empty = parse("<agent-status xmlns='NS'><max-chats/></agent-status>");
    assert_eq!(AgentStatus::read(&empty).unwrap().max_chats, None);
    let words = parse("<agent-status xmlns='NS'><max-chats>many</max-chats></agent-status>");
    assert_eq!(AgentStatus::read(&words), Err(Fault::Malformed("max-chats")));
    exact(
        "<agent-status-request xmlns='NS'><agent jid='bob@example.com'><name xmlns='JIVE'>Bob</name></agent></agent-status-request>",
        AgentList::read,
        AgentList::write,
    );
    let gone = exact(
        "<agent-status-request xmlns='NS'><agent jid='carol@example.com' type='remove'/></agent-status-request>",
        AgentList::read,
        AgentList::write,
    );
    assert!(gone.0[0].removed);
    exact("<agent-info xmlns='JIVE'/>", AgentInfo::read, AgentInfo::write);
    exact(
        "<agent-info xmlns='JIVE'><jid>alice@example.com</jid><name>Alice</name></agent-info>",
        AgentInfo::read,
        AgentInfo::write,
    );
    exact("<workgroups xmlns='NS' jid='alice@example.com/work'/>", Workgroups::read, Workgroups::write);
    exact(
        "<workgroups xmlns='NS' jid='alice@example.com'><workgroup jid='support@workgroup.example.com'/></workgroups>",
        Workgroups::read,
        Workgroups::write,
    );
}

#[test]
fn offers_in_full() {
    let xml = "<offer xmlns='NS' id='abc12342' jid='user@example.net/home'><metadata xmlns='JIVE'>\
        <value name='username'>John</value><value name='userID'>user@example.net</value></metadata><timeout>20</timeout>\
        <session xmlns='JIVE' id='abc12342' workgroup='support@workgroup.example.com'/><user-request/>\
        <user xmlns='JIVE' id='guest-4711@example.net'/></offer>";
    let offer = exact(xml, Offer::read, Offer::write);
    assert_eq!((offer.content, offer.timeout_s), (Some(OfferContent::Visitor), Some(20)));
    for name in ["invite", "transfer"] {
        let metadata = "<metadata xmlns='JIVE'><value name='userID'>user@example.net</value></metadata>";
        let xml = format!(
            "<offer xmlns='NS' id='1' jid='user@example.net/home'>{metadata}<timeout>20</timeout>\
             <session xmlns='JIVE' id='abc12342' workgroup='support@workgroup.example.com'/><{name} type='queue'>\
             <inviter>bob@example.com/work</inviter><room>abc12342@conference.example.com</room>{metadata}<reason>text</reason>\
             </{name}></offer>"
        );
        let room = match exact(&xml, Offer::read, Offer::write).content {
            Some(OfferContent::Invitation(room)) if name == "invite" => room,
            Some(OfferContent::Transfer(room)) if name == "transfer" => room,
            other => panic!("{other:?}"),
        };
        assert_eq!((room.to, room.reason.as_deref()), (Passing::Queue, Some("text")));
    }
    let answer = exact("<offer-accept xmlns='NS' id='abc12342'/>", OfferAnswer::read, OfferAnswer::write);
    assert_eq!((answer.id.as_deref(), answer.jid), (Some("abc12342"), None));
    exact(
        "<offer-revoke xmlns='NS' id='abc12342' jid='user@example.net/home'><reason>The offer has timed out</reason>\
         <session xmlns='JIVE' id='abc12342' workgroup='support@workgroup.example.com'/><user xmlns='JIVE' id='g@example.net'/></offer-revoke>",
        OfferRevoke::read,
        OfferRevoke::write,
    );
}

#[test]
fn passing_a_conversation_on() {
    for (name, transfer) in [("invite", false), ("transfer", true)] {
        let xml = format!(
            "<{name} xmlns='NS' type='queue'><session xmlns='JIVE' id='abc12342'></session>\
             <invitee>support@workgroup.example.com/platinum-plan</invitee><reason>Please help</reason></{name}>"
        );
        let pass = exact(&xml, PassOn::read, PassOn::write);
        assert_eq!((pass.transfer, pass.to, pass.session.workgroup), (transfer, Passing::Queue, None));
        assert!(matches!(Asked::read(true, &parse(&xml)), Ok(Some(Asked::PassOn(_)))));
    }
    let bad = "<invite xmlns='NS' type='planet'><session xmlns='JIVE' id='a'/><invitee>a@b</invitee></invite>";
    assert_eq!(PassOn::read(&parse(bad)), Err(Fault::Malformed("type")));
    let failed = PassOn::read(&parse(
        "<invite xmlns='NS' type='queue'><session xmlns='JIVE' id='abc12342'/><inviter>alice@example.com/work</inviter>\
         <invitee>support@workgroup.example.com/nope</invitee></invite>",
    ));
    let message = Element::from(failed.unwrap().failed(PassingFailed::NoQueue));
    let expected = "<message xmlns='jabber:client' type='error'><body>Specified queue was not found.</body>\
         <invite xmlns='NS' type='queue'><session xmlns='JIVE' id='abc12342'/><inviter>alice@example.com/work</inviter>\
         <invitee>support@workgroup.example.com/nope</invitee></invite><error type='wait'>\
         <recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>";
    assert_eq!(String::from(&message), wire(expected));
}

#[test]
fn both_ways_to_the_form_lead_to_the_same() {
    let mut form = Form::new(FormType::Form, None).titled("Who are you?");
    form.fields = vec![
        Field::new("username", Kind::TextSingle).labelled("Name:").required(),
        Field::new("plan", Kind::ListSingle).option("0", "None").option("1", "Gold").valued("0"),
    ];
    let x = "<x xmlns='jabber:x:data' type='form'><title>Who are you?</title><field label='Name:' type='text-single' \
        var='username'><required/></field><field type='list-single' var='plan'><value>0</value><option label='None'>\
        <value>0</value></option><option label='Gold'><value>1</value></option></field></x>";
    assert_eq!(
        String::from(&workgroup_form(&form)),
        wire(&format!("<workgroup-form xmlns='JIVE'>{x}</workgroup-form>"))
    );
    assert_eq!(String::from(&join_form(&form)), wire(&format!("<join-queue xmlns='NS'>{x}</join-queue>")));
    let children = parse("<workgroup-form xmlns='JIVE'><x xmlns='jabber:x:data'/></workgroup-form>");
    assert_eq!(Asked::read(false, &children), Ok(Some(Asked::Form)));
}

#[test]
fn settings() {
    let all = exact("<chat-settings xmlns='JIVE'/>", ChatSettingsWanted::read, ChatSettingsWanted::write);
    assert_eq!(all, ChatSettingsWanted::All);
    let kind = exact("<chat-settings xmlns='JIVE' type='2'/>", ChatSettingsWanted::read, ChatSettingsWanted::write);
    assert_eq!(kind, ChatSettingsWanted::Kind(SettingKind::Bot));
    exact("<chat-settings xmlns='JIVE' key='logo'/>", ChatSettingsWanted::read, ChatSettingsWanted::write);
    for bad in ["x", "3", "-1"] {
        let xml = format!("<chat-settings xmlns='JIVE' type='{bad}'/>");
        assert_eq!(ChatSettingsWanted::read(&parse(&xml)), Err(Fault::Malformed("type")));
    }
    exact(
        "<chat-settings xmlns='JIVE'><chat-setting><key>queue_title_text</key><value>Wait &amp; see</value><type>1</type></chat-setting>\
         <chat-setting><key>logo</key><value></value><type>0</type></chat-setting></chat-settings>",
        ChatSettings::read,
        ChatSettings::write,
    );
    for xml in [
        "<offline-settings xmlns='JIVE'><redirectPage>https://example.com/</redirectPage></offline-settings>",
        "<offline-settings xmlns='JIVE'><redirectMUC>help@conference.example.com</redirectMUC></offline-settings>",
        "<offline-settings xmlns='JIVE'><emailAddress>a@example.com</emailAddress><offlineText>Sorry</offlineText><subject>S</subject></offline-settings>",
    ] {
        let read = |e: &_| OfflineSettings::read(e)?.ok_or(Fault::Missing("all"));
        exact(xml, read, OfflineSettings::write);
    }
    assert_eq!(OfflineSettings::read(&parse("<offline-settings xmlns='JIVE'/>")), Ok(None));
    let read = |e: &_| SoundSettings::read(e)?.ok_or(Fault::Missing("all"));
    exact(
        "<sound-settings xmlns='JIVE'><outgoingSound>AAAA</outgoingSound><incomingSound>BBBB</incomingSound></sound-settings>",
        read,
        SoundSettings::write,
    );
    exact(
        "<search-settings xmlns='JIVE'><forums>https://f.example</forums><kb>https://k.example</kb></search-settings>",
        SearchSettings::read,
        SearchSettings::write,
    );
    exact("<workgroup-properties xmlns='JIVE' jid='a@example.com'/>", PropertiesWanted::read, PropertiesWanted::write);
    exact(
        "<workgroup-properties xmlns='JIVE'><authRequired>true</authRequired><email>a@example.com</email><name>A</name></workgroup-properties>",
        WorkgroupProperties::read,
        WorkgroupProperties::write,
    );
}

#[test]
fn the_presence_says_when_settings_changed_in_both_places() {
    let expected = "<workgroup xmlns='JIVE' lastModified='20250918T10:00:00'><lastModified>20250918T10:00:00</lastModified></workgroup>";
    assert_eq!(String::from(&workgroup_presence(LegacyDate(1_758_189_600_000_000))), wire(expected));
}

#[test]
fn what_xml_cannot_carry_never_reaches_the_wire() {
    let mut metadata = Metadata::default();
    metadata.push("na\u{0}me", "va\u{1b}lue\u{FFFE}");
    let expected = "<metadata xmlns='JIVE'><value name='name'>value</value></metadata>";
    assert_eq!(String::from(&metadata.write()), wire(expected));
}
