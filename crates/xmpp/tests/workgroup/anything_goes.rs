//! Whatever is sent, no reader panics, and what was read can be written and carried by XML.

use proptest::prelude::*;
use xmpp::minidom::Element;
use xmpp::minidom::rxml::{Namespace, NcName};
use xmpp::workgroup::agent_list::{AgentInfo, AgentList, Workgroups};
use xmpp::workgroup::agent_status::AgentStatus;
use xmpp::workgroup::asked::Asked;
use xmpp::workgroup::chat_settings::{ChatSettings, ChatSettingsWanted};
use xmpp::workgroup::depart::DepartQueue;
use xmpp::workgroup::email::SendEmail;
use xmpp::workgroup::history::{ChatMetadataWanted, ChatSessions, GenericMetadata};
use xmpp::workgroup::join::JoinQueue;
use xmpp::workgroup::macros::{MacroGroup, MacrosWanted};
use xmpp::workgroup::monitor::Monitor;
use xmpp::workgroup::notes::ChatNotes;
use xmpp::workgroup::notify::{NotifyAgents, NotifyQueue, NotifyQueueDetails};
use xmpp::workgroup::occupants::OccupantsInfo;
use xmpp::workgroup::offer::{Offer, OfferAnswer, OfferRevoke};
use xmpp::workgroup::passing::PassOn;
use xmpp::workgroup::queue_status::QueueStatus;
use xmpp::workgroup::settings::{
    OfflineSettings, PropertiesWanted, SearchSettings, SoundSettings, WorkgroupProperties,
};
use xmpp::workgroup::transcript_search::TranscriptQuery;
use xmpp::workgroup::transcripts::{Transcript, Transcripts};
use xmpp::workgroup::{LegacyDate, Metadata, Session, read_user};
use xmpp::xep::commands::CommandAsked;
use xmpp::xep::data_form::Submission;

use crate::stage::{JIVE, NS};

const NAMES: &[&str] = &[
    "join-queue",
    "queue-notifications",
    "metadata",
    "value",
    "user",
    "session",
    "depart-queue",
    "jid",
    "queue-status",
    "position",
    "time",
    "agent-status",
    "max-chats",
    "max_chats",
    "current-chats",
    "chat",
    "agent-status-request",
    "agent",
    "name",
    "agent-info",
    "workgroups",
    "workgroup",
    "notify-agents",
    "available",
    "notify-queue",
    "count",
    "oldest",
    "status",
    "notify-queue-details",
    "join-time",
    "offer",
    "offer-accept",
    "offer-reject",
    "offer-revoke",
    "timeout",
    "reason",
    "user-request",
    "invite",
    "transfer",
    "inviter",
    "invitee",
    "room",
    "x",
    "field",
    "chat-settings",
    "chat-setting",
    "key",
    "type",
    "offline-settings",
    "redirectMUC",
    "sound-settings",
    "search-settings",
    "workgroup-properties",
    "authRequired",
    "chat-notes",
    "sessionID",
    "notes",
    "transcripts",
    "transcript",
    "agents",
    "agentJID",
    "joinTime",
    "transcript-search",
    "occupants-info",
    "occupant",
    "joined",
    "nickname",
    "macros",
    "personal",
    "personalMacro",
    "chat-metadata",
    "chat-sessions",
    "chat-session",
    "generic-metadata",
    "entry",
    "monitor",
    "makeOwner",
    "send-email",
    "command",
];
const SPACES: &[&str] =
    &[NS, JIVE, "jabber:x:data", "jabber:x:delay", "http://jabber.org/protocol/commands", "urn:other", "jabber:client"];
const ATTRIBUTES: &[&str] = &[
    "id",
    "jid",
    "name",
    "type",
    "var",
    "sessionID",
    "userID",
    "startTime",
    "roomID",
    "key",
    "node",
    "action",
    "stamp",
];
const TEXTS: &[&str] = &[
    "",
    " ",
    "4",
    "-1",
    "99999999999999999999",
    "true",
    "user@example.net/home",
    "@",
    "support",
    "queue",
    "submit",
    "cancel",
    "20050208T10:00:00",
    "2005",
    "queryString",
    "date/start",
    "é\u{1F600}",
    "<macrogroup/>",
    "<a><b>",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(TEXTS).prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn element() -> impl Strategy<Value = Element> {
    let head = || {
        let attributes = prop::collection::vec((prop::sample::select(ATTRIBUTES), text()), 0..4);
        (prop::sample::select(NAMES), prop::sample::select(SPACES), attributes, text())
    };
    let make = |(name, ns, attributes, text): (&str, &str, Vec<(&'static str, String)>, String)| {
        let mut element = Element::bare(name, ns);
        for (name, value) in attributes {
            element.set_attr(Namespace::NONE, NcName::try_from(name).expect("a name"), value);
        }
        element.append_text(text);
        element
    };
    head().prop_map(make).prop_recursive(4, 40, 6, move |inner| {
        (head(), prop::collection::vec(inner, 0..6)).prop_map(move |(head, children)| {
            let mut element = make(head);
            children.into_iter().for_each(|child| {
                element.append_child(child);
            });
            element
        })
    })
}

/// Reads as every kind there is, writes what could be read, and gives back what was written.
fn read_as_everything(e: &Element) -> Vec<Element> {
    macro_rules! all {
        ($($kind:ty),*) => { vec![$(<$kind>::read(e).ok().map(|it| it.write())),*] };
    }
    let mut written = all![
        JoinQueue,
        DepartQueue,
        QueueStatus,
        AgentStatus,
        AgentList,
        AgentInfo,
        Workgroups,
        NotifyAgents,
        NotifyQueue,
        NotifyQueueDetails,
        Offer,
        OfferAnswer,
        OfferRevoke,
        PassOn,
        ChatSettings,
        ChatSettingsWanted,
        SearchSettings,
        PropertiesWanted,
        WorkgroupProperties,
        ChatNotes,
        Transcripts,
        Transcript,
        OccupantsInfo,
        MacrosWanted,
        ChatMetadataWanted,
        ChatSessions,
        GenericMetadata,
        Monitor,
        SendEmail,
        Metadata,
        Session,
        Submission
    ];
    written.push(OfflineSettings::read(e).ok().flatten().map(|it| it.write()));
    written.push(SoundSettings::read(e).ok().flatten().map(|it| it.write()));
    let _ =
        (read_user(e), TranscriptQuery::read(e), CommandAsked::read(e), Asked::read(true, e), Asked::read(false, e));
    written.into_iter().flatten().collect()
}

/// The same element under another name and namespace.
fn renamed(e: &Element, name: &str, ns: &str) -> Element {
    let mut copy = Element::bare(name, ns);
    *copy.attrs_mut() = e.attrs().clone();
    e.nodes().for_each(|node| copy.append_node(node.clone()));
    copy
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_element_makes_a_reader_panic(e in element(), name in prop::sample::select(NAMES)) {
        for e in [renamed(&e, name, NS), renamed(&e, name, JIVE), renamed(&e, name, "jabber:x:data"), e] {
            for written in read_as_everything(&e) {
                let text = String::from(&written);
                prop_assert!(text.parse::<Element>().is_ok(), "{text}");
            }
        }
    }

    #[test]
    fn no_text_makes_the_readers_of_text_panic(text in "\\PC{0,40}", at in any::<i64>()) {
        let _ = MacroGroup::from_text(&text);
        let _ = text.parse::<LegacyDate>();
        let written = LegacyDate(at).to_string();
        prop_assert!(written.len() == 17 && written.parse::<LegacyDate>().is_ok());
    }
}
