//! Promise 7: what is not a sound store of a known version is refused, and left as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;

use super::support::{NOON, entry, folder, fresh, settings, success};
use crate::store::{Mismatch, Store, StoreError};

/// A store with one deployment, closed in order.
fn closed() -> TempDir {
    let (folder, store) = fresh();
    store.commit(&[entry("a", vec![success(1, NOON)])], 1).unwrap();
    store.close().unwrap();
    folder
}

fn database(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("data/store.sqlite3")
}

/// All files of the store but the lock, which notes who tried.
fn files(folder: &TempDir) -> BTreeMap<String, Vec<u8>> {
    let all = fs::read_dir(folder.path().join("data")).unwrap();
    all.map(|file| file.unwrap())
        .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
        // Shared memory between connections holds no data.
        .filter(|(name, _)| name != "store.lock" && !name.ends_with("-shm"))
        .collect()
}

/// The error of opening, after which no byte has changed.
fn refused(folder: &TempDir) -> StoreError {
    let before = files(folder);
    let error = Store::open(&settings(folder)).unwrap_err();
    let mut after = files(folder);
    // An empty log says nothing.
    after.retain(|name, bytes| before.contains_key(name) || !bytes.is_empty());
    assert!(before == after, "files changed: {:?}", after.keys());
    assert!(!error.advice().is_empty());
    error
}

fn alter(folder: &TempDir, sql: &str) {
    let conn = Connection::open(database(folder)).unwrap();
    conn.execute_batch(sql).unwrap();
    conn.close().unwrap();
}

#[test]
fn a_newer_schema_is_refused_in_words_and_left_alone() {
    let folder = closed();
    alter(&folder, "PRAGMA user_version = 99");
    let error = refused(&folder);
    let StoreError::Schema { mismatch: Mismatch::Newer { found: 99, known }, .. } = error else {
        panic!("{error}");
    };
    let words = format!("schema version 99 is newer than {known}, the newest this program knows");
    assert!(error.to_string().ends_with(&words), "{error}");
}

#[test]
fn a_newer_schema_that_is_still_in_the_log_is_refused_too() {
    let (folder, store) = fresh();
    store.write(|writer| writer.conn.pragma_update(None, "user_version", 9)).unwrap();
    let copy = crash(&folder);
    drop(store);
    assert!(matches!(refused(&copy), StoreError::Schema { .. }));
}

#[test]
fn the_database_of_another_program_is_refused_and_left_alone() {
    let folder = closed();
    alter(&folder, "PRAGMA application_id = 7");
    let error = refused(&folder);
    let foreign = Mismatch::Foreign { application_id: 7 };
    assert!(matches!(error, StoreError::Schema { mismatch, .. } if mismatch == foreign));
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    for bytes in [b"".as_slice(), b"SQLite format 3\0", &[0; 8_192], b"hello, world".as_slice()] {
        let folder = folder();
        fs::create_dir(folder.path().join("data")).unwrap();
        fs::write(database(&folder), bytes).unwrap();
        assert!(matches!(refused(&folder), StoreError::Unreadable { .. }));
    }
}

#[test]
fn a_corrupt_database_is_refused_and_left_alone() {
    let folder = closed();
    let mut bytes = fs::read(database(&folder)).unwrap();
    // The head of every page but the first: no tree can be read.
    for page in bytes.chunks_mut(4_096).skip(1) {
        page[..8].fill(0xa5);
    }
    fs::write(database(&folder), bytes).unwrap();
    let error = refused(&folder);
    assert!(matches!(error, StoreError::Unreadable { .. }), "{error:?}");
    assert!(error.is_fatal());
}

#[test]
fn a_database_that_was_cut_short_is_refused_and_left_alone() {
    let folder = closed();
    let bytes = fs::read(database(&folder)).unwrap();
    fs::write(database(&folder), &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(refused(&folder), StoreError::Unreadable { .. }));
}

#[test]
fn a_log_without_its_database_is_refused_and_left_alone() {
    let (folder, store) = fresh();
    store.commit(&[entry("a", vec![success(1, NOON)])], 1).unwrap();
    let copy = crash(&folder);
    fs::remove_file(database(&copy)).unwrap();
    assert!(matches!(refused(&copy), StoreError::Unreadable { .. }));
}

