//! The value stream of a scorecard.

use gitlab_dora_exporter::delivery::{EnvironmentTier, Timestamp};
use gitlab_dora_exporter::dora::metric::milestones::MilestonesDue;
use gitlab_dora_exporter::dora::metric::releasable_time::releasable_time;
use gitlab_dora_exporter::dora::policy::PromotionPair;
use gitlab_dora_exporter::dora::samples::Step;
use gitlab_dora_exporter::dora::scorecard::{
    PromotionFigures, ValueStreamFigures, ValueStreamWindow,
};
use gitlab_dora_exporter::dora::window::Window;

use super::quantiles;

/// A busy window and quiet ones, as many as asked for.
pub(super) fn value_stream(windows: usize) -> ValueStreamFigures {
    let pair = PromotionPair { from: EnvironmentTier::Staging, to: EnvironmentTier::Production };
    let mut times = vec![None; windows];
    times.iter_mut().take(1).for_each(|own| *own = Some(quantiles(3_600.0, 7_200.0, 86_400.0)));
    let mut steps = [None; Step::ALL.len()];
    steps[0] = Some(quantiles(1.0, 2.0, 3.0));
    steps[11] = Some(quantiles(4.0, 5.5, 6.0));
    let busy = ValueStreamWindow {
        steps,
        milestones: MilestonesDue {
            due: Some(4),
            on_time_ratio: Some(0.75),
            scope_cut_ratio: Some(0.125),
        },
        releasable: releasable_time(
            [&[(Timestamp::from_second(1), true)][..]].into_iter(),
            Window::of_days(1),
            Timestamp::from_second(9),
        ),
    };
    let milestones = MilestonesDue { due: Some(0), ..MilestonesDue::default() };
    let quiet = ValueStreamWindow { milestones, ..ValueStreamWindow::default() };
    let mut shown = vec![quiet; windows];
    shown.iter_mut().take(1).for_each(|own| *own = busy);
    let promotions = vec![PromotionFigures { pair, times: times.into() }];
    ValueStreamFigures { promotions, windows: shown.into() }
}
