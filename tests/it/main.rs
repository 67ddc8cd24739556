//! The one integration binary: every promise through the door a user would use.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]
#![expect(clippy::panic, reason = "a helper that finds its input wrong should say so and stop")]
#![expect(clippy::indexing_slicing, reason = "a missing key should stop the test")]

mod artifacts;
mod peers;
mod prometheus;
