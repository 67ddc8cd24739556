//! The raw samples behind every number: what groups and teams pool.

mod steps;
mod value_stream;

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::assessment::failures::Verdict;
use super::assessment::incidents::Incident;
use super::assessment::releases::{Release, ReleaseKind};
use super::assessment::{Assessment, Delivered, TierAssessment, Undelivered};
use super::gitlab_parity::DailyRow;
use super::policy::{FailureSignal, Policy};
use crate::delivery::{EnvironmentTier, Severity, Timestamp};

pub use steps::{Step, StepSamples};
pub(super) use steps::{StepOf, all_steps};
pub use value_stream::{Fix, Promotion, TierValueStreamSamples, ValueStreamSamples};
pub(super) use value_stream::{find_tier, need_samples, promoted};

/// All samples of one project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    /// Known measured tiers.
    pub tiers: Vec<TierSamples>,
    /// Every incident.
    pub incidents: Vec<IncidentSample>,
    /// How needs become deliveries.
    pub value_stream: ValueStreamSamples,
    /// Production as GitLab sees it; `None` unless the policy asks for it.
    pub gitlab: Option<Vec<DailyRow>>,
}

/// The samples of one tier.
#[derive(Debug, Clone, PartialEq)]
pub struct TierSamples {
    /// The tier.
    pub tier: EnvironmentTier,
    /// Releases, redeploys included.
    pub releases: Vec<ReleaseSample>,
    /// Sampled changes.
    pub changes: Vec<ChangeSample>,
    /// Recoveries of failed releases.
    pub recoveries: Vec<Timed>,
    /// The cadence that the project wants to keep, in seconds.
    pub cadence_period_seconds: Option<u64>,
    /// The names of the project's categories, in the order of the policy.
    pub categories: Vec<Arc<str>>,
    /// Changes that wait for their delivery; `None` before the first release.
    pub undelivered: Option<Undelivered>,
    /// How needs become deliveries.
    pub value_stream: TierValueStreamSamples,
}

/// One release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseSample {
    /// What places it.
    pub ended_at: Timestamp,
    /// The local day of that instant, in days since the epoch.
    pub local_day: i32,
    /// Its kind.
    pub kind: ReleaseKind,
    /// Whether it is among the counted ones.
    pub is_counted: bool,
    /// The signal under which it failed.
    pub failed: Option<FailureSignal>,
    /// Whether it is rework.
    pub is_rework: bool,
    /// The end of the forward release before it, where it is a forward release itself.
    pub follows: Option<Timestamp>,
    /// What it brought, where it is a forward release that delivered something, but no baseline.
    pub batch: Option<BatchSample>,
}

/// What one release brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSample {
    /// How many changes, sampled or not.
    pub changes: u64,
    /// From the earliest first commit among them to the end of the release.
    pub span_seconds: u64,
}

/// One sampled change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeSample {
    /// What places it.
    pub delivered_at: Timestamp,
    /// From the first commit to the delivery.
    pub first_commit_seconds: u64,
    /// From the merge to the delivery.
    pub merge_seconds: u64,
    /// Its place among the tier's categories; `None` where none takes it.
    pub category: Option<usize>,
    /// Stages of a merge request, in seconds.
    pub stages: Option<[u64; 4]>,
}

/// A duration, placed by its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timed {
    /// What places it.
    pub at: Timestamp,
    /// Its length.
    pub seconds: u64,
}

/// One incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentSample {
    /// When it began.
    pub started_at: Timestamp,
    /// Its last close, unless it is open.
    pub closed_at: Option<Timestamp>,
    /// How bad it is.
    pub severity: Severity,
    /// Whether a release was blamed for it.
    pub is_attributed: bool,
}

impl Samples {
    /// Draws the samples out of an assessment.
    #[must_use]
    pub fn of(assessment: &Assessment, policy: &Policy) -> Self {
        let incidents = assessment.incidents.iter();
        let incidents =
            incidents.map(|incident| IncidentSample::of(incident, assessment)).collect();
        let tiers = assessment.tiers.iter().map(|tier| TierSamples::of(tier, policy)).collect();
        let days = assessment.environment_days.as_ref();
        Self {
            tiers,
            incidents,
            value_stream: ValueStreamSamples::of(assessment, policy),
            gitlab: days.map(|days| days.iter().map(DailyRow::of).collect()),
        }
    }
}

