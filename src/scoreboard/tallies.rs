//! Lifetime totals in memory: what was counted, and what is still to be.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::delivery::{Counted, LifetimeSeries, ProjectKey, ProjectTotals, Tally, Thing, Totals};
use crate::dora::lifetime::LifetimeTotals;
use crate::dora::measure::ProjectScore;

/// The totals, and the things behind them.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    /// Of the projects that are shown, zeros of known series included.
    shown: LifetimeTotals,
    /// Of those that are not, for they were deleted or are not measured yet.
    hidden: BTreeMap<ProjectKey, Arc<ProjectTotals>>,
    counted: Counted,
    /// Delivered samples counted since this process started whose duration was negative.
    pub(super) negative_durations: u64,
}

impl Tallies {
    /// What was counted before; nothing is shown yet.
    pub(super) fn new((totals, counted): (Totals, Counted)) -> Self {
        let hidden = totals.0.into_iter().map(|(project, own)| (project, Arc::new(own))).collect();
        Self { hidden, counted, ..Self::default() }
    }

    /// What was counted so far.
    pub(super) fn counted(&self) -> &Counted {
        &self.counted
    }

    /// Adds what was counted now.
    pub(super) fn add(&mut self, tallies: &[Tally]) {
        for Tally { project, thing, series, observed } in tallies {
            if !self.counted.insert(*project, thing) {
                continue;
            }
            let total = self.shown.of_mut(*project).of_mut(series.clone());
            total.count += 1;
            let Some(observed) = observed else { continue };
            total.sum_seconds += observed.seconds;
            let bucket = usize::from(observed.bucket);
            if total.buckets.len() <= bucket {
                total.buckets.resize(bucket + 1, 0);
            }
            if let Some(count) = total.buckets.get_mut(bucket) {
                *count += 1;
            }
        }
    }

    /// Shows a project, with zeros of the series that are known.
    pub(super) fn show(&mut self, project: ProjectKey, known: Vec<LifetimeSeries>) {
        if let Some(own) = self.hidden.remove(&project) {
            self.shown.insert(project, own);
        }
        if self.shown.has(project, &known) {
            return;
        }
        let totals = self.shown.of_mut(project);
        for series in known {
            totals.of_mut(series);
        }
        totals.shrink();
    }

    /// Shows a project no longer.
    pub(super) fn hide(&mut self, project: ProjectKey) {
        if let Some(own) = self.shown.remove(project) {
            self.hidden.insert(project, own);
        }
    }

    /// The totals of all projects that are shown.
    pub(super) fn shown(&self) -> LifetimeTotals {
        self.shown.clone()
    }
}

/// How many of the changes to be counted were delivered before one of their clocks started.
pub(super) fn clamped(score: &ProjectScore, tallies: &[Tally]) -> u64 {
    let streams = score.assessment.streams();
    let tiers =
        streams.flat_map(|(service, own)| own.tiers.iter().map(move |tier| (service, tier)));
    let is_new = |thing: Thing| tallies.iter().any(|tally| tally.thing == thing);
    let negative = tiers.flat_map(|(service, tier)| {
        tier.delivered
            .iter()
            .filter(|change| change.is_sampled)
            .filter(|change| change.delivered_at < change.first_commit_at.max(change.merged_at))
            .filter(move |change| {
                is_new(Thing::Change(tier.tier.clone(), change.landing, service.cloned()))
            })
    });
    u64::try_from(negative.count()).unwrap_or(u64::MAX)
}
