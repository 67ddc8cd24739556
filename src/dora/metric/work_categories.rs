//! Changes by kind of work: features, fixes, security, maintenance …

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::delivery::Timestamp;
use crate::dora::policy::OTHER_CATEGORY;
use crate::dora::samples::{ChangeSample, TierSamples};
use crate::dora::scorecard::ClockFigures;
use crate::dora::statistics::Quantiles;
use crate::dora::window::Window;

/// What one kind of work came to, in one window.
#[derive(Debug, Clone, PartialEq)]
pub struct CategoryFigures {
    /// The label `category`.
    pub name: Arc<str>,
    /// Sampled changes delivered.
    pub changes: u64,
    /// Lead times by both clocks, in seconds.
    pub lead_time: ClockFigures,
}

/// Counts the changes of each kind of work that were delivered in the window, and summarises how
/// long they took.
///
/// - **Input.** The samples of one tier of one or more projects, in any order.
/// - **Output.** By name, `other` among them. Every category of a project is there, with 0 where
///   nothing was delivered: that is a fact. Empty where no project has categories; a project without
///   says nothing of kinds of work, and none of its changes is pooled.
/// - **Cost.** O(n log n) for n changes in the window; nothing without categories.
///
/// Source: this exporter; the talk asks for security and maintenance "in the background" of
/// features: build against run.
#[must_use]
pub fn work_categories(
    samples: &[&TierSamples],
    window: Window,
    as_of: Timestamp,
) -> Vec<CategoryFigures> {
    let mut by_name: BTreeMap<Arc<str>, Vec<&ChangeSample>> = BTreeMap::new();
    for tier in samples.iter().filter(|tier| !tier.categories.is_empty()) {
        let other: Arc<str> = OTHER_CATEGORY.into();
        for name in tier.categories.iter().chain([&other]) {
            by_name.entry(Arc::clone(name)).or_default();
        }
        for change in tier.changes.iter().filter(|own| window.contains(own.delivered_at, as_of)) {
            let name = change.category.and_then(|place| tier.categories.get(place));
            if let Some(own) = by_name.get_mut(name.unwrap_or(&other)) {
                own.push(change);
            }
        }
    }
    by_name.into_iter().map(|(name, changes)| category_figures(name, &changes)).collect()
}

fn category_figures(name: Arc<str>, changes: &[&ChangeSample]) -> CategoryFigures {
    let of = |seconds: fn(&ChangeSample) -> u64| {
        Quantiles::of(changes.iter().map(|change| seconds(change)).collect())
    };
    CategoryFigures {
        name,
        changes: u64::try_from(changes.len()).unwrap_or(u64::MAX),
        lead_time: ClockFigures {
            first_commit: of(|change| change.first_commit_seconds),
            merge: of(|change| change.merge_seconds),
        },
    }
}
