//! Every number: pure functions from facts, policy and an instant to figures.
//!
//! [`assess`](assess::assess) understands one project; [`measure`](measure::measure) draws its
//! [`samples`] and summarises them, one public function per metric file;
//! [`roll_up`](roll_up::roll_up) pools the samples of many. Definitions and their sources stand at
//! those functions, and in `docs/metrics.md`.

mod arrivals;
pub mod assess;
pub mod change_fail_rate;
pub mod change_lead_time;
pub mod changes;
mod commit_lists;
pub mod counting;
pub mod deployment_frequency;
pub mod deployment_rework_rate;
pub mod failed_deployment_recovery_time;
pub mod failures;
pub mod incidents;
mod lineage;
pub mod measure;
pub mod measuring;
pub mod policy;
pub mod releases;
pub mod roll_up;
pub mod samples;
pub mod scorecard;
pub mod statistics;
pub mod time_to_restore_service;
pub mod window;

pub use arrivals::Delivered;
