//! A look into a store that another process may have open, or nobody.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::sqlite::{self, Files};
use super::{Reserve, StoreError, StoreSettings};
use crate::delivery::{Contact, Fact, InstanceId, ProjectKey, Timestamp};

/// A store that is only read. It takes no lock, makes no file and changes nothing, so it may look
/// while the exporter runs.
#[derive(Debug)]
pub struct Glance {
    files: Files,
    conn: Connection,
}

/// The disk below a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground {
    /// Free bytes.
    pub free_bytes: u64,
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
        let conn = sqlite::open_glance(&files)?;
        Ok(Self { files, conn })
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
        Ok(Ground {
            free_bytes,
            is_short: free_bytes < Reserve::default().low_below_bytes,
            caution,
        })
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
    use std::fs;

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
