//! A room beside a naive model of one: the same random stanzas to both, then the same people with the same nicks,
//! affiliations and roles inside, the same refusals, and everybody's own picture of the room, made from what they
//! received alone, is the room. The model knows the tables of XEP-0045 §5 and no code of the service.

#![expect(clippy::unwrap_used, reason = "a dialogue that cannot be staged fails its test")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use xmpp::minidom::Element;
use xmpp::muc::{Moment, Pace, RoomConfig};
use xmpp::xmpp_parsers::stanza::Stanza;

use crate::admin::change;
use crate::config::submit;
use crate::hall::{Hall, ROOM, bare, codes, parse};

const PEOPLE: [&str; 5] =
    ["owner@example.org/o", "anna@example.org/a", "bert@example.org/b", "eve@evil.example/e", "finn@example.org/f"];
const NICKS: [&str; 6] = ["Owner", "Anna", "ANNA", "Bert", "Eve", "Finn"];
const AFFILIATIONS: [&str; 5] = ["outcast", "none", "member", "admin", "owner"];
const ROLES: [&str; 4] = ["none", "visitor", "participant", "moderator"];

#[derive(Debug, Clone)]
enum Act {
    Present(usize, usize),
    Leave(usize),
    Say(usize),
    SetRole(usize, usize, usize),
    SetAffiliation(usize, usize, usize),
    MembersOnly(usize, bool),
    Moderated(usize, bool),
}

fn act() -> impl Strategy<Value = Act> {
    let (who, nick) = (0..PEOPLE.len(), 0..NICKS.len());
    prop_oneof![
        8 => (who.clone(), nick.clone()).prop_map(|(who, nick)| Act::Present(who, nick)),
        2 => who.clone().prop_map(Act::Leave),
        3 => who.clone().prop_map(Act::Say),
        6 => (who.clone(), nick, 0..4usize).prop_map(|(who, nick, role)| Act::SetRole(who, nick, role)),
        8 => (who.clone(), who.clone(), 0..5usize).prop_map(|(who, whose, to)| Act::SetAffiliation(who, whose, to)),
        1 => (who.clone(), any::<bool>()).prop_map(|(who, on)| Act::MembersOnly(who, on)),
        1 => (who, any::<bool>()).prop_map(|(who, on)| Act::Moderated(who, on)),
    ]
}

/// What the model knows. Powers are numbers: places in the lists above.
#[derive(Debug, Clone)]
struct Model {
    affiliation: [usize; 5],
    /// Nick and role of those inside.
    inside: [Option<(usize, usize)>; 5],
    members_only: bool,
    moderated: bool,
}

const OUTCAST: usize = 0;
const NONE: usize = 1;
const ADMIN: usize = 3;
const OWNER: usize = 4;
const MODERATOR: usize = 3;

impl Model {
    fn new() -> Model {
        let affiliation = [OWNER, NONE, NONE, NONE, NONE];
        Model { affiliation, inside: [None; 5], members_only: false, moderated: false }
    }

    fn role_on_entering(&self, who: usize) -> usize {
        match self.affiliation[who] {
            ADMIN | OWNER => MODERATOR,
            NONE if self.moderated => 1,
            _ => 2,
        }
    }

    fn is_shut_out(&self, who: usize) -> bool {
        self.affiliation[who] == OUTCAST || (self.members_only && self.affiliation[who] == NONE)
    }

    fn is_taken(&self, nick: usize, by_others_than: usize) -> bool {
        let alike = |other: usize| NICKS[other].to_lowercase() == NICKS[nick].to_lowercase();
        (0..5).any(|who| who != by_others_than && self.inside[who].is_some_and(|(theirs, _)| alike(theirs)))
    }

