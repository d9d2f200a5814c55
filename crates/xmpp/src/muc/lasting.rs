//! Persistent rooms over restarts: a room to a [`LastingRoom`] and back, and telling the host when to store it. The
//! document itself is in `lasting_document.rs`.

use std::collections::BTreeMap;

use jid::BareJid;
use xmpp_parsers::message::Lang;

use super::lasting_document::{
    ConfigDocument, Document, HatDocument, LastingFault, LastingRoom, StandingDocument, SubjectDocument, VERSION,
};
use super::outcome::Turn;
use super::owner_form;
use super::room::Standing;
use super::subject::Subject;
use super::{Affiliation, Limits, Nick, Room, RoomConfig, RoomHappening, Service};
use crate::xep::hats::Hat;

impl Service {
    /// What of a room is to be stored; `None` when there is no such room or it is not persistent.
    pub fn lasting(&self, room: &BareJid) -> Option<LastingRoom> {
        let room = self.rooms.get(room).filter(|room| room.config.persistent && !room.locked)?;
        Some(LastingRoom(room.document()))
    }

    /// Puts a persistent room back after a restart, without occupants and history.
    ///
    /// # Errors
    /// Says what in the document has no meaning or is not permitted; then there is no such room.
    pub fn restore(&mut self, lasting: &LastingRoom) -> Result<BareJid, LastingFault> {
        let jid = BareJid::new(&lasting.0.room).map_err(|_| LastingFault::Senseless("the address"))?;
        if jid.domain() != self.address.domain() || jid.node().is_none() {
            return Err(LastingFault::Senseless("the address is not of this service"));
        }
        self.check_space(&jid)?;
        let room = Room::from_document(jid.clone(), &lasting.0, &self.limits)?;
        if let Some(creator) = &room.creator {
            *self.created.entry(creator.clone()).or_default() += 1;
        }
        self.list(&jid, room.is_listed());
        self.rooms.insert(jid.clone(), room);
        Ok(jid)
    }
}

impl Room {
    /// Tells the host, at the end of a call, that there is something to store or to forget.
    pub(super) fn tell_lasting(&mut self, turn: &mut Turn<'_>) {
        let changed = std::mem::take(&mut self.lasting_changed);
        let is_kept = self.config.persistent && !self.locked;
        if !changed || self.destroyed || !(is_kept || self.stored) {
            return;
        }
        self.stored = is_kept;
        turn.tell(RoomHappening::LastingChanged { room: self.jid.clone() });
    }

    fn document(&self) -> Document {
        let standing = |(person, standing): (&BareJid, &Standing)| StandingDocument {
            jid: person.to_string(),
            affiliation: standing.affiliation.as_str().to_owned(),
            nick: standing.reserved_nick.as_ref().map(Nick::to_string),
            reason: standing.reason.clone(),
        };
        let hat = |hat: &Hat| HatDocument { title: hat.title.clone(), uri: hat.uri.clone() };
        let hats = self.hats.iter().map(|(person, hats)| (person.to_string(), hats.iter().map(hat).collect()));
        Document {
            version: VERSION,
            room: self.jid.to_string(),
            creator: self.creator.as_ref().map(ToString::to_string),
            config: config_document(&self.config),
            affiliations: self.standings.iter().map(standing).collect(),
            hats: hats.collect(),
            subject: SubjectDocument {
                texts: self.subject.texts.iter().map(|(lang, text)| (lang.0.clone(), text.clone())).collect(),
                by: self.subject.by.as_ref().map(Nick::to_string),
                set_at_us: self.subject.set_at_us,
            },
        }
    }

