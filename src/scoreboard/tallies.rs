//! Lifetime totals in memory: what was counted, and what is still to be.

use std::collections::BTreeMap;

use crate::delivery::{
    Counted, LifetimeSeries, ProjectHistory, ProjectKey, Tally, Thing, Timestamp, Total, Totals,
};
use crate::dora::counting::{known_series, to_count};
use crate::dora::measure::ProjectScore;
use crate::store::{Store, StoreError};

/// The totals, and the things behind them.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    totals: Totals,
    counted: Counted,
    /// Delivered samples counted since this process started whose duration was negative.
    pub(super) negative_durations: u64,
}

impl Tallies {
    /// Reads again what was counted before.
    pub(super) fn load(&mut self, store: &Store) -> Result<(), StoreError> {
        (self.totals, self.counted) = store.totals()?;
        Ok(())
    }

    /// Counts what came to its end in one project, durably before it is shown.
    pub(super) fn count(
        &mut self,
        store: &Store,
        history: &ProjectHistory,
        measured: &ProjectScore,
        as_of: Timestamp,
    ) -> Result<(), StoreError> {
        let project = measured.figures.project;
        let tallies = to_count(project, history, &measured.assessment, as_of, &self.counted);
        if tallies.is_empty() {
            return Ok(());
        }
        store.count(&tallies)?;
        self.negative_durations += clamped(measured, &tallies);
        for tally in tallies {
            self.add(tally);
        }
        Ok(())
    }

    fn add(&mut self, tally: Tally) {
        let total = self.totals.0.entry((tally.project, tally.series)).or_default();
        total.count += 1;
        if let Some(observed) = tally.observed {
            total.sum_seconds += observed.seconds;
            let bucket = usize::from(observed.bucket);
            if total.buckets.len() <= bucket {
                total.buckets.resize(bucket + 1, 0);
            }
            if let Some(count) = total.buckets.get_mut(bucket) {
                *count += 1;
            }
        }
        self.counted.0.insert((tally.project, tally.thing));
    }

    /// The totals of the given projects, zeros of known series included.
    pub(super) fn of(
        &self,
        scores: &BTreeMap<ProjectKey, ProjectScore>,
    ) -> BTreeMap<(ProjectKey, LifetimeSeries), Total> {
        let mut shown: BTreeMap<_, _> = self
            .totals
            .0
            .iter()
            .filter(|((project, _), _)| scores.contains_key(project))
            .map(|(key, total)| (key.clone(), total.clone()))
            .collect();
        for (project, score) in scores {
            for series in known_series(&score.assessment) {
                shown.entry((*project, series)).or_default();
            }
        }
        shown
    }
}

/// How many of the changes counted now were delivered before one of their clocks started.
fn clamped(score: &ProjectScore, tallies: &[Tally]) -> u64 {
    let tiers = &score.assessment.tiers;
    let is_new = |thing: Thing| tallies.iter().any(|tally| tally.thing == thing);
    let negative = tiers.iter().flat_map(|tier| {
        tier.delivered
            .iter()
            .filter(|change| change.is_sampled)
            .filter(|change| change.delivered_at < change.first_commit_at.max(change.merged_at))
            .filter(|change| is_new(Thing::Change(tier.tier.clone(), change.landing)))
    });
    u64::try_from(negative.count()).unwrap_or(u64::MAX)
}
