//! The one integration binary: every promise through the door a user would use.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]
#![expect(clippy::expect_used, reason = "a test that cannot be set up should stop")]
#![expect(clippy::panic, reason = "a helper that finds its input wrong should say so and stop")]
#![expect(clippy::print_stdout, reason = "a test says what it compared and what it left out")]
#![expect(clippy::indexing_slicing, reason = "a test that misses its data should stop")]

mod artifacts;
mod backfill;
mod bench;
mod browser;
mod cli;
mod compare;
mod configuration;
mod demo;
mod doctor;
mod dora;
mod durability;
mod explain;
mod exposition;
mod gitlab_api;
mod golden;
mod hooks;
mod links;
mod operating;
mod page;
mod payloads;
mod peers;
mod prometheus;
mod refusals;
mod replay;
mod rest;
mod serve;
mod support;
mod tidy;
mod webhook;
