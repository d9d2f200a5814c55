//! Queries to the service, its rooms and their occupants (`iq`): which feature answers. What each answer says is in the
//! feature's file.

use jid::Jid;
use minidom::Element;
use xmpp_parsers::data_forms::DataFormType;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ns as known;

use super::outcome::Turn;
use super::{Affiliation, LastingPrivilege, Moment, Outcome, Room, RoomRefusal, Service, Why, disco, owner_form};
use crate::xep::muc_admin::MucAdmin;
use crate::xep::muc_owner::MucOwner;
use crate::xep::ns;

impl Service {
    /// A query, or the answer to one; answers are not asked for and fall on deaf ears.
    pub(super) fn route_iq(&mut self, at: Moment<'_>, from: &Jid, to: &Jid, iq: Iq) -> Result<Outcome, RoomRefusal> {
        let (id, payload, is_set) = match iq {
            Iq::Get { id, payload, .. } => (id, payload, false),
            Iq::Set { id, payload, .. } => (id, payload, true),
            Iq::Result { .. } | Iq::Error { .. } => return Ok(Outcome::default()),
        };
        let nick = self.nick_of(to)?;
        let reply = |result: Option<Element>| Iq::Result { from: Some(to.clone()), to: None, id, payload: result };
        if to.node().is_none() {
            let result = self.about_service(&payload, is_set)?;
            let mut turn = Turn::new(at, &self.limits, &self.key);
            turn.send(from.clone(), reply(result));
            return Ok(turn.outcome);
        }
        self.with_room(at, &to.to_bare(), |room, turn| {
            let result = match nick {
                Some(nick) if payload.is("ping", known::PING) && !is_set => {
                    room.handle_ping(from, &nick)?;
                    None
                }
                Some(_) => return Err(RoomRefusal::NotRelayed),
                None if is_set => handle_set(room, turn, from, payload)?,
                None => handle_get(room, from, payload)?,
            };
            turn.send(from.clone(), reply(result));
            Ok(())
        })
    }

    fn about_service(&self, payload: &Element, is_set: bool) -> Result<Option<Element>, RoomRefusal> {
        if is_set {
            return Err(RoomRefusal::NotImplemented);
        }
        match (payload.name(), payload.ns().as_str()) {
            ("query", known::DISCO_INFO) => Ok(Some(disco::service_info(&self.title).into())),
            ("query", known::DISCO_ITEMS) => Ok(Some(disco::service_items(self).into())),
            ("ping", known::PING) => Ok(None),
            _ => Err(RoomRefusal::NotImplemented),
        }
    }
}

fn handle_get(room: &Room, from: &Jid, payload: Element) -> Result<Option<Element>, RoomRefusal> {
    match (payload.name(), payload.ns().as_str()) {
        ("query", known::DISCO_INFO) if payload.attr("node").is_none() => Ok(Some(room.info().into())),
        ("query", known::DISCO_ITEMS) => Ok(Some(disco::nothing().into())),
        ("ping", known::PING) => Ok(None),
        ("query", ns::MUC_ADMIN) => {
            let query = MucAdmin::try_from(payload).map_err(|_| MALFORMED)?;
            room.handle_admin_get(&room.authority_of(from), &query).map(|list| Some(list.into()))
        }
        ("query", ns::MUC_OWNER) => {
            if !room.authority_of(from).affiliation.allows(LastingPrivilege::ChangeConfiguration) {
                return Err(RoomRefusal::NotPermitted);
            }
            Ok(Some(MucOwner { form: Some(owner_form::form(&room.config)), destroy: None }.into()))
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
                    room.destroy(turn, Why::Owner, destroy.reason, destroy.jid.map(Jid::into_bare));
                }
                (None, Some(form)) if form.type_ == DataFormType::Submit => {
                    let config = owner_form::read(&form, &room.config)?;
                    room.configure(turn, config, by.name())?;
                }
                (None, Some(form)) if form.type_ == DataFormType::Cancel => {
                    if room.locked {
                        room.destroy(turn, Why::Cancelled, None, None);
                    }
                }
                _ => return Err(RoomRefusal::BadRequest("An owner submits a form, or ends the room.")),
            }
        }
        _ => return Err(RoomRefusal::NotImplemented),
    }
    Ok(None)
}

const MALFORMED: RoomRefusal = RoomRefusal::BadRequest("The request is malformed.");
