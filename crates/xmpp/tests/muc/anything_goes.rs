//! Whatever people, owners and the host do in whatever order, the rooms' invariants hold, refusals change nothing, and
//! those who follow what happened know exactly who is inside.

use std::collections::BTreeSet;

use proptest::prelude::*;
use xmpp::muc::{Affiliation, Creation, Limits, Role, RoomConfig, RoomHappening};
use xmpp::xep::chat::ChatContent;
use xmpp::xmpp_parsers::stanza::Stanza;

use crate::admin::change;
use crate::config::submit;
use crate::hall::{Hall, ROOM, SUPPORT, bare, full, parse};

const PEOPLE: [&str; 5] =
    [SUPPORT, "anna@example.org/1", "anna@example.org/2", "bert@example.org/1", "eve@evil.example/1"];
const NICKS: [&str; 5] = ["Support", "Anna", "ANNA", "Bert", "Eve"];

#[derive(Debug, Clone)]
enum Act {
    Enter(usize, usize),
    Leave(usize, usize),
    Say(usize),
    Lose(usize),
    Bounce(usize),
    Whisper(usize, usize),
    Invite(usize, usize),
    SetRole(usize, usize, usize),
    SetAffiliation(usize, usize, usize),
    BanDomain(usize),
    HostAffiliation(usize, usize),
    HostRole(usize, usize),
    Configure(usize, usize, bool),
    Subject(usize),
    Destroy(usize),
    Recreate(bool),
}

fn act() -> impl Strategy<Value = Act> {
    let (who, nick) = (0..PEOPLE.len(), 0..NICKS.len());
    prop_oneof![
        8 => (who.clone(), nick.clone()).prop_map(|(w, n)| Act::Enter(w, n)),
        2 => (who.clone(), nick.clone()).prop_map(|(w, n)| Act::Leave(w, n)),
        2 => who.clone().prop_map(Act::Say),
        1 => who.clone().prop_map(Act::Lose),
        1 => who.clone().prop_map(Act::Bounce),
        1 => (who.clone(), nick.clone()).prop_map(|(w, n)| Act::Whisper(w, n)),
        2 => (who.clone(), who.clone()).prop_map(|(w, o)| Act::Invite(w, o)),
        4 => (who.clone(), nick.clone(), 0..4usize).prop_map(|(w, n, r)| Act::SetRole(w, n, r)),
        6 => (who.clone(), who.clone(), 0..5usize).prop_map(|(w, o, a)| Act::SetAffiliation(w, o, a)),
        1 => who.clone().prop_map(Act::BanDomain),
        3 => (who.clone(), 0..5usize).prop_map(|(o, a)| Act::HostAffiliation(o, a)),
        2 => (nick, 0..4usize).prop_map(|(n, r)| Act::HostRole(n, r)),
        3 => (who.clone(), 0..5usize, any::<bool>()).prop_map(|(w, f, on)| Act::Configure(w, f, on)),
        1 => who.clone().prop_map(Act::Subject),
        1 => who.prop_map(Act::Destroy),
        1 => any::<bool>().prop_map(Act::Recreate),
    ]
}

fn perform(hall: &mut Hall, act: Act) {
    let room = bare(ROOM);
    match act {
        Act::Enter(who, nick) => hall.enters(PEOPLE[who], NICKS[nick]),
        Act::Leave(who, nick) => hall.leaves(PEOPLE[who], NICKS[nick]),
        Act::Say(who) => hall.host(|s, at| s.say(at, &room, &full(PEOPLE[who]), None, ChatContent::words("x"))),
        Act::Lose(who) => hall.host(|s, at| Ok(s.connection_lost(at, &full(PEOPLE[who])))),
        Act::Bounce(who) => {
            let gone = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
            hall.sends(PEOPLE[who], &format!("<presence to='{ROOM}/X' type='error'>{gone}</presence>"))
        }
        Act::Whisper(who, nick) => hall
            .sends(PEOPLE[who], &format!("<message to='{ROOM}/{}' type='chat'><body>x</body></message>", NICKS[nick])),
        Act::Invite(who, other) => {
            let invite = format!("<invite to='{}'/>", bare(PEOPLE[other]));
            let x = format!("<x xmlns='http://jabber.org/protocol/muc#user'>{invite}</x>");
            hall.sends(PEOPLE[who], &format!("<message to='{ROOM}'>{x}</message>"))
        }
        Act::SetRole(who, nick, role) => {
            let role = Role::ALL[role].as_str();
            hall.sends(PEOPLE[who], &change(&format!("<item nick='{}' role='{role}'/>", NICKS[nick])))
        }
        Act::SetAffiliation(who, other, affiliation) => {
            let affiliation = Affiliation::ALL[affiliation].as_str();
            let item = format!("<item jid='{}' affiliation='{affiliation}'/>", bare(PEOPLE[other]));
            hall.sends(PEOPLE[who], &change(&item))
        }
        Act::BanDomain(who) => hall.sends(PEOPLE[who], &change("<item jid='evil.example' affiliation='outcast'/>")),
        Act::HostAffiliation(other, affiliation) => hall.is(PEOPLE[other], Affiliation::ALL[affiliation]),
        Act::HostRole(nick, role) => hall.host(|s, at| s.set_role(at, &room, NICKS[nick], Role::ALL[role], None)),
        Act::Configure(who, field, on) => {
            let names = ["membersonly", "moderatedroom", "persistentroom", "allowinvites", "maxusers"];
            let value = if field == 4 {
                if on { "2" } else { "none" }
            } else if on {
                "1"
            } else {
                "0"
            };
            hall.sends(PEOPLE[who], &submit(&[(names[field], value)]))
        }
        Act::Subject(who) => {
            hall.sends(PEOPLE[who], &format!("<message to='{ROOM}' type='groupchat'><subject>x</subject></message>"))
        }
        Act::Destroy(who) => {
            let query = "<query xmlns='http://jabber.org/protocol/muc#owner'><destroy/></query>";
            hall.sends(PEOPLE[who], &format!("<iq to='{ROOM}' type='set' id='d'>{query}</iq>"))
        }
        Act::Recreate(members_only) => {
            let config = RoomConfig { members_only, ..RoomConfig::default() };
            hall.host(|s, _| s.create_room("r7f3", config, &bare(SUPPORT)).map(|_| Default::default()))
        }
    };
}

