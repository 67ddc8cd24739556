//! The numbers: one worked example per rule, and what must hold for every history.

mod agreement;
mod defaults;
mod failures;
mod lead_times;
mod promotions;
mod properties;
mod reference;
mod releases;
mod story;
mod world;