#[test]
fn an_interrupted_store_whose_log_is_gone_is_refused_until_somebody_decides() {
    let (folder, store) = fresh();
    store.commit(&[entry("a", vec![success(1, NOON)])], 1).unwrap();
    let copy = crash(&folder);
    fs::remove_file(copy.path().join("data/store.sqlite3-wal")).unwrap();
    let error = refused(&copy);
    assert!(error.to_string().contains("delete"), "{error}");

    fs::remove_file(copy.path().join("data/store.lock")).unwrap();
    assert!(Store::open(&settings(&copy)).is_ok());
}

#[test]
fn an_interrupted_store_whose_database_is_gone_is_not_replaced_by_an_empty_one() {
    let (folder, store) = fresh();
    store.commit(&[entry("a", vec![success(1, NOON)])], 1).unwrap();
    let copy = crash(&folder);
    fs::remove_file(copy.path().join("data/store.sqlite3-wal")).unwrap();
    fs::remove_file(database(&copy)).unwrap();
    assert!(refused(&copy).to_string().contains("delete"));
    assert!(!database(&copy).exists());
}

/// A copy of the files as they are now, as a crash would leave them.
pub(super) fn crash(of: &TempDir) -> TempDir {
    let copy = folder();
    let data = copy.path().join("data");
    fs::create_dir(&data).unwrap();
    for file in fs::read_dir(of.path().join("data")).unwrap() {
        let file = file.unwrap();
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(file.path(), data.join(file.file_name())).unwrap();
        }
    }
    copy
}

#[test]
fn a_second_opener_is_told_who_has_the_store() {
    let (folder, store) = fresh();
    let error = Store::open(&settings(&folder)).unwrap_err();
    let own = std::process::id();
    assert!(matches!(error, StoreError::Locked { pid: Some(pid), .. } if pid == own));
    assert!(error.to_string().ends_with(&format!("in use by process {own}")));
    store.close().unwrap();
    assert!(Store::open(&settings(&folder)).is_ok());
}

#[test]
fn a_missing_directory_is_made_but_not_its_parents() {
    let folder = folder();
    let mut deep = settings(&folder);
    deep.directory = folder.path().join("not/there");
    assert!(matches!(Store::open(&deep), Err(StoreError::Misplaced { .. })));
    assert!(!folder.path().join("not").exists());
    assert!(Store::open(&settings(&folder)).is_ok());
}

#[test]
fn a_file_in_the_place_of_the_directory_is_refused() {
    let folder = folder();
    fs::write(folder.path().join("data"), "text").unwrap();
    assert!(matches!(Store::open(&settings(&folder)), Err(StoreError::Misplaced { .. })));
}

/// Only the superuser writes where nobody may; then the test says so and ends.
fn may_write_anywhere(directory: &Path) -> bool {
    let probe = directory.join("probe");
    let may = fs::write(&probe, "").is_ok();
    if may {
        fs::remove_file(probe).unwrap();
    }
    may
}

#[test]
fn a_directory_that_nobody_may_write_to_is_refused_and_left_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = closed();
    let data = folder.path().join("data");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o500)).unwrap();
    fs::set_permissions(database(&folder), fs::Permissions::from_mode(0o400)).unwrap();
    if may_write_anywhere(&data) {
        // The kernel's own files refuse even the superuser.
        let mut kernel = settings(&folder);
        kernel.directory = "/proc/self".into();
        assert!(matches!(Store::open(&kernel), Err(StoreError::Unwritable { .. })));
    } else {
        assert!(matches!(refused(&folder), StoreError::Unwritable { .. }));
    }
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_database_that_may_only_be_read_is_refused_and_left_alone() {
    let folder = closed();
    // What SQLite does when the file system says no: it opens for reading only.
    let conn =
        Connection::open_with_flags(database(&folder), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
    let error = conn.unwrap().execute_batch("CREATE TABLE t (a)").unwrap_err();
    let error = crate::store::sqlite::classify(&database(&folder), error);
    assert!(matches!(error, StoreError::Unwritable { .. }));
}
