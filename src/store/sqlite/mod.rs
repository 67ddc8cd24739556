//! SQLite: the files, the one writer, the readers.

mod disk;
mod entry;
mod fault;
mod hot;
mod lock;
mod migrate;
mod once;
mod open;
mod writer;

pub use disk::Reserve;
pub(super) use disk::{Files, Space, drop_ballast, lay_ballast, sync_directory};
pub(super) use entry::{Prepared, read_entry};
pub(super) use fault::{classify, classify_commit};
pub(super) use lock::Lock;
pub(super) use open::{open, open_reader, quick_check};
pub(super) use writer::{Writer, keep_log, truncate_log};
