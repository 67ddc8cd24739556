//! The numbers: one worked example per rule, and what must hold for every history.

mod agreement;
mod batches;
mod categories;
mod defaults;
pub(crate) mod explained;
mod failures;
mod lead_times;
mod properties;
mod reference;
mod releases;
mod rhythm;
mod rulings;
mod story;
mod world;
