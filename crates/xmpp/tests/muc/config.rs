//! Configuration: the owner's form over the network (XEP-0045 §10.2) and the host's call, and what a change does.

#![expect(clippy::unwrap_used, reason = "a dialogue that cannot be staged fails its test")]

use xmpp::minidom::Element;
use xmpp::muc::{
    Affiliation, Leaving, PrivateMessages, Registration, Roles, RoomConfig, RoomHappening, RoomRefusal, Whois,
};

use crate::hall::{ANNA, BERT, Hall, ROOM, SUPPORT, VISITOR, bare, codes};

const ERROR: &str = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const OWNER: &str = "xmlns='http://jabber.org/protocol/muc#owner'";
const USER: &str = "xmlns='http://jabber.org/protocol/muc#user'";

pub fn ask() -> String {
    format!("<iq to='{ROOM}' type='get' id='c'><query {OWNER}/></iq>")
}

pub fn submit(fields: &[(&str, &str)]) -> String {
    let field =
        |(name, value): &(&str, &str)| format!("<field var='muc#roomconfig_{name}'><value>{value}</value></field>");
    let fields: String = fields.iter().map(field).collect();
    format!(
        "<iq to='{ROOM}' type='set' id='c'><query {OWNER}><x xmlns='jabber:x:data' type='submit'>
         <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>{fields}</x></query></iq>"
    )
}

fn config(hall: &Hall) -> RoomConfig {
    hall.service.room(&bare(ROOM)).unwrap().config().clone()
}

#[test]
fn an_owner_reads_what_is_in_force() {
    let set = RoomConfig {
        title: "A Dark Cave".into(),
        password: Some("cauldronburn".into()),
        max_occupants: Some(10),
        members_only: true,
        ..RoomConfig::default()
    };
    let mut hall = Hall::with(set);
    hall.sends(SUPPORT, &ask());
    let field = |name: &str, value: &str| format!("<field var='muc#roomconfig_{name}'><value>{value}</value></field>");
    hall.receives(
        SUPPORT,
        &format!(
            "<iq from='{ROOM}' id='c' type='result'><query {OWNER}><x xmlns='jabber:x:data' type='form'>
             <field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/muc#roomconfig</value></field>
             {}{}{}{}{}{}</x></query></iq>",
            field("roomname", "A Dark Cave"),
            field("roomsecret", "cauldronburn"),
            field("maxusers", "10"),
            field("membersonly", "1"),
            field("whois", "moderators"),
            field("allowpm", "anyone"),
        ),
    );
}

#[test]
fn nobody_else_reads_or_changes_it() {
    let mut hall = Hall::open();
    hall.is(ANNA, Affiliation::Admin);
    for request in [ask(), submit(&[("roomname", "Mine")])] {
        hall.sends(ANNA, &request).is_refused(RoomRefusal::NotPermitted);
        hall.receives(ANNA, &format!("<iq type='error' id='c'><error type='auth'><forbidden {ERROR}/></error></iq>"));
    }
    assert_eq!(config(&hall), RoomConfig::default());
}

#[test]
fn every_field_of_the_form_means_what_it_says() {
    let mut hall = Hall::open();
    hall.sends(
        SUPPORT,
        &submit(&[
            ("roomname", "Cave"),
            ("roomdesc", "dark"),
            ("lang", "en"),
            ("persistentroom", "true"),
            ("publicroom", "1"),
            ("membersonly", "1"),
            ("moderatedroom", "1"),
            ("passwordprotectedroom", "1"),
            ("roomsecret", "macbeth"),
            ("whois", "anyone"),
            ("allowinvites", "1"),
            ("changesubject", "1"),
            ("allowpm", "moderators"),
            ("maxusers", "30"),
            ("historylength", "7"),
            ("enablelogging", "1"),
            ("enablearchiving", "1"),
            ("presencebroadcast", "moderator"),
            ("getmemberlist", "participant"),
            ("registration", "open"),
            ("allowqueries", "0"),
            ("publiclist", "1"),
            ("locknicks", "1"),
            ("pubsub", "xmpp:pubsub.example.org?;node=cave"),
            ("of-another-service", "ignored"),
        ]),
    );
    let expected = RoomConfig {
        title: "Cave".into(),
        description: "dark".into(),
        lang: "en".into(),
        persistent: true,
        public: true,
        members_only: true,
        moderated: true,
        password: Some("macbeth".into()),
        whois: Whois::Anyone,
        open_invitations: true,
        open_subject: true,
        private_messages: PrivateMessages::Moderators,
        max_occupants: Some(30),
        history: 7,
        public_log: true,
        nicks_locked: true,
        presence_broadcast: Roles { moderators: true, ..Roles::NONE },
        member_list: Roles { participants: true, ..Roles::NONE },
        registration: Registration::Open,
        queries: false,
        occupants_listed: true,
        archived: true,
        pubsub: "xmpp:pubsub.example.org?;node=cave".into(),
    };
    assert_eq!(config(&hall), expected);
}

