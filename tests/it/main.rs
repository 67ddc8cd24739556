//! The one integration binary: every promise through the door a user would use.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod cli;
mod configuration;
#[cfg(test)]
mod exposition;
mod refusals;
