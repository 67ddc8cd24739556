//! Samples of the value stream: needs, promotions, milestones, feedback.

use rustc_hash::FxHashMap;

use super::{StepSamples, Timed};
use crate::delivery::{EnvironmentTier, Timestamp};
use crate::dora::assessment::changes::Origin;
use crate::dora::assessment::feedback::Feedback;
use crate::dora::assessment::milestones::DueMilestone;
use crate::dora::assessment::needs::{Need, NeedBasis};
use crate::dora::assessment::{Assessment, Delivered, TierAssessment};
use crate::dora::policy::{Policy, PromotionPair};

/// The samples of one project's value stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValueStreamSamples {
    /// Pairs of tiers between which changes were promoted.
    pub promotions: Vec<Promotion>,
    /// Steps that no other sample tells of.
    pub steps: StepSamples,
    /// Milestones with a deadline; `None` until a milestone is known.
    pub milestones: Option<Vec<DueMilestone>>,
    /// Since when the default branch could be released or not, in order.
    pub releasable: Vec<(Timestamp, bool)>,
}

/// The samples of one tier's value stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TierValueStreamSamples {
    /// Needs, from where they begin to their delivery.
    pub needs: Vec<(NeedBasis, Timed)>,
    /// Forward releases, where feedback is marked.
    pub feedback: Vec<Feedback>,
    /// Feedback that was delivered.
    pub fixes: Vec<Fix>,
}

/// Changes that reached one tier and then another.
#[derive(Debug, Clone, PartialEq)]
pub struct Promotion {
    /// The two tiers.
    pub pair: PromotionPair,
    /// From the one delivery to the other, placed by the latter.
    pub times: Vec<Timed>,
}

/// What users reported, delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fix {
    /// What places it.
    pub delivered_at: Timestamp,
    /// Whether the first forward release after the report delivered it.
    pub in_next_release: bool,
}

impl ValueStreamSamples {
    /// Draws the samples out of an assessment.
    #[must_use]
    pub fn of(assessment: &Assessment, policy: &Policy) -> Self {
        let pairs = &policy.value_stream.promotion_pairs;
        Self {
            promotions: pairs.iter().filter_map(|pair| promotion(assessment, pair)).collect(),
            steps: StepSamples::of(assessment),
            milestones: assessment.milestones.as_ref().map(|own| own.due.clone()),
            releasable: assessment.releasable.clone(),
        }
    }

    /// Every instant that places a sample.
    pub fn instants(&self) -> impl Iterator<Item = Timestamp> {
        let promotions = self.promotions.iter().flat_map(|promotion| &promotion.times);
        let milestones = self.milestones.iter().flatten().map(DueMilestone::placed_at);
        let releasable = self.releasable.iter().map(|(at, _)| *at);
        let promotions = promotions.map(|time| time.at);
        promotions.chain(self.steps.instants()).chain(milestones).chain(releasable)
    }

    /// Instants of measure, come or not, at which something ends without a new fact.
    pub fn endings(&self) -> impl Iterator<Item = Timestamp> {
        self.milestones.iter().flatten().map(|milestone| milestone.deadline)
    }
}

impl TierValueStreamSamples {
    pub(super) fn of(tier: &TierAssessment) -> Self {
        let needs = tier.needs.iter().flat_map(need_samples);
        let reported = tier.needs.iter().filter(|need| need.is_feedback);
        Self {
            needs: needs.collect(),
            feedback: tier.feedback.clone(),
            fixes: reported.map(|need| Fix::of(tier, need)).collect(),
        }
    }

    /// Every instant that places a sample.
    pub fn instants(&self) -> impl Iterator<Item = Timestamp> {
        let releases = self.feedback.iter().map(|release| release.released_at);
        self.needs.iter().map(|(_, time)| time.at).chain(releases)
    }

    /// Instants of measure, come or not, at which something ends without a new fact.
    pub fn endings(&self) -> impl Iterator<Item = Timestamp> {
        self.feedback.iter().map(|release| release.until)
    }
}

/// The samples of one delivered need: one from where it begins, and for what users reported another
/// from its creation.
pub(in crate::dora) fn need_samples(need: &Need) -> impl Iterator<Item = (NeedBasis, Timed)> {
    let (basis, start) = need.start();
    let since =
        |from| Timed { at: need.delivered_at, seconds: need.delivered_at.seconds_since(from) };
    let reported = need.is_feedback.then(|| (NeedBasis::Feedback, since(need.created_at)));
    [Some((basis, since(start))), reported].into_iter().flatten()
}

impl Fix {
    /// What became of a delivered report.
    pub(in crate::dora) fn of(tier: &TierAssessment, need: &Need) -> Self {
        let next = tier
            .counted
            .iter()
            .position(|release| release.kind.is_forward() && release.ended_at > need.created_at);
        Self { delivered_at: need.delivered_at, in_next_release: next == Some(need.release) }
    }
}

fn promotion(assessment: &Assessment, pair: &PromotionPair) -> Option<Promotion> {
    let times: Vec<Timed> = promoted(assessment, pair).into_iter().map(|(_, time)| time).collect();
    (!times.is_empty()).then(|| Promotion { pair: pair.clone(), times })
}

/// The sampled changes that reached both tiers in this order; what a baseline swallowed was
/// delivered at no known time.
pub(in crate::dora) fn promoted(
    assessment: &Assessment,
    pair: &PromotionPair,
) -> Vec<(Origin, Timed)> {
    let sampled = |tier: &'_ TierAssessment| -> FxHashMap<Origin, Timestamp> {
        let sampled = tier.delivered.iter().filter(|change| change.is_sampled);
        sampled.map(|change| (change.origin, change.delivered_at)).collect()
    };
    let tiers = find_tier(assessment, &pair.from).zip(find_tier(assessment, &pair.to));
    let Some((left, arrived)) = tiers.map(|(from, to)| (sampled(from), &to.delivered)) else {
        return Vec::new();
    };
    let time = |change: &Delivered| {
        let left_at = left.get(&change.origin).filter(|at| **at <= change.delivered_at)?;
        let seconds = change.delivered_at.seconds_since(*left_at);
        Some((change.origin, Timed { at: change.delivered_at, seconds }))
    };
    arrived.iter().filter(|change| change.is_sampled).filter_map(time).collect()
}

/// A tier of an assessment; `None` where it is not measured or not known.
pub(in crate::dora) fn find_tier<'a>(
    assessment: &'a Assessment,
    tier: &EnvironmentTier,
) -> Option<&'a TierAssessment> {
    assessment.tiers.iter().find(|own| own.tier == *tier)
}
