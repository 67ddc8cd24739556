//! How regularly something new arrives.

use super::Visitor;
use super::variants::{Single, Stats, measured};
use crate::exposition::catalog::figures as catalog;
use crate::exposition::family::Number;

pub(super) fn walk(visitor: &mut impl Visitor) {
    visitor.in_windows(&catalog::DEPLOYMENT_INTERVAL, &Stats, |figures, stat| {
        measured(figures.rhythm.interval.as_ref(), stat)
    });
    visitor.in_windows(&catalog::DEPLOYMENT_INTERVAL_VARIATION, &Single, |figures, ()| {
        figures.rhythm.interval_variation_ratio.and_then(Number::measured)
    });
    visitor.in_windows(&catalog::CADENCE_ADHERENCE, &Single, |figures, ()| {
        figures.rhythm.cadence_adherence_ratio.and_then(Number::measured)
    });
}
