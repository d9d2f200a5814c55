//! Presence sent to a room or an occupant's address: whether it means entering, another nick, another availability or
//! leaving (XEP-0045 §7). The doing is in `enter.rs`, `nick_change.rs` and `leave.rs`.

use jid::FullJid;
use xmpp_parsers::ns;
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::stanza_error::{DefinedCondition, StanzaError};

use super::leave::Removal;
use super::outcome::Turn;
use super::{Entry, Leaving, Limits, Nick, Room, RoomHappening, RoomRefusal};
use crate::xep::ns as own;

impl Room {
    /// Presence from a session, to a nick.
    pub(super) fn handle_presence(
        &mut self,
        turn: &mut Turn<'_>,
        from: &FullJid,
        nick: &Nick,
        presence: Presence,
    ) -> Result<(), RoomRefusal> {
        let entry = Entry::read(&presence)?;
        let entry = entry.or_else(|| (turn.old_entrance && !self.sessions.contains_key(from)).then(Entry::default));
        let presence = relayed(presence, turn.limits)?;
        match (self.sessions.get(from), entry) {
            (Some(now), _) if now != nick => self.change_nick(turn, from, nick, presence),
            (Some(_), None) => {
                self.change_availability(turn, from, presence);
                Ok(())
            }
            (_, Some(entry)) => self.enter(turn, from, nick, &entry, presence),
            // Without the muc element somebody believes to be inside who is not: they are told so.
            (None, None) => Err(RoomRefusal::NotAnOccupant),
        }
    }

    /// Unavailable presence: the session leaves. Nobody is held back by words that do not fit; they are left out.
    pub(super) fn handle_unavailable(&mut self, turn: &mut Turn<'_>, from: &FullJid, presence: &Presence) {
        let fits = turn.limits.check_texts("the status", presence.statuses.values(), turn.limits.reason_bytes).is_ok();
        let status = best_status(presence).filter(|_| fits);
        self.remove_session(turn, from, Removal { status, ..Removal::new(Leaving::Clean) });
    }

    /// An error came back from a session: some mean that it cannot be reached any more (XEP-0045 §17.3).
    pub(super) fn handle_bounce(&mut self, turn: &mut Turn<'_>, from: &FullJid, error: Option<StanzaError>) {
        use DefinedCondition as C;
        let gone = error.is_some_and(|error| {
            matches!(
                error.defined_condition,
                C::Gone { .. }
                    | C::ItemNotFound
                    | C::JidMalformed
                    | C::RecipientUnavailable
                    | C::Redirect { .. }
                    | C::RemoteServerNotFound
                    | C::RemoteServerTimeout
                    | C::ServiceUnavailable
            )
        });
        if gone {
            self.remove_session(turn, from, Removal::new(Leaving::Lost));
        }
    }

    fn change_availability(&mut self, turn: &mut Turn<'_>, from: &FullJid, presence: Presence) {
        let Some(occupant) = self.sessions.get(from).and_then(|nick| self.occupants.get_mut(nick)) else { return };
        let (show, status) = (presence.show.clone(), best_status(&presence));
        occupant.sessions.insert(from.clone(), presence);
        occupant.shown = from.clone();
        occupant.touch();
        turn.tell(RoomHappening::PresenceChanged {
            room: self.jid.clone(),
            nick: occupant.nick.to_string(),
            real_jid: from.clone(),
            show,
            status,
        });
        if let Some(occupant) = self.occupant_of(from) {
            self.broadcast_state(turn, occupant, None);
        }
    }
}

/// What of a presence is passed on to the others, within limits: without what only the room may say.
fn relayed(presence: Presence, limits: &Limits) -> Result<Presence, RoomRefusal> {
    limits.check_texts("the status", presence.statuses.values(), limits.reason_bytes)?;
    limits.check_texts("the languages", presence.statuses.keys().map(|lang| &lang.0), limits.id_bytes)?;
    if presence.payloads.len() + presence.statuses.len() > limits.children {
        return Err(RoomRefusal::TooMany { what: "elements in a presence", max: limits.children });
    }
    limits.check_payloads(&presence.payloads)?;
    let mut relayed = Presence::new(Type::None);
    relayed.show = presence.show;
    relayed.statuses = presence.statuses;
    relayed.payloads = presence.payloads;
    relayed
        .payloads
        .retain(|p| !p.has_ns(ns::MUC) && !p.has_ns(ns::MUC_USER) && !p.has_ns(ns::OID) && !p.has_ns(own::HATS));
    Ok(relayed)
}

fn best_status(presence: &Presence) -> Option<String> {
    presence.statuses.get("").or_else(|| presence.statuses.values().next()).cloned()
}
