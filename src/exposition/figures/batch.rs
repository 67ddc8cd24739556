//! How much a release brings, and what waits for one.

use super::Visitor;
use super::variants::{Stats, measured};
use crate::exposition::catalog::figures as catalog;
use crate::exposition::family::Number;

pub(super) fn walk(visitor: &mut impl Visitor) {
    let as_of = visitor.as_of();
    visitor.in_windows(&catalog::RELEASE_SIZE, &Stats, |figures, stat| {
        measured(figures.batch.size_changes.as_ref(), stat)
    });
    visitor.in_windows(&catalog::RELEASE_SPAN, &Stats, |figures, stat| {
        measured(figures.batch.span.as_ref(), stat)
    });
    visitor.of_tiers(&catalog::UNDELIVERED_CHANGES, |tier| {
        tier.inventory.map(|waiting| Number::Whole(waiting.undelivered_changes))
    });
    visitor.of_tiers(&catalog::OLDEST_UNDELIVERED_CHANGE_AGE, |tier| {
        tier.inventory?.oldest_at.map(|at| Number::Whole(as_of.seconds_since(at)))
    });
}
