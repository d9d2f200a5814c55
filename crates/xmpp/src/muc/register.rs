//! Registration with a room (XEP-0045 §7.10, §9.9): who asks becomes a member with a nick of their own, at once or when an
//! admin says yes. The element is in `xep/muc_register.rs`.

use std::collections::VecDeque;

use jid::{BareJid, Jid};
use minidom::Element;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::message::{Message, MessageType};

use super::admin::Authority;
use super::outcome::Turn;
use super::room::Standing;
use super::{Affiliation, Nick, Occupant, Registration, Room, RoomHappening, RoomRefusal};
use crate::xep::muc_register::MucRegister;
use crate::xep::ns;

/// What a form asks beside the nick: the name on the wire, and the label.
const FIELDS: [(&str, &str); 5] = [
    ("muc#register_first", "Given name"),
    ("muc#register_last", "Family name"),
    ("muc#register_url", "Web page"),
    ("muc#register_email", "Mail address"),
    ("muc#register_faqentry", "A few words for the list of members"),
];
const NICK: &str = "muc#register_roomnick";
const ALLOW: &str = "muc#register_allow";

/// Somebody who waits for an admin.
#[derive(Debug, Clone, PartialEq)]
struct Pending {
    person: BareJid,
    nick: Nick,
    /// What they said of themselves, by name of the field.
    answers: Vec<(&'static str, String)>,
}

/// Those who wait for an admin, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Registrations(VecDeque<Pending>);

impl Registrations {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    fn of(&self, person: &BareJid) -> Option<&Pending> {
        self.0.iter().find(|pending| pending.person == *person)
    }

    fn take_of(&mut self, person: &BareJid) -> Option<Pending> {
        let at = self.0.iter().position(|pending| pending.person == *person)?;
        self.0.remove(at)
    }

    fn named(&self, nick: &Nick) -> Option<&Pending> {
        self.0.iter().find(|pending| pending.nick == *nick)
    }

    fn is_wanted_by_another(&self, person: &BareJid, nick: &Nick) -> bool {
        self.0.iter().any(|pending| pending.person != *person && pending.nick.clashes_with(nick))
    }
}

/// An admin's answer to somebody who asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RegistrationAnswer {
    nick: String,
    allowed: bool,
}

impl RegistrationAnswer {
    /// Reads the answer among a message's payloads; `None` when there is none.
    pub fn read(payloads: &[Element]) -> Option<RegistrationAnswer> {
        let forms = payloads.iter().filter(|payload| payload.is("x", xmpp_parsers::ns::DATA_FORMS));
        let mut forms = forms.filter_map(|form| DataForm::try_from(form.clone()).ok());
        let form = forms.find(|form| form.form_type() == Some(ns::MUC_REGISTER))?;
        let allowed = form.type_ == DataFormType::Submit && matches!(value(&form, ALLOW), Some("1" | "true"));
        Some(RegistrationAnswer { nick: value(&form, NICK)?.to_owned(), allowed })
    }
}

fn value<'a>(form: &'a DataForm, name: &str) -> Option<&'a str> {
    let field = form.fields.iter().find(|field| field.var.as_deref() == Some(name))?;
    field.values.first().map(String::as_str)
}

fn empty_form() -> DataForm {
    let mut nick = Field::new(NICK, FieldType::TextSingle);
    nick.label = Some("Nick".to_owned());
    nick.required = true;
    let others = FIELDS.map(|(name, label)| {
        let mut field = Field::new(name, FieldType::TextSingle);
        field.label = Some(label.to_owned());
        field
    });
    let fields = std::iter::once(nick).chain(others).collect();
    let mut form = DataForm::new(DataFormType::Form, ns::MUC_REGISTER, fields);
    form.title = Some("Registration with the room".to_owned());
    form
}

impl Room {
    /// The nick that is reserved for somebody.
    pub(super) fn reserved_nick(&self, person: &BareJid) -> Option<&Nick> {
        self.standings.get(person)?.reserved_nick.as_ref()
    }

