//! What happened in a project, understood once: releases, what they delivered, what failed.
//!
//! Facts and a policy go in, an [`Assessment`] comes out; every metric reads it and nothing else.

mod arrivals;
mod assess;
pub mod changes;
mod commit_lists;
pub mod environment_days;
mod environment_links;
pub mod failures;
pub mod fates;
pub mod feedback;
pub mod incidents;
mod inventory;
pub(super) mod jobs;
mod lineage;
pub mod milestones;
pub mod needs;
pub mod pipelines;
pub mod releases;
mod search;
mod services;
pub(super) mod sources;
mod target_lines;

pub use arrivals::Delivered;
pub use assess::{Assessment, Detected, TierAssessment, assess};
pub use inventory::Undelivered;
