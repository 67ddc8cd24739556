//! Failed deployment recovery time.

use crate::delivery::Timestamp;
use crate::dora::samples::{TierSamples, Timed};
use crate::dora::statistics::Quantiles;
use crate::dora::window::Window;

/// Summarises how long failed releases took to recover, by recoveries in the window.
///
/// - **Input.** The samples of one tier of one or more projects, in any order.
/// - **Output.** Seconds from the start of the failed release to its recovery. Failures that have
///   not recovered are in no quantile. `None` without recoveries.
/// - **Cost.** O(n log n).
///
/// Source: DORA, "DORA's software delivery performance metrics", failed deployment recovery time
/// (formerly MTTR).
#[must_use]
pub fn failed_deployment_recovery_time(
    samples: &[&TierSamples],
    window: Window,
    as_of: Timestamp,
) -> Option<Quantiles> {
    within(samples.iter().flat_map(|tier| &tier.recoveries).copied(), window, as_of)
}

/// Summarises the durations that ended in the window.
pub(super) fn within(
    durations: impl Iterator<Item = Timed>,
    window: Window,
    as_of: Timestamp,
) -> Option<Quantiles> {
    let ended = durations.filter(|duration| window.contains(duration.at, as_of));
    Quantiles::of(ended.map(|duration| duration.seconds).collect())
}