    /// Whether somebody may register at all.
    fn check_may_register(&self, person: &BareJid) -> Result<(), RoomRefusal> {
        match self.affiliation_of(person) {
            Affiliation::Outcast => Err(RoomRefusal::Banned),
            Affiliation::None if self.config.registration == Registration::Members => Err(RoomRefusal::RegistrationOff),
            _ => Ok(()),
        }
    }

    /// Somebody asks what registering takes, or whether they are registered.
    pub(super) fn handle_register_get(&self, from: &Jid) -> Result<MucRegister, RoomRefusal> {
        let person = from.to_bare();
        self.check_may_register(&person)?;
        let registered = self.reserved_nick(&person).map(Nick::to_string);
        Ok(MucRegister {
            registered: registered.is_some(),
            instructions: Some("Choose the nick that the room keeps for you.".to_owned()),
            username: registered,
            form: Some(empty_form()),
            ..MucRegister::default()
        })
    }

    /// Somebody registers, or takes it back.
    pub(super) fn handle_register_set(
        &mut self,
        turn: &mut Turn<'_>,
        from: &Jid,
        request: MucRegister,
    ) -> Result<(), RoomRefusal> {
        let person = from.to_bare();
        if request.remove {
            return self.take_back(turn, &person);
        }
        self.check_may_register(&person)?;
        let form = request.form.ok_or(RoomRefusal::FieldMissing("the form"))?;
        if form.type_ == DataFormType::Cancel {
            return Ok(());
        }
        if form.form_type() != Some(ns::MUC_REGISTER) || form.type_ != DataFormType::Submit {
            return Err(RoomRefusal::BadRequest("This is not the form of a room's registration."));
        }
        let pending = self.read_registration(turn, person, &form)?;
        if self.affiliation_of(&pending.person) >= Affiliation::Member || self.config.registration == Registration::Open
        {
            let more = usize::from(self.is_new_standing(&pending.person, Affiliation::Member));
            self.check_standings(turn.limits, more)?;
            let by = Authority { is_host: true, ..self.authority_of(from) };
            self.registrations.take_of(&pending.person);
            self.register(turn, &by, pending);
            return Ok(());
        }
        let is_new = self.registrations.of(&pending.person).is_none();
        let max = turn.limits.registrations_per_room;
        if is_new && self.registrations.len() >= max {
            return Err(RoomRefusal::TooMany { what: "registrations that wait for an admin", max });
        }
        self.registrations.take_of(&pending.person);
        self.send_to_those(turn, self.approval(&pending), |occupant| self.approves(occupant));
        turn.tell(RoomHappening::RegistrationRequested {
            room: self.jid.clone(),
            jid: pending.person.clone(),
            nick: pending.nick.to_string(),
        });
        self.registrations.0.push_back(pending);
        Ok(())
    }

    fn read_registration(&self, turn: &Turn<'_>, person: BareJid, form: &DataForm) -> Result<Pending, RoomRefusal> {
        let nick = value(form, NICK).filter(|nick| !nick.is_empty()).ok_or(RoomRefusal::FieldMissing("the nick"))?;
        let nick = Nick::new(nick, turn.limits.nick_bytes).map_err(RoomRefusal::BadNick)?;
        let mut answers = Vec::new();
        for (name, _) in FIELDS {
            let Some(answer) = value(form, name).filter(|answer| !answer.is_empty()) else { continue };
            turn.limits.check_texts("an answer", [&answer.to_owned()], turn.limits.reason_bytes)?;
            answers.push((name, answer.to_owned()));
        }
        let is_anothers = self.occupants.values().any(|o| o.bare != person && o.nick.clashes_with(&nick))
            || self.standings.iter().any(|(other, standing)| *other != person && standing.reserves_like(&nick))
            || self.registrations.is_wanted_by_another(&person, &nick);
        if is_anothers { Err(RoomRefusal::NickTaken) } else { Ok(Pending { person, nick, answers }) }
    }

