//! Inventory: what is merged and waits for its delivery.

use crate::delivery::Timestamp;
use crate::dora::samples::TierSamples;

/// What waits for its delivery to a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inventory {
    /// How many changes.
    pub undelivered_changes: u64,
    /// When the earliest of them merged; `None` where nothing waits.
    pub oldest_at: Option<Timestamp>,
}

/// Adds up what waits in one or more projects.
///
/// - **Input.** The samples of one tier.
/// - **Output.** Counts are added, the oldest is the oldest of all. `None` before the first release
///   of every project: until something was delivered nobody knows what was.
/// - **Cost.** O(n) for n projects.
///
/// Source: this exporter; lean production calls it work in process.
#[must_use]
pub fn inventory(samples: &[&TierSamples]) -> Option<Inventory> {
    samples
        .iter()
        .filter_map(|tier| tier.undelivered)
        .map(|waiting| Inventory {
            undelivered_changes: waiting.changes,
            oldest_at: waiting.oldest_at,
        })
        .reduce(|one, other| Inventory {
            undelivered_changes: one.undelivered_changes.saturating_add(other.undelivered_changes),
            oldest_at: [one.oldest_at, other.oldest_at].into_iter().flatten().min(),
        })
}
