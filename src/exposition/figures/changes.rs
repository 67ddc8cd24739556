//! How long a change takes, as a whole and by stage.

use super::Visitor;
use super::variants::{Numbered, Single, StatsOf, measured};
use crate::dora::assessment::changes::Stage;
use crate::dora::scorecard::ClockFigures;
use crate::dora::statistics::Quantiles;
use crate::exposition::catalog::figures as catalog;
use crate::exposition::family::Number;

pub(super) fn walk(visitor: &mut impl Visitor) {
    let stages = StatsOf(Numbered("stage", Stage::ALL.map(Stage::as_str)));
    visitor.in_windows(&catalog::CHANGE_LEAD_TIME, &clocks(), |figures, (at, stat)| {
        measured(clock(&figures.change_lead_time, at), stat)
    });
    visitor.in_windows(&catalog::WINDOW_CHANGES, &Single, |figures, ()| {
        Some(Number::Whole(figures.changes))
    });
    visitor.in_windows(&catalog::CHANGE_LEAD_TIME_STAGE, &stages, |figures, (stage, stat)| {
        measured(figures.stages.get(stage).and_then(Option::as_ref), stat)
    });
}

/// Every quantile by every clock.
pub(super) const fn clocks() -> StatsOf<Numbered<2>> {
    StatsOf(Numbered("clock", ["first_commit", "merge"]))
}

/// The lead time by the clock at this place among [`clocks`].
pub(super) fn clock(lead_time: &ClockFigures, at: usize) -> Option<&Quantiles> {
    let clocks = [&lead_time.first_commit, &lead_time.merge];
    clocks.get(at).and_then(|clock| clock.as_ref())
}
