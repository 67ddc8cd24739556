//! `[policy]`: what concerns the value stream.

use super::{Choices, TierNames};
use crate::config::raw::{Field, Table};
use crate::dora::policy::PromotionPair;

impl<'a> Choices<'a> {
    pub(super) fn value_stream(&mut self, block: &Table<'a>) {
        let pairs = block.field("promotion_pairs").map(|field| {
            let mut pairs: Vec<PromotionPair> = field
                .items()
                .into_iter()
                .filter_map(|item| promotion_pair(&item, &mut self.tiers))
                .collect();
            pairs.sort_unstable();
            pairs.dedup();
            pairs
        });
        self.set(pairs, |policy, pairs| policy.value_stream.promotion_pairs = pairs);
    }
}

/// Two different tiers.
fn promotion_pair<'a>(field: &Field<'a>, tiers: &mut TierNames<'a>) -> Option<PromotionPair> {
    let named = field.items();
    let count = named.len();
    let mut named = named.into_iter().filter_map(|item| tiers.one(item));
    match (named.next(), named.next(), count) {
        (Some(from), Some(to), 2) if from != to => Some(PromotionPair { from, to }),
        // A word that is no tier has been reported already.
        (None, _, 2) | (_, None, 2) => None,
        _ => {
            field.wrong(r#"two different tiers, as ["staging", "production"]"#);
            None
        }
    }
}