#[test]
fn a_form_that_is_sent_back_as_it_came_changes_nothing() {
    let mut hall = Hall::with(RoomConfig { password: Some("x".into()), ..RoomConfig::conversation("Desk") });
    let before = config(&hall);
    hall.sends(SUPPORT, &ask());
    let answer = hall.next(SUPPORT);
    let form =
        String::from(&answer).replace("type='form'", "type='submit'").replace("type=\"form\"", "type=\"submit\"");
    let query: Element = form.parse().unwrap();
    let query = String::from(query.children().next().unwrap());
    hall.sends(SUPPORT, &format!("<iq to='{ROOM}' type='set' id='c'>{query}</iq>"));
    assert_eq!(config(&hall), before);
    assert!(hall.news().is_empty());
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let mut hall = Hall::open();
    for fields in [
        &[("membersonly", "maybe")][..],
        &[("whois", "nobody")],
        &[("maxusers", "many")],
        &[("maxusers", "0")],
        &[("historylength", "-1")],
        &[("passwordprotectedroom", "1")],
        &[("passwordprotectedroom", "1"), ("roomsecret", "")],
    ] {
        hall.sends(SUPPORT, &submit(fields));
        assert!(matches!(hall.refused, Some(RoomRefusal::BadConfiguration(_))), "{fields:?}: {:?}", hall.refused);
        hall.receives(
            SUPPORT,
            &format!("<iq type='error'><error type='modify'><not-acceptable {ERROR}/></error></iq>"),
        );
    }
    hall.sends(SUPPORT, &submit(&[("roomname", &"x".repeat(300))]));
    assert!(matches!(hall.refused, Some(RoomRefusal::TooLong { .. })));
    assert_eq!(config(&hall), RoomConfig::default());
}

#[test]
fn a_password_goes_when_it_is_switched_off() {
    let mut hall = Hall::with(RoomConfig { password: Some("x".into()), ..RoomConfig::default() });
    hall.sends(SUPPORT, &submit(&[("passwordprotectedroom", "1")]));
    assert_eq!(config(&hall).password.as_deref(), Some("x"));
    hall.sends(SUPPORT, &submit(&[("passwordprotectedroom", "0"), ("roomsecret", "y")]));
    assert_eq!(config(&hall).password, None);
}

#[test]
fn those_inside_are_told_what_kind_of_change_it_is() {
    for (fields, expected) in [
        (&[("roomname", "Other")][..], &["104"][..]),
        (&[("whois", "anyone")], &["172"]),
        (&[("enablelogging", "1")], &["170"]),
        (&[("whois", "anyone"), ("enablelogging", "1"), ("lang", "nl")], &["172", "170", "104"]),
    ] {
        let mut hall = Hall::open();
        hall.enters(ANNA, "Anna").skip_all();
        hall.sends(SUPPORT, &submit(fields));
        let notice = hall.next(ANNA);
        assert_eq!((notice.name(), notice.attr("type")), ("message", Some("groupchat")));
        assert_eq!(codes(&notice), expected);
        assert!(matches!(&hall.news()[..], [RoomHappening::Configured { .. }]));
    }
    let mut hall = Hall::with(RoomConfig { whois: Whois::Anyone, public_log: true, ..RoomConfig::default() });
    hall.enters(ANNA, "Anna").skip_all();
    hall.sends(SUPPORT, &submit(&[("whois", "moderators"), ("enablelogging", "0")]));
    assert_eq!(codes(&hall.next(ANNA)), ["173", "171"]);
}

#[test]
fn strangers_must_go_when_a_room_becomes_members_only() {
    let mut hall = Hall::open();
    hall.is(ANNA, Affiliation::Member).enters(ANNA, "Anna").enters(BERT, "Bert").skip_all();
    hall.sends(SUPPORT, &submit(&[("membersonly", "1")]));
    hall.receives(BERT, &format!("<presence type='unavailable'><x {USER}><status code='322'/></x></presence>"));
    assert_eq!(hall.nicks(), ["Anna"]);
    assert!(matches!(
        &hall.news()[..],
        [RoomHappening::Left { how: Leaving::MembersOnly, .. }, RoomHappening::Configured { .. }]
    ));
}

#[test]
fn the_host_configures_in_one_call() {
    let mut hall = Hall::conversation();
    hall.enters(VISITOR, "Guest").skip_all();
    let wanted = RoomConfig { title: "Order 1234".into(), ..RoomConfig::conversation("Support") };
    hall.host(|s, at| s.configure(at, &bare(ROOM), wanted.clone()));
    assert_eq!(config(&hall), wanted);
    assert_eq!(codes(&hall.next(VISITOR)), ["104"]);
    assert!(matches!(&hall.news()[..], [RoomHappening::Configured { by: None, .. }]));
}
