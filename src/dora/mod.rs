//! Every number: pure functions from facts, policy and an instant to figures.
//!
//! [`assess`](assessment::assess) understands one project; [`measure`](measure::measure) draws its
//! [`samples`] and summarises them, one public function per file of [`metric`];
//! [`roll_up`](roll_up::roll_up) pools the samples of many. Definitions and their sources stand at
//! those functions, and in `docs/metrics.md`.

pub mod assessment;
pub mod completeness;
pub mod counting;
pub mod explain;
pub mod gitlab_parity;
pub mod levels;
pub mod lifetime;
pub mod links;
pub mod measure;
pub mod measuring;
pub mod metric;
pub mod policy;
pub mod roll_up;
pub mod samples;
pub mod scorecard;
pub mod shared;
pub mod statistics;
pub mod window;
