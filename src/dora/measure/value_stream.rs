//! From samples to the figures of the value stream.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use crate::delivery::{ProjectHistory, Timestamp};
use crate::dora::metric::milestones::milestones_due;
use crate::dora::metric::need_lead_time::need_lead_time;
use crate::dora::metric::promotion_time::promotion_time;
use crate::dora::metric::releasable_time::releasable_time;
use crate::dora::metric::release_feedback::release_feedback;
use crate::dora::metric::step_duration::step_duration;
use crate::dora::policy::PromotionPair;
use crate::dora::samples::{Promotion, Samples, TierSamples};
use crate::dora::scorecard::{
    PromotionFigures, TierValueStreamWindow, ValueStreamFigures, ValueStreamWindow,
};
use crate::dora::window::Window;

/// The figures of pooled samples.
pub(super) fn value_stream(
    pooled: &[&Samples],
    as_of: Timestamp,
    windows: &[Window],
) -> ValueStreamFigures {
    let each = |window: &Window| ValueStreamWindow {
        steps: step_duration(pooled, *window, as_of),
        milestones: milestones_due(
            pooled.iter().map(|own| own.value_stream.milestones.as_deref()),
            *window,
            as_of,
        ),
        releasable: releasable_time(
            pooled.iter().map(|own| own.value_stream.releasable.as_slice()),
            *window,
            as_of,
        ),
    };
    ValueStreamFigures {
        promotions: promotions(pooled, as_of, windows),
        windows: windows.iter().map(each).collect(),
    }
}

/// The figures of pooled samples of one tier.
pub(super) fn tier_value_stream(
    samples: &[&TierSamples],
    window: Window,
    as_of: Timestamp,
) -> Arc<TierValueStreamWindow> {
    // Most tiers have none: one stands for them all.
    static EMPTY: LazyLock<Arc<TierValueStreamWindow>> = LazyLock::new(Arc::default);
    let own = TierValueStreamWindow {
        needs: need_lead_time(samples, window, as_of),
        feedback: release_feedback(samples, window, as_of),
    };
    if own == **EMPTY { Arc::clone(&EMPTY) } else { Arc::new(own) }
}

fn promotions(pooled: &[&Samples], as_of: Timestamp, windows: &[Window]) -> Vec<PromotionFigures> {
    let mut by_pair: BTreeMap<&PromotionPair, Vec<&Promotion>> = BTreeMap::new();
    for promotion in pooled.iter().flat_map(|samples| &samples.value_stream.promotions) {
        by_pair.entry(&promotion.pair).or_default().push(promotion);
    }
    let times = |promotions: &[&Promotion]| {
        let all = || promotions.iter().flat_map(|promotion| &promotion.times).copied();
        windows.iter().map(|window| promotion_time(all(), *window, as_of)).collect()
    };
    by_pair
        .into_iter()
        .map(|(pair, own)| PromotionFigures { pair: pair.clone(), times: times(&own) })
        .collect()
}

/// Every instant whose passing makes a fact of the value stream exist.
pub(super) fn instants(history: &ProjectHistory) -> impl Iterator<Item = Timestamp> {
    let planning = history.planning();
    let labels = planning.labels().filter_map(|label| label.added_at.0);
    let moves = planning.moves().map(|moved| moved.at);
    let notes = history.issues.values().filter_map(|issue| issue.first_note_at.0);
    let milestones = planning.milestones().filter_map(|milestone| milestone.created_at.0);
    let dues = planning.dues().map(|due| due.at);
    let pipelines = planning.pipelines().filter_map(|pipeline| pipeline.finished_at.0);
    let stages = planning.stages().filter_map(|stage| stage.finished_at.0);
    labels.chain(moves).chain(notes).chain(milestones).chain(dues).chain(pipelines).chain(stages)
}
