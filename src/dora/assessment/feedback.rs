//! What users said of a release.

use super::needs::is_feedback;
use super::releases::Release;
use crate::delivery::{ProjectHistory, Timestamp};
use crate::dora::policy::Policy;

/// A forward release, and whether users said anything of it before the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feedback {
    /// End of the release.
    pub released_at: Timestamp,
    /// Until when what users say is said of it: the next forward release, or the end of
    /// `feedback.period`.
    pub until: Timestamp,
    /// When they first did.
    pub first_at: Option<Timestamp>,
}

/// The forward releases of a tier, in order; none while no label marks feedback.
pub(super) fn feedback(
    history: &ProjectHistory,
    releases: &[Release],
    as_of: Timestamp,
    policy: &Policy,
) -> Vec<Feedback> {
    if policy.value_stream.feedback_labels.is_empty() {
        return Vec::new();
    }
    let said = history.issues.values().filter(|issue| is_feedback(issue, policy));
    let mut said: Vec<Timestamp> =
        said.filter_map(|issue| issue.created_at.0).filter(|at| *at < as_of).collect();
    said.sort_unstable();
    let forward: Vec<Timestamp> = releases
        .iter()
        .filter(|release| release.kind.is_forward())
        .map(|release| release.ended_at)
        .collect();
    let next = forward.iter().skip(1).copied().map(Some).chain([None]);
    let of = |(released_at, next): (&Timestamp, Option<Timestamp>)| {
        let period_ends = released_at.plus(policy.value_stream.feedback_period_seconds);
        let until = next.map_or(period_ends, |next| next.min(period_ends));
        let first = said.partition_point(|at| at < released_at);
        let first_at = said.get(first).copied().filter(|at| *at < until);
        Feedback { released_at: *released_at, until, first_at }
    };
    forward.iter().zip(next).map(of).collect()
}
