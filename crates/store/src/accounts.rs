//! People and programs who may use the desk: accounts with SCRAM keys, their web sessions, API keys. Tokens appear here
//! only as hashes.

use std::fmt;

use desk::time::Time;

use crate::scram::Keys;
use crate::{Hash, Pending};

/// Who may sign in.
pub trait Accounts: Send + Sync {
    /// Makes an account; `Conflict("name")` if the name is taken. Its number.
    fn create_account(&self, account: NewAccount) -> Pending<u64>;
    /// An account by name.
    fn account(&self, name: &str) -> Pending<Option<Account>>;
    /// All accounts by name.
    fn accounts(&self) -> Pending<Vec<Account>>;
    /// Changes what is set; `NotFound` if there is no such account. Disabling closes its sessions.
    fn change_account(&self, name: &str, change: AccountChange, at: Time) -> Pending<()>;
    /// Sets another password and closes all sessions except `keep`.
    fn set_password(&self, name: &str, keys: Keys, keep: Option<Hash>, at: Time) -> Pending<()>;
    /// Removes an account, its sessions and canned replies of its own.
    fn delete_account(&self, name: &str) -> Pending<()>;

    /// Keeps a web session.
    fn open_session(&self, session: NewSession) -> Pending<()>;
    /// The session of a token, with its account; disabled accounts and expiry are for the caller to look at.
    fn session(&self, token: Hash) -> Pending<Option<(Session, Account)>>;
    /// Notes that a session was used and until when it holds now.
    fn touch_session(&self, token: Hash, seen_at: Time, expires_at: Time) -> Pending<()>;
    /// Closes a session; none there is no fault.
    fn close_session(&self, token: Hash) -> Pending<()>;
    /// Forgets the sessions and API keys that expired before that time; how many sessions.
    fn drop_expired(&self, now: Time) -> Pending<u64>;

    /// Keeps an API key; its number.
    fn create_key(&self, key: NewKey) -> Pending<u64>;
    /// The API key of a token.
    fn key(&self, token: Hash) -> Pending<Option<ApiKey>>;
    /// All API keys, oldest first.
    fn keys(&self) -> Pending<Vec<ApiKey>>;
    /// Notes that a key was used.
    fn touch_key(&self, id: u64, at: Time) -> Pending<()>;
    /// Removes a key; `NotFound` if it is not there.
    fn delete_key(&self, id: u64) -> Pending<()>;
}

/// What a person may do; each includes the ones before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Helps.
    Agent,
    /// Looks after the floor.
    Supervisor,
    /// Changes the desk.
    Administrator,
}

/// An account to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewAccount {
    /// Name to sign in with; an agent's is that of its `AgentSpec`.
    pub name: String,
    /// What people read.
    pub title: String,
    /// What it may do.
    pub role: Role,
    /// What verifies its password.
    pub keys: Keys,
    /// When.
    pub at: Time,
}

/// An account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Its number, never reused.
    pub id: u64,
    /// Name to sign in with.
    pub name: String,
    /// What people read.
    pub title: String,
    /// What it may do.
    pub role: Role,
    /// Nobody can sign in with it.
    pub disabled: bool,
    /// What verifies its password.
    pub keys: Keys,
    /// When it was made.
    pub created_at: Time,
    /// When its password was set last.
    pub password_at: Time,
}

/// What changes about an account.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountChange {
    /// Another title.
    pub title: Option<String>,
    /// Another role.
    pub role: Option<Role>,
    /// Disabled, or no longer.
    pub disabled: Option<bool>,
}

/// A web session to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// Hash of its token.
    pub token: Hash,
    /// Hash of its CSRF token.
    pub csrf: Hash,
    /// Number of the account.
    pub account: u64,
    /// When it began.
    pub at: Time,
    /// Until when it holds.
    pub expires_at: Time,
}

/// A web session.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Hash of its CSRF token.
    pub csrf: Hash,
    /// Number of the account.
    pub account: u64,
    /// When it began.
    pub created_at: Time,
    /// When it was used last, as far as noted.
    pub seen_at: Time,
    /// Until when it holds.
    pub expires_at: Time,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("account", &self.account).finish_non_exhaustive()
    }
}

/// An API key to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewKey {
    /// Hash of its token.
    pub token: Hash,
    /// What it is for.
    pub title: String,
    /// What it may do, in the words of the API.
    pub scopes: Vec<String>,
    /// Name of the agent it acts as.
    pub agent: Option<String>,
    /// Account name of who made it.
    pub by: String,
    /// When.
    pub at: Time,
    /// Until when it holds; none: until deleted.
    pub expires_at: Option<Time>,
}

/// An API key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKey {
    /// Its number.
    pub id: u64,
    /// What it is for.
    pub title: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Name of the agent it acts as.
    pub agent: Option<String>,
    /// Account name of who made it.
    pub by: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was used last, as far as noted.
    pub used_at: Option<Time>,
    /// Until when it holds.
    pub expires_at: Option<Time>,
}
