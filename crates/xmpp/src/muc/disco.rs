//! Service discovery of the service and its rooms (XEP-0030, XEP-0045 §6): what they can do, and who is
//! inside as far as that is public.

use std::collections::BTreeSet;
use std::ops::Bound;

use jid::{BareJid, Jid};
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::disco::{DiscoInfoResult, DiscoItemsQuery, DiscoItemsResult, Identity, Item};
use xmpp_parsers::ns as known;
use xmpp_parsers::rsm::{First, SetQuery, SetResult};

use super::{Occupant, Room, RoomConfig, Service, Whois, owner_form};
use crate::xep::ns;

/// What the service can do.
pub(super) fn service_info(title: &str) -> DiscoInfoResult {
    let features = [
        known::DISCO_INFO,
        known::DISCO_ITEMS,
        known::MUC,
        ns::MUC_UNIQUE,
        known::PING,
        known::RSM,
        known::SID,
        known::OID,
    ];
    DiscoInfoResult {
        node: None,
        identities: vec![identity(title)],
        features: features.into_iter().map(str::to_owned).collect(),
        extensions: Vec::new(),
    }
}

/// The listed rooms: all that fit, or a page (XEP-0059). A page costs what is on it, however many rooms there are.
pub(super) fn service_items(service: &Service, query: &DiscoItemsQuery) -> DiscoItemsResult {
    let limit = service.limits().listed;
    let all = &service.listed;
    let wanted = query.rsm.as_ref();
    let max = wanted.and_then(|page| page.max).unwrap_or(limit).min(limit);
    let address = |text: &String| BareJid::new(text).ok();
    let page: Vec<&BareJid> = match wanted {
        Some(SetQuery { before: Some(before), .. }) => {
            let end = address(before).map_or(Bound::Unbounded, Bound::Excluded);
            let mut page: Vec<_> = all.range((Bound::Unbounded, end)).rev().take(max).collect();
            page.reverse();
            page
        }
        Some(SetQuery { after: Some(after), .. }) => {
            let start = address(after).map_or(Bound::Unbounded, Bound::Excluded);
            all.range((start, Bound::Unbounded)).take(max).collect()
        }
        Some(SetQuery { index: Some(index), .. }) => all.iter().skip(*index).take(max).collect(),
        _ => all.iter().take(max).collect(),
    };
    let is_cut = page.len() < all.len();
    let rsm = (wanted.is_some() || is_cut).then(|| SetResult {
        first: page.first().map(|first| First { index: None, item: first.to_string() }),
        last: page.last().map(ToString::to_string),
        count: Some(all.len()),
    });
    let items = page.into_iter().filter_map(|jid| service.rooms.get(jid)).map(|room| Item {
        jid: room.jid.clone().into(),
        node: None,
        name: Some(room.config.title.clone()).filter(|title| !title.is_empty()),
    });
    DiscoItemsResult { node: None, items: items.collect(), rsm }
}

fn identity(name: &str) -> Identity {
    Identity {
        category: "conference".to_owned(),
        type_: "text".to_owned(),
        lang: None,
        name: Some(name.to_owned()).filter(|name| !name.is_empty()),
    }
}

impl Room {
    /// What the room is, and can do.
    pub(super) fn info(&self) -> DiscoInfoResult {
        DiscoInfoResult {
            node: None,
            identities: vec![identity(&self.config.title)],
            features: features(&self.config),
            extensions: vec![self.extended_info()],
        }
    }

    fn extended_info(&self) -> DataForm {
        let config = &self.config;
        let text = |var: &str, value: &str| Field::new(var, FieldType::TextSingle).with_value(value);
        let flag = |var: &str, on: bool| Field::new(var, FieldType::Boolean).with_value(if on { "1" } else { "0" });
        let mut fields = vec![
            text("muc#roominfo_description", &config.description),
            text("muc#roominfo_lang", &config.lang),
            text("muc#roominfo_subject", self.subject()),
            flag("muc#roominfo_subjectmod", config.open_subject),
            flag("muc#roominfo_changesubject", config.open_subject),
            text("muc#roominfo_occupants", &self.occupants.len().to_string()),
            text("muc#maxhistoryfetch", &config.history.to_string()),
            text("muc#roomconfig_roomname", &config.title),
            flag("muc#roomconfig_changesubject", config.open_subject),
            flag("muc#roomconfig_allowinvites", config.open_invitations),
            text("muc#roomconfig_allowpm", owner_form::name_of(config.private_messages)),
        ];
        if !config.pubsub.is_empty() {
            fields.push(text("muc#roominfo_pubsub", &config.pubsub));
        }
        DataForm::new(DataFormType::Result_, ns::MUC_ROOM_INFO, fields)
    }

    /// The nick that is kept for who asks (XEP-0045 §7.12): the name of the only identity, if there is one.
    pub(super) fn reserved_info(&self, who: &Jid) -> DiscoInfoResult {
        let nick = self.reserved_nick(&who.to_bare());
        DiscoInfoResult {
            node: Some(ns::MUC_ROOM_USER_ITEM.to_owned()),
            identities: nick.map(|nick| identity(nick.as_str())).into_iter().collect(),
            features: BTreeSet::new(),
            extensions: Vec::new(),
        }
    }

    /// Who is inside, for whoever is inside too and, where the room is configured so, for strangers.
    pub(super) fn items(&self, who: &Jid) -> DiscoItemsResult {
        let inside = who.try_as_full().is_ok_and(|session| self.sessions.contains_key(session));
        let may = inside || (self.config.occupants_listed && self.is_welcome(&who.to_bare()));
        let seen = self.occupants.values().filter(|occupant| may && self.shows(occupant.role));
        let item = |occupant: &Occupant| Item { jid: self.address_of(&occupant.nick).into(), node: None, name: None };
        DiscoItemsResult { node: None, items: seen.map(item).collect(), rsm: None }
    }
}

/// The features that tell a room's kind (XEP-0045 §6.4).
fn features(config: &RoomConfig) -> BTreeSet<String> {
    let either = |on: bool, yes: &'static str, no: &'static str| if on { yes } else { no };
    [
        known::DISCO_INFO,
        known::MUC,
        known::PING,
        known::SID,
        known::OID,
        ns::SELF_PING,
        ns::MUC_STABLE_ID,
        ns::MUC_REQUEST,
        ns::RETRACT,
        ns::MODERATE,
        ns::HATS,
        known::REGISTER,
        known::DISCO_ITEMS,
        either(config.password.is_some(), "muc_passwordprotected", "muc_unsecured"),
        either(config.public, "muc_public", "muc_hidden"),
        either(config.persistent, "muc_persistent", "muc_temporary"),
        either(config.members_only, "muc_membersonly", "muc_open"),
        either(config.moderated, "muc_moderated", "muc_unmoderated"),
        either(config.whois == Whois::Anyone, "muc_nonanonymous", "muc_semianonymous"),
    ]
    .into_iter()
    .chain(config.archived.then_some(known::MAM))
    .map(str::to_owned)
    .collect()
}
