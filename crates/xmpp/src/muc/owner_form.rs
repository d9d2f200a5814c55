//! The owner's configuration form over the network (XEP-0045 §10.1–10.2): `muc#roomconfig` to a [`RoomConfig`] and back.
//! What a configuration does is in `config.rs`.

use jid::{BareJid, Jid};
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType, Option_};

use super::{Affiliation, PrivateMessages, Registration, Roles, Room, RoomConfig, RoomRefusal, Whois};
use crate::xep::ns;

const PRIVATE_MESSAGES: [(&str, PrivateMessages); 4] = [
    ("anyone", PrivateMessages::Anyone),
    ("participants", PrivateMessages::Participants),
    ("moderators", PrivateMessages::Moderators),
    ("none", PrivateMessages::None),
];

const WHOIS: [(&str, Whois); 2] = [("moderators", Whois::Moderators), ("anyone", Whois::Anyone)];

const REGISTRATION: [(&str, Registration); 3] =
    [("members", Registration::Members), ("approval", Registration::Approval), ("open", Registration::Open)];

/// What a submitted form asks for.
#[derive(Debug)]
pub(super) struct Wishes {
    pub config: RoomConfig,
    /// All admins, when the form says who they are.
    pub admins: Option<Vec<BareJid>>,
    /// All owners, when the form says who they are.
    pub owners: Option<Vec<BareJid>>,
}

/// The name on the wire of who may send private messages.
pub(super) fn name_of(choice: PrivateMessages) -> &'static str {
    PRIVATE_MESSAGES.iter().find(|(_, other)| *other == choice).map_or("", |(name, _)| name)
}

/// The name on the wire of who may see real addresses.
pub(super) fn name_of_whois(choice: Whois) -> &'static str {
    WHOIS.iter().find(|(_, other)| *other == choice).map_or("", |(name, _)| name)
}

/// The name on the wire of who may register.
pub(super) fn name_of_registration(choice: Registration) -> &'static str {
    REGISTRATION.iter().find(|(_, other)| *other == choice).map_or("", |(name, _)| name)
}

/// The names on the wire of some roles.
pub(super) fn names_of_roles(roles: Roles) -> Vec<String> {
    let all = [("moderator", roles.moderators), ("participant", roles.participants), ("visitor", roles.visitors)];
    all.iter().filter(|(_, chosen)| *chosen).map(|(name, _)| (*name).to_owned()).collect()
}

/// Reads who may see real addresses.
pub(super) fn read_whois(name: &str) -> Result<Whois, RoomRefusal> {
    read_choice(name, &WHOIS)
}

/// Reads who may send private messages.
pub(super) fn read_private_messages(name: &str) -> Result<PrivateMessages, RoomRefusal> {
    read_choice(name, &PRIVATE_MESSAGES)
}

/// Reads who may register.
pub(super) fn read_registration(name: &str) -> Result<Registration, RoomRefusal> {
    read_choice(name, &REGISTRATION)
}

/// The form, filled in with what is in force.
pub(super) fn form(room: &Room) -> DataForm {
    let config = &room.config;
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
        flag("enablearchiving", "What is said can be asked for later", config.archived),
        roles("presencebroadcast", "Whose presence the others see", config.presence_broadcast),
        roles("getmemberlist", "Who may read the list of members", config.member_list),
        list("registration", "Who may register", &REGISTRATION, config.registration),
        flag("allowqueries", "Occupants may send each other queries", config.queries),
        flag("publiclist", "Strangers may see who is inside", config.occupants_listed),
        flag("locknicks", "Reserved nicks must be used", config.nicks_locked),
        text("pubsub", "Publish-subscribe node of the room", &config.pubsub),
        people("roomadmins", "Admins", room, Affiliation::Admin),
        people("roomowners", "Owners", room, Affiliation::Owner),
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

fn roles(name: &str, label: &str, chosen: Roles) -> Field {
    let mut field = field(name, FieldType::ListMulti, label, "");
    field.values = names_of_roles(chosen);
    field.options = names_of_roles(Roles::ALL).into_iter().map(|value| Option_ { label: None, value }).collect();
    field
}

fn people(name: &str, label: &str, room: &Room, affiliation: Affiliation) -> Field {
    let mut field = field(name, FieldType::JidMulti, label, "");
    let listed = room.affiliations().filter(|(_, theirs)| *theirs == affiliation);
    field.values = listed.map(|(person, _)| person.to_string()).collect();
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
pub(super) fn read(form: &DataForm, now: &RoomConfig) -> Result<Wishes, RoomRefusal> {
    if form.form_type().is_some_and(|kind| kind != ns::MUC_ROOM_CONFIG) {
        return Err(RoomRefusal::BadRequest("This is not the form of a room's configuration."));
    }
    let mut config = now.clone();
    let (mut admins, mut owners) = (None, None);
    let mut protected = None;
    let mut secret = None;
    for field in &form.fields {
        let Some(var) = field.var.as_deref() else { continue };
        let Some(name) = var.strip_prefix("muc#roomconfig_").or_else(|| var.strip_prefix("muc#")) else { continue };
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
            "historylength" | "maxhistoryfetch" => config.history = read_number(value)?,
            "enablelogging" => config.public_log = read_flag(value)?,
            "enablearchiving" => config.archived = read_flag(value)?,
            "presencebroadcast" => config.presence_broadcast = read_roles(&field.values)?,
            "getmemberlist" => config.member_list = read_roles(&field.values)?,
            "registration" => config.registration = read_choice(value, &REGISTRATION)?,
            "allowqueries" => config.queries = read_flag(value)?,
            "publiclist" => config.occupants_listed = read_flag(value)?,
            "locknicks" => config.nicks_locked = read_flag(value)?,
            "pubsub" => value.clone_into(&mut config.pubsub),
            "roomadmins" => admins = Some(read_people(&field.values)?),
            "roomowners" => owners = Some(read_people(&field.values)?),
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
    Ok(Wishes { config, admins, owners })
}

/// Reads some roles.
pub(super) fn read_roles(values: &[String]) -> Result<Roles, RoomRefusal> {
    let mut roles = Roles::NONE;
    for value in values.iter().filter(|value| !value.is_empty() && *value != "none") {
        match value.as_str() {
            "moderator" => roles.moderators = true,
            "participant" => roles.participants = true,
            "visitor" => roles.visitors = true,
            "anyone" => roles = Roles::ALL,
            _ => return Err(RoomRefusal::BadConfiguration("A field names a role that there is not.")),
        }
    }
    Ok(roles)
}

fn read_people(values: &[String]) -> Result<Vec<BareJid>, RoomRefusal> {
    let named = values.iter().filter(|value| !value.trim().is_empty());
    let read = |value: &String| Jid::new(value.trim()).map(Jid::into_bare);
    named.map(read).collect::<Result<_, _>>().map_err(|_| RoomRefusal::BadConfiguration("A field names no address."))
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
