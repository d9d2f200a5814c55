//! What the XMPP server's accounts and rooms keep, in memory.

use std::collections::BTreeMap;

use desk::time::Time;

use super::{Memory, World};
use crate::im::{
    Im, ImArchived, ImBook, ImChange, ImContact, ImOffline, ImPage, ImPart, ImPreferences, ImQuery, ImRoom,
};
use crate::{Pending, StoreError};

/// Everything of the XMPP server.
#[derive(Default)]
pub(super) struct Xmpp {
    accounts: BTreeMap<String, Kept>,
    archive: Vec<ImArchived>,
    rooms: BTreeMap<String, ImRoom>,
}

/// What one account keeps.
#[derive(Default)]
struct Kept {
    version: u64,
    contacts: BTreeMap<String, ImContact>,
    blocked: std::collections::BTreeSet<String>,
    private: BTreeMap<String, String>,
    vcard: Option<String>,
    preferences: ImPreferences,
    offline: BTreeMap<u64, ImOffline>,
    last_seen: Option<(Time, String)>,
}

impl Xmpp {
    fn of(&mut self, account: String) -> &mut Kept {
        self.accounts.entry(account).or_default()
    }

    fn change(&mut self, change: ImChange) {
        match change {
            ImChange::Contact(account, contact, version) => {
                let kept = self.of(account);
                kept.version = version;
                kept.contacts.insert(contact.jid.clone(), contact);
            }
            ImChange::ContactGone(account, jid, version) => {
                let kept = self.of(account);
                kept.version = version;
                kept.contacts.remove(&jid);
            }
            ImChange::Blocked(account, jid) => {
                self.of(account).blocked.insert(jid);
            }
            ImChange::Unblocked(account, jid) => {
                if let Some(kept) = self.accounts.get_mut(&account) {
                    kept.blocked.remove(&jid);
                }
            }
            ImChange::Private(account, key, document) => {
                self.of(account).private.insert(key, document);
            }
            ImChange::Vcard(account, document) => self.of(account).vcard = Some(document),
            ImChange::Preferences(account, preferences) => self.of(account).preferences = preferences,
            ImChange::LastSeen(account, at, words) => self.of(account).last_seen = Some((at, words)),
            ImChange::Offline(account, message) => {
                self.of(account).offline.insert(message.number, message);
            }
            ImChange::OfflineTaken(account, up_to) => {
                if let Some(kept) = self.accounts.get_mut(&account) {
                    kept.offline.retain(|number, _| *number > up_to);
                }
            }
            ImChange::Archived(archived) => self.archive.push(archived),
            ImChange::Forgotten(account) => {
                self.accounts.remove(&account);
                self.archive.retain(|archived| archived.owner != account);
            }
        }
    }

    /// Whether two messages of one archive would have one id.
    fn has_twice(&self, changes: &[ImChange]) -> bool {
        let new: Vec<&ImArchived> =
            changes.iter().filter_map(|c| if let ImChange::Archived(a) = c { Some(a) } else { None }).collect();
        let same = |one: &ImArchived, other: &ImArchived| one.owner == other.owner && one.id == other.id;
        new.iter().enumerate().any(|(place, one)| {
            new[..place].iter().any(|other| same(one, other)) || self.archive.iter().any(|other| same(one, other))
        })
    }

    fn page(&self, query: &ImQuery) -> Option<ImPage> {
        let own: Vec<&ImArchived> = self.archive.iter().filter(|a| a.owner == query.owner).collect();
        let place = |id: &String| own.iter().position(|a| a.id == *id);
        let after_id = query.after_id.as_ref().map(place).map(|place| place.ok_or(())).transpose().ok()?;
        let before_id = query.before_id.as_ref().map(place).map(|place| place.ok_or(())).transpose().ok()?;
        if query.ids.iter().any(|id| place(id).is_none()) {
            return None;
        }
        let (after, before) = match &query.part {
            ImPart::After(id) => (Some(place(id)?), None),
            ImPart::Before(id) => (None, Some(place(id)?)),
            _ => (None, None),
        };
        let fits = |(place, a): &(usize, &ImArchived)| {
            query.with_bare.as_ref().is_none_or(|with| *with == a.with_bare)
                && query.with_full.as_ref().is_none_or(|with| *with == a.with_full)
                && query.start.is_none_or(|start| a.at >= start)
                && query.end.is_none_or(|end| a.at <= end)
                && after_id.is_none_or(|after| *place > after)
                && before_id.is_none_or(|before| *place < before)
                && (query.ids.is_empty() || query.ids.contains(&a.id))
        };
        let all: Vec<(usize, &ImArchived)> = own.iter().copied().enumerate().filter(fits).collect();
        let skipped = after.map_or(0, |after| all.iter().filter(|(place, _)| *place <= after).count());
        let until = before.map_or(all.len(), |before| all.iter().filter(|(place, _)| *place < before).count());
        let size = (until - skipped).min(query.max);
        let is_backwards = matches!(query.part, ImPart::Last | ImPart::Before(_));
        let start = if is_backwards { until - size } else { skipped };
        Some(ImPage {
            messages: all[start..start + size].iter().map(|(_, archived)| (*archived).clone()).collect(),
            complete: size == until - skipped,
            count: all.len(),
            index: start,
        })
    }
}

