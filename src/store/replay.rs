//! The journal read again by later rules of projection.

use super::sqlite::{self, Files, Prepared};
use super::{Store, StoreError, StoreSettings};
use crate::delivery::Fact;
use crate::record::Entry;

/// An entry of the journal with its place, and what a later projection says of it.
pub type Reprojected = (i64, Entry);

impl Store {
    /// As [`open`](Self::open), but never makes a store where there is none.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where there is none, else as [`open`](Self::open).
    pub fn open_existing(settings: &StoreSettings) -> Result<Self, StoreError> {
        let path = Files::in_directory(&settings.directory).database;
        if path.exists() {
            return Self::open(settings);
        }
        let why = "there is no store".to_owned();
        Err(StoreError::Unreadable { path, why, source: None })
    }

    /// Whether the journal may hold entries that were projected by older rules than `version`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn is_behind(&self, version: u32) -> Result<bool, StoreError> {
        Ok(self.read(sqlite::projected_by)?.is_none_or(|known| known < i64::from(version)))
    }

    /// About how many entries the journal holds; those of its oldest day may be gone already.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn journal_length(&self) -> Result<u64, StoreError> {
        self.read(sqlite::journal_length)
    }

    /// Merges what a later projection says of entries into the facts, and notes with each entry by
    /// which rules it was read; all in one transaction. What they say no longer stays stored:
    /// facts only ever merge. Gives back the facts that changed, as they are now.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn reproject(
        &self,
        entries: &[Reprojected],
        version: u32,
    ) -> Result<Vec<Fact>, StoreError> {
        self.refuse_when_exhausted()?;
        self.write(|writer| writer.reproject(&prepared(entries, version)))
    }

    /// How many facts [`reproject`](Self::reproject) would change; nothing is changed.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn would_change(&self, entries: &[Reprojected], version: u32) -> Result<u64, StoreError> {
        let facts = self.write(|writer| writer.would_change(&prepared(entries, version)))?;
        Ok(u64::try_from(facts).unwrap_or(u64::MAX))
    }

    /// Notes that every entry was projected by rules of `version` or later.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    pub fn projected_by(&self, version: u32) -> Result<(), StoreError> {
        self.write(|writer| writer.transaction(|step, _| sqlite::set_projected_by(step, version)))
    }
}

fn prepared(entries: &[Reprojected], version: u32) -> Vec<(i64, Prepared<'_>)> {
    entries.iter().map(|(entry_id, entry)| (*entry_id, Prepared::new(entry, version))).collect()
}
