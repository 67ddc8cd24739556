//! Promotion time: from one tier to the next.

use super::failed_deployment_recovery_time::within;
use crate::delivery::Timestamp;
use crate::dora::samples::Timed;
use crate::dora::statistics::Quantiles;
use crate::dora::window::Window;

/// Summarises how long changes took from one tier to another, by arrivals in the window.
///
/// - **Input.** One pair of tiers of one or more projects: each sampled change once, that was
///   delivered to both in their order, or at the same time; not what the first release of either
///   contained.
/// - **Output.** Seconds between the two deliveries. `None` without samples.
/// - **Cost.** O(n log n).
///
/// Source: this exporter. The wait for a *recette* and for a date of release is in it.
#[must_use]
pub fn promotion_time(
    times: impl Iterator<Item = Timed>,
    window: Window,
    as_of: Timestamp,
) -> Option<Quantiles> {
    within(times, window, as_of)
}
