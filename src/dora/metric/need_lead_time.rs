//! Need lead time: from what was asked to its delivery.

use super::failed_deployment_recovery_time::within;
use crate::delivery::Timestamp;
use crate::dora::assessment::needs::NeedBasis;
use crate::dora::samples::TierSamples;
use crate::dora::statistics::Quantiles;
use crate::dora::window::Window;

/// Summarises how long needs took to be delivered, by deliveries in the window.
///
/// - **Input.** The samples of one tier of one or more projects, in any order: each issue once, under
///   the best known beginning; reports of users a second time, from their creation.
/// - **Output.** Seconds, by [`NeedBasis::ALL`]. `None` where no such need was delivered.
/// - **Cost.** O(n log n).
///
/// Source: this exporter. An issue is delivered once all merge requests that close it are.
#[must_use]
pub fn need_lead_time(
    samples: &[&TierSamples],
    window: Window,
    as_of: Timestamp,
) -> [Option<Quantiles>; NeedBasis::ALL.len()] {
    NeedBasis::ALL.map(|basis| {
        let needs = samples.iter().flat_map(|tier| &tier.value_stream.needs);
        let own = needs.filter(|(own, _)| *own == basis).map(|(_, time)| *time);
        within(own, window, as_of)
    })
}
