//! The numbers: one worked example per rule, and what must hold for every history.

mod agreement;
mod batches;
mod categories;
mod defaults;
mod definitions;
pub(crate) mod explained;
mod failures;
mod feedback;
mod gitlab;
mod jobs;
mod journeys;
mod lead_times;
mod milestones;
mod needs;
mod plan;
mod promotions;
mod properties;
mod reference;
mod releasable;
mod releases;
mod rhythm;
mod rulings;
mod sources;
mod steps;
mod story;
mod stream_rulings;
mod world;
