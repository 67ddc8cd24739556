//! Opening: every guard between a path and a connection that may be trusted.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::disk::{Files, refuse_remote, sync_directory};
use super::fault::classify;
use super::lock::Lock;
use super::migrate::{MIGRATIONS, Migration, back_up, migrate, newest, version};
use crate::store::StoreError;
use crate::store::error::{Cause, Mismatch};
use crate::store::rows::section;

const SETTINGS: &str = section(include_str!("sql/writer.sql"), "settings");
const NEW_FILE: &str = section(include_str!("sql/writer.sql"), "new_file");
const READER_SETTINGS: &str = section(include_str!("sql/reader.sql"), "settings");

/// The `application_id` of our files, "dora".
pub(in crate::store) const APPLICATION_ID: u32 = 0x646f_7261;

/// 3.7.0 to 3.51.2 can corrupt a database, or lose commits, when checkpoints race.
pub(in crate::store) const OLDEST_SAFE_SQLITE: i32 = 3_051_003;

/// Readers and the writer never wait for each other in WAL mode; this covers checkpoints.
const BUSY_WAIT: Duration = Duration::from_secs(2);

/// Statements kept prepared per connection: all of them, about 70.
const STATEMENTS: usize = 128;

/// Up to this size a database is checked at every start (some 50 ms) …
const CHECKED_ALWAYS_BYTES: u64 = 16 << 20;

/// … and up to this size after an unclean stop, before anything is accepted (some seconds).
const CHECKED_WHEN_UNCLEAN_BYTES: u64 = 1 << 30;

/// An open store's writing connection, and the lock that makes it the only one.
#[derive(Debug)]
pub(in crate::store) struct Opened {
    pub(in crate::store) writer: Connection,
    pub(in crate::store) lock: Lock,
    /// Whether there was no database, and an empty one was made.
    pub(in crate::store) created: bool,
    /// Whether the database is too large to have been checked after an unclean stop.
    pub(in crate::store) unchecked: bool,
    /// What to warn of about the file system.
    pub(in crate::store) caution: Option<&'static str>,
    pub(in crate::store) in_force: InForce,
}

/// What durability rests on, as SQLite said when it was asked after it had been told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// `wal`.
    pub journal_mode: String,
    /// `full`: every commit is flushed to the disk before it is over.
    pub synchronous: &'static str,
    /// The version of SQLite.
    pub sqlite: &'static str,
}

/// Opens the store of a directory, or makes an empty one where there is none at all.
pub(in crate::store) fn open(files: &Files) -> Result<Opened, StoreError> {
    open_with(files, MIGRATIONS)
}

pub(super) fn open_with(files: &Files, migrations: &[Migration]) -> Result<Opened, StoreError> {
    refuse_old_library(rusqlite::version_number())?;
    make_directory(&files.directory)?;
    let caution = refuse_remote(&files.directory)?;
    let mut lock = Lock::take(files)?;
    let at = |error| classify(&files.database, error);
    let created = !files.database.exists();
    if created {
        refuse_remains(files, lock.unclean)?;
        create(files, migrations)?;
    } else {
        inspect(files, lock.unclean, newest(migrations))?;
    }
    let (mut writer, unchecked, in_force) = connect(files, &lock, newest(migrations))?;
    let before = version(&writer).map_err(at)?;
    if before < newest(migrations) {
        let name = format!("store.before-v{}.sqlite3", newest(migrations));
        back_up(&writer, &files.directory.join(name)).map_err(at)?;
        sync_directory(&files.directory).map_err(|error| unwritable(&files.directory, error))?;
        migrate(&mut writer, migrations).map_err(at)?;
    }
    // The log exists from here on: make sure that it is found after a power cut, then say so.
    sync_directory(&files.directory).map_err(|error| unwritable(&files.directory, error))?;
    lock.mark_open().map_err(|error| unwritable(&files.lock, error))?;
    Ok(Opened { writer, lock, created, unchecked, caution, in_force })
}

