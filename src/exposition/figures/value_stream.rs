//! How needs become deliveries, and what is learnt from them.

use super::Visitor;
use super::variants::{Numbered, Single, Stats, StatsOf, measured};
use crate::dora::assessment::needs::NeedBasis;
use crate::dora::samples::Step;
use crate::dora::scorecard::{Figures, ValueStreamWindow};
use crate::exposition::catalog::figures as catalog;
use crate::exposition::family::Number;

pub(super) fn walk(visitor: &mut impl Visitor) {
    let as_of = visitor.as_of();
    needs(visitor);
    visitor.of_promotions(&catalog::PROMOTION_TIME, |promotion, window, stat| {
        measured(promotion.times.get(window).and_then(Option::as_ref), stat)
    });
    let steps = StatsOf(Numbered("step", Step::ALL.map(Step::as_str)));
    visitor.untiered_in_windows(
        &catalog::STEP_DURATION,
        &steps,
        |figures, window, (step, stat)| {
            let steps = &at(figures, window)?.steps;
            measured(steps.get(step).and_then(Option::as_ref), stat)
        },
    );
    milestones(visitor);
    visitor.untiered_in_windows(&catalog::RELEASABLE_TIME, &Single, |figures, window, ()| {
        at(figures, window)?.releasable.ratio(as_of).and_then(Number::measured)
    });
}

fn needs(visitor: &mut impl Visitor) {
    let bases = StatsOf(Numbered("basis", NeedBasis::ALL.map(NeedBasis::as_str)));
    visitor.in_windows(&catalog::NEED_LEAD_TIME, &bases, |figures, (basis, stat)| {
        measured(figures.value_stream.needs.get(basis).and_then(Option::as_ref), stat)
    });
    visitor.in_windows(&catalog::RELEASE_FEEDBACK, &Single, |figures, ()| {
        figures.value_stream.feedback.feedback_ratio.and_then(Number::measured)
    });
    visitor.in_windows(&catalog::RELEASE_FIRST_FEEDBACK, &Stats, |figures, stat| {
        measured(figures.value_stream.feedback.first_feedback.as_ref(), stat)
    });
    visitor.in_windows(&catalog::FIXED_IN_NEXT_RELEASE, &Single, |figures, ()| {
        figures.value_stream.feedback.fixed_in_next_release_ratio.and_then(Number::measured)
    });
}

fn milestones(visitor: &mut impl Visitor) {
    visitor.untiered_in_windows(&catalog::MILESTONES_DUE, &Single, |figures, window, ()| {
        at(figures, window)?.milestones.due.map(Number::Whole)
    });
    visitor.untiered_in_windows(&catalog::ON_TIME, &Single, |figures, window, ()| {
        at(figures, window)?.milestones.on_time_ratio.and_then(Number::measured)
    });
    visitor.untiered_in_windows(&catalog::SCOPE_CUT, &Single, |figures, window, ()| {
        at(figures, window)?.milestones.scope_cut_ratio.and_then(Number::measured)
    });
}

fn at(figures: &Figures, window: usize) -> Option<&ValueStreamWindow> {
    figures.value_stream.windows.get(window)
}
