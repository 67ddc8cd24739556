//! The store's promises, each on a store of its own.

mod durable;
mod merged;
mod strategies;
pub(super) mod support;
