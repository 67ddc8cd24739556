//! SQLite: the files, the one writer, the readers.

mod contact;
mod disk;
mod entry;
mod fault;
mod glance;
mod hot;
mod load;
mod lock;
mod log;
mod migrate;
mod once;
mod open;
mod reader;
mod tally;
mod upkeep;
mod writer;

pub(super) use contact::{contacts, keep_contact};
pub(super) use disk::{
    Files, MEMORY, Space, drop_ballast, file_system, ground, lay_ballast, sync_directory,
};
pub use disk::{Reserve, Trial};
pub(super) use entry::Prepared;
pub(super) use fault::{classify, classify_commit};
pub(super) use glance::{Header, open_glance, sources};
#[cfg(test)]
pub(super) use load::each;
pub(super) use load::load;
pub(super) use lock::Lock;
pub(super) use log::{copy_log_back, truncate_log};
pub(super) use once::is_known;
pub use open::InForce;
pub(super) use open::{OLDEST_SAFE_SQLITE, let_go, open, open_copier, open_reader, quick_check};
pub(super) use reader::{digest, heard, journal_length, projected_by, scan, set_projected_by};
pub(super) use tally::{count, totals};
pub(super) use upkeep::{expired, forget, purge_journal, release_pages};
pub(super) use writer::{Writer, number_of_source, stored};
