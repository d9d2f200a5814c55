//! The store in one SQLite file: a writer thread that commits in groups, reader threads beside it (WAL). This file opens
//! and closes; what is written and read is in one file per trait.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::{Pending, StoreError};

mod accounts;
mod archive;
mod counts;
mod edges;
mod erase;
mod fault;
mod im;
mod im_archive;
mod migrations;
mod outbox;
mod readers;
mod records;
mod rows;
mod search;
mod store;
mod turns;
mod values;
mod writer;

use fault::said;

/// How the database is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// What a commit survives.
    pub durability: Durability,
    /// How long another process may hold the database before `Locked`.
    pub busy_timeout: Duration,
    /// Threads that read.
    pub readers: usize,
    /// Memory for pages of the writer, in KiB.
    pub cache_kib: u32,
    /// Largest size of the database in bytes; none: the disk decides.
    pub bytes_max: Option<u64>,
    /// Most jobs that may wait for the writer; commits of the desk are not counted.
    pub jobs_max: u64,
}

/// What a commit survives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Durability {
    /// A power cut: `synchronous=FULL`, the log is on the disk before anything is acknowledged.
    PowerCut,
    /// A killed process, and no power cut: `synchronous=NORMAL`.
    Crash,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::PowerCut,
            busy_timeout: Duration::from_secs(5),
            readers: 2,
            cache_kib: 32 * 1024,
            bytes_max: None,
            jobs_max: 50_000,
        }
    }
}

/// A store in a SQLite file.
pub struct Sqlite {
    path: PathBuf,
    busy_timeout: Duration,
    writer: writer::Writer,
    readers: readers::Readers,
    tally: Arc<Tally>,
}

/// What the writer has done since the start.
#[derive(Default)]
pub(crate) struct Tally {
    transactions: AtomicU64,
    jobs: AtomicU64,
}

/// Opens the database, or makes it, and brings it to the newest form.
///
/// # Errors
/// `Newer` if a newer version wrote it, `Corrupt` if it is no database or damaged, `Locked` if another process holds it,
/// `Io` if the file cannot be opened.
pub fn open(path: &Path, options: &Options) -> Result<Sqlite, StoreError> {
    make_private(path)?;
    let mut connection = Connection::open(path).map_err(said)?;
    prepare(&connection, options)?;
    migrations::run(&mut connection)?;
    let tally = Arc::new(Tally::default());
    let readers = readers::Readers::start(path, options)?;
    let writer = writer::Writer::start(connection, options.jobs_max, Arc::clone(&tally))?;
    Ok(Sqlite { path: path.to_owned(), busy_timeout: options.busy_timeout, writer, readers, tally })
}

/// Makes the file, if there is none, so that only its owner can read it; what SQLite puts beside it follows.
fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_made) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => Err(StoreError::Full),
        Err(error) => Err(StoreError::Io(format!("{}: {error}", path.display()))),
    }
}

fn prepare(connection: &Connection, options: &Options) -> Result<(), StoreError> {
    connection.busy_timeout(options.busy_timeout).map_err(said)?;
    connection.set_prepared_statement_cache_capacity(256);
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(said)?;
    if mode != "wal" {
        return Err(StoreError::Io(format!("the file system does not allow a write-ahead log (journal mode {mode})")));
    }
    let synchronous = match options.durability {
        Durability::PowerCut => "FULL",
        Durability::Crash => "NORMAL",
    };
    let pragmas = format!(
        "PRAGMA synchronous = {synchronous}; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -{}; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;",
        options.cache_kib
    );
    connection.execute_batch(&pragmas).map_err(said)?;
    if let Some(bytes) = options.bytes_max {
        let page: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0)).map_err(said)?;
        let pages = bytes / u64::from(page.max(1));
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).map_err(said)?;
    }
    Ok(())
}

fn open_to_read(path: &Path, busy_timeout: Duration) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(said)?;
    connection.busy_timeout(busy_timeout).map_err(said)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.execute_batch("PRAGMA cache_size = -8192; PRAGMA trusted_schema = OFF;").map_err(said)?;
    Ok(connection)
}

impl Sqlite {
    /// A job for the writer: part of a transaction with others, in a savepoint of its own.
    fn write<T, J>(&self, job: J) -> Pending<T>
    where
        T: Send + 'static,
        J: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.writer.write(job, writer::Urgency::Bounded)
    }

    /// A job for a reader.
    fn read<T, J>(&self, job: J) -> Pending<T>
    where
        T: Send + 'static,
        J: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        self.readers.read(job)
    }

    /// The same result, once nothing of what was removed is left in the write-ahead log either.
    fn scrubbed<T: Send + 'static>(&self, removed: Pending<T>) -> Pending<T> {
        let (promise, pending) = Pending::pair();
        // The job was given before: when the log is emptied, its result is there.
        self.writer.scrub(Box::new(move || promise.keep(removed.wait())));
        pending
    }

    /// Transactions committed and jobs carried by them since the start.
    fn tally(&self) -> (u64, u64) {
        (self.tally.transactions.load(Ordering::Relaxed), self.tally.jobs.load(Ordering::Relaxed))
    }
}
