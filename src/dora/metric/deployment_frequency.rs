//! Deployment frequency, and the counts behind it.

use crate::delivery::Timestamp;
use crate::dora::assessment::releases::ReleaseKind;
use crate::dora::samples::TierSamples;
use crate::dora::statistics::ratio;
use crate::dora::window::{DAY_SECONDS, Window};

/// How often a tier was deployed to, in one window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeploymentFrequency {
    /// Counted releases.
    pub counted: u64,
    /// Releases by [`ReleaseKind::ALL`], redeploys included whether counted or not.
    pub by_kind: [u64; ReleaseKind::ALL.len()],
    /// Counted releases per day.
    pub per_day: f64,
    /// Distinct local days with a counted release.
    pub days: u64,
}

/// Counts the releases that ended in the window.
///
/// - **Input.** The samples of one tier of one or more projects, in any order.
/// - **Output.** Counts, and counted releases per day of 86 400 s. Zero is a fact: the tier is
///   known. Days of several projects are a union of local dates.
/// - **Cost.** O(n).
///
/// Source: DORA, "DORA's software delivery performance metrics", deployment frequency. GitLab
/// counts every successful deployment to every environment instead of releases.
#[must_use]
pub fn deployment_frequency(
    samples: &[&TierSamples],
    window: Window,
    as_of: Timestamp,
) -> DeploymentFrequency {
    let mut by_kind = [0; ReleaseKind::ALL.len()];
    let mut counted = 0;
    let mut days = Vec::new();
    let releases = samples.iter().flat_map(|tier| &tier.releases);
    for release in releases.filter(|release| window.contains(release.ended_at, as_of)) {
        for (count, kind) in by_kind.iter_mut().zip(ReleaseKind::ALL) {
            *count += u64::from(kind == release.kind);
        }
        if release.is_counted {
            counted += 1;
            days.push(release.local_day);
        }
    }
    days.sort_unstable();
    days.dedup();
    DeploymentFrequency {
        counted,
        by_kind,
        per_day: ratio(u128::from(counted) * u128::from(DAY_SECONDS), window.seconds().into()),
        days: u64::try_from(days.len()).unwrap_or(u64::MAX),
    }
}
