//! Stanzas from strangers. The first byte chooses the house; then a line each: its first byte is the sender, the rest a stanza.
//! No stanza breaks a room, a refusal changes nothing, who follows what happened knows who is inside, and what is sent out can
//! be written and read again.

#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use xmpp::jid::{BareJid, FullJid, Jid};
use xmpp::minidom::Element;
use xmpp::muc::{Creation, Limits, Moment, OccupantKey, Outcome, RoomConfig, RoomHappening, Service};
use xmpp::xmpp_parsers::stanza::Stanza;

const PEOPLE: [&str; 6] = [
    "support@workgroup.example.org/recorder",
    "anna@example.org/1",
    "anna@example.org/2",
    "bert@example.org/1",
    "eve@evil.example/1",
    "evil.example",
];
/// As deep as an edge lets a stanza be.
const DEPTH_MAX: usize = 32;
const LINE_MAX: usize = 4_096;
const LINES_MAX: usize = 60;

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let house = lines.next().and_then(|line| line.bytes().next()).unwrap_or_default();
    let Some(mut service) = service(house) else { return };
    let mut inside = BTreeSet::new();
    for (number, line) in lines.take(LINES_MAX).enumerate() {
        let mut chars = line.chars();
        let Some(sender) = chars.next() else { continue };
        let Some(stanza) = stanza(chars.as_str()) else { continue };
        let Ok(from) = Jid::new(PEOPLE[sender as usize % PEOPLE.len()]) else { return };
        let id = format!("id-{number}");
        let moment = Moment { now_us: 1_790_000_000_000_000 + number as i64, stanza_id: &id };
        let outcome = service.handle(moment, &from, stanza);
        judge(&service, &outcome, &mut inside);
    }
});

/// Houses with and without a room, strict and open, with wide and tight limits.
fn service(house: u8) -> Option<Service> {
    let tight = Limits { occupants_per_room: 3, affiliations_per_room: 4, history: 2, rooms: 2, ..Limits::default() };
    let limits = if house & 1 == 0 { Limits::default() } else { tight };
    let creation = if house & 2 == 0 { Creation::HostOnly } else { Creation::Anyone };
    let key = OccupantKey::new([7; 32]);
    let mut service = Service::new(BareJid::new("conference.example.org").ok()?, key, limits, creation);
    if house & 4 == 0 {
        let config = if house & 8 == 0 { RoomConfig::default() } else { RoomConfig::conversation("Support") };
        service.create_room("r7f3", config, &BareJid::new("support@workgroup.example.org").ok()?).ok()?;
    }
    Some(service)
}

/// A stanza written without its namespace.
fn stanza(xml: &str) -> Option<Stanza> {
    if xml.len() > LINE_MAX {
        return None;
    }
    let at = xml.find([' ', '>', '/'])?;
    let element: Element = format!("{} xmlns='jabber:client'{}", &xml[..at], &xml[at..]).parse().ok()?;
    (depth(&element) <= DEPTH_MAX).then(|| Stanza::try_from(element).ok())?
}

fn depth(element: &Element) -> usize {
    1 + element.children().map(depth).max().unwrap_or_default()
}

fn judge(service: &Service, outcome: &Outcome, inside: &mut BTreeSet<FullJid>) {
    assert!(outcome.refused.is_none() || outcome.happened.is_empty(), "a refusal changed something");
    for happening in &outcome.happened {
        match happening {
            RoomHappening::Entered { real_jid, room, .. } if room.as_str().starts_with("r7f3@") => {
                assert!(inside.insert(real_jid.clone()), "{real_jid} entered twice");
            }
            RoomHappening::Left { real_jid, room, .. } if room.as_str().starts_with("r7f3@") => {
                assert!(inside.remove(real_jid), "{real_jid} left without having entered");
            }
            _ => {}
        }
    }
    for room in service.rooms() {
        if let Err(broken) = room.check(service.limits()) {
            panic!("{}: {broken}", room.jid());
        }
    }
    for outbound in &outcome.outbound {
        let mut written = Vec::new();
        outbound.to_element().write_to(&mut written).expect("what is sent out can be written");
        let text = std::str::from_utf8(&written).expect("what is written is UTF-8");
        let again: Element = text.parse().unwrap_or_else(|error| panic!("{error}: {text}"));
        assert!(Stanza::try_from(again).is_ok(), "sent out and no stanza: {text}");
    }
}