fn book(account: &str, kept: &Kept) -> ImBook {
    ImBook {
        account: account.to_owned(),
        version: kept.version,
        contacts: kept.contacts.values().cloned().collect(),
        blocked: kept.blocked.iter().cloned().collect(),
        private_bytes: kept.private.iter().map(|(key, document)| (key.clone(), document.len())).collect(),
        preferences: kept.preferences.clone(),
        offline: kept.offline.values().cloned().collect(),
        last_seen: kept.last_seen.clone(),
    }
}

impl Im for Memory {
    fn im_books(&self) -> Pending<Vec<ImBook>> {
        self.read(|world| world.xmpp.accounts.iter().map(|(account, kept)| book(account, kept)).collect())
    }

    fn im_change(&self, changes: Vec<ImChange>) -> Pending<()> {
        self.write(|world| {
            if world.xmpp.has_twice(&changes) {
                return Err(StoreError::Conflict("archive id"));
            }
            changes.into_iter().for_each(|change| world.xmpp.change(change));
            Ok(())
        })
    }

    fn im_private(&self, account: &str, key: &str) -> Pending<Option<String>> {
        self.read(|world| world.xmpp.accounts.get(account)?.private.get(key).cloned())
    }

    fn im_vcard(&self, account: &str) -> Pending<Option<String>> {
        self.read(|world| world.xmpp.accounts.get(account)?.vcard.clone())
    }

    fn im_archive(&self, query: ImQuery) -> Pending<Option<ImPage>> {
        self.read(|world| world.xmpp.page(&query))
    }

    fn im_archive_ends(&self, owner: &str) -> Pending<Option<[(String, Time); 2]>> {
        self.read(|world| {
            let mut own = world.xmpp.archive.iter().filter(|archived| archived.owner == owner);
            let end = |archived: &ImArchived| (archived.id.clone(), archived.at);
            let oldest = own.next()?;
            Some([end(oldest), end(own.next_back().unwrap_or(oldest))])
        })
    }

    fn im_retain(&self, before: Time, limit: usize) -> Pending<u64> {
        self.write(|world| {
            let mut gone = 0;
            world.xmpp.archive.retain(|archived| {
                let goes = archived.at < before && gone < limit;
                gone += usize::from(goes);
                !goes
            });
            Ok((gone + forget_waiting(world, before, limit)) as u64)
        })
    }

    fn im_erase(&self, address: &str) -> Pending<u64> {
        self.write(|world| {
            world.xmpp.accounts.remove(address);
            let archive = &mut world.xmpp.archive;
            let had = archive.len();
            archive.retain(|archived| archived.owner != address && archived.with_bare != address);
            Ok((had - archive.len()) as u64)
        })
    }

    fn im_rooms(&self) -> Pending<Vec<ImRoom>> {
        self.read(|world| world.xmpp.rooms.values().cloned().collect())
    }

    fn im_keep_room(&self, room: ImRoom) -> Pending<()> {
        self.write(|world| {
            world.xmpp.rooms.insert(room.room.clone(), room);
            Ok(())
        })
    }

    fn im_drop_room(&self, room: &str) -> Pending<()> {
        self.write(|world| {
            world.xmpp.rooms.remove(room);
            world.xmpp.archive.retain(|archived| archived.owner != room);
            Ok(())
        })
    }
}

fn forget_waiting(world: &mut World, before: Time, limit: usize) -> usize {
    let waiting = world.xmpp.accounts.iter().flat_map(|(account, kept)| {
        kept.offline.values().map(move |message| (message.at, account.clone(), message.number))
    });
    let mut old: Vec<(Time, String, u64)> = waiting.filter(|(at, ..)| *at < before).collect();
    old.sort_unstable();
    old.truncate(limit);
    for (_, account, number) in &old {
        if let Some(kept) = world.xmpp.accounts.get_mut(account) {
            kept.offline.remove(number);
        }
    }
    old.len()
}
