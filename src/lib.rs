//! GitLab hooks in, DORA's delivery metrics out.
//!
//! Data flows one way: [`http`] → [`ingest`] (verify → scrub → project → queue) → [`store`] (one
//! durable transaction) → [`scoreboard`] (History in memory) → [`dora`] (pure measuring) →
//! [`exposition`] (rendered snapshot) → scrapes. A room may import only rooms that stand above it
//! in this list; `tests/it/tidy.rs` holds the table.

// Pure rooms: no I/O, no clock, no async.
pub mod delivery;
pub mod record;

pub mod proof;

pub mod gitlab;

pub mod projection;

pub mod dora;

pub mod exposition;

pub mod words;

pub mod report;

pub mod page;

// Edges: I/O, each behind a small door.
pub mod clock;
pub mod instruments;
pub mod telemetry;

pub mod store;

pub mod ingest;

pub mod scoreboard;

pub mod rest;

pub mod backfill;
pub mod hooks;

pub mod http;

// Composition.
pub mod demo;

pub mod config;

pub mod app;

pub mod cli;
