//! Why the store could not do it: one message for the log, one hint for the operator. Nothing about SQL leaves the crate.

use std::fmt;

/// Why the store could not do what was asked. A job that failed changed nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreError {
    /// The disk, or the size that the database may have, is full.
    Full,
    /// Another process held the database for longer than the busy timeout.
    Locked,
    /// What stands on the disk cannot be read back; what was found wrong.
    Corrupt(String),
    /// The database was written by a newer version of Anteroom.
    Newer {
        /// The version of the database's form.
        found: u32,
        /// The newest that this binary knows.
        known: u32,
    },
    /// More is waiting to be written than may wait.
    Busy,
    /// Something of that name is there already, or was changed in between; which rule was broken.
    Conflict(&'static str),
    /// There is no such row.
    NotFound,
    /// The operating system or the database refused; its own words.
    Io(String),
    /// The store was closed, or its thread is gone.
    Closed,
}

impl StoreError {
    /// What an operator can do about it, in a sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Full => {
                "free space on the disk that holds the data directory, then start again; nothing acknowledged was lost"
            }
            Self::Locked => {
                "another process has the database open: stop it, or give each server its own data directory"
            }
            Self::Corrupt(_) => "restore the newest backup; keep the damaged file for inspection",
            Self::Newer { .. } => {
                "run the version of Anteroom that wrote the database, or a newer one; going back needs a backup"
            }
            Self::Busy => "the disk is slower than the load: try again later, or use a faster disk",
            Self::Conflict(_) => "read the present state again and repeat the change",
            Self::NotFound => "it may have been removed meanwhile",
            Self::Io(_) => "check that the data directory exists, is writable by this user, and that its disk works",
            Self::Closed => "the store has stopped; look for the first error before this one",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => write!(f, "the storage is full"),
            Self::Locked => write!(f, "the database is locked by another process"),
            Self::Corrupt(what) => write!(f, "the database is damaged: {what}"),
            Self::Newer { found, known } => {
                write!(f, "the database has form {found}, this version knows forms up to {known}")
            }
            Self::Busy => write!(f, "too much is waiting to be written"),
            Self::Conflict(rule) => write!(f, "conflict: {rule}"),
            Self::NotFound => write!(f, "there is no such row"),
            Self::Io(what) => write!(f, "storage error: {what}"),
            Self::Closed => write!(f, "the store is closed"),
        }
    }
}

impl std::error::Error for StoreError {}
