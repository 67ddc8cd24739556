//! Why the store could not do its work.

use std::path::PathBuf;

/// What lies beneath an error: the driver's own words, for the log.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Cause(Box<dyn std::error::Error + Send + Sync>);

impl Cause {
    pub(crate) fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

/// Why the store could not do its work; each variant is named by what the caller can do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No answer, or none that can be trusted. The same call may help, and is safe.
    #[error("store unavailable")]
    Unavailable(#[source] Cause),
    /// The disk is full, or nearly so. Refuse new work; the same call succeeds once there is room.
    #[error("store has no room left on its disk")]
    Full(#[source] Cause),
    /// Something in this batch cannot be stored. Halve it until the one entry is alone.
    #[error("store cannot keep one of these entries")]
    Rejected(#[source] Cause),
    /// The disk failed under a write. Nothing may be retried: stop, and recover by opening again.
    #[error("storage failing")]
    Failing(#[source] Cause),
    /// The file cannot be trusted, or is no database. It was left as it was.
    #[error("cannot read {} as a store: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, as a fragment.
        why: String,
        /// The driver's words, if it spoke.
        source: Option<Cause>,
    },
    /// A sound database, but not one that this version can use. It was left as it was.
    #[error("cannot use {}: {mismatch}", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        mismatch: Mismatch,
    },
    /// Another process has the store.
    #[error("store {} is in use by {}", path.display(), holder(*.pid))]
    Locked {
        /// The directory.
        path: PathBuf,
        /// The other process, when it left its number.
        pid: Option<u32>,
    },
    /// The files cannot be opened for writing.
    #[error("cannot write to {}", path.display())]
    Unwritable {
        /// What refused.
        path: PathBuf,
        /// Why.
        source: Cause,
    },
    /// The place is not one where a store can be kept.
    #[error("cannot keep a store in {}: {why}", path.display())]
    Misplaced {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it, as a fragment.
        why: String,
    },
    /// SQLite would not promise what durability needs.
    #[error("SQLite does not promise durability here: {0}")]
    Unsafe(String),
}

/// What a database is instead of one of this version's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Written by a later version of this program.
    #[error("schema version {found} is newer than {known}, the newest this program knows")]
    Newer {
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// A database of another program.
    #[error("it is the database of another program (application id {application_id:#010x})")]
    Foreign {
        /// Its `application_id`.
        application_id: u32,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

impl StoreError {
    /// What the operator can try; a whole sentence.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "Try again; if it lasts, look at the log for its cause.",
            Self::Full(_) => "Free disk space; the store resumes by itself.",
            Self::Rejected(_) => "Report this with the log: one delivery could not be stored.",
            Self::Failing(_) => {
                "Check the disk and the kernel's log, then start again: the store recovers by itself."
            }
            Self::Unreadable { .. } => {
                "Put a backup in its place, or move the files away to start an empty store; nothing \
                 was changed."
            }
            Self::Schema { mismatch: Mismatch::Newer { .. }, .. } => {
                "Start the newer version of this program again, or restore the backup that its \
                 migration made."
            }
            Self::Schema { mismatch: Mismatch::Foreign { .. }, .. } => {
                "Choose another directory for the store."
            }
            Self::Locked { .. } => {
                "Stop the other process, or give this one a directory of its own."
            }
            Self::Unwritable { .. } => {
                "Give this process's user write permission, on a file system that is not read-only."
            }
            Self::Misplaced { .. } => "Choose a directory on a local disk whose parent exists.",
            Self::Unsafe(_) => "Keep the store on a local disk that supports SQLite's WAL mode.",
        }
    }

    /// Whether the process must stop: after a failed write nothing in memory can be trusted.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(self, Self::Failing(_) | Self::Unreadable { .. })
    }
}
