//! Deployment rework rate.

use crate::delivery::Timestamp;
use crate::dora::samples::TierSamples;
use crate::dora::statistics::ratio;
use crate::dora::window::Window;

/// How many releases of one window were rework.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeploymentReworkRate {
    /// Rework releases.
    pub rework: u64,
    /// Rework by counted releases, 0 to 1; `None` without counted releases.
    pub ratio: Option<f64>,
}

/// Divides the rework releases by the counted ones, both by their end in the window.
///
/// - **Input.** The samples of one tier of one or more projects, in any order.
/// - **Output.** Rework is a rollback, or a release that delivers a hotfix or takes back what an
///   earlier one delivered.
/// - **Cost.** O(n).
///
/// Source: DORA, "DORA's software delivery performance metrics", deployment rework rate. GitLab
/// has no such metric.
#[must_use]
pub fn deployment_rework_rate(
    samples: &[&TierSamples],
    window: Window,
    as_of: Timestamp,
) -> DeploymentReworkRate {
    let releases = samples.iter().flat_map(|tier| &tier.releases);
    let (mut counted, mut rework) = (0_u64, 0_u64);
    for release in
        releases.filter(|release| release.is_counted && window.contains(release.ended_at, as_of))
    {
        counted += 1;
        rework += u64::from(release.is_rework);
    }
    let ratio = (counted > 0).then(|| ratio(rework.into(), counted.into()));
    DeploymentReworkRate { rework, ratio }
}
