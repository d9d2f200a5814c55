//! Queries to the service, its rooms and their occupants (`iq`): which feature answers. What each answer says is in the
//! feature's file.

use jid::Jid;
use minidom::Element;
use xmpp_parsers::data_forms::DataFormType;
use xmpp_parsers::disco::DiscoItemsQuery;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ns as known;

use super::destroy::Alternate;
use super::outcome::Turn;
use super::{Affiliation, LastingPrivilege, Moment, Nick, Outcome, Room, RoomRefusal, Service, Why, disco, owner_form};
use crate::xep::muc_admin::MucAdmin;
use crate::xep::muc_owner::MucOwner;
use crate::xep::muc_register::MucRegister;
use crate::xep::muc_unique::Unique;
use crate::xep::ns;

impl Service {
    /// A query, or the answer to one; answers are not asked for and fall on deaf ears.
    pub(super) fn route_iq(&mut self, at: Moment<'_>, from: &Jid, to: &Jid, iq: Iq) -> Result<Outcome, RoomRefusal> {
        let (id, payload, is_set) = match (iq, self.nick_of(to)) {
            (iq @ (Iq::Result { .. } | Iq::Error { .. }), nick) => return self.route_answer(at, from, to, nick, iq),
            (iq, Ok(Some(nick))) => return self.route_query_to_occupant(at, from, to, &nick, iq),
            (_, Err(refusal)) => return Err(refusal),
            (Iq::Get { id, payload, .. }, Ok(None)) => (id, payload, false),
            (Iq::Set { id, payload, .. }, Ok(None)) => (id, payload, true),
        };
        let reply = |result: Option<Element>| Iq::Result { from: Some(to.clone()), to: None, id, payload: result };
        if to.node().is_none() {
            let result = self.about_service(at, payload, is_set)?;
            let mut turn = Turn::new(at, &self.limits, &self.key);
            turn.send(from.clone(), reply(result));
            return Ok(turn.outcome);
        }
        self.with_room(at, &to.to_bare(), |room, turn| {
            if room.locked && room.affiliation_of(&from.to_bare()) < Affiliation::Owner {
                return Err(RoomRefusal::NoSuchRoom);
            }
            let result = if is_set { handle_set(room, turn, from, payload)? } else { handle_get(room, from, payload)? };
            turn.send(from.clone(), reply(result));
            Ok(())
        })
    }

    fn route_query_to_occupant(
        &mut self,
        at: Moment<'_>,
        from: &Jid,
        to: &Jid,
        nick: &Nick,
        iq: Iq,
    ) -> Result<Outcome, RoomRefusal> {
        self.with_room(at, &to.to_bare(), |room, turn| {
            if let Iq::Get { id, payload, .. } = &iq
                && payload.is("ping", known::PING)
                && room.is_self_ping(from, nick)?
            {
                turn.send(from.clone(), Iq::Result { from: Some(to.clone()), to: None, id: id.clone(), payload: None });
                return Ok(());
            }
            room.relay_query(turn, from, nick, iq)
        })
    }

    /// An answer is for the occupant who asked; others are not asked for and fall on deaf ears.
    fn route_answer(
        &mut self,
        at: Moment<'_>,
        from: &Jid,
        to: &Jid,
        nick: Result<Option<Nick>, RoomRefusal>,
        answer: Iq,
    ) -> Result<Outcome, RoomRefusal> {
        let room = to.to_bare();
        match nick {
            Ok(Some(nick)) if self.rooms.contains_key(&room) => self.with_room(at, &room, |room, turn| {
                room.relay_answer(turn, from, &nick, answer);
                Ok(())
            }),
            _ => Ok(Outcome::default()),
        }
    }

