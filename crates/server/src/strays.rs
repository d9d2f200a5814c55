//! Files on the disk that no conversation has: what a server that was killed left behind between disk and database. They are
//! found by comparing the folder with the store; what else lies in the folder is not touched.

use std::collections::HashSet;

use desk::time::{Span, Time};
use store::StoreError;

use crate::app::App;

/// What is younger may be on its way into the store.
const AGE_MIN: Span = Span::secs(3_600);
/// Files that the store names at a time.
const PAGE: usize = 500;

/// Why it was not looked through to the end.
#[derive(Debug)]
pub enum SweepError {
    /// The store could not be asked.
    Store(StoreError),
    /// The folder could not be read, or a file not be deleted.
    Disk(std::io::Error),
}

impl std::fmt::Display for SweepError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => write!(f, "{error}"),
            Self::Disk(error) => write!(f, "{error}"),
        }
    }
}

impl From<StoreError> for SweepError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<std::io::Error> for SweepError {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Deletes files older than an hour that the store does not know; how many they were. Beside a database in which there was
/// never a chat nothing is deleted: it is probably not the one that the files belong to.
///
/// # Errors
/// When the store or the disk fails; what was deleted until then stays so.
pub async fn sweep(app: &App) -> Result<u64, SweepError> {
    if app.config.database().is_none() || app.store.status().await?.chats == 0 {
        return Ok(0);
    }
    // A file is received within ten times this (`http/layers.rs`).
    let receiving = Span::secs(i64::try_from(app.config.http.request_timeout.as_secs()).unwrap_or(3_600) * 20);
    let before = app.clock.now() - AGE_MIN.max(receiving);
    let mut deleted = 0;
    for shelf in 0..=u8::MAX {
        deleted += sweep_shelf(app, shelf, before).await?;
    }
    Ok(deleted)
}

async fn sweep_shelf(app: &App, shelf: u8, before: Time) -> Result<u64, SweepError> {
    let files = app.rooms.files().clone();
    let looked = tokio::task::spawn_blocking(move || files.lying(shelf, before)).await;
    let lying = looked.map_err(std::io::Error::other)??;
    if lying.is_empty() {
        return Ok(0);
    }
    // Asked after the folder was read: what came in between is known.
    let known = known(app, shelf).await?;
    let mut deleted = 0;
    for path in lying.iter().filter(|path| !known.contains(*path)) {
        app.rooms.files().delete(path).await?;
        deleted += 1;
    }
    Ok(deleted)
}

/// The paths of this shelf's files that the store knows; their ids begin like it.
async fn known(app: &App, shelf: u8) -> Result<HashSet<String>, StoreError> {
    let prefix = format!("{shelf:02x}");
    let (mut known, mut after) = (HashSet::new(), prefix.clone());
    loop {
        let page = app.store.all_files(&after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(known) };
        after = last.id.clone();
        known.extend(page.into_iter().filter(|file| file.id.starts_with(&prefix)).map(|file| file.path));
        if !after.starts_with(&prefix) {
            return Ok(known);
        }
    }
}
