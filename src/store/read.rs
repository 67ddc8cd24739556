//! What the store tells: each answer is one consistent view, and takes no lock that a commit needs.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use rusqlite::Connection;

use super::batch::{FactsDigest, Heard, StoredEntry};
use super::sqlite;
use super::{Store, StoreError};
use crate::delivery::{Contact, Counted, Fact, FactBody, ProjectKey, Timestamp, Totals};

/// Idle readers that are kept open; more may be open at once.
const IDLE_READERS: usize = 2;

impl Store {
    /// Gives every fact that measuring windows from `since` on can need, each merged as it is now;
    /// some come twice. Facts that [`History`](crate::delivery::History) does not hold are left
    /// out. Which older facts come as well: everything still open, all projects and environments,
    /// each environment's newest success before `since` and what its project heard from 30 days
    /// before it (environments of GitLab's tier `development` only that success itself), and the
    /// commits, reviews and transitions of every merge request and issue that is given.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] to try again; [`StoreError::Unreadable`] for a damaged file.
    pub fn load(&self, since: Timestamp, sink: &mut dyn FnMut(Fact)) -> Result<(), StoreError> {
        self.read(|conn| sqlite::load(conn, since, sink))
    }

    /// What is stored under the keys of these facts, in their order.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn known(&self, like: &[Fact]) -> Result<Vec<Option<FactBody>>, StoreError> {
        self.read(|conn| {
            let known = |fact: &Fact| sqlite::stored(conn, fact.project, &fact.body);
            like.iter().map(known).collect()
        })
    }

    /// Lifetime totals, and everything they have counted.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn totals(&self) -> Result<(Totals, Counted), StoreError> {
        self.read(sqlite::totals)
    }

    /// What was heard, by source and kind, in that order.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn heard(&self) -> Result<Vec<Heard>, StoreError> {
        self.read(sqlite::heard)
    }

    /// What was heard of each project, as it was last [kept](Self::keep_contacts).
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn contacts(&self) -> Result<BTreeMap<ProjectKey, Contact>, StoreError> {
        self.read(sqlite::contacts)
    }

    /// At most `limit` entries of the journal in the order of their commits, beginning after the
    /// entry of id `after`, or with the oldest.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn scan(&self, after: Option<i64>, limit: u32) -> Result<Vec<StoredEntry>, StoreError> {
        self.read(|conn| sqlite::scan(conn, after, limit))
    }

    /// A digest of all facts, measured or not: equal for stores that hold the same.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn digest(&self) -> Result<FactsDigest, StoreError> {
        self.read(sqlite::digest)
    }

    /// Asks SQLite whether the database is sound. Takes seconds per gigabyte, and no lock.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it is not.
    pub fn quick_check(&self) -> Result<(), StoreError> {
        let reader = sqlite::open_reader(&self.files)?;
        sqlite::quick_check(&reader, &self.files.database)
    }

    /// Whether [`open`](Self::open) found no database and made an empty one.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.created
    }

    /// Whether the last process stopped without closing the store and the database was too large
    /// to be checked while opening: call [`quick_check`](Self::quick_check) in the background.
    #[must_use]
    pub const fn needs_check(&self) -> bool {
        self.unchecked
    }

    /// What to warn the operator of about the file system of the store, as a sentence's end.
    #[must_use]
    pub const fn caution(&self) -> Option<&'static str> {
        self.caution
    }

    /// Runs `work` within one read transaction.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => sqlite::open_reader(&self.files)?,
        };
        let view = reader.unchecked_transaction();
        let done = view
            .and_then(|view| {
                let done = work(&view)?;
                view.finish().map(|()| done)
            })
            .map_err(|error| sqlite::classify(&self.files.database, error))?;
        // A reader that met an error is not used again.
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS {
            readers.push(reader);
        }
        Ok(done)
    }
}
