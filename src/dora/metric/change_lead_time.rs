//! Change lead time: from the first commit, and from the merge, to the delivery.

use crate::delivery::Timestamp;
use crate::dora::assessment::changes::Stage;
use crate::dora::samples::{ChangeSample, TierSamples};
use crate::dora::scorecard::ClockFigures;
use crate::dora::statistics::Quantiles;
use crate::dora::window::Window;

/// How long the changes took that were delivered in one window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeLeadTime {
    /// Sampled changes delivered.
    pub changes: u64,
    /// Lead times by both clocks, in seconds.
    pub clocks: ClockFigures,
    /// Stages of merge requests by [`Stage::ALL`], in seconds.
    pub stages: [Option<Quantiles>; Stage::ALL.len()],
}

/// Summarises how long the changes delivered in the window took.
///
/// - **Input.** The samples of one tier of one or more projects: each sampled change once, at its
///   first arrival, in any order; whole seconds, negative spans already 0.
/// - **Output.** Seconds. Every change weighs the same, however many share a release; direct
///   commits have no stages. `None` without samples: no data is not zero.
/// - **Cost.** O(n log n) for n changes in the window.
///
/// Source: DORA, "DORA's software delivery performance metrics", change lead time. GitLab's
/// `lead_time_for_changes` starts at the merge and takes a median of daily medians instead.
#[must_use]
pub fn change_lead_time(
    samples: &[&TierSamples],
    window: Window,
    as_of: Timestamp,
) -> ChangeLeadTime {
    let delivered: Vec<&ChangeSample> = samples
        .iter()
        .flat_map(|tier| &tier.changes)
        .filter(|change| window.contains(change.delivered_at, as_of))
        .collect();
    let of = |seconds: fn(&ChangeSample) -> u64| {
        Quantiles::of(delivered.iter().map(|change| seconds(change)).collect())
    };
    let mut stages = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for lengths in delivered.iter().filter_map(|change| change.stages) {
        for (stage, seconds) in stages.iter_mut().zip(lengths) {
            stage.push(seconds);
        }
    }
    ChangeLeadTime {
        changes: u64::try_from(delivered.len()).unwrap_or(u64::MAX),
        clocks: ClockFigures {
            first_commit: of(|change| change.first_commit_seconds),
            merge: of(|change| change.merge_seconds),
        },
        stages: stages.map(Quantiles::of),
    }
}
