//! The forms of the database, in order. `PRAGMA user_version` says which one a file has; each step runs in a transaction.
//! A form that was released is never edited: a change is a new file and a new line here.

use rusqlite::{Connection, TransactionBehavior};

use super::fault::said;
use crate::StoreError;

const FORMS: &[&str] =
    &[include_str!("0001.sql"), include_str!("0002.sql"), include_str!("0003.sql"), include_str!("0004.sql")];

/// Marks the file as ours (`PRAGMA application_id`): "Ante".
const APPLICATION: i32 = 0x416e_7465;

/// Brings the database to the newest form.
pub(super) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let known = FORMS.len() as u32;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(said)?;
    let found: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(said)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    if found == 0 {
        let tables: u32 =
            transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(said)?;
        if tables > 0 {
            return Err(StoreError::Corrupt("the file is a database of another program".to_owned()));
        }
        transaction.execute_batch(&format!("PRAGMA application_id = {APPLICATION}")).map_err(said)?;
    }
    for form in &FORMS[found as usize..] {
        transaction.execute_batch(form).map_err(said)?;
    }
    if found < known {
        transaction.execute_batch(&format!("PRAGMA user_version = {known}")).map_err(said)?;
    }
    transaction.commit().map_err(said)
}
