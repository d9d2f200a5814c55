//! What SQLite says, in the store's words.

use rusqlite::ErrorCode;

use crate::StoreError;

/// A database error as a store error.
pub(super) fn said(error: rusqlite::Error) -> StoreError {
    let code = match &error {
        rusqlite::Error::SqliteFailure(failure, _) => failure.code,
        rusqlite::Error::QueryReturnedNoRows => return StoreError::NotFound,
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => return StoreError::Corrupt(error.to_string()),
        _ => return StoreError::Io(error.to_string()),
    };
    match code {
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Locked,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Corrupt(error.to_string()),
        ErrorCode::ConstraintViolation => StoreError::Conflict("constraint"),
        _ => StoreError::Io(error.to_string()),
    }
}

/// The same, with a name for the rule that a constraint stands for.
pub(super) fn said_of(rule: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |error| match said(error) {
        StoreError::Conflict(_) => StoreError::Conflict(rule),
        other => other,
    }
}

/// A body that cannot be read back.
pub(super) fn unreadable(what: &str) -> impl Fn(String) -> StoreError + '_ {
    move |fault| StoreError::Corrupt(format!("{what}: {fault}"))
}
