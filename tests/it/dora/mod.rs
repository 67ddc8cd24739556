//! The numbers: one worked example per rule, and what must hold for every history.

mod failures;
mod lead_times;
mod properties;
mod releases;
mod story;
