//! The dialect's elements about conversations that go on or are over: notes, transcripts, search, occupants, macros,
//! history, monitoring, mail.

use xmpp::markup::Fault;
use xmpp::workgroup::asked::Asked;
use xmpp::workgroup::email::SendEmail;
use xmpp::workgroup::history::{ChatMetadataWanted, ChatSessions, GenericMetadata};
use xmpp::workgroup::macros::{Macro, MacroGroup, MacroKind, MacrosWanted};
use xmpp::workgroup::monitor::Monitor;
use xmpp::workgroup::notes::ChatNotes;
use xmpp::workgroup::occupants::OccupantsInfo;
use xmpp::workgroup::transcript_search::{TranscriptFound, TranscriptQuery};
use xmpp::workgroup::transcripts::{Transcript, Transcripts};
use xmpp::workgroup::{LegacyDate, Metadata};

use crate::stage::{becomes, exact, parse, wire};

const TEN_OCLOCK: LegacyDate = LegacyDate(1_758_189_600_000_000);

#[test]
fn notes_are_called_text_in_answers() {
    let xml = "<chat-notes xmlns='JIVE'><sessionID>abc</sessionID><notes>a note</notes></chat-notes>";
    let notes = exact(xml, ChatNotes::read, ChatNotes::write);
    assert_eq!(notes.notes.as_deref(), Some("a note"));
    // A get never writes, whatever it holds.
    let Ok(Some(Asked::Notes(asked))) = Asked::read(false, &parse(xml)) else { panic!("notes") };
    assert_eq!(asked.notes, None);
    let expected = "<chat-notes xmlns='JIVE'><sessionID>abc</sessionID><text>a note</text></chat-notes>";
    assert_eq!(String::from(&ChatNotes::answer("abc", "a note")), wire(expected));
    assert_eq!(ChatNotes::read(&parse("<chat-notes xmlns='JIVE'/>")), Err(Fault::Missing("sessionID")));
}

#[test]
fn transcripts_are_asked_in_one_namespace_and_answered_in_the_other() {
    becomes(
        "<transcripts xmlns='NS' userID='user@example.net'/>",
        "<transcripts xmlns='JIVE' userID='user@example.net'/>",
        Transcripts::read,
        Transcripts::write,
    );
    exact(
        "<transcripts xmlns='JIVE' userID='user@example.net'><transcript sessionID='abc12342'><agents><agent>\
         <agentJID>alice@example.com</agentJID><joinTime>20250918T10:00:05</joinTime><leftTime>20250918T10:05:00</leftTime></agent>\
         </agents><joinTime>20250918T10:00:00</joinTime><leftTime>20250918T10:05:10</leftTime></transcript></transcripts>",
        Transcripts::read,
        Transcripts::write,
    );
    let asked = Asked::read(false, &parse("<transcript xmlns='NS' sessionID='abc12342'/>")).unwrap();
    assert_eq!(asked, Some(Asked::Transcript("abc12342".to_owned())));
    let room = "abc12342@conference.example.com".parse().unwrap();
    let transcript = Transcript {
        session: "abc12342".to_owned(),
        stanzas: vec![
            (TEN_OCLOCK, Transcript::presence(&room, "John", true)),
            (TEN_OCLOCK, Transcript::said(&room, "John", "Good <morning>")),
        ],
    };
    let expected = "<transcript xmlns='JIVE' sessionID='abc12342'>\
        <presence xmlns='jabber:client' from='abc12342@conference.example.com/John'><x xmlns='jabber:x:delay' stamp='20250918T10:00:00'/></presence>\
        <message xmlns='jabber:client' from='abc12342@conference.example.com/John' type='groupchat'><body>Good &lt;morning&gt;</body>\
        <x xmlns='jabber:x:delay' stamp='20250918T10:00:00'/></message></transcript>";
    let written = transcript.write();
    assert_eq!(String::from(&written), wire(expected));
    assert_eq!(Transcript::read(&written).unwrap().stanzas.len(), 2);
}

#[test]
fn searching() {
    assert_eq!(TranscriptQuery::read(&parse("<transcript-search xmlns='JIVE'/>")), Ok(None));
    let form = String::from(&TranscriptQuery::form());
    assert!(form.contains("<field label='Words' type='text-single' var='queryString'><required/></field>"), "{form}");
    let xml = "<transcript-search xmlns='JIVE'><x xmlns='jabber:x:data' type='submit'><field var='queryString'><value>refund</value></field>\
        <field var='date/start'><value>20250918T10:00:00</value></field><field var='date/end'><value/></field>\
        <field var='workgroups'><value>a@w.example</value><value>b@w.example</value></field><field var='agent'><value/></field></x></transcript-search>";
    let query = TranscriptQuery::read(&parse(xml)).unwrap().unwrap();
    assert_eq!((query.words.as_str(), query.from, query.to), ("refund", Some(TEN_OCLOCK), None));
    assert_eq!((query.workgroups.len(), query.agent), (2, None));
    let found = TranscriptFound {
        workgroup: "a@w.example".parse().unwrap(),
        session: "s1".to_owned(),
        start: TEN_OCLOCK,
        agents: vec!["alice@example.com".parse().unwrap()],
        relevance: 100,
        question: Some("why?".to_owned()),
        email: None,
        username: None,
    };
    let expected = "<transcript-search xmlns='JIVE'><x xmlns='jabber:x:data' type='result'><reported>\
        <field type='jid-single' var='workgroup'/><field type='text-single' var='sessionID'/><field type='text-single' var='startDate'/>\
        <field type='jid-multi' var='agentJIDs'/><field type='text-single' var='relevance'/></reported><item>\
        <field var='workgroup'><value>a@w.example</value></field><field var='sessionID'><value>s1</value></field>\
        <field var='startDate'><value>20250918T10:00:00</value></field><field var='agentJIDs'><value>alice@example.com</value></field>\
        <field var='relevance'><value>100</value></field><field var='question'><value>why?</value></field></item></x></transcript-search>";
    assert_eq!(String::from(&TranscriptQuery::results(&[found])), wire(expected));
}

