//! Changing affiliations and roles, and reading their lists (XEP-0045 §8.2–8.5, §9, §10.3–10.8): who may do what to
//! whom, and what it does to those inside.

use jid::{BareJid, Jid};
use xmpp_parsers::message::{Message, MessageType};

use super::leave::Removal;
use super::outcome::Turn;
use super::room::Standing;
use super::view::{ActedBy, View};
use super::{
    Affiliation, LastingPrivilege, Leaving, Limits, Nick, Occupant, Privilege, Role, Room, RoomHappening, RoomRefusal,
};
use crate::xep::muc_user::{Item, MucUser, status};

/// Who asks for a change, and with what power.
#[derive(Debug, Clone)]
pub(super) struct Authority {
    pub jid: Jid,
    pub nick: Option<Nick>,
    pub affiliation: Affiliation,
    pub role: Role,
    /// The host itself: nothing but the room's invariants binds it.
    pub is_host: bool,
}

impl Authority {
    /// The host, in the name of an address.
    pub fn host(jid: Jid) -> Authority {
        Authority { jid, nick: None, affiliation: Affiliation::Owner, role: Role::Moderator, is_host: true }
    }

    /// Who is named as the cause; the host needs no name.
    pub fn acted_by(&self) -> Option<ActedBy> {
        (!self.is_host).then(|| ActedBy { jid: self.jid.clone(), nick: self.nick.clone() })
    }

    /// The name for happenings.
    pub fn name(&self) -> Option<String> {
        self.acted_by().map(|by| by.name())
    }

    fn is_self(&self, person: &BareJid) -> bool {
        !self.is_host && self.jid.to_bare() == *person
    }
}

impl Room {
    /// What somebody may do, inside or not.
    pub(super) fn authority_of(&self, from: &Jid) -> Authority {
        let occupant = from.try_as_full().ok().and_then(|full| self.occupant_of(full));
        Authority {
            jid: from.clone(),
            nick: occupant.map(|o| o.nick.clone()),
            affiliation: self.affiliation_of(&from.to_bare()),
            role: occupant.map_or(Role::None, |o| o.role),
            is_host: false,
        }
    }

    /// Whether an affiliation may be changed (XEP-0045 §5.2.2).
    pub(super) fn check_affiliation_change(
        &self,
        by: &Authority,
        person: &BareJid,
        to: Affiliation,
    ) -> Result<(), RoomRefusal> {
        let from = self.affiliation_of(person);
        if by.is_host {
            return Ok(());
        }
        if !by.affiliation.allows(LastingPrivilege::EditMemberList) {
            return Err(RoomRefusal::NotPermitted);
        }
        if by.is_self(person) && to == Affiliation::Outcast {
            return Err(RoomRefusal::OneSelf);
        }
        if by.affiliation.allows(LastingPrivilege::EditOwnerList) {
            return Ok(());
        }
        if to >= Affiliation::Admin {
            return Err(RoomRefusal::NotPermitted);
        }
        if from >= Affiliation::Admin { Err(RoomRefusal::TooPowerful) } else { Ok(()) }
    }

    /// Whether a role may be changed (XEP-0045 §5.1.3).
    pub(super) fn check_role_change(&self, by: &Authority, whose: &Occupant, to: Role) -> Result<(), RoomRefusal> {
        let theirs = self.affiliation_of(&whose.bare);
        if theirs >= Affiliation::Admin && matches!(to, Role::Visitor | Role::Participant) {
            return Err(RoomRefusal::TooPowerful);
        }
        if by.is_host {
            return Ok(());
        }
        if !by.role.allows(Privilege::Kick) {
            return Err(RoomRefusal::NotPermitted);
        }
        let gives_or_takes_moderation = to == Role::Moderator || (whose.role == Role::Moderator && to != Role::None);
        if gives_or_takes_moderation && !by.affiliation.allows(LastingPrivilege::AssignModeratorRole) {
            return Err(RoomRefusal::NotPermitted);
        }
        if to == Role::None && by.is_self(&whose.bare) {
            return Err(RoomRefusal::OneSelf);
        }
        if to < whose.role && theirs > by.affiliation { Err(RoomRefusal::TooPowerful) } else { Ok(()) }
    }

    /// Whether the room would still have an owner.
    pub(super) fn keeps_an_owner<'a>(
        &self,
        changes: impl IntoIterator<Item = (&'a BareJid, Affiliation)>,
    ) -> Result<(), RoomRefusal> {
        let owner = |(person, standing): (&BareJid, &Standing)| {
            (standing.affiliation == Affiliation::Owner).then(|| person.clone())
        };
        let mut owners: std::collections::BTreeSet<BareJid> = self.standings.iter().filter_map(owner).collect();
        for (person, to) in changes {
            if to == Affiliation::Owner {
                owners.insert(person.clone());
            } else {
                owners.remove(person);
            }
        }
        if owners.is_empty() { Err(RoomRefusal::LastOwner) } else { Ok(()) }
    }

    /// Whether so many more addresses can have a standing.
    pub(super) fn check_standings(&self, limits: &Limits, more: usize) -> Result<(), RoomRefusal> {
        let max = limits.affiliations_per_room;
        if more > 0 && self.standings.len() + more > max {
            return Err(RoomRefusal::TooMany { what: "affiliations", max });
        }
        Ok(())
    }