    /// Carries out an act, or says that it is refused and changes nothing.
    fn act(&mut self, act: &Act) -> bool {
        match *act {
            Act::Present(who, nick) => {
                if (self.inside[who].is_none() && self.is_shut_out(who)) || self.is_taken(nick, who) {
                    return false;
                }
                let role = self.inside[who].map_or_else(|| self.role_on_entering(who), |(_, role)| role);
                self.inside[who] = Some((nick, role));
            }
            Act::Leave(who) => self.inside[who] = None,
            Act::Say(who) => return self.inside[who].is_some_and(|(_, role)| role >= 2),
            Act::SetRole(who, nick, to) => return self.set_role(who, nick, to),
            Act::SetAffiliation(who, whose, to) => return self.set_affiliation(who, whose, to),
            Act::MembersOnly(who, on) => {
                if self.affiliation[who] != OWNER {
                    return false;
                }
                self.members_only = on;
                for other in 0..5 {
                    if self.is_shut_out(other) {
                        self.inside[other] = None;
                    }
                }
            }
            Act::Moderated(who, on) => {
                if self.affiliation[who] != OWNER {
                    return false;
                }
                self.moderated = on;
            }
        }
        true
    }

    fn set_role(&mut self, who: usize, nick: usize, to: usize) -> bool {
        let found =
            (0..5).find_map(|whose| self.inside[whose].filter(|(n, _)| *n == nick).map(|(_, role)| (whose, role)));
        let Some((whose, from)) = found else { return false };
        if self.inside[who].is_none_or(|(_, role)| role != MODERATOR) {
            return false;
        }
        let (mine, theirs) = (self.affiliation[who], self.affiliation[whose]);
        let permitted = match to {
            0 => who != whose && theirs <= mine,
            MODERATOR => mine >= ADMIN,
            // An admin or owner is a moderator always; a moderator is made less by admins and owners only.
            _ => theirs < ADMIN && (from != MODERATOR || mine >= ADMIN) && (to >= from || theirs <= mine),
        };
        if permitted {
            self.inside[whose] = (to != 0).then_some((nick, to));
        }
        permitted
    }

    fn set_affiliation(&mut self, who: usize, whose: usize, to: usize) -> bool {
        let (mine, from) = (self.affiliation[who], self.affiliation[whose]);
        let permitted = match mine {
            OWNER => !(who == whose && to == OUTCAST),
            ADMIN => from < ADMIN && to < ADMIN && !(who == whose && to == OUTCAST),
            _ => false,
        };
        let last = from == OWNER && to != OWNER && self.affiliation.iter().filter(|a| **a == OWNER).count() == 1;
        if !permitted || last {
            return false;
        }
        if from == to {
            return true;
        }
        self.affiliation[whose] = to;
        let Some((nick, role)) = self.inside[whose] else { return true };
        let keeps = role == MODERATOR && from < ADMIN && to < ADMIN;
        let role = if keeps { MODERATOR } else { self.role_on_entering(whose) };
        self.inside[whose] = (!self.is_shut_out(whose)).then_some((nick, role));
        true
    }

    /// Nick, affiliation and role of those inside.
    fn picture(&self) -> Picture {
        let seen = |who: usize| {
            let (nick, role) = self.inside[who]?;
            Some((NICKS[nick].to_owned(), (AFFILIATIONS[self.affiliation[who]].to_owned(), ROLES[role].to_owned())))
        };
        (0..5).filter_map(seen).collect()
    }
}

/// Nick → affiliation and role.
type Picture = BTreeMap<String, (String, String)>;

/// What somebody believes of the room, from what they received.
#[derive(Debug, Default)]
struct Client {
    picture: Picture,
    words: usize,
}

impl Client {
    fn receives(&mut self, stanza: &Element) {
        match (stanza.name(), stanza.attr("type")) {
            ("message", Some("groupchat")) => self.words += usize::from(crate::hall::holds(stanza, "body")),
            ("presence", kind @ (None | Some("unavailable"))) => {
                let from = stanza.attr("from").unwrap();
                let nick = from.split_once('/').unwrap().1.to_owned();
                let own = codes(stanza).contains(&"110".to_owned());
                if kind.is_some() {
                    self.picture.remove(&nick);
                    if own && !codes(stanza).contains(&"303".to_owned()) {
                        self.picture.clear();
                    }
                    return;
                }
                let user =
                    stanza.children().find(|child| child.is("x", "http://jabber.org/protocol/muc#user")).unwrap();
                let item = user.children().find(|child| child.name() == "item").unwrap();
                let text = |name: &str| item.attr(name).unwrap().to_owned();
                self.picture.insert(nick, (text("affiliation"), text("role")));
            }
            _ => {}
        }
    }
}

