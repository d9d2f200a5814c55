//! What reading and writing a stanza costs: `cargo run --release -p xmpp --example wire_cost`.

#![expect(clippy::disallowed_methods, reason = "it measures")]
#![expect(clippy::unwrap_used, reason = "it measures what is known to be right")]

use std::hint::black_box;
use std::time::Instant;

use xmpp::jid::Jid;
use xmpp::wire::{Limits, Reader, Shared, Unit};
use xmpp::xmpp_parsers::stanza::Stanza;

const HEADER: &[u8] = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
                        xmlns:stream='http://etherx.jabber.org/streams' to='example.org' version='1.0'>";
const MESSAGE: &str = "<message to='r7f3a9c2@conference.example.org' type='groupchat' id='7f3a9c2e-51d0-4b6e-9a0e-3f2b8a7c1d44' \
                       xml:lang='en'><body>Good morning! I have read the page about opening hours, but I am still not sure whether \
                       the desk on the second floor is staffed on Saturdays. Could you tell me, please?</body>\
                       <origin-id xmlns='urn:xmpp:sid:0' id='7f3a9c2e-51d0-4b6e-9a0e-3f2b8a7c1d44'/>\
                       <active xmlns='http://jabber.org/protocol/chatstates'/></message>";
const ROUNDS: u32 = 200_000;

/// Runs it often and says how long one run takes.
fn measure(what: &str, mut run: impl FnMut()) {
    (0..ROUNDS / 10).for_each(|_| run());
    let begun = Instant::now();
    (0..ROUNDS).for_each(|_| run());
    println!("{what}: {:.2} µs", begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS));
}

fn main() {
    println!("a message of {} bytes", MESSAGE.len());
    let mut reader = Reader::new(Limits::default(), true);
    reader.next(&mut &*HEADER).unwrap();
    let mut read = || {
        let Ok(Some(Unit::Stanza(stanza))) = reader.next(&mut MESSAGE.as_bytes()) else { panic!("a stanza") };
        stanza
    };
    let stanza: Box<Stanza> = read();
    measure("read, into types", || drop(black_box(read())));
    let mut untyped = Reader::new(Limits { bytes_before_login: 1_000_000, ..Limits::default() }, false);
    untyped.next(&mut &*HEADER).unwrap();
    measure("read, into a tree", || drop(black_box(untyped.next(&mut MESSAGE.as_bytes()))));
    measure("write once", || drop(black_box(Shared::new(&stanza))));
    let shared = Shared::new(&stanza).unwrap();
    let to = Jid::new("anna@example.org/7f3a9c2e").unwrap();
    let mut out = Vec::with_capacity(1_000);
    measure("copy for one receiver", || {
        out.clear();
        shared.write_to(black_box(&to), &mut out);
        black_box(&out);
    });
}
