//! Change fail rate, and which signals say so.

use crate::delivery::Timestamp;
use crate::dora::policy::FailureSignal;
use crate::dora::samples::TierSamples;
use crate::dora::statistics::ratio;
use crate::dora::window::Window;

/// How many releases of one window failed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeFailRate {
    /// Failed releases under their first signal, by [`FailureSignal::ALL`].
    pub by_signal: [u64; FailureSignal::ALL.len()],
    /// Failed by counted releases, 0 to 1; `None` without counted releases.
    pub ratio: Option<f64>,
}

/// Divides the failed releases by the counted ones, both by their end in the window.
///
/// - **Input.** The samples of one tier of one or more projects, in any order.
/// - **Output.** A ratio that cannot exceed 1: a release fails at most once, however many signals
///   point at it.
/// - **Cost.** O(n).
///
/// Source: DORA, "DORA's software delivery performance metrics", change fail rate. GitLab divides
/// incidents by deployments instead, which may exceed 1.
#[must_use]
pub fn change_fail_rate(
    samples: &[&TierSamples],
    window: Window,
    as_of: Timestamp,
) -> ChangeFailRate {
    let mut by_signal = [0; FailureSignal::ALL.len()];
    let mut counted = 0_u64;
    let releases = samples.iter().flat_map(|tier| &tier.releases);
    for release in
        releases.filter(|release| release.is_counted && window.contains(release.ended_at, as_of))
    {
        counted += 1;
        for (count, signal) in by_signal.iter_mut().zip(FailureSignal::ALL) {
            *count += u64::from(release.failed == Some(signal));
        }
    }
    let failed: u64 = by_signal.iter().sum();
    let ratio = (counted > 0).then(|| ratio(failed.into(), counted.into()));
    ChangeFailRate { by_signal, ratio }
}