/// Follows who is inside, by what happened alone.
fn follow(inside: &mut BTreeSet<String>, happened: &[RoomHappening]) {
    for happening in happened {
        match happening {
            RoomHappening::Entered { real_jid, .. } => {
                assert!(inside.insert(real_jid.to_string()), "{real_jid} entered twice");
            }
            RoomHappening::Left { real_jid, .. } => {
                assert!(inside.remove(real_jid.as_str()), "{real_jid} left without having entered");
            }
            RoomHappening::Destroyed { .. } => assert!(inside.is_empty(), "somebody is left in a destroyed room"),
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_invariants_hold_whatever_anybody_does(by_entering in any::<bool>(), acts in prop::collection::vec(act(), 1..60)) {
        let limits = Limits { occupants_per_room: 3, affiliations_per_room: 4, history: 2, ..Limits::default() };
        let mut hall = Hall::empty(if by_entering { Creation::Anyone } else { Creation::HostOnly }, limits);
        let mut inside = BTreeSet::new();
        for act in acts {
            let before = format!("{:?}", hall.service.room(&bare(ROOM)));
            // The stage checks every room's invariants after every call.
            perform(&mut hall, act);
            let happened = hall.news();
            follow(&mut inside, &happened);
            if hall.refused.take().is_some() {
                prop_assert!(happened.is_empty());
                prop_assert_eq!(before, format!("{:?}", hall.service.room(&bare(ROOM))));
            }
            let sessions: BTreeSet<String> = hall.service.room(&bare(ROOM)).into_iter()
                .flat_map(|room| room.occupants()).flat_map(|o| o.sessions()).map(ToString::to_string).collect();
            prop_assert_eq!(&sessions, &inside);
            for who in PEOPLE {
                prop_assert_eq!(hall.service.rooms_of(&full(who)).count(), usize::from(inside.contains(who)));
            }
        }
    }
}

/// Elements of the room protocols, put together without sense.
fn nonsense() -> impl Strategy<Value = String> {
    let names = [
        "x", "query", "item", "invite", "decline", "destroy", "status", "body", "subject", "error", "history", "field",
        "value", "reason", "ping", "replace", "thread", "show",
    ];
    let spaces = [
        "",
        "http://jabber.org/protocol/muc",
        "http://jabber.org/protocol/muc#user",
        "http://jabber.org/protocol/muc#admin",
        "http://jabber.org/protocol/muc#owner",
        "http://jabber.org/protocol/disco#info",
        "jabber:x:data",
        "urn:xmpp:ping",
        "urn:ietf:params:xml:ns:xmpp-stanzas",
    ];
    let attributes = [
        "",
        "type='submit'",
        "type='cancel'",
        "nick='Anna'",
        "nick='Anna' role='none'",
        "affiliation='none'",
        "jid='anna@example.org'",
        "jid='@'",
        "code='110'",
        "maxstanzas='1'",
        "var='FORM_TYPE'",
        "to='bert@example.org'",
        "role='moderator'",
        "jid='anna@example.org' affiliation='owner'",
    ];
    let tag = (0..names.len(), 0..spaces.len(), 0..attributes.len()).prop_map(move |(name, space, attribute)| {
        let space = if spaces[space].is_empty() { String::new() } else { format!("xmlns='{}'", spaces[space]) };
        (names[name], format!("{space} {}", attributes[attribute]))
    });
    let leaf = (tag.clone(), "[ -%'-;=?-~\u{E9}\u{202E}]{0,8}")
        .prop_map(|((name, rest), text)| format!("<{name} {rest}>{text}</{name}>"));
    leaf.prop_recursive(3, 12, 3, move |inner| {
        (tag.clone(), prop::collection::vec(inner, 0..4))
            .prop_map(|((name, rest), children)| format!("<{name} {rest}>{}</{name}>", children.concat()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_stanza_however_senseless_breaks_a_room(
        stanzas in prop::collection::vec((0..PEOPLE.len(), 0..10usize, 0..4usize, prop::collection::vec(nonsense(), 0..3)), 1..25)
    ) {
        let mut hall = Hall::open();
        hall.enters(SUPPORT, "Support").enters(PEOPLE[1], "Anna");
        for (who, kind, to, children) in stanzas {
            let (name, kind) = [
                ("message", "groupchat"), ("message", "normal"), ("message", "error"), ("message", "chat"),
                ("presence", ""), ("presence", "unavailable"), ("presence", "error"),
                ("iq", "get"), ("iq", "set"), ("iq", "error"),
            ][kind];
            let kind = if kind.is_empty() { String::new() } else { format!("type='{kind}'") };
            let to = ["conference.example.org", ROOM, "r7f3@conference.example.org/Anna", "r7f3@conference.example.org/Eve"][to];
            let xml = format!("<{name} to='{to}' id='n' {kind}>{}</{name}>", children.concat());
            // What is no stanza does not pass the edge; everything else may come.
            if Stanza::try_from(parse(&xml)).is_ok() {
                hall.sends(PEOPLE[who], &xml);
            }
        }
    }
}
