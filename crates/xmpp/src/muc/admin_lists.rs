//! `muc#admin` over the network (XEP-0045 §8, §9, §10): a request's items are all carried out or none.
//! What each change means is in `admin.rs`.

use jid::BareJid;

use super::admin::Authority;
use super::outcome::Turn;
use super::{Affiliation, LastingPrivilege, Nick, Role, Room, RoomRefusal, Whois};
use crate::xep::muc_admin::{AdminItem, MucAdmin};

/// A change that was read and found permitted.
enum Change {
    Affiliation { person: BareJid, to: Affiliation, nick: Option<Nick>, reason: Option<String> },
    Role { nick: Nick, to: Role, reason: Option<String> },
}

impl Room {
    /// A request to change roles or affiliations.
    pub(super) fn handle_admin_set(
        &mut self,
        turn: &mut Turn<'_>,
        by: &Authority,
        query: MucAdmin,
    ) -> Result<(), RoomRefusal> {
        if query.items.is_empty() {
            return Err(RoomRefusal::BadRequest("There is nothing to change."));
        }
        if query.items.len() > turn.limits.items {
            return Err(RoomRefusal::TooMany { what: "items in a request", max: turn.limits.items });
        }
        let changes: Vec<Change> =
            query.items.into_iter().map(|item| self.read_change(turn, by, item)).collect::<Result<_, _>>()?;
        let affiliations = || {
            changes.iter().filter_map(|change| match change {
                Change::Affiliation { person, to, .. } => Some((person, *to)),
                Change::Role { .. } => None,
            })
        };
        if affiliations().next().is_some() {
            // A role that was checked may not suit an affiliation that changes before it.
            if affiliations().count() < changes.len() {
                return Err(RoomRefusal::BadRequest("Roles and affiliations are not changed together."));
            }
            self.keeps_an_owner(affiliations())?;
            let more = affiliations().filter(|(person, to)| self.is_new_standing(person, *to)).count();
            self.check_standings(turn.limits, more)?;
        }
        for change in changes {
            match change {
                Change::Affiliation { person, to, nick, reason } => {
                    self.apply_affiliation(turn, by, &person, to, nick, reason);
                }
                Change::Role { nick, to, reason } => self.apply_role(turn, by, &nick, to, reason),
            }
        }
        Ok(())
    }

    fn read_change(&self, turn: &Turn<'_>, by: &Authority, item: AdminItem) -> Result<Change, RoomRefusal> {
        turn.limits.check_reason(item.reason.as_ref())?;
        let AdminItem { affiliation, jid, nick, role, reason } = item;
        let nick =
            nick.map(|nick| Nick::new(&nick, turn.limits.nick_bytes)).transpose().map_err(RoomRefusal::BadNick)?;
        match (affiliation, role) {
            (None, Some(to)) => {
                let nick = nick.ok_or(RoomRefusal::BadRequest("A role is changed by nick."))?;
                let whose = self.occupants.get(&nick).ok_or(RoomRefusal::NoSuchOccupant)?;
                self.check_role_change(by, whose, to)?;
                Ok(Change::Role { nick, to, reason })
            }
            (Some(to), None) => {
                let inside = |nick: &Nick| self.occupants.get(nick).map(|occupant| occupant.bare.clone());
                let (person, nick) = match jid {
                    Some(jid) => (jid.to_bare(), nick),
                    None => (nick.as_ref().and_then(inside).ok_or(RoomRefusal::NoSuchOccupant)?, None),
                };
                self.check_affiliation_change(by, &person, to)?;
                let like = |nick: &Nick| self.standings.iter().any(|(p, s)| *p != person && s.reserves_like(nick));
                if nick.as_ref().is_some_and(like) {
                    return Err(RoomRefusal::NickTaken);
                }
                Ok(Change::Affiliation { person, to, nick, reason })
            }
            _ => Err(RoomRefusal::BadRequest("An item changes either a role or an affiliation.")),
        }
    }

    /// A request for a list.
    pub(super) fn handle_admin_get(&self, by: &Authority, query: &MucAdmin) -> Result<MucAdmin, RoomRefusal> {
        let [item] = query.items.as_slice() else {
            return Err(RoomRefusal::BadRequest("Lists are asked for one by one."));
        };
        let items = match (item.affiliation, item.role) {
            (Some(affiliation), None) => self.affiliation_list(by, affiliation)?,
            (None, Some(role)) => self.role_list(by, role)?,
            _ => return Err(RoomRefusal::BadRequest("A list is of a role or of an affiliation.")),
        };
        Ok(MucAdmin { items })
    }

    fn affiliation_list(&self, by: &Authority, wanted: Affiliation) -> Result<Vec<AdminItem>, RoomRefusal> {
        let may = match wanted {
            Affiliation::None => return Err(RoomRefusal::BadRequest("There is no list of those without standing.")),
            // Where everybody sees addresses, members may know one another (end-to-end encryption needs it).
            Affiliation::Outcast => by.affiliation.allows(LastingPrivilege::Ban),
            _ if self.config.whois == Whois::Anyone && self.config.members_only => {
                by.affiliation >= Affiliation::Member
            }
            // The list of members is that of those who belong to the room, admins and owners among them.
            _ if self.config.member_list.contain(by.role) => true,
            Affiliation::Member => by.affiliation.allows(LastingPrivilege::ReadMemberList),
            Affiliation::Admin | Affiliation::Owner => by.affiliation.allows(LastingPrivilege::EditAdminList),
        };
        if !may {
            return Err(RoomRefusal::NotPermitted);
        }
        let listed = self.standings.iter().filter(|(_, standing)| standing.affiliation == wanted);
        Ok(listed
            .map(|(person, standing)| AdminItem {
                affiliation: Some(wanted),
                jid: Some(person.clone().into()),
                nick: standing.reserved_nick.as_ref().map(Nick::to_string),
                role: None,
                reason: standing.reason.clone(),
            })
            .collect())
    }

    fn role_list(&self, by: &Authority, wanted: Role) -> Result<Vec<AdminItem>, RoomRefusal> {
        let may = match wanted {
            Role::Moderator => by.affiliation.allows(LastingPrivilege::AssignModeratorRole),
            _ => by.role == Role::Moderator,
        };
        if !may {
            return Err(RoomRefusal::NotPermitted);
        }
        let listed = self.occupants.values().filter(|occupant| occupant.role == wanted);
        Ok(listed
            .map(|occupant| AdminItem {
                affiliation: Some(self.affiliation_of(&occupant.bare)),
                jid: Some(occupant.shown.clone().into()),
                nick: Some(occupant.nick.to_string()),
                role: Some(wanted),
                reason: None,
            })
            .collect())
    }
}