#[test]
fn occupants() {
    exact("<occupants-info xmlns='JIVE' roomID='abc12342'/>", OccupantsInfo::read, OccupantsInfo::write);
    exact(
        "<occupants-info xmlns='JIVE' roomID='abc12342'><occupant><jid>user@example.net/home</jid><nickname>John</nickname>\
         <joined>20250918T10:00:00</joined></occupant></occupants-info>",
        OccupantsInfo::read,
        OccupantsInfo::write,
    );
}

fn greetings() -> MacroGroup {
    let hi = Macro { title: "Hi".into(), kind: MacroKind::Text, description: "d".into(), response: "Hello".into() };
    let inner = MacroGroup { title: "More".into(), macros: vec![hi.clone()], groups: Vec::new() };
    MacroGroup { title: "Root".into(), macros: vec![hi], groups: vec![inner] }
}

#[test]
fn macros_are_text_that_is_xml() {
    let answer = "<macro><title>Hi</title><type>0</type><description>d</description><response>Hello</response></macro>";
    let expected = format!(
        "<macrogroup><title>Root</title><macros>{answer}</macros><macroGroups><macrogroup><title>More</title><macros>{answer}</macros>\
         <macroGroups></macroGroups></macrogroup></macroGroups></macrogroup>"
    );
    let text = greetings().to_text();
    assert_eq!(text.replace("<macroGroups/>", "<macroGroups></macroGroups>"), expected);
    assert_eq!(MacroGroup::from_text(&text), Ok(greetings()));
    let model = MacrosWanted::answer(&greetings());
    assert_eq!(model.get_child("model", crate::stage::JIVE).unwrap().text(), text);
    exact("<macros xmlns='JIVE'><personal>true</personal></macros>", MacrosWanted::read, MacrosWanted::write);
    let set = MacrosWanted { personal: true, new: Some(greetings()) };
    assert_eq!(MacrosWanted::read(&parse(&String::from(&set.write()))), Ok(set));
}

#[test]
fn macros_cannot_be_nested_without_end() {
    let deep = "<a>".repeat(20_000) + &"</a>".repeat(20_000);
    assert!(MacroGroup::from_text(&deep).is_err());
    let deep = "<a>".repeat(5_000) + &"</a>".repeat(5_000);
    assert_eq!(MacroGroup::from_text(&deep), Err(Fault::TooDeep));
    for text in ["", "<", "<macrogroup>", "</x>", "<other/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><macrogroup/>"] {
        assert!(MacroGroup::from_text(text).is_err(), "{text}");
    }
}

#[test]
fn what_came_with_a_request() {
    exact(
        "<chat-metadata xmlns='JIVE'><sessionID>abc</sessionID></chat-metadata>",
        ChatMetadataWanted::read,
        ChatMetadataWanted::write,
    );
    let mut metadata = Metadata::default();
    metadata.push("k", "v");
    let expected = "<chat-metadata xmlns='JIVE'><metadata><value name='k'>v</value></metadata></chat-metadata>";
    assert_eq!(String::from(&ChatMetadataWanted::answer(&metadata)), wire(expected));
}

#[test]
fn past_conversations_have_all_their_parts() {
    exact(
        "<chat-sessions xmlns='JIVE' agentJID='alice@example.com' maxSessions='10' startDate='0'/>",
        ChatSessions::read,
        ChatSessions::write,
    );
    exact(
        "<chat-sessions xmlns='JIVE' agentJID='alice@example.com'><chat-session><sessionID>abc</sessionID><date>1000</date>\
         <duration>2000</duration><visitorsName>John</visitorsName><visitorsEmail></visitorsEmail><question></question></chat-session></chat-sessions>",
        ChatSessions::read,
        ChatSessions::write,
    );
    exact(
        "<generic-metadata xmlns='JIVE'><query>q</query></generic-metadata>",
        GenericMetadata::read,
        GenericMetadata::write,
    );
    exact(
        "<generic-metadata xmlns='JIVE'><entry><name>a</name><value>b</value></entry></generic-metadata>",
        GenericMetadata::read,
        GenericMetadata::write,
    );
}

#[test]
fn monitoring() {
    exact("<monitor xmlns='JIVE'/>", Monitor::read, Monitor::write);
    let owner = exact(
        "<monitor xmlns='JIVE'><makeOwner sessionID='abc12342'></makeOwner></monitor>",
        Monitor::read,
        Monitor::write,
    );
    assert_eq!(owner.make_owner.as_deref(), Some("abc12342"));
    let expected = "<monitor xmlns='JIVE'><isMonitor>true</isMonitor></monitor>";
    assert_eq!(String::from(&Monitor::answer(true)), wire(expected));
}

#[test]
fn mail() {
    let mail = exact(
        "<send-email xmlns='JIVE'><fromAddress>a@example.com</fromAddress><toAddress>b@example.com</toAddress><subject>S</subject>\
         <message>Hello</message><useHTML>false</useHTML></send-email>",
        SendEmail::read,
        SendEmail::write,
    );
    assert!(mail.is_complete());
    let lines = SendEmail::read(&parse("<send-email xmlns='JIVE'><message>a\\nb</message></send-email>")).unwrap();
    assert_eq!((lines.message.as_deref(), lines.is_complete()), (Some("a\nb"), false));
}