fn stanza(act: &Act) -> (usize, String) {
    match *act {
        Act::Present(who, nick) => {
            let muc = "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>";
            (who, format!("<presence to='{ROOM}/{}'>{muc}</presence>", NICKS[nick]))
        }
        Act::Leave(who) => (who, format!("<presence to='{ROOM}/any' type='unavailable'/>")),
        Act::Say(who) => (who, format!("<message to='{ROOM}' type='groupchat'><body>x</body></message>")),
        Act::SetRole(who, nick, to) => (who, change(&format!("<item nick='{}' role='{}'/>", NICKS[nick], ROLES[to]))),
        Act::SetAffiliation(who, whose, to) => {
            let (jid, affiliation) = (bare(PEOPLE[whose]), AFFILIATIONS[to]);
            (who, change(&format!("<item jid='{jid}' affiliation='{affiliation}'/>")))
        }
        Act::MembersOnly(who, on) => (who, submit(&[("membersonly", if on { "1" } else { "0" })])),
        Act::Moderated(who, on) => (who, submit(&[("moderatedroom", if on { "1" } else { "0" })])),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_room_is_what_the_model_says_and_everybody_sees_it_so(acts in prop::collection::vec(act(), 1..80)) {
        let limits = xmpp::muc::Limits { presence_pace: Pace::UNLIMITED, ..Default::default() };
        let mut service = Hall::empty(xmpp::muc::Creation::HostOnly, limits).service;
        let config = RoomConfig { persistent: true, history: 0, ..RoomConfig::default() };
        service.create_room("r7f3", config, &bare(PEOPLE[0])).unwrap();
        let mut model = Model::new();
        let mut clients: [Client; 5] = Default::default();
        for (nth, act) in acts.iter().enumerate() {
            let was_inside = model.inside;
            let permitted = model.act(act);
            let (who, xml) = stanza(act);
            let at = Moment { now_us: 0, stanza_id: &format!("id-{nth}") };
            let outcome = service.handle(at, &PEOPLE[who].parse().unwrap(), Stanza::try_from(parse(&xml)).unwrap());
            prop_assert_eq!(outcome.refused.is_none(), permitted, "{:?}: {:?}", act, outcome.refused);
            for outbound in &outcome.outbound {
                let element = outbound.to_element();
                let to = PEOPLE.iter().position(|person| *person == outbound.to.as_str());
                let Some(to) = to else {
                    // Whoever is not inside is told of another standing at their bare address, and of nothing else.
                    prop_assert!(outbound.to.is_bare() && codes(&element) == ["101"]);
                    continue;
                };
                let is_for_occupants = element.name() != "iq" && element.attr("type") != Some("error");
                let is_or_was = model.inside[to].is_some() || was_inside[to].is_some();
                prop_assert!(is_or_was || !is_for_occupants, "{} received {}", PEOPLE[to], String::from(&element));
                clients[to].receives(&element);
            }
            let expected = model.picture();
            let room = service.room(&bare(ROOM)).unwrap();
            let actual: Picture = room.occupants().map(|o| {
                let affiliation = room.affiliation_of(o.bare_jid()).as_str().to_owned();
                (o.nick().to_string(), (affiliation, o.role().as_str().to_owned()))
            }).collect();
            prop_assert_eq!(&actual, &expected, "after {:?}", act);
            for (who, client) in clients.iter_mut().enumerate() {
                let expected = if model.inside[who].is_some() { expected.clone() } else { Picture::new() };
                prop_assert_eq!(&client.picture, &expected, "{} after {:?}", PEOPLE[who], act);
                let heard = usize::from(permitted && matches!(act, Act::Say(_)) && model.inside[who].is_some());
                prop_assert_eq!(std::mem::take(&mut client.words), heard);
            }
        }
    }
}