    /// Puts a registration in force: a stranger becomes a member, and the nick is kept.
    fn register(&mut self, turn: &mut Turn<'_>, by: &Authority, pending: Pending) {
        let to = self.affiliation_of(&pending.person).max(Affiliation::Member);
        let reason = self.standings.get(&pending.person).and_then(|standing| standing.reason.clone());
        self.apply_affiliation(turn, by, &pending.person, to, Some(pending.nick), reason);
    }

    /// Somebody is registered no longer, or waits no longer. A member is one no more; who stands higher stays.
    fn take_back(&mut self, turn: &mut Turn<'_>, person: &BareJid) -> Result<(), RoomRefusal> {
        if self.registrations.take_of(person).is_some() {
            return Ok(());
        }
        let affiliation = self.affiliation_of(person);
        if affiliation == Affiliation::Member {
            let by = Authority::host(person.clone().into());
            self.apply_affiliation(turn, &by, person, Affiliation::None, None, None);
            return Ok(());
        }
        let standing = self.standings.get_mut(person).filter(|standing| standing.reserved_nick.is_some());
        standing.ok_or(RoomRefusal::NotRegistered)?.reserved_nick = None;
        self.lasting_changed = true;
        Ok(())
    }

    /// An admin answers somebody who asked.
    pub(super) fn handle_registration_answer(
        &mut self,
        turn: &mut Turn<'_>,
        by: &Authority,
        answer: &RegistrationAnswer,
    ) -> Result<(), RoomRefusal> {
        if by.affiliation < Affiliation::Admin {
            return Err(RoomRefusal::NotPermitted);
        }
        let nick = Nick::new(&answer.nick, turn.limits.nick_bytes).map_err(RoomRefusal::BadNick)?;
        let asked = self.registrations.named(&nick).ok_or(RoomRefusal::NoSuchRegistration)?;
        if answer.allowed {
            // Since they asked, they may have been banned, or another may have been given the nick.
            if self.affiliation_of(&asked.person) == Affiliation::Outcast {
                return Err(RoomRefusal::NotPermitted);
            }
            let reserves =
                |(other, standing): (&BareJid, &Standing)| *other != asked.person && standing.reserves_like(&nick);
            if self.standings.iter().any(reserves) {
                return Err(RoomRefusal::NickTaken);
            }
            let is_new = self.is_new_standing(&asked.person, Affiliation::Member);
            self.check_standings(turn.limits, usize::from(is_new))?;
        }
        let person = asked.person.clone();
        let Some(pending) = self.registrations.take_of(&person) else { return Err(RoomRefusal::NoSuchRegistration) };
        if answer.allowed {
            self.register(turn, by, pending);
        } else {
            turn.tell(RoomHappening::RegistrationRefused { room: self.jid.clone(), jid: person });
        }
        Ok(())
    }

    fn approves(&self, occupant: &Occupant) -> bool {
        self.affiliation_of(&occupant.bare) >= Affiliation::Admin
    }

    /// An admin who enters is asked about everybody who waits.
    pub(super) fn put_registrations_to(&self, turn: &mut Turn<'_>, newcomer: &Occupant) {
        if self.registrations.len() == 0 || !self.approves(newcomer) {
            return;
        }
        for pending in &self.registrations.0 {
            turn.send(newcomer.shown.clone(), self.approval(pending));
        }
    }

    fn approval(&self, pending: &Pending) -> Message {
        let text = |name: &str, value: &str| Field::new(name, FieldType::TextSingle).with_value(value);
        let mut fields = vec![
            Field::new("muc#register_jid", FieldType::JidSingle).with_value(pending.person.as_str()),
            text(NICK, pending.nick.as_str()),
        ];
        fields.extend(pending.answers.iter().map(|(name, answer)| text(name, answer)));
        let mut allow = Field::new(ALLOW, FieldType::Boolean).with_value("0");
        allow.label = Some("May they register?".to_owned());
        fields.push(allow);
        let mut form = DataForm::new(DataFormType::Form, ns::MUC_REGISTER, fields);
        form.title = Some("Somebody asks to be registered".to_owned());
        let mut message = Message::new_with_type(MessageType::Normal, None);
        message.from = Some(self.jid.clone().into());
        message.payloads.push(form.into());
        message
    }
}