/// A further connection, which cannot write.
pub(in crate::store) fn open_reader(files: &Files) -> Result<Connection, StoreError> {
    let at = |error| classify(&files.database, error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(&files.database, flags).map_err(at)?;
    settle_reader(&conn, &files.database)?;
    Ok(conn)
}

/// The settings of every connection that only reads.
pub(super) fn settle_reader(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let at = |error| classify(path, error);
    conn.busy_timeout(BUSY_WAIT).map_err(at)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.execute_batch(READER_SETTINGS).map_err(at)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true).map_err(at)?;
    Ok(())
}

fn refuse_old_library(number: i32) -> Result<(), StoreError> {
    if number < OLDEST_SAFE_SQLITE {
        return Err(StoreError::Unsafe(format!(
            "its version is {number}, and {OLDEST_SAFE_SQLITE} is the first that cannot lose commits"
        )));
    }
    Ok(())
}

/// Makes the last part of the path, private to this user. A missing parent is more likely a typing
/// mistake, or a volume that was not mounted, than a wish.
fn make_directory(directory: &Path) -> Result<(), StoreError> {
    if directory.is_dir() {
        return Ok(());
    }
    DirBuilder::new().mode(0o700).create(directory).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::Misplaced {
            path: directory.to_owned(),
            why: "its parent directory does not exist".to_owned(),
        },
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => StoreError::Misplaced {
            path: directory.to_owned(),
            why: "it is not a directory".to_owned(),
        },
        _ => unwritable(directory, error),
    })?;
    match directory.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            sync_directory(parent).map_err(|error| unwritable(parent, error))
        }
        _ => Ok(()),
    }
}

fn unwritable(path: &Path, error: io::Error) -> StoreError {
    StoreError::Unwritable { path: path.to_owned(), source: Cause::new(error) }
}

fn unreadable(path: &Path, why: impl Into<String>) -> StoreError {
    StoreError::Unreadable { path: path.to_owned(), why: why.into(), source: None }
}

/// Refuses to make an empty store where one has been lost.
fn refuse_remains(files: &Files, unclean: bool) -> Result<(), StoreError> {
    if files.wal.exists() {
        return Err(unreadable(&files.database, "only its write-ahead log is there"));
    }
    if unclean {
        return Err(unreadable(&files.database, interrupted("database", files)));
    }
    Ok(())
}

fn interrupted(missing: &str, files: &Files) -> String {
    format!(
        "the {missing} of an interrupted run is missing; to go on without what it held, delete {}",
        files.lock.display()
    )
}

/// Looks at an existing file without SQLite, which would start to repair it.
pub(super) fn inspect(files: &Files, unclean: bool, known: i64) -> Result<(), StoreError> {
    let path = &files.database;
    let mut header = [0; 100];
    let opened = File::open(path).map_err(|error| unwritable(path, error))?;
    let mut file = opened.take(100);
    if let Err(error) = file.read_exact(&mut header) {
        return Err(match error.kind() {
            io::ErrorKind::UnexpectedEof => unreadable(path, "it is too short for a database"),
            _ => unwritable(path, error),
        });
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(unreadable(path, "it is not a database"));
    }
    let number = |at: usize| {
        let bytes = header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        u32::from_be_bytes(bytes.unwrap_or_default())
    };
    let application_id = number(68);
    if application_id != APPLICATION_ID {
        let mismatch = Mismatch::Foreign { application_id };
        return Err(StoreError::Schema { path: path.clone(), mismatch });
    }
    refuse_newer(path, i64::from(number(60)), known)?;
    if unclean && !files.wal.exists() {
        return Err(unreadable(path, interrupted("write-ahead log", files)));
    }
    Ok(())
}

fn refuse_newer(path: &Path, found: i64, known: i64) -> Result<(), StoreError> {
    if found > known {
        let mismatch = Mismatch::Newer { found, known };
        return Err(StoreError::Schema { path: path.to_owned(), mismatch });
    }
    Ok(())
}

