//! From samples to the figures of the value stream.

use std::collections::BTreeMap;

use crate::delivery::Timestamp;
use crate::dora::metric::promotion_time::promotion_time;
use crate::dora::policy::PromotionPair;
use crate::dora::samples::{Promotion, Samples};
use crate::dora::scorecard::{PromotionFigures, ValueStreamFigures};
use crate::dora::window::Window;

/// The figures of pooled samples.
pub(super) fn value_stream(
    pooled: &[&Samples],
    as_of: Timestamp,
    windows: &[Window],
) -> ValueStreamFigures {
    ValueStreamFigures { promotions: promotions(pooled, as_of, windows) }
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
