//! The operator's choices about the value stream: promotions from tier to tier.

use crate::delivery::EnvironmentTier;

/// Choices about the value stream, resolved for one project.
#[derive(Debug, Clone, Default)]
pub struct ValueStreamPolicy {
    /// Between which tiers promotion time is measured; each pair once.
    pub promotion_pairs: Vec<PromotionPair>,
}

/// Two tiers that changes pass one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromotionPair {
    /// Where they come from.
    pub from: EnvironmentTier,
    /// Where they go to.
    pub to: EnvironmentTier,
}
