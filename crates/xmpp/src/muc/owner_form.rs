//! The owner's configuration form over the network (XEP-0045 §10.1–10.2): `muc#roomconfig` to a [`RoomConfig`] and back.
//! What a configuration does is in `config.rs`.

use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType, Option_};

use super::{PrivateMessages, RoomConfig, RoomRefusal, Whois};
use crate::xep::ns;

const PRIVATE_MESSAGES: [(&str, PrivateMessages); 4] = [
    ("anyone", PrivateMessages::Anyone),
    ("participants", PrivateMessages::Participants),
    ("moderators", PrivateMessages::Moderators),
    ("none", PrivateMessages::None),
];

const WHOIS: [(&str, Whois); 2] = [("moderators", Whois::Moderators), ("anyone", Whois::Anyone)];

/// The form, filled in with what is in force.
pub(super) fn form(config: &RoomConfig) -> DataForm {
    let text = |name: &str, label: &str, value: &str| field(name, FieldType::TextSingle, label, value);
    let flag = |name: &str, label: &str, on: bool| field(name, FieldType::Boolean, label, if on { "1" } else { "0" });
    let max = config.max_occupants.map_or("none".to_owned(), |max| max.to_string());
    let fields = vec![
        text("roomname", "Title", &config.title),
        text("roomdesc", "Description", &config.description),
        text("lang", "Language", &config.lang),
        flag("persistentroom", "The room outlives its last occupant", config.persistent),
        flag("publicroom", "The room is listed", config.public),
        flag("membersonly", "Only members may enter", config.members_only),
        flag("moderatedroom", "Newcomers have no voice", config.moderated),
        flag("passwordprotectedroom", "A password is needed", config.password.is_some()),
        field("roomsecret", FieldType::TextPrivate, "Password", config.password.as_deref().unwrap_or("")),
        list("whois", "Who may see real addresses", &WHOIS, config.whois),
        flag("allowinvites", "Everybody may invite", config.open_invitations),
        flag("changesubject", "Everybody may set the subject", config.open_subject),
        list("allowpm", "Who may send private messages", &PRIVATE_MESSAGES, config.private_messages),
        text("maxusers", "Occupants at most", &max),
        text("historylength", "Messages kept for newcomers", &config.history.to_string()),
        flag("enablelogging", "The conversation is logged in public", config.public_log),
    ];
    let mut form = DataForm::new(DataFormType::Form, ns::MUC_ROOM_CONFIG, fields);
    form.title = Some("Configuration of the room".to_owned());
    form
}

fn field(name: &str, kind: FieldType, label: &str, value: &str) -> Field {
    let mut field = Field::new(&format!("muc#roomconfig_{name}"), kind).with_value(value);
    field.label = Some(label.to_owned());
    field
}

fn list<T: PartialEq + Copy>(name: &str, label: &str, choices: &[(&str, T)], chosen: T) -> Field {
    let value = choices.iter().find(|(_, choice)| *choice == chosen).map_or("", |(value, _)| *value);
    let mut field = field(name, FieldType::ListSingle, label, value);
    let option = |(value, _): &(&str, T)| Option_ { label: None, value: (*value).to_owned() };
    field.options = choices.iter().map(option).collect();
    field
}

/// What a submitted form asks for: fields that are not in it stay as they are, unknown fields are ignored.
pub(super) fn read(form: &DataForm, now: &RoomConfig) -> Result<RoomConfig, RoomRefusal> {
    if form.form_type().is_some_and(|kind| kind != ns::MUC_ROOM_CONFIG) {
        return Err(RoomRefusal::BadRequest("This is not the form of a room's configuration."));
    }
    let mut config = now.clone();
    let mut protected = None;
    let mut secret = None;
    for field in &form.fields {
        let Some(name) = field.var.as_deref().and_then(|var| var.strip_prefix("muc#roomconfig_")) else { continue };
        let value = field.values.first().map_or("", String::as_str);
        match name {
            "roomname" => value.clone_into(&mut config.title),
            "roomdesc" => config.description = field.values.join("\n"),
            "lang" => value.clone_into(&mut config.lang),
            "persistentroom" => config.persistent = read_flag(value)?,
            "publicroom" => config.public = read_flag(value)?,
            "membersonly" => config.members_only = read_flag(value)?,
            "moderatedroom" => config.moderated = read_flag(value)?,
            "passwordprotectedroom" => protected = Some(read_flag(value)?),
            "roomsecret" => secret = Some(value.to_owned()),
            "whois" => config.whois = read_choice(value, &WHOIS)?,
            "allowinvites" => config.open_invitations = read_flag(value)?,
            "changesubject" => config.open_subject = read_flag(value)?,
            "allowpm" => config.private_messages = read_choice(value, &PRIVATE_MESSAGES)?,
            "maxusers" => config.max_occupants = read_max(value)?,
            "historylength" => config.history = read_number(value)?,
            "enablelogging" => config.public_log = read_flag(value)?,
            _ => {}
        }
    }
    config.password = match (protected, secret) {
        (Some(false), _) => None,
        (Some(true), None) => Some(config.password.unwrap_or_default()),
        (None, None) => config.password,
        (Some(true), Some(secret)) => Some(secret),
        (None, Some(secret)) => config.password.map(|_| secret),
    };
    Ok(config)
}

fn read_flag(value: &str) -> Result<bool, RoomRefusal> {
    match value {
        "1" | "true" => Ok(true),
        "0" | "false" => Ok(false),
        _ => Err(RoomRefusal::BadConfiguration("A yes-or-no field says neither.")),
    }
}

fn read_choice<T: Copy>(value: &str, choices: &[(&str, T)]) -> Result<T, RoomRefusal> {
    let chosen = choices.iter().find(|(name, _)| *name == value);
    chosen.map(|(_, choice)| *choice).ok_or(RoomRefusal::BadConfiguration("A field names none of its choices."))
}

fn read_max(value: &str) -> Result<Option<usize>, RoomRefusal> {
    if value.is_empty() || value == "none" { Ok(None) } else { read_number(value).map(Some) }
}

fn read_number(value: &str) -> Result<usize, RoomRefusal> {
    value.parse().map_err(|_| RoomRefusal::BadConfiguration("A number is none."))
}