impl TierSamples {
    fn of(tier: &TierAssessment, policy: &Policy) -> Self {
        // They live as long as their project: growing leaves room that nobody needs.
        let mut changes: Vec<ChangeSample> =
            tier.delivered.iter().filter_map(ChangeSample::of).collect();
        changes.shrink_to_fit();
        let judged = tier.counted.iter().zip(&tier.verdicts);
        let recoveries = judged.filter_map(|(release, verdict)| Timed::recovery(release, verdict));
        Self {
            tier: tier.tier.clone(),
            releases: release_samples(tier, policy),
            changes,
            recoveries: recoveries.collect(),
            cadence_period_seconds: policy.cadence_period_seconds,
            categories: policy.categories.iter().map(|own| Arc::clone(&own.name)).collect(),
            undelivered: tier.undelivered,
            value_stream: TierValueStreamSamples::of(tier),
        }
    }
}

impl ChangeSample {
    /// The sample of a delivered change; `None` where it is not sampled.
    pub(super) fn of(change: &Delivered) -> Option<Self> {
        change.is_sampled.then(|| Self {
            delivered_at: change.delivered_at,
            first_commit_seconds: change.delivered_at.seconds_since(change.first_commit_at),
            merge_seconds: change.delivered_at.seconds_since(change.merged_at),
            category: change.category,
            stages: change.stages,
        })
    }
}

impl Timed {
    /// The recovery of a failed release; `None` where it did not fail or has not recovered.
    pub(super) fn recovery(release: &Release, verdict: &Verdict) -> Option<Self> {
        verdict.failed()?;
        let at = verdict.recovered_at?;
        Some(Self { at, seconds: at.seconds_since(release.started_at) })
    }
}

impl IncidentSample {
    /// The sample of one incident of an assessment.
    pub(super) fn of(incident: &Incident, assessment: &Assessment) -> Self {
        Self {
            started_at: incident.started_at,
            closed_at: incident.closed_at,
            severity: incident.severity,
            is_attributed: !assessment.unattributed.contains(&incident.iid),
        }
    }

    /// From its start to its last close; `None` while it is open.
    #[must_use]
    pub fn restored(&self) -> Option<Timed> {
        let at = self.closed_at?;
        Some(Timed { at, seconds: at.seconds_since(self.started_at) })
    }
}

/// Every release, counted ones first and in their order.
fn release_samples(tier: &TierAssessment, policy: &Policy) -> Vec<ReleaseSample> {
    let batches = batches(tier);
    let mut forward_end = None;
    tier.releases()
        .enumerate()
        .map(|(place, (release, verdict))| {
            let is_forward = release.kind.is_forward();
            let follows = forward_end.filter(|_| is_forward);
            if is_forward {
                forward_end = Some(release.ended_at);
            }
            // The baseline holds what was delivered before anybody looked.
            let batch = batches.get(place).copied().flatten();
            ReleaseSample {
                ended_at: release.ended_at,
                local_day: local_day(release.ended_at, &policy.timezone),
                kind: release.kind,
                is_counted: verdict.is_some(),
                failed: verdict.and_then(Verdict::failed),
                is_rework: verdict.is_some_and(|verdict| verdict.is_rework),
                follows,
                batch: batch.filter(|_| is_forward && place > 0),
            }
        })
        .collect()
}

/// What each counted release brought.
fn batches(tier: &TierAssessment) -> Vec<Option<BatchSample>> {
    let mut batches: Vec<Option<BatchSample>> = vec![None; tier.counted.len()];
    for change in &tier.delivered {
        let Some(place) = batches.get_mut(change.release) else { continue };
        let span_seconds = change.delivered_at.seconds_since(change.first_commit_at);
        let batch = place.get_or_insert(BatchSample { changes: 0, span_seconds: 0 });
        batch.changes += 1;
        batch.span_seconds = batch.span_seconds.max(span_seconds);
    }
    batches
}

/// The local date of an instant, in days since 1970-01-01; instants that no calendar holds fall on
/// the last day it knows.
fn local_day(at: Timestamp, timezone: &TimeZone) -> i32 {
    const SECONDS: i64 = 86_400;
    let offset = jiff::Timestamp::from_second(at.as_second())
        .map_or(0, |instant| timezone.to_offset(instant).seconds());
    let day = at.as_second().saturating_add(i64::from(offset)).div_euclid(SECONDS);
    i32::try_from(day).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_day_begins_at_local_midnight_also_when_clocks_change() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        // 2026-10-25 has 25 hours in Paris: it lasts from 22:00Z the day before to 23:00Z.
        let midnight = Timestamp::from_second(1_792_879_200);
        let day = local_day(midnight, &paris);
        assert_eq!(local_day(midnight.minus(1), &paris), day - 1);
        assert_eq!(local_day(midnight.plus(25 * 3_600 - 1), &paris), day);
        assert_eq!(local_day(midnight.plus(25 * 3_600), &paris), day + 1);
    }
}
