//! A look into a store that another process may have open, or nobody.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::sqlite::{self, Files, Header, OLDEST_SAFE_SQLITE};
use super::{Reserve, StoreError, StoreSettings};
use crate::delivery::{Contact, Fact, InstanceId, ProjectKey, Timestamp};

/// A store that is only read. It takes no lock, makes no file and changes nothing, so it may look
/// while the exporter runs.
#[derive(Debug)]
pub struct Glance {
    files: Files,
    header: Header,
    conn: Connection,
}

/// In what state the files of a store are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Whether it is written by way of a write-ahead log, as it must be.
    pub has_log: bool,
    /// The version of the SQLite that wrote it last, when that is one that can lose commits.
    pub unsafe_writer: Option<String>,
    /// The SQLite of this program.
    pub sqlite: &'static str,
    /// Bytes of the database.
    pub database_bytes: u64,
    /// Bytes of its write-ahead log.
    pub log_bytes: u64,
    /// Whether the reserve for the end of the disk is there.
    pub has_reserve: bool,
    /// Whether a program has it open, or had and did not close it.
    pub is_open: bool,
}

/// The disk below a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground {
    /// Free bytes.
    pub free_bytes: u64,
    /// What file system it is, in lower case.
    pub file_system: &'static str,
    /// Whether it is gone when the machine stops.
    pub is_memory: bool,
    /// Whether a running store would purge early for want of room.
    pub is_short: bool,
    /// Why what is written there may not be durable.
    pub caution: Option<&'static str>,
}

impl Glance {
    /// Opens the store for reading.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] where there is none or it is damaged; [`StoreError::Schema`] when
    /// it is of another version or of another program.
    pub fn open(settings: &StoreSettings) -> Result<Self, StoreError> {
        let files = Files::in_directory(&settings.directory);
        // Before SQLite has the file open. What cannot be read, SQLite refuses in its own words.
        let header = Header::read(&files.database)
            .unwrap_or(Header { has_log: true, written_by: OLDEST_SAFE_SQLITE });
        let conn = sqlite::open_glance(&files)?;
        Ok(Self { files, header, conn })
    }

    /// Every GitLab that was ever configured, by the operator's name for it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] to try again; [`StoreError::Unreadable`] for a damaged file.
    pub fn gitlabs(&self) -> Result<BTreeMap<String, InstanceId>, StoreError> {
        sqlite::sources(&self.conn).map_err(|error| sqlite::classify(&self.files.database, error))
    }

    /// As [`Store::contacts`](super::Store::contacts).
    ///
    /// # Errors
    /// As [`gitlabs`](Self::gitlabs).
    pub fn contacts(&self) -> Result<BTreeMap<ProjectKey, Contact>, StoreError> {
        sqlite::contacts(&self.conn).map_err(|error| sqlite::classify(&self.files.database, error))
    }

    /// What the store stands on.
    ///
    /// # Errors
    /// [`StoreError::Misplaced`] on a disk that keeps no locks.
    pub fn ground(&self) -> Result<Ground, StoreError> {
        let (free_bytes, caution) = sqlite::ground(&self.files)?;
        let file_system = sqlite::file_system(&self.files.directory);
        Ok(Ground {
            free_bytes,
            file_system,
            is_memory: file_system == sqlite::MEMORY,
            is_short: free_bytes < Reserve::default().low_below_bytes,
            caution,
        })
    }

    /// In what state the files are.
    #[must_use]
    pub fn condition(&self) -> Condition {
        let length = |path: &Path| fs::metadata(path).map_or(0, |file| file.len());
        let Header { has_log, written_by } = self.header;
        let unsafe_writer = (written_by < OLDEST_SAFE_SQLITE).then(|| {
            format!(
                "{}.{}.{}",
                written_by / 1_000_000,
                written_by / 1_000 % 1_000,
                written_by % 1_000
            )
        });
        Condition {
            has_log,
            unsafe_writer,
            sqlite: rusqlite::version(),
            database_bytes: length(&self.files.database),
            log_bytes: length(&self.files.wal),
            has_reserve: length(&self.files.ballast) > 0,
            is_open: length(&self.files.lock) > 0,
        }
    }

    /// Has SQLite look through the whole database for damage.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when it finds any; else as [`gitlabs`](Self::gitlabs).
    pub fn check(&self) -> Result<(), StoreError> {
        sqlite::quick_check(&self.conn, &self.files.database)
    }

    /// As [`Store::load`](super::Store::load).
    ///
    /// # Errors
    /// As [`gitlabs`](Self::gitlabs).
    pub fn load(&self, since: Timestamp, sink: &mut dyn FnMut(Fact)) -> Result<(), StoreError> {
        let view = self.conn.unchecked_transaction();
        view.and_then(|view| sqlite::load(&view, since, sink))
            .map_err(|error| sqlite::classify(&self.files.database, error))
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::store::tests::support::{NOON, entry, folder, open, settings, success};

    fn facts(folder: &TempDir) -> Vec<Fact> {
        let mut facts = Vec::new();
        let glance = Glance::open(&settings(folder)).unwrap();
        glance.load(Timestamp::UNDATED, &mut |fact| facts.push(fact)).unwrap();
        facts
    }

    fn files(folder: &TempDir) -> Vec<String> {
        let files = fs::read_dir(folder.path().join("data")).unwrap();
        let mut names: Vec<String> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn it_sees_what_a_running_store_has_committed_and_does_not_hinder_it() {
        let folder = folder();
        let store = open(&folder);
        let main = store.instance("main", None).unwrap();
        store.commit(&[entry("a", vec![success(1, NOON)])], 1).unwrap();
        assert_eq!(facts(&folder).len(), 1);

        let glance = Glance::open(&settings(&folder)).unwrap();
        assert_eq!(glance.gitlabs().unwrap().get("main"), Some(&main));
        store.commit(&[entry("b", vec![success(2, NOON)])], 1).unwrap();
        store.checkpoint().unwrap();
        assert_eq!(facts(&folder).len(), 2);
    }

    #[test]
    fn it_leaves_a_closed_store_as_it_found_it() {
        let folder = folder();
        let store = open(&folder);
        store.commit(&[entry("a", vec![success(1, NOON)])], 1).unwrap();
        store.close().unwrap();
        let before = files(&folder);
        assert_eq!(facts(&folder).len(), 1);
        assert_eq!(files(&folder), before);
        assert!(!before.iter().any(|name| name.ends_with("-wal")), "{before:?}");
    }

    #[test]
    fn where_there_is_no_store_it_makes_none() {
        let folder = folder();
        let error = Glance::open(&settings(&folder)).unwrap_err();
        assert!(matches!(error, StoreError::Unreadable { .. }), "{error:?}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
