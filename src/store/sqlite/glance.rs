//! A connection that looks at the files of another process without touching them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::disk::Files;
use super::fault::classify;
use super::load::each;
use super::migrate::{MIGRATIONS, newest, version};
use super::open::{inspect, settle_reader};
use crate::delivery::InstanceId;
use crate::store::StoreError;
use crate::store::rows::section;

const SOURCES: &str = section(include_str!("sql/reader.sql"), "sources");

/// What the head of the database file says, without SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Header {
    /// Whether it is written by way of a write-ahead log.
    pub(in crate::store) has_log: bool,
    /// The version of the SQLite that wrote it last, as `3051003`.
    pub(in crate::store) written_by: i32,
}

impl Header {
    /// Reads it. Not while this process has the database open: closing any handle of a file drops
    /// the locks that SQLite has on it (POSIX).
    pub(in crate::store) fn read(path: &Path) -> io::Result<Self> {
        let mut header = [0; 100];
        File::open(path)?.read_exact(&mut header)?;
        let [.., a, b, c, d] = header;
        let has_log = header.get(18..20) == Some(&[2, 2]);
        Ok(Self { has_log, written_by: i32::from_be_bytes([a, b, c, d]) })
    }
}

/// Opens the files for reading, whoever else has them open.
///
/// Without a log nobody writes: SQLite is then told that nothing changes, or it would make a log
/// of its own, which the exporter's user might not be allowed to open later.
pub(in crate::store) fn open_glance(files: &Files) -> Result<Connection, StoreError> {
    let path = &files.database;
    let refuse =
        |why: String| Err(StoreError::Unreadable { path: path.clone(), why, source: None });
    if !path.exists() {
        return refuse("there is none".to_owned());
    }
    inspect(files, false, newest(MIGRATIONS))?;
    let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = if files.wal.exists() {
        Connection::open_with_flags(path, read_only)
    } else {
        let flags = read_only | OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(unchanging(path), flags)
    };
    let conn = conn.map_err(|error| classify(path, error))?;
    settle_reader(&conn, path)?;
    let (found, known) =
        (version(&conn).map_err(|error| classify(path, error))?, newest(MIGRATIONS));
    if found < known {
        return refuse(format!("its schema {found} is older than {known}; `serve` migrates it"));
    }
    Ok(conn)
}

/// The path as a URI that says that the file does not change.
fn unchanging(path: &Path) -> PathBuf {
    let mut uri = b"file:".to_vec();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'?' | b'#' | b'%' => uri.extend_from_slice(format!("%{byte:02x}").as_bytes()),
            _ => uri.push(*byte),
        }
    }
    uri.extend_from_slice(b"?immutable=1");
    OsString::from_vec(uri).into()
}

/// Every GitLab that was ever numbered, by name.
pub(in crate::store) fn sources(
    conn: &Connection,
) -> rusqlite::Result<BTreeMap<String, InstanceId>> {
    let mut all = BTreeMap::new();
    each(conn, SOURCES, [], |row| {
        all.insert(row.get(0)?, InstanceId::new(row.get(1)?));
        Ok(())
    })?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_marks_of_a_uri_is_still_that_path() {
        let uri = unchanging(Path::new("/srv/a?b#c%20/store.db"));
        assert_eq!(uri, Path::new("file:/srv/a%3fb%23c%2520/store.db?immutable=1"));
    }
}
