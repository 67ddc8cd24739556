//! Batch: how much a release brings, and how far back its work reaches.

use crate::delivery::Timestamp;
use crate::dora::samples::{BatchSample, TierSamples};
use crate::dora::statistics::Quantiles;
use crate::dora::window::Window;

/// How large the releases of one window were.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Batch {
    /// Changes per release.
    pub size_changes: Option<Quantiles>,
    /// Seconds from the earliest first commit among its changes to the end of the release.
    pub span: Option<Quantiles>,
}

/// Summarises how large the forward releases were that ended in the window.
///
/// - **Input.** The samples of one tier of one or more projects, in any order.
/// - **Output.** Every release weighs the same. Only those that delivered something are in it, and
///   no baseline; every change counts, sampled or not. `None` without such a release.
/// - **Cost.** O(n log n).
///
/// Source: this exporter, after DORA's capability "working in small batches"; the talk asks for "a
/// few days of work", not "several months".
#[must_use]
pub fn batch(samples: &[&TierSamples], window: Window, as_of: Timestamp) -> Batch {
    let batches: Vec<BatchSample> = samples
        .iter()
        .flat_map(|tier| &tier.releases)
        .filter(|release| window.contains(release.ended_at, as_of))
        .filter_map(|release| release.batch)
        .collect();
    Batch {
        size_changes: Quantiles::of(batches.iter().map(|batch| batch.changes).collect()),
        span: Quantiles::of(batches.iter().map(|batch| batch.span_seconds).collect()),
    }
}
