//! What was said before somebody entered (XEP-0045 §7.2.13–14): kept within limits, given as far as it is wanted.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use jid::{BareJid, FullJid};
use minidom::Element;
use xmpp_parsers::message::{Id, Message};
use xmpp_parsers::muc::muc;
use xmpp_parsers::ns;
use xmpp_parsers::occupant_id::OccupantId;
use xmpp_parsers::stanza::Stanza;

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
    /// As it was sent; those who were inside share it.
    stanza: Arc<Stanza>,
    /// The same with its delay, made for the first newcomer and shared by all.
    delayed: OnceLock<Arc<Stanza>>,
    bytes: usize,
}

impl Past {
    fn message(&self) -> Option<&Message> {
        if let Stanza::Message(message) = &*self.stanza { Some(message) } else { None }
    }

    fn delayed(&self, room: &BareJid) -> &Arc<Stanza> {
        self.delayed.get_or_init(|| {
            let Some(mut message) = self.message().cloned() else { return Arc::clone(&self.stanza) };
            message.payloads.push(Delay { from: Some(room.clone().into()), stamp: Stamp(self.at_us) }.into());
            Arc::new(message.into())
        })
    }

    /// Whether the room stamped the message with an id.
    fn is_stamped(&self, room: &BareJid, id: &str) -> bool {
        let is_stamp = |payload: &Element| {
            payload.is("stanza-id", ns::SID)
                && payload.attr("id") == Some(id)
                && payload.attr("by") == Some(room.as_str())
        };
        self.message().is_some_and(|message| message.payloads.iter().any(is_stamp))
    }

    fn is_by(&self, occupant_id: &str) -> bool {
        let is_theirs = |payload: &Element| payload.has_ns(ns::OID) && payload.attr("id") == Some(occupant_id);
        self.message().is_some_and(|message| message.payloads.iter().any(is_theirs))
    }
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
    pub fn push(&mut self, at_us: i64, stanza: &Arc<Stanza>, bytes: usize) {
        if self.max == 0 {
            return;
        }
        self.past.push_back(Past { at_us, stanza: Arc::clone(stanza), delayed: OnceLock::new(), bytes });
        self.bytes += bytes;
        self.trim();
    }

    /// Drops a message that a moderator took back.
    pub fn retract(&mut self, room: &BareJid, stanza_id: &str) {
        self.drop_if(|past| past.is_stamped(room, stanza_id));
    }

    /// Drops a message that its sender took back, and no other's.
    pub fn retract_own(&mut self, room: &BareJid, stanza_id: &str, occupant_id: &str) {
        self.drop_if(|past| past.is_stamped(room, stanza_id) && past.is_by(occupant_id));
    }

    fn drop_if(&mut self, is_it: impl Fn(&Past) -> bool) {
        let bytes = &mut self.bytes;
        self.past.retain(|past| {
            let stays = !is_it(past);
            *bytes -= if stays { 0 } else { past.bytes };
            stays
        });
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
    fn wanted(&self, room: &BareJid, wish: &HistoryWish, now_us: i64) -> Vec<&Arc<Stanza>> {
        let newer_than = wish.seconds.map(|seconds| now_us.saturating_sub(i64::from(seconds) * 1_000_000));
        let since_us = newer_than.max(wish.since_us).unwrap_or(i64::MIN);
        let most = wish.max_stanzas.map_or(usize::MAX, |max| max as usize);
        let mut chars_left = wish.max_chars.map(|max| max as usize);
        let mut wanted = Vec::new();
        for past in self.past.iter().rev().take(most).take_while(|past| past.at_us >= since_us) {
            let stanza = past.delayed(room);
            if let (Some(left), Stanza::Message(message)) = (&mut chars_left, &**stanza) {
                let chars = String::from(&Element::from(message.clone())).chars().count();
                let Some(rest) = left.checked_sub(chars) else { break };
                *left = rest;
            }
            wanted.push(stanza);
        }
        wanted.reverse();
        wanted
    }
}

impl Room {
    /// Gives a newcomer what they want of the past.
    pub(super) fn send_history(&self, turn: &mut Turn<'_>, to: &FullJid, wish: &HistoryWish) {
        for stanza in self.history.wanted(&self.jid, wish, turn.at.now_us) {
            turn.send_shared(to.clone(), stanza);
        }
    }

    /// Puts back what was said before, oldest first: after a restart, from the host's own records.
    pub(super) fn restore_history(&mut self, limits: &Limits, past: &[Said]) -> Result<(), RoomRefusal> {
        let restored: Result<Vec<_>, _> = past.iter().map(|said| self.restored(limits, said)).collect();
        for (at_us, message, bytes) in restored? {
            self.history.push(at_us, &Arc::new(message.into()), bytes);
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
