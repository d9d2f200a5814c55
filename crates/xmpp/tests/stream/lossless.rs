//! Whatever breaks and whenever: over a managed session every stanza arrives once, in order, or is handed back.

use proptest::prelude::*;
use xmpp::jid::Jid;
use xmpp::stream::{Answer, Step, Stream, Suspended};
use xmpp::wire::{Delivery, Limits, Reader, Unit};
use xmpp::xmpp_parsers::stanza::Stanza;

use crate::dialogue::{Dialogue, delivery, settings};

#[derive(Debug, Clone, Copy)]
enum Act {
    /// The host delivers a message.
    Deliver,
    /// The client reads this share of what was written, in percent.
    Read(u8),
    /// The client acknowledges what it has read.
    Acknowledge,
    /// The connection breaks; the client comes back after so many more deliveries.
    Break(u8),
    /// The client comes back before the host knows that the connection is lost.
    Overtake,
    /// The client looks away, or looks again.
    Look(bool),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => Just(Act::Deliver),
        3 => (0_u8..=100).prop_map(Act::Read),
        2 => Just(Act::Acknowledge),
        1 => (0_u8..4).prop_map(Act::Break),
        1 => Just(Act::Overtake),
        1 => any::<bool>().prop_map(Act::Look),
    ]
}

struct World {
    stream: Stream,
    /// On the way to the client.
    wire: Vec<u8>,
    reader: Reader,
    /// What the client counts, modulo 2³².
    h: u32,
    read: Vec<u32>,
    sent: u32,
    to: Jid,
    id: String,
}

impl World {
    fn new() -> Self {
        let mut dialogue = Dialogue::bound();
        dialogue.stream.received(b"<enable xmlns='urn:xmpp:sm:3' resume='true'/>", dialogue.now_us);
        let heard = dialogue.heard();
        let id = heard.split("id='").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let to = Jid::from(dialogue.jid());
        let (wire, reader) = (Vec::new(), in_a_stream());
        Self { stream: dialogue.stream, wire, reader, h: 0, read: Vec::new(), sent: 0, to, id }
    }

    fn message(&mut self) -> Delivery {
        self.sent += 1;
        delivery(&format!("<message from='a@b' id='{}'/>", self.sent), self.to.clone())
    }

    fn collect(&mut self) {
        for step in self.stream.take_steps() {
            if let Step::Write(bytes) = step {
                self.wire.extend_from_slice(&bytes);
            }
        }
    }

    fn read(&mut self, share: u8) {
        self.collect();
        let length = self.wire.len() * usize::from(share) / 100;
        let bytes: Vec<u8> = self.wire.drain(..length).collect();
        let mut rest = bytes.as_slice();
        while let Some(unit) = self.reader.next(&mut rest).unwrap() {
            if let Unit::Stanza(stanza) = unit {
                let Stanza::Message(message) = *stanza else { continue };
                self.h = self.h.wrapping_add(1);
                self.read.push(message.id.unwrap().0.parse().unwrap());
            }
        }
    }

    fn resume(&mut self, session: Suspended) {
        let mut dialogue = Dialogue::binding(settings());
        let (id, h) = (&self.id, self.h);
        let resume = format!("<resume xmlns='urn:xmpp:sm:3' h='{h}' previd='{id}'/>");
        dialogue.stream.received(resume.as_bytes(), dialogue.now_us);
        assert_eq!(dialogue.steps().len(), 1);
        dialogue.answers_with(Answer::Resume(Some(Box::new(session))));
        self.stream = dialogue.stream;
        (self.wire, self.reader) = (Vec::new(), in_a_stream());
    }

    fn carry_out(&mut self, act: Act) {
        match act {
            Act::Deliver => {
                let message = self.message();
                self.stream.send(message, 0);
            }
            Act::Read(share) => self.read(share),
            Act::Acknowledge => {
                let a = format!("<a xmlns='urn:xmpp:sm:3' h='{}'/>", self.h);
                self.stream.received(a.as_bytes(), 0);
            }
            Act::Break(later) => {
                let stream = std::mem::replace(&mut self.stream, Dialogue::bound().stream);
                let mut session = stream.end(0).suspended.expect("it can be resumed");
                for _ in 0..later {
                    let message = self.message();
                    session.hold(message).unwrap();
                }
                self.resume(session);
            }
            Act::Overtake => {
                let session = self.stream.detach(0).expect("it can be resumed");
                let message = self.message();
                let mut session = session;
                session.hold(message).unwrap();
                self.resume(session);
            }
            Act::Look(active) => {
                let name = if active { "active" } else { "inactive" };
                self.stream.received(format!("<{name} xmlns='urn:xmpp:csi:0'/>").as_bytes(), 0);
            }
        }
    }
}

/// A reader of what comes after a header.
fn in_a_stream() -> Reader {
    let mut reader = Reader::new(Limits::default(), true);
    let header = crate::opening::HEADER;
    assert!(matches!(reader.next(&mut header.as_bytes()), Ok(Some(Unit::Header(_)))));
    reader
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn nothing_is_lost_or_doubled(acts in prop::collection::vec(act(), 0..60), goodbye in any::<bool>()) {
        let mut world = World::new();
        for act in acts {
            world.carry_out(act);
        }
        if goodbye {
            // The client reads all and leaves; what it has not acknowledged is handed back.
            world.read(100);
            world.stream.received(b"</stream:stream>", 0);
            let undelivered = world.stream.end(0).undelivered;
            prop_assert_eq!(&world.read, &(1..=world.sent).collect::<Vec<_>>());
            prop_assert!(undelivered.len() <= world.sent as usize);
        } else {
            // The connection breaks for good: what the client has seen, and what is handed back behind what it acknowledged.
            let read = world.read.clone();
            let session = world.stream.end(0).suspended.expect("it can be resumed");
            let back: Vec<u32> = session.expire().iter().map(|delivery| {
                let Some(Stanza::Message(message)) = delivery.to_stanza() else { panic!("a message") };
                message.id.unwrap().0.parse().unwrap()
            }).collect();
            let all: std::collections::BTreeSet<u32> = read.iter().chain(&back).copied().collect();
            prop_assert_eq!(all.len(), world.sent as usize);
            prop_assert_eq!(&read, &(1..=read.len() as u32).collect::<Vec<_>>());
            prop_assert!(back.windows(2).all(|two| two[0] + 1 == two[1]));
        }
    }
}
