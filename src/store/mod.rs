//! Durable memory: the journal, the facts and the lifetime totals, in SQLite.

mod batch;
mod bookmark;
mod delivery_log;
mod error;
mod glance;
mod key;
mod maintain;
mod read;
mod replay;
mod rows;
mod sqlite;
#[cfg(test)]
mod tests;
mod turns;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

pub use batch::{
    Committed, FactsDigest, Heard, Maintained, Outcome, Retention, Room, StoreHealth,
    StoredContent, StoredEntry, UnreadEntry,
};
pub use bookmark::Bookmark;
pub use error::{Cause, Mismatch, StoreError};
pub use glance::{Condition, Glance, Ground};
pub use replay::Reprojected;
pub use sqlite::{InForce, Reserve, Trial};

use crate::delivery::InstanceId;
use crate::record::Entry;
use maintain::Swept;
use sqlite::{Files, Lock, Prepared, Space, Writer};
use turns::Turns;

/// Where a store is kept, and when its disk counts as full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSettings {
    /// The directory of its files; made when its parent exists.
    pub directory: PathBuf,
    /// When room counts as short.
    pub reserve: Reserve,
}

impl StoreSettings {
    /// A store in `directory`, with the usual reserve.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), reserve: Reserve::default() }
    }
}

/// What copies the log back.
#[derive(Debug, Default)]
struct Copier {
    conn: Option<Connection>,
    /// How many commits there were when it last looked.
    seen: u64,
}

/// The store. Its methods block; any number of threads may call them.
///
/// 1. **Durable, all or nothing.** When [`commit`](Self::commit) returns `Ok`, every entry and
///    every fact of the batch survives a crash or a power cut; otherwise none, or all of them.
/// 2. **Once.** Committing an entry again changes nothing, for as long as the journal keeps it.
///    After an error the same batch may be committed again, whatever became of the first attempt.
/// 3. **Merged.** A stored fact is the merge of everything committed under its key, in whatever
///    order and however concurrently it came.
/// 4. **No gap.** [`load`](Self::load) is one consistent view; what is committed later is in the
///    `changed` of its commit.
/// 5. **In order.** [`scan`](Self::scan) gives entries in the order of their commits.
/// 6. **Counted once.** [`count`](Self::count) counts a thing once, for ever; totals never fall.
/// 7. **Alone.** One process at a time has the files open; what is not a sound store of a known
///    version is refused, and left byte for byte as it was.
#[derive(Debug)]
pub struct Store {
    files: Files,
    reserve: Reserve,
    writer: Mutex<Writer>,
    turns: Turns,
    readers: Mutex<Vec<Connection>>,
    copier: Mutex<Copier>,
    commits: AtomicU64,
    lock: Lock,
    created: bool,
    unchecked: bool,
    caution: Option<&'static str>,
    in_force: InForce,
    swept: Mutex<Swept>,
    failed: AtomicBool,
    closed: bool,
}

impl Store {
    /// Opens the store, or makes an empty one where there are no files at all.
    ///
    /// # Errors
    /// Every [`StoreError`] that says why a place cannot be used; nothing was changed then.
    pub fn open(settings: &StoreSettings) -> Result<Self, StoreError> {
        let files = Files::in_directory(&settings.directory);
        let opened = sqlite::open(&files)?;
        let writer =
            Writer::new(opened.writer).map_err(|error| sqlite::classify(&files.database, error))?;
        // Without a reserve the store works; `check` tells that it is missing.
        let _ = sqlite::lay_ballast(&files, &settings.reserve);
        Ok(Self {
            files,
            reserve: settings.reserve,
            writer: Mutex::new(writer),
            turns: Turns::default(),
            readers: Mutex::default(),
            copier: Mutex::default(),
            commits: AtomicU64::new(0),
            lock: opened.lock,
            created: opened.created,
            unchecked: opened.unchecked,
            caution: opened.caution,
            in_force: opened.in_force,
            swept: Mutex::default(),
            failed: AtomicBool::new(false),
            closed: false,
        })
    }

    /// What durability rests on, as it was read back when the store was opened.
    #[must_use]
    pub const fn in_force(&self) -> &InForce {
        &self.in_force
    }

