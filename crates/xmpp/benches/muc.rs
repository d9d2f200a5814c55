//! `cargo xtask bench muc`: what the rooms cost without a network: the decision about one groupchat message with 2 and with
//! 500 occupants and with many other rooms around, entering and leaving a full room, a room's whole life, and memory per
//! room. Beside each message figure stands what copying the stanza for each receiver would cost in the same run.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be staged fails")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use xmpp::jid::{BareJid, FullJid, Jid};
use xmpp::muc::{Creation, Entry, Limits, Moment, OccupantKey, RoomConfig, Service};
use xmpp::xmpp_parsers::message::{Id, Lang, Message};
use xmpp::xmpp_parsers::presence::{Presence, Type};
use xmpp::xmpp_parsers::stanza::Stanza;

const SERVICE: &str = "conference.example.org";

fn main() {
    memory();
    println!("| | nanoseconds, median of rounds (least) | per receiver | copied for each receiver |");
    println!("|---|---:|---:|---:|");
    for (others, inside) in [(0, 2), (10_000, 2), (0, 500), (10_000, 500)] {
        messages(others, inside);
    }
    println!("\n| | microseconds |\n|---|---:|");
    for inside in [2, 100, 500] {
        entries(inside);
    }
    cycles();
}

fn moment() -> Moment<'static> {
    Moment { now_us: 1_700_000_000_000_000, stanza_id: "01JD4Q6ZK3V7YB2N5W8X9T0RCE" }
}

fn service() -> Service {
    let limits = Limits { occupants_per_room: 1_000, ..Limits::default() };
    Service::new(BareJid::new(SERVICE).unwrap(), OccupantKey::new([7; 32]), limits, Creation::HostOnly)
}

fn person(number: usize) -> FullJid {
    FullJid::new(&format!("person-{number}@example.org/desk-{number}")).unwrap()
}

fn room_with(service: &mut Service, name: &str, inside: usize) -> BareJid {
    let owner = BareJid::new("owner@example.org").unwrap();
    let room = service.create_room(name, RoomConfig::default(), &owner).unwrap();
    for number in 0..inside {
        service.enter(moment(), &room, &person(number), &format!("Person {number}"), &Entry::default()).unwrap();
    }
    room
}

fn message(to: &BareJid) -> Message {
    let mut message = Message::groupchat(Jid::from(to.clone()));
    message.id = Some(Id("4f1b9c2e-6d0a-4b53-9e57-0c1d2e3f4a5b".to_owned()));
    let payload = "<markable xmlns='urn:xmpp:chat-markers:0'/>".parse().unwrap();
    message.payloads.push(payload);
    message.bodies.insert(Lang::new(), "Good morning, how can we help you with your order today?".to_owned());
    message
}

/// Times rounds of a call; its median and least, each for one call.
fn rounds(calls: usize, mut call: impl FnMut()) -> (Duration, Duration) {
    let mut times: Vec<Duration> = (0..15)
        .map(|_| {
            let start = Instant::now();
            (0..calls).for_each(|_| call());
            start.elapsed() / u32::try_from(calls).unwrap()
        })
        .collect();
    times.sort_unstable();
    (times[times.len() / 2], times[0])
}

fn messages(others: usize, inside: usize) {
    let mut service = service();
    for other in 0..others {
        room_with(&mut service, &format!("other-{other}"), 1);
    }
    let room = room_with(&mut service, "room", inside);
    let from: Jid = person(0).into();
    let said = message(&room);
    let calls = if inside > 100 { 2_000 } else { 20_000 };
    let (empty, _) = rounds(calls, || drop(black_box(Stanza::Message(said.clone()))));
    let (median, least) = rounds(calls, || {
        let outcome = service.handle(moment(), &from, Stanza::Message(said.clone()));
        assert_eq!(black_box(outcome).outbound.len(), inside);
    });
    let (copied, _) = rounds(calls / 20, || {
        let outcome = service.handle(moment(), &from, Stanza::Message(said.clone()));
        outcome.outbound.iter().for_each(|outbound| drop(black_box(outbound.to_stanza())));
    });
    let (median, least, copied) = (median - empty, least.saturating_sub(empty), copied - empty);
    println!(
        "| a message, {inside} inside, {others} other rooms | {} ({}) | {} | {} |",
        median.as_nanos(),
        least.as_nanos(),
        median.as_nanos() / inside as u128,
        copied.as_nanos(),
    );
}

fn entries(inside: usize) {
    let mut service = service();
    let room = room_with(&mut service, "room", inside);
    let newcomer: Jid = person(inside + 1).into();
    let to: Jid = room.with_resource_str("Newcomer").unwrap().into();
    let muc = || "<x xmlns='http://jabber.org/protocol/muc'/>".parse().unwrap();
    let enter = Presence::new(Type::None).with_to(to.clone()).with_payloads(vec![muc()]);
    let leave = Presence::new(Type::Unavailable).with_to(to);
    let mut spent = [Duration::ZERO; 2];
    const TIMES: u32 = 1_000;
    for _ in 0..TIMES {
        for (nth, presence) in [&enter, &leave].into_iter().enumerate() {
            let stanza = Stanza::Presence(presence.clone());
            let start = Instant::now();
            let outcome = service.handle(moment(), &newcomer, stanza);
            assert!(black_box(&outcome).refused.is_none());
            drop(outcome);
            spent[nth] += start.elapsed();
        }
    }
    for (what, spent) in ["entering", "leaving"].into_iter().zip(spent) {
        println!("| {what}, {inside} inside | {:.1} |", (spent / TIMES).as_nanos() as f64 / 1_000.0);
    }
}

fn cycles() {
    let mut service = service();
    for other in 0..1_000 {
        room_with(&mut service, &format!("other-{other}"), 2);
    }
    let (median, _) = rounds(500, || {
        let room = room_with(&mut service, "cycle", 2);
        for number in 0..2 {
            service.handle(moment(), &person(number).into(), Stanza::Message(message(&room)));
        }
        for number in 0..2 {
            service.leave(moment(), &room, &person(number), false, None).unwrap();
        }
    });
    println!("| a room's life: created, two enter, talk and leave | {:.1} |", median.as_nanos() as f64 / 1_000.0);
}

/// Memory of rooms; first, so that nothing freed before is used again.
fn memory() {
    const ROOMS: usize = 20_000;
    for inside in [0, 2] {
        let before = resident_kb();
        let mut service = service();
        let owner = BareJid::new("support@workgroup.example.org").unwrap();
        for number in 0..ROOMS {
            let room = service
                .create_room(&format!("room-{number:016x}"), RoomConfig::conversation("Support"), &owner)
                .unwrap();
            for guest in 0..inside {
                let session = person(number * 10 + guest);
                let member = xmpp::muc::Affiliation::Member;
                service.set_affiliation(moment(), &room, &session.to_bare(), member, None).unwrap();
                let nick = format!("Person {guest}");
                service.enter(moment(), &room, &session, &nick, &Entry::default()).unwrap();
            }
        }
        let each = (resident_kb().saturating_sub(before)) as f64 / ROOMS as f64;
        println!("memory: {each:.2} kB for each of {ROOMS} rooms with {inside} inside");
        black_box(service);
    }
    println!();
}

fn resident_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}
