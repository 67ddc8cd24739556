//! The numbers of the value stream.

use crate::dora::assessment::needs::NeedBasis;
use crate::dora::metric::milestones::MilestonesDue;
use crate::dora::metric::releasable_time::ReleasableTime;
use crate::dora::metric::release_feedback::ReleaseFeedback;
use crate::dora::policy::PromotionPair;
use crate::dora::samples::Step;
use crate::dora::shared::Shared;
use crate::dora::statistics::Quantiles;

/// The value stream of a project, group or team.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValueStreamFigures {
    /// Pairs of tiers with a sample, in ascending order.
    pub promotions: Vec<PromotionFigures>,
    /// One per window, in the scorecard's order.
    pub windows: Shared<ValueStreamWindow>,
}

/// How long changes took from one tier to another.
#[derive(Debug, Clone, PartialEq)]
pub struct PromotionFigures {
    /// The labels `from` and `to`.
    pub pair: PromotionPair,
    /// One per window, in the scorecard's order, in seconds.
    pub times: Shared<Option<Quantiles>>,
}

/// The value stream of one window, where no tier tells parts of it apart.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ValueStreamWindow {
    /// How long steps took by [`Step::ALL`], in seconds.
    pub steps: [Option<Quantiles>; Step::ALL.len()],
    /// Milestones due.
    pub milestones: MilestonesDue,
    /// How long the default branch could have been released.
    pub releasable: ReleasableTime,
}

/// The value stream of one tier in one window.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TierValueStreamWindow {
    /// Need lead time by [`NeedBasis::ALL`], in seconds.
    pub needs: [Option<Quantiles>; NeedBasis::ALL.len()],
    /// What users said of releases.
    pub feedback: ReleaseFeedback,
}
