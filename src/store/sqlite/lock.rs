//! The lock file: keeps a second process out, and tells whether the last one stopped in order.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use super::disk::Files;
use crate::store::StoreError;
use crate::store::error::Cause;

/// Held as long as the store is open. The operating system releases it with the process.
#[derive(Debug)]
pub(in crate::store) struct Lock {
    file: File,
    /// Whether the last holder ended without closing the store.
    pub(in crate::store) unclean: bool,
}

impl Lock {
    /// Takes the lock, or says who has it.
    pub(in crate::store) fn take(files: &Files) -> Result<Self, StoreError> {
        let unwritable = |error: io::Error| StoreError::Unwritable {
            path: files.lock.clone(),
            source: Cause::new(error),
        };
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&files.lock)
            .map_err(unwritable)?;
        let locked = file.try_lock();
        let mut holder = String::new();
        file.read_to_string(&mut holder).map_err(unwritable)?;
        match locked {
            Ok(()) => Ok(Self { file, unclean: !holder.is_empty() }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked {
                path: files.directory.clone(),
                pid: holder.trim().parse().ok(),
            }),
            Err(TryLockError::Error(error)) => Err(unwritable(error)),
        }
    }

    /// Notes, durably, that the store is open: found again, it means an unclean stop.
    pub(in crate::store) fn mark_open(&mut self) -> io::Result<()> {
        self.mark_closed()?;
        writeln!(self.file, "{}", std::process::id())?;
        self.file.sync_all()
    }

    /// Notes, durably, that everything is in the database file.
    pub(in crate::store) fn mark_closed(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.sync_all()
    }
}
