//! How long a change takes, as a whole and by stage.

use super::Visitor;
use super::variants::{Numbered, Single, StatsOf, measured};
use crate::dora::assessment::changes::Stage;
use crate::exposition::catalog::figures as catalog;
use crate::exposition::family::Number;

pub(super) fn walk(visitor: &mut impl Visitor) {
    let clocks = StatsOf(Numbered("clock", ["first_commit", "merge"]));
    let stages = StatsOf(Numbered("stage", Stage::ALL.map(Stage::as_str)));
    visitor.in_windows(&catalog::CHANGE_LEAD_TIME, &clocks, |figures, (clock, stat)| {
        let lead_time = &figures.change_lead_time;
        let clocks = [&lead_time.first_commit, &lead_time.merge];
        measured(clocks.get(clock).and_then(|clock| clock.as_ref()), stat)
    });
    visitor.in_windows(&catalog::WINDOW_CHANGES, &Single, |figures, ()| {
        Some(Number::Whole(figures.changes))
    });
    visitor.in_windows(&catalog::CHANGE_LEAD_TIME_STAGE, &stages, |figures, (stage, stat)| {
        measured(figures.stages.get(stage).and_then(Option::as_ref), stat)
    });
}
