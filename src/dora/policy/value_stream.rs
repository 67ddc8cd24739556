//! The operator's choices about the value stream: needs, promotions, steps, feedback.

use crate::delivery::EnvironmentTier;

/// Choices about the value stream, resolved for one project.
#[derive(Debug, Clone, Default)]
pub struct ValueStreamPolicy {
    /// Between which tiers promotion time is measured; each pair once.
    pub promotion_pairs: Vec<PromotionPair>,
    /// Labels by which a need counts as validated.
    pub validated_labels: Vec<String>,
    /// Labels of what users report of a delivery.
    pub feedback_labels: Vec<String>,
    /// How long after a release it is still said of it, in seconds.
    pub feedback_period_seconds: u64,
    /// Stages of pipelines that build.
    pub build_stages: Vec<String>,
    /// Stages of pipelines that test.
    pub test_stages: Vec<String>,
}

/// Two tiers that changes pass one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromotionPair {
    /// Where they come from.
    pub from: EnvironmentTier,
    /// Where they go to.
    pub to: EnvironmentTier,
}
