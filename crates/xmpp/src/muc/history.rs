//! What was said before somebody entered (XEP-0045 §7.2.13–14): kept within limits, given as far as it is wanted.

use std::collections::VecDeque;

use jid::FullJid;
use minidom::Element;
use xmpp_parsers::message::{Id, Message};
use xmpp_parsers::muc::muc;
use xmpp_parsers::occupant_id::OccupantId;

use super::outcome::Turn;
use super::stanza_id::stamp;
use super::{Limits, Nick, Room, RoomRefusal, Said};
use crate::xep::chat::ChatContent;
use crate::xep::delay::{Delay, Stamp};

/// How much history a newcomer wants; each bound that is given holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HistoryWish {
    /// Characters of the stanzas, markup included.
    pub max_chars: Option<u32>,
    /// Messages.
    pub max_stanzas: Option<u32>,
    /// Not older than so many seconds.
    pub seconds: Option<u32>,
    /// Not older than this moment, in microseconds since the epoch.
    pub since_us: Option<i64>,
}

impl HistoryWish {
    /// No history at all.
    pub const NONE: HistoryWish = HistoryWish { max_chars: None, max_stanzas: Some(0), seconds: None, since_us: None };

    pub(super) fn read(history: Option<&muc::History>) -> HistoryWish {
        let Some(history) = history else { return HistoryWish::default() };
        HistoryWish {
            max_chars: history.maxchars,
            max_stanzas: history.maxstanzas,
            seconds: history.seconds,
            since_us: history.since.as_ref().map(|since| since.0.timestamp_micros()),
        }
    }
}

/// One message of the past, as it was sent.
#[derive(Debug, Clone)]
struct Past {
    at_us: i64,
    message: Message,
    bytes: usize,
}

/// The last messages of a room, oldest first.
#[derive(Debug)]
pub(super) struct History {
    past: VecDeque<Past>,
    bytes: usize,
    max: usize,
    max_bytes: usize,
}

impl History {
    pub fn new(max: usize, max_bytes: usize) -> History {
        History { past: VecDeque::new(), bytes: 0, max, max_bytes }
    }

    pub fn len(&self) -> usize {
        self.past.len()
    }

    /// Keeps a message; the oldest give way.
    pub fn push(&mut self, at_us: i64, message: Message, bytes: usize) {
        self.past.push_back(Past { at_us, message, bytes });
        self.bytes += bytes;
        self.trim();
    }

    /// Keeps so many messages from now on.
    pub fn resize(&mut self, max: usize) {
        self.max = max;
        self.trim();
    }

    fn trim(&mut self) {
        while self.past.len() > self.max || self.bytes > self.max_bytes {
            let Some(oldest) = self.past.pop_front() else { break };
            self.bytes -= oldest.bytes;
        }
    }

    /// What a newcomer gets, oldest first. The newest are preferred where a bound cuts.
    fn wanted(&self, room: &jid::BareJid, wish: &HistoryWish, now_us: i64) -> Vec<Message> {
        let newer_than = wish.seconds.map(|seconds| now_us.saturating_sub(i64::from(seconds) * 1_000_000));
        let since_us = newer_than.max(wish.since_us).unwrap_or(i64::MIN);
        let most = wish.max_stanzas.map_or(usize::MAX, |max| max as usize);
        let mut chars_left = wish.max_chars.map(|max| max as usize);
        let mut wanted = Vec::new();
        for past in self.past.iter().rev().take(most).take_while(|past| past.at_us >= since_us) {
            let mut message = past.message.clone();
            message.payloads.push(Delay { from: Some(room.clone().into()), stamp: Stamp(past.at_us) }.into());
            if let Some(left) = &mut chars_left {
                let chars = String::from(&Element::from(message.clone())).chars().count();
                let Some(rest) = left.checked_sub(chars) else { break };
                *left = rest;
            }
            wanted.push(message);
        }
        wanted.reverse();
        wanted
    }
}

impl Room {
    /// Gives a newcomer what they want of the past.
    pub(super) fn send_history(&self, turn: &mut Turn<'_>, to: &FullJid, wish: &HistoryWish) {
        for message in self.history.wanted(&self.jid, wish, turn.at.now_us) {
            turn.send(to.clone(), message);
        }
    }

    /// Puts back what was said before, oldest first: after a restart, from the host's own records.
    pub(super) fn restore_history(&mut self, limits: &Limits, past: &[Said]) -> Result<(), RoomRefusal> {
        let restored: Result<Vec<_>, _> = past.iter().map(|said| self.restored(limits, said)).collect();
        for (at_us, message, bytes) in restored? {
            self.history.push(at_us, message, bytes);
        }
        Ok(())
    }

    fn restored(&self, limits: &Limits, said: &Said) -> Result<(i64, Message, usize), RoomRefusal> {
        let nick = Nick::new(&said.nick, limits.nick_bytes).map_err(RoomRefusal::BadNick)?;
        let content = ChatContent { chat_state: None, displayed: None, ..said.content.clone() };
        let mut message = content.write(Message::groupchat(None));
        message.from = Some(self.address_of(&nick).into());
        message.id = Some(Id(said.id.clone()));
        let bytes = super::message::check_message(&message, limits)?;
        message.payloads.push(OccupantId { id: said.occupant_id.clone() }.into());
        message.payloads.push(stamp(&self.jid, &said.stanza_id));
        Ok((said.at_us, message, bytes))
    }
}