    /// Whether a change gives a standing to somebody who had none.
    pub(super) fn is_new_standing(&self, person: &BareJid, to: Affiliation) -> bool {
        to != Affiliation::None && !self.standings.contains_key(person)
    }

    /// Puts an affiliation in force, checked: removes whom it shuts out, adjusts the role of whom it does not.
    pub(super) fn apply_affiliation(
        &mut self,
        turn: &mut Turn<'_>,
        by: &Authority,
        person: &BareJid,
        to: Affiliation,
        reserved_nick: Option<Nick>,
        reason: Option<String>,
    ) {
        let from = self.affiliation_of(person);
        self.lasting_changed = true;
        if to == Affiliation::None {
            self.standings.remove(person);
        } else {
            let reserved_nick = reserved_nick.or_else(|| self.standings.remove(person)?.reserved_nick);
            let standing = Standing { affiliation: to, reserved_nick, reason: reason.clone() };
            self.standings.insert(person.clone(), standing);
        }
        if from == to {
            return;
        }
        turn.tell(RoomHappening::AffiliationChanged {
            room: self.jid.clone(),
            jid: person.clone(),
            from,
            to,
            by: by.name(),
            reason: reason.clone(),
        });
        let touched = |o: &&Occupant| o.bare == *person || self.affiliation_of(&o.bare) == Affiliation::Outcast;
        let nicks: Vec<Nick> = self.occupants.values().filter(touched).map(|o| o.nick.clone()).collect();
        if nicks.is_empty() {
            self.tell_of_absent(turn, person, to, reason.as_ref());
            self.tell_the_absent(turn, by, person, to, reason.clone());
        }
        for nick in nicks {
            self.apply_affiliation_inside(turn, by, &nick, from, to, reason.clone());
        }
    }

    fn apply_affiliation_inside(
        &mut self,
        turn: &mut Turn<'_>,
        by: &Authority,
        nick: &Nick,
        from: Affiliation,
        to: Affiliation,
        reason: Option<String>,
    ) {
        let Some(occupant) = self.occupants.get(nick) else { return };
        let how = if to == Affiliation::Outcast { Leaving::Banned } else { Leaving::Removed };
        if to == Affiliation::Outcast || !self.is_welcome(&occupant.bare) {
            let removal = Removal { reason, by: by.acted_by(), ..Removal::new(how) };
            return self.remove_occupant(turn, nick, removal);
        }
        let on_entering = self.entry_role(&occupant.bare);
        let role = if to >= Affiliation::Admin || from >= Affiliation::Admin {
            on_entering
        } else if occupant.role == Role::Moderator {
            Role::Moderator
        } else {
            on_entering
        };
        self.put_role(turn, by, nick, role, reason);
    }

    /// Puts a role in force, checked; the role `none` is a kick.
    pub(super) fn apply_role(
        &mut self,
        turn: &mut Turn<'_>,
        by: &Authority,
        nick: &Nick,
        to: Role,
        reason: Option<String>,
    ) {
        if to == Role::None {
            let removal = Removal { reason, by: by.acted_by(), ..Removal::new(Leaving::Kicked) };
            return self.remove_occupant(turn, nick, removal);
        }
        self.put_role(turn, by, nick, to, reason);
    }

    fn put_role(&mut self, turn: &mut Turn<'_>, by: &Authority, nick: &Nick, role: Role, reason: Option<String>) {
        let Some(occupant) = self.occupants.get_mut(nick) else { return };
        let before = std::mem::replace(&mut occupant.role, role);
        occupant.touch();
        if before != role {
            turn.tell(RoomHappening::RoleChanged {
                room: self.jid.clone(),
                nick: nick.to_string(),
                role,
                by: by.name(),
                reason: reason.clone(),
            });
        }
        let occupant = &self.occupants[nick];
        let mut news = self.news(occupant, occupant.presence());
        news.role_before = before;
        news.by = by.acted_by();
        news.reason = reason;
        self.broadcast(turn, &news);
    }

    /// Those who may see addresses are told of a change to somebody who is not inside (XEP-0045 §9.3, §10.3).
    fn tell_of_absent(&self, turn: &mut Turn<'_>, person: &BareJid, to: Affiliation, reason: Option<&String>) {
        let item = Item { jid: Some(person.clone().into()), reason: reason.cloned(), ..Item::new(to, Role::None) };
        let notice = self.notice(MucUser::about(item, &[]));
        self.send_to_those(turn, notice, |viewer| self.view_of(viewer.role) == View::Revealed);
    }

    /// Somebody who is not inside is told of a change that an occupant or an owner made (status 101).
    fn tell_the_absent(
        &self,
        turn: &mut Turn<'_>,
        by: &Authority,
        person: &BareJid,
        to: Affiliation,
        why: Option<String>,
    ) {
        if by.is_host || by.is_self(person) || person.node().is_none() {
            return;
        }
        let item = Item { reason: why, ..Item::new(to, Role::None) };
        let news = MucUser::about(item, &[status::AFFILIATION_CHANGED]);
        let mut message = Message::new_with_type(MessageType::Normal, None).with_payload(news);
        message.from = Some(self.jid.clone().into());
        turn.send(person.clone(), message);
    }
}
