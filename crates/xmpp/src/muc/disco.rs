//! Service discovery of the service and its rooms (XEP-0030, XEP-0045 §6): what they can do, never who is inside.

use std::collections::BTreeSet;

use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::disco::{DiscoInfoResult, DiscoItemsResult, Identity, Item};
use xmpp_parsers::ns as known;

use super::{Room, RoomConfig, Service, Whois};
use crate::xep::ns;

/// What the service can do.
pub(super) fn service_info(title: &str) -> DiscoInfoResult {
    let features = [known::DISCO_INFO, known::DISCO_ITEMS, known::MUC, known::PING];
    DiscoInfoResult {
        node: None,
        identities: vec![identity(title)],
        features: features.into_iter().map(str::to_owned).collect(),
        extensions: Vec::new(),
    }
}

/// The listed rooms.
pub(super) fn service_items(service: &Service) -> DiscoItemsResult {
    let listed = service.rooms().filter(|room| room.config.public && !room.locked);
    let item = |room: &Room| Item {
        jid: room.jid.clone().into(),
        node: None,
        name: Some(room.config.title.clone()).filter(|title| !title.is_empty()),
    };
    DiscoItemsResult { node: None, items: listed.take(service.limits().listed).map(item).collect(), rsm: None }
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
        let flag = |on: bool| if on { "1" } else { "0" };
        let field = |var: &str, kind: FieldType, value: &str| Field::new(var, kind).with_value(value);
        let fields = vec![
            field("muc#roominfo_description", FieldType::TextSingle, &self.config.description),
            field("muc#roominfo_lang", FieldType::TextSingle, &self.config.lang),
            field("muc#roominfo_subject", FieldType::TextSingle, self.subject()),
            field("muc#roominfo_subjectmod", FieldType::Boolean, flag(self.config.open_subject)),
            field("muc#roominfo_occupants", FieldType::TextSingle, &self.occupants.len().to_string()),
            field("muc#maxhistoryfetch", FieldType::TextSingle, &self.config.history.to_string()),
        ];
        DataForm::new(DataFormType::Result_, ns::MUC_ROOM_INFO, fields)
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
        either(config.password.is_some(), "muc_passwordprotected", "muc_unsecured"),
        either(config.public, "muc_public", "muc_hidden"),
        either(config.persistent, "muc_persistent", "muc_temporary"),
        either(config.members_only, "muc_membersonly", "muc_open"),
        either(config.moderated, "muc_moderated", "muc_unmoderated"),
        either(config.whois == Whois::Anyone, "muc_nonanonymous", "muc_semianonymous"),
    ]
    .into_iter()
    .map(str::to_owned)
    .collect()
}

/// No items: a room says nothing about who is inside.
pub(super) fn nothing() -> DiscoItemsResult {
    DiscoItemsResult { node: None, items: Vec::new(), rsm: None }
}
