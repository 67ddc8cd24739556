//! Every number: pure functions from facts, policy and an instant to figures.

pub mod changes;
pub mod counting;
pub mod policy;
pub mod releases;
pub mod scorecard;
pub mod statistics;
pub mod window;
