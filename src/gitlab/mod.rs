//! GitLab's dialect: its wire types, its spellings of time, and what of a hook may be kept.
//!
//! [`scrub`] turns verified bytes into a [`Record`](crate::record::Record): the keys that
//! [`allow_list`] names, and a few values derived from texts that are then dropped. Wire types read
//! such a record back. Nothing here does I/O or asks the time.

pub mod allow_list;
mod derive;
mod filter;
pub mod pseudonym;
pub mod references;
mod scrub;
pub mod timestamp;

pub use derive::DERIVED_KEYS;
pub use pseudonym::Pseudonyms;
pub(crate) use scrub::scrub_body;
pub use scrub::{CUSTOM_KIND, scrub};
