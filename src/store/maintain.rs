//! What keeps the store well: counting, retention, and a look at the disk.

use std::fs;
use std::sync::PoisonError;

use rusqlite::types::Value;

use super::batch::{Maintained, Retention, Room, StoreHealth};
use super::error::Cause;
use super::rows::{TABLES, Table};
use super::sqlite::{self, Space};
use super::{Store, StoreError};
use crate::delivery::{Contact, ProjectKey, Tally, Timestamp};

/// Transactions of one call of [`Store::maintain`]: it stays under a second.
const STEPS: u32 = 20;

const SECONDS_PER_DAY: u64 = 86_400;

/// Tables in which nothing older was left when they were last searched, with the instant before
/// which they were: a search looks at the whole table, so it is not made twice a day.
#[derive(Debug, Default)]
pub(super) struct Swept(Vec<(&'static str, i64)>);

impl Swept {
    fn is_done(&self, table: &Table, before: i64) -> bool {
        self.0.iter().any(|(name, done)| *name == table.name && *done >= before)
    }

    fn done(&mut self, table: &Table, before: i64) {
        self.0.retain(|(name, _)| *name != table.name);
        self.0.push((table.name, before));
    }
}

impl Store {
    /// Counts each thing that was not counted before and adds it to its series, all in one
    /// transaction; durable when `Ok`.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn count(&self, tallies: &[Tally]) -> Result<(), StoreError> {
        if tallies.is_empty() {
            return Ok(());
        }
        self.write(|writer| writer.transaction(|step, _| sqlite::count(step, tallies)))
    }

    /// Keeps what was heard of projects, in place of what was kept of them before: all or nothing,
    /// durable when `Ok`.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn keep_contacts(&self, contacts: &[(ProjectKey, Contact)]) -> Result<(), StoreError> {
        self.write(|writer| {
            writer.transaction(|step, _| {
                let mut contacts = contacts.iter();
                contacts.try_for_each(|(own, contact)| sqlite::keep_contact(step, *own, contact))
            })
        })
    }

    /// Removes what is past its retention, in transactions of at most 500 rows, and gives free
    /// pages back to the file system. One call does a bounded amount; call again at once while
    /// [`Maintained::more`]. Ages are counted in whole UTC days. Totals are never touched.
    ///
    /// # Errors
    /// As [`commit`](Self::commit); what was removed until then stays removed.
    pub fn maintain(&self, now: Timestamp, keep: &Retention) -> Result<Maintained, StoreError> {
        let today = now.as_second().div_euclid(86_400);
        let oldest_day = today - i64::from(keep.journal_days);
        let midnight = Timestamp::from_second(today.saturating_mul(86_400));
        let oldest_fact = midnight.minus(u64::from(keep.facts_days) * SECONDS_PER_DAY).as_second();
        let mut done = Maintained::default();
        for step in 0..STEPS {
            let entries = self.write(|writer| {
                writer.transaction(|tx, memory| sqlite::purge_journal(tx, memory, oldest_day))
            })?;
            let facts = self.purge_facts(oldest_fact)?;
            done.entries += entries;
            done.facts += facts;
            if entries == 0 && facts == 0 {
                break;
            }
            done.more = step + 1 == STEPS;
        }
        done.pages = self.write(|writer| sqlite::release_pages(&writer.conn))?;
        Ok(done)
    }

    /// Removes one step's worth of facts last heard of before `before`.
    fn purge_facts(&self, before: i64) -> Result<u64, StoreError> {
        for table in TABLES {
            let keys = self.search(table, before)?;
            if !keys.is_empty() {
                let expired = (*table, keys.as_slice());
                return self.write(|writer| sqlite::forget(writer, expired, before));
            }
        }
        Ok(0)
    }

    /// Keys of expired rows of one table, unless it was searched in vain before.
    fn search(&self, table: &Table, before: i64) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.is_done(table, before) {
            return Ok(Vec::new());
        }
        let keys = self.read(|conn| sqlite::expired(conn, table, before))?;
        if keys.is_empty() {
            swept.done(table, before);
        }
        Ok(keys)
    }

    /// Looks at the disk, and puts the reserve back in place where there is room for it again.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file system does not answer.
    pub fn check(&self) -> Result<StoreHealth, StoreError> {
        let unavailable = |error| StoreError::Unavailable(Cause::new(error));
        let size = |path| fs::metadata(path).map_or(0, |file: fs::Metadata| file.len());
        let space = Space::of(&self.files.directory).map_err(unavailable)?;
        let wal_bytes = size(&self.files.wal);
        let room = space.room(&self.reserve, wal_bytes);
        let ballast = room == Room::Ample
            && sqlite::lay_ballast(&self.files, &self.reserve).unwrap_or(false)
            || self.files.ballast.exists();
        Ok(StoreHealth {
            free_bytes: space.free_bytes,
            room,
            read_only: space.read_only,
            database_bytes: size(&self.files.database),
            wal_bytes,
            ballast,
        })
    }
}
