//! The store's promises, each on a store of its own.

mod crash;
mod durable;
mod images;
mod journal;
mod merged;
mod refused;
mod retention;
mod strategies;
pub(super) mod support;
mod totals;
mod window;
