//! The steps from a plan to what is learnt of it, as samples.

use super::{ChangeSample, Samples, Timed};
use crate::delivery::{EnvironmentTier, Iid, Timestamp};
use crate::dora::assessment::changes::Origin;
use crate::dora::assessment::{Assessment, Delivered, TierAssessment};

/// A step of the value stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Created to validated.
    Plan,
    /// Validated to the first commit.
    Ready,
    /// First commit to ready for review.
    Code,
    /// Jobs that build.
    Build,
    /// Jobs that test.
    Test,
    /// Ready to first review.
    Pickup,
    /// First review to merge.
    Review,
    /// Merge to the start of the deployment.
    Release,
    /// Start of the deployment to its end.
    Deploy,
    /// Start of a failed release to its recovery.
    Operate,
    /// Start of a release to the incident that it is blamed for.
    Detect,
    /// Start of an incident to the first comment of a person.
    Acknowledge,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Self; 12] = [
        Self::Plan,
        Self::Ready,
        Self::Code,
        Self::Build,
        Self::Test,
        Self::Pickup,
        Self::Review,
        Self::Release,
        Self::Deploy,
        Self::Operate,
        Self::Detect,
        Self::Acknowledge,
    ];

    /// The value of the label `step`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Ready => "ready",
            Self::Code => "code",
            Self::Build => "build",
            Self::Test => "test",
            Self::Pickup => "pickup",
            Self::Review => "review",
            Self::Release => "release",
            Self::Deploy => "deploy",
            Self::Operate => "operate",
            Self::Detect => "detect",
            Self::Acknowledge => "acknowledge",
        }
    }
}

/// The steps that no other sample tells of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepSamples {
    own: Vec<(Step, Timed)>,
}

impl StepSamples {
    pub(super) fn of(assessment: &Assessment) -> Self {
        let own = own_steps(assessment).into_iter().map(|(step, time, _)| (step, time));
        Self { own: own.collect() }
    }

    pub(super) fn instants(&self) -> impl Iterator<Item = Timestamp> {
        self.own.iter().map(|(_, time)| time.at)
    }
}

/// What went through a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::dora) enum StepOf {
    /// A delivered issue.
    Issue(Iid),
    /// A delivered merge request.
    Change(Origin),
    /// The counted release of this index in production.
    Release(usize),
    /// An incident.
    Incident(Iid),
}

type StepTime = (Step, Timed, StepOf);

fn production(assessment: &Assessment) -> Option<&TierAssessment> {
    assessment.tiers.iter().find(|own| own.tier == EnvironmentTier::Production)
}

/// The steps that no other sample tells of.
fn own_steps(assessment: &Assessment) -> Vec<StepTime> {
    let mut own: Vec<StepTime> = production(assessment).into_iter().flat_map(of_tier).collect();
    own.extend(assessment.detected.iter().map(|(incident, detected)| {
        let at = detected.began_at;
        let time = Timed { at, seconds: at.seconds_since(detected.exposed_at) };
        (Step::Detect, time, StepOf::Incident(*incident))
    }));
    own.extend(assessment.incidents.iter().filter_map(|incident| {
        let at = incident.started_at;
        let time = Timed { at, seconds: incident.first_note_at?.seconds_since(at) };
        Some((Step::Acknowledge, time, StepOf::Incident(incident.iid)))
    }));
    own
}

/// Every step, with what went through it: as [`Samples::steps`], for explanations.
pub(in crate::dora) fn all_steps(assessment: &Assessment) -> Vec<StepTime> {
    let mut all = own_steps(assessment);
    let Some(tier) = production(assessment) else { return all };
    for change in &tier.delivered {
        let Some(sample) = ChangeSample::of(change) else { continue };
        let of = StepOf::Change(change.origin);
        all.extend(stage_steps(&sample).map(|(step, time)| (step, time, of)));
    }
    let judged = tier.counted.iter().zip(&tier.verdicts).enumerate();
    all.extend(judged.filter_map(|(place, (release, verdict))| {
        Some((Step::Operate, Timed::recovery(release, verdict)?, StepOf::Release(place)))
    }));
    all
}

/// The steps that are stages of a change.
fn stage_steps(change: &ChangeSample) -> impl Iterator<Item = (Step, Timed)> + use<> {
    let at = change.delivered_at;
    let of = |[coding, pickup, review, _]: [u64; 4]| {
        [(Step::Code, coding), (Step::Pickup, pickup), (Step::Review, review)]
    };
    let steps = change.stages.map(of).into_iter().flatten();
    steps.map(move |(step, seconds)| (step, Timed { at, seconds }))
}

/// Issues and merge requests delivered to production.
fn of_tier(tier: &TierAssessment) -> Vec<StepTime> {
    let mut steps = Vec::new();
    for need in &tier.needs {
        let Some(validated) = need.validated_at else { continue };
        let timed = |seconds| Timed { at: need.delivered_at, seconds };
        let of = StepOf::Issue(need.issue);
        steps.push((Step::Plan, timed(validated.seconds_since(need.created_at)), of));
        steps.push((Step::Ready, timed(need.first_commit_at.seconds_since(validated)), of));
    }
    for change in tier.delivered.iter().filter(|change| change.is_sampled) {
        let Origin::MergeRequest(iid) = change.origin else { continue };
        let timed = |seconds| Timed { at: change.delivered_at, seconds };
        let of = StepOf::Change(change.origin);
        let spans = tier.pipeline_spans.get(&iid).copied().unwrap_or_default();
        steps.extend(spans.build.map(|seconds| (Step::Build, timed(seconds), of)));
        steps.extend(spans.test.map(|seconds| (Step::Test, timed(seconds), of)));
        if let Some((release, deploy)) = rollout(tier, change) {
            steps.push((Step::Release, timed(release), of));
            steps.push((Step::Deploy, timed(deploy), of));
        }
    }
    steps
}

/// From the merge to the start of the deployment, and from there to the delivery: together the
/// stage `deploy`. `None` where that start is not known.
fn rollout(tier: &TierAssessment, change: &Delivered) -> Option<(u64, u64)> {
    let began_at = tier.counted.get(change.release)?.members.first()?.began_at?;
    let [coding, pickup, review, deploy] = change.stages?;
    let landed_at = change.first_commit_at.plus(coding).plus(pickup).plus(review);
    let release = began_at.seconds_since(landed_at).min(deploy);
    Some((release, deploy.saturating_sub(release)))
}

impl Samples {
    /// Every step of every sample, in no particular order.
    pub fn steps(&self) -> impl Iterator<Item = (Step, Timed)> {
        let production = self.tiers.iter().filter(|own| own.tier == EnvironmentTier::Production);
        let changes = production.clone().flat_map(|tier| &tier.changes).flat_map(stage_steps);
        let recoveries = production.flat_map(|tier| &tier.recoveries);
        let recoveries = recoveries.map(|recovery| (Step::Operate, *recovery));
        self.value_stream.steps.own.iter().copied().chain(changes).chain(recoveries)
    }
}
