//! Lifetime totals in memory: what was counted, and what is still to be.

use std::collections::{BTreeMap, BTreeSet};

use crate::delivery::{
    Counted, LifetimeSeries, ProjectHistory, ProjectKey, Tally, Thing, Timestamp, Total, Totals,
};
use crate::dora::counting::{known_series, to_count};
use crate::dora::measure::ProjectScore;
use crate::store::{Store, StoreError};

/// Tallies of one transaction: some milliseconds for a commit that comes meanwhile. One transaction
/// a project would be a flush of the disk a project.
const TALLIES_PER_STEP: usize = 500;

/// The totals, and the things behind them.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    totals: Totals,
    counted: Counted,
    /// Put down and not counted yet.
    waiting: Vec<Tally>,
    /// How many of those are of a negative duration.
    clamped_waiting: u64,
    /// Delivered samples counted since this process started whose duration was negative.
    pub(super) negative_durations: u64,
}

impl Tallies {
    /// Reads again what was counted before.
    pub(super) fn load(&mut self, store: &Store) -> Result<(), StoreError> {
        (self.totals, self.counted) = store.totals()?;
        Ok(())
    }

    /// Puts down what came to its end in one project, to be counted by [`settle`](Self::settle).
    pub(super) fn put_down(
        &mut self,
        history: &ProjectHistory,
        measured: &ProjectScore,
        as_of: Timestamp,
    ) {
        let project = measured.figures.project;
        let tallies = to_count(project, history, &measured.assessment, as_of, &self.counted);
        if !tallies.is_empty() {
            self.clamped_waiting += clamped(measured, &tallies);
            self.waiting.extend(tallies);
        }
    }

    /// Whether enough was put down for a transaction.
    pub(super) fn is_due(&self) -> bool {
        self.waiting.len() >= TALLIES_PER_STEP
    }

    /// Counts what was put down, durably before it is shown; gives back the projects for which that
    /// failed, and why.
    pub(super) fn settle(
        &mut self,
        store: &Store,
    ) -> Result<(), (BTreeSet<ProjectKey>, StoreError)> {
        let tallies = std::mem::take(&mut self.waiting);
        let clamped = std::mem::take(&mut self.clamped_waiting);
        if let Err(error) = store.count(&tallies) {
            return Err((tallies.iter().map(|tally| tally.project).collect(), error));
        }
        self.negative_durations += clamped;
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
