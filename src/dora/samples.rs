//! The raw samples behind every number: what groups and teams pool.

mod steps;
mod value_stream;

use jiff::tz::TimeZone;

use super::assessment::failures::Verdict;
use super::assessment::releases::{Release, ReleaseKind};
use super::assessment::{Assessment, TierAssessment};
use super::policy::{FailureSignal, Policy};
use crate::delivery::{EnvironmentTier, Severity, Timestamp};

pub use steps::{Step, StepSamples};
pub use value_stream::{Fix, Promotion, TierValueStreamSamples, ValueStreamSamples};

/// All samples of one project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples {
    /// Known measured tiers.
    pub tiers: Vec<TierSamples>,
    /// Every incident.
    pub incidents: Vec<IncidentSample>,
    /// How needs become deliveries.
    pub value_stream: ValueStreamSamples,
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
        let incidents = assessment
            .incidents
            .iter()
            .map(|incident| IncidentSample {
                started_at: incident.started_at,
                closed_at: incident.closed_at,
                severity: incident.severity,
                is_attributed: !assessment.unattributed.contains(&incident.iid),
            })
            .collect();
        let tiers = assessment.tiers.iter().map(|tier| TierSamples::of(tier, policy)).collect();
        Self { tiers, incidents, value_stream: ValueStreamSamples::of(assessment, policy) }
    }
}

impl TierSamples {
    fn of(tier: &TierAssessment, policy: &Policy) -> Self {
        let sampled = tier.delivered.iter().filter(|change| change.is_sampled);
        let changes = sampled.map(|change| ChangeSample {
            delivered_at: change.delivered_at,
            first_commit_seconds: change.delivered_at.seconds_since(change.first_commit_at),
            merge_seconds: change.delivered_at.seconds_since(change.merged_at),
            stages: change.stages,
        });
        let recoveries =
            tier.counted.iter().zip(&tier.verdicts).filter_map(|(release, verdict)| {
                verdict.failed()?;
                let at = verdict.recovered_at?;
                Some(Timed { at, seconds: at.seconds_since(release.started_at) })
            });
        Self {
            tier: tier.tier.clone(),
            releases: tier
                .releases()
                .map(|(release, verdict)| ReleaseSample::of(release, verdict, &policy.timezone))
                .collect(),
            changes: changes.collect(),
            recoveries: recoveries.collect(),
            value_stream: TierValueStreamSamples::of(tier),
        }
    }
}

impl ReleaseSample {
    fn of(release: &Release, verdict: Option<&Verdict>, timezone: &TimeZone) -> Self {
        Self {
            ended_at: release.ended_at,
            local_day: local_day(release.ended_at, timezone),
            kind: release.kind,
            is_counted: verdict.is_some(),
            failed: verdict.and_then(Verdict::failed),
            is_rework: verdict.is_some_and(|verdict| verdict.is_rework),
        }
    }
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
