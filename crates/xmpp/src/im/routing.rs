//! Stanzas into the house, from clients and from services of the host: which rule they are for, and errors to whoever
//! sent what cannot be done.

use std::sync::Arc;

use jid::{FullJid, Jid};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::message::MessageType;
use xmpp_parsers::stanza::Stanza;

use super::outcome::Turn;
use super::refusal::Refusal;
use super::settings::Place;
use super::stanza::{Answering, addressed, error};
use super::{House, Moment, Outcome};

impl House {
    /// A stanza from a client. Every stanza of a session goes through here, whomever it is for: what is for a service
    /// comes out again as [`super::Outbound`] without a session, with `from` set. A `from` that the client wrote does
    /// not count. An address without a session sends nothing.
    pub fn handle(&mut self, at: Moment<'_>, from: &FullJid, stanza: Stanza) -> Outcome {
        let mut turn = Turn::new(at);
        if self.session(from).is_none() {
            return turn.outcome;
        }
        let (to, answering) = addressed(&stanza);
        let done = match stanza {
            Stanza::Message(message) => self.handle_message(&mut turn, from, message),
            Stanza::Presence(presence) => self.handle_presence(&mut turn, from, presence),
            Stanza::Iq(iq) => self.handle_iq(&mut turn, from, iq),
        };
        if let Err(refusal) = done {
            let wrote = to.unwrap_or_else(|| from.to_bare().into());
            self.refuse(&mut turn, &from.clone().into(), wrote, answering, &refusal);
        }
        turn.outcome
    }

    /// A stanza from a service of the host, `from` and `to` set, to an account, a visitor or a session of them.
    pub fn deliver(&mut self, at: Moment<'_>, stanza: Stanza) -> Outcome {
        let mut turn = Turn::new(at);
        let (to, answering) = addressed(&stanza);
        let from = match &stanza {
            Stanza::Message(message) => message.from.clone(),
            Stanza::Presence(presence) => presence.from.clone(),
            Stanza::Iq(iq) => iq.from().cloned(),
        };
        let (Some(from), Some(to)) = (from, to) else { return turn.outcome };
        let done = match (self.settings.place_of(&to), stanza) {
            (Place::Account(_) | Place::Visitor(_), Stanza::Message(message)) => {
                self.receive_message(&mut turn, &to, message)
            }
            (Place::Account(_) | Place::Visitor(_), Stanza::Presence(presence)) => {
                self.receive_presence(&mut turn, &to, presence)
            }
            (Place::Account(_) | Place::Visitor(_) | Place::Server, Stanza::Iq(iq)) => {
                self.receive_iq(&mut turn, &from, &to, iq)
            }
            (Place::Elsewhere, _) => Err(Refusal::Elsewhere),
            _ => Err(Refusal::Unavailable),
        };
        if let Err(refusal) = done {
            self.refuse(&mut turn, &from, to, answering, &refusal);
        }
        turn.outcome
    }

    /// Whether a stanza from a service of the host to a session needs no rule of the house, so that the host may hand it
    /// to the connection at once: presence, messages of type `groupchat` and answers may, while nobody is blocked.
    pub fn admits(&self, from: &Jid, to: &FullJid) -> bool {
        self.session(to).is_some() && !self.blocks(&to.to_bare(), from)
    }

    /// Stanzas that were sent to a session and never reached it, oldest first. Called after [`House::close`]: messages
    /// find another session or wait (XEP-0198 §4), requests are answered with an error.
    pub fn undelivered(&mut self, at: Moment<'_>, who: &FullJid, stanzas: Vec<Stanza>) -> Outcome {
        let mut turn = Turn::new(at);
        for stanza in stanzas {
            let (_, answering) = addressed(&stanza);
            let (from, done) = match stanza {
                Stanza::Message(message) if matches!(message.type_, MessageType::Chat | MessageType::Normal) => {
                    (message.from.clone(), self.redeliver(&mut turn, &who.to_bare(), message))
                }
                Stanza::Iq(iq @ (Iq::Get { .. } | Iq::Set { .. })) => (iq.from().cloned(), Err(Refusal::Unavailable)),
                _ => continue,
            };
            if let (Some(from), Err(refusal)) = (from, done) {
                self.refuse(&mut turn, &from, who.clone().into(), answering, &refusal);
            }
        }
        turn.outcome
    }

    /// Tells who sent a stanza to `wrote` that it was not carried out.
    fn refuse(&self, turn: &mut Turn<'_>, sender: &Jid, wrote: Jid, answering: Answering, refusal: &Refusal) {
        // Nobody asked for a headline, and an error to a room would count as its occupant's failure.
        if matches!(answering, Answering::Message(_, MessageType::Headline)) {
            return;
        }
        if let Some(stanza) = error(wrote, answering, refusal) {
            self.route(turn, sender, &Arc::new(stanza));
        }
    }

    /// Sends to a session or a service, whichever the address names; to nobody if there is neither.
    pub(super) fn route(&self, turn: &mut Turn<'_>, to: &Jid, stanza: &Arc<Stanza>) {
        match (to.try_as_full(), self.settings.place_of(to)) {
            (_, Place::Service(_)) => turn.send_service(to.clone(), stanza),
            (Ok(full), _) if self.session(full).is_some() => turn.send(full, stanza),
            _ => {}
        }
    }
}
