//! Accounts, web sessions and API keys in SQLite.

use desk::time::Time;
use rusqlite::{Connection, Row, params};

use super::Sqlite;
use super::fault::said_of;
use super::values::{
    all, count, execute, get, get_hash, get_id, get_json, get_time, get_time_or_none, get_word, id, must, one, texts,
};
use crate::accounts::{Account, AccountChange, Accounts, ApiKey, NewAccount, NewKey, NewSession, Session};
use crate::codec::word;
use crate::scram::{KeyPair, Keys};
use crate::{Hash, Pending, StoreError};

const ACCOUNT: &str = "SELECT id, name, title, role, disabled, salt, iterations, stored_sha256, server_sha256,
    stored_sha1, server_sha1, created_at, password_at FROM account";

const KEY: &str = "SELECT id, title, scopes, agent, \"by\", created_at, used_at, expires_at FROM api_key";

impl Accounts for Sqlite {
    fn create_account(&self, account: NewAccount) -> Pending<u64> {
        self.write(move |connection| {
            let keys = &account.keys;
            let sql = "INSERT INTO account (name, title, role, salt, iterations, stored_sha256, server_sha256,
                         stored_sha1, server_sha1, created_at, password_at)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)";
            let values = params![
                account.name,
                account.title,
                word(&account.role),
                keys.salt,
                keys.iterations,
                keys.sha256.stored,
                keys.sha256.server,
                keys.sha1.stored,
                keys.sha1.server,
                account.at.0
            ];
            connection.execute(sql, values).map_err(said_of("name"))?;
            Ok(connection.last_insert_rowid().cast_unsigned())
        })
    }

    fn account(&self, name: &str) -> Pending<Option<Account>> {
        let name = name.to_owned();
        self.read(move |connection| one(connection, &format!("{ACCOUNT} WHERE name = ?1"), [name], account))
    }

    fn accounts(&self) -> Pending<Vec<Account>> {
        self.read(|connection| all(connection, &format!("{ACCOUNT} ORDER BY name"), [], account))
    }

    fn change_account(&self, name: &str, change: AccountChange, _at: Time) -> Pending<()> {
        let name = name.to_owned();
        self.write(move |connection| {
            let sql = "UPDATE account SET title = ifnull(?2, title), role = ifnull(?3, role),
                         disabled = ifnull(?4, disabled) WHERE name = ?1";
            let role = change.role.as_ref().map(word);
            must(connection, sql, params![name, change.title, role, change.disabled])?;
            if change.disabled == Some(true) { close_sessions(connection, &name, None) } else { Ok(()) }
        })
    }

    fn set_password(&self, name: &str, keys: Keys, keep: Option<Hash>, at: Time) -> Pending<()> {
        let name = name.to_owned();
        self.write(move |connection| {
            let sql = "UPDATE account SET salt = ?2, iterations = ?3, stored_sha256 = ?4, server_sha256 = ?5,
                         stored_sha1 = ?6, server_sha1 = ?7, password_at = ?8 WHERE name = ?1";
            let values = params![
                name,
                keys.salt,
                keys.iterations,
                keys.sha256.stored,
                keys.sha256.server,
                keys.sha1.stored,
                keys.sha1.server,
                at.0
            ];
            must(connection, sql, values)?;
            close_sessions(connection, &name, keep)
        })
    }

    fn delete_account(&self, name: &str) -> Pending<()> {
        let name = name.to_owned();
        self.write(move |connection| {
            close_sessions(connection, &name, None)?;
            execute(connection, "DELETE FROM canned WHERE owner = ?1", [&name])?;
            must(connection, "DELETE FROM account WHERE name = ?1", [&name])
        })
    }

    fn open_session(&self, session: NewSession) -> Pending<()> {
        self.write(move |connection| {
            let sql = "INSERT INTO web_session (token, csrf, account, created_at, seen_at, expires_at)
                       VALUES (?1, ?2, ?3, ?4, ?4, ?5)";
            let values = params![session.token, session.csrf, id(session.account), session.at.0, session.expires_at.0];
            execute(connection, sql, values)
        })
    }

    fn session(&self, token: Hash) -> Pending<Option<(Session, Account)>> {
        self.read(move |connection| {
            let sql = "SELECT csrf, account, created_at, seen_at, expires_at FROM web_session WHERE token = ?1";
            let Some(session) = one(connection, sql, [token], session)? else { return Ok(None) };
            let found = one(connection, &format!("{ACCOUNT} WHERE id = ?1"), [id(session.account)], account)?;
            Ok(found.map(|account| (session, account)))
        })
    }

    fn touch_session(&self, token: Hash, seen_at: Time, expires_at: Time) -> Pending<()> {
        self.write(move |connection| {
            let sql = "UPDATE web_session SET seen_at = ?2, expires_at = ?3 WHERE token = ?1";
            must(connection, sql, params![token, seen_at.0, expires_at.0])
        })
    }

    fn close_session(&self, token: Hash) -> Pending<()> {
        self.write(move |connection| execute(connection, "DELETE FROM web_session WHERE token = ?1", [token]))
    }

    fn drop_expired(&self, now: Time) -> Pending<u64> {
        self.write(move |connection| {
            execute(connection, "DELETE FROM api_key WHERE expires_at <= ?1", [now.0])?;
            count(connection, "DELETE FROM web_session WHERE expires_at <= ?1", [now.0])
        })
    }

    fn create_key(&self, key: NewKey) -> Pending<u64> {
        self.write(move |connection| {
            let sql = "INSERT INTO api_key (token, title, scopes, agent, \"by\", created_at, expires_at)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let expires_at = key.expires_at.map(|at| at.0);
            let values = params![key.token, key.title, texts(&key.scopes), key.agent, key.by, key.at.0, expires_at];
            connection.execute(sql, values).map_err(said_of("token"))?;
            Ok(connection.last_insert_rowid().cast_unsigned())
        })
    }

    fn key(&self, token: Hash) -> Pending<Option<ApiKey>> {
        self.read(move |connection| one(connection, &format!("{KEY} WHERE token = ?1"), [token], key))
    }

    fn keys(&self) -> Pending<Vec<ApiKey>> {
        self.read(|connection| all(connection, &format!("{KEY} ORDER BY id"), [], key))
    }

    fn touch_key(&self, key: u64, at: Time) -> Pending<()> {
        self.write(move |connection| must(connection, "UPDATE api_key SET used_at = ?2 WHERE id = ?1", [id(key), at.0]))
    }

    fn delete_key(&self, key: u64) -> Pending<()> {
        self.write(move |connection| must(connection, "DELETE FROM api_key WHERE id = ?1", [id(key)]))
    }
}

