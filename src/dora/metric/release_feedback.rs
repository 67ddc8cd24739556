//! What users say of releases, and how soon it is mended.

use super::failed_deployment_recovery_time::within;
use crate::delivery::Timestamp;
use crate::dora::samples::{TierSamples, Timed};
use crate::dora::statistics::{Quantiles, ratio};
use crate::dora::window::Window;

/// What users said of the releases of one window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ReleaseFeedback {
    /// Forward releases of which users said something before the next one, by all whose time for
    /// that is over, 0 to 1; `None` without such.
    pub feedback_ratio: Option<f64>,
    /// Seconds from the end of a release to the first that users said of it.
    pub first_feedback: Option<Quantiles>,
    /// Reports that the next forward release mended, by all that were delivered, 0 to 1; `None`
    /// without such.
    pub fixed_in_next_release_ratio: Option<f64>,
}

/// Sums up what users said of the releases that ended in the window, and which of their reports
/// were delivered in it.
///
/// - **Input.** The samples of one tier of one or more projects, in any order.
/// - **Output.** See [`ReleaseFeedback`]; nothing while no label marks feedback.
/// - **Cost.** O(n log n).
///
/// Source: this exporter.
#[must_use]
pub fn release_feedback(
    samples: &[&TierSamples],
    window: Window,
    as_of: Timestamp,
) -> ReleaseFeedback {
    let releases = || samples.iter().flat_map(|tier| &tier.value_stream.feedback);
    let over = releases()
        .filter(|release| window.contains(release.released_at, as_of) && release.until <= as_of);
    let first = releases().filter_map(|release| {
        let seconds = release.first_at?.seconds_since(release.released_at);
        Some(Timed { at: release.released_at, seconds })
    });
    let fixes = samples.iter().flat_map(|tier| &tier.value_stream.fixes);
    let fixes = fixes.filter(|fix| window.contains(fix.delivered_at, as_of));
    ReleaseFeedback {
        feedback_ratio: share(over.map(|release| release.first_at.is_some())),
        first_feedback: within(first, window, as_of),
        fixed_in_next_release_ratio: share(fixes.map(|fix| fix.in_next_release)),
    }
}

/// How many of them hold; `None` without any.
fn share(all: impl Iterator<Item = bool>) -> Option<f64> {
    let (holding, count) =
        all.fold((0_u64, 0_u64), |(holding, count), own| (holding + u64::from(own), count + 1));
    (count > 0).then(|| ratio(holding.into(), count.into()))
}