/// Makes an empty store beside its place and renames it: half a store is never found.
fn create(files: &Files, migrations: &[Migration]) -> Result<(), StoreError> {
    let new = files.directory.join("store.sqlite3.new");
    for leftover in [new.clone(), files.directory.join("store.sqlite3.new-journal")] {
        match fs::remove_file(&leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(unwritable(&leftover, error));
            }
            _ => {}
        }
    }
    fill(&new, migrations).map_err(|error| classify(&new, error))?;
    File::open(&new)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&new, &files.database))
        .and_then(|()| sync_directory(&files.directory))
        .map_err(|error| unwritable(&files.database, error))
}

fn fill(new: &Path, migrations: &[Migration]) -> rusqlite::Result<()> {
    let mut conn = Connection::open(new)?;
    conn.execute_batch(NEW_FILE)?;
    migrate(&mut conn, migrations)?;
    conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0))?;
    conn.close().map_err(|(_, error)| error)
}

/// A connection that may write. Closing it leaves the files as they are, unless [`let_go`] came
/// before.
fn open_writable(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.busy_timeout(BUSY_WAIT)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.execute_batch(SETTINGS)?;
    Ok(conn)
}

/// A connection that copies the log back while another one commits.
pub(in crate::store) fn open_copier(files: &Files) -> Result<Connection, StoreError> {
    open_writable(&files.database).map_err(|error| classify(&files.database, error))
}

/// Opens for writing, with every guard.
fn connect(
    files: &Files,
    lock: &Lock,
    known: i64,
) -> Result<(Connection, bool, InForce), StoreError> {
    let path = &files.database;
    let at = |error| classify(path, error);
    let conn = open_writable(path).map_err(at)?;
    if conn.is_readonly("main").map_err(at)? {
        let error = io::Error::from(io::ErrorKind::PermissionDenied);
        return Err(unwritable(path, error));
    }
    refuse_newer(path, version(&conn).map_err(at)?, known)?;
    let unchecked = check(&conn, path, lock.unclean)?;
    let in_force = require_durability(&conn, path)?;
    Ok((conn, unchecked, in_force))
}

/// Looks for corruption where that is quick, or where there is reason to; `true` when there is
/// reason but the file is too large to wait for.
fn check(conn: &Connection, path: &Path, unclean: bool) -> Result<bool, StoreError> {
    let size = fs::metadata(path).map_err(|error| unwritable(path, error))?.len();
    let limit = if unclean { CHECKED_WHEN_UNCLEAN_BYTES } else { CHECKED_ALWAYS_BYTES };
    if size > limit {
        return Ok(unclean);
    }
    quick_check(conn, path)?;
    Ok(false)
}

/// Asks SQLite whether the file is sound.
pub(in crate::store) fn quick_check(conn: &Connection, path: &Path) -> Result<(), StoreError> {
    let verdict: String = conn
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| classify(path, error))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(unreadable(path, format!("it is corrupt: {verdict}")))
}

/// Reads back what durability rests on: `journal_mode=WAL` can fail and leave another mode.
fn require_durability(conn: &Connection, path: &Path) -> Result<InForce, StoreError> {
    let at = |error| classify(path, error);
    let mode: String =
        conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).map_err(at)?;
    if mode != "wal" {
        return Err(StoreError::Unsafe(format!("journal_mode is {mode} instead of wal")));
    }
    let synchronous: i64 =
        conn.pragma_query_value(None, "synchronous", |row| row.get(0)).map_err(at)?;
    // 2 is FULL.
    if synchronous != 2 {
        return Err(StoreError::Unsafe(format!("synchronous is {synchronous} instead of 2")));
    }
    Ok(InForce { journal_mode: mode, synchronous: "full", sqlite: rusqlite::version() })
}

/// Lets SQLite remove the log when the connection is closed: after the last checkpoint only. By
/// every other way out the log stays, and the next start recovers from it.
pub(in crate::store) fn let_go(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map(|_| ())
}