fn close_sessions(connection: &Connection, name: &str, keep: Option<Hash>) -> Result<(), StoreError> {
    let sql = "DELETE FROM web_session WHERE account = (SELECT id FROM account WHERE name = ?1) AND token IS NOT ?2";
    execute(connection, sql, params![name, keep])
}

fn account(row: &Row<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        id: get_id(row, "id")?,
        name: get(row, "name")?,
        title: get(row, "title")?,
        role: get_word(row, "role")?,
        disabled: get(row, "disabled")?,
        keys: Keys {
            salt: get(row, "salt")?,
            iterations: get(row, "iterations")?,
            sha256: KeyPair { stored: get(row, "stored_sha256")?, server: get(row, "server_sha256")? },
            sha1: KeyPair { stored: get(row, "stored_sha1")?, server: get(row, "server_sha1")? },
        },
        created_at: get_time(row, "created_at")?,
        password_at: get_time(row, "password_at")?,
    })
}

fn session(row: &Row<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        csrf: get_hash(row, "csrf")?,
        account: get_id(row, "account")?,
        created_at: get_time(row, "created_at")?,
        seen_at: get_time(row, "seen_at")?,
        expires_at: get_time(row, "expires_at")?,
    })
}

fn key(row: &Row<'_>) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: get_id(row, "id")?,
        title: get(row, "title")?,
        scopes: get_json(row, "scopes")?,
        agent: get(row, "agent")?,
        by: get(row, "by")?,
        created_at: get_time(row, "created_at")?,
        used_at: get_time_or_none(row, "used_at")?,
        expires_at: get_time_or_none(row, "expires_at")?,
    })
}
