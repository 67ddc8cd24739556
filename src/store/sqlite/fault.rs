//! From SQLite's result codes to what the caller can do.

use std::path::Path;

use rusqlite::{Error, ErrorCode};

use crate::store::StoreError;
use crate::store::error::Cause;

/// An error of a running store, whose files were sound when it was opened.
pub(in crate::store) fn classify(path: &Path, error: Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(Cause::new(error)),
        Some(ErrorCode::SystemIoFailure) => StoreError::Failing(Cause::new(error)),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            unreadable(path, "the database is corrupt", error)
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            StoreError::Unwritable { path: path.to_owned(), source: Cause::new(error) }
        }
        Some(ErrorCode::TooBig | ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch) => {
            StoreError::Rejected(Cause::new(error))
        }
        // Busy, locked, out of memory, interrupted …
        Some(_) => StoreError::Unavailable(Cause::new(error)),
        None if is_odd_row(&error) => unreadable(path, "a row holds an impossible value", error),
        None => StoreError::Rejected(Cause::new(error)),
    }
}

/// An error of a commit: an odd row concerns only the entries that merge with it.
pub(in crate::store) fn classify_commit(path: &Path, error: Error) -> StoreError {
    if is_odd_row(&error) { StoreError::Rejected(Cause::new(error)) } else { classify(path, error) }
}

fn is_odd_row(error: &Error) -> bool {
    matches!(
        error,
        Error::FromSqlConversionFailure(..)
            | Error::InvalidColumnType(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::Utf8Error(..)
    )
}

fn unreadable(path: &Path, why: &str, error: Error) -> StoreError {
    StoreError::Unreadable {
        path: path.to_owned(),
        why: why.to_owned(),
        source: Some(Cause::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn named(code: i32) -> StoreError {
        classify(Path::new("s"), Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn every_result_code_says_what_can_be_done() {
        assert!(matches!(named(ffi::SQLITE_FULL), StoreError::Full(_)));
        assert!(matches!(named(ffi::SQLITE_IOERR_FSYNC), StoreError::Failing(_)));
        assert!(matches!(named(ffi::SQLITE_CORRUPT), StoreError::Unreadable { .. }));
        assert!(matches!(named(ffi::SQLITE_NOTADB), StoreError::Unreadable { .. }));
        assert!(matches!(named(ffi::SQLITE_READONLY), StoreError::Unwritable { .. }));
        assert!(matches!(named(ffi::SQLITE_BUSY), StoreError::Unavailable(_)));
        assert!(matches!(named(ffi::SQLITE_NOMEM), StoreError::Unavailable(_)));
        assert!(matches!(named(ffi::SQLITE_TOOBIG), StoreError::Rejected(_)));
    }

    #[test]
    fn after_a_failed_write_the_process_must_stop_and_after_a_full_disk_it_need_not() {
        assert!(named(ffi::SQLITE_IOERR_WRITE).is_fatal());
        assert!(!named(ffi::SQLITE_FULL).is_fatal());
        assert!(!named(ffi::SQLITE_BUSY).is_fatal());
    }
}
