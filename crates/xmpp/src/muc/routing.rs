//! Stanzas to the service: which room and which feature they are for, and errors to whoever sent what cannot be done.
//! Queries (`iq`) are sorted further in `queries.rs`.

use jid::{BareJid, FullJid, Jid};
use minidom::Element;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::message::{Id, Message, MessageType};
use xmpp_parsers::ns as known;
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stanza_error::StanzaError;

use super::message::check_message;
use super::outcome::Turn;
use super::pace::Sending;
use super::register::RegistrationAnswer;
use super::voice::VoiceForm;
use super::{Creation, Moment, Nick, NickFault, Outcome, Room, RoomConfig, RoomHappening, RoomRefusal, Service};
use crate::xep::muc_user::MucUser;

/// What an error answers.
enum Answering {
    Presence(Option<String>),
    Message(Option<Id>),
    Iq(String),
    /// Errors and results are never answered.
    Nothing,
}

impl Service {
    /// Handles a stanza from a real address to the service, a room or an occupant. What cannot be done is answered with
    /// an error stanza and named in [`Outcome::refused`].
    pub fn handle(&mut self, at: Moment<'_>, from: &Jid, stanza: Stanza) -> Outcome {
        let (to, answering) = match &stanza {
            Stanza::Presence(presence) => (
                presence.to.clone(),
                match presence.type_ {
                    Type::Error | Type::Unavailable => Answering::Nothing,
                    _ => Answering::Presence(presence.id.clone()),
                },
            ),
            Stanza::Message(message) => (
                message.to.clone(),
                match message.type_ {
                    MessageType::Error => Answering::Nothing,
                    _ => Answering::Message(message.id.clone()),
                },
            ),
            Stanza::Iq(iq) => (
                iq.to().cloned(),
                match iq {
                    Iq::Get { id, .. } | Iq::Set { id, .. } => Answering::Iq(id.clone()),
                    Iq::Result { .. } | Iq::Error { .. } => Answering::Nothing,
                },
            ),
        };
        let Some(to) = to.filter(|to| to.domain() == self.address.domain()) else {
            return Outcome {
                refused: Some(RoomRefusal::BadRequest("The stanza is not for this service.")),
                ..Outcome::default()
            };
        };
        let done = match stanza {
            Stanza::Presence(presence) => self.route_presence(at, from, &to, presence),
            Stanza::Message(message) => self.route_message(at, from, &to, message),
            Stanza::Iq(iq) => self.route_iq(at, from, &to, iq),
        };
        done.unwrap_or_else(|refusal| self.answer(at, from, to, answering, refusal))
    }

    fn answer(&self, at: Moment<'_>, to: &Jid, from: Jid, answering: Answering, refusal: RoomRefusal) -> Outcome {
        let mut turn = Turn::new(at, &self.limits, &self.key);
        let error = refusal.to_stanza_error(Some(&from.to_bare()));
        match answering {
            Answering::Nothing => {}
            Answering::Presence(id) => {
                let mut presence = Presence::error().with_from(from).with_payload(error);
                presence.id = id;
                turn.send(to.clone(), presence);
            }
            Answering::Message(id) => {
                let mut message = Message::error(None).with_payload(error);
                message.from = Some(from);
                message.id = id;
                turn.send(to.clone(), message);
            }
            Answering::Iq(id) => turn.send(to.clone(), Iq::from_error(id, error).with_from(from)),
        }
        turn.outcome.refused = Some(refusal);
        turn.outcome
    }

    /// The nick that an address names, if it names one.
    pub(super) fn nick_of(&self, to: &Jid) -> Result<Option<Nick>, RoomRefusal> {
        let nick = to.resource().map(|resource| Nick::new(resource.as_str(), self.limits.nick_bytes));
        nick.transpose().map_err(RoomRefusal::BadNick)
    }

    fn route_presence(
        &mut self,
        at: Moment<'_>,
        from: &Jid,
        to: &Jid,
        presence: Presence,
    ) -> Result<Outcome, RoomRefusal> {
        if to.node().is_none() {
            return Ok(Outcome::default());
        }
        let session = session(from)?;
        let room = to.to_bare();
        match presence.type_ {
            Type::None => {
                let nick = self.nick_of(to)?.ok_or(RoomRefusal::BadNick(NickFault::Empty))?;
                if !self.rooms.contains_key(&room) {
                    return self.create_by_entering(at, session, room, &nick, presence);
                }
                self.check_rooms_of(session, &room)?;
                let old_entrance = self.old_entrance;
                self.with_room(at, &room, |room, turn| {
                    turn.old_entrance = old_entrance;
                    room.check_pace(turn, session, Sending::Presence)?;
                    room.handle_presence(turn, session, &nick, presence)
                })
            }
            Type::Unavailable => self.with_room(at, &room, |room, turn| {
                room.handle_unavailable(turn, session, &presence);
                Ok(())
            }),
            Type::Error => self.with_room(at, &room, |room, turn| {
                room.handle_bounce(turn, session, error_in(&presence.payloads));
                Ok(())
            }),
            _ => Ok(Outcome::default()),
        }
    }

