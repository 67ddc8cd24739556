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
        let need = block.section("need");
        let labels = need.field("validated_labels").map(|field| field.texts());
        self.set(labels, |policy, labels| policy.value_stream.validated_labels = labels);
        need.finish();
        let feedback = block.section("feedback");
        let labels = feedback.field("labels").map(|field| field.texts());
        self.set(labels, |policy, labels| policy.value_stream.feedback_labels = labels);
        let period = feedback.field("period").and_then(|field| field.seconds());
        self.set(period, |policy, seconds| policy.value_stream.feedback_period_seconds = seconds);
        feedback.finish();
        let steps = block.section("steps");
        let build = steps.field("build_stages").map(|field| field.texts());
        self.set(build, |policy, stages| policy.value_stream.build_stages = stages);
        let test = steps.field("test_stages").map(|field| field.texts());
        self.set(test, |policy, stages| policy.value_stream.test_stages = stages);
        steps.finish();
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
