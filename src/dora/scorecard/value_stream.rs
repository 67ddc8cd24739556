//! The numbers of the value stream.

use crate::dora::policy::PromotionPair;
use crate::dora::statistics::Quantiles;

/// The value stream of a project, group or team.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValueStreamFigures {
    /// Pairs of tiers with a sample, in ascending order.
    pub promotions: Vec<PromotionFigures>,
}

/// How long changes took from one tier to another.
#[derive(Debug, Clone, PartialEq)]
pub struct PromotionFigures {
    /// The labels `from` and `to`.
    pub pair: PromotionPair,
    /// One per window, in the scorecard's order, in seconds.
    pub times: Vec<Option<Quantiles>>,
}