    /// Whether a session may be in one more room.
    fn check_rooms_of(&self, session: &FullJid, room: &BareJid) -> Result<(), RoomRefusal> {
        let Some(present) = self.present.get(session) else { return Ok(()) };
        let is_full = present.len() >= self.limits.rooms_per_session && !present.contains(room);
        if is_full { Err(RoomRefusal::TooManyRoomsOfOne) } else { Ok(()) }
    }

    fn create_by_entering(
        &mut self,
        at: Moment<'_>,
        from: &FullJid,
        jid: BareJid,
        nick: &Nick,
        presence: Presence,
    ) -> Result<Outcome, RoomRefusal> {
        if self.creation == Creation::HostOnly {
            return Err(RoomRefusal::CreationRestricted);
        }
        self.check_space(&jid)?;
        self.check_rooms_of(from, &jid)?;
        let owner = from.to_bare();
        if self.created.get(&owner).is_some_and(|count| *count >= self.limits.rooms_per_creator) {
            return Err(RoomRefusal::TooManyRoomsOfOne);
        }
        // By the old protocol a room is open at once: its clients know no configuration.
        let locked = presence.payloads.iter().any(|payload| payload.is("x", known::MUC));
        let mut room = Room::new(jid.clone(), RoomConfig::default(), owner.clone(), locked, &self.limits);
        room.creator = Some(owner.clone());
        room.lasting_changed = false;
        let mut turn = Turn::new(at, &self.limits, &self.key);
        turn.old_entrance = self.old_entrance;
        turn.tell(RoomHappening::Created { room: jid.clone(), owner });
        room.handle_presence(&mut turn, from, nick, presence)?;
        let outcome = turn.outcome;
        *self.created.entry(from.to_bare()).or_default() += 1;
        self.rooms.insert(jid, room);
        self.keep_track(&outcome);
        Ok(outcome)
    }

    fn route_message(
        &mut self,
        at: Moment<'_>,
        from: &Jid,
        to: &Jid,
        message: Message,
    ) -> Result<Outcome, RoomRefusal> {
        let room = to.to_bare();
        let nick = if message.type_ == MessageType::Error { None } else { self.nick_of(to)? };
        self.with_room(at, &room, |room, turn| match (message.type_.clone(), nick) {
            (MessageType::Error, _) => {
                room.handle_bounce(turn, session(from)?, error_in(&message.payloads));
                Ok(())
            }
            (_, Some(nick)) => {
                room.check_pace(turn, session(from)?, Sending::Message)?;
                room.handle_private_message(turn, session(from)?, &nick, message)
            }
            (MessageType::Groupchat, None) => {
                room.check_pace(turn, session(from)?, Sending::Message)?;
                room.handle_groupchat(turn, session(from)?, message)
            }
            (_, None) => {
                if let Ok(session) = session(from) {
                    room.check_pace(turn, session, Sending::Presence)?;
                }
                handle_mediation(room, turn, from, &message)
            }
        })
    }
}

/// Whoever is inside, or wants to be, has a full address.
fn session(from: &Jid) -> Result<&FullJid, RoomRefusal> {
    from.try_as_full().map_err(|_| RoomRefusal::BadRequest("The sender needs a full address."))
}

fn error_in(payloads: &[Element]) -> Option<StanzaError> {
    payloads.iter().find(|payload| payload.name() == "error").and_then(|e| StanzaError::try_from(e.clone()).ok())
}

/// A message to a room that is not for all: a wish for a voice, invitations, or a declined one.
fn handle_mediation(room: &mut Room, turn: &mut Turn<'_>, from: &Jid, message: &Message) -> Result<(), RoomRefusal> {
    check_message(message, turn.limits)?;
    if let Some(form) = VoiceForm::read(&message.payloads) {
        return room.handle_voice(turn, session(from)?, form);
    }
    if let Some(answer) = RegistrationAnswer::read(&message.payloads) {
        let by = room.authority_of(from);
        return room.handle_registration_answer(turn, &by, &answer);
    }
    let asked = message.payloads.iter().find(|payload| payload.is("x", known::MUC_USER));
    let asked = asked.ok_or(RoomRefusal::BadRequest("A message to all is of type groupchat."))?;
    let asked = MucUser::try_from(asked.clone());
    let asked = asked.map_err(|_| RoomRefusal::BadRequest("The invitation is malformed."))?;
    if let Some(decline) = asked.decline {
        return room.handle_decline(turn, from, decline);
    }
    if asked.invites.is_empty() {
        return Err(RoomRefusal::BadRequest("There is neither an invitation nor a declined one."));
    }
    room.occupant_of(session(from)?).ok_or(RoomRefusal::NotAnOccupant)?;
    let by = room.authority_of(from);
    room.handle_invitations(turn, &by, asked.invites)
}
