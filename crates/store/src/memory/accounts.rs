//! Accounts, web sessions and API keys in memory.

use desk::time::Time;

use super::{Memory, World};
use crate::accounts::{Account, AccountChange, Accounts, ApiKey, NewAccount, NewKey, NewSession, Session};
use crate::scram::Keys;
use crate::{Hash, Pending, StoreError};

impl Accounts for Memory {
    fn create_account(&self, new: NewAccount) -> Pending<u64> {
        self.write(|world| {
            if world.accounts.contains_key(&new.name) {
                return Err(StoreError::Conflict("name"));
            }
            let id = world.number("account");
            let account = Account {
                id,
                name: new.name.clone(),
                title: new.title,
                role: new.role,
                disabled: false,
                keys: new.keys,
                created_at: new.at,
                password_at: new.at,
            };
            world.accounts.insert(new.name, account);
            Ok(id)
        })
    }

    fn account(&self, name: &str) -> Pending<Option<Account>> {
        self.read(|world| world.accounts.get(name).cloned())
    }

    fn accounts(&self) -> Pending<Vec<Account>> {
        self.read(|world| world.accounts.values().cloned().collect())
    }

    fn change_account(&self, name: &str, change: AccountChange, _at: Time) -> Pending<()> {
        self.write(|world| {
            let account = world.accounts.get_mut(name).ok_or(StoreError::NotFound)?;
            account.title = change.title.unwrap_or_else(|| account.title.clone());
            account.role = change.role.unwrap_or(account.role);
            account.disabled = change.disabled.unwrap_or(account.disabled);
            if change.disabled == Some(true) {
                close_sessions(world, name, None);
            }
            Ok(())
        })
    }

    fn set_password(&self, name: &str, keys: Keys, keep: Option<Hash>, at: Time) -> Pending<()> {
        self.write(|world| {
            let account = world.accounts.get_mut(name).ok_or(StoreError::NotFound)?;
            account.keys = keys;
            account.password_at = at;
            close_sessions(world, name, keep);
            Ok(())
        })
    }

    fn delete_account(&self, name: &str) -> Pending<()> {
        self.write(|world| {
            close_sessions(world, name, None);
            world.canned.retain(|_, canned| canned.owner.as_deref() != Some(name));
            world.accounts.remove(name).map(|_| ()).ok_or(StoreError::NotFound)
        })
    }

    fn open_session(&self, new: NewSession) -> Pending<()> {
        self.write(|world| {
            let session = Session {
                csrf: new.csrf,
                account: new.account,
                created_at: new.at,
                seen_at: new.at,
                expires_at: new.expires_at,
            };
            world.sessions.insert(new.token, session);
            Ok(())
        })
    }

    fn session(&self, token: Hash) -> Pending<Option<(Session, Account)>> {
        self.read(|world| {
            let session = world.sessions.get(&token)?;
            let account = world.accounts.values().find(|account| account.id == session.account)?;
            Some((session.clone(), account.clone()))
        })
    }

    fn touch_session(&self, token: Hash, seen_at: Time, expires_at: Time) -> Pending<()> {
        self.write(|world| {
            let session = world.sessions.get_mut(&token).ok_or(StoreError::NotFound)?;
            (session.seen_at, session.expires_at) = (seen_at, expires_at);
            Ok(())
        })
    }

    fn close_session(&self, token: Hash) -> Pending<()> {
        self.write(|world| {
            world.sessions.remove(&token);
            Ok(())
        })
    }

    fn drop_expired(&self, now: Time) -> Pending<u64> {
        self.write(|world| {
            world.keys.retain(|_, (key, _)| key.expires_at.is_none_or(|end| end > now));
            let before = world.sessions.len();
            world.sessions.retain(|_, session| session.expires_at > now);
            Ok((before - world.sessions.len()) as u64)
        })
    }

    fn create_key(&self, new: NewKey) -> Pending<u64> {
        self.write(|world| {
            if world.keys.values().any(|(_, token)| *token == new.token) {
                return Err(StoreError::Conflict("token"));
            }
            let id = world.number("key");
            let key = ApiKey {
                id,
                title: new.title,
                scopes: new.scopes,
                agent: new.agent,
                by: new.by,
                created_at: new.at,
                used_at: None,
                expires_at: new.expires_at,
            };
            world.keys.insert(id, (key, new.token));
            Ok(id)
        })
    }

    fn key(&self, token: Hash) -> Pending<Option<ApiKey>> {
        self.read(|world| world.keys.values().find(|(_, of)| *of == token).map(|(key, _)| key.clone()))
    }

    fn keys(&self) -> Pending<Vec<ApiKey>> {
        self.read(|world| world.keys.values().map(|(key, _)| key.clone()).collect())
    }

    fn touch_key(&self, id: u64, at: Time) -> Pending<()> {
        self.write(|world| {
            world.keys.get_mut(&id).ok_or(StoreError::NotFound)?.0.used_at = Some(at);
            Ok(())
        })
    }

    fn delete_key(&self, id: u64) -> Pending<()> {
        self.write(|world| world.keys.remove(&id).map(|_| ()).ok_or(StoreError::NotFound))
    }
}

fn close_sessions(world: &mut World, name: &str, keep: Option<Hash>) {
    let of = world.accounts.get(name).map(|account| account.id);
    world.sessions.retain(|token, session| Some(session.account) != of || Some(*token) == keep);
}