    /// The number of a GitLab installation; given at its first mention, and kept for ever. `url`
    /// replaces the one known before.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn instance(&self, name: &str, url: Option<&str>) -> Result<InstanceId, StoreError> {
        let number = self.write(|writer| {
            writer.transaction(|step, _| sqlite::number_of_source(step, name, url))
        })?;
        Ok(InstanceId::new(number))
    }

    /// Whether the key of pseudonyms is there already.
    #[must_use]
    pub fn has_pseudonym_key(&self) -> bool {
        self.files.pseudonym_key.exists()
    }

    /// The key of this installation's pseudonyms: 32 random bytes in a file of mode 0600 beside
    /// the database, made at the first call. Without it no pseudonym can be made again.
    ///
    /// # Errors
    /// [`StoreError::Unwritable`] when it can be neither read nor made, and
    /// [`StoreError::Unreadable`] when it is not 32 bytes long.
    pub fn pseudonym_key(&self) -> Result<[u8; 32], StoreError> {
        key::read_or_make(&self.files)
    }

    /// Makes a batch durable: journal rows, merged facts and what was heard, in one transaction.
    /// Returns once it is on stable storage.
    ///
    /// # Errors
    /// - [`StoreError::Unavailable`]: the same batch may be committed again.
    /// - [`StoreError::Full`]: so it may, once there is room.
    /// - [`StoreError::Rejected`]: one entry cannot be stored; the others can, without it.
    /// - [`StoreError::Failing`], [`StoreError::Unreadable`]: stop, and open again.
    pub fn commit(
        &self,
        batch: &[Entry],
        projection_version: u32,
    ) -> Result<Committed, StoreError> {
        if batch.is_empty() {
            return Ok(Committed::default());
        }
        let prepared: Vec<_> =
            batch.iter().map(|entry| Prepared::new(entry, projection_version)).collect();
        self.refuse_when_exhausted()?;
        let turn = self.turns.first();
        let writer = self.writer()?;
        drop(turn);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.write_with(writer, |writer| writer.commit(&prepared))
    }

    /// Runs work that nobody waits for on the writer, behind the commits.
    fn write<T>(
        &self,
        work: impl FnOnce(&mut Writer) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        self.turns.last();
        self.write_with(self.writer()?, work)
    }

    /// Runs work on the writer, and frees the reserve when the disk is full.
    fn write_with<T>(
        &self,
        mut writer: MutexGuard<'_, Writer>,
        work: impl FnOnce(&mut Writer) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let done =
            work(&mut writer).map_err(|error| sqlite::classify_commit(&self.files.database, error));
        if let Err(StoreError::Full(_)) = &done {
            // Best effort: the error that is reported is the full disk.
            let _ = sqlite::drop_ballast(&self.files);
            let _ = sqlite::truncate_log(&writer.conn);
        }
        self.unless_fatal(done)
    }

    /// An fsync that failed is never tried again: what it lost is gone from the cache.
    fn unless_fatal<T>(&self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if done.as_ref().is_err_and(StoreError::is_fatal) {
            self.failed.store(true, Ordering::Release);
        }
        done
    }

    fn writer(&self) -> Result<MutexGuard<'_, Writer>, StoreError> {
        let failing = |why: &'static str| StoreError::Failing(Cause::new(why));
        if self.failed.load(Ordering::Acquire) {
            return Err(failing("an earlier write failed"));
        }
        // A panic in the middle of a write: what it left in memory is not to be trusted.
        self.writer.lock().map_err(|_| failing("the writer panicked"))
    }

    /// Refuses new entries before a write would fail for want of room.
    fn refuse_when_exhausted(&self) -> Result<(), StoreError> {
        match Space::of(&self.files.directory) {
            Ok(space) if space.free_bytes < self.reserve.exhausted_below_bytes => {
                let left = format!("{} bytes are left", space.free_bytes);
                Err(StoreError::Full(Cause::new(left)))
            }
            // A file system that does not tell is no reason to refuse.
            _ => Ok(()),
        }
    }

    /// Copies the write-ahead log into the database file and cuts it off.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.write(|writer| sqlite::truncate_log(&writer.conn))
    }

    /// Copies the write-ahead log into the database file when it has grown, without holding up
    /// commits: they would otherwise do it themselves from time to time, at the cost of whoever
    /// waits for that one. Best while nothing was committed since the last call: call it every
    /// second.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn copy_log_back(&self) -> Result<(), StoreError> {
        let mut copier = self.copier.lock().unwrap_or_else(PoisonError::into_inner);
        let open = match copier.conn.take() {
            Some(open) => open,
            None => sqlite::open_copier(&self.files)?,
        };
        let commits = self.commits.load(Ordering::Relaxed);
        let at_rest = std::mem::replace(&mut copier.seen, commits) == commits;
        let done = sqlite::copy_log_back(&open, at_rest)
            .map_err(|error| sqlite::classify(&self.files.database, error));
        // A connection that met an error is not used again.
        self.unless_fatal(done)?;
        copier.conn = Some(open);
        Ok(())
    }

    /// Closes in order: afterwards everything is in the database file alone, and the next start
    /// need not look for damage. Dropping the store does the same, without telling.
    ///
    /// # Errors
    /// As [`commit`](Self::commit); what was committed is safe all the same.
    pub fn close(mut self) -> Result<(), StoreError> {
        self.finish()
    }

    fn finish(&mut self) -> Result<(), StoreError> {
        if std::mem::replace(&mut self.closed, true) {
            return Ok(());
        }
        self.readers.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        self.copier.get_mut().unwrap_or_else(PoisonError::into_inner).conn.take();
        self.checkpoint()?;
        self.lock.mark_closed().map_err(|error| StoreError::Unwritable {
            path: self.files.lock.clone(),
            source: Cause::new(error),
        })?;
        // Last, so that a log is never missed that nobody said would go.
        self.write(|writer| sqlite::let_go(&writer.conn))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // `close` is the way to hear of an error.
        let _ = self.finish();
    }
}
