//! Samples of the value stream: how changes pass from tier to tier.

use rustc_hash::FxHashMap;

use super::Timed;
use crate::delivery::{EnvironmentTier, Timestamp};
use crate::dora::assessment::changes::Origin;
use crate::dora::assessment::{Assessment, TierAssessment};
use crate::dora::policy::{Policy, PromotionPair};

/// The samples of one project's value stream.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValueStreamSamples {
    /// Pairs of tiers between which changes were promoted.
    pub promotions: Vec<Promotion>,
}

/// Changes that reached one tier and then another.
#[derive(Debug, Clone, PartialEq)]
pub struct Promotion {
    /// The two tiers.
    pub pair: PromotionPair,
    /// From the one delivery to the other, placed by the latter.
    pub times: Vec<Timed>,
}

impl ValueStreamSamples {
    /// Draws the samples out of an assessment.
    #[must_use]
    pub fn of(assessment: &Assessment, policy: &Policy) -> Self {
        let pairs = &policy.value_stream.promotion_pairs;
        Self { promotions: pairs.iter().filter_map(|pair| promotion(assessment, pair)).collect() }
    }

    /// Every instant that places a sample.
    pub fn instants(&self) -> impl Iterator<Item = Timestamp> {
        self.promotions.iter().flat_map(|promotion| &promotion.times).map(|time| time.at)
    }
}

/// The sampled changes that reached both tiers in this order; what a baseline swallowed was
/// delivered at no known time.
fn promotion(assessment: &Assessment, pair: &PromotionPair) -> Option<Promotion> {
    let sampled = |tier: &'_ TierAssessment| -> FxHashMap<Origin, Timestamp> {
        let sampled = tier.delivered.iter().filter(|change| change.is_sampled);
        sampled.map(|change| (change.origin, change.delivered_at)).collect()
    };
    let left = sampled(find(assessment, &pair.from)?);
    let arrived = find(assessment, &pair.to)?.delivered.iter().filter(|change| change.is_sampled);
    let times: Vec<Timed> = arrived
        .filter_map(|change| {
            let left_at = left.get(&change.origin).filter(|at| **at <= change.delivered_at)?;
            let seconds = change.delivered_at.seconds_since(*left_at);
            Some(Timed { at: change.delivered_at, seconds })
        })
        .collect();
    (!times.is_empty()).then(|| Promotion { pair: pair.clone(), times })
}

fn find<'a>(assessment: &'a Assessment, tier: &EnvironmentTier) -> Option<&'a TierAssessment> {
    assessment.tiers.iter().find(|own| own.tier == *tier)
}