    fn about_service(&self, at: Moment<'_>, payload: Element, is_set: bool) -> Result<Option<Element>, RoomRefusal> {
        if is_set {
            return Err(RoomRefusal::NotImplemented);
        }
        match (payload.name(), payload.ns().as_str()) {
            ("query", known::DISCO_INFO) if payload.attr("node").is_none() => {
                Ok(Some(disco::service_info(&self.title).into()))
            }
            ("query", known::DISCO_ITEMS) => {
                let query = DiscoItemsQuery::try_from(payload).map_err(|_| MALFORMED)?;
                Ok(Some(disco::service_items(self, &query).into()))
            }
            ("unique", ns::MUC_UNIQUE) => Ok(Some(Unique { name: self.unique_name(at) }.into())),
            ("ping", known::PING) => Ok(None),
            _ => Err(RoomRefusal::NotImplemented),
        }
    }
}

fn handle_get(room: &Room, from: &Jid, payload: Element) -> Result<Option<Element>, RoomRefusal> {
    match (payload.name(), payload.ns().as_str()) {
        ("query", known::DISCO_INFO) if payload.attr("node").is_none() => Ok(Some(room.info().into())),
        ("query", known::DISCO_INFO) if payload.attr("node") == Some(ns::MUC_ROOM_USER_ITEM) => {
            Ok(Some(room.reserved_info(from).into()))
        }
        ("query", known::DISCO_ITEMS) => Ok(Some(room.items(from).into())),
        ("query", known::REGISTER) => Ok(Some(room.handle_register_get(from)?.into())),
        ("ping", known::PING) => Ok(None),
        ("query", ns::MUC_ADMIN) => {
            let query = MucAdmin::try_from(payload).map_err(|_| MALFORMED)?;
            room.handle_admin_get(&room.authority_of(from), &query).map(|list| Some(list.into()))
        }
        ("query", ns::MUC_OWNER) => {
            if !room.authority_of(from).affiliation.allows(LastingPrivilege::ChangeConfiguration) {
                return Err(RoomRefusal::NotPermitted);
            }
            Ok(Some(MucOwner { form: Some(owner_form::form(room)), destroy: None }.into()))
        }
        _ => Err(RoomRefusal::NotImplemented),
    }
}

fn handle_set(
    room: &mut Room,
    turn: &mut Turn<'_>,
    from: &Jid,
    payload: Element,
) -> Result<Option<Element>, RoomRefusal> {
    let by = room.authority_of(from);
    match (payload.name(), payload.ns().as_str()) {
        ("query", ns::MUC_ADMIN) => {
            let query = MucAdmin::try_from(payload).map_err(|_| MALFORMED)?;
            room.handle_admin_set(turn, &by, query)?;
        }
        ("query", ns::MUC_OWNER) => {
            let query = MucOwner::try_from(payload).map_err(|_| MALFORMED)?;
            if by.affiliation < Affiliation::Owner {
                return Err(RoomRefusal::NotPermitted);
            }
            match (query.destroy, query.form) {
                (Some(destroy), None) => {
                    turn.limits.check_reason(destroy.reason.as_ref())?;
                    turn.limits.check_texts("the password", &destroy.password, turn.limits.password_bytes)?;
                    let password = destroy.password;
                    let alternate = destroy.jid.map(|jid| Alternate { room: jid.into_bare(), password });
                    room.destroy(turn, Why::Owner, destroy.reason, alternate);
                }
                (None, Some(form)) if form.type_ == DataFormType::Submit => {
                    let wishes = owner_form::read(&form, &room.config)?;
                    room.handle_owner_form(turn, &by, wishes)?;
                }
                (None, Some(form)) if form.type_ == DataFormType::Cancel => {
                    if room.locked {
                        room.destroy(turn, Why::Cancelled, None, None);
                    }
                }
                _ => return Err(RoomRefusal::BadRequest("An owner submits a form, or ends the room.")),
            }
        }
        ("query", known::REGISTER) => {
            let query = MucRegister::try_from(payload).map_err(|_| MALFORMED)?;
            room.handle_register_set(turn, from, query)?;
        }
        ("moderate", ns::MODERATE) => room.handle_moderate(turn, from, &by, payload)?,
        _ => return Err(RoomRefusal::NotImplemented),
    }
    Ok(None)
}

const MALFORMED: RoomRefusal = RoomRefusal::BadRequest("The request is malformed.");
