//! The one integration binary: every promise through the door a user would use.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]
#![expect(clippy::expect_used, reason = "a test that cannot be set up should stop")]
#![expect(clippy::panic, reason = "a test that cannot go on should stop")]
#![expect(clippy::indexing_slicing, reason = "a test that misses its data should stop")]

mod browser;
mod dora;
mod page;
mod tidy;
