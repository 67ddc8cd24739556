//! GitLab's dialect: its wire types, its spellings of time, and what of a hook may be kept.
//!
//! [`scrub()`] turns verified bytes into a [`Record`](crate::record::Record): the keys that
//! [`allow_list`] names, and a few values derived from texts that are then dropped. [`hook`] reads
//! such a record back. Nothing here does I/O or asks the time.

pub mod allow_list;
mod derive;
mod filter;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod hook;
#[cfg(test)]
mod hostile_tests;
pub mod images;
pub mod keep;
#[cfg(test)]
mod privacy_tests;
pub mod pseudonym;
pub mod references;
pub mod resource;
mod scanner;
#[cfg(test)]
mod scanner_tests;
mod scrub;
#[cfg(test)]
mod scrub_tests;
pub mod timestamp;

pub use derive::DERIVED_KEYS;
pub use hook::{project_id, project_path};
pub use pseudonym::{Pseudonyms, author_patterns};
pub use scrub::{CUSTOM_KIND, scrub, scrub_logged};
