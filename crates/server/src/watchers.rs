//! The sessions of supervisors who watch the floor without being agents of the desk, or without signing in there: one for
//! each signed-in browser or program. The desk never hears of them. Sessions of visits and agents are in `directory.rs`.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::directory::Full;
use crate::stream::{Bye, Session};

/// Who watches; a number that is given once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WatcherId(pub u64);

/// Everybody who watches.
#[derive(Default)]
pub struct Watchers(RwLock<BTreeMap<WatcherId, Watcher>>);

struct Watcher {
    session: Arc<Session>,
    account: String,
    holder: String,
}

impl Watchers {
    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<WatcherId, Watcher>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<WatcherId, Watcher>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session of this holder (one signed-in browser or program), made if there is none or it is over.
    ///
    /// # Errors
    /// When there are `most` already.
    pub fn open(
        &self,
        account: &str,
        holder: &str,
        most: usize,
        make: impl FnOnce() -> (WatcherId, Arc<Session>),
    ) -> Result<(WatcherId, Arc<Session>), Full> {
        let mut all = self.write();
        all.retain(|_, it| !it.session.is_over());
        if let Some((id, it)) = all.iter().find(|(_, it)| it.holder == holder && it.account == account) {
            return Ok((*id, Arc::clone(&it.session)));
        }
        if all.len() >= most {
            return Err(Full);
        }
        let (id, session) = make();
        let watcher = Watcher { session: Arc::clone(&session), account: account.to_owned(), holder: holder.to_owned() };
        all.insert(id, watcher);
        Ok((id, session))
    }

    /// One session.
    pub fn get(&self, id: WatcherId) -> Option<Arc<Session>> {
        self.read().get(&id).map(|it| Arc::clone(&it.session))
    }

    /// All sessions.
    pub fn all(&self) -> Vec<Arc<Session>> {
        self.read().values().map(|it| Arc::clone(&it.session)).collect()
    }

    /// Whether anybody watches.
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// Ends the sessions that are meant, by account and holder.
    pub fn close(&self, meant: impl Fn(&str, &str) -> bool, reason: Bye) {
        self.write().retain(|_, it| {
            let ends = meant(&it.account, &it.holder);
            if ends {
                it.session.bye(reason);
            }
            !ends
        });
    }

    /// Forgets a session that nobody reads.
    pub fn forget_idle(&self, id: WatcherId) {
        let mut all = self.write();
        if all.get(&id).is_some_and(|it| it.session.readers() == 0) {
            all.remove(&id);
        }
    }
}