    fn from_document(jid: BareJid, document: &Document, limits: &Limits) -> Result<Room, LastingFault> {
        let config = read_config(&document.config)?;
        config.check(limits)?;
        let mut standings = BTreeMap::new();
        for standing in &document.affiliations {
            let (person, standing) = read_standing(standing, limits)?;
            let is_taken = |nick: &Nick| standings.values().any(|other: &Standing| other.reserves_like(nick));
            if standing.reserved_nick.as_ref().is_some_and(is_taken) {
                return Err(LastingFault::Senseless("two people have one nick"));
            }
            if standings.insert(person, standing).is_some() {
                return Err(LastingFault::Senseless("somebody has two affiliations"));
            }
        }
        let is_owner = |(person, standing): (&BareJid, &Standing)| {
            (standing.affiliation == Affiliation::Owner).then(|| person.clone())
        };
        let owner = standings.iter().find_map(is_owner).ok_or(LastingFault::Senseless("nobody owns the room"))?;
        let mut room = Room::new(jid, config, owner, false, limits);
        room.standings = standings;
        room.check_standings(limits, 0)?;
        for (person, hats) in &document.hats {
            let hats = hats.iter().map(|hat| Hat { title: hat.title.clone(), uri: hat.uri.clone() }).collect();
            room.hats.insert(read_jid(person)?, hats);
        }
        room.subject = read_subject(&document.subject, limits)?;
        room.creator = document.creator.as_deref().map(read_jid).transpose()?;
        room.visited = true;
        room.lasting_changed = false;
        room.stored = true;
        room.check(limits).map_err(|_| LastingFault::Senseless("the room contradicts itself"))?;
        Ok(room)
    }
}

fn config_document(config: &RoomConfig) -> ConfigDocument {
    ConfigDocument {
        title: config.title.clone(),
        description: config.description.clone(),
        lang: config.lang.clone(),
        public: config.public,
        members_only: config.members_only,
        moderated: config.moderated,
        password: config.password.clone(),
        whois: owner_form::name_of_whois(config.whois).to_owned(),
        open_invitations: config.open_invitations,
        open_subject: config.open_subject,
        private_messages: owner_form::name_of(config.private_messages).to_owned(),
        max_occupants: config.max_occupants,
        history: config.history,
        public_log: config.public_log,
        nicks_locked: config.nicks_locked,
        presence_broadcast: owner_form::names_of_roles(config.presence_broadcast),
        member_list: owner_form::names_of_roles(config.member_list),
        registration: owner_form::name_of_registration(config.registration).to_owned(),
        queries: config.queries,
        occupants_listed: config.occupants_listed,
        archived: config.archived,
        pubsub: config.pubsub.clone(),
    }
}

fn read_config(document: &ConfigDocument) -> Result<RoomConfig, LastingFault> {
    Ok(RoomConfig {
        title: document.title.clone(),
        description: document.description.clone(),
        lang: document.lang.clone(),
        persistent: true,
        public: document.public,
        members_only: document.members_only,
        moderated: document.moderated,
        password: document.password.clone(),
        whois: owner_form::read_whois(&document.whois)?,
        open_invitations: document.open_invitations,
        open_subject: document.open_subject,
        private_messages: owner_form::read_private_messages(&document.private_messages)?,
        max_occupants: document.max_occupants,
        history: document.history,
        public_log: document.public_log,
        nicks_locked: document.nicks_locked,
        presence_broadcast: owner_form::read_roles(&document.presence_broadcast)?,
        member_list: owner_form::read_roles(&document.member_list)?,
        registration: owner_form::read_registration(&document.registration)?,
        queries: document.queries,
        occupants_listed: document.occupants_listed,
        archived: document.archived,
        pubsub: document.pubsub.clone(),
    })
}

fn read_jid(text: &str) -> Result<BareJid, LastingFault> {
    BareJid::new(text).map_err(|_| LastingFault::Senseless("an address"))
}

fn read_standing(document: &StandingDocument, limits: &Limits) -> Result<(BareJid, Standing), LastingFault> {
    let affiliation = Affiliation::parse(&document.affiliation).filter(|affiliation| *affiliation != Affiliation::None);
    let affiliation = affiliation.ok_or(LastingFault::Senseless("an affiliation"))?;
    let nick = document.nick.as_deref().map(|nick| Nick::new(nick, limits.nick_bytes)).transpose();
    let reserved_nick = nick.map_err(|_| LastingFault::Senseless("a nick"))?;
    limits.check_reason(document.reason.as_ref())?;
    Ok((read_jid(&document.jid)?, Standing { affiliation, reserved_nick, reason: document.reason.clone() }))
}

fn read_subject(document: &SubjectDocument, limits: &Limits) -> Result<Subject, LastingFault> {
    limits.check_texts("the subject", document.texts.values(), limits.subject_bytes)?;
    let by = document.by.as_deref().map(|nick| Nick::new(nick, limits.nick_bytes)).transpose();
    Ok(Subject {
        texts: document.texts.iter().map(|(lang, text)| (Lang(lang.clone()), text.clone())).collect(),
        by: by.map_err(|_| LastingFault::Senseless("a nick"))?,
        set_at_us: document.set_at_us,
    })
}
