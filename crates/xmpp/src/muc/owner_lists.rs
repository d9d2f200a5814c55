//! Admins and owners as the configuration form names them: all at once. Who is named no longer steps down by one. What an
//! affiliation does is in `admin.rs`.

use std::collections::BTreeMap;

use jid::BareJid;

use super::admin::Authority;
use super::outcome::Turn;
use super::owner_form::Wishes;
use super::{Affiliation, Room, RoomRefusal};

impl Room {
    /// An owner submitted the form. All of it is carried out or nothing.
    pub(super) fn handle_owner_form(
        &mut self,
        turn: &mut Turn<'_>,
        by: &Authority,
        wishes: Wishes,
    ) -> Result<(), RoomRefusal> {
        wishes.config.check(turn.limits)?;
        let changes = self.changes_of_lists(wishes.admins.as_deref(), wishes.owners.as_deref());
        self.keeps_an_owner(changes.iter().map(|(person, to)| (person, *to)))?;
        let more = changes.iter().filter(|(person, to)| self.is_new_standing(person, **to)).count();
        self.check_standings(turn.limits, more)?;
        self.configure(turn, wishes.config, by.name())?;
        for (person, to) in changes {
            self.apply_affiliation(turn, by, &person, to, None, None);
        }
        Ok(())
    }

    fn changes_of_lists(
        &self,
        admins: Option<&[BareJid]>,
        owners: Option<&[BareJid]>,
    ) -> BTreeMap<BareJid, Affiliation> {
        let mut changes = BTreeMap::new();
        for (list, affiliation, below) in
            [(admins, Affiliation::Admin, Affiliation::Member), (owners, Affiliation::Owner, Affiliation::Admin)]
        {
            let Some(list) = list else { continue };
            for (person, _) in self.affiliations().filter(|(person, a)| *a == affiliation && !list.contains(person)) {
                changes.entry(person.clone()).or_insert(below);
            }
            for person in list {
                changes.insert(person.clone(), affiliation);
            }
        }
        // An owner who is named as an admin as well, by a form that does not speak of owners, stays one.
        if owners.is_none() {
            changes.retain(|person, _| self.affiliation_of(person) != Affiliation::Owner);
        }
        changes.retain(|person, to| self.affiliation_of(person) != *to);
        changes
    }
}
